import Glibc
import RecoKit

/// A file that is written piece by piece beside its place and gets its name when it is complete: readers see the old one
/// or the new, and nothing of it stays in memory.
final class StreamedFile {
    let path: String
    private(set) var byteCount = 0
    private let temporary: String
    private var descriptor: Int32
    private var pending: [UInt8] = []

    private static let blockLength = 256 << 10

    /// To be called once in a process: a signal that ends it takes the half-written file away.
    init(path: String) throws {
        self.path = path
        try TextFile.checkIsNoDevice(path)
        temporary = ModelWriter.temporaryPath(for: path)
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw RecoError.system("cannot write \(path)") }
        Interruption.removes(temporary)
    }

    deinit { abandon() }

    func write(_ text: String) throws {
        pending.append(contentsOf: text.utf8)
        if pending.count >= Self.blockLength { try flush() }
    }

    /// Puts the file in its place.
    func finish() throws {
        try flush()
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw RecoError.system("cannot write \(path)")
        }
        close(descriptor)
        descriptor = -1
    }

    private func abandon() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporary)
    }

    private func flush() throws {
        try pending.withUnsafeBytes { try writeAll($0, to: descriptor, failure: "cannot write \(path)") }
        byteCount += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
