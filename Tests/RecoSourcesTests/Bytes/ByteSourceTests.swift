import CZlib
import Foundation
import RecoKit
import Testing

@testable import RecoSources

/// `bytes` as one member of gzip.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
        &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 8 + 128)
    let length = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            deflate(&stream, Z_FINISH)
            return output.count - Int(stream.avail_out)
        }
    }
    deflateEnd(&stream)
    return Array(output[..<length])
}

private func readAll(_ path: String) throws -> [UInt8] {
    let source = try openBytes(path)
    var all: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1000)
    while true {
        let count = try room.withUnsafeMutableBytes { try source.read(into: $0) }
        if count == 0 { return all }
        all += room[..<count]
    }
}

private let text = Array((0..<20_000).map { "\($0),\($0 * 7919 % 1000)\n" }.joined().utf8)

@Test func aPlainFileIsReadAsItIs() throws {
    let folder = try TemporaryFolder()
    #expect(try readAll(folder.write("a.csv", text)) == text)
    #expect(try readAll(folder.write("short.csv", "ab")) == Array("ab".utf8))
    #expect(try readAll(folder.write("empty.csv", "")) == [])
}

@Test func gzipIsRecognisedByItsFirstBytesWhateverTheName() throws {
    let folder = try TemporaryFolder()
    #expect(try readAll(folder.write("a.csv", gzip(text))) == text)
}

@Test func membersOfGzipFollowEachOther() throws {
    let folder = try TemporaryFolder()
    let whole = gzip(text) + gzip([]) + gzip(text)
    #expect(try readAll(folder.write("a.csv.gz", whole)) == text + text)
    #expect(try readAll(folder.write("padded.csv.gz", whole + [0, 0, 0])) == text + text)
}

@Test func gzipCutAnywhereIsAnError() throws {
    let folder = try TemporaryFolder()
    let whole = gzip(text)
    for length in [3, 9, 10, 11, whole.count / 2, whole.count - 9, whole.count - 8, whole.count - 1] {
        let path = try folder.write("cut.csv.gz", Array(whole[..<length]))
        #expect(message { _ = try readAll(path) } == "\(path) is cut short: its compressed data ends in the middle")
    }
}

@Test func gzipThatWasAlteredIsAnError() throws {
    let folder = try TemporaryFolder()
    var bytes = gzip(text)
    bytes[bytes.count - 5] ^= 1  // in the checksum
    let altered = try folder.write("altered.csv.gz", bytes)
    #expect(message { _ = try readAll(altered) } == "\(altered) is damaged: its compressed data makes no sense")
    let followed = try folder.write("followed.csv.gz", gzip(text) + [1, 2, 3])
    #expect(
        message { _ = try readAll(followed) } == "\(followed) is damaged: something else follows its compressed data")
}

@Test func aTableCutInsideGzipSaysAfterWhichLine() throws {
    let folder = try TemporaryFolder()
    let whole = gzip(Array("user,item\n".utf8) + text)
    let path = try folder.write("events.csv.gz", Array(whole[..<(whole.count / 2)]))
    let log = EventLog()
    let said = message { _ = try log.addEvents(from: path) }
    let start = "\(path) is cut short: its compressed data ends in the middle, after line "
    #expect(said.hasPrefix(start))
    // The events of the last, unfinished batch are lost.
    let line = try #require(Int(said.dropFirst(start.count)))
    #expect(line > 5000 && line < 20_000)
    #expect(log.count > line - 2 - EventBatch.capacity && log.count < line)
}

@Test func aMissingFileAFolderAndAForbiddenFileAreNamed() throws {
    let folder = try TemporaryFolder()
    #expect(message { _ = try openBytes("/nowhere/x.csv") } == "cannot open /nowhere/x.csv: No such file or directory")
    #expect(message { _ = try openBytes(folder.url.path) } == "cannot read \(folder.url.path): Is a directory")
}

@Test(
    arguments: [
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd, not text; unpack it, or compress it with gzip"),
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or a spreadsheet, not text; save it as CSV"),
        ([0x50, 0x41, 0x52, 0x31], "a Parquet file, not text; save it as CSV"),
        ([0xFF, 0xFE, 0x75, 0x00], "UTF-16, not text; save it as UTF-8"),
    ] as [([UInt8], String)])
func otherFormatsAreNamedAndRefused(start: [UInt8], what: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.csv", start + [1, 2, 3, 4, 5, 6])
    #expect(message { _ = try openBytes(path) } == "\(path) is \(what)")
}
