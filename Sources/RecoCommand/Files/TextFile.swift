import Glibc
import RecoKit

/// Small text files, whole.
enum TextFile {
    private static let largest = 64 << 20  // bytes

    /// The bytes of a file as text; nil if there is no such file. Bytes that are no text throw.
    static func readIfThere(_ path: String) throws -> String? {
        guard let bytes = try bytesIfThere(path) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RecoError(.badData, "\(path) is not valid UTF-8")
        }
        return text
    }

    private static func bytesIfThere(_ path: String) throws -> [UInt8]? {
        guard let file = fopen(path, "r") else {
            if errno == ENOENT { return nil }
            throw RecoError.system("cannot open \(path)")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = fread(&block, 1, block.count, file)
            bytes += block[0..<count]
            guard bytes.count <= largest else {
                throw RecoError(.badData, "\(path) is too large to be what it should be")
            }
            if count < block.count { break }
        }
        if ferror(file) != 0 { throw RecoError.system("cannot read \(path)") }
        return bytes
    }

    /// The folder that a file is in.
    static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "." }

    /// The lines of a file, without their ends.
    static func lines(_ path: String) throws -> [Substring] { try read(path).split(whereSeparator: \.isNewline) }

    /// The lines of a file whose bytes may be no text: those become U+FFFD. `repaired` says in how many lines.
    static func repairedLines(_ path: String) throws -> (lines: [Substring], repaired: Int) {
        guard let bytes = try bytesIfThere(path) else { throw missing(path) }
        let repaired = bytes.split { $0 == 0x0A || $0 == 0x0D }
            .count { String(validating: $0, as: UTF8.self) == nil }
        return (String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline), repaired)
    }

    static func read(_ path: String) throws -> String {
        guard let text = try readIfThere(path) else { throw missing(path) }
        return text
    }

    private static func missing(_ path: String) -> RecoError {
        errno = ENOENT
        return RecoError.system("cannot open \(path)")
    }

    /// Throws if nothing could be written there, and leaves what is there alone.
    static func checkDestination(_ path: String) throws {
        let temporary = "\(path).\(getpid()).tmp"
        guard let file = fopen(temporary, "w") else { throw RecoError.system("cannot write \(path)") }
        fclose(file)
        unlink(temporary)
        var status = stat()
        guard stat(path, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR else {
            errno = EISDIR
            throw RecoError.system("cannot write \(path)")
        }
    }

    /// Throws if a rename would put a file where a device or a pipe is: as root, /dev/stdout for everybody.
    static func checkIsNoDevice(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR else {
            return
        }
        throw RecoError(.system, "cannot write \(path): it exists and is no regular file", systemError: EEXIST)
    }

    /// Writes a file beside `path` and renames it: readers see the old text or the new.
    static func replace(_ path: String, with text: String) throws { try replace(path, with: Array(text.utf8)) }

    /// The same with bytes that are no text.
    static func replace(_ path: String, with bytes: some Collection<UInt8>) throws {
        try checkIsNoDevice(path)
        let temporary = "\(path).\(getpid()).tmp"
        guard let file = fopen(temporary, "w") else { throw RecoError.system("cannot write \(path)") }
        let written =
            bytes.withContiguousStorageIfAvailable { fwrite($0.baseAddress, 1, $0.count, file) } == bytes.count
            && fflush(file) == 0
        let kept = written && fsync(fileno(file)) == 0
        let error = kept ? nil : RecoError.system("cannot write \(path)")
        fclose(file)
        if let error {
            unlink(temporary)
            throw error
        }
        if rename(temporary, path) != 0 {
            let error = RecoError.system("cannot write \(path)")
            unlink(temporary)
            throw error
        }
    }
}
