import Glibc
import RecoKit

/// Small text files, whole.
enum TextFile {
    private static let largest = 64 << 20  // bytes

    /// The bytes of a file as text; nil if there is no such file. Bytes that are no text throw, or become U+FFFD.
    static func readIfThere(_ path: String, repairing: Bool = false) throws -> String? {
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
        if repairing { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RecoError(.badData, "\(path) is not valid UTF-8")
        }
        return text
    }

    /// The lines of a file, without their ends.
    static func lines(_ path: String, repairing: Bool = false) throws -> [Substring] {
        try read(path, repairing: repairing).split(whereSeparator: \.isNewline)
    }

    static func read(_ path: String, repairing: Bool = false) throws -> String {
        guard let text = try readIfThere(path, repairing: repairing) else {
            errno = ENOENT
            throw RecoError.system("cannot open \(path)")
        }
        return text
    }

    /// Writes a file beside `path` and renames it: readers see the old text or the new.
    static func replace(_ path: String, with text: String) throws {
        let temporary = "\(path).\(getpid()).tmp"
        guard let file = fopen(temporary, "w") else { throw RecoError.system("cannot write \(path)") }
        let written = fwrite(text, 1, text.utf8.count, file) == text.utf8.count && fflush(file) == 0
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
