import RecoKit
import Testing

@testable import RecoSources

@Test func allColumnsOfEventsAreRead() throws {
    let (log, report) = try load(
        """
        user,item,event,weight,time
        1,a,view,2.5,100
        2,b,addtocart,,2011-11-09
        1,b,,3,

        """)
    #expect(
        log.events == [
            Event(user: "1", item: "a", kind: "view", weight: 2.5, time: 100),
            Event(user: "2", item: "b", kind: "cart", weight: 1, time: 1_320_796_800),
            Event(user: "1", item: "b", kind: "interaction", weight: 3, time: nil),
        ])
    #expect(report.rows == 3 && report.badRows.count == 0 && report.badRows.lines == [])
}

@Test(arguments: [
    "user,item\n1,a\n", "user\titem\n1\ta\n", "item;user\na;1\n", "User_ID,Item ID\n1,a\n",
    "\"customerId\",sku\n1,\"a\"\n",
    "x,item,y,user\n8,a,9,1\n", "user,item\r\n1,a\r\n", "user,item\n1,a",
])
func columnsAreFoundByName(text: String) throws {
    #expect(try load(text).0.events == [Event(user: "1", item: "a")])
}

@Test func theBestNameWinsAndOtherColumnsAreListed() throws {
    let (log, report) = try load("count,weight,item,user,colour,rating\n1,2,a,u,red,3\n")
    #expect(log.events == [Event(user: "u", item: "a", weight: 2)])
    #expect(report.ignoredColumns == ["count", "colour", "rating"])
    #expect(report.columns.map(\.role) == ["user", "item", "weight"])
}

@Test func aRatingOrQuantityIsTheWeight() throws {
    #expect(try load("user,item,rating\n1,a,4.5\n").0.events == [Event(user: "1", item: "a", weight: 4.5)])
    #expect(try load("user,item,qty\n1,a,-2\n").0.events == [Event(user: "1", item: "a", weight: -2)])
}

@Test(arguments: ["basket", "order_id", "InvoiceNo", "Session ID", "transactionid"])
func theBasketOfAnEventIsRead(column: String) throws {
    let (log, report) = try load("user,item,\(column)\n1,a,\n1,b,C536\n2,a,C536\n1,c,77\n1,d,NULL\n1,e,77\n")
    #expect(log.basketNames == [nil, "C536", "C536", "77", nil, "77"])
    #expect(report.columns.last?.role == "basket" && report.badRows.count == 0)
}

@Test func aBasketThatCannotBeOneIsABadRow() throws {
    let (log, report) = try load(Array("user,item,order\n1,a,".utf8) + [0xC3] + Array("\n1,b,7\n".utf8))
    #expect(log.events.map(\.item) == ["b"])
    #expect(report.badRows.groups.map(\.reason) == [.badBasket])
}

@Test func withoutAColumnOfBasketsThereAreNone() throws {
    let (log, _) = try load("user,item\n1,a\n")
    #expect(log.basketNames.isEmpty && log.baskets.count == 0)
}

@Test func integersStayIntegersUntilAnIdIsNone() throws {
    let (log, _) = try load("user,item\n1,10\n-2,007\n1,10\n")
    #expect(log.users.holdsIntegers && !log.items.holdsIntegers)
    #expect(log.events.map(\.item) == ["10", "007", "10"])
    #expect(log.users.count == 2 && log.items.count == 2)
}

@Test func manyIdsKeepTheirRowsAcrossBatchesAndTheTurnToText() throws {
    var generator = SeededGenerator(seed: 5)
    var expected: [Event] = []
    var text = "user,item\n"
    for row in 0..<5000 {
        let user = row == 2700 ? "anna" : String(generator.nextIndex(900))
        let item = generator.nextIndex(3) == 0 ? "b\(generator.nextIndex(700))" : String(generator.nextIndex(700))
        expected.append(Event(user: user, item: item))
        text += "\(user),\(item)\n"
    }
    let (log, _) = try load(text)
    #expect(log.events == expected)
    #expect(log.users.count == Set(expected.map(\.user)).count)
    #expect(log.items.count == Set(expected.map(\.item)).count)
    var seen: Set<String> = []
    let firsts = expected.map(\.item).filter { seen.insert($0).inserted }
    #expect((0..<log.items.count).map { log.items.id(of: $0) } == firsts)
}

@Test func severalFilesAddUp() throws {
    let log = EventLog()
    _ = try load("user,item\n1,a\n", into: log)
    _ = try load("item,user\nb,1\n", into: log)
    #expect(log.events == [Event(user: "1", item: "a"), Event(user: "1", item: "b")])
}

@Test func nullOfDatabasesIsNoValue() throws {
    let (log, report) = try load("user,item,event,weight,time\n1,a,\\N,NULL,\\N\nNULL,a,,,\n1,\\N,,,\n")
    #expect(log.events == [Event(user: "1", item: "a")])
    #expect(report.badRows.groups.map(\.reason) == [.noUser, .noItem])
}

@Test func badRowsAreCountedByReasonWithTheirFirstExamples() throws {
    let long = String(repeating: "x", count: 1025)
    let (log, report) = try load(
        Array(
            """
            user,item,event,weight,time
            1,a,view,1,1
            1,a
            1,a,view,1,1,too,many
            ,a,view,1,1
            1,,view,1,1
            \(long),a,view,1,1
            1,\(long),view,1,1
            1,a,wish,1,1
            1,a,view,nan,1
            1,a,view,inf,1
            1,a,view,1e39,1
            1,a,view,much,1
            1,a,view,1,yesterday
            2,b,view,1,1,,

            """.utf8) + [0x31, 0x2C, 0xFF, 0x2C, 0x2C, 0x2C, 0x0A, 0x00, 0x2C, 0x61, 0x2C, 0x2C, 0x2C, 0x0A])
    #expect(log.events.map(\.item) == ["a", "b"])
    #expect(log.users.count == 2 && log.items.count == 2)
    let counts = Dictionary(uniqueKeysWithValues: report.badRows.groups.map { ($0.reason, $0.count) })
    #expect(
        counts == [
            .badWeight: 4, .fieldCount: 2, .noUser: 1, .noItem: 1, .badUser: 2, .badItem: 2, .unknownKind: 1,
            .badTime: 1,
        ])
    #expect(report.badRows.count == 14 && report.rows == 2)
    let lines = report.badRows.lines
    #expect(lines[0] == "events.csv: passed over 4 rows with a weight that is no finite number")
    #expect(lines[1] == "  line 10: the weight \"nan\" is no finite number")
    #expect(lines[3] == "  line 12: the weight \"1e39\" is no finite number")
    #expect(!lines.contains { $0.contains("much") })
    #expect(lines.contains("  line 3: 2 fields where the first line names 5 columns"))
    #expect(lines.contains("  line 5: the user is empty"))
    #expect(
        lines.contains {
            $0.hasPrefix("  line 7: the user \"xxx") && $0.hasSuffix("the id has 1025 bytes; at most 1024 are allowed")
        })
    #expect(
        lines.contains(
            """
              line 9: the kind of event "wish" is unknown; known are interaction, view, cart, purchase, like, dislike; \
            give it a weight to use it, such as weight.wish=1
            """))
    #expect(lines.contains { $0.hasPrefix("  line 14: the time \"yesterday\" is no Unix time") })
    #expect(lines.contains { $0.hasPrefix("  line 16: the item") && $0.hasSuffix("the id is not valid UTF-8") })
    #expect(lines.contains { $0.hasPrefix("  line 17: the user") && $0.hasSuffix("the id holds a NUL byte") })
}

@Test func anIdMayHave1024Bytes() throws {
    let long = String(repeating: "é", count: 512)
    #expect(try load("user,item\n\(long),a\n").0.events == [Event(user: long, item: "a")])
}

@Test func aKindWithAWeightIsKnown() throws {
    let log = EventLog()
    try log.kinds.setWeight(2, of: "wish")
    _ = try load("user,item,event\n1,a,Wish\n1,a,WISH\n", into: log)
    #expect(log.events.map(\.kind) == ["wish", "wish"])
}

@Test func strictStopsAtTheFirstBadRow() {
    let text = message { _ = try load("user,item,weight\n1,a,1\n1,b,nan\n1,c,x\n", strict: true) }
    #expect(text == "events.csv, line 3: the weight \"nan\" is no finite number")
}

@Test func aHeaderWithoutUserOrItemSaysWhatThereIs() {
    #expect(
        message { _ = try load("name,item\n1,a\n") } == """
            events.csv, line 1: no column is named user; the first line must name the columns, and here it reads: name, item
            """)
    #expect(
        message { _ = try load("196\t242\t3\n1\t2\t3\n") } == """
            events.csv, line 1: no column is named user; the first line must name the columns, and here it reads: 196, \
            242, 3
            """)
    #expect(message { _ = try load("user,thing\n") }.contains("no column is named item"))
}

@Test func anEmptyFileAndADoubleColumnAreErrors() {
    let empty = "events.csv is empty; its first line must name the columns, such as user,item,time"
    #expect(message { _ = try load("") } == empty)
    #expect(message { _ = try load("\n\n") } == empty)
    #expect(message { _ = try load("user,item,user\n") } == "events.csv, line 1: two columns are named user")
    #expect(
        message { _ = try load([0xFF, 0xFD, 0x2C, 0x62, 0x0A]) }
            == "events.csv, line 1: the name of a column is not valid UTF-8")
}

@Test func aHeaderWithoutRowsHasNoEvents() throws {
    #expect(try load("user,item\n").1.rows == 0)
}

@Test func progressIsToldAndCanCancel() throws {
    let rows = (0..<200_000).map { "\($0 % 1000),\($0 % 77)" }.joined(separator: "\n")
    let source = { MemoryBytes(Array("user,item\n\(rows)\n".utf8), name: "events.csv") }
    var told: [Int] = []
    _ = try EventLog().addEvents(from: source(), TableOptions(progress: { told.append($0.rows) }))
    #expect(told.count >= 3 && told.last == 200_000 && told == told.sorted())
    struct Stop: Error {}
    #expect(throws: Stop.self) {
        _ = try EventLog().addEvents(from: source(), TableOptions(progress: { _ in throw Stop() }))
    }
}
