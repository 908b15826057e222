/// What the models of words share: how text is read, the index of it, synonyms, and the catalogue's own texts.
struct WordIndex: Sendable {
    let analysis: TextAnalysis
    let fields: ContentFields
    let index: InvertedIndex
    let lengths: DocumentLengths
    let synonyms: Synonyms
    /// The attributes of each field, for reading an item's text again; empty until the file has been written.
    private let texts: [[CatalogIndex.Attribute]]  // (fields)
    private let catalog: CatalogIndex?

    init(
        analysis: TextAnalysis, fields: ContentFields, index: InvertedIndex, lengths: DocumentLengths, synonyms: Synonyms
    ) {
        (self.analysis, self.fields, self.index, self.lengths) = (analysis, fields, index, lengths)
        (self.synonyms, texts, catalog) = (synonyms, [], nil)
    }

    /// More of a query than this is not read, and of an item's field.
    static let longestText = 16 << 10  // bytes
    /// An item is compared by so many of its terms, the heaviest.
    static let termsOfItem = 32
    /// Items of a profile that are looked at, the latest.
    static let itemsOfProfile = 16
    /// Terms that an unfinished word may become, the most frequent, and how many are looked through for them.
    private static let endings = 12
    private static let endingsSeen = 20_000
    /// What a word counts that was not typed to its end.
    private static let endingFactor: Float = 0.5

    // MARK: Words of a query

    /// Adds the terms that a text asks for, each with how often it does.
    func read(_ text: TextQuery, using scratch: Scratch, into terms: inout QueryTerms) {
        let bytes = text.bytes.count > Self.longestText
            ? UnsafeBufferPointer(rebasing: text.bytes[..<Self.longestText]) : text.bytes
        let analyzer = scratch.analyzer(analysis)
        // The last word is unfinished where nothing ends it.
        var unfinished = -1
        if text.isPrefix, let last = bytes.last, last > 0x20 {
            analyzer.words(bytes) { unfinished = $0.place }
        }
        var found = terms
        analyzer.words(bytes) { word in
            if word.place == unfinished, word.form == .whole, begin(analyzer.folded(word), into: &found) { return }
            guard let term = analyzer.term(of: word) else { return }
            if let entry = index.vocabulary.find(term) {
                found.add(QueryTerm(entry: entry, weight: 1, documentFrequency: Int(entry.documentFrequency)))
            } else if text.isItem {
                return
            } else if synonyms.has(term) {
                // Known by what people chose: no mistake.
            } else if word.form == .whole, !word.hasDigits {
                Corrections(index).forEach(of: term) {
                    found.add(QueryTerm(entry: $0, weight: 1, documentFrequency: Int($0.documentFrequency)))
                }
            }
            if !text.isItem { addSynonyms(of: term, to: &found) }
        }
        terms = found
    }

    private func addSynonyms(of word: UnsafeBufferPointer<UInt8>, to terms: inout QueryTerms) {
        guard !synonyms.isEmpty else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Vocabulary.Reader.bufferSize) { buffer in
            var reader = Vocabulary.Reader(index.vocabulary, buffer)
            synonyms.forEach(of: word) { term, weight in
                guard let entry = reader.entry(of: term) else { return }
                terms.add(
                    QueryTerm(
                        entry: entry, weight: 1, documentFrequency: Int(entry.documentFrequency), factor: weight))
            }
        }
    }

    /// Adds the terms that a word may become; false if there are none.
    private func begin(_ start: UnsafeBufferPointer<UInt8>, into terms: inout QueryTerms) -> Bool {
        guard !start.isEmpty else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Vocabulary.Reader.bufferSize) { buffer in
            withUnsafeTemporaryAllocation(of: Vocabulary.Entry.self, capacity: Self.endings) { best in
                var reader = Vocabulary.Reader(index.vocabulary, buffer)
                guard reader.seek(to: start) else { return false }
                var (count, seen, documents) = (0, 0, 0)
                var whole: Vocabulary.Entry?
                repeat {
                    let term = reader.term
                    guard term.count >= start.count, sameBytes(UnsafeBufferPointer(rebasing: term[..<start.count]), start)
                    else { break }
                    let entry = reader.entry
                    documents &+= Int(entry.documentFrequency)
                    seen &+= 1
                    if term.count == start.count {
                        whole = entry
                        continue
                    }
                    if count == Self.endings {
                        if best[count &- 1].documentFrequency >= entry.documentFrequency { continue }
                    } else {
                        count &+= 1
                    }
                    var at = count &- 1
                    while at > 0, best[at &- 1].documentFrequency < entry.documentFrequency {
                        best[at] = best[at &- 1]
                        at &-= 1
                    }
                    best[at] = entry
                } while seen < Self.endingsSeen && reader.next()
                documents = min(documents, index.rowCount)
                if let whole { terms.add(QueryTerm(entry: whole, weight: 1, documentFrequency: documents)) }
                for entry in best[..<count] {
                    terms.add(
                        QueryTerm(
                            entry: entry, weight: 1, documentFrequency: documents, factor: Self.endingFactor))
                }
                return count > 0 || whole != nil
            }
        }
    }

    // MARK: Words of an item

    /// Adds the terms of an item's text, each with its weighted number. O(bytes of the text).
    func read(item: Int, using scratch: Scratch, into terms: inout QueryTerms) {
        guard let catalog else { return }
        let analyzer = scratch.analyzer(analysis)
        var found = terms
        for (field, attributes) in zip(fields.fields, texts) {
            for attribute in attributes {
                catalog.append(attribute, row: item) { bytes in
                    let bytes = bytes.count > Self.longestText
                        ? UnsafeBufferPointer(rebasing: bytes[..<Self.longestText]) : bytes
                    analyzer.words(bytes) { word in
                        guard let term = analyzer.term(of: word), let entry = index.vocabulary.find(term) else { return }
                        found.add(
                            QueryTerm(
                                entry: entry, weight: Float(field.weight),
                                documentFrequency: Int(entry.documentFrequency)))
                    }
                }
            }
        }
        terms = found
    }
}

extension WordIndex {
    func write(to writer: ModelWriter, name: String) throws {
        try index.write(to: writer, name: name)
        try writer.add("\(name)/length-widths", lengths.widths.elements)
        try writer.add("\(name)/lengths", lengths.bytes.elements)
        try writer.add("\(name)/fields", text: fields.lines)
        try writer.add("\(name)/analysis", [analysis.style.rawValue, analysis.language.rawValue])
        try synonyms.write(to: writer, prefix: name)
    }

    /// Nil if the file holds no words of this name.
    init?(_ file: ModelFile, name: String, itemCount: Int) throws {
        guard let index = try InvertedIndex(file, name: name, rowCount: itemCount) else { return nil }
        guard let analysis = file.column("\(name)/analysis", as: UInt8.self),
            let style = TextAnalysis.Style(rawValue: analysis[0]), let language = Language(rawValue: analysis[1]),
            let fields = ContentFields(lines: file.text("\(name)/fields") ?? ""),
            let widths = file.column("\(name)/length-widths", as: UInt8.self), widths.count == fields.fields.count,
            let lengths = DocumentLengths(
                widths: widths, bytes: file.column("\(name)/lengths", as: UInt8.self) ?? .empty, rowCount: itemCount)
        else { throw RecoError(.damaged, "the model's \(name) sections do not fit each other") }
        self.analysis = TextAnalysis(style: style, language: language)
        self.fields = fields
        self.index = index
        self.lengths = lengths
        synonyms = try Synonyms(file, prefix: name)
        let catalog = try CatalogIndex(file, prefix: "items")
        texts = fields.fields.map { $0.attributes.compactMap { catalog.attribute(named: $0) } }
        self.catalog = catalog
    }
}
