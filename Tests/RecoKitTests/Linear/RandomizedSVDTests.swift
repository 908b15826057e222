import Testing

@testable import RecoKit

private func decompose(
    _ rows: SparseRows, rank: Int, tolerance: Double = 1e-3, threads: Int = 2
) throws -> RandomizedSVD {
    try RandomizedSVD(
        rows, transposed: rows.transposed(), rank: rank, tolerance: tolerance, seed: 1, threads: threads)
}

@Test func singularValuesAreThoseOfNumpy() throws {
    // Fixtures/factors_reference.py
    let recorded: [Float] = [28.09132, 23.86409, 12.42589, 11.65061, 11.0407, 10.49166, 9.99477, 9.30332]
    let rows = try FormulaShop(users: 60, items: 40).interactions().byUser
    for side in try [rows, rows.transposed()] {
        let found = try decompose(side, rank: 8)
        #expect(found.rank == 8)
        for (value, reference) in zip(found.singularValues, recorded) {
            #expect(abs(value - reference) / reference < 1e-3)
        }
    }
}

@Test func rightVectorsAreOrthonormalAndHaveTheSingularValuesAsLengthsOfTheirImages() throws {
    let rows = try FormulaShop(users: 300, items: 200).interactions().byUser
    let found = try decompose(rows, rank: 10)
    let gram = try found.rightVectors.gram(threads: 1)
    let image = try rows.times(found.rightVectors, threads: 1).gram(threads: 1)
    for i in 0..<10 {
        for j in 0..<10 { #expect(abs(gram[i * 10 + j] - (i == j ? 1 : 0)) < 1e-4) }
        let length = image[i * 10 + i].squareRoot()
        #expect(abs(length / Double(found.singularValues[i]) - 1) < 1e-3)
    }
}

@Test func theRankIsNoMoreThanTheMatrixHas() throws {
    // Two different rows, many times: rank 2.
    let rows = SparseRows(
        offsets: (0...20).map { $0 * 2 }, columns: (0..<20).flatMap { $0 % 2 == 0 ? [0, 1] : [1, 2] as [UInt32] },
        values: [Float](repeating: 1, count: 40), columnCount: 5)
    let found = try decompose(rows, rank: 4)
    // [1 1 0] and [0 1 1] ten times each: the squares are 10 (2 ± 1).
    #expect(found.rank == 2)
    #expect(abs(found.singularValues[0] - Float(30).squareRoot()) < 1e-3)
    #expect(abs(found.singularValues[1] - Float(10).squareRoot()) < 1e-3)
}

@Test func theDecompositionDoesNotDependOnTheNumberOfThreads() throws {
    let rows = try FormulaShop(users: 700, items: 500).interactions().byUser
    let one = try decompose(rows, rank: 12, threads: 1)
    let three = try decompose(rows, rank: 12, threads: 3)
    #expect(one.singularValues == three.singularValues)
    #expect(one.rightVectors.elements.elementsEqual(three.rightVectors.elements))
}
