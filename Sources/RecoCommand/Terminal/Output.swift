import Glibc
import RecoKit

/// Standard output, with its errors: a full disk must not look like an answer.
final class Output {
    private var pending: [UInt8] = []

    func write(_ text: String) throws {
        pending.append(contentsOf: text.utf8)
        if pending.count > 64 << 10 { try flush() }
    }

    func line(_ text: String = "") throws { try write(text + "\n") }

    func line(_ value: JSON) throws { try line(value.text) }

    func flush() throws {
        try pending.withUnsafeBytes {
            try writeAll($0, to: STDOUT_FILENO, failure: "cannot write to standard output")
        }
        pending.removeAll(keepingCapacity: true)
    }
}
