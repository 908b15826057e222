import RecoKit

/// Reads a document of objects, arrays, numbers and texts from front to back, keeping nothing: what JSON and UBJSON have
/// in common. Whoever reads knows what comes next; everything else is skipped.
///
/// Every method throws `badData` where something else stands there.
protocol DocumentReader: AnyObject {
    /// Calls `body` with each member's name; it reads the value or skips it.
    func members(_ body: (String) throws -> Void) throws
    /// Calls `body` for each element; it reads the value or skips it.
    func elements(_ body: () throws -> Void) throws
    /// A number, true or false as 1 or 0, or a text that is a number.
    func number() throws -> Double
    func text() throws -> String
    func skip() throws
    /// What is wrong, and where.
    func wrong(_ what: String) -> RecoError
}

/// Numbers of one array at most: no tree has so many nodes, and memory stays bounded by it.
let longestArrayOfTrees = 1 << 24

extension DocumentReader {
    /// An array of numbers.
    func numbers() throws -> [Double] {
        var numbers: [Double] = []
        try elements {
            guard numbers.count < longestArrayOfTrees else { throw wrong("an array is longer than any tree needs") }
            numbers.append(try number())
        }
        return numbers
    }

    /// A whole number of 32 bits.
    func integer() throws -> Int {
        guard let integer = Int32(exactly: try number()) else { throw wrong("a number is no whole number") }
        return Int(integer)
    }

    func integers() throws -> [Int32] {
        try numbers().map {
            guard let integer = Int32(exactly: $0) else { throw wrong("a number is no whole number") }
            return integer
        }
    }
}
