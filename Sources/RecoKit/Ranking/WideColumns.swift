/// Where the wide side of a row finds its weights: a slice of them for the levels of each feature and for each cross of
/// two, by number where there are few pairs of levels, else by a hash of the pair.
///
/// Slices do not overlap, so that each column may learn by itself, and crosses do not collide with each other.
struct WideColumns: Sendable {
    /// (columns): features; the second is `alone` where there is none.
    let pairs: [(UInt32, UInt32)]
    private let starts: [Int]  // (columns + 1)
    private let widths: [Int]  // (columns): levels of the second feature, or 0: by a hash

    static let alone = UInt32.max
    private static let mostColumns = 1 << 16

    var count: Int { pairs.count }
    var weightCount: Int { starts.last ?? 0 }

    func slice(_ column: Int) -> Range<Int> { starts[column]..<starts[column + 1] }

    /// `hashed`: weights of a cross at most.
    init(_ pairs: [(UInt32, UInt32)], _ levels: FeatureLevels, hashed: Int) {
        self.pairs = pairs
        var (starts, widths) = ([0], [Int]())
        for (first, second) in pairs {
            let own = levels.count(Int(first))
            let other = second == Self.alone ? 1 : levels.count(Int(second))
            // Each is below 2^32.
            let (product, overflow) = own.multipliedReportingOverflow(by: other)
            let isHashed = second != Self.alone && (overflow || product > hashed)
            widths.append(isHashed ? 0 : other)
            starts.append(starts[starts.count - 1] + (isHashed ? hashed : product))
        }
        (self.starts, self.widths) = (starts, widths)
    }

    /// The number of a row's weight in a column; always one of the column's. `levels`: of the row's features.
    @inline(__always)
    func index(_ column: Int, _ levels: UnsafePointer<UInt32>) -> Int {
        let (first, second) = pairs[column]
        let start = starts[column]
        let size = starts[column &+ 1] &- start
        let a = UInt64(levels[Int(first)])
        let b = second == Self.alone ? 0 : UInt64(levels[Int(second)])
        let width = widths[column]
        if width == 0 {
            let hash = mix(a &<< 32 | b)
            return start &+ Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(size)).high)
        }
        let place = Int(truncatingIfNeeded: a) &* width &+ Int(truncatingIfNeeded: b)
        return start &+ (place < size ? place : 0)
    }

    /// "auto", "none" or "age*education,sex*race" as columns: every feature alone, then the crosses.
    static func chosen(_ text: String, _ names: [String], _ levels: FeatureLevels) throws -> [(UInt32, UInt32)] {
        var pairs = names.indices.filter { levels.count($0) > 1 }.map { (UInt32($0), alone) }
        if text == "none" { return pairs }
        if text == "auto" {
            let useful = names.indices.filter { levels.count($0) > 1 }
            let categorical = useful.filter { levels.isCategory($0) }
            let crossed = useful.count <= mostCrossed ? useful : categorical.count <= mostCrossed ? categorical : []
            for (place, first) in crossed.enumerated() {
                for second in crossed[(place + 1)...] { pairs.append((UInt32(first), UInt32(second))) }
            }
            return pairs
        }
        for part in text.split(separator: ",") {
            let parts = part.split(separator: "*", maxSplits: 1).map(String.init)
            let features = parts.compactMap { names.firstIndex(of: $0) }
            guard parts.count == 2, features.count == 2, features[0] != features[1] else {
                throw RecoError(
                    .invalidArgument,
                    "crosses takes auto, none or pairs of features such as age*education, not \"\(part)\"")
            }
            pairs.append((UInt32(features[0]), UInt32(features[1])))
        }
        return pairs
    }

    /// Features of which all pairs are crossed, at most.
    private static let mostCrossed = 24

    // MARK: file

    func write(to writer: ModelWriter, name: String, hashed: Int) throws {
        try writer.add("\(name)/crosses", [UInt32(hashed)] + pairs.flatMap { [$0.0, $0.1] })
    }

    /// Nil if it is not there or cannot be right. O(columns).
    init?(_ file: ModelFile, name: String, _ levels: FeatureLevels) {
        guard let stored = file.column("\(name)/crosses", as: UInt32.self), stored.count % 2 == 1,
            stored.count / 2 <= Self.mostColumns, stored[0] > 0
        else { return nil }
        let pairs = (0..<stored.count / 2).map { (stored[1 + 2 * $0], stored[2 + 2 * $0]) }
        let isRight = pairs.allSatisfy { first, second in
            Int(first) < levels.featureCount && (second == Self.alone || Int(second) < levels.featureCount)
        }
        guard isRight else { return nil }
        // At most 2^16 columns of 2^32 weights each: no overflow.
        self.init(pairs, levels, hashed: Int(stored[0]))
    }
}
