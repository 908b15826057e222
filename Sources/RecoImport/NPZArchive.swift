import CZlib
import Glibc
import RecoKit

/// Arrays as NumPy's `savez` and `savez_compressed` write them: a ZIP archive of npy files, which may be of more than
/// 4 GB (ZIP64). Stored members are read in place, deflated ones by zlib.
public struct NPZArchive {
    private struct Member {
        let start: Int  // of its local header
        let packed: Int
        let length: Int
        let isDeflated: Bool
        let sum: Int  // CRC-32 of what is inside
    }

    private let name: String
    private let file: MappedFile
    private let members: [String: Member]

    private static let endSignature = 0x0605_4B50
    private static let end64Signature = 0x0606_4B50
    private static let entrySignature = 0x0201_4B50
    private static let localSignature = 0x0403_4B50

    public init(path: String) throws { try self.init(file: MappedFile(path: path), name: path) }

    /// - Parameter name: what messages call the archive.
    init(file: MappedFile, name: String) throws {
        (self.file, self.name) = (file, name)
        let bytes = file.bytes
        func wrong(_ what: String) -> RecoError { RecoError(.badData, "\(name) is no usable npz file: \(what)") }
        let reader = LittleEndian(bytes)
        // The end of the directory stands last, before a comment of at most 65,535 bytes.
        let earliest = max(0, bytes.count - 22 - 65_535)
        guard
            let end = stride(from: bytes.count - 22, through: earliest, by: -1).first(where: {
                reader.number(at: $0, 4) == Self.endSignature
            })
        else { throw wrong("it is no ZIP archive, or cut short") }
        var count = reader.number(at: end + 10, 2) ?? 0
        var at = reader.number(at: end + 16, 4) ?? 0
        if at == 0xFFFF_FFFF || count == 0xFFFF, let place = reader.number(at: end - 20 + 8, 8),
            reader.number(at: place, 4) == Self.end64Signature
        {
            count = reader.number(at: place + 32, 8) ?? 0
            at = reader.number(at: place + 48, 8) ?? 0
        }
        var members: [String: Member] = [:]
        for _ in 0..<min(count, 1 << 20) {
            guard reader.number(at: at, 4) == Self.entrySignature, let flags = reader.number(at: at + 8, 2),
                let method = reader.number(at: at + 10, 2), let sum = reader.number(at: at + 16, 4),
                var packed = reader.number(at: at + 20, 4), var length = reader.number(at: at + 24, 4),
                let nameLength = reader.number(at: at + 28, 2), let extraLength = reader.number(at: at + 30, 2),
                let commentLength = reader.number(at: at + 32, 2), var start = reader.number(at: at + 42, 4),
                let label = reader.text(at: at + 46, nameLength)
            else { throw wrong("its directory is damaged") }
            // What does not fit 32 bits stands in an extra field, in this order.
            var field = at + 46 + nameLength
            let fieldsEnd = field + extraLength
            while field + 4 <= fieldsEnd, let tag = reader.number(at: field, 2),
                let size = reader.number(at: field + 2, 2)
            {
                if tag == 1 {
                    var place = field + 4
                    func next(_ value: inout Int) {
                        guard value == 0xFFFF_FFFF else { return }
                        value = reader.number(at: place, 8) ?? -1
                        place += 8
                    }
                    next(&length)
                    next(&packed)
                    next(&start)
                }
                field += 4 + size
            }
            guard method == 0 || method == 8, flags & 1 == 0, method == 8 || packed == length, packed >= 0, length >= 0,
                start >= 0
            else {
                throw wrong("\(label.prefix(40)) is packed in a way that is unknown here")
            }
            members[label] = Member(start: start, packed: packed, length: length, isDeflated: method == 8, sum: sum)
            at += 46 + nameLength + extraLength + commentLength
        }
        self.members = members
    }

    public var names: [String] {
        members.keys.filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }.sorted()
    }

    /// The array of a name; nil if there is none.
    public func array(_ label: String) throws -> NPYArray? {
        guard let member = members["\(label).npy"] else { return nil }
        let title = "\(label) in \(name)"
        let reader = LittleEndian(file.bytes)
        let damage = RecoError(.badData, "\(title) is damaged")
        guard reader.number(at: member.start, 4) == Self.localSignature,
            let nameLength = reader.number(at: member.start + 26, 2),
            let extraLength = reader.number(at: member.start + 28, 2)
        else { throw damage }
        let start = member.start + 30 + nameLength + extraLength
        guard start <= file.bytes.count, member.packed <= file.bytes.count - start else {
            throw RecoError(.badData, "\(title) is cut short")
        }
        let packed = UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + member.packed])
        if !member.isDeflated {
            guard Self.crc(packed) == member.sum else { throw damage }
            return try NPYArray(file: MappedFile(packed, of: file), name: title)
        }
        guard let part = Self.inflate(packed, length: member.length), Self.crc(part.bytes) == member.sum else {
            throw damage
        }
        return try NPYArray(file: part, name: title)
    }

    private static func crc(_ bytes: UnsafeRawBufferPointer) -> Int {
        Int(crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    private static func inflate(_ packed: UnsafeRawBufferPointer, length: Int) -> MappedFile? {
        // zlib cannot make more than 1,032 bytes of one.
        guard length / 1_032 <= packed.count, let memory = malloc(max(1, length)) else { return nil }
        let result = MappedFile(freeing: memory, count: length)
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var (taken, made) = (0, 0)
        var status = Z_OK
        while status == Z_OK {
            let (input, output) = (min(packed.count - taken, 1 << 30), min(length - made, 1 << 30))
            stream.next_in = UnsafeMutableRawPointer(mutating: packed.baseAddress! + taken)
                .assumingMemoryBound(to: UInt8.self)
            stream.avail_in = UInt32(input)
            stream.next_out = memory.assumingMemoryBound(to: UInt8.self) + made
            stream.avail_out = UInt32(output)
            status = CZlib.inflate(&stream, Z_NO_FLUSH)
            taken += input - Int(stream.avail_in)
            made += output - Int(stream.avail_out)
            if Int(stream.avail_in) == input, Int(stream.avail_out) == output, status != Z_STREAM_END { return nil }
        }
        return status == Z_STREAM_END && made == length ? result : nil
    }
}

/// Numbers at places of a file; nil where it ends before.
private struct LittleEndian {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func number(at place: Int, _ size: Int) -> Int? {
        guard place >= 0, place <= bytes.count, bytes.count - place >= size else { return nil }
        return Int(exactly: bytes[place..<place + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    func text(at place: Int, _ size: Int) -> String? {
        guard place >= 0, place <= bytes.count, bytes.count - place >= size else { return nil }
        return String(decoding: bytes[place..<place + size], as: UTF8.self)
    }
}
