import Testing

@testable import RecoKit

struct PositiveDefiniteInverseTests {
    /// A random Gram matrix plus the identity: condition number of a few hundred.
    private func matrix(_ size: Int) throws -> DenseMatrix {
        let factor = try DenseMatrix(rowCount: size, columnCount: size)
        var generator = SeededGenerator(seed: 5)
        for i in 0..<size * size { factor.base[i] = generator.nextNormal() }
        let gram = try factor.gram(threads: 1)
        let matrix = try DenseMatrix(rowCount: size, columnCount: size)
        for i in 0..<size {
            for j in 0..<size { matrix.row(i)[j] = Float(gram[i * size + j] / Double(size)) + (i == j ? 1 : 0) }
        }
        return matrix
    }

    /// Sizes around the edges of the tiles, 384 wide.
    @Test(arguments: [1, 2, 17, 383, 384, 385, 800, 1153])
    func theInverseTimesTheMatrixIsTheIdentity(size: Int) throws {
        let original = try matrix(size)
        let inverse = try matrix(size)
        try inverse.invertPositiveDefinite(threads: 2) { _, _ in }
        let product = try original.times(Array(inverse.elements), width: size, threads: 2)
        for i in 0..<size {
            for j in 0..<size where abs(product.row(i)[j] - (i == j ? 1 : 0)) > 1e-4 {
                Issue.record("entry \(i), \(j) is \(product.row(i)[j])")
                return
            }
        }
        #expect((0..<size).allSatisfy { i in (0..<i).allSatisfy { inverse.row(i)[$0] == inverse.row($0)[i] } })
    }

    @Test func theBitsAreTheSameWhateverTheNumberOfThreads() throws {
        let one = try matrix(900)
        try one.invertPositiveDefinite(threads: 1) { _, _ in }
        for threads in [2, 3, 7] {
            let many = try matrix(900)
            try many.invertPositiveDefinite(threads: threads) { _, _ in }
            #expect(many.elements.elementsEqual(one.elements))
        }
    }

    @Test func onlyTheLowerTriangleIsRead() throws {
        let whole = try matrix(500)
        let half = try matrix(500)
        for i in 0..<500 { for j in i + 1..<500 { half.row(i)[j] = .nan } }
        try whole.invertPositiveDefinite(threads: 2) { _, _ in }
        try half.invertPositiveDefinite(threads: 2) { _, _ in }
        #expect(half.elements.elementsEqual(whole.elements))
    }

    @Test func aMatrixThatIsNotPositiveDefiniteIsRefused() throws {
        let singular = try DenseMatrix(rowCount: 3, columnCount: 3)
        for i in 0..<9 { singular.base[i] = 1 }
        #expect(throws: RecoError.self) { try singular.invertPositiveDefinite(threads: 1) { _, _ in } }
        let negative = try matrix(400)
        negative.row(399)[399] = -5
        #expect(throws: RecoError.self) { try negative.invertPositiveDefinite(threads: 2) { _, _ in } }
        let nan = try matrix(10)
        nan.row(5)[2] = .nan
        #expect(throws: RecoError.self) { try nan.invertPositiveDefinite(threads: 1) { _, _ in } }
    }

    @Test func progressGoesToTheEndAndCancels() throws {
        var last = -1
        try matrix(900).invertPositiveDefinite(threads: 2) { done, total in
            #expect(done > last && total == 9)
            last = done
        }
        #expect(last == 9)
        #expect(throws: RecoError(.cancelled, "enough")) {
            try matrix(10).invertPositiveDefinite(threads: 1) { _, _ in throw RecoError(.cancelled, "enough") }
        }
    }
}
