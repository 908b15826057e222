import Glibc

/// An encoder's file that several models use: what a model holds in place of the encoder.
///
/// All of them map the same file, so that its weights are in memory once. The file is told from another by the checksums
/// of its sections.
struct SharedEncoder: Sendable {
    /// Absolute.
    let path: String
    private let checksum: UInt64

    private static let pathSection = "bert/encoder-path"
    private static let checksumSection = "bert/encoder-checksum"

    /// The file that training was given.
    init(_ file: ModelFile) throws {
        guard let given = file.path, let resolved = realpath(given, nil) else {
            throw RecoError(.invalidArgument, "an encoder can be shared only where it is a file")
        }
        defer { free(resolved) }
        path = String(cString: resolved)
        checksum = Self.checksum(of: file)
    }

    /// What a model names; nil if it holds its encoder itself.
    init?(named model: ModelFile) throws {
        guard let path = model.text(Self.pathSection) else { return nil }
        guard let checksum = model.column(Self.checksumSection, as: UInt64.self), checksum.count == 1, !path.isEmpty,
            !path.utf8.contains(0)
        else { throw RecoError(.damaged, "the model does not say which encoder it shares") }
        self.path = path
        self.checksum = checksum[0]
    }

    func write(to writer: ModelWriter) throws {
        try writer.add(Self.pathSection, text: path)
        try writer.add(Self.checksumSection, [checksum])
    }

    /// Opens the file: where it was, or else under its name in the folder of the model that names it.
    func open(for model: ModelFile) throws -> SentenceEncoder? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let folder = model.path.flatMap { path in path.lastIndex(of: "/").map { String(path[...$0]) } } ?? ""
        var file: ModelFile?
        for candidate in [path, folder + name] where access(candidate, R_OK) == 0 {
            let found = try ModelFile(path: candidate)
            if Self.checksum(of: found) == checksum {
                file = found
                break
            }
        }
        guard let file else {
            throw RecoError(
                .damaged,
                "the model shares the encoder \(path), which is not there or not the same any more; train again")
        }
        return try SentenceEncoder(file)
    }

    private static func checksum(of file: ModelFile) -> UInt64 {
        file.sections.reduce(UInt64(file.sections.count)) { $0 &* 31 &+ $1.checksum }
    }
}
