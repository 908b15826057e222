import Glibc
import Testing

@testable import RecoKit

struct ModelFileTests {
    // MARK: what was written is read

    @Test func everyTypeOfSectionComesBackFromFileAndMemory() throws {
        let folder = try Folder()
        let path = folder.path("a.reco")
        let writer = try ModelWriter(path: path)
        try fill(writer)
        try writer.finish()
        try check(ModelFile(path: path))
        try check(Self.open(Self.bytes(fill)))
        #expect(folder.names == ["a.reco"])
    }

    private func fill(_ writer: ModelWriter) throws {
        try writer.add("z/bytes", [1, 2, 255] as [UInt8])
        try writer.add("b/shorts", [0, 65535] as [UInt16])
        try writer.add("c/rows", (0..<1000).map { UInt32($0) })
        try writer.add("d/offsets", [0, UInt64.max])
        try writer.add("e/times", [Int64.min, -1, .max])
        try writer.add("f/scores", [-0.0, .infinity, 1.5] as [Float])
        try writer.add("a/doubles", [.pi] as [Double])
        try writer.add("g/nothing", [] as [UInt32])
        try writer.add("h/text", text: "Grüße")
    }

    private func check(_ file: ModelFile) throws {
        #expect(file.version == ModelLayout.version)
        #expect(file.sections.map(\.name) == file.sections.map(\.name).sorted())
        #expect(file.sections.allSatisfy { $0.offset % 64 == 0 })
        #expect(file.column("z/bytes", as: UInt8.self)?.toArray() == [1, 2, 255])
        #expect(file.column("b/shorts", as: UInt16.self)?.toArray() == [0, 65535])
        #expect(file.column("c/rows", as: UInt32.self)?.toArray() == (0..<1000).map { UInt32($0) })
        #expect(file.column("d/offsets", as: UInt64.self)?.toArray() == [0, .max])
        #expect(file.column("e/times", as: Int64.self)?.toArray() == [.min, -1, .max])
        #expect(file.column("f/scores", as: Float.self)?.toArray() == [-0.0, .infinity, 1.5])
        #expect(file.column("a/doubles", as: Double.self)?.toArray() == [.pi])
        #expect(file.column("g/nothing", as: UInt32.self)?.toArray() == [])
        #expect(file.text("h/text") == "Grüße")
        #expect(file.column("c/rows", as: Float.self) == nil, "a section is not read as another type")
        #expect(
            file.column("nowhere", as: Float.self) == nil && !file.contains("nowhere") && file.text("nowhere") == nil)
        try file.verify()
    }

    @Test func aFileWithoutSectionsIsAModel() throws {
        let file = try Self.open(Self.bytes { _ in })
        #expect(file.sections.isEmpty && file.length == 64)
        try file.verify()
    }

    // MARK: what was not written as it should be

    @Test func everyTruncationIsDamage() throws {
        let whole = try Self.small()
        for length in 0..<whole.count {
            let error = #expect(throws: RecoError.self, "length \(length)") { try Self.open(Array(whole[..<length])) }
            #expect(error?.code == .damaged)
        }
        let error = #expect(throws: RecoError.self) { try Self.open(whole + [0]) }
        #expect(error?.code == .damaged)
    }

    @Test func everyTruncationOnDiskIsDamage() throws {
        let whole = try Self.small()
        let folder = try Folder()
        for length in stride(from: 0, to: whole.count, by: 13) {
            let path = try folder.write("cut.reco", Array(whole[..<length]))
            let error = #expect(throws: RecoError.self, "length \(length)") { try ModelFile(path: path) }
            #expect(error?.code == .damaged)
        }
    }

    /// Header and table are covered by checksums, so a flip there is noticed at once; one in a section only by
    /// `verify`, and until then it may change answers and nothing else.
    @Test func aFlippedBitIsNoticedOrHarmless() throws {
        let whole = try Self.small()
        let sound = try Self.open(whole)
        var generator = SeededGenerator(seed: 77)
        for _ in 0..<3000 {
            var bytes = whole
            let at = generator.nextIndex(bytes.count)
            bytes[at] ^= 1 << UInt8(generator.nextIndex(8))
            do {
                let file = try Self.open(bytes)
                Self.use(file)
                let section = sound.sections.first { $0.offset <= at && at < $0.offset + $0.length }
                if let section {
                    let error = #expect(throws: RecoError.self) { try file.verify() }
                    #expect(error?.message.contains(section.name) == true)
                } else {
                    try file.verify()  // padding between sections: belongs to nobody
                    #expect(at >= 64 && at < bytes.count - sound.sections.count * 64)
                }
            } catch let error as RecoError {
                #expect(error.code == .damaged || (error.code == .newerVersion && (8..<12).contains(at)))
            }
        }
    }

    /// Someone who alters a file can also mend its checksums; nothing may be read outside the file even then.
    @Test func alterationsWithMendedChecksumsReadNothingOutside() throws {
        let whole = try Self.small()
        let table = Int(whole.withUnsafeBytes { $0.number(at: ModelLayout.Header.tableOffset, as: UInt64.self) })
        var generator = SeededGenerator(seed: 78)
        var opened = 0
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...generator.nextIndex(4) {
                // Mostly the numbers of header and table, mostly extreme or nearly right.
                let at =
                    generator.nextIndex(3) == 0
                    ? 16 + generator.nextIndex(40) : table + generator.nextIndex(bytes.count - table)
                switch generator.nextIndex(4) {
                case 0: bytes[at] = UInt8(generator.nextIndex(256))
                case 1: bytes[at] = 0xFF
                case 2: bytes[at] = 0
                default: bytes[at] = bytes[at] &+ UInt8(generator.nextIndex(2) == 0 ? 1 : 64)
                }
            }
            Self.mend(&bytes)
            if let file = try? Self.open(bytes) {
                opened += 1
                Self.use(file)
                _ = try? file.verify()
            }
        }
        #expect(opened > 100, "too few of the altered files opened to test anything")
    }

    @Test func aNewerFormatVersionHasItsOwnError() throws {
        var bytes = try Self.small()
        for version: UInt32 in [ModelLayout.version + 1, .max] {
            for i in 0..<4 { bytes[8 + i] = UInt8(truncatingIfNeeded: version >> UInt32(8 * i)) }
            Self.mend(&bytes)
            let error = #expect(throws: RecoError.self) { try Self.open(bytes) }
            #expect(error?.code == .newerVersion)
            #expect(error?.message.contains("\(version)") == true)
        }
        for i in 0..<4 { bytes[8 + i] = 0 }
        Self.mend(&bytes)
        #expect(#expect(throws: RecoError.self) { try Self.open(bytes) }?.code == .damaged)
    }

    @Test func whatIsNoFileSaysSo() throws {
        let folder = try Folder()
        let missing = #expect(throws: RecoError.self) { try ModelFile(path: folder.path("missing.reco")) }
        #expect(missing?.code == .system && missing?.systemError == ENOENT)
        let directory = #expect(throws: RecoError.self) { try ModelFile(path: folder.path(".")) }
        #expect(directory?.code == .system)
        let empty = #expect(throws: RecoError.self) { try ModelFile(path: folder.write("empty.reco", [])) }
        #expect(empty?.code == .damaged)
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        #expect(#expect(throws: RecoError.self) { try ModelFile(path: folder.write("text", text)) }?.code == .damaged)
    }

    @Test func aPipeIsRefusedRatherThanWaitedFor() throws {
        let folder = try Folder()
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        let error = #expect(throws: RecoError.self) { try ModelFile(path: folder.path("pipe")) }
        #expect(error?.code == .system)
    }

    @Test func anOpenModelSurvivesItsReplacement() throws {
        let folder = try Folder()
        let path = folder.path("shop.reco")
        func publish(_ value: UInt32) throws {
            let writer = try ModelWriter(path: path)
            try writer.add("rows", [UInt32](repeating: value, count: 5000))
            try writer.finish()
        }
        try publish(1)
        let old = try ModelFile(path: path)
        try publish(2)
        let new = try ModelFile(path: path)
        #expect(old.column("rows", as: UInt32.self)?.toArray() == .init(repeating: 1, count: 5000))
        #expect(new.column("rows", as: UInt32.self)?.toArray() == .init(repeating: 2, count: 5000))
        #expect(old.storage.identity != new.storage.identity)
        unlink(path)
        try new.verify()
    }

    @Test func aColumnKeepsItsModelAlive() throws {
        var file: ModelFile? = try Self.open(Self.small())
        let column = try #require(file?.column("item-knn/neighbors", as: UInt32.self))
        weak let storage = file?.storage
        file = nil
        #expect(storage != nil)
        #expect(column.toArray().count == column.count)
    }
}

extension ModelFileTests {
    static func bytes(_ write: (ModelWriter) throws -> Void) throws -> [UInt8] {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try write(writer)
        try writer.finish()
        return sink.bytes
    }

    static func open(_ bytes: [UInt8]) throws -> ModelFile { try bytes.withUnsafeBytes { try ModelFile(bytes: $0) } }

    /// A whole little model: two dictionaries and item-kNN, about 3 KB.
    static func small() throws -> [UInt8] {
        let log = EventLog()
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<120 { try log.add(user: "\(generator.nextIndex(15))", item: "item \(generator.nextIndex(12))") }
        let data = TrainingData(interactions: try log.interactions(threads: 1), log: log, catalog: Catalog())
        let model = try ItemKNN.train(data, settings: Settings(ItemKNN.hyperparameters), run: TrainingRun(threads: 1))
        return try bytes { writer in
            try log.users.write(to: writer, prefix: "users")
            try log.items.write(to: writer, prefix: "items")
            try model.write(to: writer)
        }
    }

    /// Makes the checksums of table and header right again, as far as they can be found.
    static func mend(_ bytes: inout [UInt8]) {
        func put(_ number: UInt64, at offset: Int) {
            for i in 0..<8 { bytes[offset + i] = UInt8(truncatingIfNeeded: number >> UInt64(8 * i)) }
        }
        let (offset, count) = bytes.withUnsafeBytes {
            (
                $0.number(at: ModelLayout.Header.tableOffset, as: UInt64.self),
                UInt64($0.number(at: ModelLayout.Header.sectionCount, as: UInt32.self))
            )
        }
        if offset <= UInt64(bytes.count), count * 64 <= UInt64(bytes.count) - offset {
            let table = Int(offset)..<Int(offset + count * 64)
            put(bytes[table].withUnsafeBytes { XXHash64.hash($0) }, at: ModelLayout.Header.tableChecksum)
        }
        put(
            bytes[..<ModelLayout.Header.checksum].withUnsafeBytes { XXHash64.hash($0) }, at: ModelLayout.Header.checksum
        )
    }

    /// Reads all there is and asks it questions.
    static func use(_ file: ModelFile) {
        for section in file.sections {
            _ = file.column(section.name, as: UInt8.self)?.toArray()
            _ = file.column(section.name, as: UInt32.self)?.toArray()
            _ = file.column(section.name, as: UInt64.self)?.toArray()
            _ = file.column(section.name, as: Int64.self)?.toArray()
            _ = file.column(section.name, as: Float.self)?.toArray()
            _ = file.text(section.name)
        }
        if let users = try? IDIndex(file, prefix: "users") {
            for user in 0..<20 { _ = users.id(of: users.row(of: "\(user)") ?? user) }
        }
        guard let items = try? IDIndex(file, prefix: "items") else { return }
        let scratch = Scratch(itemCount: items.count)!
        guard let model = try? ItemKNN(file, userCount: 15, itemCount: items.count) else { return }
        for item in 0..<14 {
            var selection = scratch.selection(5)!
            let asked = [UInt32(items.row(of: "item \(item)") ?? item)]
            _ = asked.withUnsafeBufferPointer { model.proposeSimilar(to: $0, using: scratch, to: &selection) }
            #expect(selection.finish().allSatisfy { Int($0.row) < items.count })
        }
        #expect((0..<items.count).allSatisfy { scratch.scores[$0] == 0 })
    }
}

/// A folder for one test, removed with what is in it.
final class Folder {
    private let base: String

    init() throws {
        var template = Array("\(P_tmpdir)/reco-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RecoError.system("cannot make a folder") }
        base = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        for name in names {
            unlink(path(name))
            rmdir(path(name))
        }
        rmdir(base)
    }

    func path(_ name: String) -> String { "\(base)/\(name)" }

    /// What is in the folder, sorted.
    var names: [String] {
        guard let stream = opendir(base) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { found.append(name) }
        }
        return found.sorted()
    }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = path(name)
        guard let file = fopen(path, "w") else { throw RecoError.system("cannot write \(path)") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw RecoError.system("cannot write \(path)") }
        return path
    }
}
