import Glibc

extension Expression {
    /// Up to 64 items: those of a word of the bit set, or any that a list names.
    struct Rows: BitwiseCopyable {
        let first: Int
        let list: UnsafePointer<UInt32>?
        let count: Int
        /// What the items score so far, and the first one's place in the list they come from; for boosts.
        var scores: UnsafePointer<Double>?
        var rank = 0

        @inline(__always)
        subscript(index: Int) -> Int { list.map { Int($0[index]) } ?? first &+ index }
    }

    /// Which of the rows meet the condition, a bit each; what the bits behind the last one say means nothing.
    func truth(_ rows: Rows) -> UInt64 {
        run(rows)
        return truth(result)
    }

    /// A number for each row, NaN where there is none; valid until the next evaluation. (64)
    func numbers(_ rows: Rows) -> UnsafePointer<Double> {
        run(rows)
        return numbers(result, rows, registers.room(0))
    }

    private func run(_ rows: Rows) {
        for i in 0..<instructionCount { run(instructions[i], rows) }
    }

    private func run(_ step: Instruction, _ rows: Rows) {
        let target = Int(step.target)
        switch step.operation {
        case .add: combine(step, rows) { Self.finite($0 + $1) }
        case .subtract: combine(step, rows) { Self.finite($0 - $1) }
        case .multiply: combine(step, rows) { Self.finite($0 * $1) }
        case .divide: combine(step, rows) { Self.finite($0 / $1) }
        case .power: combine(step, rows) { Self.finite(RecoKit.power($0, $1)) }
        case .minimum: combine(step, rows) { $0.isNaN || $0 < $1 ? $0 : $1 }
        case .maximum: combine(step, rows) { $0.isNaN || $0 > $1 ? $0 : $1 }
        case .coalesce: combine(step, rows) { $0.isNaN ? $1 : $0 }
        case .negate: change(step, rows) { -$0 }
        case .absolute: change(step, rows) { $0.magnitude }
        case .exponential: change(step, rows) { Self.finite(RecoKit.exponential($0)) }
        case .logarithm: change(step, rows) { Self.finite(naturalLog($0)) }
        case .root: change(step, rows) { $0.squareRoot() }
        case .choose:
            let chosen = truth(step.c)
            let (a, b) = pair(step, rows)
            let out = registers.numbers + target &* Self.width
            for i in 0..<Self.width { out[i] = chosen & (1 &<< UInt64(i)) != 0 ? a[i] : b[i] }
        case .less: registers.truths[target] = compare(step, rows) { $0 < $1 }
        case .lessOrEqual: registers.truths[target] = compare(step, rows) { $0 <= $1 }
        case .equal: registers.truths[target] = compare(step, rows) { $0 == $1 }
        case .hasNumber:
            let a = numbers(step.a, rows, registers.room(0))
            registers.truths[target] = Self.bits(Self.width) { a[$0].isFinite }
        case .sameText:
            registers.truths[target] = Self.bits(rows.count) {
                let a = text(step.a, rows[$0])
                return !a.isEmpty && sameBytes(a, text(step.b, rows[$0]))
            }
        case .beginsWith:
            let beginning = text(step.b, 0)
            registers.truths[target] = Self.bits(rows.count) {
                let a = text(step.a, rows[$0])
                return sameBytes(UnsafeBufferPointer(rebasing: a.prefix(beginning.count)), beginning)
            }
        case .hasText: registers.truths[target] = Self.bits(rows.count) { !text(step.a, rows[$0]).isEmpty }
        case .textIn:
            let list = list(step.b)
            registers.truths[target] = Self.bits(rows.count) { has(list, text(step.a, rows[$0])) }
        case .codeIs:
            registers.truths[target] = has(UInt32(bitPattern: step.b.index), attributes[Int(step.a.index)], rows)
        case .codeIn:
            let view = attributes[Int(step.a.index)]
            let list = list(step.b)
            if list.count <= Self.shortList {
                var any: UInt64 = 0
                for code in list { any |= has(UInt32(truncatingIfNeeded: code), view, rows) }
                registers.truths[target] = any
            } else {
                registers.truths[target] = Self.bits(rows.count) { has(list, UInt64(view.code(rows[$0]))) }
            }
        case .hasTags:
            let view = attributes[Int(step.a.index)]
            registers.truths[target] = Self.bits(rows.count) { !view.tags(rows[$0]).isEmpty }
        case .tagIs:
            let code = UInt32(bitPattern: step.b.index)
            registers.truths[target] = code == 0 ? 0 : anyTag(attributes[Int(step.a.index)], rows) { $0 == code }
        case .tagIn:
            let list = list(step.b)
            registers.truths[target] = anyTag(attributes[Int(step.a.index)], rows) { has(list, UInt64($0)) }
        case .numberIn:
            let a = numbers(step.a, rows, registers.room(0))
            let list = list(step.b)
            registers.truths[target] = Self.bits(Self.width) { has(list, a[$0]) }
        case .and: registers.truths[target] = truth(step.a) & truth(step.b)
        case .or: registers.truths[target] = truth(step.a) | truth(step.b)
        case .not: registers.truths[target] = ~truth(step.a)
        }
    }

    // MARK: Loops over 64 items

    /// A number that counts: what is not finite is missing.
    @inline(__always)
    private static func finite(_ value: Double) -> Double { value - value == 0 ? value : .nan }

    @inline(__always)
    private func combine(_ step: Instruction, _ rows: Rows, _ body: (Double, Double) -> Double) {
        let (a, b) = pair(step, rows)
        let out = registers.numbers + Int(step.target) &* Self.width
        for i in 0..<Self.width { out[i] = body(a[i], b[i]) }
    }

    @inline(__always)
    private func change(_ step: Instruction, _ rows: Rows, _ body: (Double) -> Double) {
        let a = numbers(step.a, rows, registers.room(0))
        let out = registers.numbers + Int(step.target) &* Self.width
        for i in 0..<Self.width { out[i] = body(a[i]) }
    }

    @inline(__always)
    private func compare(_ step: Instruction, _ rows: Rows, _ body: (Double, Double) -> Bool) -> UInt64 {
        let (a, b) = pair(step, rows)
        return Self.bits(Self.width) { body(a[$0], b[$0]) }
    }

    /// Which rows have a category's code; one that is 0 has none.
    private func has(_ code: UInt32, _ view: AttributeView, _ rows: Rows) -> UInt64 {
        if code == 0 { return 0 }
        if rows.list == nil, rows.first &+ Self.width <= view.codes.count, let base = view.codes.baseAddress {
            let codes = base + rows.first
            return Self.bits(Self.width) { codes[$0] == code }
        }
        return Self.bits(rows.count) { view.code(rows[$0]) == code }
    }

    /// Which rows have a tag that passes. The tags of all rows of a word lie together and are looked through as one.
    @inline(__always)
    private func anyTag(_ view: AttributeView, _ rows: Rows, _ passes: (UInt32) -> Bool) -> UInt64 {
        guard rows.list == nil, rows.count > 0, rows.first &+ rows.count < view.offsets.count,
            let offsets = view.offsets.baseAddress, let codes = view.codes.baseAddress,
            let start = Int(exactly: offsets[rows.first]), let end = Int(exactly: offsets[rows.first &+ rows.count]),
            end <= view.codes.count
        else {
            return Self.bits(rows.count) {
                for tag in view.tags(rows[$0]) where passes(tag) { return true }
                return false
            }
        }
        var bits: UInt64 = 0
        var row = 0
        var at = start
        while at < end {
            if passes(codes[at]) {
                while row < rows.count &- 1, offsets[rows.first &+ row &+ 1] <= UInt64(truncatingIfNeeded: at) {
                    row &+= 1
                }
                bits |= 1 &<< UInt64(row)
            }
            at &+= 1
        }
        return bits
    }

    /// Lists of so many codes are looked for one code after the other.
    private static let shortList = 4

    /// A bit for each place that passes.
    @inline(__always)
    private static func bits(_ count: Int, _ test: (Int) -> Bool) -> UInt64 {
        var bits: UInt64 = 0
        for i in 0..<count { bits |= (test(i) ? 1 : 0) &<< UInt64(i) }
        return bits
    }

    // MARK: Values

    private func truth(_ value: Operand) -> UInt64 {
        value.form == .truths ? registers.truths[Int(value.index)] : value.index == 0 ? 0 : ~0
    }

    @inline(__always)
    private func pair(_ step: Instruction, _ rows: Rows) -> (UnsafePointer<Double>, UnsafePointer<Double>) {
        (numbers(step.a, rows, registers.room(0)), numbers(step.b, rows, registers.room(1)))
    }

    /// 64 numbers, which may lie in `room`.
    private func numbers(_ value: Operand, _ rows: Rows, _ room: UnsafeMutablePointer<Double>) -> UnsafePointer<Double>
    {
        switch value.form {
        case .numbers: return UnsafePointer(registers.numbers + Int(value.index) &* Self.width)
        case .attribute: return attribute(value, rows, room)
        case .score:
            for i in 0..<Self.width { room[i] = i < rows.count ? rows.scores?[i] ?? .nan : .nan }
        case .rank:
            for i in 0..<Self.width { room[i] = Double(rows.rank &+ i) }
        default: room.update(repeating: value.number, count: Self.width)
        }
        return UnsafePointer(room)
    }

    private func attribute(
        _ value: Operand, _ rows: Rows, _ room: UnsafeMutablePointer<Double>
    ) -> UnsafePointer<Double> {
        if value.index < 0 {
            room.update(repeating: .nan, count: Self.width)
        } else {
            let view = attributes[Int(value.index)]
            if rows.list == nil, value.live < 0, let base = view.numbers.baseAddress,
                rows.first &+ Self.width <= view.numbers.count
            {
                return base + rows.first
            }
            for i in 0..<Self.width { room[i] = i < rows.count ? view.number(rows[i]) : .nan }
        }
        if value.live >= 0 { override(room, by: live[Int(value.live)], rows) }
        return UnsafePointer(room)
    }

    /// Puts live values in the place of those of the file.
    private func override(_ room: UnsafeMutablePointer<Double>, by live: LiveColumn, _ rows: Rows) {
        guard rows.list == nil else {
            for i in 0..<rows.count {
                let row = UInt32(truncatingIfNeeded: rows[i])
                let place = live.place(of: row)
                if place < live.count, live.rows[place] == row { room[i] = live.values[place] }
            }
            return
        }
        var place = live.place(of: UInt32(truncatingIfNeeded: rows.first))
        while place < live.count {
            let i = Int(live.rows[place]) &- rows.first
            guard i < rows.count else { return }
            room[i] = live.values[place]
            place &+= 1
        }
    }

    private func text(_ value: Operand, _ row: Int) -> UnsafeBufferPointer<UInt8> {
        value.form == .texts
            ? attributes[Int(value.index)].text(row)
            : UnsafeBufferPointer(start: texts + Int(value.index), count: Int(value.count))
    }

    // MARK: Lists

    private func list(_ value: Operand) -> UnsafeBufferPointer<UInt64> {
        UnsafeBufferPointer(start: lists + Int(value.index), count: Int(value.count))
    }

    static func text(_ entry: UInt64, _ texts: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: texts + Int(entry >> 32), count: Int(entry & 0xFFFF_FFFF))
    }

    private func has(_ list: UnsafeBufferPointer<UInt64>, _ code: UInt64) -> Bool {
        let place = firstPlace(list.count) { list[$0] < code }
        return place < list.count && list[place] == code
    }

    private func has(_ list: UnsafeBufferPointer<UInt64>, _ number: Double) -> Bool {
        let place = firstPlace(list.count) { Double(bitPattern: list[$0]) < number }
        return place < list.count && Double(bitPattern: list[place]) == number
    }

    private func has(_ list: UnsafeBufferPointer<UInt64>, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if text.isEmpty { return false }
        let place = firstPlace(list.count) { compareBytes(Self.text(list[$0], texts), text) < 0 }
        return place < list.count && compareBytes(Self.text(list[place], texts), text) == 0
    }
}
