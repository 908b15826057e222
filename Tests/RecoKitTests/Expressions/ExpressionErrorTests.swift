import Testing

@testable import RecoKit

@Suite struct ExpressionErrorTests {
    private let shop: Model

    init() throws { shop = try FilterShop.model("popularity") }

    private func message(filter: String = "", boost: String = "") -> String {
        do {
            _ = try shop.recommend(filter: filter, boost: boost)
            return ""
        } catch let error as RecoError {
            #expect(error.code == .invalidArgument)
            return error.message
        } catch { return "\(error)" }
    }

    @Test(arguments: [
        ("category = 1 and prize < 50", "position 12: a text is compared with a number"),
        ("has(title) and prize < 50", "position 16: there is no attribute \"prize\"; did you mean \"price\"?"),
        (
            "has(title) and größe < 50",
            "position 16: there is no attribute \"größe\"; texts stand in quotes; attributes are"
        ),
        ("title = 'ß' and prize = 1", "position 17: there is no attribute \"prize\"; did you mean \"price\"?"),
        ("category = shoes", "position 12: there is no attribute \"shoes\"; texts stand in quotes"),
        ("price", "position 1: the filter is a number; it has to be a condition, such as price < 50"),
        ("score > 1", "position 1: score is known in a boost only, when items have been found"),
        ("price <", "position 8: the expression ends where a value is expected"),
        ("price < 5)", "position 10: there is a \")\" too many"),
        ("(price < 5", "position 11: a \")\" is missing at the end"),
        ("price < 5 price", "position 11: an operator is expected before price, such as and, or, <, ="),
        ("1 < price < 5", "position 11: comparisons do not follow each other; join two of them by and"),
        ("title < 'x'", "position 1: texts are compared by = and != only, and by starts_with()"),
        ("tags = 'x'", "position 1: an item has several tags; write tag(\"x\") or \"x\" in tags"),
        ("price in ('x')", "position 11: a number is expected in this list, not 'x'"),
        ("category in (1)", "position 14: a text in quotes is expected in this list, not 1"),
        ("category in ('a' 'b')", "position 18: a comma is expected before 'b'"),
        ("category in ('a'", "position 17: the list is not closed by \")\""),
        ("category not 'x'", "position 14: in is expected after not, as in: colour not in (\"red\")"),
        ("category = 'x", "position 12: the quote that starts here has no end"),
        ("category = ''", "position 12: an empty text is no value; write not has(name) for items without one"),
        ("price < 5 && price > 1", "position 11: conditions are joined by the words and, or"),
        ("!has(price)", "position 1: \"!\" has no meaning here; write not, or != for \"is not\""),
        ("price < 5€", "position 10: the number 5 goes on with something that is no digit"),
        ("price < 1e999", "position 9: 1e999 is too large or too long for a number"),
        ("price < 5 ; drop", "position 11: \";\" has no meaning in an expression"),
        ("sqr(price) < 1", "position 1: there is no function sqr; did you mean sqrt?"),
        ("frobnicate(1)", "position 1: there is no function frobnicate; functions are abs, exp,"),
        ("pow(2) = 4", "position 6: an argument is missing: pow(x, exponent)"),
        ("abs(1, 2) = 4", "position 6: there is an argument too many: abs(x)"),
        ("has(3)", "position 5: has() takes the name of an attribute"),
        ("tag(sale)", "position 5: there is no attribute \"sale\""),
        ("price + category > 1", "position 9: a number is expected here, and this is a text"),
        ("price and true", "position 1: a condition is expected here, and this is a number"),
        ("not price", "position 5: a condition is expected here, and this is a number"),
        ("has(price) = true", "position 1: a condition is not compared; use it as it is, or not"),
        ("   ", "position 1: there is nothing but blanks"),
    ])
    func anErrorNamesThePosition(_ filter: String, _ expected: String) {
        #expect(message(filter: filter).hasPrefix("filter, \(expected)"), "\(message(filter: filter))")
    }

    @Test func ofABoostAsWell() {
        #expect(
            message(boost: "score * prize")
                == "boost, position 9: there is no attribute \"prize\"; did you mean \"price\"?")
        #expect(
            message(boost: "price < 1").hasPrefix("boost, position 1: the boost is a condition; it has to be a number"))
        #expect(message(boost: "category") == "boost, position 1: the boost is a text; it has to be a number")
        #expect(message(boost: "scor * 2").hasSuffix("did you mean \"score\"?"))
    }

    @Test func whatIsTooDeepTooLongOrTooManyIsRefused() {
        let deep = String(repeating: "(", count: 100_000) + "price < 5" + String(repeating: ")", count: 100_000)
        #expect(message(filter: deep).contains("longer than 65536 bytes"))
        let fits = String(repeating: "(", count: 62) + "price < 5" + String(repeating: ")", count: 62)
        #expect(message(filter: fits) == "")
        for opening in ["(", "not ", "abs("] {
            let filter = String(repeating: opening, count: 10_000) + "price"
            #expect(message(filter: filter).contains("it is nested deeper than 64 levels"), "\(opening)")
        }
        let many = [String](repeating: "price < 5", count: 3000).joined(separator: " or ")
        #expect(message(filter: many).contains("there are more than 256 operations"))
        let list = (0..<8000).map { "'x\($0)'" }.joined(separator: ",")
        #expect(message(filter: "title in (\(list))") == "")
        #expect(message(filter: "category in (\(list))") == "")
    }

    @Test func nestingUsesNoMoreRegistersThanThereAre() {
        var sum = "price * 2"
        for _ in 0..<31 { sum = "price * 3 + (\(sum))" }
        #expect(message(boost: sum) == "")
        var choice = "price"
        for _ in 0..<62 { choice = "if(price * 2 < 3, price * 2, \(choice))" }
        #expect(message(boost: choice) == "")
        var condition = "price < 1"
        for _ in 0..<31 { condition = "price < 3 and (\(condition))" }
        #expect(message(filter: condition) == "")
    }

    @Test func anyBytesGetAnAnswerOrAPosition() {
        var generator = SeededGenerator(seed: 3)
        let words = [
            "price", "category", "tags", "tag(", "(", ")", "\"x\"", "'", "`", "not", "and", "or", "in", "<", "=", "1",
            "-", "*",
            "/", ",", "if(", "has(", "score", " ", "\u{e4}", "\u{0}", "min(", "coalesce(", "clamp(", "pow(", "true",
        ]
        for _ in 0..<3000 {
            let length = Int(generator.next() % 12) + 1
            let text = (0..<length).map { _ in words[Int(generator.next() % UInt64(words.count))] }.joined(
                separator: " ")
            for message in [message(filter: text), message(boost: text)] where !message.isEmpty {
                #expect(message.contains(", position "), "\(text): \(message)")
            }
        }
    }
}
