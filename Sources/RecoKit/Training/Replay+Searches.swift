extension Replay {
    /// What people searched for after a moment and chose then, as the ranker would have got it.
    func searchLists(_ model: Model, _ start: Int64, _ end: Int64, _ run: TrainingRun) throws -> [Example] {
        guard !model.pipeline.matcher.isEmpty, start != EventLog.noTime else { return [] }
        var asked = searches.between(start, end)
        let most = settings.integer("replay-users")
        if asked.count > most {
            let kept = Set(
                asked.indices.sorted { mix(UInt64($0) ^ run.seed) < mix(UInt64($1) ^ run.seed) }.prefix(most))
            asked = asked.indices.filter { kept.contains($0) }.map { asked[$0] }
        }
        try run.progress("replaying searches", 0, asked.count)
        var found = [Example?](repeating: nil, count: asked.count)
        try found.withUnsafeMutableBufferPointer { found in
            nonisolated(unsafe) let found = found
            try parallelFor(asked.count, threads: run.threads) { place, _ in
                found[place] = try list(model, asked[place], run)
            }
        }
        try run.progress("replaying searches", asked.count, asked.count)
        return found.compactMap { $0 }
    }

    private func list(_ model: Model, _ search: SearchLog.Search, _ run: TrainingRun) throws -> Example? {
        let relevant = Set(search.items.compactMap { model.items.row(of: $0).map { UInt32($0) } })
        guard !relevant.isEmpty else { return nil }
        var (text, user) = (search.text, search.user)
        return try text.withUTF8 { text in
            try user.withUTF8 { user in
                var question = Question()
                question.text = text
                question.user = user
                // One text is not learned from and judged by as well.
                let hash = mix(XXHash64.hash(UnsafeRawBufferPointer(text)) ^ run.seed)
                question.time = mix(hash ^ UInt64(bitPattern: search.time)) % 2 == 0 ? search.time : nil
                return try example(model, question, relevant, hash: hash)
            }
        }
    }
}
