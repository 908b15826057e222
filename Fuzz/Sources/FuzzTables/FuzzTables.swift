import Glibc
import RecoKit
import RecoSources

/// Reads whatever bytes the fuzzer makes up as events, items or users, strictly or not, as its first byte says: plain or
/// gzip, comma or tab. Every outcome is a table that was read or a RecoError with one sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTables(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0, ftruncate(file, 0) == 0, pwrite(file, data + 1, size - 1, 0) == size - 1 else { return 0 }
    let path = "/proc/self/fd/\(file)"
    let options = TableOptions(strict: data[0] & 4 != 0)
    let log = EventLog()
    do {
        switch data[0] & 3 {
        case 0: _ = try Catalog().addItems(from: path, ids: log.items, options)
        case 1: _ = try Catalog().addUsers(from: path, ids: log.users, options)
        default:
            _ = try log.addEvents(from: path, options)
            _ = try log.interactions(threads: 1)
        }
    } catch {
        guard let error = error as? RecoError, !error.message.isEmpty else { fatalError("no RecoError: \(error)") }
    }
    return 0
}

/// A nameless file that takes one input after the other.
private let file: Int32 = {
    var name = Array("/dev/shm/reco-fuzz-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    precondition(file >= 0, "no file to hand the inputs over in")
    unlink(name)
    return file
}()
