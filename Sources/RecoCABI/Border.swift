import CReco
import Glibc
import RecoKit

// What every exported function does at its border: run the body, turn what it throws into a status, and look at each
// pointer and length before anything follows it.

/// Runs `body` and reports how it ended.
func report(to error: UnsafeMutablePointer<reco_error>?, _ body: () throws -> Void) -> Int32 {
    do {
        try body()
        fill(error, code: 0, system: 0, message: "")
        return 0
    } catch let failure as RecoError {
        fill(error, code: failure.code.rawValue, system: failure.systemError, message: failure.message)
        return failure.code.rawValue
    } catch {
        let code = RecoError.Code.invalidArgument.rawValue
        fill(nil, code: code, system: 0, message: "")
        return code
    }
}

private func fill(_ error: UnsafeMutablePointer<reco_error>?, code: Int32, system: Int32, message: String) {
    guard let error else { return }
    error.pointee.code = code
    error.pointee.system_error = system
    withUnsafeMutableBytes(of: &error.pointee.message) { room in
        var message = message
        message.withUTF8 { text in
            // A message that is too long loses its middle, a path most likely: the reason stands at the end.
            let gap: StaticString = " ... "
            let bytes = UnsafeRawBufferPointer(text)
            var head = bytes.count
            var tail = bytes.count
            if bytes.count >= room.count {
                head = (room.count - 1 - gap.utf8CodeUnitCount) / 2
                tail = bytes.count - head
                // Cut between characters, never inside one.
                while head > 0, text[head] & 0xC0 == 0x80 { head -= 1 }
                while tail < bytes.count, text[tail] & 0xC0 == 0x80 { tail += 1 }
            }
            var length = 0
            func put(_ part: UnsafeRawBufferPointer) {
                UnsafeMutableRawBufferPointer(rebasing: room[length...]).copyBytes(from: part)
                length += part.count
            }
            put(UnsafeRawBufferPointer(rebasing: bytes[0..<head]))
            if tail < bytes.count {
                gap.withUTF8Buffer { put(UnsafeRawBufferPointer($0)) }
                put(UnsafeRawBufferPointer(rebasing: bytes[tail...]))
            }
            room[length] = 0
        }
    }
}

func argument(_ message: String) -> RecoError { RecoError(.invalidArgument, message) }

/// A borrowed buffer of bytes; NULL is fine if it is empty.
func borrow(_ base: UnsafeRawPointer?, _ length: Int, _ name: StaticString) throws -> UnsafeBufferPointer<UInt8> {
    guard length >= 0 else { throw argument("the length of \(name) is too large") }
    guard let base else {
        guard length == 0 else { throw argument("\(name) is NULL but its length is \(length)") }
        return UnsafeBufferPointer(start: nil, count: 0)
    }
    return UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: length)
}

/// A borrowed array; NULL is fine if it is empty.
func borrow<Element>(_ base: UnsafePointer<Element>?, count: Int, _ name: StaticString) throws
    -> UnsafeBufferPointer<Element>
{
    guard count >= 0, count <= Int.max / MemoryLayout<Element>.stride else {
        throw argument("the length of \(name) is too large")
    }
    guard base != nil || count == 0 else { throw argument("\(name) is NULL but its length is \(count)") }
    return UnsafeBufferPointer(start: base, count: base == nil ? 0 : count)
}

/// A name, path or value as text.
func text(_ base: UnsafeRawPointer?, _ length: Int, _ name: StaticString) throws -> String {
    let bytes = try borrow(base, length, name)
    guard !bytes.isEmpty else { throw argument("\(name) is empty") }
    guard bytes.count < 65_536, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
        throw argument("\(name) is not text: it holds a NUL byte, is not UTF-8, or is too long")
    }
    return text
}

/// Copies a caller's struct of `size` bytes, as the caller's version of the header has it, into ours, which is all zeros:
/// fields that the caller does not know stay so; fields that we do not know must be. `earlier` has the sizes that the
/// struct had in earlier versions.
func copyStruct<Struct: BitwiseCopyable>(
    _ source: UnsafeRawPointer, size: UInt32, earlier: [Int] = [], into target: inout Struct, _ name: StaticString
) throws {
    let known = MemoryLayout<Struct>.size
    let size = Int(size)
    guard size >= known || earlier.contains(size), size <= 4096 else {
        throw argument("struct_size of \(name) is \(size); this library's is \(known)")
    }
    for offset in known..<max(known, size) where source.load(fromByteOffset: offset, as: UInt8.self) != 0 {
        throw argument("\(name) has a field set that this version of the library does not know")
    }
    let shared = min(known, size)
    withUnsafeMutableBytes(of: &target) { $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: shared)) }
}

/// Packs texts one after the other into the caller's buffer, and counts on where it is full.
struct PackedOutput {
    private let buffer: UnsafeMutablePointer<UInt8>?
    private let capacity: Int
    private(set) var length = 0

    init(_ buffer: UnsafeMutableRawPointer?, _ capacity: Int) throws {
        guard capacity >= 0 else { throw argument("the length of buffer is too large") }
        guard buffer != nil || capacity == 0 else { throw argument("buffer is NULL but its length is \(capacity)") }
        self.buffer = buffer?.assumingMemoryBound(to: UInt8.self)
        self.capacity = capacity
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let buffer, let from = bytes.baseAddress, bytes.count <= capacity - min(length, capacity) {
            (buffer + length).update(from: from, count: bytes.count)
        }
        length += bytes.count
    }

    mutating func endText() {
        if let buffer, length < capacity { buffer[length] = 0 }
        length += 1
    }

    /// Reports the length; throws if the buffer was too small for it.
    func finish(_ reported: UnsafeMutablePointer<Int>?) throws {
        reported?.pointee = length
        guard length <= capacity else {
            throw RecoError(.bufferTooSmall, "the buffer has \(capacity) bytes; \(length) are needed")
        }
    }
}
