import RecoKit

/// Lays imported trees out, scores six rows in every way there is, and demands that all agree. Returns the rows; nil for
/// more features than can be scored in the time.
public func scoredAlike(_ ensemble: TreeEnsemble) throws -> [Float]? {
    precondition(ensemble.problem == nil)
    // A number of features that nobody has is no fault of the file, but slow here.
    guard ensemble.featureCount > 0, ensemble.featureCount < 1 << 12 else { return nil }
    let layout = try TreeLayout(ensemble)
    let rows = (0..<ensemble.featureCount * 6).map { [0, 1.5, -3, .nan, .infinity, 1e-36, 7][$0 % 7] as Float }
    let scores = TreeScorer(layout).scores(rows, raw: true)
    let again = TreeScorer(try TreeLayout(layout.ensemble())).scores(rows, raw: true)
    for row in 0..<6 {
        let plain = ensemble.rawScore(Array(rows[row * ensemble.featureCount..<(row + 1) * ensemble.featureCount]))
        precondition(same(plain, scores[row]) && same(plain, again[row]))
    }
    return rows
}

public func same(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }

public func check(_ error: any Error) {
    guard let error = error as? RecoError, !error.message.isEmpty else { fatalError("no RecoError: \(error)") }
}
