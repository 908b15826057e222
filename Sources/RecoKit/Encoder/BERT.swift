/// Items by what their texts mean: a sentence encoder's vectors, compared by cosine.
///
/// Every item's text is encoded once, at training; a visitor's words are encoded within the request and compared with
/// all items, exactly. New items have a vector as soon as they have a text, so nothing needs to have been bought.
/// The encoder is not trained here: `reco import bert` takes it over. O(items dimension) per question, and the encoder's
/// own time for words.
struct BERT: TrainableModel, TextSource {
    static let name = "bert"
    static let summary = "a sentence encoder: what items' texts and visitors' words mean"
    static let code = SourceCode.bert
    static let needsEvents = false
    static let matching = TextMatching.meaning

    /// Chosen on the judged queries of the ESCI sample by cross-validation: brand and colour where the title lacks them,
    /// and half as much again of what a longer text says, gained 3 % of NDCG@10 over titles.
    static let hyperparameters = [
        Hyperparameter(
            "fields", .text("attributes of items, joined by commas"), default: ItemTexts.usual,
            "which attributes make an item's headline, in this order; names have synonyms"),
        Hyperparameter(
            "details", .text("attributes of items, joined by commas"), default: ItemTexts.usualDetails,
            "longer texts: the first of them that an item has is encoded apart from the headline; names have synonyms"),
        Hyperparameter(
            "details-weight", .number(0...1), default: "0.5",
            "what the longer text counts beside the headline; 0: it is not read, and training takes a quarter of the time"
        ),
        Hyperparameter(
            "share", .flag, default: "no",
            "the model names the encoder's file, which several can share and which has to stay, rather than holding a copy"
        ),
    ]

    /// Longer headlines than this say little more.
    private static let headlineTokens = 64
    private static let detailsTokens = 128

    let encoder: SentenceEncoder
    let vectors: TextVectors
    /// The encoder's file where the model does not hold it.
    private var shared: SharedEncoder?

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> BERT {
        guard let file = data.encoder else {
            throw RecoError(
                .invalidArgument, "it needs a sentence encoder: set encoder to the file that `reco import bert` wrote")
        }
        guard let encoder = try SentenceEncoder(file) else {
            throw RecoError(.badData, "the file that encoder names holds no sentence encoder")
        }
        let itemCount = data.log.items.count
        let texts = try ItemTexts(
            data.catalog, fields: settings.text("fields"), details: settings.text("details"), itemCount: itemCount)
        guard !texts.isEmpty else {
            let known = data.catalog.attributes.map(\.name).joined(separator: ", ")
            throw RecoError(
                .badData,
                "items have no text: none of \(settings.text("fields")) is among the attributes that have values"
                    + (known.isEmpty ? "" : "; there are \(known)"))
        }
        var vectors = try encoder.encodeAll(
            itemCount, longest: headlineTokens, run: run, phase: "encoding headlines", texts.headline)
        let weight = Float(settings.number("details-weight"))
        if weight > 0, texts.hasDetails {
            let details = try encoder.encodeAll(
                itemCount, longest: detailsTokens, run: run, phase: "encoding details", texts.details)
            for place in vectors.indices { vectors[place] += weight * details[place] }
            vectors.withUnsafeMutableBufferPointer { vectors in
                for start in stride(from: 0, to: vectors.count, by: encoder.dimension) {
                    _ = TextVectors.normalize(&vectors[start], encoder.dimension)  // zeros stay: an item without text
                }
            }
        }
        let rows = vectors.withUnsafeBufferPointer { ByteVectors($0, dimension: encoder.dimension) }
        return BERT(
            encoder: encoder, vectors: TextVectors(rows: rows),
            shared: settings.flag("share") ? try SharedEncoder(file) : nil)
    }

    // MARK: Words

    func search(_ text: TextQuery, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let vector = vector(of: text, using: scratch) else { return false }
        return vectors.propose(vector, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let vector = vector(of: text, using: scratch) else { return false }
        return vectors.score(rows, vector, using: scratch, into: scores)
    }

    /// Half of the examples' mean goes into the text's vector (Rocchio 1971).
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, like examples: UnsafeBufferPointer<UInt32>,
        using scratch: Scratch, into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let vector = vector(of: text, using: scratch) else { return false }
        let share = 0.5 / Float(max(examples.count, 1))
        let moved = vectors.direction(using: scratch) { sum in
            for k in 0..<encoder.dimension { sum[k] = vector[k] }
            for item in examples { vectors.add(item, times: share, to: sum) }
        }
        guard let moved else { return false }
        return vectors.score(rows, moved, using: scratch, into: scores)
    }

    private func vector(of text: TextQuery, using scratch: Scratch) -> UnsafePointer<Float>? {
        scratch.encoded(text.bytes, dimension: encoder.dimension) {
            encoder.encode(text.bytes, using: scratch, into: $0)
        }
    }

    // MARK: Items

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let vector = vector(of: profile, using: scratch) else { return false }
        return vectors.propose(vector, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let vector = vector(of: profile, using: scratch) else { return false }
        return vectors.score(rows, vector, using: scratch, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        let together = vectors.direction(using: scratch) { sum in
            for item in items { vectors.add(item, times: 1, to: sum) }
        }
        guard let together else { return false }
        return vectors.propose(together, using: scratch, to: &selection)
    }

    /// The direction in which the items of a profile lie, those with more weight counting more; nil if no text of theirs
    /// says anything.
    private func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        vectors.direction(using: scratch) { sum in
            for event in profile.events where event.weight > 0 { vectors.add(event.item, times: event.weight, to: sum) }
        }
    }
}

extension BERT {
    func write(to writer: ModelWriter) throws {
        if let shared { try shared.write(to: writer) } else { try encoder.write(to: writer) }
        try writer.add("bert/vectors", vectors.rows.bytes.elements)
        try writer.add("bert/scales", vectors.rows.scales.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("bert/vectors") else { return nil }
        let shared = try SharedEncoder(named: file)
        guard let encoder = try shared?.open(for: file) ?? SentenceEncoder(file) else {
            throw RecoError(.damaged, "the model's bert has no encoder")
        }
        guard let bytes = file.column("bert/vectors", as: UInt8.self),
            let scales = file.column("bert/scales", as: Float.self), scales.count == itemCount,
            let rows = ByteVectors(bytes: bytes, scales: scales, dimension: encoder.dimension)
        else { throw RecoError(.damaged, "the model's bert vectors do not fit its items") }
        self.init(encoder: encoder, vectors: TextVectors(rows: rows), shared: shared)
    }
}
