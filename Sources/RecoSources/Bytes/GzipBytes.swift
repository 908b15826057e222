import CZlib
import RecoKit

/// Unpacks gzip as it is read, one member after the other (RFC 1952), with zlib.
final class GzipBytes: ByteSource {
    private static let inputLength = 256 << 10

    private let packed: any ByteSource
    private let input: UnsafeMutableRawBufferPointer
    private let stream: UnsafeMutablePointer<z_stream>
    private var insideMember = true

    init(_ packed: any ByteSource) throws {
        self.packed = packed
        input = .allocate(byteCount: Self.inputLength, alignment: 64)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 to expect gzip's header.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw RecoError(.outOfMemory, "no memory to unpack \(packed.name)")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    var name: String { packed.name }
    var position: (done: Int, total: Int?) { packed.position }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        let wanted = min(room.count, 1 << 30)
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(wanted)
        while stream.pointee.avail_out == wanted {
            if stream.pointee.avail_in == 0, try !refill() {
                if insideMember {
                    throw RecoError(.damaged, "\(name) is cut short: its compressed data ends in the middle")
                }
                return 0
            }
            if !insideMember, try !startMember() { return 0 }
            switch inflate(stream, Z_NO_FLUSH) {
            case Z_STREAM_END: insideMember = false
            case Z_OK, Z_BUF_ERROR: break  // Z_BUF_ERROR: it needs more input
            case Z_MEM_ERROR: throw RecoError(.outOfMemory, "no memory to unpack \(name)")
            default: throw RecoError(.damaged, "\(name) is damaged: its compressed data makes no sense")
            }
        }
        return wanted - Int(stream.pointee.avail_out)
    }

    private func refill() throws -> Bool {
        let count = try packed.read(into: input)
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
        return count > 0
    }

    /// After a member: another one, zeros that pad a tape, or the end. False at the end.
    private func startMember() throws -> Bool {
        while try stream.pointee.avail_in > 0 || refill() {
            let byte = stream.pointee.next_in.pointee
            if byte == 0x1F {
                inflateReset(stream)
                insideMember = true
                return true
            }
            guard byte == 0 else {
                throw RecoError(.damaged, "\(name) is damaged: something else follows its compressed data")
            }
            stream.pointee.next_in += 1
            stream.pointee.avail_in -= 1
        }
        return false
    }
}
