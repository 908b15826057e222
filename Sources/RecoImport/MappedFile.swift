import Foundation
import RecoKit

/// A file's bytes, mapped read-only, or bytes in memory of their own. (Foundation's `Data` reads what it says it maps.)
final class MappedFile: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
    private let release: (UnsafeRawBufferPointer) -> Void

    /// Throws if there is no such file, or it is none.
    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw RecoError.system("cannot read \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw RecoError.system("cannot read \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw RecoError(.badData, "cannot read \(path): it is no regular file")
        }
        let length = Int(status.st_size)
        guard length > 0 else {  // which cannot be mapped
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            release = { _ in }
            return
        }
        guard let base = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            throw RecoError.system("cannot map \(path)")
        }
        bytes = UnsafeRawBufferPointer(start: base, count: length)
        release = { munmap(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count) }
    }

    /// A part of another's bytes.
    init(_ part: UnsafeRawBufferPointer, of owner: MappedFile) {
        bytes = part
        release = { _ in withExtendedLifetime(owner) {} }
    }

    /// Memory that `malloc` gave, which this frees.
    init(freeing memory: UnsafeMutableRawPointer, count: Int) {
        bytes = UnsafeRawBufferPointer(start: memory, count: count)
        release = { free(UnsafeMutableRawPointer(mutating: $0.baseAddress)) }
    }

    deinit { release(bytes) }

    /// The same bytes for what reads Foundation's type, which keeps them mapped.
    var data: Data {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return Data() }
        return Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count,
            deallocator: .custom { _, _ in withExtendedLifetime(self) {} })
    }
}
