import Glibc

/// The working memory of one query at a time. A model keeps a few and hands them out again, so that memory does not
/// grow with traffic. Pages that no query needs are never touched.
final class Scratch: @unchecked Sendable {
    let itemCount: Int

    /// A bit per item that must not be selected.
    let blocked: UnsafeMutablePointer<UInt64>
    private var blockedRows: Block<UInt32>
    private var blockedCount = 0
    private var blockedAll = false
    private var filter: WordFilter?

    /// A score per item: all zero between uses; whoever adds to it lists the rows in `touched` and clears them.
    let scores: UnsafeMutablePointer<Float>
    /// Room for a row per item.
    let touched: UnsafeMutablePointer<UInt32>

    private var heap = Block<Candidate>()
    private var neighbors = Block<Candidate>()
    private var sums: UnsafeMutablePointer<Float>?
    private var sumCount = 0
    private var overlaps: UnsafeMutablePointer<Overlap>?
    private var overlapCount = 0
    private var events = Block<Profile.Event>()
    private var steps = Block<Profile.Step>()
    private var habits = Block<Habit>()
    private var ranking = Block<RawHit>()
    private var encodedText = Block<UInt8>()
    private var encodedLength = -1  // bytes; -1: none yet
    private var rowBlocks = [Block<UInt32>](repeating: Block(), count: RowUse.allCases.count)
    private var floatBlocks = [Block<Float>](repeating: Block(), count: FloatUse.allCases.count)
    private var memoryBlocks = [Block<UInt64>](repeating: Block(), count: MemoryUse.allCases.count)
    private var analyzers: [TextAnalyzer] = []

    init?(itemCount: Int) {
        self.itemCount = itemCount
        // Large calloc'ed blocks are mapped zero pages: they cost memory only where they are touched.
        guard let blocked = calloc(itemCount / 64 + 1, 8), let scores = calloc(itemCount + 1, 4),
            let touched = calloc(itemCount + 1, 4)
        else { return nil }
        self.blocked = blocked.assumingMemoryBound(to: UInt64.self)
        self.scores = scores.assumingMemoryBound(to: Float.self)
        self.touched = touched.assumingMemoryBound(to: UInt32.self)
        blockedRows = Block()
    }

    deinit {
        free(blocked)
        free(scores)
        free(touched)
        blockedRows.release()
        free(sums)
        free(overlaps)
        heap.release()
        neighbors.release()
        events.release()
        steps.release()
        habits.release()
        ranking.release()
        encodedText.release()
        for i in rowBlocks.indices { rowBlocks[i].release() }
        for i in floatBlocks.indices { floatBlocks[i].release() }
        for i in memoryBlocks.indices { memoryBlocks[i].release() }
    }

    /// Keeps an item out of the selections of this query.
    func block(_ row: UInt32) {
        guard Int(row) < itemCount else { return }
        let word = Int(row &>> 6)
        let bit: UInt64 = 1 &<< UInt64(row & 63)
        guard blocked[word] & bit == 0 else { return }
        blocked[word] |= bit
        if blockedAll { return }
        if let rows = blockedRows.room(blockedCount &+ 1) {
            rows[blockedCount] = row
            blockedCount &+= 1
        } else {
            blockedAll = true  // cannot remember it: clear everything afterwards
        }
    }

    /// Keeps all items out, except those allowed afterwards.
    func blockAll() {
        memset(blocked, 0xFF, (itemCount / 64 + 1) * 8)
        blockedAll = true
    }

    func allow(_ row: UInt32) {
        guard Int(row) < itemCount else { return }
        blocked[Int(row &>> 6)] &= ~(1 &<< UInt64(row & 63))
    }

    func isBlocked(_ row: UInt32) -> Bool {
        guard Int(row) < itemCount else { return true }
        if blocked[Int(row &>> 6)] & (1 &<< UInt64(row & 63)) != 0 { return true }
        return filter?.blocks(row) ?? false
    }

    /// Keeps out what `admits` does not let through as well, until `unblock`. It is asked for 64 items at a time, and
    /// once at most. False if memory ran out.
    func keepOut(allBut admits: @escaping WordFilter.Admission, _ context: UnsafeRawPointer) -> Bool {
        let words = (itemCount &+ 63) / 64
        let size = WordFilter.memorySize(wordCount: words)
        guard let memory = memory(.decided, size) else { return false }
        memset(memory, 0, size)
        blockedAll = true  // what the filter blocks is in no list
        filter = WordFilter(admits, context, blocked: blocked, wordCount: words, memory: memory)
        return true
    }

    /// Lets every item through again.
    func unblock() {
        if blockedAll {
            memset(blocked, 0, (itemCount / 64 + 1) * 8)
        } else if let rows = blockedRows.room(0) {
            for i in 0..<blockedCount { blocked[Int(rows[i] &>> 6)] = 0 }
        }
        blockedCount = 0
        blockedAll = false
        filter = nil
    }

    /// A selection of the best `limit` items that are not blocked; nil if memory ran out.
    func selection(_ limit: Int) -> Selection? {
        let limit = max(0, min(limit, itemCount))
        guard let heap = heap.room(limit) else { return nil }
        return Selection(heap: heap, limit: limit, blocked: blocked, filter: filter, itemCount: itemCount)
    }

    func ranking(_ count: Int) -> UnsafeMutablePointer<RawHit>? { ranking.room(count) }
    func events(_ count: Int) -> UnsafeMutablePointer<Profile.Event>? { events.room(count) }
    func steps(_ count: Int) -> UnsafeMutablePointer<Profile.Step>? { steps.room(count) }
    func habits(_ count: Int) -> UnsafeMutablePointer<Habit>? { habits.room(count) }

    /// The vector of `text` that `make` writes, of `dimension` numbers: made once where a query asks for it again and
    /// again. Nil if `make` says that there is none, or memory ran out.
    func encoded(
        _ text: UnsafeBufferPointer<UInt8>, dimension: Int, _ make: (UnsafeMutablePointer<Float>) -> Bool
    ) -> UnsafePointer<Float>? {
        guard let vector = floats(.encoded, dimension) else { return nil }
        if text.count == encodedLength, let known = encodedText.room(text.count), let start = text.baseAddress,
            memcmp(known, start, text.count) == 0
        {
            return UnsafePointer(vector)
        }
        encodedLength = -1
        guard make(vector) else { return nil }
        if text.count <= Self.longestRemembered, let room = encodedText.room(text.count), let start = text.baseAddress {
            memcpy(room, start, text.count)
            encodedLength = text.count
        }
        return UnsafePointer(vector)
    }

    /// Bytes of the longest text whose vector is kept.
    private static let longestRemembered = 4096

    /// Room for the best users or sessions, beside the selection of items.
    func neighbors(_ count: Int) -> UnsafeMutablePointer<Candidate>? { neighbors.room(count) }

    /// A sum per user or session: all zero between uses, as `scores`. Made of zero pages at the first question that
    /// needs it.
    func sums(_ count: Int) -> UnsafeMutablePointer<Float>? {
        if let sums, count <= sumCount { return sums }
        guard count >= 0, count < 1 << 40, let made = calloc(count + 1, 4) else { return nil }
        free(sums)
        sums = made.assumingMemoryBound(to: Float.self)
        sumCount = count
        return sums
    }

    /// What a profile has in common with a user of the model.
    struct Overlap {
        var sum: Float
        var count: UInt32
    }

    /// An overlap per user: all zero between uses; whoever adds to them clears them. Made at the first question that
    /// needs them, of zero pages like `scores`.
    func overlaps(userCount: Int) -> UnsafeMutablePointer<Overlap>? {
        if let overlaps, userCount <= overlapCount { return overlaps }
        guard userCount >= 0, let made = calloc(userCount + 1, MemoryLayout<Overlap>.stride) else { return nil }
        free(overlaps)
        overlaps = made.assumingMemoryBound(to: Overlap.self)
        overlapCount = userCount
        return overlaps
    }

    /// Who may use which block of floats, so that no two uses of one query meet.
    enum FloatUse: Int, CaseIterable {
        case vector = 0
        case matrix, block, reasons
        case words, meaning, taste, encoded
        case sourceScores, features, likeness, network
        case weights
    }
    func floats(_ use: FloatUse, _ count: Int) -> UnsafeMutablePointer<Float>? { floatBlocks[use.rawValue].room(count) }

    enum RowUse: Int, CaseIterable {
        case similar = 0
        case candidates, positions, groups, users, matches, tokens, order
        case pool, poolOrder, places, promising, network
    }
    func rows(_ use: RowUse, _ count: Int) -> UnsafeMutablePointer<UInt32>? { rowBlocks[use.rawValue].room(count) }

    /// Who may use which block of memory for types of its own.
    enum MemoryUse: Int, CaseIterable {
        case terms = 0
        case itemTerms, cursors, postings, window, words, encoding, fields, ranker, affinity
        case expressions, live, decided, caps
    }
    func memory(_ use: MemoryUse, _ byteCount: Int) -> UnsafeMutableRawPointer? {
        memoryBlocks[use.rawValue].room((byteCount &+ 7) / 8).map { UnsafeMutableRawPointer($0) }
    }

    /// What turns text into terms: made at the first question that needs it, one for each kind of analysis.
    func analyzer(_ analysis: TextAnalysis) -> TextAnalyzer {
        if let analyzer = analyzers.first(where: { $0.analysis == analysis }) { return analyzer }
        let analyzer = TextAnalyzer(analysis)
        analyzers.append(analyzer)
        return analyzer
    }
}

/// Memory that grows to the largest size asked for, keeps what it holds, and stays.
private struct Block<Element: BitwiseCopyable> {
    private var base: UnsafeMutablePointer<Element>?
    private var capacity = 0

    mutating func room(_ count: Int) -> UnsafeMutablePointer<Element>? {
        if let base, count <= capacity { return base }
        guard count >= 0, count < 1 << 40 else { return nil }
        let wanted = max(64, count &+ count / 2)
        guard let moved = realloc(base, wanted &* MemoryLayout<Element>.stride) else { return nil }
        base = moved.assumingMemoryBound(to: Element.self)
        capacity = wanted
        return base
    }

    mutating func release() {
        free(base)
        base = nil
        capacity = 0
    }
}
