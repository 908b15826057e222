import Glibc
import Synchronization

/// Writes a model file, section after section, into a file or into memory.
///
/// To a file: everything goes into a temporary file beside it; `finish()` syncs it, renames it over the old model and
/// syncs the folder. Whatever happens before that leaves the old model as it was, and the temporary file is removed. The
/// new file may be read by whom the old one may: it takes that one's mode, and its owner and group as far as this process
/// may give files away.
///
///     let writer = try ModelWriter(path: "shop.reco")
///     try writer.add("als/item-factors", factors)
///     try writer.finish()
public final class ModelWriter {
    private struct Entry {
        let name: String
        let offset: Int
        let length: Int
        let checksum: UInt64
        let type: ElementType
    }

    private let sink: any ByteSink
    private var entries: [Entry] = []
    private var position = 0
    private var finished = false

    /// - Parameters:
    ///   - temporaryPath: where to write until the model is complete; nil: a name that nobody else has.
    ///   - old: the file whose permissions the new one takes, if there is one; nil: the one at `path`.
    ///   - contents: what messages call the file.
    public convenience init(
        path: String, temporaryPath: String? = nil, replacing old: String? = nil, contents: String = "the model"
    ) throws {
        try self.init(
            sink: FileSink(
                path: path, temporaryPath: temporaryPath ?? Self.temporaryPath(for: path), replacing: old ?? path,
                contents: contents))
    }

    /// Throws what writing a model to `path` would throw at once; for those who are about to work long for it.
    public static func checkDestination(_ path: String) throws {
        try FileSink(path: path, temporaryPath: temporaryPath(for: path), replacing: path, contents: "the model")
            .abandon()
    }

    /// A name for a model that is being written to `path`, new at every call: no other writer, in this process or
    /// beside it, has the same. Whoever ends the process from a signal handler removes the file.
    public static func temporaryPath(for path: String) -> String {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let number = writerNumber.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(path).\(getpid()).\(now.tv_sec).\(now.tv_nsec).\(number).tmp"
    }

    private static let writerNumber = Atomic<Int>(0)

    init(sink: any ByteSink) throws {
        self.sink = sink
        try write(UnsafeRawBufferPointer(start: nil, count: 0), padding: ModelLayout.headerLength)
    }

    deinit { if !finished { sink.abandon() } }

    /// Adds a section of numbers. Names are unique, ASCII, at most 32 bytes, `model/part` by custom.
    public func add<Element: ColumnElement>(_ name: String, _ elements: [Element]) throws {
        try elements.withUnsafeBufferPointer { try add(name, $0) }
    }

    public func add<Element: ColumnElement>(_ name: String, _ elements: UnsafeBufferPointer<Element>) throws {
        try addBytes(name, UnsafeRawBufferPointer(elements), type: Element.elementType)
    }

    /// Adds a section of text.
    public func add(_ name: String, text: String) throws {
        var text = text
        try text.withUTF8 { try addBytes(name, UnsafeRawBufferPointer($0), type: .bytes) }
    }

    /// Adds a section of text with a line for each of `lines`; a newline within one becomes a blank.
    func add(_ name: String, lines: [String]) throws {
        try add(name, text: lines.map { String($0.map { $0.isNewline ? " " : $0 }) }.joined(separator: "\n"))
    }

    private func addBytes(_ name: String, _ bytes: UnsafeRawBufferPointer, type: ElementType) throws {
        precondition(name.utf8.count <= ModelLayout.nameLength && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        precondition(!entries.contains { $0.name == name }, "section \(name) is written twice")
        entries.append(
            Entry(name: name, offset: position, length: bytes.count, checksum: XXHash64.hash(bytes), type: type))
        let rest = bytes.count % ModelLayout.alignment
        try write(bytes, padding: rest == 0 ? 0 : ModelLayout.alignment - rest)
    }

    /// Writes table and header and publishes the file.
    public func finish() throws {
        let tableOffset = position
        var table = [UInt8](repeating: 0, count: entries.count * ModelLayout.entryLength)
        for (index, entry) in entries.sorted(by: { $0.name < $1.name }).enumerated() {
            let at = index * ModelLayout.entryLength
            for (i, byte) in entry.name.utf8.enumerated() { table[at + i] = byte }
            table.put(UInt64(entry.offset), at: at + ModelLayout.Entry.offset)
            table.put(UInt64(entry.length), at: at + ModelLayout.Entry.length)
            table.put(entry.checksum, at: at + ModelLayout.Entry.checksum)
            table.put(entry.type.rawValue, at: at + ModelLayout.Entry.type)
        }
        try table.withUnsafeBytes { try write($0, padding: 0) }

        var header = [UInt8](repeating: 0, count: ModelLayout.headerLength)
        header.replaceSubrange(0..<ModelLayout.magic.count, with: ModelLayout.magic)
        header.put(ModelLayout.version, at: ModelLayout.Header.version)
        header.put(UInt32(ModelLayout.headerLength), at: ModelLayout.Header.headerLength)
        header.put(UInt64(position), at: ModelLayout.Header.fileLength)
        header.put(UInt64(tableOffset), at: ModelLayout.Header.tableOffset)
        header.put(UInt32(entries.count), at: ModelLayout.Header.sectionCount)
        header.put(table.withUnsafeBytes { XXHash64.hash($0) }, at: ModelLayout.Header.tableChecksum)
        let sum = header.withUnsafeBytes { XXHash64.hash(.init(rebasing: $0[0..<ModelLayout.Header.checksum])) }
        header.put(sum, at: ModelLayout.Header.checksum)
        try header.withUnsafeBytes { try sink.replaceStart($0) }
        try sink.publish()
        finished = true
    }

    private func write(_ bytes: UnsafeRawBufferPointer, padding: Int) throws {
        if bytes.count > 0 { try sink.append(bytes) }
        if padding > 0 { try [UInt8](repeating: 0, count: padding).withUnsafeBytes { try sink.append($0) } }
        position += bytes.count + padding
    }
}

extension [UInt8] {
    /// Puts a number at `offset`, little-endian.
    fileprivate mutating func put<T: FixedWidthInteger>(_ number: T, at offset: Int) {
        for i in 0..<MemoryLayout<T>.size { self[offset + i] = UInt8(truncatingIfNeeded: number >> T(8 * i)) }
    }
}

/// Where a model's bytes go.
protocol ByteSink: AnyObject {
    func append(_ bytes: UnsafeRawBufferPointer) throws
    /// Overwrites the first bytes.
    func replaceStart(_ bytes: UnsafeRawBufferPointer) throws
    /// All is written: make it last, make it visible.
    func publish() throws
    /// It came to nothing: leave no trace.
    func abandon()
}

/// A model that is built in memory.
final class MemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []

    func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
    func replaceStart(_ start: UnsafeRawBufferPointer) { bytes.replaceSubrange(0..<start.count, with: start) }
    func publish() {}
    func abandon() {}
}

/// A temporary file that takes its final name when it is complete.
final class FileSink: ByteSink {
    private let path: String
    private let temporaryPath: String
    private let name: String  // for messages
    private var descriptor: Int32

    init(path: String, temporaryPath: String, replacing old: String, contents: String) throws {
        guard !path.isEmpty else { throw RecoError(.invalidArgument, "the path of \(contents) is empty") }
        self.path = path
        name = "\(contents) \(path)"
        // The rename would replace a device or a pipe by a file: as root, /dev/null for everybody.
        if let status = Self.status(path), status.st_mode & S_IFMT != S_IFREG {
            throw RecoError(.system, "cannot write \(name): it exists and is no regular file", systemError: EEXIST)
        }
        self.temporaryPath = temporaryPath
        let last = Self.status(old)
        // Not for a moment may more people read it than the old one.
        descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, last == nil ? 0o644 : 0o600)
        guard descriptor >= 0 else { throw RecoError.system("cannot write \(name)") }
        if let last { takePermissions(of: last) }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    /// Who may not give the file away keeps it, and at least its group where that can be had.
    private func takePermissions(of old: stat) {
        var own = stat()
        if fstat(descriptor, &own) == 0, own.st_uid != old.st_uid || own.st_gid != old.st_gid,
            fchown(descriptor, old.st_uid, old.st_gid) != 0
        {
            _ = fchown(descriptor, uid_t.max, old.st_gid)
        }
        fchmod(descriptor, old.st_mode & 0o777)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try writeAll(bytes, to: descriptor, failure: "cannot write \(name)")
    }

    func replaceStart(_ bytes: UnsafeRawBufferPointer) throws {
        guard pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count else {
            throw RecoError.system("cannot write \(name)")
        }
    }

    func publish() throws {
        guard fsync(descriptor) == 0 else { throw RecoError.system("cannot write \(name)") }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0, rename(temporaryPath, path) == 0 else {
            throw RecoError.system("cannot publish \(name)")
        }
        let folder = open(folderPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    func abandon() { unlink(temporaryPath) }

    private var folderPath: String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
