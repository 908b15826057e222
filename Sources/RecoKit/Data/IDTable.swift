/// Gives each distinct id a row, in order of first appearance; for training. `IDIndex` is the same in a model file.
///
/// Ids are text at the border. As long as every id is a canonical 64-bit integer ("42", "-7"; not "007"), the table
/// keeps 8 bytes an id; the first other one turns it into a table of UTF-8 strings.
public final class IDTable: @unchecked Sendable {
    /// The longest id, in bytes.
    public static let maximumLength = 1024

    enum Storage {
        case integers(GrowableBuffer<Int64>)
        case strings(bytes: GrowableBuffer<UInt8>, ends: GrowableBuffer<UInt64>)
    }

    private(set) var storage = Storage.integers(GrowableBuffer())
    private(set) var slots = [UInt32](repeating: 0, count: 1024)  // row + 1, or 0; a power of two, at most half full
    public private(set) var count = 0

    public init() {}

    /// Whether all ids so far are integers.
    public var holdsIntegers: Bool { if case .integers = storage { true } else { false } }

    /// Why `id` cannot be an id ("the id is not valid UTF-8"), or nil if it can.
    public static func problem(with id: UnsafeBufferPointer<UInt8>) -> String? { IDText.problem(id) }

    /// The row of `id`, which is added if it is new. Throws for an id that is empty, too long, holds a NUL or is not
    /// UTF-8. O(length) expected.
    public func row(for id: UnsafeBufferPointer<UInt8>) throws -> UInt32 {
        if case .integers(let values) = storage {
            if let number = IDText.integer(id) { return try add(number, to: values) }
            if let problem = IDText.problem(id) { throw RecoError(.badData, problem) }
            try becomeStrings(values)
        }
        guard case .strings(let bytes, let ends) = storage else { return 0 }
        var slot = IDText.hash(id) & UInt64(slots.count - 1)
        while slots[Int(slot)] != 0 {
            let row = slots[Int(slot)] - 1
            if Self.equal(id, row, bytes.elements, ends.elements) { return row }
            slot = (slot + 1) & UInt64(slots.count - 1)
        }
        if let problem = IDText.problem(id) { throw RecoError(.badData, problem) }
        for byte in id { try bytes.append(byte) }
        try ends.append(UInt64(bytes.count))
        return try occupy(Int(slot))
    }

    public func row(for id: String) throws -> UInt32 {
        var id = id
        return try id.withUTF8 { try row(for: $0) }
    }

    /// Gives an empty table the ids of a column, with their rows: many times as fast as one by one. Throws if one is there
    /// twice, or cannot be an id. O(ids).
    func adopt(_ ids: IDColumn) throws {
        precondition(count == 0)
        guard ids.count < Int(UInt32.max) / 2 else { throw RecoError(.badData, "more than two billion ids") }
        guard case .integers(let column) = ids, case .integers(let values) = storage else {
            for row in 0..<ids.count where try ids.row(of: row, in: self) != row {
                var text = ""
                ids.withID(of: row) { text = String(decoding: $0, as: UTF8.self) }
                throw Self.twice(text)
            }
            return
        }
        if let owner = column.owner, values.count == 0 {
            values.borrow(column.elements, from: owner)
        } else {
            try values.append(contentsOf: column.elements)
        }
        var size = slots.count
        while size < 2 * column.count { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        let repeated: Int? = slots.withUnsafeMutableBufferPointer { slots in
            let numbers = column.elements
            let mask = UInt64(size - 1)
            for row in 0..<numbers.count {
                var slot = Int(IDText.hash(numbers[row]) & mask)
                while slots[slot] != 0 {
                    if numbers[Int(slots[slot]) - 1] == numbers[row] { return row }
                    slot = (slot + 1) & Int(mask)
                }
                slots[slot] = UInt32(row) + 1
            }
            return nil
        }
        count = column.count
        if let repeated { throw Self.twice(String(column[repeated])) }
    }

    private static func twice(_ id: String) -> RecoError { RecoError(.badData, "the id \"\(id)\" is there twice") }

    /// The row of `id` if it is known.
    public func find(_ id: UnsafeBufferPointer<UInt8>) -> UInt32? {
        switch storage {
        case .integers(let values):
            guard let number = IDText.integer(id) else { return nil }
            var slot = IDText.hash(number) & UInt64(slots.count - 1)
            while slots[Int(slot)] != 0 {
                let row = slots[Int(slot)] - 1
                if values[Int(row)] == number { return row }
                slot = (slot + 1) & UInt64(slots.count - 1)
            }
            return nil
        case .strings(let bytes, let ends):
            var slot = IDText.hash(id) & UInt64(slots.count - 1)
            while slots[Int(slot)] != 0 {
                let row = slots[Int(slot)] - 1
                if Self.equal(id, row, bytes.elements, ends.elements) { return row }
                slot = (slot + 1) & UInt64(slots.count - 1)
            }
            return nil
        }
    }

    public func id(of row: Int) -> String {
        switch storage {
        case .integers(let values): return String(values[row])
        case .strings(let bytes, let ends):
            let start = row == 0 ? 0 : Int(ends[row - 1])
            return String(decoding: bytes.elements[start..<Int(ends[row])], as: UTF8.self)
        }
    }

    @inline(__always)
    func add(_ number: Int64, to values: GrowableBuffer<Int64>) throws -> UInt32 {
        var slot = IDText.hash(number) & UInt64(slots.count - 1)
        while true {
            let found = slots[Int(slot)]
            if found == 0 { break }
            if values[Int(found - 1)] == number { return found - 1 }
            slot = (slot + 1) & UInt64(slots.count - 1)
        }
        try values.append(number)
        return try occupy(Int(slot))
    }

    private func occupy(_ slot: Int) throws -> UInt32 {
        guard count < Int(UInt32.max) - 1 else { throw RecoError(.badData, "more than 4 billion different ids") }
        let row = UInt32(count)
        slots[slot] = row + 1
        count += 1
        if count * 2 > slots.count { rehash(slots.count * 2) }
        return row
    }

    private func becomeStrings(_ values: GrowableBuffer<Int64>) throws {
        let bytes = GrowableBuffer<UInt8>()
        let ends = GrowableBuffer<UInt64>()
        for value in values.elements {
            for byte in String(value).utf8 { try bytes.append(byte) }
            try ends.append(UInt64(bytes.count))
        }
        storage = .strings(bytes: bytes, ends: ends)
        rehash(slots.count)
    }

    private func rehash(_ size: Int) {
        slots = [UInt32](repeating: 0, count: size)
        for row in 0..<count {
            var slot = hash(of: row) & UInt64(size - 1)
            while slots[Int(slot)] != 0 { slot = (slot + 1) & UInt64(size - 1) }
            slots[Int(slot)] = UInt32(row) + 1
        }
    }

    private func hash(of row: Int) -> UInt64 {
        switch storage {
        case .integers(let values): return IDText.hash(values[row])
        case .strings(let bytes, let ends):
            let start = row == 0 ? 0 : Int(ends[row - 1])
            return IDText.hash(UnsafeBufferPointer(rebasing: bytes.elements[start..<Int(ends[row])]))
        }
    }

    @inline(__always)
    static func equal(
        _ id: UnsafeBufferPointer<UInt8>, _ row: UInt32, _ bytes: UnsafeMutableBufferPointer<UInt8>,
        _ ends: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        let start = row == 0 ? 0 : Int(ends[Int(row) - 1])
        let length = Int(ends[Int(row)]) - start
        return length == id.count && sameBytes(id, UnsafeBufferPointer(rebasing: bytes[start..<start + length]))
    }
}
