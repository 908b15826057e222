/// A model that finds items by the words that they share with a text or with other items.
///
/// A type says how it weighs terms; reading texts, searching with pruning, and items as queries are here.
protocol WordModel: TrainableModel, TextSource {
    associatedtype Weighting: PostingWeighting

    var words: WordIndex { get }
    var weighting: Weighting { get }

    /// What an impact of 1 scores, for each term: replaces how often it was said. `isItem`: the terms are an item's.
    func weigh(_ terms: UnsafeMutableBufferPointer<QueryTerm>, isItem: Bool)
}

extension WordModel {
    static var needsEvents: Bool { false }
    static var matching: TextMatching { .words }

    // MARK: Texts

    func search(_ text: TextQuery, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let documents = documents(for: text, using: scratch) else { return false }
        var found = documents
        found.search(into: &selection)
        return true
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let documents = documents(for: text, using: scratch) else { return false }
        return score(rows, documents, using: scratch, into: scores)
    }

    private func documents(for text: TextQuery, using scratch: Scratch) -> TopDocuments<Weighting>? {
        guard var terms = QueryTerms(scratch, .question) else { return nil }
        words.read(text, using: scratch, into: &terms)
        weigh(terms.elements, isItem: text.isItem)
        if text.isItem { terms.keepHeaviest(WordIndex.termsOfItem, using: scratch) }
        return TopDocuments(terms.elements, in: words.index, weighting: weighting, using: scratch)
    }

    /// The fields of an item that share words with a text, by name: why it was found.
    func fieldsMatched(by text: TextQuery, in row: UInt32, using scratch: Scratch) -> [String] {
        guard var documents = documents(for: text, using: scratch) else { return [] }
        var all: UInt64 = 0
        documents.codes(of: row) { all |= words.index.frequencies[Int($0)] }
        return words.fields.fields.enumerated().filter { all &>> UInt64(8 &* $0.offset) & 0xFF != 0 }.map(\.element.name)
    }

    // MARK: Items

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard var documents = documents(for: profile, using: scratch) else { return false }
        documents.search(into: &selection)
        return true
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let documents = documents(for: profile, using: scratch) else { return false }
        return score(rows, documents, using: scratch, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        guard var terms = QueryTerms(scratch, .question) else { return false }
        for item in items.prefix(WordIndex.itemsOfProfile) { add(item, weight: 1, to: &terms, using: scratch) }
        guard var documents = TopDocuments(terms.elements, in: words.index, weighting: weighting, using: scratch) else {
            return false
        }
        documents.search(into: &selection)
        return true
    }

    /// What the latest items of a profile share, each as much as its event is worth.
    private func documents(for profile: Profile, using scratch: Scratch) -> TopDocuments<Weighting>? {
        guard var terms = QueryTerms(scratch, .question) else { return nil }
        var left = WordIndex.itemsOfProfile
        for event in profile.events.reversed() where left > 0 && event.weight > 0 {
            add(event.item, weight: event.weight, to: &terms, using: scratch)
            left &-= 1
        }
        return TopDocuments(terms.elements, in: words.index, weighting: weighting, using: scratch)
    }

    /// Adds an item's heaviest terms, weighed, times `weight`.
    private func add(_ item: UInt32, weight: Float, to terms: inout QueryTerms, using scratch: Scratch) {
        guard var own = QueryTerms(scratch, .item) else { return }
        words.read(item: Int(item), using: scratch, into: &own)
        weigh(own.elements, isItem: true)
        own.keepHeaviest(WordIndex.termsOfItem, using: scratch)
        for term in own.elements {
            var term = term
            term.weight *= weight
            terms.add(term)
        }
    }

    private func score(
        _ rows: UnsafeBufferPointer<UInt32>, _ documents: TopDocuments<Weighting>, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let order = scratch.rows(.order, rows.count) else { return false }
        for i in 0..<rows.count { order[i] = UInt32(truncatingIfNeeded: i) }
        var sorted = UnsafeMutableBufferPointer(start: order, count: rows.count)
        sorted.sort { rows[Int($0)] < rows[Int($1)] }
        var found = documents
        found.score(rows, order: order, into: scores)
        return true
    }
}

/// The settings that models of words share, and what they are trained from.
struct WordTraining {
    let collected: CollectedTerms
    let analysis: TextAnalysis
    let fields: ContentFields

    static let languages = ["auto"] + Language.allCases.map { $0.name.description }

    static func hyperparameters(fields: String, b: Bool) -> [Hyperparameter] {
        [
            Hyperparameter(
                "fields", .text("name=weight\(b ? "[:b]" : "") of at most 8 fields, joined by commas"), default: fields,
                "which attributes are searched, and what a word in each counts; those that a shop does not have are "
                    + "passed over"),
            Hyperparameter(
                "language", .choice(languages), default: "auto",
                "whose endings come off words and whose little words are left out; auto: guessed from the texts"),
            Hyperparameter(
                "analysis", .choice(["product", "plain"]), default: "product",
                "how texts become words: for shops, or as scikit-learn does it, for comparisons"),
        ]
    }

    init(_ data: TrainingData, settings: Settings, b: Double, run: TrainingRun) throws {
        let rowCount = data.log.items.count
        fields = try ContentFields(settings.text("fields"), b: b).resolved(data.catalog, rowCount: rowCount)
        let texts = fields.fields.map { field in
            field.attributes.compactMap { name in data.catalog.attributes.first { $0.name == name } }
                .map { AttributeTexts($0, rowCount: rowCount) }
        }
        var analysis = TextAnalysis()
        if settings.text("analysis") == "plain" {
            analysis.style = .plain
        } else if let language = Language(named: settings.text("language")) {
            analysis.language = language
        } else {
            analysis.language = Self.guess(texts, rowCount: rowCount)
        }
        self.analysis = analysis
        collected = try CollectedTerms(rowCount: rowCount, fields: texts, analysis: analysis, run: run)
    }

    /// Looks at some thousand items, spread over the catalogue.
    private static func guess(_ texts: [[AttributeTexts]], rowCount: Int) -> Language {
        var guess = LanguageGuess()
        for row in stride(from: 0, to: rowCount, by: max(1, rowCount / 4000)) {
            for text in texts.joined() { text.withText(row) { guess.add($0) } }
        }
        return guess.language
    }

    /// What `data`'s searches teach, in the terms of the index.
    func synonyms(_ data: TrainingData, _ index: InvertedIndex) -> Synonyms {
        let choices = data.searches.choices(among: data.log.items)
        guard !choices.isEmpty else { return .none }
        let analyzer = TextAnalyzer(analysis)
        var terms: [UInt32: [UInt32]] = [:]
        for choice in choices { terms[choice.item] = [] }
        for term in collected.terms.indices {
            for document in collected.documents[collected.starts[term]..<collected.starts[term + 1]] {
                terms[document]?.append(UInt32(term))
            }
        }
        return Synonyms.learn(
            choices,
            words: { number in
                var words: [[UInt8]] = []
                var text = data.searches.text(number)
                text.withUTF8 { analyzer.words($0) { if let term = analyzer.term(of: $0) { words.append(Array(term)) } } }
                return words
            },
            term: { word in word.withUnsafeBufferPointer { index.vocabulary.find($0)?.term } },
            termsOfItem: { terms[$0] ?? [] },
            share: {
                Float(collected.starts[Int($0) + 1] - collected.starts[Int($0)]) / Float(max(1, collected.rowCount))
            })
    }
}
