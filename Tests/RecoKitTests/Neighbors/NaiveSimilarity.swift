import Glibc

@testable import RecoKit

/// The formulas of `SimilarityWeighting`, on a dense matrix in double precision, without a thought for speed.
enum NaiveSimilarity {
    /// How alike rows are. `values[row][column]` is the value of a pair, 0 for none.
    static func matrix(
        _ values: [[Double]], _ scheme: String, asymmetry: Double = 0.5, damping: Double = 0, shrinkage: Double = 0,
        support: Int = 1
    ) -> [[Double]] {
        let (rowCount, columnCount) = (values.count, values[0].count)
        let sums = values.map { $0.reduce(0, +) }
        let meanSum = sums.reduce(0, +) / Double(rowCount)
        let counts = (0..<columnCount).map { column in values.count { $0[column] > 0 } }
        let weights = (0..<rowCount).map { row in
            (0..<columnCount).map { column -> Double in
                let r = values[row][column]
                guard r > 0 else { return 0 }
                let damped = pow(Double(counts[column]), -damping / 2)
                let idf = log(Double(rowCount)) - log(1 + Double(counts[column]))
                switch scheme {
                case "cosine": return r * damped
                case "tfidf": return r.squareRoot() * idf * damped
                case "bm25": return r * 2.2 / (1.2 * (0.25 + 0.75 * sums[row] / meanSum) + r) * idf * damped
                default: return damped
                }
            }
        }
        let squares = weights.map { $0.reduce(0) { $0 + $1 * $1 } }
        let entryCount = values.reduce(0) { $0 + $1.count { $0 > 0 } }
        let meanSquare = squares.reduce(0, +) / Double(entryCount)
        let total = counts.reduce(0.0) { $0 + ($1 > 0 ? pow(Double($1), -damping) : 0) }
        return (0..<rowCount).map { a in
            (0..<rowCount).map { b in
                let inCommon = (0..<columnCount).count { values[a][$0] > 0 && values[b][$0] > 0 }
                guard inCommon >= max(support, 1) else { return 0 }
                let dot = zip(weights[a], weights[b]).reduce(0) { $0 + $1.0 * $1.1 }
                let similarity =
                    switch scheme {
                    case "bm25": dot
                    case "jaccard": dot / (squares[a] + squares[b] - dot)
                    case "lift": dot * total / (squares[a] * squares[b])
                    default: dot / (pow(squares[a], asymmetry) * pow(squares[b], 1 - asymmetry))
                    }
                let both = (squares[a] * squares[b]).squareRoot()
                return similarity * both / (both + shrinkage * meanSquare)
            }
        }
    }

    /// The positive pairs of a matrix, densely.
    static func dense(_ rows: SparseRows) -> [[Double]] {
        (0..<rows.rowCount).map { row in
            var values = [Double](repeating: 0, count: rows.columnCount)
            for entry in rows.range(row) { values[Int(rows.columns[entry])] = Double(rows.values[entry]) }
            return values
        }
    }
}
