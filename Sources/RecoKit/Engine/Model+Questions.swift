/// One recommended item.
public struct Hit: Sendable, Equatable {
    public let id: String
    /// The item's row in this model; nil for a candidate that the model does not know.
    public let row: Int?
    /// Compares within one source and one rung only.
    public let score: Float
    public let source: SourceCode
    public let rung: Rung
}

extension RawHit {
    /// Nil for a candidate that the model does not know.
    fileprivate init?(_ hit: Hit) {
        guard let row = hit.row else { return nil }
        self.init(
            row: UInt32(truncatingIfNeeded: row), score: hit.score, source: hit.source.rawValue,
            rung: hit.rung.rawValue, position: RawHit.none)
    }
}

/// One of the user's own items, and what it adds to a hit's score; negative where it speaks against.
public struct Reason: Sendable, Equatable {
    public let id: String
    public let row: Int
    public let contribution: Float
}

/// A field of an item's text ("title", "brand") that is like what was asked.
public struct MatchedField: Sendable, Equatable {
    public let name: String
    /// Its part of what the words in common score, between 0 and 1.
    public let share: Float
    /// How many words of the question it has.
    public let words: Int
}

/// What the ranker looked at and what each of it adds to a hit's score.
public struct RankingReasons: Sendable, Equatable {
    public struct Feature: Sendable, Equatable {
        public let name: String
        /// NaN if it was not known.
        public let value: Float
        public let contribution: Float
    }

    /// What the score would be if nothing were known.
    public let expected: Float
    /// The largest part first, whichever its sign; together with `expected` they are the score.
    public let features: [Feature]

    /// The sources that proposed the item or know it, and at which rank among all candidates, the best first.
    public var ranks: [(source: String, rank: Int)] {
        features.filter { $0.name.hasSuffix(".rank") && $0.value.isFinite }
            .map { (String($0.name.dropLast(".rank".count)), Int($0.value)) }
            .sorted { ($0.rank, $0.source) < ($1.rank, $1.source) }
    }
}

/// Something a visitor did just now.
public struct SessionEvent: Sendable, ExpressibleByStringLiteral {
    public let item: String
    /// The kind's code; 1 is a view. `EventKinds` lists the others.
    public let kind: UInt8
    public let secondsAgo: Float

    public init(_ item: String, kind: UInt8 = 1, secondsAgo: Float = 0) {
        self.item = item
        self.kind = kind
        self.secondsAgo = secondsAgo
    }

    public init(stringLiteral item: String) { self.init(item) }
}

extension Model {
    /// Items for a user, a session, or both; bestsellers for neither. O(items) for factor models.
    ///
    /// - Parameters:
    ///   - session: what the visitor did just now, oldest first.
    ///   - only: if given, nothing else is recommended.
    ///   - filter: a condition that every item meets, such as `price < 50 and not tag("sale")` (docs/filters.md).
    ///   - boost: what an item's score becomes, such as `score * if(tag("new"), 1.2, 1)`.
    ///   - live: numbers that hold for this question instead of those in the file: name, then item, then number.
    ///   - diversity: 0: the best first; up to 1: the more, the less alike are the hits.
    ///   - caps: how many hits may have the same value of an attribute: `["brand": 2]`.
    ///   - time: when it is asked, in seconds since 1970 by the clock of the events, for a ranker that has learned from
    ///     hours and days of the week; nil: not said.
    ///   - device: what the visitor uses, as the events name it.
    public func recommend(
        user: String? = nil, session: [SessionEvent] = [], limit: Int = 10, only: [String]? = nil,
        except: [String] = [], filter: String = "", boost: String = "", live: [String: [String: Double]] = [:],
        diversity: Float = 0, caps: [String: Int] = [:], time: Int64? = nil, device: String = "",
        options: QueryOptions = []
    ) throws -> [Hit] {
        var device = device
        return try device.withUTF8 { device in
            try ask(
                user: user, session: session, only: only, except: except, Wishes(filter, boost, live, diversity, caps),
                room: min(limit, items.count)
            ) {
                $0.options = options
                $0.limit = limit
                $0.time = time
                $0.device = device
            }
        }
    }

    /// Items similar to all of the given ones together.
    public func similar(
        to given: [String], user: String? = nil, limit: Int = 10, only: [String]? = nil, except: [String] = [],
        filter: String = "", boost: String = "", live: [String: [String: Double]] = [:], diversity: Float = 0,
        caps: [String: Int] = [:], options: QueryOptions = []
    ) throws -> [Hit] {
        try Self.pack(given) { packed in
            try ask(
                user: user, session: [], only: only, except: except, Wishes(filter, boost, live, diversity, caps),
                room: min(limit, items.count)
            ) {
                $0.options = options
                $0.limit = limit
                $0.similarTo = packed
            }
        }
    }

    /// What is bought together with all of the given items: accessories, refills, the rest of the recipe. Where the model
    /// knows nothing about that, or too little, similar items follow.
    public func boughtTogether(
        with given: [String], user: String? = nil, limit: Int = 10, only: [String]? = nil, except: [String] = [],
        filter: String = "", boost: String = "", live: [String: [String: Double]] = [:], options: QueryOptions = []
    ) throws -> [Hit] {
        try similar(
            to: given, user: user, limit: limit, only: only, except: except, filter: filter, boost: boost, live: live,
            options: options.union(.boughtTogether))
    }

    /// Items that match words, the best first: by the words themselves (bm25, tfidf), by what they mean (bert), or by
    /// both. For a user or a session, what they like moves up. Throws `unsupported` if the file holds no such model.
    ///
    /// - Parameters:
    ///   - text: words that somebody searches for; with `.textPrefix` the last one is unfinished, with `.textIsItem` it
    ///     is the text of a product and similar ones are asked for.
    public func search(
        _ text: String, user: String? = nil, session: [SessionEvent] = [], limit: Int = 10, only: [String]? = nil,
        except: [String] = [], filter: String = "", boost: String = "", live: [String: [String: Double]] = [:],
        diversity: Float = 0, caps: [String: Int] = [:], time: Int64? = nil, device: String = "",
        options: QueryOptions = []
    ) throws -> [Hit] {
        var (text, device) = (text, device)
        return try text.withUTF8 { text in
            try device.withUTF8 { device in
                try ask(
                    user: user, session: session, only: only, except: except,
                    Wishes(filter, boost, live, diversity, caps), room: min(limit, items.count)
                ) {
                    $0.options = options
                    $0.limit = limit
                    $0.text = text
                    $0.time = time
                    $0.device = device
                }
            }
        }
    }

    /// Items like a product that the model does not know, by its text.
    public func similar(
        toText text: String, limit: Int = 10, only: [String]? = nil, except: [String] = [], filter: String = "",
        boost: String = "", live: [String: [String: Double]] = [:], diversity: Float = 0, caps: [String: Int] = [:],
        options: QueryOptions = []
    ) throws -> [Hit] {
        try search(
            text, limit: limit, only: only, except: except, filter: filter, boost: boost, live: live,
            diversity: diversity, caps: caps, options: options.union(.textIsItem))
    }

    /// The given items in order of preference; unknown ones come last, or not at all with a filter. With a text, what
    /// matches it comes first.
    public func rank(
        _ candidates: [String], user: String? = nil, session: [SessionEvent] = [], text: String = "",
        filter: String = "", boost: String = "", live: [String: [String: Double]] = [:], options: QueryOptions = []
    ) throws -> [Hit] {
        var text = text
        return try text.withUTF8 {
            try rank(
                candidates, user: user, session: session, utf8: $0, Wishes(filter, boost, live), options: options)
        }
    }

    private func rank(
        _ candidates: [String], user: String?, session: [SessionEvent], utf8 text: UnsafeBufferPointer<UInt8>,
        _ wishes: Wishes, options: QueryOptions
    ) throws -> [Hit] {
        try Self.pack(candidates) { packed in
            try ask(
                user: user, session: session, only: nil, except: [], wishes, candidates: candidates,
                room: candidates.count
            ) {
                $0.options = options
                $0.candidates = packed
                $0.text = text
            }
        }
    }

    /// Why a hit was recommended to this user and session: what each item of the history and the session adds to its
    /// score, the largest part first; together they are the score. For hits of lightfm, whose scores are no such sum: how
    /// alike each is to the hit. Empty for what everybody gets. Throws `unsupported` for models that can tell neither.
    public func explain(_ hit: Hit, user: String? = nil, session: [SessionEvent] = []) throws -> [Reason] {
        guard let raw = RawHit(hit) else { return [] }
        return try put(user: user, session: session, only: nil, except: [], { _ in }) { question in
            var room = 64
            while true {
                let reasons: [Reason]? = try withUnsafeTemporaryAllocation(of: RawReason.self, capacity: room) {
                    let count = try explain(raw, of: question, into: $0)
                    guard count <= room else {
                        room = count
                        return nil
                    }
                    return $0[0..<count].map {
                        Reason(id: items.id(of: Int($0.row)), row: Int($0.row), contribution: $0.contribution)
                    }
                }
                if let reasons { return reasons }
            }
        }
    }

    /// Which fields of a hit's text are like what was asked, the largest share first. Say what was asked as it was
    /// asked: the text, the items to be similar to, or for whom. Empty for hits that do not stand there for their
    /// content, and where the model holds neither bm25 nor tfidf.
    public func matchedFields(
        of hit: Hit, text: String = "", similarTo given: [String] = [], user: String? = nil,
        session: [SessionEvent] = [], options: QueryOptions = []
    ) throws -> [MatchedField] {
        guard let raw = RawHit(hit) else { return [] }
        var text = text
        return try text.withUTF8 { text in
            try Self.pack(given) { packed in
                try put(
                    user: user, session: session, only: nil, except: [],
                    {
                        $0.options = options
                        $0.text = text
                        $0.similarTo = packed
                    }
                ) { question in
                    try matchedFields(raw, of: question) { fields in
                        fields.map { field in
                            MatchedField(
                                name: field.name.text, share: field.share, words: Int(field.words))
                        }
                    }
                }
            }
        }
    }

    /// Why the ranker gave a hit its score (TreeSHAP): what each feature adds to it. Ask with what the hit was asked
    /// with, for ranks depend on all that was proposed. Nil for hits that the ranker did not order. Throws
    /// `invalidArgument` if the question does not have this hit. O(cost of the question + trees x leaves x depth²).
    public func rankingReasons(
        of hit: Hit, text: String = "", user: String? = nil, session: [SessionEvent] = [], only: [String]? = nil,
        except: [String] = [], filter: String = "", live: [String: [String: Double]] = [:], time: Int64? = nil,
        device: String = "", options: QueryOptions = []
    ) throws -> RankingReasons? {
        guard let raw = RawHit(hit) else { return nil }
        var (text, device) = (text, device)
        return try text.withUTF8 { text in
            try device.withUTF8 { device in
                try put(
                    user: user, session: session, only: only, except: except,
                    {
                        $0.options = options
                        $0.text = text
                        $0.time = time
                        $0.device = device
                    }
                ) { question in
                    try Wishes(filter, "", live).put(into: question) { question in
                        guard let parts = try contributions(raw, of: question) else { return nil }
                        return RankingReasons(
                            expected: parts.expected,
                            features: parts.features.map {
                                .init(name: $0.name.text, value: $0.value, contribution: $0.contribution)
                            })
                    }
                }
            }
        }
    }

    private func ask(
        user: String?, session: [SessionEvent], only: [String]?, except: [String], _ wishes: Wishes,
        candidates: [String] = [], room: Int, _ fill: (inout Question) -> Void
    ) throws -> [Hit] {
        guard room > 0 else { return [] }
        return try put(user: user, session: session, only: only, except: except, fill) { question in
            try wishes.put(into: question) { try hits($0, candidates, room: room) }
        }
    }

    /// A question's expressions and live values, as Swift has them.
    private struct Wishes {
        var filter: String
        var boost: String
        let live: [String: [String: Double]]
        let diversity: Float
        let caps: [String]

        init(
            _ filter: String, _ boost: String, _ live: [String: [String: Double]], _ diversity: Float = 0,
            _ caps: [String: Int] = [:]
        ) {
            (self.filter, self.boost, self.live) = (filter, boost, live)
            self.diversity = diversity
            self.caps = caps.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        }

        func put<Result>(into question: Question, _ body: (Question) throws -> Result) throws -> Result {
            guard diversity >= 0, diversity <= 1 else {
                throw RecoError(.invalidArgument, "diversity is \(diversity), which is not between 0 and 1")
            }
            var question = question
            question.diversity = diversity
            return try Model.pack(caps) { caps in
                question.caps = caps
                return try putExpressions(into: question, body)
            }
        }

        private func putExpressions<Result>(into question: Question, _ body: (Question) throws -> Result) throws
            -> Result
        {
            if filter.isEmpty, boost.isEmpty, live.isEmpty { return try body(question) }
            var (filter, boost, question) = (filter, boost, question)
            return try filter.withUTF8 { filter in
                try boost.withUTF8 { boost in
                    question.filter = filter
                    question.boost = boost
                    return try put(live.map { ($0.key, Array($0.value)) }[...], []) {
                        try $0.withUnsafeBufferPointer {
                            question.live = $0
                            return try body(question)
                        }
                    }
                }
            }
        }

        /// Packs one name after the other.
        private func put<Result>(
            _ rest: ArraySlice<(String, [(key: String, value: Double)])>, _ packed: [LiveValues],
            _ body: ([LiveValues]) throws -> Result
        ) throws -> Result {
            guard let (first, values) = rest.first else { return try body(packed) }
            var name = first
            return try name.withUTF8 { name in
                try Model.pack(values.map(\.key)) { items in
                    try values.map(\.value).withUnsafeBufferPointer {
                        try put(
                            rest.dropFirst(), packed + [LiveValues(name: name, items: items, values: $0)], body)
                    }
                }
            }
        }
    }

    /// Packs a question and hands it to `body`.
    func put<Result>(
        user: String?, session: [SessionEvent], only: [String]?, except: [String], _ fill: (inout Question) -> Void,
        _ body: (Question) throws -> Result
    ) throws -> Result {
        let kinds = session.map(\.kind)
        let ages = session.map(\.secondsAgo)
        var user = user ?? ""
        return try user.withUTF8 { user in
            try Self.pack(session.map(\.item)) { sessionItems in
                try Self.pack(only ?? []) { allowed in
                    try Self.pack(except) { denied in
                        try kinds.withUnsafeBufferPointer { kinds in
                            try ages.withUnsafeBufferPointer { ages in
                                var question = Question()
                                question.user = user
                                question.session = sessionItems
                                question.sessionKinds = kinds
                                question.sessionAges = ages
                                question.allow = only == nil ? nil : allowed
                                question.deny = denied
                                fill(&question)
                                return try body(question)
                            }
                        }
                    }
                }
            }
        }
    }

    private func hits(_ question: Question, _ candidates: [String], room: Int) throws -> [Hit] {
        try withUnsafeTemporaryAllocation(of: RawHit.self, capacity: room) { memory in
            let count = try answer(question, into: memory)
            return memory[0..<count].map { hit in
                let known = hit.row != RawHit.none
                return Hit(
                    id: known ? items.id(of: Int(hit.row)) : candidates[Int(hit.position)],
                    row: known ? Int(hit.row) : nil, score: hit.score, source: SourceCode(rawValue: hit.source),
                    rung: Rung(rawValue: hit.rung) ?? .none)
            }
        }
    }

    /// Ids as packed text; an id that holds NUL cannot be in a model and is left out.
    fileprivate static func pack<Result>(_ ids: [String], _ body: (PackedTexts) throws -> Result) throws -> Result {
        var bytes: [UInt8] = []
        for id in ids {
            if !id.utf8.contains(0) { bytes.append(contentsOf: id.utf8) }
            bytes.append(0)
        }
        return try bytes.withUnsafeBufferPointer { try body(PackedTexts($0)) }
    }
}
