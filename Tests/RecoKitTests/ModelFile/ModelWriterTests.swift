import Glibc
import Testing

@testable import RecoKit

struct ModelWriterTests {
    @Test func aWriterThatIsGivenUpLeavesTheOldModelAndNoTrace() throws {
        let folder = try Folder()
        let path = folder.path("shop.reco")
        try publish(1, to: path)
        do {
            let writer = try ModelWriter(path: path)
            try writer.add("rows", [2 as UInt32])
        }
        #expect(folder.names == ["shop.reco"])
        #expect(try ModelFile(path: path).column("rows", as: UInt32.self)?.toArray() == [1])
    }

    @Test func twoWritersOfOneFileDoNotMixTheirBytes() throws {
        let folder = try Folder()
        let path = folder.path("shop.reco")
        let first = try ModelWriter(path: path)
        let second = try ModelWriter(path: path)
        for (writer, value) in [(first, 1), (second, 2)] as [(ModelWriter, UInt32)] {
            try writer.add("rows", [UInt32](repeating: value, count: 100 * Int(value)))
        }
        try first.finish()
        #expect(try ModelFile(path: path).column("rows", as: UInt32.self)?.toArray() == .init(repeating: 1, count: 100))
        try second.finish()
        #expect(try ModelFile(path: path).column("rows", as: UInt32.self)?.toArray() == .init(repeating: 2, count: 200))
        try ModelFile(path: path).verify()
        #expect(folder.names == ["shop.reco"])
    }

    @Test func aFolderThatIsMissingOrAFolderInTheWayIsASystemError() throws {
        let folder = try Folder()
        let missing = #expect(throws: RecoError.self) { try ModelWriter(path: folder.path("no/shop.reco")) }
        #expect(missing?.code == .system && missing?.systemError == ENOENT)
        #expect(mkdir(folder.path("shop.reco"), 0o700) == 0)
        let inTheWay = #expect(throws: RecoError.self) { try publish(1, to: folder.path("shop.reco")) }
        #expect(inTheWay?.code == .system)
        #expect(folder.names == ["shop.reco"], "no temporary file stays behind")
    }

    @Test func aNewFileTakesThePermissionsOfTheOldOne() throws {
        let folder = try Folder()
        let (path, other) = (folder.path("shop.reco"), folder.path("other.reco"))
        func mode(_ path: String) -> mode_t? {
            var status = stat()
            return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
        }
        try publish(1, to: path)
        for wanted: mode_t in [0o600, 0o640, 0o666, 0o604] {
            #expect(chmod(path, wanted) == 0)
            let writer = try ModelWriter(path: path, temporaryPath: folder.path("waiting"))
            #expect(mode(folder.path("waiting")) == wanted, "also while it is being written")
            try writer.add("rows", [2 as UInt32])
            try writer.finish()
            #expect(mode(path) == wanted)
        }
        // One that waits under another name.
        try ModelWriter(path: other, replacing: path).finish()
        #expect(mode(other) == 0o604)
    }

    @Test func messagesNameWhatIsWritten() throws {
        let folder = try Folder()
        let error = #expect(throws: RecoError.self) {
            try ModelWriter(path: folder.path("no/list"), contents: "the list of friends")
        }
        #expect(
            error?.message == "cannot write the list of friends \(folder.path("no/list")): No such file or directory")
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5])
    func aSinkThatFailsIsAbandonedOnce(after calls: Int) throws {
        let sink = FailingSink(after: calls)
        #expect(throws: RecoError(.system, "full")) {
            let writer = try ModelWriter(sink: sink)
            try writer.add("a", [UInt32](repeating: 7, count: 3))
            try writer.finish()
        }
        #expect(sink.abandoned == 1)
    }

    @Test func whatIsPublishedIsNotAbandoned() throws {
        let sink = FailingSink(after: .max)
        do {
            let writer = try ModelWriter(sink: sink)
            try writer.add("a", [1 as UInt32])
            try writer.finish()
        }
        #expect(sink.abandoned == 0)
    }

    private func publish(_ value: UInt32, to path: String) throws {
        let writer = try ModelWriter(path: path)
        try writer.add("rows", [value])
        try writer.finish()
    }
}

/// Takes a number of calls, then says that the disk is full.
private final class FailingSink: ByteSink {
    private var left: Int
    private(set) var abandoned = 0

    init(after calls: Int) { left = calls }

    private func step() throws {
        if left == 0 { throw RecoError(.system, "full") }
        left -= 1
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws { try step() }
    func replaceStart(_ bytes: UnsafeRawBufferPointer) throws { try step() }
    func publish() throws { try step() }
    func abandon() { abandoned += 1 }
}
