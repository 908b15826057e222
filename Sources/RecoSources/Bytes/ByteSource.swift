import CZlib
import Glibc
import RecoKit

/// Where a table comes from: a file or the query of a database.
public protocol TableSource: AnyObject {
    /// What messages call it: the path, "standard input", "the query of purchases".
    var name: String { get }
    /// How much has been taken so far, and how much there is if that is known: bytes of a file as they are stored, rows
    /// of a query.
    var position: (done: Int, total: Int?) { get }
}

/// Where the bytes of a table come from: a file, standard input, memory; plain or compressed.
protocol ByteSource: TableSource {
    /// Fills the start of `room` and returns how many bytes that were; 0 at the end.
    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Opens a file as a table: "-" is standard input, gzip is recognised.
public func openTable(_ path: String) throws -> any TableSource { try openBytes(path) }

/// Opens a table: "-" is standard input, gzip is recognised by its first bytes, other compressions are named and
/// refused.
func openBytes(_ path: String) throws -> any ByteSource {
    let file = try FileBytes(path: path)
    let start = try file.peek()
    if start.starts(with: [0x1F, 0x8B]) { return try GzipBytes(file) }
    for (signature, what, cure) in unreadable where start.starts(with: signature) {
        throw RecoError(.badData, "\(file.name) is \(what), not text; \(cure)")
    }
    return file
}

private let unreadable: [(signature: [UInt8], what: String, cure: String)] = [
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd", "unpack it, or compress it with gzip"),
    ([0x42, 0x5A, 0x68], "compressed with bzip2", "unpack it, or compress it with gzip"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "compressed with xz", "unpack it, or compress it with gzip"),
    ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or a spreadsheet", "save it as CSV"),
    ([0x50, 0x41, 0x52, 0x31], "a Parquet file", "save it as CSV"),
    ([0xFF, 0xFE], "UTF-16", "save it as UTF-8"),
    ([0xFE, 0xFF], "UTF-16", "save it as UTF-8"),
]

/// A file or standard input, read with read(2).
final class FileBytes: ByteSource {
    let name: String
    private let descriptor: Int32
    private let total: Int?
    private var done = 0
    private var peeked: [UInt8] = []  // read already, not handed out yet

    init(path: String) throws {
        if path == "-" {
            name = "standard input"
            descriptor = STDIN_FILENO
        } else {
            name = path
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw RecoError.system("cannot open \(path)") }
        }
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        total = isFile ? Int(status.st_size) : nil
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    var position: (done: Int, total: Int?) { (done, total) }

    /// The first bytes, up to 8, without taking them.
    func peek() throws -> [UInt8] {
        var start = [UInt8](repeating: 0, count: 8)
        var count = 0
        while count < start.count {
            let more = try start.withUnsafeMutableBytes { room in
                try readDescriptor(into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
            }
            if more == 0 { break }
            count += more
        }
        peeked = Array(start[..<count])
        return peeked
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        var count = 0
        if !peeked.isEmpty {
            count = min(peeked.count, room.count)
            room.copyBytes(from: peeked[..<count])
            peeked.removeFirst(count)
        } else {
            count = try readDescriptor(into: room)
        }
        done += count
        return count
    }

    private func readDescriptor(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count >= 0 { return count }
            if errno != EINTR { throw RecoError.system("cannot read \(name)") }
        }
    }
}

/// Bytes that are in memory already; `pieces` at a time, so that tests and fuzzing see what slow pipes do.
final class MemoryBytes: ByteSource {
    let name: String
    private let bytes: [UInt8]
    private let pieces: Int
    private var done = 0

    init(_ bytes: [UInt8], name: String = "memory", pieces: Int = .max) {
        self.bytes = bytes
        self.name = name
        self.pieces = pieces
    }

    var position: (done: Int, total: Int?) { (done, bytes.count) }

    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, bytes.count - done, pieces)
        room.copyBytes(from: bytes[done..<done + count])
        done += count
        return count
    }
}
