import CBLAS

/// Solves A x = b for a symmetric positive definite A by Cholesky factorisation, in place: `matrix` becomes the factor
/// and `vector` the solution. Only the lower triangle (by rows) is read.
///
/// False if A is not positive definite, or so nearly not that a solution in float32 would be noise: if less than a
/// 100,000th of an entry of the diagonal is left when the rows before it are through. O(size³ / 3), on one thread.
func solvePositiveDefinite(
    _ matrix: UnsafeMutablePointer<Float>, size: Int, stride: Int, _ vector: UnsafeMutablePointer<Float>
) -> Bool {
    guard size > 0 else { return true }
    // A lower triangle by rows is an upper one by columns.
    let status = LAPACKE_sposv(
        Int32(CblasColMajor), CChar(UInt8(ascii: "U")), Int32(size), 1, matrix, Int32(stride), vector, Int32(size))
    guard status == 0 else { return false }
    return (0..<size).allSatisfy { i in
        // The squares of a row of the factor add up to the entry of the diagonal.
        let row = matrix + i * stride
        return row[i] * row[i] > 1e-5 * Kernels.best.dot(row, row, i + 1)
    }
}
