import Testing

@testable import RecoKit

/// Every form of both factors, also with a single column, against plain loops, in rows with a gap behind them.
@Test(arguments: [(3, 4, 5), (6, 2, 1), (1, 7, 3), (40, 33, 17)], [MatrixForm.plain, .transposed])
func productsOfEitherFormAreThoseOfPlainLoops(shape: (Int, Int, Int), leftForm: MatrixForm) throws {
    let (rows, inner, columns) = shape
    for rightForm in [MatrixForm.plain, .transposed] {
        let left =
            try leftForm == .plain ? uniformMatrix(rows, inner + 2, seed: 1) : uniformMatrix(inner, rows + 2, seed: 1)
        let right =
            try rightForm == .plain
            ? uniformMatrix(inner, columns + 1, seed: 2) : uniformMatrix(columns, inner + 1, seed: 2)
        let out = try uniformMatrix(rows, columns + 3, seed: 3)
        let before = Array(out.elements)
        multiply(
            MatrixRows(left), leftForm, by: MatrixRows(right), rightForm, rows: rows, inner: inner, columns: columns,
            scale: 2, keep: 0.5, into: MatrixRows(out))
        for row in 0..<rows {
            for column in 0..<columns + 3 {
                let old = before[row * (columns + 3) + column]
                var sum: Float = 0
                for k in 0..<inner where column < columns {
                    let a = leftForm == .plain ? left.row(row)[k] : left.row(k)[row]
                    sum += a * (rightForm == .plain ? right.row(k)[column] : right.row(column)[k])
                }
                let wanted = column < columns ? 2 * sum + 0.5 * old : old
                #expect(abs(out.row(row)[column] - wanted) < 1e-4)
            }
        }
    }
}
