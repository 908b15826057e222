@testable import RecoKit

/// Tables whose right answers are known, for the tests of boosted trees.
enum TreeTables {
    /// Settings of boosted trees by name.
    static func settings(_ values: KeyValuePairs<String, String>) throws -> Settings {
        var settings = Settings(BoostedTrees.hyperparameters)
        for (name, value) in values { try settings.set(name, to: value) }
        return settings
    }

    /// Settings for tables of a few rows: nothing but the trees' own limits.
    static func smallSettings(_ more: KeyValuePairs<String, String> = [:]) throws -> Settings {
        var settings = try settings([
            "min-data-in-leaf": "1", "min-data-in-bin": "1", "min-hessian-in-leaf": "0", "learning-rate": "1",
        ])
        for (name, value) in more { try settings.set(name, to: value) }
        return settings
    }

    /// Uniform numbers: (features)(rows).
    static func noise(_ features: Int, _ rows: Int, seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<features).map { _ in (0..<rows).map { _ in generator.nextFloat() } }
    }

    /// Queries in which two features say what is more relevant, and nothing how high the grades of a query are: a
    /// regression takes that for noise, pairs do not see it.
    static func queries(_ count: Int, seed: UInt64) throws -> RankingTable {
        var generator = SeededGenerator(seed: seed)
        var columns = [[Float]](repeating: [], count: 6)
        var labels: [Float] = []
        for _ in 0..<count {
            let level = generator.nextFloat() * 3
            for _ in 0..<20 {
                let (a, b) = (generator.nextFloat(), generator.nextFloat())
                let row = [
                    a, b, generator.nextFloat(), generator.nextFloat(), generator.nextFloat(), generator.nextFloat(),
                ]
                for (place, value) in row.enumerated() { columns[place].append(value) }
                let merit = a + a * b + 0.2 * generator.nextNormal()
                labels.append(max(0, min(4, (merit * 1.5 + level - 1).rounded())))
            }
        }
        return try RankingTable(
            columns: columns, labels: labels, groupSizes: [Int](repeating: 20, count: count))
    }

    /// The best split of a regression tree's root by trying all: the feature, the values left of it, the gain.
    static func exactSplit(_ columns: [[Float]], _ labels: [Float]) -> (feature: Int, left: Set<Int>, gain: Double) {
        let mean = labels.reduce(0) { $0 + Double($1) } / Double(labels.count)
        let gradients = labels.map { mean - Double($0) }
        var best = (feature: -1, left: Set<Int>(), gain: 0.0)
        for (feature, column) in columns.enumerated() {
            for threshold in Set(column) {
                let left = column.indices.filter { column[$0] <= threshold }
                guard left.count < column.count else { continue }
                let sum = left.reduce(0) { $0 + gradients[$1] }
                let gain = sum * sum / Double(left.count) + sum * sum / Double(column.count - left.count)
                if gain > best.gain { best = (feature, Set(left), gain) }
            }
        }
        return best
    }
}
