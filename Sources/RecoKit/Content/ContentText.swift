/// What a model of content reads: how text is analysed, and which attributes of the catalogue are its fields.
struct ContentText: Sendable {
    let analysis: TextAnalysis
    let fields: ContentFields
    /// The attributes of each field, and the catalogue that they are in; none before there is a file.
    private let catalog: CatalogIndex?
    private let attributes: [[CatalogIndex.Attribute]]
    /// How many pieces of the catalogue's text were not valid UTF-8 and count as U+FFFD.
    let replacedCount: Int

    /// An item's own text is read up to here, in each attribute.
    static let maximumItemText = 4096  // bytes

    static let hyperparameters = [
        Hyperparameter(
            "fields", .text("name=weight[:b],..."), default: ContentFields.usual,
            "which attributes are searched, and what a word in each counts; names have synonyms"),
        Hyperparameter(
            "analysis", .choice(["product", "plain"]), default: "product",
            "product: accents, units, codes, stop words, stems; plain: words in lower case, as scikit-learn's"),
        Hyperparameter(
            "language", .choice(["auto"] + Language.allCases.map { $0.name.description }), default: "auto",
            "whose stop words and endings are left out; auto: as the texts look"),
    ]

    /// Reads the catalogue as the settings say. `b` is for fields that do not name their own.
    static func collect(_ data: TrainingData, settings: Settings, b: Double, run: TrainingRun) throws
        -> (text: ContentText, terms: CollectedTerms)
    {
        let rowCount = data.log.items.count
        let setting = settings.text("fields")
        let fields = try ContentFields(setting, b: b).resolved(data.catalog, isUsual: setting == ContentFields.usual)
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
            analysis.language = guess(texts, rowCount: rowCount)
        }
        let terms = try CollectedTerms(rowCount: rowCount, fields: texts, analysis: analysis, run: run)
        guard !terms.terms.isEmpty else {
            let names = fields.fields.flatMap(\.attributes).joined(separator: ", ")
            throw RecoError(.badData, "there are no words in \(names)")
        }
        let text = ContentText(
            analysis: analysis, fields: fields, catalog: nil, attributes: [], replacedCount: terms.replacedCount)
        return (text, terms)
    }

    /// The language of a few thousand products, from the whole length of the catalogue.
    private static func guess(_ texts: [[AttributeTexts]], rowCount: Int) -> Language {
        var guess = LanguageGuess()
        for row in stride(from: 0, to: rowCount, by: max(1, rowCount / 4000)) {
            for texts in texts.joined() {
                texts.withText(row) { guess.add(UnsafeBufferPointer(rebasing: $0.prefix(maximumItemText))) }
            }
        }
        return guess.language
    }

    private init(
        analysis: TextAnalysis, fields: ContentFields, catalog: CatalogIndex?, attributes: [[CatalogIndex.Attribute]],
        replacedCount: Int
    ) {
        self.analysis = analysis
        self.fields = fields
        self.catalog = catalog
        self.attributes = attributes
        self.replacedCount = replacedCount
    }

    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/analysis", [UInt32(analysis.style.rawValue), UInt32(analysis.language.rawValue)])
        try writer.add("\(name)/fields", text: fields.lines)
        try writer.add("\(name)/replaced", [UInt64(replacedCount)])
    }

    init(_ file: ModelFile, name: String) throws {
        guard let numbers: Column<UInt32> = file.column("\(name)/analysis"), numbers.count == 2,
            let style = TextAnalysis.Style(rawValue: UInt8(truncatingIfNeeded: numbers[0])),
            let language = Language(rawValue: UInt8(truncatingIfNeeded: numbers[1])),
            let lines = file.text("\(name)/fields"), let fields = ContentFields(lines: lines),
            let replaced: Column<UInt64> = file.column("\(name)/replaced"), replaced.count == 1
        else { throw RecoError(.damaged, "the model's \(name) sections do not say how it reads text") }
        let catalog = try CatalogIndex(file, prefix: "items")
        self.init(
            analysis: TextAnalysis(style: style, language: language), fields: fields, catalog: catalog,
            attributes: fields.fields.map { $0.attributes.compactMap { catalog.attribute(named: $0) } },
            replacedCount: Int(clamping: replaced[0]))
    }

    /// Adds the terms of an item's own text, each as often as it is there, times the weight of its field. O(bytes).
    func read(item row: Int, in vocabulary: Vocabulary, using analyzer: TextAnalyzer, into terms: inout QueryTerms) {
        guard let catalog else { return }
        for (field, attributes) in attributes.enumerated() {
            let weight = Float(fields.fields[field].weight)
            for attribute in attributes {
                catalog.append(attribute, row: row) {
                    Self.read($0, weight: weight, in: vocabulary, using: analyzer, into: &terms)
                }
            }
        }
    }

    /// Adds the terms of a text, each as often as it is there, times `weight`.
    static func read(
        _ text: UnsafeBufferPointer<UInt8>, weight: Float, in vocabulary: Vocabulary, using analyzer: TextAnalyzer,
        into terms: inout QueryTerms
    ) {
        analyzer.words(UnsafeBufferPointer(rebasing: text.prefix(maximumItemText))) { word in
            guard let term = analyzer.term(of: word), let entry = vocabulary.find(term) else { return }
            terms.add(QueryTerm(entry: entry, weight: weight, documentFrequency: Int(entry.documentFrequency)))
        }
    }
}
