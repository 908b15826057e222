import Foundation
import Testing

private func ids(_ object: [String: Any]) -> [String] {
    (object["items"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
}

@Test func recommendationsForAUserAreOneObject() throws {
    let bench = try Bench()
    try bench.trainShop()
    let object = try bench.run("recommend", "shop.reco", "--user", "0", "-n", "3", "--json").json()
    #expect(Set(object.keys) == ["user", "items"])
    #expect(object["user"] as? String == "0")
    // User 0 has 0, 2, 4, 6, 8 and 10.
    #expect(ids(object).count == 3 && ids(object).allSatisfy { ["12", "14", "16", "18"].contains($0) })
    let items = try #require(object["items"] as? [[String: Any]])
    for item in items {
        #expect(Set(item.keys) == ["id", "score", "sources"])
        #expect(item["score"] is Double && item["sources"] as? [String] == ["item-knn"])
    }
}

@Test func sessionsAreAnsweredWithAndWithoutAUser() throws {
    let bench = try Bench()
    try bench.trainShop()
    let object = try bench.run("recommend", "shop.reco", "--session", "1,3", "-n", "4", "--json").json()
    #expect(object["session"] as? [String] == ["1", "3"] && object["user"] == nil)
    #expect(ids(object).count == 4 && ids(object).allSatisfy { Int($0)! % 2 == 1 && !["1", "3"].contains($0) })
    let both = try bench.run("recommend", "shop.reco", "--user", "0", "--session", "1", "--json").json()
    #expect(both["user"] as? String == "0" && both["session"] as? [String] == ["1"])
}

@Test func whatWasBoughtIsHiddenUnlessRepeatsAreWanted() throws {
    let bench = try Bench()
    try bench.trainShop()
    let hidden = ids(try bench.run("recommend", "shop.reco", "--user", "0", "-n", "20", "--json").json())
    let shown = ids(try bench.run("recommend", "shop.reco", "--user", "0", "-n", "20", "--repeats", "--json").json())
    #expect(hidden.count == 14 && !hidden.contains("0"))
    #expect(shown.count == 20)
}

@Test func anUnknownUserGetsAnAnswerAndAWord() throws {
    let bench = try Bench()
    try bench.trainShop()
    let outcome = try bench.run("recommend", "shop.reco", "--user", "stranger", "-n", "2", "--json")
    #expect(try ids(outcome.json()).count == 2)
    #expect(outcome.errors == "reco: the model does not know the user stranger\n")
}

@Test func peopleGetATableWithTitlesAndReasons() throws {
    let bench = try Bench()
    try bench.trainShop()
    let lines = try bench.run("recommend", "shop.reco", "--user", "1", "-n", "2", "--explain").output.split(
        separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].contains("item") && lines[0].contains("title") && lines[0].contains("from"))
    #expect(lines[1].hasPrefix("1  ") && lines[1].contains("Thing 1") && lines[1].contains("to this user's taste"))
    #expect(
        Set(lines.map { $0.range(of: lines[0] == $0 ? "title" : "Thing")!.lowerBound.utf16Offset(in: $0) }).count == 1)
}

@Test func explanationsInJSONHaveRungAndTitle() throws {
    let bench = try Bench()
    try bench.trainShop()
    let object = try bench.run("recommend", "shop.reco", "--user", "1", "-n", "1", "--explain", "--json").json()
    let item = try #require((object["items"] as? [[String: Any]])?.first)
    #expect(item["rung"] as? String == "personal")
    #expect(item["title"] as? String == "Thing \(item["id"] as? String ?? "?")")
}

@Test func manyUsersGiveALineEachInTheirOrder() throws {
    let bench = try Bench()
    try bench.trainShop()
    try bench.write("users.txt", "user\n3\r\nnobody\n\n0\n\(String(repeating: "x", count: 1025))\n3\n")
    let outcome = try bench.run("recommend", "shop.reco", "--users", "users.txt", "-n", "2", "--json", "--threads", "2")
    #expect(outcome.code == 0)
    let objects = try outcome.output.split(separator: "\n").map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["user"] as? String } == ["3", "nobody", "0", "3"])
    #expect(objects.allSatisfy { ids($0).count == 2 })
    let single = try bench.run("recommend", "shop.reco", "--user", "3", "-n", "2", "--json")
    #expect(outcome.output.hasPrefix(single.output) && outcome.output.hasSuffix(single.output))
    #expect(outcome.errors.contains("reco: users.txt: passed over 1 row with a user id that cannot be one\n"))
    let plain = try bench.run("recommend", "shop.reco", "--users", "-", "-n", "2", input: "0\n1\n").output
    #expect(plain.split(separator: "\n").map { $0.split(separator: "\t").count } == [3, 3, 3, 3])
}

@Test func similarItemsAreOfTheSameKind() throws {
    let bench = try Bench()
    try bench.trainShop()
    let object = try bench.run("similar", "shop.reco", "--item", "4", "-n", "5", "--json").json()
    #expect(object["item"] as? String == "4")
    #expect(ids(object).count == 5 && ids(object).allSatisfy { Int($0)! % 2 == 0 && $0 != "4" })
    let several = try bench.run("similar", "shop.reco", "--item", "4,6", "--json").json()
    #expect(several["similar_to"] as? [String] == ["4", "6"])
    let unknown = try bench.run("similar", "shop.reco", "--item", "nix")
    #expect(unknown.code == 0 && unknown.errors == "reco: the model does not know the item nix\n")
}

@Test func rankingReturnsEveryCandidate() throws {
    let bench = try Bench()
    try bench.trainShop()
    let object = try bench.run("rank", "shop.reco", "--user", "0", "--items", "13,12,nix,14", "--json").json()
    #expect(object["user"] as? String == "0")
    #expect(ids(object).count == 4 && ids(object).last == "nix")
    #expect(Set(ids(object).prefix(2)) == ["12", "14"])
    let items = try #require(object["items"] as? [[String: Any]])
    #expect(items[3]["sources"] as? [String] == [])
    let session = try bench.run("rank", "shop.reco", "--session", "1", "--items", "2,3", "--json").json()
    #expect(ids(session) == ["3", "2"])
}

/// Whether there is a device that is always full; shells would make a file of that name where there is none.
private let hasFullDevice: Bool = {
    var status = stat()
    return stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
}()

@Test(.enabled(if: hasFullDevice)) func anAnswerThatCannotBeWrittenIsAFailure() throws {
    let bench = try Bench()
    try bench.trainShop()
    let full = ["/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh"]
    try bench.run("recommend", "shop.reco", "--user", "0", "--json", through: full).isRefused(
        1, "cannot write to standard output: No space left on device")
}
