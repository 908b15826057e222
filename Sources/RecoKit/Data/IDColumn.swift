/// Ids by row: in a model file, or in what somebody else hands over.
package enum IDColumn: Sendable {
    case integers(Column<Int64>)  // (rows)
    case strings(bytes: Column<UInt8>, offsets: RaggedOffsets)

    /// Texts that lie in `bytes` one after the other; row r begins at `offsets[r]`, and the last of these is an end.
    package static func texts(_ bytes: Column<UInt8>, offsets: Column<UInt64>) -> IDColumn {
        .strings(bytes: bytes, offsets: RaggedOffsets(offsets: offsets))
    }

    package var count: Int {
        switch self {
        case .integers(let values): values.count
        case .strings(_, let offsets): offsets.rowCount
        }
    }

    package var holdsIntegers: Bool { if case .integers = self { true } else { false } }

    /// Hands the id's bytes to `body`, without allocating; none for a row that does not exist.
    package func withID(of row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch self {
        case .strings(let bytes, let offsets):
            let range = offsets.range(row, limit: bytes.count)
            body(bytes.slice(range.lowerBound, range.upperBound))
        case .integers(let values):
            guard row >= 0, row < count else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
                let value = values[row]
                var rest = value.magnitude
                var at = 20
                repeat {
                    at &-= 1
                    digits[at] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                } while rest > 0
                if value < 0 {
                    at &-= 1
                    digits[at] = UInt8(ascii: "-")
                }
                body(UnsafeBufferPointer(rebasing: digits[at..<20]))
            }
        }
    }

    /// The row of one of these ids in a table, where it is added if it is new.
    package func row(of row: Int, in table: IDTable) throws -> UInt32 {
        switch self {
        case .integers(let values): return try table.row(for: values[row])
        case .strings(let bytes, let offsets):
            let range = offsets.range(row, limit: bytes.count)
            return try table.row(for: bytes.slice(range.lowerBound, range.upperBound))
        }
    }
}
