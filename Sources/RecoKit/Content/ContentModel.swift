/// A model of the products' text: it searches, and it finds what is like what somebody viewed.
///
/// A question is a vector of terms, and so is an item: its own text, read from the catalogue when it is asked about and
/// cut to its 32 heaviest terms, rather than a second index of the same words. The taste of a profile is the sum of its
/// items' vectors, each of length 1, weighted by what was done with the item.
protocol ContentModel: TrainableModel, TextSource {
    associatedtype Weighting: PostingWeighting

    var text: ContentText { get }
    var index: InvertedIndex { get }
    var weighting: Weighting { get }
    /// What searches have taught.
    var synonyms: Synonyms { get }

    /// The component of a question's vector for a term that it says `frequency` times.
    func questionWeight(_ frequency: Float, documentFrequency: Int) -> Float
    /// The component of an item's vector for a term that it has `frequency` times.
    func itemWeight(_ frequency: Float, documentFrequency: Int) -> Float
    /// What an impact of 1 scores for a term, before its component of the question.
    func termWeight(documentFrequency: Int) -> Float
    /// What a field has in an item's impact for a term that it says `frequency` times. Compares within one item.
    func part(of field: Int, frequency: Int, in row: Int) -> Float
    /// Whether the vector of a question is scaled to length 1.
    static var scalesQuestions: Bool { get }
}

extension ContentModel {
    static var needsEvents: Bool { false }

    /// Terms of an item, or of a profile, that are looked for.
    private static var heaviest: Int { 32 }
    /// Items of a profile that are looked at.
    private static var maximumItems: Int { 24 }

    // MARK: Questions

    func search(_ text: TextQuery, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let terms = terms(of: text, using: scratch) else { return false }
        return search(terms, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let terms = terms(of: text, using: scratch) else { return false }
        return score(rows, terms, using: scratch, into: scores)
    }

    private func terms(of text: TextQuery, using scratch: Scratch) -> QueryTerms? {
        guard var terms = QueryTerms(scratch, .question) else { return nil }
        let analyzer = scratch.analyzer(self.text.analysis)
        if text.isItem {
            ContentText.read(text.bytes, weight: 1, in: index.vocabulary, using: analyzer, into: &terms)
            return weighItem(&terms, using: scratch) ? terms : nil
        }
        QuestionReader(
            vocabulary: index.vocabulary, synonyms: synonyms, analyzer: analyzer, scratch: scratch,
            rowCount: index.rowCount
        ).read(text, into: &terms)
        var squares = 0.0
        for i in 0..<terms.count {
            let term = terms.elements[i]
            let weight = questionWeight(term.weight, documentFrequency: term.documentFrequency) * term.factor
            squares += Double(weight) * Double(weight)
            terms.elements[i].weight = weight * termWeight(documentFrequency: term.documentFrequency)
        }
        guard squares > 0 else { return nil }
        if Self.scalesQuestions {
            for i in 0..<terms.count { terms.elements[i].weight *= Float(1 / squares.squareRoot()) }
        }
        terms.keepHeaviest(TopDocuments<Weighting>.maximumTerms, using: scratch)
        return terms
    }

    // MARK: Why

    func matchedFields(of row: UInt32, for asked: ContentQuestion, using scratch: Scratch, to matches: FieldMatches) {
        let asked: QueryTerms? =
            switch asked {
            case .text(let text): terms(of: text, using: scratch)
            case .items(let items): terms(of: items, using: scratch)
            case .profile(let profile): terms(of: profile, using: scratch)
            }
        guard let asked, let documents = TopDocuments(asked, in: index, weighting: weighting, using: scratch) else {
            return
        }
        let fields = text.fields.fields
        let parts = matches.parts
        documents.explain(row) { score, codes in
            var sum: Float = 0
            for field in fields.indices { parts[field] = 0 }
            codes { code in
                let frequencies = index.frequencies[Int(code)]
                for field in fields.indices {
                    let frequency = Int(frequencies &>> UInt64(8 &* field) & 0xFF)
                    guard frequency > 0 else { continue }
                    let part = part(of: field, frequency: frequency, in: Int(row))
                    parts[field] += part
                    sum += part
                }
            }
            guard sum > 0, sum.isFinite else { return }
            for (field, name) in fields.enumerated() where parts[field] > 0 {
                matches.add(field, name.name, score * parts[field] / sum)
            }
        }
    }

    func part(of field: Int, frequency: Int, in row: Int) -> Float {
        Float(frequency) * Float(text.fields.fields[field].weight)
    }

    // MARK: Items

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let terms = terms(of: profile, using: scratch) else { return false }
        return search(terms, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let terms = terms(of: profile, using: scratch) else { return false }
        return score(rows, terms, using: scratch, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        guard let terms = terms(of: items, using: scratch) else { return false }
        return search(terms, using: scratch, to: &selection)
    }

    private func terms(of items: UnsafeBufferPointer<UInt32>, using scratch: Scratch) -> QueryTerms? {
        guard var taste = QueryTerms(scratch, .question) else { return nil }
        for item in items.prefix(Self.maximumItems) { add(item, weight: 1, to: &taste, using: scratch) }
        return finish(&taste, using: scratch) ? taste : nil
    }

    /// The session's items, the latest first, then those of the history that weigh most.
    private func terms(of profile: Profile, using scratch: Scratch) -> QueryTerms? {
        guard var taste = QueryTerms(scratch, .question) else { return nil }
        let events = profile.events
        let sessionStart = max(0, min(profile.sessionStart, events.count))
        var rest = Self.maximumItems
        for event in events[sessionStart...].reversed() where event.weight > 0 && rest > 0 {
            add(event.item, weight: event.weight, to: &taste, using: scratch)
            rest &-= 1
        }
        if rest > 0, let heap = scratch.neighbors(rest) {
            var best = Selection(heap: heap, limit: rest, itemCount: sessionStart)
            for i in 0..<sessionStart where events[i].weight > 0 {
                best.offer(UInt32(truncatingIfNeeded: i), events[i].weight)
            }
            let kept = best.finish()
            // The room of `kept` is used again for each item's terms.
            guard let places = scratch.rows(.order, kept.count) else { return nil }
            for (i, candidate) in kept.enumerated() { places[i] = candidate.row }
            for i in 0..<kept.count {
                let event = events[Int(places[i])]
                add(event.item, weight: event.weight, to: &taste, using: scratch)
            }
        }
        return finish(&taste, using: scratch) ? taste : nil
    }

    /// Adds an item's vector of length 1, times `weight`.
    private func add(_ item: UInt32, weight: Float, to taste: inout QueryTerms, using scratch: Scratch) {
        guard var terms = QueryTerms(scratch, .item) else { return }
        text.read(
            item: Int(item), in: index.vocabulary, using: scratch.analyzer(text.analysis), into: &terms)
        guard let length = weighAsItem(terms) else { return }
        terms.keepHeaviest(Self.heaviest, using: scratch)
        let scale = Float(Double(weight) / length)
        for term in terms.elements {
            var scaled = term
            scaled.weight *= scale
            taste.add(scaled)
        }
    }

    private func finish(_ taste: inout QueryTerms, using scratch: Scratch) -> Bool {
        for i in 0..<taste.count {
            taste.elements[i].weight *= termWeight(documentFrequency: taste.elements[i].documentFrequency)
        }
        taste.keepHeaviest(Self.heaviest, using: scratch)
        return taste.count > 0
    }

    /// Makes the terms of one item's text a question of length 1.
    private func weighItem(_ terms: inout QueryTerms, using scratch: Scratch) -> Bool {
        guard let length = weighAsItem(terms) else { return false }
        for i in 0..<terms.count { terms.elements[i].weight *= Float(1 / length) }
        return finish(&terms, using: scratch)
    }

    /// Turns how often an item has each term into the item's vector, and returns its length; nil if that is zero.
    private func weighAsItem(_ terms: QueryTerms) -> Double? {
        var squares = 0.0
        for i in 0..<terms.count {
            let term = terms.elements[i]
            let component = itemWeight(term.weight, documentFrequency: term.documentFrequency)
            squares += Double(component) * Double(component)
            terms.elements[i].weight = component
        }
        return squares > 0 ? squares.squareRoot() : nil
    }

    // MARK: Documents

    private func search(_ terms: QueryTerms, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let documents = TopDocuments(terms, in: index, weighting: weighting, using: scratch) else {
            return false
        }
        documents.search(into: &selection)
        return true
    }

    private func score(
        _ rows: UnsafeBufferPointer<UInt32>, _ terms: QueryTerms, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let documents = TopDocuments(terms, in: index, weighting: weighting, using: scratch),
            let order = scratch.rows(.order, rows.count)
        else { return false }
        for i in 0..<rows.count { order[i] = UInt32(truncatingIfNeeded: i) }
        var ascending = UnsafeMutableBufferPointer(start: order, count: rows.count)
        ascending.sort { rows[Int($0)] < rows[Int($1)] }
        documents.score(rows, order: order, into: scores)
        return true
    }
}
