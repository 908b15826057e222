/// Follow the regularised leader, by coordinate and proximal: learns sparse weights, each at a rate of its own. McMahan et
/// al. 2013, doi:10.1145/2487575.2488200.
///
/// A mini-batch gives each weight the sum of its rows' gradients. O(mentions) a batch.
final class FTRL: @unchecked Sendable {
    struct Rates: Sendable {
        var alpha: Float
        var beta: Float = 1
        var l1: Float
        var l2: Float
    }

    let count: Int
    var rates: Rates
    private let memory: DenseMatrix  // (weights, z, n, gradients; count)

    init(count: Int, _ rates: Rates) throws {
        self.count = count
        self.rates = rates
        memory = try DenseMatrix(rowCount: 4, columnCount: max(1, count))
    }

    var values: UnsafeMutablePointer<Float> { memory.row(0) }
    var region: UnsafeMutableBufferPointer<Float> { .init(start: values, count: count) }

    /// One step of the weights that `indices` names, with a gradient for each mention; columns that share no weights may
    /// step at the same time. `touched` has room for all mentions.
    func step(
        _ indices: UnsafePointer<UInt32>, _ gradients: UnsafePointer<Float>, _ mentions: Int,
        touched: UnsafeMutablePointer<UInt32>
    ) {
        let sums = memory.row(3)
        var count = 0
        for mention in 0..<mentions {
            let index = indices[mention]
            // A sum that comes back to zero lists its weight twice, which does no harm: its second step is empty.
            if sums[Int(index)] == 0 {
                touched[count] = index
                count += 1
            }
            sums[Int(index)] += gradients[mention]
        }
        let (w, z, n) = (memory.row(0), memory.row(1), memory.row(2))
        let inverse = 1 / rates.alpha
        for place in 0..<count {
            let i = Int(touched[place])
            let gradient = sums[i]
            sums[i] = 0
            let before = n[i].squareRoot()
            n[i] += gradient * gradient
            let after = n[i].squareRoot()
            z[i] += gradient - (after - before) * inverse * w[i]
            let excess = z[i].magnitude - rates.l1
            // What is no number stays none, so that a training that goes wrong shows it.
            let isSmall = excess <= 0
            let size = excess / ((rates.beta + after) * inverse + rates.l2)
            w[i] = isSmall ? 0 : z[i] < 0 ? size : -size
        }
    }
}
