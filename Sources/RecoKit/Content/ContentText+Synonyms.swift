extension ContentText {
    /// What the searches of `data` teach, in the terms of `vocabulary`, which is that of `collected`.
    /// O(searches + entries).
    func synonyms(_ data: TrainingData, _ collected: CollectedTerms, _ vocabulary: Vocabulary) -> Synonyms {
        let choices = data.searches.choices(among: data.log.items)
        guard !choices.isEmpty else { return .none }
        let analyzer = TextAnalyzer(analysis)
        var terms: [UInt32: [UInt32]] = [:]
        for choice in choices { terms[choice.item] = [] }
        for term in collected.terms.indices {
            for entry in collected.entries[collected.starts[term]..<collected.starts[term + 1]] {
                terms[entry.document]?.append(UInt32(term))
            }
        }
        return Synonyms.learn(
            choices,
            words: { number in
                var words: [[UInt8]] = []
                var text = data.searches.text(number)
                text.withUTF8 {
                    analyzer.words($0) { if let term = analyzer.term(of: $0) { words.append(Array(term)) } }
                }
                return words
            },
            term: { word in word.withUnsafeBufferPointer { vocabulary.find($0)?.term } },
            termsOfItem: { terms[$0] ?? [] },
            share: {
                Float(collected.starts[Int($0) + 1] - collected.starts[Int($0)]) / Float(max(1, collected.rowCount))
            })
    }
}
