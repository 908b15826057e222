/// The values of one attribute as features: which of them each row has, and how strongly.
///
/// A category is one value, tags are several, a number is the bucket that it falls into among all rows' numbers, and of a
/// text it is the words that say most. A value that no two rows share is left out, for it says nothing that the row itself
/// does not. Each value counts 1, but for words, whose squared weights add up to 1, so that a long text outweighs nothing,
/// and for tags beyond 16, which share what 16 have: with hundreds, steps would be too long. (Tags that always share a
/// weight told less of items without events: 5 % of NDCG@10 over ten parts of a set of films.)
/// O(bytes + values log values).
struct AttributeValues {
    /// With more tags than this, each counts less.
    private static let fullTags: Float = 16

    /// The values that are kept, by code: as they stand in the catalogue, "#9.5" for the bucket from 9.5 on ("#" for the
    /// lowest), "~tea" for a word.
    private(set) var names = TextList()
    private(set) var offsets = [0]  // (rows + 1)
    private(set) var codes: [UInt32] = []
    private(set) var weights: [Float] = []
    /// How many values rows share, kept or not.
    private(set) var sharedCount = 0

    /// What bounds the number of features, and so memory and time.
    struct Limits {
        /// Values that are kept of an attribute: those that most rows have.
        var values = 20_000
        /// Buckets of a number, about equally full.
        var buckets = 10
        /// Words that are kept of a row's text: those that fewest rows have.
        var words = 16
    }

    init(_ attribute: Catalog.Attribute, rowCount: Int, _ limits: Limits) throws {
        let texts = AttributeTexts(attribute, rowCount: rowCount)
        let kind = attribute.storedKind
        let found = Found(rowCount: rowCount)
        switch kind {
        case .category: try found.collect { row, add in texts.withText(row, add) }
        case .tags:
            try found.collect { row, add in
                texts.withText(row) { text in
                    for tag in text.split(separator: UInt8(ascii: "|")) { add(UnsafeBufferPointer(rebasing: tag)) }
                }
            }
        case .number: try found.collect(Self.buckets(texts, rowCount: rowCount, count: limits.buckets))
        case .text:
            let analyzer = TextAnalyzer(TextAnalysis())
            try found.collect { row, add in
                texts.withText(row) { text in
                    analyzer.words(UnsafeBufferPointer(rebasing: text.prefix(Self.longestText))) { word in
                        var name = [UInt8(ascii: "~")]
                        guard word.form != .part, let term = analyzer.term(of: word) else { return }
                        name.append(contentsOf: term)
                        name.withUnsafeBufferPointer(add)
                    }
                }
            }
        }
        keep(found, rowCount: rowCount, limits, isText: kind == .text)
    }

    /// Bytes of a text that are read.
    private static let longestText = 4096

    /// The bucket of each row's number as a name; bounds are quantiles.
    private static func buckets(
        _ texts: AttributeTexts, rowCount: Int, count: Int
    ) -> (Int, (UnsafeBufferPointer<UInt8>) -> Void) -> Void {
        let numbers = (0..<rowCount).map { row in
            texts[row].flatMap { Double(String(decoding: $0, as: UTF8.self)) }.flatMap { $0.isFinite ? $0 : nil }
        }
        let sorted = numbers.compactMap { $0 }.sorted()
        var bounds: [Double] = []
        for bucket in 1..<max(2, count) where !sorted.isEmpty {
            let bound = sorted[bucket * sorted.count / max(2, count)]
            if bound > bounds.last ?? sorted[0] { bounds.append(bound) }
        }
        return { row, add in
            guard let number = numbers[row] else { return }
            // By its bound, for the same place may stand for other numbers when training goes on with new rows.
            let bucket = firstPlace(bounds.count) { bounds[$0] <= number }
            var name = bucket == 0 ? "#" : "#\(bounds[bucket - 1])"
            name.withUTF8(add)
        }
    }

    private mutating func keep(_ found: Found, rowCount: Int, _ limits: Limits, isText: Bool) {
        var kept = found.counts.indices.filter { found.counts[$0] > 1 }
        sharedCount = kept.count
        if kept.count > limits.values {
            kept.sort { (found.counts[$1], $0) < (found.counts[$0], $1) }
            kept = Array(kept.prefix(limits.values)).sorted()
        }
        var place = [UInt32](repeating: .max, count: found.counts.count)
        for (code, old) in kept.enumerated() {
            place[old] = UInt32(code)
            names.append(found.name(old))
        }
        for row in 0..<rowCount {
            var own = found.codes[found.offsets[row]..<found.offsets[row + 1]].filter { place[Int($0)] != .max }
            if isText, own.count > limits.words {
                own.sort { (found.counts[Int($0)], $0) < (found.counts[Int($1)], $1) }
                own.removeSubrange(limits.words...)
            }
            own.sort()
            codes += own.map { place[Int($0)] }
            if isText {
                let rareness = own.map { naturalLog(1 + Float(rowCount) / Float(found.counts[Int($0)])) }
                let length = rareness.reduce(0) { $0 + $1 * $1 }.squareRoot()
                weights += rareness.map { $0 / length }
            } else {
                let count = max(1, Float(own.count))
                weights += own.map { _ in min(1, (Self.fullTags / count).squareRoot()) }
            }
            offsets.append(codes.count)
        }
    }

    /// All values of all rows, each once for a row.
    private final class Found {
        private var table = InternTable()
        private var lastRow: [Int32] = []  // by code
        private let rowCount: Int
        private(set) var counts: [UInt32] = []  // rows, by code
        private(set) var codes: [UInt32] = []
        private(set) var offsets = [0]  // (rows + 1)

        init(rowCount: Int) { self.rowCount = rowCount }

        func name(_ code: Int) -> UnsafeBufferPointer<UInt8> { table[code] }

        /// `values` hands over the values of a row.
        func collect(_ values: (_ row: Int, (UnsafeBufferPointer<UInt8>) -> Void) -> Void) throws {
            var failure: (any Error)?
            for row in 0..<rowCount {
                values(row) { value in
                    do { try self.add(value, row) } catch { failure = error }
                }
                if let failure { throw failure }
                offsets.append(codes.count)
            }
        }

        private func add(_ value: UnsafeBufferPointer<UInt8>, _ row: Int) throws {
            guard !value.isEmpty else { return }
            let (code, isNew) = try table.number(of: value)
            if isNew {
                counts.append(0)
                lastRow.append(-1)
            }
            guard lastRow[code] != Int32(truncatingIfNeeded: row) else { return }
            lastRow[code] = Int32(truncatingIfNeeded: row)
            counts[code] += 1
            codes.append(UInt32(code))
        }
    }
}
