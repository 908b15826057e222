/// The ids of users or items in a model file: text to row and back, in place.
public struct IDIndex: Sendable {
    package let ids: IDColumn
    private let slots: Column<UInt32>  // row + 1, or 0; a power of two
    public let count: Int

    /// Reads `prefix/ids` or `prefix/id-bytes` + `prefix/id-offsets`, and `prefix/id-slots`.
    package init(_ file: ModelFile, prefix: String) throws {
        func damaged(_ what: String) -> RecoError {
            RecoError(.damaged, "the model's \(prefix) dictionary is damaged: \(what)")
        }
        if let values = file.column("\(prefix)/ids", as: Int64.self) {
            ids = .integers(values)
        } else if let bytes = file.column("\(prefix)/id-bytes", as: UInt8.self),
            let offsets = file.column("\(prefix)/id-offsets", as: UInt64.self)
        {
            ids = .strings(bytes: bytes, offsets: RaggedOffsets(offsets: offsets))
        } else {
            throw damaged("it is missing")
        }
        count = ids.count
        guard let slots = file.column("\(prefix)/id-slots", as: UInt32.self) else { throw damaged("it has no index") }
        guard count < Int(UInt32.max), slots.count > 0, slots.count & (slots.count - 1) == 0 else {
            throw damaged("its sizes make no sense")
        }
        self.slots = slots
    }

    public var holdsIntegers: Bool { ids.holdsIntegers }

    /// The row of an id, or nil if it is unknown. O(length) expected.
    package func row(of id: UnsafeBufferPointer<UInt8>) -> UInt32? {
        let mask = UInt64(slots.count &- 1)
        switch ids {
        case .integers(let values):
            guard let number = IDText.integer(id) else { return nil }
            var slot = IDText.hash(number) & mask
            for _ in 0..<slots.count {
                let entry = slots[Int(truncatingIfNeeded: slot)]
                if entry == 0 { return nil }
                let row = Int(entry) &- 1
                if row < count, values[row] == number { return entry &- 1 }
                slot = (slot &+ 1) & mask
            }
        case .strings(let bytes, let offsets):
            guard id.count > 0, id.count <= IDTable.maximumLength else { return nil }
            var slot = IDText.hash(id) & mask
            for _ in 0..<slots.count {
                let entry = slots[Int(truncatingIfNeeded: slot)]
                if entry == 0 { return nil }
                let range = offsets.range(Int(entry) &- 1, limit: bytes.count)
                if sameBytes(bytes.slice(range.lowerBound, range.upperBound), id) { return entry &- 1 }
                slot = (slot &+ 1) & mask
            }
        }
        return nil
    }

    public func row(of id: String) -> Int? {
        var id = id
        return id.withUTF8 { row(of: $0) }.map(Int.init)
    }

    /// The id of a row as text; empty if there is no such row.
    public func id(of row: Int) -> String {
        var text = ""
        withID(of: row) { text = String(decoding: $0, as: UTF8.self) }
        return text
    }

    /// Hands the id's bytes to `body`, without allocating.
    package func withID(of row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        ids.withID(of: row, body)
    }
}

extension IDTable {
    /// The row of an id of this table in another, where it is added if it is new.
    func row(of row: Int, in other: IDTable) throws -> UInt32 {
        switch storage {
        case .integers(let values): return try other.row(for: values[row])
        case .strings(let bytes, let ends):
            let start = row == 0 ? 0 : Int(ends[row - 1])
            return try other.row(for: UnsafeBufferPointer(rebasing: bytes.elements[start..<Int(ends[row])]))
        }
    }

    /// Writes what `IDIndex` reads.
    func write(to writer: ModelWriter, prefix: String) throws {
        switch storage {
        case .integers(let values):
            try writer.add("\(prefix)/ids", UnsafeBufferPointer(values.elements))
        case .strings(let bytes, let ends):
            try writer.add("\(prefix)/id-bytes", UnsafeBufferPointer(bytes.elements))
            try writer.add("\(prefix)/id-offsets", [0] + Array(ends.elements))
        }
        try writer.add("\(prefix)/id-slots", slots)
    }
}
