import Testing

@testable import RecoKit

struct IDTableTests {
    private func add(_ table: IDTable, _ bytes: [UInt8]) throws -> UInt32 {
        try bytes.withUnsafeBufferPointer { try table.row(for: $0) }
    }

    private func find(_ table: IDTable, _ id: String) -> UInt32? {
        Array(id.utf8).withUnsafeBufferPointer { table.find($0) }
    }

    private func index(of table: IDTable) throws -> IDIndex {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try table.write(to: writer, prefix: "items")
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try IDIndex(ModelFile(bytes: $0), prefix: "items") }
    }

    @Test func rowsAreGivenInOrderOfFirstAppearance() throws {
        let table = IDTable()
        #expect(try ["7", "3", "7", "9", "3"].map { try table.row(for: $0) } == [0, 1, 0, 2, 1])
        #expect(table.count == 3)
        #expect((0..<3).map { table.id(of: $0) } == ["7", "3", "9"])
    }

    @Test func canonicalIntegersStayIntegers() throws {
        let ids = ["0", "1", "-1", "42", "9223372036854775807", "-9223372036854775808", "1000000000000000000"]
        let table = IDTable()
        for (row, id) in ids.enumerated() { #expect(try table.row(for: id) == UInt32(row)) }
        #expect(table.holdsIntegers)
        #expect((0..<ids.count).map { table.id(of: $0) } == ids)
    }

    @Test(arguments: [
        "007", "-0", "+1", "1.0", " 1", "1 ", "0x1", "9223372036854775808", "-9223372036854775809",
        "99999999999999999999", "-", "a", "ü", "١",
    ])
    func anythingElseIsText(id: String) throws {
        let table = IDTable()
        #expect(try table.row(for: "1") == 0)
        #expect(try table.row(for: id) == 1)
        #expect(!table.holdsIntegers)
        #expect(table.id(of: 0) == "1" && table.id(of: 1) == id)
        #expect(find(table, "1") == 0 && find(table, id) == 1 && find(table, "2") == nil)
        #expect(try table.row(for: "1") == 0)
    }

    @Test func aMixConvertsWithoutChangingRows() throws {
        let table = IDTable()
        for number in 0..<5000 { #expect(try table.row(for: "\(number * 31)") == UInt32(number)) }
        #expect(try table.row(for: "sku-1") == 5000)
        for number in 0..<5000 {
            #expect(try table.row(for: "\(number * 31)") == UInt32(number))
            #expect(table.id(of: number) == "\(number * 31)")
        }
        for number in 0..<5000 { #expect(try table.row(for: "x\(number)") == UInt32(5001 + number)) }
        #expect(table.count == 10_001)
    }

    @Test func idsMayHave1024BytesAndNoMore() throws {
        let table = IDTable()
        let longest = String(repeating: "ä", count: 512)
        #expect(try table.row(for: longest) == 0)
        #expect(table.id(of: 0) == longest)
        let error = #expect(throws: RecoError.self) { try table.row(for: longest + "b") }
        #expect(error?.code == .badData)
        #expect(error?.message.contains("1025") == true)
        #expect(table.count == 1)
    }

    @Test(
        arguments: [
            [], [0], [0x61, 0], [0, 0x31], [0x80], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0x61, 0xFF],
        ] as [[UInt8]])
    func idsThatAreEmptyHoldANulOrAreNotUTF8AreRefused(bytes: [UInt8]) throws {
        for first in ["1", "text"] {
            let table = IDTable()
            _ = try table.row(for: first)
            let error = #expect(throws: RecoError.self) { try add(table, bytes) }
            #expect(error?.code == .badData)
            #expect(table.count == 1)
            #expect(find(table, first) == 0)
            #expect(bytes.withUnsafeBufferPointer { table.find($0) } == nil)
        }
    }

    @Test func aRefusedIdLeavesATableOfIntegersAsItWas() throws {
        let table = IDTable()
        _ = try table.row(for: "1")
        #expect(throws: RecoError.self) { try table.row(for: "") }
        #expect(table.holdsIntegers)
    }

    // MARK: through the model file

    @Test(arguments: [0, 1, 511, 512, 513, 20_000])
    func integersComeBackFromTheFile(count: Int) throws {
        let table = IDTable()
        for number in 0..<count { _ = try table.row(for: "\((number - count / 2) * 7919)") }
        let index = try index(of: table)
        #expect(index.count == count && index.holdsIntegers)
        for number in 0..<count {
            let id = "\((number - count / 2) * 7919)"
            #expect(index.row(of: id) == number)
            #expect(index.id(of: number) == id)
        }
        for absent in ["1", "", "007", "x", "9223372036854775808"] { #expect(index.row(of: absent) == nil) }
        #expect(index.id(of: count) == "" && index.id(of: -1) == "")
    }

    @Test func textComesBackFromTheFile() throws {
        let table = IDTable()
        let ids =
            (0..<3000).map { "artikel-\($0 % 2 == 0 ? "ü" : "")\($0)" } + ["42", String(repeating: "z", count: 1024)]
        for id in ids { _ = try table.row(for: id) }
        let index = try index(of: table)
        #expect(index.count == ids.count && !index.holdsIntegers)
        for (row, id) in ids.enumerated() {
            #expect(index.row(of: id) == row)
            #expect(index.id(of: row) == id)
        }
        for absent in ["artikel-", "", "43", String(repeating: "z", count: 1023), String(repeating: "z", count: 1025)] {
            #expect(index.row(of: absent) == nil)
        }
        #expect(index.id(of: ids.count) == "" && index.id(of: .max) == "" && index.id(of: .min) == "")
    }

    @Test func theExtremeIntegersComeBackFromTheFile() throws {
        let table = IDTable()
        let ids = ["-9223372036854775808", "9223372036854775807", "0", "-1"]
        for id in ids { _ = try table.row(for: id) }
        let index = try index(of: table)
        for (row, id) in ids.enumerated() {
            #expect(index.row(of: id) == row)
            #expect(index.id(of: row) == id)
        }
    }

    @Test func aDictionaryWithNonsenseInItAnswersWithinItsRows() throws {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<300 {
            let sink = MemorySink()
            let writer = try ModelWriter(sink: sink)
            if generator.nextIndex(2) == 0 {
                try writer.add("items/ids", (0..<6).map { Int64($0) })
            } else {
                try writer.add("items/id-bytes", (0..<40).map { _ in UInt8(generator.nextIndex(256)) })
                try writer.add(
                    "items/id-offsets",
                    (0..<7).map { _ in generator.nextIndex(5) == 0 ? generator.next() : generator.next() % 50 })
            }
            try writer.add(
                "items/id-slots",
                (0..<8).map { _ in
                    UInt32(truncatingIfNeeded: generator.next()) % (generator.nextIndex(2) == 0 ? 8 : .max)
                })
            try writer.finish()
            let index = try sink.bytes.withUnsafeBytes { try IDIndex(ModelFile(bytes: $0), prefix: "items") }
            for id in ["0", "3", "5", "7", "abc", "\u{1}"] {
                if let row = index.row(of: id) { #expect(row < index.count) }
            }
            for row in -1...8 { _ = index.id(of: row) }
        }
    }

    @Test func aDictionaryOfWrongShapeIsDamaged() throws {
        func open(_ write: (ModelWriter) throws -> Void) throws -> IDIndex {
            let sink = MemorySink()
            let writer = try ModelWriter(sink: sink)
            try write(writer)
            try writer.finish()
            return try sink.bytes.withUnsafeBytes { try IDIndex(ModelFile(bytes: $0), prefix: "items") }
        }
        let shapes: [(ModelWriter) throws -> Void] = [
            { _ in },
            { try $0.add("items/ids", [1 as Int64]) },
            { try $0.add("items/id-bytes", [1 as UInt8]) },
            {
                try $0.add("items/ids", [1 as Int64])
                try $0.add("items/id-slots", [UInt32]())
            },
            {
                try $0.add("items/ids", [1 as Int64])
                try $0.add("items/id-slots", [1 as UInt32, 0, 0])
            },
            {
                try $0.add("items/ids", [1 as UInt8])
                try $0.add("items/id-slots", [1 as UInt32, 0])
            },
        ]
        for shape in shapes {
            let error = #expect(throws: RecoError.self) { try open(shape) }
            #expect(error?.code == .damaged)
        }
    }
}
