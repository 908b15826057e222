import Glibc

/// The bytes of one model: a file mapped read-only, or memory. Every `Column` of the model keeps it alive.
public final class ModelStorage: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
    /// Which file this is, if it is one.
    let identity: FileIdentity?
    private let release: (UnsafeRawBufferPointer) -> Void

    private init(
        bytes: UnsafeRawBufferPointer, identity: FileIdentity?, release: @escaping (UnsafeRawBufferPointer) -> Void
    ) {
        self.bytes = bytes
        self.identity = identity
        self.release = release
    }

    deinit { release(bytes) }

    /// Maps a file. The mapping stays valid when the file is replaced by rename or deleted.
    static func map(_ path: String) throws -> ModelStorage {
        // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw RecoError.system("cannot open the model \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw RecoError.system("cannot read the model \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw RecoError(.system, "cannot open the model \(path): it is not a regular file", systemError: EINVAL)
        }
        let length = Int(status.st_size)
        guard length >= ModelLayout.headerLength else {
            throw RecoError(.damaged, "\(path) is not a reco model: it has only \(length) bytes")
        }
        guard let base = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            throw RecoError.system("cannot map the model \(path)")
        }
        return ModelStorage(
            bytes: UnsafeRawBufferPointer(start: base, count: length), identity: FileIdentity(status),
            release: { munmap(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count) })
    }

    /// A copy of bytes in memory, aligned as a mapping would be.
    static func copy(_ source: UnsafeRawBufferPointer) throws -> ModelStorage {
        guard let memory = aligned_alloc(ModelLayout.alignment, max(64, (source.count + 63) & ~63)) else {
            throw RecoError(.outOfMemory, "no memory for a model of \(source.count) bytes")
        }
        if let from = source.baseAddress { memory.copyMemory(from: from, byteCount: source.count) }
        return ModelStorage(
            bytes: UnsafeRawBufferPointer(start: memory, count: source.count), identity: nil,
            release: { free(UnsafeMutableRawPointer(mutating: $0.baseAddress)) })
    }
}

/// What tells one version of a file from another: a file that was replaced has another inode, size or time.
public struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modifiedSeconds: Int64
    let modifiedNanoseconds: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtim.tv_nsec)
    }
}
