import Glibc

/// Cuts product text into words that a shop's visitors would type.
///
///     "Women's XR-500 USB-C cable, 2,5 m"   women · xr 500 xr500 · usb c usbc · cable · 2.5 2.5m · m
///
/// - Case, accents, ligatures and full-width forms are folded (`SearchFolding`); controls separate.
/// - A word of several pieces gives the pieces and the whole: hyphens ("t-shirt": t, shirt, tshirt), and letters next to
///   digits ("xr500": xr, 500, xr500). So either spelling finds the other. Codes of more than three runs stay whole.
/// - Numbers keep their decimals, with a point ("2,5": 2.5), and lose commas between thousands ("1,000": 1000).
/// - A number and a unit give the number and both together in one form: 12", 12in, 12 inch and 12-inch all give 12in.
/// - "'s" goes; after an elision ("l'eau") the next word begins.
/// - Han, Kana and Hangul give pairs of neighbours, a single one itself.
/// - What a word has beyond 64 bytes is cut.
///
/// Memory: 1 KB for each tokeniser, made once. O(bytes).
struct ProductTokenizer: ~Copyable {
    private let keepingAccents: Bool
    private let elides: Bool
    private let units = Units()

    /// The pieces of the written word that is being read, one after the other without what stands between.
    private let letters = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.capacity)
    /// Where words are put together that are not a stretch of `letters`.
    private let work = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.capacity)
    private var length = 0
    private var runs = UnsafeMutablePointer<Run>.allocate(capacity: Self.maximumRuns)
    private var runCount = 0
    /// What stands between the last run and whatever comes next, 0 for nothing.
    private var pending: UInt32 = 0
    private var isASCII = true

    /// The number that ended just before, if nothing but a space or a hyphen has come since.
    private let number = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.maximumWord)
    private var numberLength = 0
    private var ideograph: UInt32 = 0
    private var ideographIsPaired = false
    private var place = 0

    static let maximumWord = 64  // bytes
    private static let capacity = 256
    private static let maximumRuns = 12

    private struct Run {
        var start: Int
        var end: Int
        var isNumber: Bool
        /// Whether a hyphen or an apostrophe stands before it.
        var isSegment: Bool
        var followsApostrophe: Bool
    }

    init(_ language: Language) {
        keepingAccents = language.endingsHaveAccents
        elides = language.elides
    }

    deinit {
        letters.deallocate()
        work.deallocate()
        runs.deallocate()
        number.deallocate()
    }

    /// Hands `body` the words of `text` and returns how many pieces of it were not valid UTF-8.
    mutating func words(_ text: UnsafeBufferPointer<UInt8>, _ body: (Word) -> Void) -> Int {
        var scalars = UTF8Scalars(text)
        reset()
        numberLength = 0
        ideograph = 0
        place = 0
        while let scalar = scalars.next() {
            if scalar < 0xB2 {
                take(scalar, body)
            } else {
                SearchFolding.spelledOut(scalar) { take($0, body) }
            }
        }
        finishWord(body)
        finishIdeographs(body)
        return scalars.replacedCount
    }

    @inline(__always)
    private mutating func take(_ scalar: UInt32, _ body: (Word) -> Void) {
        let kind = CharacterClass(scalar)
        switch kind {
        case .letter: add(scalar, isNumber: false, body)
        case .digit: add(Self.asciiDigit(scalar), isNumber: true, body)
        case .mark: combine(scalar)
        case .space:
            finishWord(body)
            finishIdeographs(body)
        case .hyphen, .apostrophe, .point:
            if runCount > 0, pending == 0 {
                pending = kind == .hyphen ? 0x2D : kind == .apostrophe ? 0x27 : scalar
            } else {
                separate(body)
            }
        case .quote:
            if runCount > 0, pending == 0, runs[runCount &- 1].isNumber { addInches(body) } else { separate(body) }
        case .ideograph:
            finishWord(body)
            numberLength = 0
            addIdeograph(scalar, body)
        case .separator: separate(body)
        }
    }

    private mutating func separate(_ body: (Word) -> Void) {
        finishWord(body)
        finishIdeographs(body)
        numberLength = 0
    }

    private mutating func reset() {
        length = 0
        runCount = 0
        pending = 0
        isASCII = true
    }

    // MARK: Reading a written word

    @inline(__always)
    private mutating func add(_ scalar: UInt32, isNumber: Bool, _ body: (Word) -> Void) {
        if ideograph != 0 { finishIdeographs(body) }
        if runCount == 0 || pending != 0 || runs[runCount &- 1].isNumber != isNumber { beginRun(isNumber, body) }
        let run = runCount &- 1
        if scalar < 0x80 {
            guard length &- runs[run].start < Self.maximumWord else { return }
            letters[length] = UInt8(truncatingIfNeeded: isNumber ? scalar : scalar | 0x20)
            length &+= 1
            runs[run].end = length
        } else {
            addOther(scalar, run)
        }
    }

    private mutating func addOther(_ scalar: UInt32, _ run: Int) {
        SearchFolding.letter(scalar, keepingAccents: keepingAccents) { folded in
            let used = length &- runs[run].start
            guard used < Self.maximumWord else { return }
            let count = encodeUTF8(folded, into: letters + length, room: Self.maximumWord &- used)
            if folded >= 0x80, count > 0 { isASCII = false }
            length &+= count
        }
        runs[run].end = length
    }

    /// Begins a run, after a hyphen or the like, or where letters meet digits. A point holds digits together, and
    /// nothing else.
    private mutating func beginRun(_ isNumber: Bool, _ body: (Word) -> Void) {
        if pending == 0x2E || pending == 0x2C {
            let last = runCount &- 1
            if isNumber, runs[last].isNumber, length &- runs[last].start < Self.maximumWord &- 1 {
                letters[length] = UInt8(truncatingIfNeeded: pending)
                length &+= 1
                runs[last].end = length
                pending = 0
                return
            }
            finishWord(body)
            numberLength = 0
        } else if runCount == Self.maximumRuns || length > Self.capacity &- Self.maximumWord &- 8 {
            finishWord(body)
            numberLength = 0
        }
        runs[runCount] = Run(
            start: length, end: length, isNumber: isNumber, isSegment: pending != 0 || runCount == 0,
            followsApostrophe: pending == 0x27)
        runCount &+= 1
        pending = 0
    }

    /// An accent behind its letter: kept if the stemmers want it, else left out.
    private mutating func combine(_ mark: UInt32) {
        guard keepingAccents, pending == 0, length > 0, runCount > 0, !runs[runCount &- 1].isNumber,
            let letter = SearchFolding.composed(letters[length &- 1], mark),
            length &- runs[runCount &- 1].start < Self.maximumWord
        else { return }
        length &-= 1
        length &+= encodeUTF8(letter, into: letters + length, room: 2)
        runs[runCount &- 1].end = length
        isASCII = false
    }

    /// The sign for inches behind a number ends the word.
    private mutating func addInches(_ body: (Word) -> Void) {
        add(0x69, isNumber: false, body)
        add(0x6E, isNumber: false, body)
        separate(body)
    }

    private static func asciiDigit(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return scalar }
        guard let value = Unicode.Scalar(scalar)?.properties.numericValue, value >= 0, value <= 9 else { return 0x30 }
        return 0x30 &+ UInt32(value)
    }

    // MARK: Handing out what a written word gives

    @inline(__always)
    private mutating func finishWord(_ body: (Word) -> Void) {
        guard runCount > 0 else { return }
        if runCount == 1, numberLength == 0, !runs[0].isNumber {
            emit(letters, length, .whole, hasDigits: false, body)
        } else {
            finishPieces(body)
        }
        place &+= 1
        reset()
    }

    private mutating func finishPieces(_ body: (Word) -> Void) {
        let endsWithHyphen = pending == 0x2D
        let last = runs[runCount &- 1]
        if runCount > 1, last.followsApostrophe, last.end &- last.start == 1, letters[last.start] == UInt8(ascii: "s") {
            runCount &-= 1
        }
        tidyNumbers()
        var segmentStart = 0
        for run in 1...runCount where run == runCount || runs[run].isSegment {
            finishSegment(segmentStart, run, isOnly: segmentStart == 0 && run == runCount, body)
            segmentStart = run
        }
        // The whole, where there was more than one segment and nothing but an elision between them.
        let isElision = elides && (1..<max(1, runCount)).contains { runs[$0].followsApostrophe }
        let start = runs[0].start
        let end = runs[runCount &- 1].end
        if (1..<max(1, runCount)).contains(where: { runs[$0].isSegment }), !isElision, end &- start <= Self.maximumWord
        {
            emit(letters + start, end &- start, .joined, hasDigits: (0..<runCount).contains { runs[$0].isNumber }, body)
        }
        if !(runs[runCount &- 1].isNumber && (pending == 0 || endsWithHyphen)) { numberLength = 0 }
    }

    /// A stretch without hyphens: a word, a number, or letters and digits side by side.
    private mutating func finishSegment(_ start: Int, _ end: Int, isOnly: Bool, _ body: (Word) -> Void) {
        let first = runs[start]
        let form: Word.Form = isOnly ? .whole : .part
        if end &- start == 1 {
            if first.isNumber {
                emit(letters + first.start, first.end &- first.start, form, hasDigits: true, body)
                remember(first)
            } else {
                emit(letters + first.start, first.end &- first.start, form, hasDigits: false, body)
                if numberLength > 0 { emitMeasure(first, body) }
                numberLength = 0
            }
            return
        }
        if end &- start == 2, first.isNumber {
            remember(first)
            let unit = runs[start &+ 1]
            let bytes = UnsafeBufferPointer(start: letters + unit.start, count: unit.end &- unit.start)
            if units.short(bytes) != nil {
                emit(letters + first.start, first.end &- first.start, .part, hasDigits: true, body)
                emitMeasure(unit, body)
                numberLength = 0
                return
            }
        }
        numberLength = 0
        if end &- start <= 3 {
            for run in start..<end {
                emit(
                    letters + runs[run].start, runs[run].end &- runs[run].start, .part, hasDigits: runs[run].isNumber,
                    body)
            }
        }
        let count = min(runs[end &- 1].end &- first.start, Self.maximumWord)
        emit(letters + first.start, count, form, hasDigits: true, body)
    }

    private mutating func remember(_ run: Run) {
        numberLength = min(run.end &- run.start, Self.maximumWord &- 8)
        memcpy(number, letters + run.start, numberLength)
    }

    /// The number before and a unit as one word, if it is a unit.
    private mutating func emitMeasure(_ unit: Run, _ body: (Word) -> Void) {
        let bytes = UnsafeBufferPointer(start: letters + unit.start, count: unit.end &- unit.start)
        guard numberLength > 0, let short = units.short(bytes) else { return }
        memcpy(work, number, numberLength)
        memcpy(work + numberLength, short.utf8Start, short.utf8CodeUnitCount)
        emit(work, numberLength &+ short.utf8CodeUnitCount, .joined, hasDigits: true, body)
    }

    /// Commas of numbers: those before exactly three digits each go, another becomes a point.
    private mutating func tidyNumbers() {
        var shift = 0
        for run in 0..<runCount {
            let start = runs[run].start
            let end = runs[run].end
            runs[run].start = start &- shift
            let drops = runs[run].isNumber && Self.hasThousands(letters, start, end)
            for i in start..<end {
                let byte = letters[i]
                if byte == UInt8(ascii: ","), runs[run].isNumber {
                    if drops {
                        shift &+= 1
                        continue
                    }
                    letters[i &- shift] = UInt8(ascii: ".")
                } else {
                    letters[i &- shift] = byte
                }
            }
            runs[run].end = end &- shift
        }
        length &-= shift
    }

    private static func hasThousands(_ bytes: UnsafeMutablePointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var digits = 0
        var commas = 0
        for i in start..<end {
            if bytes[i] == UInt8(ascii: ",") {
                guard commas == 0 ? digits > 0 && digits <= 3 : digits == 3 else { return false }
                commas &+= 1
                digits = 0
            } else if bytes[i] == UInt8(ascii: ".") {
                return commas > 0 && digits == 3
            } else {
                digits &+= 1
            }
        }
        return commas > 0 && digits == 3
    }

    @inline(__always)
    private func emit(
        _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ form: Word.Form, hasDigits: Bool, _ body: (Word) -> Void
    ) {
        guard count > 0 else { return }
        body(
            Word(
                bytes: UnsafeBufferPointer(start: start, count: count), form: form, hasDigits: hasDigits,
                isASCII: isASCII,
                place: place))
    }

    // MARK: Ideographs

    private mutating func addIdeograph(_ scalar: UInt32, _ body: (Word) -> Void) {
        if ideograph != 0 {
            emitIdeographs(ideograph, scalar, body)
            ideographIsPaired = true
        } else {
            ideographIsPaired = false
        }
        ideograph = scalar
    }

    private mutating func finishIdeographs(_ body: (Word) -> Void) {
        guard ideograph != 0 else { return }
        if !ideographIsPaired { emitIdeographs(ideograph, 0, body) }
        ideograph = 0
    }

    private mutating func emitIdeographs(_ first: UInt32, _ second: UInt32, _ body: (Word) -> Void) {
        var count = encodeUTF8(first, into: work, room: 4)
        if second != 0 { count &+= encodeUTF8(second, into: work + count, room: 4) }
        body(
            Word(
                bytes: UnsafeBufferPointer(start: work, count: count), form: .whole, hasDigits: false, isASCII: false,
                place: place))
        place &+= 1
    }
}
