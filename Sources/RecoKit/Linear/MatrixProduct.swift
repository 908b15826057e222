import CBLAS

/// Rows of float32 somewhere in memory, as the kernels of serving and the products of training take them.
typealias MatrixRows = TransformerKernels.Rows

extension MatrixRows {
    /// All of a matrix, row after row.
    init(_ matrix: DenseMatrix) { self.init(start: matrix.base, stride: matrix.columnCount) }
}

/// How a factor of a product lies in memory.
enum MatrixForm {
    case plain, transposed

    fileprivate var code: Int32 { Int32(self == .plain ? CblasNoTrans : CblasTrans) }
}

/// out = scale · left · right + keep · out, where left is (rows, inner) and right (inner, columns) after the transposition
/// that is asked for; for training, on BLAS and on the calling thread alone. O(rows inner columns).
func multiply(
    _ left: MatrixRows, _ leftForm: MatrixForm = .plain, by right: MatrixRows, _ rightForm: MatrixForm = .plain,
    rows: Int, inner: Int, columns: Int, scale: Float = 1, keep: Float = 0, into out: MatrixRows
) {
    guard rows > 0, columns > 0 else { return }
    if columns == 1 {
        // BLAS would pack both sides first, which takes longer than the product with a single column itself.
        let isPlain = leftForm == .plain
        cblas_sgemv(
            Int32(CblasRowMajor), leftForm.code, Int32(isPlain ? rows : inner), Int32(isPlain ? inner : rows), scale,
            left.start, Int32(left.stride), right.start, rightForm == .plain ? Int32(right.stride) : 1, keep, out.start,
            Int32(out.stride))
    } else {
        cblas_sgemm(
            Int32(CblasRowMajor), leftForm.code, rightForm.code, Int32(rows), Int32(columns), Int32(inner), scale,
            left.start, Int32(left.stride), right.start, Int32(right.stride), keep, out.start, Int32(out.stride))
    }
}
