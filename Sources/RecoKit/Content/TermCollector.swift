/// What the documents of a stretch of rows consist of, in the numbers of the collector that read them.
struct DocumentChunk {
    var collector = 0
    /// Where each document's entries end.
    var ends: [UInt32] = []  // (documents)
    var terms: [UInt32] = []  // (entries)
    var codes: [UInt32] = []  // (entries)
    var lengths: [[UInt32]]  // (fields, documents)
    /// How many pieces were not valid UTF-8.
    var replacedCount = 0
}

/// Reads documents and counts their terms, field by field: one for each thread that builds an index.
final class TermCollector {
    private var analyzer: TextAnalyzer
    private var state = State()

    init(_ analysis: TextAnalysis) { analyzer = TextAnalyzer(analysis) }

    var termCount: Int { state.terms.count }
    func term(_ number: Int) -> UnsafeBufferPointer<UInt8> { state.terms[number] }
    /// How often each combination of frequencies came.
    var frequencies: [(frequencies: UInt64, count: Int)] {
        state.codes.sorted { $0.value < $1.value }.map { ($0.key, state.codeCounts[Int($0.value)]) }
    }

    /// Reads the documents of `rows`; `text` hands over the pieces of a field of a document.
    func read(
        _ rows: Range<Int>, fieldCount: Int,
        text: (_ row: Int, _ field: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Void
    ) throws -> DocumentChunk {
        try state.read(rows, fieldCount, analyzer, text)
    }

    /// Apart from the class, so that its members are plain memory in the loops.
    private struct State: ~Copyable {
        /// Words as they were written, so that each is stemmed once.
        var words = InternTable()
        /// The term of each word; -1 for none.
        var termOfWord: [Int32] = []
        var terms = InternTable()
        /// The last document with a term, and the place of its entry there.
        var lastDocument: [UInt32] = []
        var lastPlace: [UInt32] = []
        var document: UInt32 = 0
        var codes: [UInt64: UInt32] = [:]
        var codeCounts: [Int] = []
        var recent = [(frequencies: UInt64, code: UInt32)](repeating: (0, 0), count: 128)
        var found: [(term: UInt32, frequencies: UInt64)] = []

        mutating func read(
            _ rows: Range<Int>, _ fieldCount: Int, _ analyzer: TextAnalyzer,
            _ text: (Int, Int, (UnsafeBufferPointer<UInt8>) -> Void) -> Void
        ) throws -> DocumentChunk {
            var chunk = DocumentChunk(
                lengths: [[UInt32]](repeating: [UInt32](repeating: 0, count: rows.count), count: fieldCount))
            chunk.ends.reserveCapacity(rows.count)
            chunk.terms.reserveCapacity(rows.count * 16)
            chunk.codes.reserveCapacity(rows.count * 16)
            let replacedBefore = analyzer.replacedCount
            var failure: RecoError?
            for row in rows {
                document += 1
                found.removeAll(keepingCapacity: true)
                for field in 0..<fieldCount {
                    var length: UInt32 = 0
                    let one = UInt64(1) << UInt64(8 * field)
                    text(row, field) { piece in
                        analyzer.words(piece) { word in
                            guard length < DocumentLengths.maximum, failure == nil else { return }
                            do {
                                if try count(word, one, analyzer) { length += 1 }
                            } catch {
                                failure = error as? RecoError
                            }
                        }
                    }
                    chunk.lengths[field][row - rows.lowerBound] = length
                }
                if let failure { throw failure }
                for entry in found {
                    chunk.terms.append(entry.term)
                    chunk.codes.append(code(entry.frequencies))
                }
                chunk.ends.append(UInt32(chunk.terms.count))
            }
            chunk.replacedCount = analyzer.replacedCount - replacedBefore
            return chunk
        }

        /// Counts a word of the present document. False for a stop word.
        @inline(__always)
        private mutating func count(_ word: Word, _ one: UInt64, _ analyzer: TextAnalyzer) throws -> Bool {
            let (number, isNew) = try words.number(of: word.bytes)
            if isNew { try learn(word, analyzer) }
            let term = Int(termOfWord[number])
            guard term >= 0 else { return false }
            if lastDocument[term] == document {
                let place = Int(lastPlace[term])
                // Full bytes stay full.
                let full = one &* 0xFF
                if found[place].frequencies & full != full { found[place].frequencies += one }
            } else {
                lastDocument[term] = document
                lastPlace[term] = UInt32(found.count)
                found.append((UInt32(term), one))
            }
            return true
        }

        private mutating func learn(_ word: Word, _ analyzer: TextAnalyzer) throws {
            guard let term = analyzer.term(of: word) else { return termOfWord.append(-1) }
            let (number, isNew) = try terms.number(of: term)
            if isNew {
                lastDocument.append(0)
                lastPlace.append(0)
            }
            termOfWord.append(Int32(number))
        }

        private mutating func code(_ frequencies: UInt64) -> UInt32 {
            // Nearly all entries have one of a few combinations: remembered where the dictionary need not be asked.
            let place = Int((frequencies &* 0x9E37_79B9_7F4A_7C15) >> 57)
            if recent[place].frequencies == frequencies {
                codeCounts[Int(recent[place].code)] += 1
                return recent[place].code
            }
            let code = codes[frequencies] ?? UInt32(codes.count)
            if Int(code) == codes.count {
                codes[frequencies] = code
                codeCounts.append(0)
            }
            codeCounts[Int(code)] += 1
            recent[place] = (frequencies, code)
            return code
        }
    }
}
