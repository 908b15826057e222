/// The kinds of events a model was trained with: what an event of a session is worth, and which kinds hide items.
struct KindTable: Sendable {
    private let weights: Column<Float>  // (kinds)
    private let halfLives: Column<Double>  // (kinds), seconds; 0: never fades
    /// Bit k: an item with an event of kind k counts as had.
    let hidingMask: UInt8
    let names: [String]

    init(_ file: ModelFile) throws {
        guard let weights: Column<Float> = file.column("events/weights"),
            let halfLives: Column<Double> = file.column("events/half-lives"),
            let hides: Column<UInt8> = file.column("events/hides"), let names = file.text("events/names"),
            weights.count <= EventKinds.maximumCount, halfLives.count == weights.count, hides.count == weights.count
        else { throw RecoError(.damaged, "the model's table of event kinds is damaged") }
        self.weights = weights
        self.halfLives = halfLives
        self.names = names.split(separator: "\n").map(String.init)
        var mask: UInt8 = 0
        for kind in 0..<hides.count where hides[kind] != 0 { mask |= 1 << UInt8(kind) }
        hidingMask = mask
    }

    static func write(_ kinds: EventKinds, to writer: ModelWriter) throws {
        try writer.add("events/weights", kinds.kinds.map(\.weight))
        try writer.add("events/half-lives", kinds.kinds.map { $0.halfLife ?? 0 })
        try writer.add("events/hides", kinds.kinds.map { $0.hides ? 1 : 0 } as [UInt8])
        try writer.add("events/names", text: kinds.kinds.map { $0.name + "\n" }.joined())
    }

    var count: Int { weights.count }

    /// What an event of a kind is worth when it happens.
    func weight(of kind: UInt8) -> Float { Int(kind) < count ? weights[Int(kind)] : 0 }

    /// What an event of a kind is worth `age` seconds after it happened; ages that make no sense count as 0.
    func value(of kind: UInt8, age: Float) -> Float {
        guard Int(kind) < count else { return 0 }
        let halfLife = halfLives[Int(kind)]
        let weight = weights[Int(kind)]
        guard halfLife > 0, age > 0 else { return weight }
        return weight * Float(powerOfTwo(-Double(age) / halfLife))
    }

    /// The kinds as they were in training.
    var kinds: [EventKind] {
        names.prefix(count).enumerated().map { code, name in
            let halfLife = halfLives[code]
            return EventKind(
                name, weight: weights[code], halfLife: halfLife > 0 ? halfLife : nil, hides: hides(UInt8(code)))
        }
    }

    func hides(_ kind: UInt8) -> Bool { kind < 8 && hidingMask & (1 << kind) != 0 }
}
