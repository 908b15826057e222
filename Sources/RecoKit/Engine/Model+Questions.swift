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
    public func recommend(
        user: String? = nil, session: [SessionEvent] = [], limit: Int = 10, only: [String]? = nil,
        except: [String] = [], options: QueryOptions = []
    ) throws -> [Hit] {
        try ask(
            user: user, session: session, only: only, except: except, room: min(limit, items.count)
        ) {
            $0.options = options
            $0.limit = limit
        }
    }

    /// Items similar to all of the given ones together.
    public func similar(
        to given: [String], user: String? = nil, limit: Int = 10, only: [String]? = nil, except: [String] = [],
        options: QueryOptions = []
    ) throws -> [Hit] {
        try Self.pack(given) { packed in
            try ask(user: user, session: [], only: only, except: except, room: min(limit, items.count)) {
                $0.options = options
                $0.limit = limit
                $0.similarTo = packed
            }
        }
    }

    /// The given items in order of preference; unknown ones come last.
    public func rank(
        _ candidates: [String], user: String? = nil, session: [SessionEvent] = [], options: QueryOptions = []
    ) throws -> [Hit] {
        try Self.pack(candidates) { packed in
            try ask(
                user: user, session: session, only: nil, except: [], candidates: candidates, room: candidates.count
            ) {
                $0.options = options
                $0.candidates = packed
            }
        }
    }

    private func ask(
        user: String?, session: [SessionEvent], only: [String]?, except: [String], candidates: [String] = [],
        room: Int, _ fill: (inout Question) -> Void
    ) throws -> [Hit] {
        guard room > 0 else { return [] }
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
                                return try hits(question, candidates, room: room)
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
    private static func pack<Result>(_ ids: [String], _ body: (PackedTexts) throws -> Result) throws -> Result {
        var bytes: [UInt8] = []
        for id in ids {
            if !id.utf8.contains(0) { bytes.append(contentsOf: id.utf8) }
            bytes.append(0)
        }
        return try bytes.withUnsafeBufferPointer { try body(PackedTexts($0)) }
    }
}
