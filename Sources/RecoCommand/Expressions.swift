import ArgumentParser
import Glibc
import RecoKit
import RecoSources

/// Conditions and formulas over the items' attributes: options of all questions.
struct Expressions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only items for which this holds: 'price < 50 and not tag(\"sale\")' (docs/filters.md).",
            valueName: "expression"))
    var filter = ""

    @Option(
        help: ArgumentHelp("What an item's score becomes: 'score * if(tag(\"new\"), 1.2, 1)'.", valueName: "expression")
    )
    var boost = ""

    @Option(
        help: ArgumentHelp(
            "Numbers that hold instead of the model's: stock=ID:0,ID:7, or a table with the columns item,stock,...",
            valueName: "file or name=id:number,..."))
    var live: [String] = []

    @Option(
        help: ArgumentHelp("0: the best first; up to 1: the more, the less alike are the items.", valueName: "0...1"))
    var diversity: Float = 0

    @Option(help: ArgumentHelp("How many items may have the same value: brand=2.", valueName: "attribute=number"))
    var cap: [String] = []

    func validate() throws {
        guard diversity >= 0, diversity <= 1 else { throw ValidationError("--diversity takes a number from 0 to 1.") }
        _ = try caps
    }

    /// The caps by attribute.
    var caps: [String: Int] {
        get throws {
            try Dictionary(
                cap.map { text in
                    guard let equals = text.lastIndex(of: "="), equals > text.startIndex,
                        let number = Int(text[text.index(after: equals)...]), number > 0
                    else { throw ValidationError("--cap: \"\(text)\" is no attribute and its number, as in brand=2") }
                    return (String(text[..<equals]), number)
                }, uniquingKeysWith: min)
        }
    }

    /// The values of all options: name, then item, then number.
    func readLive() throws -> [String: [String: Double]] {
        var all: [String: [String: Double]] = [:]
        for text in live {
            let isFile = text == "-" || access(text, F_OK) == 0 || !text.contains("=")
            for (name, values) in isFile ? try readLiveValues(from: text) : try Self.parse(text) {
                all[name, default: [:]].merge(values) { $1 }
            }
        }
        return all
    }

    /// "stock=a:0,b:7"; an id may hold colons, a name and an id no comma.
    private static func parse(_ text: String) throws -> [String: [String: Double]] {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        var values: [String: Double] = [:]
        for entry in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            guard let colon = entry.lastIndex(of: ":"), colon > entry.startIndex,
                let number = Double(entry[entry.index(after: colon)...]), number.isFinite
            else { throw ValidationError("--live: \"\(entry)\" is not an item and its number, as in stock=1021:7") }
            values[String(entry[..<colon])] = number
        }
        return [String(parts[0]): values]
    }
}
