import Glibc
import RecoKit

/// Writes all the bytes to a file that is open. Throws what `name` cannot be written for.
func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws {
    var start = 0
    while start < bytes.count {
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
        if written < 0 {
            if errno == EINTR { continue }
            throw RecoError.system("cannot write \(name)")
        }
        start += written
    }
}
