import ArgumentParser
import RecoKit

/// `reco similar`: items like one item, or like several together.
struct Similar: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists items similar to an item.",
        discussion: """
            With --together, items that are bought together with it come first, from the model bought-together; the \
            places that are left go to similar items.
            """)

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    @Option(
        help: ArgumentHelp("The item; of several, what is similar to all of them comes first.", valueName: "id[,id]"),
        transform: splitIDs)
    var item: [String] = []

    @Option(help: ArgumentHelp("The text of a product that the model need not know.", valueName: "text"))
    var text: String?

    @Flag(help: "What is bought together with it.")
    var together = false

    @OptionGroup var length: Limit
    @OptionGroup var expressions: Expressions

    @Flag(help: "Say where each item comes from.")
    var explain = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard item.isEmpty != (text == nil), text != "" else {
            throw ValidationError("Say what to compare with: --item ID, or --text TEXT for a product that is new.")
        }
    }

    func run() throws {
        let model = try Model.open(model)
        mentionUnknownItems(item, in: model)
        if together, !model.description.models.contains("bought-together") {
            complain("the model holds no bought-together; similar items are listed")
        }
        let (filter, boost, live) = (expressions.filter, expressions.boost, try expressions.readLive())
        let hits =
            if let text {
                // What everybody buys is not like the text, and would only hide that nothing else is.
                try model.similar(
                    toText: text, limit: length.limit, filter: filter, boost: boost, live: live,
                    diversity: expressions.diversity, caps: expressions.caps, options: .noFallback)
            } else {
                try model.similar(
                    to: item, limit: length.limit, filter: filter, boost: boost, live: live,
                    diversity: expressions.diversity, caps: expressions.caps, options: together ? .boughtTogether : [])
            }
        func fields(_ hit: Hit) throws -> [MatchedField] {
            try model.matchedFields(
                of: hit, text: text ?? "", similarTo: item, options: text == nil ? [] : .textIsItem)
        }
        let answer = Answer(model, explain: explain, similarTo: text == nil ? "what was seen" : "the text")
        let output = Output()
        if json {
            let asked: (String, JSON) =
                if let text { ("text", .string(text)) } else {
                    item.count == 1 ? ("item", .string(item[0])) : ("similar_to", .array(item.map { .string($0) }))
                }
            try output.line(answer.json([asked], hits, fields: fields))
        } else if hits.isEmpty, text != nil {
            try output.line("nothing resembles the text")
        } else {
            for line in try answer.lines(hits, fields: fields) { try output.line(line) }
        }
        try output.flush()
    }
}
