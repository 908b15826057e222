/// The documents of a catalogue as entries by term: what an index is made of, before impacts are known.
///
/// The same whatever the number of threads: terms are numbered in the order of their bytes, frequency codes by how
/// common they are, and entries stand by term and row.
struct CollectedTerms {
    private(set) var terms: [[UInt8]] = []
    private(set) var starts: [Int] = [0]  // (terms + 1), into the entries
    private(set) var entries: [TermEntry] = []
    private(set) var frequencies: [UInt64] = []  // (codes)
    private(set) var lengths: [[UInt32]] = []  // (fields, rows)
    private(set) var replacedCount = 0
    let rowCount: Int

    private static let chunkSize = 2048  // documents

    /// Reads the fields of all rows. O(bytes + terms log terms + entries).
    init(
        rowCount: Int, fields: [[AttributeTexts]], analysis: TextAnalysis, run: TrainingRun
    ) throws {
        self.rowCount = rowCount
        let chunkCount = (rowCount + Self.chunkSize - 1) / Self.chunkSize
        let workers = max(1, min(run.threads, chunkCount))
        let collectors = (0..<workers).map { _ in TermCollector(analysis) }
        var chunks = [DocumentChunk](repeating: DocumentChunk(lengths: []), count: chunkCount)
        try run.progress("reading text", 0, rowCount)
        try chunks.withUnsafeMutableBufferPointer { chunks in
            nonisolated(unsafe) let chunks = chunks
            try parallelFor(chunkCount, threads: workers) { chunk, worker in
                let rows = chunk * Self.chunkSize..<min(rowCount, (chunk + 1) * Self.chunkSize)
                chunks[chunk] = try collectors[worker].read(rows, fieldCount: fields.count) { row, field, body in
                    for texts in fields[field] { texts.withText(row, body) }
                }
                chunks[chunk].collector = worker
            }
        }
        try run.progress("reading text", rowCount, rowCount)
        replacedCount = chunks.reduce(0) { $0 + $1.replacedCount }
        lengths = fields.indices.map { field in chunks.flatMap { $0.lengths[field] } }
        let termNumbers = numberTerms(collectors)
        let codeNumbers = numberCodes(collectors)
        try distribute(chunks, termNumbers, codeNumbers, threads: workers)
    }

    /// Numbers the terms of all collectors together, in the order of their bytes; for each collector what its numbers
    /// become.
    private mutating func numberTerms(_ collectors: [TermCollector]) -> [[UInt32]] {
        struct Mention {
            var prefix: UInt64  // the first eight bytes, the first highest: nearly always all that has to be compared
            var collector: UInt32
            var number: UInt32
        }
        var mentions: [Mention] = []
        for (collector, source) in collectors.enumerated() {
            for number in 0..<source.termCount {
                var prefix: UInt64 = 0
                for byte in source.term(number).prefix(8) { prefix = prefix << 8 | UInt64(byte) }
                prefix <<= UInt64(8 * max(0, 8 - source.term(number).count))
                mentions.append(Mention(prefix: prefix, collector: UInt32(collector), number: UInt32(number)))
            }
        }
        func term(_ mention: Mention) -> UnsafeBufferPointer<UInt8> {
            collectors[Int(mention.collector)].term(Int(mention.number))
        }
        mentions.sort {
            $0.prefix == $1.prefix ? compareBytes(term($0), term($1)) < 0 : $0.prefix < $1.prefix
        }
        var numbers = collectors.map { [UInt32](repeating: 0, count: $0.termCount) }
        for (place, mention) in mentions.enumerated() {
            if place == 0 || mentions[place - 1].prefix != mention.prefix
                || compareBytes(term(mentions[place - 1]), term(mention)) != 0
            {
                terms.append(Array(term(mention)))
            }
            numbers[Int(mention.collector)][Int(mention.number)] = UInt32(terms.count - 1)
        }
        return numbers
    }

    /// Numbers the combinations of frequencies, the most common first.
    private mutating func numberCodes(_ collectors: [TermCollector]) -> [[UInt32]] {
        var counts: [UInt64: Int] = [:]
        for collector in collectors { for (key, count) in collector.frequencies { counts[key, default: 0] += count } }
        frequencies = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map(\.key)
        var codes: [UInt64: UInt32] = [:]
        for (code, key) in frequencies.enumerated() { codes[key] = UInt32(code) }
        return collectors.map { $0.frequencies.map { codes[$0.frequencies]! } }
    }

    /// Sorts the entries by term: counts them in stretches of chunks, one for each thread, and puts each in its place.
    private mutating func distribute(
        _ chunks: [DocumentChunk], _ termNumbers: [[UInt32]], _ codeNumbers: [[UInt32]], threads: Int
    ) throws {
        let termCount = terms.count
        let stretches = (0..<threads).map { chunks.count * $0 / threads..<chunks.count * ($0 + 1) / threads }
        var places = [[Int]](repeating: [], count: threads)
        try places.withUnsafeMutableBufferPointer { places in
            nonisolated(unsafe) let places = places
            try parallelFor(threads, threads: threads) { stretch, _ in
                var counts = [Int](repeating: 0, count: termCount)
                for chunk in stretches[stretch] {
                    let numbers = termNumbers[chunks[chunk].collector]
                    for term in chunks[chunk].terms { counts[Int(numbers[Int(term)])] += 1 }
                }
                places[stretch] = counts
            }
        }
        var total = 0
        for term in 0..<termCount {
            for stretch in 0..<threads {
                let count = places[stretch][term]
                places[stretch][term] = total
                total += count
            }
            starts.append(total)
        }
        entries = [TermEntry](repeating: TermEntry(document: 0, code: 0), count: total)
        try entries.withUnsafeMutableBufferPointer { entries in
            nonisolated(unsafe) let entries = entries
            try places.withUnsafeMutableBufferPointer { places in
                nonisolated(unsafe) let places = places
                try parallelFor(threads, threads: threads) { stretch, _ in
                    places[stretch].withUnsafeMutableBufferPointer { next in
                        for chunk in stretches[stretch] {
                            let source = chunks[chunk]
                            let terms = termNumbers[source.collector]
                            let codes = codeNumbers[source.collector]
                            var entry = 0
                            for (document, end) in source.ends.enumerated() {
                                let row = UInt32(chunk * Self.chunkSize + document)
                                while entry < end {
                                    let term = Int(terms[Int(source.terms[entry])])
                                    entries[next[term]] = TermEntry(
                                        document: row, code: codes[Int(source.codes[entry])])
                                    next[term] += 1
                                    entry += 1
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A term in a document, and the code for how often it is in each field.
struct TermEntry: BitwiseCopyable {
    var document: UInt32
    var code: UInt32
}
