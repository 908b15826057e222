import Foundation
import RecoImport
import RecoKit
import TreeChecks

/// Reads whatever bytes the fuzzer makes up as a model of LightGBM. Every outcome is trees that can be laid out, scored,
/// written for LightGBM and read again, or a RecoError with one sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLightGBM(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do {
        let ensemble = try LightGBMModel(bytes: Data(bytes: data, count: size), name: "input").ensemble
        guard let rows = try scoredAlike(ensemble) else { return 0 }
        let text = try LightGBMText(ensemble).text
        let back = try LightGBMModel(bytes: Data(text.utf8), name: "written").ensemble
        let scores = TreeScorer(try TreeLayout(ensemble)).scores(rows, raw: true)
        let scoresBack = TreeScorer(try TreeLayout(back)).scores(rows, raw: true)
        precondition(zip(scores, scoresBack).allSatisfy(same) || ensemble.averages)
    } catch { check(error) }
    return 0
}
