// How a catalogue stands in a model file, for attribute number a of `items` (or `users`):
//
//   items/attributes            text: a line "kind <tab> name" for each attribute
//   text      items/attr-a/offsets (rows + 1) u64, items/attr-a/bytes
//   number    items/attr-a/numbers (rows) f64, NaN where there is none
//   category  items/attr-a/codes (rows) u32: 0 for none, c for name c - 1
//   tags      items/attr-a/offsets (rows + 1) u64, items/attr-a/codes u32, as above
//   both      items/attr-a/name-offsets u64, items/attr-a/name-bytes: the names, in order of first appearance;
//             items/attr-a/name-slots u32: a hash table of names, as of ids (absent in older files)

extension Catalog {
    /// Writes the catalogue for `rowCount` rows.
    func write(to writer: ModelWriter, prefix: String, rowCount: Int) throws {
        var directory = ""
        for (number, attribute) in attributes.enumerated() {
            let kind = attribute.storedKind
            directory += "\(kind.rawValue)\t\(attribute.name)\n"
            try attribute.write(to: writer, prefix: "\(prefix)/attr-\(number)", kind: kind, rowCount: rowCount)
        }
        try writer.add("\(prefix)/attributes", text: directory)
    }

    /// How many values of each number attribute are no numbers, and one of them: worth telling the operator.
    public func badNumbers() -> [(name: String, count: Int, example: String)] {
        attributes.compactMap { attribute in
            guard attribute.kind == .number else { return nil }
            let bad = (0..<attribute.values.count).filter { attribute.number($0) == nil }
            guard let first = bad.first else { return nil }
            return (attribute.name, bad.count, String(decoding: attribute.values[first], as: UTF8.self))
        }
    }

    /// The category of each row: a code from 1, or 0 for none; nil if there is no attribute "category".
    func categories(rowCount: Int) -> [UInt32]? {
        let codes = codes(of: ["category"], rowCount: rowCount)
        return codes.isEmpty ? nil : codes
    }

    /// The value of each row as a code from 1, or 0 for none, of the first attribute that has one of these names; nothing
    /// if there is none.
    func codes(of names: [String], rowCount: Int) -> [UInt32] {
        guard let attribute = first(of: names) else { return [] }
        var codes = NameCodes()
        return attribute.latest(rowCount).map { $0 < 0 ? 0 : codes.code(attribute.values[$0]) }
    }

    /// The value of each row as a number, NaN for none, in the same way.
    func numbers(of names: [String], rowCount: Int) -> [Float] {
        guard let attribute = first(of: names) else { return [] }
        return attribute.latest(rowCount).map { $0 < 0 ? .nan : attribute.number($0).map { Float($0) } ?? .nan }
    }

    private func first(of names: [String]) -> Attribute? {
        for name in names {
            if let found = attributes.first(where: { $0.name.lowercased() == name && $0.hasValues }) { return found }
        }
        return nil
    }
}

extension Catalog.Attribute {
    /// The kind that it has in a model file.
    var storedKind: Catalog.Kind { kind ?? likelyKind() }

    /// Which value each row has: the last one set, or -1.
    func latest(_ rowCount: Int) -> [Int] {
        var latest = [Int](repeating: -1, count: rowCount)
        for (value, row) in rows.enumerated() where Int(row) < rowCount { latest[Int(row)] = value }
        return latest
    }

    fileprivate func number(_ value: Int) -> Double? {
        let text = String(decoding: values[value], as: UTF8.self)
        guard let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// Numbers if all values are; categories if values repeat; else text.
    fileprivate func likelyKind() -> Catalog.Kind {
        if (0..<values.count).allSatisfy({ number($0) != nil }) { return .number }
        var names = NameCodes()
        for value in 0..<values.count {
            _ = names.code(values[value])
            if names.count > max(1000, values.count / 4) { return .text }
        }
        return names.count * 2 > max(values.count, 40) ? .text : .category
    }

    fileprivate func write(to writer: ModelWriter, prefix: String, kind: Catalog.Kind, rowCount: Int) throws {
        let latest = latest(rowCount)
        var names = NameCodes()
        switch kind {
        case .text:
            var offsets: [UInt64] = [0]
            var bytes: [UInt8] = []
            for value in latest {
                if value >= 0 { bytes.append(contentsOf: values[value]) }
                offsets.append(UInt64(bytes.count))
            }
            try writer.add("\(prefix)/offsets", offsets)
            try writer.add("\(prefix)/bytes", bytes)
        case .number:
            try writer.add("\(prefix)/numbers", latest.map { $0 < 0 ? Double.nan : number($0) ?? .nan })
        case .category:
            try writer.add("\(prefix)/codes", latest.map { $0 < 0 ? 0 : names.code(values[$0]) } as [UInt32])
            try names.write(to: writer, prefix: prefix)
        case .tags:
            var offsets: [UInt64] = [0]
            var codes: [UInt32] = []
            for value in latest {
                if value >= 0 {
                    for tag in values[value].split(separator: UInt8(ascii: "|")) { codes.append(names.code(tag)) }
                }
                offsets.append(UInt64(codes.count))
            }
            try writer.add("\(prefix)/offsets", offsets)
            try writer.add("\(prefix)/codes", codes)
            try names.write(to: writer, prefix: prefix)
        }
    }
}

/// Codes for names, from 1, in order of first appearance.
private struct NameCodes {
    private var codes: [ArraySlice<UInt8>: UInt32] = [:]
    private var offsets: [UInt64] = [0]
    private var bytes: [UInt8] = []

    var count: Int { codes.count }

    mutating func code(_ name: ArraySlice<UInt8>) -> UInt32 {
        if let code = codes[name] { return code }
        let code = UInt32(codes.count + 1)
        codes[name] = code
        bytes.append(contentsOf: name)
        offsets.append(UInt64(bytes.count))
        return code
    }

    func write(to writer: ModelWriter, prefix: String) throws {
        try writer.add("\(prefix)/name-offsets", offsets)
        try writer.add("\(prefix)/name-bytes", bytes)
        var slots = [UInt32](repeating: 0, count: 16)
        while slots.count < 2 * count { slots += slots }
        for (name, code) in codes.sorted(by: { $0.value < $1.value }) {
            var slot = Int(truncatingIfNeeded: name.withUnsafeBytes { XXHash64.hash($0) }) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = code
        }
        try writer.add("\(prefix)/name-slots", slots)
    }
}

/// The attributes of a model file, read in place.
public struct CatalogIndex: Sendable {
    fileprivate enum Values: Sendable {
        case text(Texts)
        case number(Column<Double>)
        case category(Column<UInt32>, names: Texts, slots: Column<UInt32>)
        case tags(RaggedOffsets, Column<UInt32>, names: Texts, slots: Column<UInt32>)
    }

    fileprivate struct Texts: Sendable {
        let offsets: RaggedOffsets
        let bytes: Column<UInt8>

        subscript(row: Int) -> UnsafeBufferPointer<UInt8> {
            let range = offsets.range(row, limit: bytes.count)
            return bytes.slice(range.lowerBound, range.upperBound)
        }
    }

    public struct Attribute: Sendable {
        public let name: String
        public let kind: Catalog.Kind
        fileprivate let values: Values
    }

    public let attributes: [Attribute]

    init(_ file: ModelFile, prefix: String) throws {
        func column<E: ColumnElement>(_ number: Int, _ part: String) throws -> Column<E> {
            guard let column: Column<E> = file.column("\(prefix)/attr-\(number)/\(part)") else {
                throw RecoError(
                    .damaged, "the model's catalogue is damaged: \(prefix)/attr-\(number)/\(part) is missing")
            }
            return column
        }
        func slots(_ number: Int) -> Column<UInt32> { file.column("\(prefix)/attr-\(number)/name-slots") ?? .empty }
        func texts(_ number: Int, _ offsets: String, _ bytes: String) throws -> Texts {
            try Texts(offsets: RaggedOffsets(offsets: column(number, offsets)), bytes: column(number, bytes))
        }
        let directory = file.text("\(prefix)/attributes") ?? ""
        attributes = try directory.split(separator: "\n").enumerated().map { number, line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, let kind = Catalog.Kind(rawValue: String(parts[0])) else {
                throw RecoError(.damaged, "the model's catalogue is damaged: its list of attributes makes no sense")
            }
            let values: Values =
                switch kind {
                case .text: .text(try texts(number, "offsets", "bytes"))
                case .number: .number(try column(number, "numbers"))
                case .category:
                    .category(
                        try column(number, "codes"), names: try texts(number, "name-offsets", "name-bytes"),
                        slots: slots(number))
                case .tags:
                    .tags(
                        RaggedOffsets(offsets: try column(number, "offsets")), try column(number, "codes"),
                        names: try texts(number, "name-offsets", "name-bytes"), slots: slots(number))
                }
            return Attribute(name: String(parts[1]), kind: kind, values: values)
        }
    }

    /// The first attribute of one of these names that is a category.
    func category(named names: [String]) -> AttributeView? {
        for name in names {
            if let found = attributes.first(where: { $0.kind == .category && $0.name.lowercased() == name }) {
                return found.view
            }
        }
        return nil
    }

    public func attribute(named name: String) -> Attribute? { attributes.first { $0.name == name } }

    /// The value of an attribute as text, "" if the row has none; tags joined by "|".
    public func text(_ attribute: Attribute, row: Int) -> String {
        var result = ""
        append(attribute, row: row) { result += String(decoding: $0, as: UTF8.self) }
        return result
    }

    /// Hands the value's bytes to `body`, in one piece or several.
    package func append(_ attribute: Attribute, row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch attribute.values {
        case .text(let texts): body(texts[row])
        case .number(let numbers):
            guard row >= 0, row < numbers.count, numbers[row].isFinite else { return }
            var text = numbers[row].description
            if text.hasSuffix(".0") { text.removeLast(2) }
            text.withUTF8(body)
        case .category(let codes, let names, _): body(names[Int(codes[row]) &- 1])
        case .tags(let offsets, let codes, let names, _):
            let range = offsets.range(row, limit: codes.count)
            for place in range {
                if place > range.lowerBound { Self.bar.withUTF8Buffer(body) }
                body(names[Int(codes[place]) &- 1])
            }
        }
    }

    private static let bar: StaticString = "|"
}

extension CatalogIndex.Attribute {
    /// Its arrays as plain pointers, valid as long as the catalogue.
    var view: AttributeView {
        func texts(_ texts: CatalogIndex.Texts) -> AttributeView.Texts {
            .init(offsets: texts.offsets.offsets.elements, bytes: texts.bytes.elements)
        }
        var view = AttributeView(kind: .text)
        switch values {
        case .text(let values): view.texts = texts(values)
        case .number(let numbers):
            view.kind = .number
            view.numbers = numbers.elements
        case .category(let codes, let names, let slots):
            view.kind = .category
            view.codes = codes.elements
            view.texts = texts(names)
            view.slots = slots.elements
        case .tags(let offsets, let codes, let names, let slots):
            view.kind = .tags
            view.offsets = offsets.offsets.elements
            view.codes = codes.elements
            view.texts = texts(names)
            view.slots = slots.elements
        }
        return view
    }
}
