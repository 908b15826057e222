import CBLAS

/// Solves A x = b for a symmetric positive definite A by Cholesky factorisation, in place: `matrix` becomes the factor
/// and `vector` the solution. Only the lower triangle (by rows) is read. False if A is not positive definite in float32.
///
/// O(size³ / 3), on one thread.
func solvePositiveDefinite(
    _ matrix: UnsafeMutablePointer<Float>, size: Int, stride: Int, _ vector: UnsafeMutablePointer<Float>
) -> Bool {
    guard size > 0 else { return true }
    // A lower triangle by rows is an upper one by columns.
    return LAPACKE_sposv(
        Int32(CblasColMajor), CChar(UInt8(ascii: "U")), Int32(size), 1, matrix, Int32(stride), vector, Int32(size)) == 0
}
