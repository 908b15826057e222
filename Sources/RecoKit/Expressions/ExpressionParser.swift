/// Reads an expression and compiles it as it goes: operator precedence (Pratt 1973, doi:10.1145/512927.512931), types
/// checked at every step, no tree.
///
///     or   and   not   = != < <= > >= in   + -   * /   -x   f(x)
///
/// An operand stays where it is (a constant, a column of the file) until an instruction uses it; only results take
/// registers, which are given out as from a stack. Length, depth and number of operations are bounded, and with them
/// everything else: O(length) but for the sorting of lists. It throws with the position of what is wrong.
struct ExpressionParser {
    /// What an expression is for.
    enum Purpose {
        case filter, boost

        var label: StaticString { self == .filter ? "filter" : "boost" }
    }

    static let maximumLength = 65_536  // bytes
    static let maximumDepth = 64
    static let maximumOperations = 256

    let purpose: Purpose
    let catalog: CatalogIndex
    let liveNames: UnsafeBufferPointer<LiveValues>
    var lexer: ExpressionLexer
    var token = ExpressionLexer.Token()
    /// A bit for each live column that the expression uses.
    var usedLive: UInt64 = 0

    private var depth = 0
    private let capacity: Int  // of instructions
    private let instructions: UnsafeMutablePointer<Expression.Instruction>
    private var instructionCount = 0
    private let views: UnsafeMutablePointer<AttributeView>
    private var viewCount = 0
    let lists: UnsafeMutablePointer<UInt64>
    var listCount = 0
    let texts: UnsafeMutablePointer<UInt8>
    var textCount = 0
    private var numbersInUse = 0
    private var truthsInUse = 0

    // MARK: Memory

    private static func capacity(_ length: Int) -> Int { min(length, maximumOperations) }

    /// Bytes that the expression of so many bytes may need, registers aside.
    static func memorySize(_ length: Int) -> Int {
        let length = min(length, maximumLength)
        return capacity(length) * MemoryLayout<Expression.Instruction>.stride
            + 2 * (capacity(length) + 1) * MemoryLayout<AttributeView>.stride + (length / 2 + 1) * 8 + (length + 7) / 8
            * 8
    }

    /// `memory` has `memorySize(source.count)` bytes.
    init(
        _ source: UnsafeBufferPointer<UInt8>, _ purpose: Purpose, _ catalog: CatalogIndex,
        live: UnsafeBufferPointer<LiveValues>, in memory: UnsafeMutableRawPointer
    ) {
        self.purpose = purpose
        self.catalog = catalog
        liveNames = live
        lexer = ExpressionLexer(source, label: purpose.label)
        capacity = Self.capacity(source.count)
        var at = memory
        instructions = at.assumingMemoryBound(to: Expression.Instruction.self)
        at += capacity * MemoryLayout<Expression.Instruction>.stride
        views = at.assumingMemoryBound(to: AttributeView.self)
        at += 2 * (capacity + 1) * MemoryLayout<AttributeView>.stride
        lists = at.assumingMemoryBound(to: UInt64.self)
        at += (min(source.count, Self.maximumLength) / 2 + 1) * 8
        texts = at.assumingMemoryBound(to: UInt8.self)
    }

    /// Reads all of the source. `live` is filled before the expression is evaluated.
    mutating func compile(
        registers: Expression.Registers, live: UnsafePointer<LiveColumn>, itemCount: Int
    ) throws -> Expression {
        guard lexer.source.count <= Self.maximumLength else {
            throw lexer.problem(
                Self.maximumLength, "it is longer than \(Self.maximumLength) bytes (\(lexer.source.count))")
        }
        try advance()
        if token.kind == .end { throw lexer.problem(0, "there is nothing but blanks") }
        let result = try expression(0)
        if token.kind == .close { throw problem("there is a \")\" too many") }
        guard token.kind == .end else {
            throw problem("an operator is expected before \(lexer.shown(token)), such as and, or, <, =")
        }
        switch (purpose, Self.type(of: result)) {
        case (.filter, .truth), (.boost, .number): break
        case (.filter, let type):
            throw problem(at: result, "the filter is \(type.name); it has to be a condition, such as price < 50")
        case (.boost, let type):
            let hint = type == .truth ? "; if(condition, 2, 1) makes a number of it" : ""
            throw problem(at: result, "the boost is \(type.name); it has to be a number\(hint)")
        }
        return Expression(
            instructions: instructions, instructionCount: instructionCount, result: result, attributes: views,
            lists: lists, texts: texts, live: live, registers: registers, itemCount: itemCount)
    }

    // MARK: Grammar

    mutating func advance() throws { token = try lexer.next() }

    /// Everything up to an operator that binds no stronger than `minimum`.
    mutating func expression(_ minimum: Int) throws -> Expression.Operand {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw problem("it is nested deeper than \(Self.maximumDepth) levels")
        }
        var left = try operand()
        while true {
            switch token.kind {
            case .or where minimum < 1:
                left = try combine(.or, left, 1)
            case .and where minimum < 2:
                left = try combine(.and, left, 2)
            case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .in, .not:
                guard minimum < 4 else { return left }
                left = try comparison(left)
            case .plus where minimum < 5: left = try combine(.add, left, 5)
            case .minus where minimum < 5: left = try combine(.subtract, left, 5)
            case .times where minimum < 6: left = try combine(.multiply, left, 6)
            case .divided where minimum < 6: left = try combine(.divide, left, 6)
            default: return left
            }
        }
    }

    /// A value, or an operator before one.
    private mutating func operand() throws -> Expression.Operand {
        let start = token
        switch token.kind {
        case .number:
            try advance()
            return at(start, .init(form: .number, number: start.number))
        case .text:
            return at(start, try text())
        case .yes, .no:
            try advance()
            return at(start, .init(form: .truth, index: start.kind == .yes ? 1 : 0))
        case .not:
            try advance()
            let value = try expression(3)
            return at(start, try emit(.not, try truth(value)))
        case .minus:
            try advance()
            var value = try number(try expression(7))
            if value.form == .number {
                value.number = -value.number
                return at(start, value)
            }
            return at(start, try emit(.negate, value))
        case .plus:
            try advance()
            return at(start, try number(try expression(7)))
        case .open:
            try advance()
            let value = try expression(0)
            try close()
            return at(start, value)
        case .name, .quotedName:
            try advance()
            if token.kind == .open, start.kind == .name { return at(start, try call(start)) }
            return at(start, try name(start))
        case .end:
            throw problem("the expression ends where a value is expected")
        default:
            throw problem("a value is expected here, not \(lexer.shown(token))")
        }
    }

    private mutating func combine(
        _ operation: Expression.Operation, _ left: Expression.Operand, _ power: Int
    ) throws -> Expression.Operand {
        let isLogic = operation == .and || operation == .or
        let left = isLogic ? try truth(left) : try number(left)
        try advance()
        let right = try expression(power)
        return at(left, try emit(operation, left, isLogic ? try truth(right) : try number(right)))
    }

    private mutating func comparison(_ left: Expression.Operand) throws -> Expression.Operand {
        let sign = token
        try advance()
        let result: Expression.Operand
        switch sign.kind {
        case .in: result = try membership(left)
        case .not:
            guard token.kind == .in else { throw problem("in is expected after not, as in: colour not in (\"red\")") }
            try advance()
            result = try emit(.not, try membership(left))
        case .equal: result = try equality(left, try expression(4), sign)
        case .notEqual: result = try emit(.not, try equality(left, try expression(4), sign))
        default:
            let a = try ordered(left)
            let b = try ordered(try expression(4))
            switch sign.kind {
            case .less: result = try emit(.less, a, b)
            case .lessOrEqual: result = try emit(.lessOrEqual, a, b)
            case .greater: result = try emit(.less, b, a)
            default: result = try emit(.lessOrEqual, b, a)
            }
        }
        switch token.kind {
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
            throw problem("comparisons do not follow each other; join two of them by and")
        default: break
        }
        return at(left, result)
    }

    private func ordered(_ value: Expression.Operand) throws -> Expression.Operand {
        if Self.type(of: value) == .text {
            throw problem(at: value, "texts are compared by = and != only, and by starts_with()")
        }
        return try number(value)
    }

    private mutating func equality(
        _ left: Expression.Operand, _ right: Expression.Operand, _ sign: ExpressionLexer.Token
    ) throws -> Expression.Operand {
        let types = (Self.type(of: left), Self.type(of: right))
        switch types {
        case (.number, .number): return try emit(.equal, left, right)
        case (.text, .text):
            if left.form == .text, let code = code(of: left, for: right) { return try emit(.codeIs, right, code) }
            if right.form == .text, let code = code(of: right, for: left) { return try emit(.codeIs, left, code) }
            return try emit(.sameText, left, right)
        case (.tags, _), (_, .tags):
            throw problem(
                at: types.0 == .tags ? left : right, "an item has several tags; write tag(\"x\") or \"x\" in tags")
        case (.truth, _), (_, .truth):
            throw problem(at: types.0 == .truth ? left : right, "a condition is not compared; use it as it is, or not")
        default:
            throw problem(at: right, "\(types.0.name) is compared with \(types.1.name)")
        }
    }

    mutating func close() throws {
        guard token.kind == .close else {
            throw problem(
                token.kind == .end
                    ? "a \")\" is missing at the end" : "a \")\" is expected before \(lexer.shown(token))")
        }
        try advance()
    }

    // MARK: Types

    enum ValueType {
        case number, truth, text, tags

        var name: String {
            switch self {
            case .number: "a number"
            case .truth: "a condition"
            case .text: "a text"
            case .tags: "a list of tags"
            }
        }
    }

    static func type(of value: Expression.Operand) -> ValueType {
        switch value.form {
        case .truths, .truth: .truth
        case .text, .texts: .text
        case .tags: .tags
        default: .number
        }
    }

    func number(_ value: Expression.Operand) throws -> Expression.Operand {
        guard Self.type(of: value) == .number else {
            throw problem(at: value, "a number is expected here, and this is \(Self.type(of: value).name)")
        }
        return value
    }

    func truth(_ value: Expression.Operand) throws -> Expression.Operand {
        guard Self.type(of: value) == .truth else {
            throw problem(at: value, "a condition is expected here, and this is \(Self.type(of: value).name)")
        }
        return value
    }

    // MARK: Instructions

    /// Adds an instruction whose result takes the place of its operands.
    mutating func emit(
        _ operation: Expression.Operation, _ a: Expression.Operand, _ b: Expression.Operand = .none,
        _ c: Expression.Operand = .none
    ) throws -> Expression.Operand {
        guard instructionCount < capacity else {
            throw problem("there are more than \(Self.maximumOperations) operations")
        }
        for value in [a, b, c] {
            if value.form == .numbers { numbersInUse -= 1 }
            if value.form == .truths { truthsInUse -= 1 }
        }
        let isNumber = operation.rawValue <= Expression.Operation.coalesce.rawValue
        let target = isNumber ? numbersInUse : truthsInUse
        guard target < Expression.Registers.count else { throw problem("there are too many results to remember") }
        if isNumber { numbersInUse += 1 } else { truthsInUse += 1 }
        instructions[instructionCount] = Expression.Instruction(
            operation: operation, target: Int32(target), a: a, b: b, c: c)
        instructionCount += 1
        return Expression.Operand(form: isNumber ? .numbers : .truths, index: Int32(target), position: a.position)
    }

    /// The view of an attribute, for instructions to name.
    mutating func view(_ attribute: CatalogIndex.Attribute) throws -> Int32 {
        guard viewCount < 2 * (capacity + 1) else { throw problem("there are too many names") }
        views[viewCount] = attribute.view
        viewCount += 1
        return Int32(viewCount - 1)
    }

    func view(_ value: Expression.Operand) -> AttributeView { views[Int(value.index)] }

    // MARK: Places and errors

    func at(_ start: ExpressionLexer.Token, _ value: Expression.Operand) -> Expression.Operand {
        var value = value
        value.position = Int32(start.start)
        return value
    }

    private func at(_ first: Expression.Operand, _ value: Expression.Operand) -> Expression.Operand {
        var value = value
        value.position = first.position
        return value
    }

    /// Something wrong with the word that comes next.
    func problem(_ what: String) -> RecoError { lexer.problem(token.start, what) }

    /// Something wrong with a value.
    func problem(at value: Expression.Operand, _ what: String) -> RecoError { lexer.problem(Int(value.position), what) }
}
