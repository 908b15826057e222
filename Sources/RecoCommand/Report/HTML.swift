/// A piece of a page. Text comes in by one door, which escapes it, so that nothing that a shop's data holds can become
/// markup; what comes out is well-formed as XML as well as HTML.
///
///     HTML.element("p", "Tea < coffee")  // <p>Tea &lt; coffee</p>
struct HTML: ExpressibleByStringInterpolation {
    let markup: String

    /// Text, escaped: string literals and what stands in them are text.
    init(stringLiteral text: String) { self = .text(text) }

    private init(markup: String) { self.markup = markup }

    static let nothing = HTML(markup: "")

    static func text(_ text: String) -> HTML { HTML(markup: escaped(text)) }

    static func group(_ parts: [HTML]) -> HTML { HTML(markup: parts.map(\.markup).joined()) }

    static func element(_ name: String, _ attributes: [(name: String, value: String)] = [], _ content: HTML...) -> HTML
    {
        element(name, attributes, content)
    }

    static func element(_ name: String, _ content: HTML...) -> HTML { element(name, [], content) }

    /// Elements that are empty by nature; of others HTML wants both tags.
    private static let empty: Set = ["meta", "br", "rect", "line", "circle", "polyline"]

    static func element(_ name: String, _ attributes: [(name: String, value: String)], _ content: [HTML]) -> HTML {
        let given = attributes.map { " \($0.name)=\"\(escaped($0.value))\"" }.joined()
        if empty.contains(name) { return HTML(markup: "<\(name)\(given)/>") }
        return HTML(markup: "<\(name)\(given)>" + content.map(\.markup).joined() + "</\(name)>")
    }

    /// A whole page. The style is this program's own and holds neither "<" nor "&".
    static func page(title: String, style: String, body: [HTML]) -> String {
        let head = HTML.element(
            "head", element("meta", [("charset", "utf-8")]),
            element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
            element("meta", [("name", "color-scheme"), ("content", "light dark")]),
            element("title", .text(title)), element("style", HTML(markup: style)))
        return "<!DOCTYPE html>\n"
            + element("html", [("lang", "en")], [head, "\n", element("body", [], body)]).markup + "\n"
    }

    /// Control characters become spaces: XML has no way to write them.
    private static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n": result += "\n"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
