import Foundation
import RecoImport
import RecoKit

/// Reads whatever bytes the fuzzer makes up as a safetensors file, and every array that it claims to hold. Every outcome
/// is arrays of the size that their shape says, or a RecoError with one sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafetensors(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do {
        let file = try SafetensorsFile(bytes: Data(bytes: data, count: size), name: "input")
        for (name, tensor) in file.tensors {
            do {
                let values = try file.floats(name, shape: tensor.shape)
                precondition(values.count == tensor.count)
            } catch { check(error) }
        }
        do {
            _ = try file.floats("missing", shape: [1])
        } catch { check(error) }
    } catch { check(error) }
    return 0
}

private func check(_ error: any Error) {
    guard let error = error as? RecoError, !error.message.isEmpty else { fatalError("no RecoError: \(error)") }
}
