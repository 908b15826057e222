import CBLAS

/// Eigenvalues, largest first, and eigenvectors as rows (size, size) in the same order, of a symmetric matrix.
/// O(size³), LAPACK's divide and conquer.
func symmetricEigen(_ matrix: [Double], size: Int) throws -> (values: [Double], vectors: [Double]) {
    let (ascending, columns) = try decompose(matrix, size: size, wanted: "V")
    var vectors: [Double] = []
    vectors.reserveCapacity(size * size)
    for i in (0..<size).reversed() { vectors.append(contentsOf: columns[i * size..<(i + 1) * size]) }
    return (ascending.reversed(), vectors)
}

/// Eigenvalues alone, largest first: several times faster than with vectors.
func symmetricEigenvalues(_ matrix: [Double], size: Int) throws -> [Double] {
    try decompose(matrix, size: size, wanted: "N").values.reversed()
}

private func decompose(
    _ matrix: [Double], size: Int, wanted: Unicode.Scalar
) throws -> (values: [Double], vectors: [Double]) {
    precondition(matrix.count == size * size)
    guard size > 0 else { return ([], []) }
    var vectors = matrix
    var values = [Double](repeating: 0, count: size)
    // Column-major, so that each eigenvector comes out as a row of ours.
    let status = LAPACKE_dsyevd(
        Int32(CblasColMajor), CChar(UInt8(ascii: wanted)), CChar(UInt8(ascii: "U")), Int32(size), &vectors,
        Int32(size), &values)
    guard status == 0 else {
        throw RecoError(.badData, "the events' weights are too large or too different: their products are not finite")
    }
    return (values, vectors)
}

/// The inverse of a symmetric positive definite matrix, by Cholesky factorisation. O(size³).
func positiveDefiniteInverse(_ matrix: [Double], size: Int) throws -> [Double] {
    precondition(matrix.count == size * size)
    guard size > 0 else { return [] }
    var inverse = matrix
    let upper = CChar(UInt8(ascii: "U"))
    let layout = Int32(CblasRowMajor)
    guard LAPACKE_dpotrf(layout, upper, Int32(size), &inverse, Int32(size)) == 0,
        LAPACKE_dpotri(layout, upper, Int32(size), &inverse, Int32(size)) == 0
    else { throw RecoError(.badData, "a \(size) x \(size) matrix that must be positive definite is not") }
    for i in 0..<size {
        for j in 0..<i { inverse[i * size + j] = inverse[j * size + i] }
    }
    return inverse
}
