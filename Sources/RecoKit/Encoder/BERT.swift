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

    static let hyperparameters = [
        Hyperparameter(
            "fields", .text("attributes of items, joined by commas"), default: "title,brand,category,description",
            "which attributes make an item's text, in this order; those that a shop does not have are passed over")
    ]

    let encoder: SentenceEncoder
    let vectors: TextVectors

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> BERT {
        guard let file = data.encoder else {
            throw RecoError(
                .invalidArgument, "it needs a sentence encoder: set encoder to the file that `reco import bert` wrote")
        }
        guard let encoder = try SentenceEncoder(file) else {
            throw RecoError(.badData, "the file that encoder names holds no sentence encoder")
        }
        let itemCount = data.log.items.count
        let names = settings.text("fields").split(separator: ",").map { $0.filter { $0 != " " } }
        guard !names.isEmpty else { throw RecoError(.invalidArgument, "fields names no attribute") }
        let fields = names.compactMap { name in data.catalog.attributes.first { $0.name == name } }
            .map { (values: $0.values, latest: $0.latest(itemCount)) }
        let vectors = try encoder.encodeAll(itemCount, run: run, phase: "encoding texts") { item in
            var text: [UInt8] = []
            for field in fields where field.latest[item] >= 0 {
                if !text.isEmpty { text.append(UInt8(ascii: " ")) }
                text += field.values[field.latest[item]]
            }
            return text
        }
        return BERT(encoder: encoder, vectors: TextVectors(vectors, dimension: encoder.dimension))
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
        guard let sum = scratch.floats(.vector, vectors.width) else { return false }
        sum.update(repeating: 0, count: vectors.width)
        for item in items { vectors.add(item, times: 1, to: sum) }
        guard vectors.normalize(sum) else { return false }
        return vectors.propose(sum, using: scratch, to: &selection)
    }

    /// The direction in which the items of a profile lie, those with more weight counting more; nil if no text of theirs
    /// says anything.
    private func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        guard let sum = scratch.floats(.vector, vectors.width) else { return nil }
        sum.update(repeating: 0, count: vectors.width)
        for event in profile.events where event.weight > 0 { vectors.add(event.item, times: event.weight, to: sum) }
        return vectors.normalize(sum) ? UnsafePointer(sum) : nil
    }
}

extension BERT {
    func write(to writer: ModelWriter) throws {
        try encoder.write(to: writer)
        try writer.add("bert/vectors", vectors.bytes.elements)
        try writer.add("bert/scales", vectors.scales.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("bert/vectors") else { return nil }
        guard let encoder = try SentenceEncoder(file) else {
            throw RecoError(.damaged, "the model's bert has no encoder")
        }
        guard let bytes = file.column("bert/vectors", as: UInt8.self),
            let scales = file.column("bert/scales", as: Float.self), scales.count == itemCount,
            let vectors = TextVectors(bytes: bytes, scales: scales, dimension: encoder.dimension)
        else { throw RecoError(.damaged, "the model's bert vectors do not fit its items") }
        self.init(encoder: encoder, vectors: vectors)
    }
}
