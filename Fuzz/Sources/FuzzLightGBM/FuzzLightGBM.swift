import Foundation
import RecoImport
import RecoKit

/// Reads whatever bytes the fuzzer makes up as a model of LightGBM. Every outcome is trees that can be laid out, scored,
/// written for LightGBM and read again, or a RecoError with one sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLightGBM(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do {
        let ensemble = try LightGBMModel(bytes: Data(bytes: data, count: size), name: "input").ensemble
        precondition(ensemble.problem == nil)
        // A number of features that nobody has is no fault of the file, but slow here.
        guard ensemble.featureCount > 0, ensemble.featureCount < 1 << 12 else { return 0 }
        let layout = try TreeLayout(ensemble)
        let rows = (0..<ensemble.featureCount * 6).map { [0, 1.5, -3, .nan, .infinity, 1e-36, 7][$0 % 7] as Float }
        let scores = TreeScorer(layout).scores(rows, raw: true)
        let again = TreeScorer(try TreeLayout(layout.ensemble())).scores(rows, raw: true)
        for row in 0..<6 {
            let plain = ensemble.rawScore(Array(rows[row * ensemble.featureCount..<(row + 1) * ensemble.featureCount]))
            precondition(same(plain, scores[row]) && same(plain, again[row]))
        }
        let text = try LightGBMText(ensemble).text
        let back = try LightGBMModel(bytes: Data(text.utf8), name: "written").ensemble
        let scoresBack = TreeScorer(try TreeLayout(back)).scores(rows, raw: true)
        precondition(zip(scores, scoresBack).allSatisfy(same) || ensemble.averages)
    } catch { check(error) }
    return 0
}

private func same(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }

private func check(_ error: any Error) {
    guard let error = error as? RecoError, !error.message.isEmpty else { fatalError("no RecoError: \(error)") }
}
