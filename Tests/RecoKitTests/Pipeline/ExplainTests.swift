import Testing

@testable import RecoKit

@Suite struct ExplainTests {
    static let linear = ModelCatalogue.all.filter { $0.isLinear }.map { $0.name }

    @Test(arguments: linear)
    func theReasonsOfAUsersHitAddUpToItsScore(name: String) throws {
        let model = try Checkerboard.model(name)
        for (user, session) in [("u4", []), ("u4", [SessionEvent("6", kind: 3)]), ("nobody", ["2", "8", "14"])] {
            for hit in try model.recommend(user: user, session: session, limit: 3)
            where hit.rung == .personal || hit.rung == .session {
                let reasons = try model.explain(hit, user: user, session: session)
                #expect(!reasons.isEmpty)
                let sum = reasons.map(\.contribution).reduce(0, +)
                #expect(abs(sum - hit.score) <= 1e-3 * max(1, abs(hit.score)), "\(sum) for \(hit.score)")
                #expect(zip(reasons, reasons.dropFirst()).allSatisfy { $0.contribution >= $1.contribution })
                #expect(Set(reasons.map(\.id)).count == reasons.count)
                #expect(reasons[0].contribution > 0 || hit.score <= 0)
            }
        }
    }

    @Test func whatEverybodyGetsHasNoReasons() throws {
        let model = try Checkerboard.model("item-knn")
        let hit = try #require(try model.recommend(user: "nobody", limit: 1).first)
        #expect(hit.rung == .popular)
        #expect(try model.explain(hit, user: "nobody").isEmpty)
        let unknown = try #require(try model.rank(["nothing"], user: "u1").first)
        #expect(try model.explain(unknown, user: "u1").isEmpty)
    }

    @Test func similarItemsAreRefusedAndAForeignSourceIsToo() throws {
        let model = try Checkerboard.model("item-knn")
        let hit = try #require(try model.similar(to: ["3"], limit: 1).first)
        #expect(throws: RecoError(.unsupported, "only hits for a user or a session can be explained")) {
            try model.explain(hit, user: "u1")
        }
        let personal = try #require(try model.recommend(user: "u1", limit: 1).first)
        let foreign = try Checkerboard.model("rp3beta")
        #expect(
            throws: RecoError(
                .invalidArgument, "the hit to explain comes from a source that this model does not have")
        ) { try foreign.explain(personal, user: "u1") }
    }

    @Test func aModelThatDoesNotAddUpEventsSaysSo() throws {
        guard let name = ModelContractTests.personal.first(where: { !Self.linear.contains($0) }) else { return }
        let model = try Checkerboard.model(name)
        let hit = try #require(try model.recommend(user: "u1", limit: 1).first)
        #expect(
            throws: RecoError(
                .unsupported, "\(name) does not add up a user's events, so its scores have no parts to show")
        ) { try model.explain(hit, user: "u1") }
    }
}
