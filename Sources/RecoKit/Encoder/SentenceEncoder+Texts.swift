import Glibc

extension SentenceEncoder {
    /// Encodes one text while a question is answered; it is cut at `longestQuery` tokens. False if there is no memory, or
    /// nothing in the text that the encoder could read. O(weights x tokens).
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, using scratch: Scratch, into vector: UnsafeMutablePointer<Float>  // (hidden)
    ) -> Bool {
        let limit = min(shape.longestText, Self.longestQuery)
        guard let tokens = scratch.rows(.tokens, limit &+ WordPiece.workCount) else { return false }
        let count = tokenizer.tokenize(text, limit: limit, into: tokens, work: tokens + limit)
        let size = Workspace.byteCount(layout, shape, tokens: count, longest: count)
        guard count > 2, let memory = scratch.memory(.encoding, size) else { return false }
        let work = Workspace(layout, shape, tokens: count, longest: count, in: memory)
        withUnsafePointer(to: Int32(truncatingIfNeeded: count)) { length in
            encode(tokens, lengths: UnsafeBufferPointer(start: length, count: 1), work: work, into: vector)
        }
        return isFinite(vector)
    }

    /// A damaged file can hold weights that are no numbers.
    private func isFinite(_ vector: UnsafePointer<Float>) -> Bool {
        let square = Kernels.best.dot(vector, vector, shape.hidden)
        return square > 0 && square < .infinity
    }

    /// The vector of a text, cut like a visitor's; nil if there is nothing in it that the encoder could read.
    public func encode(_ text: String) -> [Float]? {
        guard let scratch = Scratch(itemCount: 0) else { return nil }
        var vector = [Float](repeating: 0, count: dimension)
        var text = text
        return text.withUTF8 { encode($0, using: scratch, into: &vector) } ? vector : nil
    }

    /// How long encoding a text takes, each time: with memory that is there already, as while questions are answered.
    package func seconds(of text: String, times: Int) -> [Double] {
        guard let scratch = Scratch(itemCount: 0) else { return [] }
        var vector = [Float](repeating: 0, count: dimension)
        var text = text
        return text.withUTF8 { bytes in
            (0..<times).map { _ in
                let start = monotonicSeconds()
                _ = encode(bytes, using: scratch, into: &vector)
                return monotonicSeconds() - start
            }
        }
    }

    /// The vectors of many texts, computed together as training does; (texts, dimension), zeros for a text without
    /// anything to read.
    public func encode(_ texts: [String], threads: Int = processorCount()) throws -> [Float] {
        try encodeAll(texts.count, run: TrainingRun(threads: threads), phase: "encoding") { Array(texts[$0].utf8) }
    }

    /// The numbers of a text's pieces, with those that begin and end it, at most `limit`.
    public func tokens(of text: UnsafeBufferPointer<UInt8>, limit: Int) -> [UInt32] {
        var work = [UInt32](repeating: 0, count: WordPiece.workCount)
        return [UInt32](unsafeUninitializedCapacity: max(2, limit)) { tokens, count in
            count = tokenizer.tokenize(text, limit: max(2, limit), into: tokens.baseAddress!, work: &work)
        }
    }

    /// The most tokens that a batch of several texts holds: what a core's second-level cache bears beside the weights.
    private static let tokensOfBatch = 128

    /// Encodes many texts, as training does; each is cut at `longest` tokens and at the encoder's own longest text.
    /// `text` gives the bytes of one by its number, from several threads at once. A text without anything that could be
    /// read gives zeros.
    ///
    /// Returns (count, dimension) numbers, the same whatever the number of threads.
    func encodeAll(
        _ count: Int, longest: Int = .max, run: TrainingRun, phase: String, _ text: (_ number: Int) -> [UInt8]
    ) throws -> [Float] {
        var vectors = [Float](repeating: 0, count: count * dimension)
        let tokens = try tokenizeAll(count, longest: min(longest, shape.longestText), run: run, text)
        // Texts of about the same length stand together, the longest first, so that threads end together.
        let order = (0..<count).filter { tokens.lengths[$0] > 2 }
            .sorted { (tokens.lengths[$0], $1) > (tokens.lengths[$1], $0) }
        var batches: [Range<Int>] = []
        var start = 0
        var size = 0
        for (place, number) in order.enumerated() {
            let length = Int(tokens.lengths[number])
            if place > start, size + length > Self.tokensOfBatch {
                batches.append(start..<place)
                (start, size) = (place, 0)
            }
            size += length
        }
        if start < order.count { batches.append(start..<order.count) }

        var memory = [UnsafeMutableRawPointer?](repeating: nil, count: run.threads)
        defer { for block in memory { free(block) } }
        let largest = max(Self.tokensOfBatch, shape.longestText)
        for worker in memory.indices {
            let bytes = Workspace.byteCount(layout, shape, tokens: largest, longest: shape.longestText)
            memory[worker] = malloc(bytes)
            guard memory[worker] != nil else { throw RecoError(.outOfMemory, "no memory to encode texts") }
        }
        let round = 16 * run.threads
        try vectors.withUnsafeMutableBufferPointer { vectors in
            nonisolated(unsafe) let vectors = vectors
            for first in stride(from: 0, to: batches.count, by: round) {
                try run.progress(phase, batches[first].lowerBound, order.count)
                try parallelFor(min(round, batches.count - first), threads: run.threads) { index, worker in
                    encode(
                        order[batches[first + index]], tokens, in: memory[worker].unsafelyUnwrapped, into: vectors)
                }
            }
        }
        try run.progress(phase, order.count, order.count)
        return vectors
    }

    /// The tokens of many texts, one after the other.
    private struct Tokens {
        var starts: [Int]
        var lengths: [Int32]
        var tokens: [UInt32]
    }

    private func tokenizeAll(
        _ count: Int, longest: Int, run: TrainingRun, _ text: (Int) -> [UInt8]
    ) throws -> Tokens {
        let piece = 256
        var pieces = [[UInt32]](repeating: [], count: (count + piece - 1) / piece)
        var lengths = [Int32](repeating: 0, count: count)
        try pieces.withUnsafeMutableBufferPointer { pieces in
            try lengths.withUnsafeMutableBufferPointer { lengths in
                nonisolated(unsafe) let (pieces, lengths) = (pieces, lengths)
                try parallelFor(count, chunk: piece, threads: run.threads) { range, _ in
                    for number in range {
                        let found = text(number).withUnsafeBufferPointer { tokens(of: $0, limit: longest) }
                        lengths[number] = Int32(found.count)
                        pieces[range.lowerBound / piece] += found
                    }
                }
            }
        }
        var starts: [Int] = []
        var end = 0
        for length in lengths {
            starts.append(end)
            end += Int(length)
        }
        return Tokens(starts: starts, lengths: lengths, tokens: Array(pieces.joined()))
    }

    private func encode(
        _ numbers: ArraySlice<Int>, _ tokens: Tokens, in memory: UnsafeMutableRawPointer,
        into vectors: UnsafeMutableBufferPointer<Float>
    ) {
        let lengths = numbers.map { tokens.lengths[$0] }
        let together = numbers.flatMap {
            tokens.tokens[tokens.starts[$0]..<tokens.starts[$0] + Int(tokens.lengths[$0])]
        }
        let work = Workspace(
            layout, shape, tokens: together.count, longest: Int(lengths.max() ?? 0), in: memory)
        var found = [Float](repeating: 0, count: numbers.count * dimension)
        lengths.withUnsafeBufferPointer { encode(together, lengths: $0, work: work, into: &found) }
        for (place, number) in numbers.enumerated() {
            for k in 0..<dimension {
                let value = found[place * dimension + k]
                vectors[number * dimension + k] = value.isFinite ? value : 0
            }
        }
    }
}
