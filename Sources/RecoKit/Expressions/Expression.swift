/// A compiled expression: a condition on items, or a number for each of them.
///
/// `ExpressionParser` makes it, in one pass and in scratch memory: instructions on registers, each for 64 items at a
/// time. A register of truth is a word with a bit per item, one of numbers holds 64 of them, so that what an instruction
/// costs to look up is spread over 64 items and a condition comes out as a word of the bit set of blocked items.
///
/// NaN stands for a missing number. Nothing traps: registers and operands were bounded when they were given out, and what
/// comes from the file is bounded at every access.
struct Expression: BitwiseCopyable {
    /// Items that an instruction works on at once.
    static let width = 64

    enum Operation: UInt8, BitwiseCopyable {
        // a, b and sometimes c are numbers, and so is the result
        case add, subtract, multiply, divide, power, minimum, maximum, negate, absolute, exponential, logarithm, root
        case choose  // a where the truth c holds, else b
        case coalesce  // a, or b where it is missing
        // the result is a truth
        case less, lessOrEqual, equal  // numbers a, b
        case sameText, beginsWith  // texts a, b
        case hasNumber, hasText, hasTags  // a
        case codeIs, tagIs  // category or tags a, code in b
        case numberIn, codeIn, textIn, tagIn  // a, list in b
        case and, or, not  // truths
    }

    /// Where a value comes from.
    struct Operand: BitwiseCopyable {
        enum Form: UInt8, BitwiseCopyable {
            case none
            case numbers, number, attribute, score, rank  // a register, a constant, an attribute, what only a boost has
            case truths, truth  // a register, a constant
            case text, texts, tags  // a constant; an attribute of texts or categories; one of tags
            case list  // of codes, numbers or texts
            case code
        }

        var form: Form
        var live: Int8 = -1  // the live column that overrides an attribute; -1: none
        var index: Int32 = 0  // of the register, the attribute or the list; the code; 1 and 0 for true and false
        var count: Int32 = 0  // of the list's entries, the text's bytes
        var position: Int32 = 0  // where it stands in the source, bytes
        var number = 0.0

        static let none = Operand(form: .none)
    }

    struct Instruction: BitwiseCopyable {
        var operation: Operation
        var target: Int32 = 0
        var a = Operand.none
        var b = Operand.none
        var c = Operand.none
    }

    let instructions: UnsafePointer<Instruction>
    let instructionCount: Int
    let result: Operand
    let attributes: UnsafePointer<AttributeView>
    let lists: UnsafePointer<UInt64>  // codes, bits of numbers, or start and length of texts; each list ascending
    let texts: UnsafePointer<UInt8>
    let live: UnsafePointer<LiveColumn>
    let registers: Registers
    let itemCount: Int

    /// What an evaluation writes: the registers of one expression after the other.
    struct Registers: BitwiseCopyable {
        let numbers: UnsafeMutablePointer<Double>  // (registers, 64)
        let truths: UnsafeMutablePointer<UInt64>  // (registers)

        /// As many of each kind may be in use at a time.
        static let count = 2 * ExpressionParser.maximumDepth + 4
        /// Room for numbers that are no register: constants and gathered attributes, one for each operand.
        static let rooms = 2
        static let memorySize = (count + rooms) * width * 8 + count * 8

        init(in memory: UnsafeMutableRawPointer) {
            numbers = memory.assumingMemoryBound(to: Double.self)
            truths = (memory + (Self.count + Self.rooms) * width * 8).assumingMemoryBound(to: UInt64.self)
        }

        func room(_ number: Int) -> UnsafeMutablePointer<Double> { numbers + (Self.count &+ number) &* width }
    }
}
