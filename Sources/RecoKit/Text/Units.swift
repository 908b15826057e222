/// Units of measure that shops write in several ways: "12 inch", "12in" and 12" are one thing.
struct Units: Sendable {
    private let names: [UInt64]  // the first eight letters of each
    private let shorts: [StaticString]

    init() {
        var names: [UInt64] = []
        var shorts: [StaticString] = []
        for (short, all) in Self.list {
            for name in all.description.split(separator: " ") {
                names.append(Self.packed(Array(name.utf8)))
                shorts.append(short)
            }
        }
        self.names = names
        self.shorts = shorts
    }

    /// The short form of a unit's name, or nil if a word is none. Looked up only for a word behind a number; long words
    /// are told by their first eight letters.
    func short(_ word: UnsafeBufferPointer<UInt8>) -> StaticString? {
        guard word.count <= 12 else { return nil }
        let packed = Self.packed(word)
        for i in names.indices where names[i] == packed { return shorts[i] }
        return nil
    }

    private static func packed(_ word: some Collection<UInt8>) -> UInt64 {
        word.prefix(8).reduce(0) { $0 &<< 8 | UInt64($1) }
    }

    private static let list: [(short: StaticString, names: StaticString)] = [
        ("in", "in inch inches zoll pouces pulgadas pollici polegadas"), ("ft", "ft foot feet"),
        ("yd", "yd yard yards"),
        ("mm", "mm millimeter"), ("cm", "cm centimeter centimetre"), ("m", "m meter meters metre metres metri metros"),
        ("ml", "ml milliliter"), ("cl", "cl"), ("l", "l liter liters litre litres litri litros"),
        ("oz", "oz ounce ounces"), ("gal", "gal gallon gallons"), ("qt", "qt quart quarts"), ("mg", "mg"),
        ("g", "g gr gram grams gramm gramme grammes gramos grammi"), ("kg", "kg kilo kilos kilogram"),
        ("lb", "lb lbs pound pounds"), ("mb", "mb megabyte"), ("gb", "gb gigabyte"), ("tb", "tb terabyte"),
        ("mah", "mah"),
        ("w", "w watt watts"), ("v", "v volt volts"), ("hz", "hz hertz"), ("mhz", "mhz"), ("ghz", "ghz"),
        ("ct", "ct count"), ("pk", "pk pack packs"), ("pc", "pc pcs piece pieces"),
    ]
}
