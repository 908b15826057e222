/// A model file that was opened: its sections by name, read in place.
///
/// Opening checks the header, the section table, both checksums and that every section lies within the file; it does
/// not read the sections. `verify()` reads everything. Whoever uses a number that comes from a section bounds it there.
public struct ModelFile: Sendable {
    public struct Section: Sendable {
        public let name: String
        public let offset: Int
        public let length: Int  // bytes
        public let checksum: UInt64
        public let type: ElementType
    }

    public let storage: ModelStorage
    public let version: UInt32
    public let sections: [Section]  // sorted by name
    /// Where it was opened, if it is a file.
    public private(set) var path: String?

    /// Opens a model file by mapping it.
    public init(path: String) throws {
        try self.init(storage: ModelStorage.map(path), name: path)
        self.path = path
    }

    /// Opens a model in memory; the bytes are copied.
    public init(bytes: UnsafeRawBufferPointer) throws {
        try self.init(storage: ModelStorage.copy(bytes), name: "the model in memory")
    }

    public var length: Int { storage.bytes.count }

    init(storage: ModelStorage, name: String) throws {
        let bytes = storage.bytes
        func damaged(_ what: String) -> RecoError { RecoError(.damaged, "\(name) is not a usable reco model: \(what)") }
        guard bytes.count >= ModelLayout.headerLength else { throw damaged("it has only \(bytes.count) bytes") }
        guard bytes.starts(with: ModelLayout.magic) else { throw damaged("it does not start as one") }
        let version = bytes.number(at: ModelLayout.Header.version, as: UInt32.self)
        guard version <= ModelLayout.version else {
            throw RecoError(
                .newerVersion,
                "\(name) was written in format version \(version); this library reads up to version \(ModelLayout.version)"
            )
        }
        guard version >= 1 else { throw damaged("format version 0 does not exist") }
        let header = UnsafeRawBufferPointer(rebasing: bytes[0..<ModelLayout.Header.checksum])
        guard XXHash64.hash(header) == bytes.number(at: ModelLayout.Header.checksum, as: UInt64.self) else {
            throw damaged("the header's checksum is wrong")
        }
        let stated = bytes.number(at: ModelLayout.Header.fileLength, as: UInt64.self)
        guard stated == UInt64(bytes.count) else {
            throw damaged("it has \(bytes.count) bytes where its header says \(stated)")
        }
        let count = Int(bytes.number(at: ModelLayout.Header.sectionCount, as: UInt32.self))
        let tableOffset = bytes.number(at: ModelLayout.Header.tableOffset, as: UInt64.self)
        guard count <= ModelLayout.maximumSections, let start = Int(exactly: tableOffset),
            start >= ModelLayout.headerLength, start <= bytes.count,
            count * ModelLayout.entryLength <= bytes.count - start
        else { throw damaged("its section table lies outside the file") }
        let table = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count * ModelLayout.entryLength])
        guard XXHash64.hash(table) == bytes.number(at: ModelLayout.Header.tableChecksum, as: UInt64.self) else {
            throw damaged("the section table's checksum is wrong")
        }
        sections = try (0..<count).map { index in
            let entry = UnsafeRawBufferPointer(
                rebasing: table[index * ModelLayout.entryLength..<(index + 1) * ModelLayout.entryLength])
            let label = entry[0..<ModelLayout.nameLength].prefix { $0 != 0 }
            let sectionName = String(decoding: label, as: UTF8.self)
            guard let offset = Int(exactly: entry.number(at: ModelLayout.Entry.offset, as: UInt64.self)),
                let length = Int(exactly: entry.number(at: ModelLayout.Entry.length, as: UInt64.self)),
                offset % ModelLayout.alignment == 0, offset <= bytes.count, length <= bytes.count - offset
            else { throw damaged("section \(sectionName) lies outside the file") }
            guard let type = ElementType(rawValue: entry.number(at: ModelLayout.Entry.type, as: UInt32.self)) else {
                throw damaged("section \(sectionName) has an unknown type")
            }
            return Section(
                name: sectionName, offset: offset, length: length,
                checksum: entry.number(at: ModelLayout.Entry.checksum, as: UInt64.self), type: type)
        }
        self.storage = storage
        self.version = version
    }

    public func section(_ name: String) -> Section? {
        let place = firstPlace(sections.count) { sections[$0].name < name }
        return place < sections.count && sections[place].name == name ? sections[place] : nil
    }

    public func contains(_ name: String) -> Bool { section(name) != nil }

    /// The section `name` as numbers, or nil if there is none of that name and type.
    public func column<Element: ColumnElement>(_ name: String, as: Element.Type = Element.self) -> Column<Element>? {
        guard let section = section(name), section.type == Element.elementType else { return nil }
        let count = section.length / MemoryLayout<Element>.stride
        let base = storage.bytes.baseAddress.unsafelyUnwrapped + section.offset
        return Column(base: base.assumingMemoryBound(to: Element.self), count: count, owner: storage)
    }

    /// The same where a section without elements need not be there: empty if there is none of that name.
    func optionalColumn<Element: ColumnElement>(_ name: String, as type: Element.Type = Element.self)
        -> Column<Element>?
    {
        contains(name) ? column(name, as: type) : .empty
    }

    /// The section `name` as text; invalid UTF-8 is replaced.
    public func text(_ name: String) -> String? {
        guard let section = section(name) else { return nil }
        return String(decoding: storage.bytes[section.offset..<section.offset + section.length], as: UTF8.self)
    }

    /// The lines of the section `name`; a section that is empty or not there has one, which is empty.
    func lines(_ name: String) -> [String] {
        (text(name) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Reads every section and compares its checksum; throws for the first that differs. O(file length).
    public func verify() throws {
        for section in sections {
            let bytes = UnsafeRawBufferPointer(
                rebasing: storage.bytes[section.offset..<section.offset + section.length])
            guard XXHash64.hash(bytes) == section.checksum else {
                throw RecoError(.damaged, "the checksum of section \(section.name) is wrong: the file has been altered")
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian number at `offset`; the caller has checked that it lies within.
    @inline(__always)
    func number<T: FixedWidthInteger>(at offset: Int, as: T.Type) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}
