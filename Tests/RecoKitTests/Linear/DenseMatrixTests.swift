import Testing

@testable import RecoKit

private func randomMatrix(_ rows: Int, _ columns: Int, seed: UInt64) throws -> DenseMatrix {
    let matrix = try DenseMatrix(rowCount: rows, columnCount: columns)
    var generator = SeededGenerator(seed: seed)
    for i in 0..<matrix.elements.count { matrix.base[i] = generator.nextNormal() }
    return matrix
}

@Test func theGramMatrixIsRightAndTheSameForAnyNumberOfThreads() throws {
    let matrix = try randomMatrix(9000, 5, seed: 1)
    let gram = try matrix.gram(threads: 1)
    for i in 0..<5 {
        for j in 0..<5 {
            var exact = 0.0
            for row in 0..<9000 { exact += Double(matrix.row(row)[i]) * Double(matrix.row(row)[j]) }
            #expect(abs(gram[i * 5 + j] - exact) < 0.01)
        }
    }
    #expect(try gram == matrix.gram(threads: 2))
    #expect(try gram == matrix.gram(threads: 3))
}

@Test func anOrthonormalBasisSpansTheColumns() throws {
    let matrix = try randomMatrix(700, 6, seed: 2)
    for row in 0..<700 { matrix.row(row)[5] = matrix.row(row)[0] - 2 * matrix.row(row)[3] }
    let basis = try matrix.orthonormalBasis(threads: 2).orthonormalBasis(threads: 2)
    #expect(basis.columnCount == 5, "the sixth column depends on the others")
    let gram = try basis.gram(threads: 1)
    for i in 0..<5 {
        for j in 0..<5 { #expect(abs(gram[i * 5 + j] - (i == j ? 1 : 0)) < 1e-6) }
    }
    // What is left of the columns after their part in the span is taken away.
    let coefficients = try basis.leadingColumnsTransposed(5, times: matrix, threads: 1)
    try matrix.subtract(basis, leadingColumns: 5, times: coefficients, threads: 1)
    #expect(matrix.elements.allSatisfy { abs($0) < 1e-4 })
}

@Test func rowsAreReplacedByTheirProductWithAMatrix() throws {
    let matrix = try randomMatrix(300, 7, seed: 4)
    let before = Array(matrix.elements)
    let factor = try randomMatrix(7, 7, seed: 5)
    let right = withExtendedLifetime(factor) { Array($0.elements) }
    try matrix.replaceRows(byTimes: right, threads: 2)
    for row in [0, 255, 256, 299] {
        for j in 0..<7 {
            let exact = (0..<7).reduce(0.0) { $0 + Double(before[row * 7 + $1]) * Double(right[$1 * 7 + j]) }
            #expect(abs(Double(matrix.row(row)[j]) - exact) < 1e-5)
        }
    }
}

@Test func aMatrixOfZerosHasAnEmptyBasis() throws {
    let basis = try DenseMatrix(rowCount: 10, columnCount: 3).orthonormalBasis(threads: 1)
    #expect(basis.columnCount == 0)
}

@Test func sparseTimesDenseEqualsTheSumOverEntries() throws {
    let shop = FormulaShop(users: 150, items: 40)
    let rows = try shop.interactions().byUser
    let dense = try randomMatrix(40, 19, seed: 3)
    let product = try rows.times(dense, threads: 2)
    for user in 0..<150 {
        for k in 0..<19 {
            var exact = 0.0
            for item in 0..<40 { exact += Double(shop.value(user, item)) * Double(dense.row(item)[k]) }
            #expect(abs(Double(product.row(user)[k]) - exact) < 1e-4)
        }
    }
}

@Test func eigenvaluesAndInverseBelongToTheMatrix() throws {
    // Eigenvalues 3 + √3, 3, 3 - √3.
    let matrix: [Double] = [3, 1, -1, 1, 3, 1, -1, 1, 3]
    let (values, vectors) = try symmetricEigen(matrix, size: 3)
    #expect(try symmetricEigenvalues(matrix, size: 3).elementsEqual(values) { abs($0 - $1) < 1e-12 })
    #expect(values == values.sorted(by: >))
    for v in 0..<3 {
        for i in 0..<3 {
            let image = (0..<3).reduce(0.0) { $0 + matrix[i * 3 + $1] * vectors[v * 3 + $1] }
            #expect(abs(image - values[v] * vectors[v * 3 + i]) < 1e-12)
        }
    }
    let inverse = try positiveDefiniteInverse(matrix, size: 3)
    for i in 0..<3 {
        for j in 0..<3 {
            let entry = (0..<3).reduce(0.0) { $0 + matrix[i * 3 + $1] * inverse[$1 * 3 + j] }
            #expect(abs(entry - (i == j ? 1 : 0)) < 1e-12)
        }
    }
}

@Test func matricesThatCannotBeSolvedAreErrors() {
    #expect(throws: RecoError.self) { try positiveDefiniteInverse([1, 2, 2, 1], size: 2) }
    #expect(throws: RecoError.self) { try symmetricEigen([1, .nan, .nan, 1], size: 2) }
}
