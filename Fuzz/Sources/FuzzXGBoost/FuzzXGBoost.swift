import Foundation
import RecoImport
import RecoKit
import TreeChecks

/// Reads whatever bytes the fuzzer makes up as a model of XGBoost, JSON or UBJSON by its second byte. Every outcome is
/// trees that can be laid out, scored and written for LightGBM, or a RecoError with one sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzXGBoost(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do {
        let ensemble = try XGBoostModel(bytes: Data(bytes: data, count: size), name: "input").ensemble
        guard try scoredAlike(ensemble) != nil else { return 0 }
        _ = try LightGBMText(ensemble).text
    } catch { check(error) }
    return 0
}
