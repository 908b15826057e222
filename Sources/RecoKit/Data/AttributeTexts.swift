/// The values of an attribute of a catalogue, by row; for training.
struct AttributeTexts: @unchecked Sendable {
    private let values: TextList
    private let latest: [Int]

    init(_ attribute: Catalog.Attribute, rowCount: Int) {
        values = attribute.values
        latest = attribute.latest(rowCount)
    }

    /// The value of a row, if it has one.
    subscript(row: Int) -> ArraySlice<UInt8>? { latest[row] < 0 ? nil : values[latest[row]] }

    /// Hands over the value of a row, if it has one, without taking a share in it.
    func withText(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard latest[row] >= 0 else { return }
        let range = values.range(latest[row])
        values.bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
