import Foundation
import RecoKit

/// The bytes of a file, mapped. Throws one sentence that says why not; Foundation's own are several, and differ.
func mappedBytes(_ path: String) throws -> Data {
    guard let file = fopen(path, "r") else { throw RecoError.system("cannot open \(path)") }
    defer { fclose(file) }
    var status = stat()
    guard fstat(fileno(file), &status) == 0 else { throw RecoError.system("cannot read \(path)") }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw RecoError.system("cannot read \(path)", EISDIR) }
    if status.st_mode & S_IFMT == S_IFREG { return try MappedFile(path: path).data }
    do {
        return try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
        throw RecoError(.system, "cannot read \(path)")
    }
}
