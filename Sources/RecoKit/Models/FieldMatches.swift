/// What content is compared with.
enum ContentQuestion {
    case text(TextQuery)
    case items(UnsafeBufferPointer<UInt32>)
    case profile(Profile)
}

/// A field of the products' text and its share in a match, laid out as `reco_field` in `reco.h`.
package struct RawField: BitwiseCopyable {
    package var name = FixedName()
    /// Its part of what the words in common score, between 0 and 1.
    package var share: Float = 0
    /// How many words of the question it has.
    package var words: UInt32 = 0
}

/// The fields of an item that match, as they are found.
struct FieldMatches {
    static let maximum = 8
    private let fields: UnsafeMutableBufferPointer<RawField>  // (maximum)
    /// Room for a number per field.
    let parts: UnsafeMutablePointer<Float>  // (maximum)

    /// Working memory for the fields of one item; nil if there is none left.
    init?(_ scratch: Scratch) {
        guard let memory = scratch.memory(.fields, Self.maximum &* (MemoryLayout<RawField>.stride &+ 4)) else {
            return nil
        }
        let fields = memory.bindMemory(to: RawField.self, capacity: Self.maximum)
        fields.initialize(repeating: RawField(), count: Self.maximum)
        self.fields = UnsafeMutableBufferPointer(start: fields, count: Self.maximum)
        parts = (memory + Self.maximum &* MemoryLayout<RawField>.stride).bindMemory(
            to: Float.self, capacity: Self.maximum)
    }

    /// A word of the question that scores `score` in a field.
    func add(_ field: Int, _ name: String, _ score: Float) {
        guard fields.indices.contains(field) else { return }
        if fields[field].words == 0 { fields[field].name = FixedName(name) }
        fields[field].share += score
        fields[field].words &+= 1
    }

    /// The fields that match, the largest share first; the shares add up to 1.
    func finish() -> UnsafeBufferPointer<RawField> {
        let sum = fields.reduce(0) { $0 + $1.share }
        guard sum > 0, sum.isFinite else { return UnsafeBufferPointer(rebasing: fields[0..<0]) }
        for i in fields.indices { fields[i].share /= sum }
        var sorted = fields
        sorted.sort { $0.share > $1.share }
        return UnsafeBufferPointer(rebasing: fields[0..<(fields.firstIndex { $0.words == 0 } ?? fields.count)])
    }
}
