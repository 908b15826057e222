/// A kind of event: how much it says about taste, how fast it fades, and whether the item counts as had.
public struct EventKind: Sendable, Equatable {
    public let name: String
    /// Multiplies the event's own weight. Negative: the user dislikes the item.
    public var weight: Float
    /// Seconds after which an event counts half; nil: never fades.
    public var halfLife: Double?
    /// "Hide what was bought" hides items with an event of such a kind.
    public var hides: Bool

    public init(_ name: String, weight: Float, halfLife: Double? = nil, hides: Bool = false) {
        self.name = name
        self.weight = weight
        self.halfLife = halfLife
        self.hides = hides
    }
}

/// The kinds that a log knows, by code. Codes 0 to 5 are fixed; further kinds are added by name.
public struct EventKinds: Sendable, Equatable {
    public private(set) var kinds: [EventKind]

    /// The code of an event whose kind nobody named.
    public static let interaction: UInt8 = 0
    static let view: UInt8 = 1
    /// A kind costs a bit in the history's flags.
    public static let maximumCount = 8

    public init() {
        kinds = [
            EventKind("interaction", weight: 1, hides: true),
            EventKind("view", weight: 1),
            EventKind("cart", weight: 3),
            EventKind("purchase", weight: 5, hides: true),
            EventKind("like", weight: 4),
            EventKind("dislike", weight: -4, hides: true),
        ]
    }

    private static let synonyms: [String: String] = [
        "pageview": "view", "click": "view", "detail": "view",
        "addtocart": "cart", "add_to_cart": "cart", "add-to-cart": "cart", "basket": "cart",
        "buy": "purchase", "order": "purchase", "transaction": "purchase", "sale": "purchase",
        "favorite": "like", "favourite": "like", "wishlist": "like",
    ]

    public subscript(code: UInt8) -> EventKind { kinds[Int(code)] }

    /// The code of a kind by its name or a common synonym ("addtocart", "order"), in any case.
    public func code(named name: String) -> UInt8? {
        let lower = name.lowercased()
        let name = Self.synonyms[lower] ?? lower
        return kinds.firstIndex { $0.name == name }.map { UInt8($0) }
    }

    /// Sets the weight of a kind; an unknown one is added.
    public mutating func setWeight(_ weight: Float, of name: String) throws {
        guard weight.isFinite else { throw RecoError(.invalidArgument, "the weight of \(name) is not a finite number") }
        if let code = code(named: name) {
            kinds[Int(code)].weight = weight
        } else {
            guard !name.isEmpty else { throw RecoError(.invalidArgument, "a kind of events needs a name") }
            guard kinds.count < Self.maximumCount else {
                throw RecoError(
                    .invalidArgument, "no more than \(Self.maximumCount) kinds of events; \(name) would be one too many"
                )
            }
            kinds.append(EventKind(name.lowercased(), weight: weight, hides: weight < 0))
        }
    }

    /// Sets after how many seconds an event of a kind counts half.
    public mutating func setHalfLife(_ seconds: Double, of name: String) throws {
        guard let code = code(named: name) else {
            throw RecoError(.invalidArgument, "there is no event kind \(name) whose half-life could be set")
        }
        guard seconds > 0 else { throw RecoError(.invalidArgument, "the half-life of \(name) must be positive") }
        kinds[Int(code)].halfLife = seconds.isFinite ? seconds : nil
    }
}
