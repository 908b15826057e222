import Foundation
import Testing

@Test func anEvaluationIsOneObjectWithIntervals() throws {
    let bench = try Bench()
    try bench.trainShop()
    let object = try bench.run("evaluate", "shop.reco", "--test", "test.csv", "--k", "4,8", "--json").json()
    #expect(Set(object.keys) == ["users", "metrics", "intervals"])
    #expect(object["users"] as? Int == 40)
    let metrics = try #require(object["metrics"] as? [String: Double])
    #expect(
        Set(metrics.keys) == [
            "recall@4", "recall@8", "ndcg@4", "ndcg@8", "hit_rate@4", "hit_rate@8", "map@4", "map@8", "mrr",
            "coverage@4",
            "coverage@8",
        ])
    // Four items of a user's own kind are left, and one of them is in the test.
    #expect(metrics["recall@4"] == 1 && metrics["hit_rate@8"] == 1)
    let intervals = try #require(object["intervals"] as? [String: [Double]])
    #expect(Set(intervals.keys) == Set(metrics.keys.filter { !$0.hasPrefix("coverage") }))
    #expect(intervals["recall@4"] == [1, 1])
}

@Test func repeatsKeepTheTrainingItemsInTheRanking() throws {
    let bench = try Bench()
    try bench.trainShop()
    try bench.write("again.csv", "user,item,event,time\n0,0,whatever,never\n")
    func recall(_ extra: String...) throws -> Double? {
        let words = ["evaluate", "shop.reco", "--test", "again.csv", "--k", "20", "--json"] + extra
        let process = try bench.run(words)
        return (try process.json()["metrics"] as? [String: Double])?["recall@20"]
    }
    #expect(try recall() == 0)
    #expect(try recall("--repeats") == 1)
}

@Test func peopleGetATableOfMeansAndIntervals() throws {
    let bench = try Bench()
    try bench.trainShop()
    let output = try bench.run("evaluate", "shop.reco", "--test", "test.csv").output
    #expect(output.hasPrefix("40 test users, 20 items ranked\n"))
    #expect(output.contains("recall@10    1.0000  1.0000 – 1.0000\n"))
}

@Test func anEvaluationThatCannotBeIsRefused() throws {
    let bench = try Bench()
    try bench.trainShop()
    try bench.run("evaluate", "shop.reco", "--test", "missing.csv").isRefused(
        1, "cannot open missing.csv: No such file or directory")
    try bench.write("none.csv", "user,item\n")
    try bench.run("evaluate", "shop.reco", "--test", "none.csv").isRefused(1, "there are no test events to evaluate on")
    try bench.run("evaluate", "shop.reco", "--test", "test.csv", "--k", "0").isRefused(
        2, "--k takes numbers from 1 to 10000, such as 10,20; not \"0\".")
}

@Test func givenCandidatesAreRankedAloneAndSaidSo() throws {
    let bench = try Bench()
    try bench.trainShop()
    // Everybody's test item against four of the other kind.
    var candidates = "user,item\n"
    for user in 0..<40 { for place in 0..<4 { candidates += "\(user),\(place * 2 + 1 - user % 2)\n" } }
    try bench.write("candidates.csv", candidates)
    let words = ["evaluate", "shop.reco", "--test", "test.csv", "--candidates", "candidates.csv", "--k", "1"]
    let object = try bench.run(words + ["--json"]).json()
    #expect(object["protocol"] as? String == "candidates" && object["mean_candidates"] as? Double == 5)
    #expect((object["metrics"] as? [String: Double])?["hit_rate@1"] == 1)
    let output = try bench.run(words).output
    #expect(
        output.hasPrefix("40 test users, only given candidates ranked: 5.0 items for a user on average\n"), "\(output)")
    try bench.write("candidates.csv", "user,item\n0,1\n")
    try bench.run(words).isRefused(1, "the candidates name no items for 39 of 40 test users, such as 1")
}

@Test func ratingsInTheTestFileAreComparedWithPredictedOnes() throws {
    let bench = try Bench()
    var (train, test) = ("user,item,rating\n", "user,item,rating\n")
    for user in 0..<24 {
        for item in 0..<16 {
            let line = "\(user),i\(item),\((user + item) % 2 == 0 ? 5 : 1)\n"
            if (user * 3 + item) % 8 == 0 { test += line } else { train += line }
        }
    }
    try bench.write("train.csv", train)
    try bench.write("test.csv", test)
    for model in ["rating-mf", "popularity"] {
        _ = try bench.run("train", "--events", "train.csv", "--model", model, "--out", "\(model).reco").output
    }
    let object = try bench.run("evaluate", "rating-mf.reco", "--test", "test.csv", "--json").json()
    let metrics = try #require(object["metrics"] as? [String: Double])
    #expect(try #require(metrics["rmse"]) < 1)
    #expect(try #require(metrics["mae"]) <= metrics["rmse"]!)
    #expect((object["intervals"] as? [String: [Double]])?["rmse"]?.count == 2)
    #expect(try bench.run("evaluate", "rating-mf.reco", "--test", "test.csv").output.contains("\nrmse "))
    let other = try bench.run("evaluate", "popularity.reco", "--test", "test.csv", "--json").json()
    #expect((other["metrics"] as? [String: Double])?["rmse"] == nil)
}
