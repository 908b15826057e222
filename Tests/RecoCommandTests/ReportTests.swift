import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// A page, taken apart.
private final class Page: NSObject, XMLParserDelegate {
    let text: String
    private(set) var attributes: [(element: String, name: String, value: String)] = []
    private(set) var elements: [String] = []
    private var failure: String?
    private var path: [(name: String, id: String?)] = []
    /// The exact figures of each table, row by row, by the table's id.
    private(set) var figures: [String: [[Double]]] = [:]
    private var table: String?
    private(set) var words = ""

    init(_ text: String) throws {
        self.text = text
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.shouldResolveExternalEntities = false
        parser.delegate = self
        let isWellFormed = parser.parse()
        #expect(isWellFormed, "\(failure ?? "")")
    }

    func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
        failure = "line \(parser.lineNumber): \(error)"
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes given: [String: String]
    ) {
        elements.append(name)
        for (key, value) in given { attributes.append((name, key, value)) }
        if name == "table" { table = given["id"] }
        if name == "tr", let table { figures[table, default: []].append([]) }
        if name == "data", let table, let value = given["value"].flatMap(Double.init) {
            figures[table]![figures[table]!.count - 1].append(value)
        }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
        if name == "table" { table = nil }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { words += text }

    /// Without the section whose figures differ from run to run.
    var withoutTimes: String {
        guard let start = text.range(of: "<section id=\"speed\">"),
            let end = text.range(of: "</section>", range: start.upperBound..<text.endIndex)
        else { return text }
        return text.replacingCharacters(in: start.lowerBound..<end.upperBound, with: "")
    }
}

extension Bench {
    /// 60 users over 40 days, in order of time: mostly tea for some, mostly mugs for others, bought one or two a day, in
    /// baskets. Writes events.csv, and its two parts before and after the last ten days.
    fileprivate func writeReportShop() throws {
        let day = 86_400
        var (all, before, after) = (
            ["user,item,event,weight,time,basket"], ["user,item,event,weight,time,basket"], ["user,item"]
        )
        var events: [(time: Int, line: String, pair: String)] = []
        for user in 0..<60 {
            for visit in 0..<8 {
                let time = 1_700_000_000 + (visit * 5 + user % 5) * day + user
                for place in 0..<2 {
                    let item = (user * 7 + visit * 3 + place * 5) % 25 * 2 + user % 2
                    events.append(
                        (
                            time,
                            "u\(user),\(item),\(visit % 3 == 0 ? "view" : "purchase"),\(1 + place),\(time),b\(user)-\(visit)",
                            "u\(user),\(item)"
                        ))
                }
            }
        }
        events.sort { ($0.time, $0.line) < ($1.time, $1.line) }
        let cut = events.last!.time - 10 * day
        for event in events {
            all.append(event.line)
            if event.time > cut { after.append(event.pair) } else { before.append(event.line) }
        }
        try write("events.csv", all.joined(separator: "\n") + "\n")
        try write("before.csv", before.joined(separator: "\n") + "\n")
        try write("after.csv", after.joined(separator: "\n") + "\n")
        var items = "item,title,category,price\n"
        for item in 0..<50 {
            items += "\(item),\"<script>alert('\(item)')</script> & \"\"tea\"\" \(item)\",c\(item % 2),\(item + 1).50\n"
        }
        try write("items.csv", items)
        try write("plain.csv", "item\n" + (0..<50).map { "\($0)\n" }.joined())
    }

    fileprivate func report(_ extra: String...) throws -> Page {
        let outcome = try run(
            ["report", "--events", "events.csv", "--items", "items.csv", "--hold-out", "10d", "--out", "report.html"]
                + extra)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output == "")
        return try Page(String(decoding: bytes("report.html"), as: UTF8.self))
    }
}

@Test func aReportIsOneWellFormedPageThatNeedsNothingElse() throws {
    let bench = try Bench()
    try bench.writeReportShop()
    let page = try bench.report("--model", "item-knn", "--model", "als", "--title", "Tea & <Co>")
    #expect(page.text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(
        !page.elements.contains { ["script", "link", "img", "iframe", "object", "use", "image", "a"].contains($0) })
    #expect(
        !page.attributes.contains {
            ["src", "href", "xlink:href", "srcset", "style"].contains($0.name) || $0.name.hasPrefix("on")
        })
    #expect(!page.text.contains("url(") && !page.text.contains("@import") && !page.text.contains("://"))
    #expect(page.elements.filter { $0 == "svg" }.count >= 10)
    #expect(page.words.contains("Tea & <Co>: how good are the recommendations?"))
    #expect(try bench.files() == ["after.csv", "before.csv", "events.csv", "items.csv", "plain.csv", "report.html"])
}

@Test func titlesOfAReportAreTextAndUsersAreNotNamed() throws {
    let bench = try Bench()
    try bench.writeReportShop()
    let page = try bench.report("--model", "item-knn")
    #expect(!page.text.contains("<script"))
    #expect(page.text.contains("&lt;script&gt;alert(&#39;"))
    #expect(page.words.contains("<script>alert('"))
    #expect(page.words.contains("A customer with"))
    #expect(page.text.range(of: "\\bu[0-9]+\\b", options: .regularExpression) == nil)
    let named = try bench.report("--model", "item-knn", "--show-users")
    #expect(named.words.range(of: "Customer u[0-9]+ with", options: .regularExpression) != nil)
}

@Test(arguments: [[], ["--repeats"]]) func aReportHasTheFiguresOfEvaluate(_ extra: [String]) throws {
    let bench = try Bench()
    try bench.writeReportShop()
    let outcome = try bench.run(
        ["report", "--events", "events.csv", "--items", "items.csv", "--hold-out", "10d", "--out", "report.html"]
            + ["--model", "item-knn", "--model", "als"] + extra)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try Page(String(decoding: bench.bytes("report.html"), as: UTF8.self))
    let rows = try #require(page.figures["metrics"]).filter { !$0.isEmpty }
    #expect(rows.count == 3)
    for (model, figures) in zip(["item-knn", "als", "popularity"], rows) {
        // Without categories, for in a file of its own the model of bestsellers begins with those of the customer's.
        let items = model == "popularity" ? "plain.csv" : "items.csv"
        let trained = try bench.run(
            "train", "--events", "before.csv", "--items", items, "--model", model, "--out", "m.reco")
        #expect(trained.code == 0, "\(trained.errors)")
        let object = try bench.run(["evaluate", "m.reco", "--test", "after.csv", "--k", "10", "--json"] + extra).json()
        let metrics = try #require(object["metrics"] as? [String: Double])
        let names = ["hit_rate@10", "recall@10", "ndcg@10", "map@10", "mrr", "coverage@10"]
        #expect(figures.count == names.count)
        // Sums are taken in the order of users, which is another here.
        for (name, figure) in zip(names, figures) { #expect(abs(figure - metrics[name]!) < 1e-12, "\(model) \(name)") }
        #expect(page.words.contains("\(object["users"]!) customers chose something that counts"))
    }
}

@Test func theSameReportHasTheSameBytesApartFromTimesWhateverTheThreads() throws {
    let bench = try Bench()
    try bench.writeReportShop()
    let first = try bench.report("--model", "hybrid", "--threads", "1")
    let again = try bench.report("--model", "hybrid", "--threads", "2")
    #expect(first.withoutTimes == again.withoutTimes)
    #expect(first.text.contains("<section id=\"speed\">"))
}

@Test func purchasesAreCountedByOrdersLinesAndMoney() throws {
    let bench = try Bench()
    // Bestsellers are 1 to 14 in this order: the first user is shown 2 to 11, the fifth 6 to 14 and one that nobody had.
    var events = "user,item,event,weight,time,basket\n"
    let later = 1_700_000_000 + 30 * 86_400
    for user in 0..<40 {
        for item in 1...(1 + user % 14) {
            events += "\(user),\(item),purchase,1,\(1_700_000_000 + user + item),a\(user)\n"
        }
    }
    events += "0,50,purchase,1,\(later),x\n0,2,purchase,3,\(later),x\n"
    events += "4,60,purchase,1,\(later),y\n"
    try bench.write("events.csv", events)
    var items = "item,title,price\n2,Two,10\n50,Fifty,70\n60,Sixty,100\n"
    for item in 100..<120 { items += "\(item),Other \(item),5\n" }
    try bench.write("items.csv", items)
    let outcome = try bench.run(
        "report", "--events", "events.csv", "--items", "items.csv", "--hold-out", "10d", "--model", "popularity",
        "--out",
        "report.html")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try Page(String(decoding: bench.bytes("report.html"), as: UTF8.self))
    // One order of two, one line of three, 30 of 200.
    #expect(page.figures["purchases"]?.last == [0.5, 1 / 3.0, 30 / 200.0])
    #expect(
        page.words.contains(
            "Of 100 orders with something new in the last 10 days, bestsellers would have had 50 in its ten."))
}

@Test func aReportThatCannotBeIsRefusedInASentence() throws {
    let bench = try Bench()
    try bench.writeReportShop()
    func report(_ words: String...) throws -> Outcome { try bench.run(["report", "--out", "r.html"] + words) }
    try report().isRefused(2, "Name a file of events, --events FILE, or a configuration, --config FILE.")
    try report("--events", "none.csv").isRefused(1, "cannot open none.csv: No such file or directory")
    try bench.write("empty.csv", "user,item,time\n")
    try report("--events", "empty.csv").isRefused(1, "there are no events to report on")
    try bench.write("untimed.csv", "user,item\n1,2\n1,3\n2,2\n")
    try report("--events", "untimed.csv").isRefused(
        1,
        "most events have no time, so that the last part cannot be held out; --hold-out 20% holds out a part at random")
    try report("--events", "events.csv", "--hold-out", "9000d").isRefused(
        1, "there are too few events to hold some out and measure on them")
    try report("--events", "events.csv", "--hold-out", "soon").isRefused(
        2, "--hold-out takes days (28d), last, or a share (20%); not \"soon\".")
    let again = "user,item,time\n1,2,1700000000\n1,2,1702000000\n2,2,1700000000\n"
    try bench.write("again.csv", again)
    try report("--events", "again.csv", "--hold-out", "5d", "--model", "popularity").isRefused(
        1, "nothing is left to measure on: whatever was held out had been chosen before (--repeats counts it)")
    try report("--events", "events.csv", "--model", "magic").isRefused(
        2,
        try bench.run("train", "--events", "events.csv", "--model", "magic", "--out", "m.reco")
            .errors.split(separator: "\n").last.map { String($0.dropFirst("reco: ".count)) } ?? "")
    try bench.run("report", "--events", "events.csv", "--out", "missing/r.html").isRefused(
        1, "cannot write missing/r.html: No such file or directory")
    try bench.run("report", "--events", "events.csv", "--out", "events.csv").isRefused(
        2, "--out would replace the input events.csv.")
    #expect(try !bench.files().contains("r.html"))
}

@Test func aReportTakesTheConfigurationOfTrain() throws {
    let bench = try Bench()
    try bench.writeReportShop()
    try bench.write("reco.yaml", "events: events.csv\nitems: items.csv\nmodel: item-knn\nseed: 7\nout: shop.reco\n")
    let outcome = try bench.run("report", "--config", "reco.yaml", "--out", "report.html")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try Page(String(decoding: bench.bytes("report.html"), as: UTF8.self))
    #expect(page.words.contains("seed 7;") && page.words.contains("Settings of item-knn"))
    #expect(try !bench.files().contains("shop.reco"))
}
