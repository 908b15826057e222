import Foundation
import Testing

@testable import RecoKit

/// docs/model-file-format.md against files that were really written.
@Suite struct FormatDocumentTests {
    private let document: FormatDocument

    init() throws { document = try FormatDocument() }

    @Test func theExampleIsDrawnByteByByte() throws {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try writer.add("items/ids", [1021, 1033] as [Int64])
        try writer.add("events/weights", [1, 1, 3, 5, 4, -4] as [Float])
        try writer.finish()
        let fits = document.hexdump == sink.bytes
        #expect(fits, "it should be\n\(FormatDocument.drawn(sink.bytes))")
    }

    @Test func everySectionOfEveryModelIsListedWithTypeAndShape() throws {
        for section in try [true, false].flatMap({ try treesSections(single: $0) }) + networkSections() {
            let listed = document.sections.first { $0.name == section.name }
            #expect(listed?.types.contains(FormatDocument.name(of: section.type)) == true, "\(section.name)")
        }
        for integers in [true, false] {
            let model = try trainedModel(integerIDs: integers)
            for section in model.file.sections {
                let name = FormatDocument.withoutNumber(section.name)
                guard let listed = document.sections.first(where: { $0.name == name }) else {
                    Issue.record("\(section.name) is not listed")
                    continue
                }
                #expect(listed.types.contains(FormatDocument.name(of: section.type)), "type of \(section.name)")
                if let count = listed.elementCount(in: model) {
                    let size = FormatDocument.size(of: section.type)
                    #expect(section.length == count * size, "\(section.name) is not \(listed.shape)")
                }
            }
        }
    }

    @Test func everyListedSectionIsWrittenByTheModelsThereAre() throws {
        var written: Set<String> = []
        for integers in [true, false] {
            for section in try trainedModel(integerIDs: integers).file.sections {
                written.insert(FormatDocument.withoutNumber(section.name))
            }
        }
        for section in try treesSections(single: true) { written.insert(section.name) }
        for id in ["7", "seven"] { for section in try forgottenSections(id) { written.insert(section.name) } }
        for section in try hybridSections() + largeTableSections() + networkSections() + importedSections() {
            written.insert(section.name)
        }
        #expect(document.sections.count > 20)
        #expect(document.sections.map(\.name).filter { !written.contains($0) } == [])
    }

    /// What factors of another library's objective come with.
    private func importedSections() throws -> [ModelFile.Section] {
        let trainer = Trainer()
        let imported = ImportedModels(into: trainer.log)
        var objective = ImportedModels.Objective()
        (objective.confidenceOffset, objective.countsObservedOnly) = (1, true)
        let items = ImportedModels.Vectors(ids: .integers(Column([1, 2])), numbers: Column([1, 0, 0, 1]))
        try imported.addFactors(rank: 2, items: items, users: nil, objective: objective)
        try trainer.take(imported)
        try trainer.train()
        return try trainer.model().file.sections
    }

    /// What a list of forgotten users holds.
    private func forgottenSections(_ id: String) throws -> [ModelFile.Section] {
        let folder = try Folder()
        let trainer = Trainer()
        try trainer.set("model", to: "popularity")
        try trainer.log.add(user: id, item: "1")
        try trainer.train()
        try trainer.save(folder.path("m.reco"))
        try ModelFile.forget(trainer.log.users, inModel: folder.path("m.reco"), andIn: [])
        return try ModelFile(path: folder.path("m.reco.forgotten")).sections
    }

    /// What a file with a ranker's facts holds.
    private func hybridSections() throws -> [ModelFile.Section] {
        let trainer = Trainer()
        try trainer.set("model", to: "item-knn,boosted-trees")
        for user in 0..<6 {
            for item in 0..<4 where item != user % 4 {
                try trainer.log.add(user: "u\(user)", item: "i\(item)", time: Int64(user * 10 + item))
            }
        }
        try trainer.train()
        return try trainer.model().file.sections
    }

    /// What a file with factors of many items holds.
    private func largeTableSections() throws -> [ModelFile.Section] {
        let items = try DenseMatrix(rowCount: ScoreBounds.worthwhile, columnCount: 1)
        let table = try FactorTable(
            rank: 1, users: DenseMatrix(rowCount: 1, columnCount: 1), items: items, metric: nil)
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try table.write(to: writer, name: "als")
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }.sections
    }

    /// What a file with imported trees holds.
    private func treesSections(single: Bool) throws -> [ModelFile.Section] {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try TreeLayout(RandomForest(seed: 1, single: single).ensemble).write(to: writer)
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }.sections
    }

    /// What files with networks over rows hold, in every precision.
    private func networkSections() throws -> [ModelFile.Section] {
        let numbers = (0..<40).map { $0 % 9 == 0 ? Float.nan : Float($0) }
        let table = try RankingTable(
            columns: [numbers, (0..<40).map { Float($0 % 3) }], labels: (0..<40).map { Float($0 % 2) },
            categories: [nil, ["a", "b", "c"]])
        return try ["float32", "float16", "int8"].flatMap { precision in
            try [MLPRanker.self, WideAndDeep.self].flatMap { (type: any RowModel.Type) in
                var settings = Settings(type.hyperparameters)
                try settings.set("epochs", to: "1")
                try settings.set("precision", to: precision)
                let sink = MemorySink()
                let writer = try ModelWriter(sink: sink)
                let model = try type.train(
                    table, validation: nil, settings: settings, run: TrainingRun(threads: 1), releasing: false)
                try model.write(to: writer, settings: settings, seed: 1)
                try writer.finish()
                return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }.sections
            }
        }
    }

    /// A model of every kind, over users and items with every kind of attribute.
    private func trainedModel(integerIDs: Bool) throws -> Model {
        let trainer = Trainer()
        try trainer.set("model", to: ModelCatalogue.all.map { $0.name }.joined(separator: ","))
        try trainer.set("encoder", to: TinyBERT.path(integerIDs ? .float32 : .int8))
        // ease, nmf, lightfm and encoders have one of several forms.
        if integerIDs {
            try trainer.set("bert.share", to: "yes")
            try trainer.set("ease.neighbors", to: "3")
            try trainer.set("nmf.observed", to: "only")
            try trainer.set("lightfm.optimizer", to: "adadelta")
        }
        func id(_ number: Int) -> String { integerIDs ? "\(number)" : "n\(number)" }
        for user in 0..<12 {
            for item in 0..<7 where (user + item) % 3 != 0 {
                try trainer.log.add(user: id(user), item: id(item), kind: "purchase", time: Int64(user * 1000))
            }
        }
        for (catalog, rows) in [(trainer.catalog, trainer.log.items), (trainer.userCatalog, trainer.log.users)] {
            for (header, values) in [
                ("title:text", ["a tent", "a lamp"]), ("price:number", ["9.5", "12"]), ("category", ["x", "y"]),
                ("uses:tags", ["summer|winter", "winter"]),
            ] {
                let attribute = try catalog.attribute(named: header)
                for number in 0..<2 {
                    catalog.set(attribute, row: try rows.row(for: id(number)), to: values[number])
                }
            }
        }
        try trainer.train()
        return try trainer.model()
    }
}

/// What docs/model-file-format.md says.
private struct FormatDocument {
    struct Section {
        let name: String
        let types: [String]  // more than one where a part of the file says which
        let shape: String  // "(users, rank)"

        /// How many elements the shape means in a model; nil if the shape names a length that is found nowhere else.
        func elementCount(in model: Model) -> Int? {
            let prefix = name.prefix { $0 != "/" }
            let rank = model.file.column("\(prefix)/rank", as: UInt32.self)?.toArray().first.map { Int($0) }
            let sizes = [
                "users": model.users.count, "items": model.items.count, "rank": rank ?? 0, "1": 1,
                "kinds": EventKinds().kinds.count, "pairs": Int(model.description["pairs"] ?? "") ?? 0,
                "users + 1": model.users.count + 1, "items + 1": model.items.count + 1,
            ]
            let names = shape.dropFirst().dropLast().split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            let factors = names.compactMap { sizes[$0] }
            return factors.count == names.count ? factors.reduce(1, *) : nil
        }
    }

    let sections: [Section]
    let hexdump: [UInt8]

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/model-file-format.md"), encoding: .utf8)
        var sections: [Section] = []
        var bytes: [UInt8] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("| `") {
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                sections.append(
                    Section(
                        name: cells[0].trimmingCharacters(in: ["`"]),
                        types: cells[1].replacingOccurrences(of: " or ", with: ", ").components(separatedBy: ", "),
                        shape: cells[2]))
            } else if Int(line.prefix(8), radix: 16) == bytes.count {
                bytes += line.dropFirst(8).prefix { $0 != "|" }.split(separator: " ").compactMap {
                    UInt8($0, radix: 16)
                }
            }
        }
        self.sections = sections
        hexdump = bytes
    }

    /// "items/attr-3/codes" as the document names it: "items/attr-a/codes".
    static func withoutNumber(_ name: String) -> String {
        name.split(separator: "/").map { $0.hasPrefix("attr-") ? "attr-a" : $0 }.joined(separator: "/")
    }

    static func name(of type: ElementType) -> String {
        switch type {
        case .bytes: "bytes"
        case .uint8: "u8"
        case .uint16: "u16"
        case .uint32: "u32"
        case .uint64: "u64"
        case .int64: "i64"
        case .float32: "f32"
        case .float64: "f64"
        }
    }

    static func size(of type: ElementType) -> Int {
        switch type {
        case .bytes, .uint8: 1
        case .uint16: 2
        case .uint32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }

    /// As `hexdump -C` draws it.
    static func drawn(_ bytes: [UInt8]) -> String {
        func hex(_ number: Int, _ width: Int) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        return stride(from: 0, to: bytes.count, by: 16).map { start in
            let row = bytes[start..<min(start + 16, bytes.count)]
            let cells = row.enumerated().map { ($0.offset == 8 ? " " : "") + hex(Int($0.element), 2) }
            let text = row.map { $0 > 0x1F && $0 < 0x7F ? String(UnicodeScalar($0)) : "." }
            return hex(start, 8) + "  " + cells.joined(separator: " ") + "  |" + text.joined() + "|"
        }.joined(separator: "\n")
    }
}
