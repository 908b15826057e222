/// A trained model that answers questions: an immutable snapshot over one file, shared by any number of threads.
///
///     let model = try Model.open("shop.reco")
///     for hit in try model.recommend(user: "42", limit: 5) { print(hit.id, hit.score, hit.source) }
///
/// Opening reads the header, the table of sections and the description; the payload is read in place when a question
/// needs it. Answering starts no thread, takes no lock and allocates nothing that stays.
public final class Model: Sendable {
    public let file: ModelFile
    /// What the trainer wrote down: settings, counts, version, by name.
    public let description: ModelDescription
    public let users: IDIndex
    public let items: IDIndex
    public let catalog: CatalogIndex
    let pipeline: Pipeline
    /// Which file the list of forgotten users is, if there is one.
    let forgottenList: FileIdentity?
    private let scratches: ScratchPool

    /// Opens a model file afresh; `Model.open` shares what is mapped already.
    public convenience init(path: String) throws {
        // Before the model: whoever publishes one that no longer knows them takes the list away only then.
        let forgotten = try ForgottenUsers.open(besideModel: path)
        try self.init(ModelFile(path: path), forgotten: forgotten)
    }

    /// Opens a model in memory; the bytes are copied.
    public convenience init(bytes: UnsafeRawBufferPointer) throws { try self.init(ModelFile(bytes: bytes)) }

    init(_ file: ModelFile, forgotten: ModelFile? = nil) throws {
        self.file = file
        forgottenList = forgotten?.storage.identity
        description = ModelDescription(file)
        if let part = description["holds"] {
            throw RecoError(
                .unsupported, "the file holds \(part == "encoder" ? "an encoder" : part) alone, and no model of items")
        }
        users = try IDIndex(file, prefix: "users")
        items = try IDIndex(file, prefix: "items")
        catalog = try CatalogIndex(file, prefix: "items")
        var sources: [any CandidateSource] = []
        for name in description.models where name != Popularity.name {
            guard let type = ModelCatalogue.all.first(where: { $0.name == name }) else {
                throw RecoError(.newerVersion, "the file holds a model \(name), which this version does not know")
            }
            guard let source = try type.init(file, userCount: users.count, itemCount: items.count) else {
                throw RecoError(.damaged, "the model's description names \(name), which the file does not hold")
            }
            sources.append(source)
        }
        guard let popularity = try Popularity(file, userCount: users.count, itemCount: items.count) else {
            throw RecoError(.damaged, "the file holds no popularity model")
        }
        // Behaviour says more than content, which is there for items that nobody has touched yet.
        let persons = sources.filter { type(of: $0).audience == .person }
        let personal = persons.filter { !($0 is any TextSource) } + persons.filter { $0 is any TextSource }
        // What is bought together comes last among the similar: a phone's case is not like the phone.
        let history = try History(file, userCount: users.count)
        let publicSources = sources.filter { type(of: $0).audience == .everyone }
        let alike = personal.filter { type(of: $0).code != .boughtTogether }
        let strangers: ForgottenUsers = if let forgotten { try ForgottenUsers(forgotten, among: users) } else { .none }
        pipeline = Pipeline(
            users: users, forgotten: strangers, items: items, catalog: catalog, history: history,
            kinds: try KindTable(file),
            sources: personal, publicSources: publicSources,
            similarSources: ModelCatalogue.similarity.compactMap { code in alike.first { type(of: $0).code == code } }
                + alike.filter { !ModelCatalogue.similarity.contains(type(of: $0).code) }
                + personal.filter { type(of: $0).code == .boughtTogether },
            popularity: popularity, matcher: Matcher(sources, .usual),
            ranker: try Ranker(file, personal + publicSources + [popularity], history, itemCount: items.count),
            likeness: Likeness(
                vectors: personal.lazy.compactMap { $0 as? any VectorSource }.first,
                category: catalog.category(named: Catalog.categoryNames),
                brand: catalog.category(named: Catalog.brandNames)))
        scratches = ScratchPool(itemCount: items.count)
    }

    /// Answers one question into the caller's memory and returns the number of hits.
    package func answer(_ question: Question, into hits: UnsafeMutableBufferPointer<RawHit>) throws -> Int {
        try withScratch { try pipeline.answer(question, using: $0, into: hits) }
    }

    /// Explains a hit of the answer to a question, into the caller's memory, and returns how many reasons there are.
    package func explain(_ hit: RawHit, of question: Question, into reasons: UnsafeMutableBufferPointer<RawReason>)
        throws -> Int
    {
        try withScratch { try pipeline.explain(hit, of: question, using: $0, into: reasons) }
    }

    /// Hands the fields of a hit's text that are like what was asked to `body`, the largest share first.
    package func matchedFields<Result>(
        _ hit: RawHit, of question: Question, _ body: (UnsafeBufferPointer<RawField>) throws -> Result
    ) throws -> Result {
        try withScratch { try pipeline.matchedFields(hit, of: question, using: $0, body) }
    }

    /// What each of the ranker's features adds to the score of a hit; nil for hits that it did not order.
    package func contributions(_ hit: RawHit, of question: Question) throws -> FeatureParts? {
        try withScratch { try pipeline.contributions(hit, of: question, using: $0) }
    }

    /// Lends the working memory of one question.
    func withScratch<Result>(_ body: (Scratch) throws -> Result) throws -> Result {
        guard let scratch = scratches.take() else { throw Pipeline.outOfMemory }
        defer { scratches.giveBack(scratch) }
        return try body(scratch)
    }

    /// Whether the model can answer for a user: it has seen them, and they have not been forgotten since.
    public func knows(user: String) -> Bool {
        users.row(of: user).map { !pipeline.forgotten.contains(UInt32(truncatingIfNeeded: $0)) } ?? false
    }

    /// The kinds of events the model was trained with, by code.
    public var eventKinds: [EventKind] { pipeline.kinds.kinds }

    /// The event with the latest time, in seconds since 1970, if events carry times.
    public var latestEvent: Int64? { description["latest-event"].flatMap { Int64($0) } }
}
