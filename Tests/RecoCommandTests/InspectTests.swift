import Foundation
import Testing

@Test func inspectTellsWhatTheFileHolds() throws {
    let bench = try Bench()
    try bench.trainShop()
    let object = try bench.run("inspect", "shop.reco", "--json").json()
    #expect(object["bytes"] as? Int == (try bench.bytes("shop.reco")).count)
    #expect(object["models"] as? [String] == ["item-knn"] && object["events"] as? Int == 240)
    #expect(object["latest_event"] as? Int == 1_300_000_000 + 39 * 60 + 5)
    let items = try #require(object["items"] as? [String: Any])
    #expect(items["count"] as? Int == 20 && items["ids"] as? String == "integers")
    #expect(
        items["attributes"] as? [[String: String]] == [
            ["name": "title", "kind": "text"], ["name": "category", "kind": "category"],
        ])
    let sections = try #require(object["sections"] as? [[String: Any]])
    #expect(sections.contains { $0["name"] as? String == "users/ids" && $0["bytes"] as? Int == 320 })
    let output = try bench.run("inspect", "shop.reco").output
    #expect(output.contains("latest event") && output.contains("2011-03-13 07:45:45 UTC"))
    #expect(output.contains("users                40, ids are integers"))
}

@Test func verifyFindsASingleAlteredByte() throws {
    let bench = try Bench()
    try bench.trainShop()
    let intact = try bench.run("verify", "shop.reco")
    #expect(intact.code == 0 && intact.output.hasPrefix("shop.reco is intact: "))
    var bytes = try bench.bytes("shop.reco")
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: bench.path("shop.reco")))
    let altered = try bench.run("verify", "shop.reco")
    #expect(altered.code == 1 && altered.output == "")
    #expect(altered.errors.hasPrefix("reco: shop.reco"))
}

@Test func whatIsNoModelIsRefusedByEveryCommand() throws {
    let bench = try Bench()
    try bench.trainShop()
    try bench.write("text.reco", String(repeating: "no model at all ", count: 20))
    try bench.bytes("shop.reco").prefix(1000).write(to: URL(fileURLWithPath: bench.path("short.reco")))
    for arguments in [
        ["inspect"], ["verify"], ["recommend", "--user", "1"], ["similar", "--item", "1"],
        ["rank", "--user", "1", "--items", "2"], ["evaluate", "--test", "test.csv"],
    ] {
        for (file, reason) in [
            ("text.reco", "it does not start as one"), ("short.reco", "it has 1000 bytes where its header says "),
            ("gone.reco", "No such file or directory"),
        ] {
            let outcome = try bench.run([arguments[0], file] + arguments.dropFirst())
            #expect(outcome.code == 1 && outcome.output == "", "\(arguments) \(file)")
            #expect(outcome.errors.hasPrefix("reco: ") && outcome.errors.contains(reason), "\(outcome.errors)")
            #expect(outcome.errors.filter { $0 == "\n" }.count == 1)
        }
    }
}
