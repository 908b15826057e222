import Testing

@testable import RecoKit

@Test func everyRangeThatAModelDeclaresLiesWithinItsSetting() throws {
    var generator = SeededGenerator(seed: 3)
    for model in Trainer.models {
        for parameter in model.hyperparameters {
            guard let tuning = parameter.tuning else { continue }
            for _ in 0..<200 {
                let value = tuning.sample(for: parameter.kind, using: &generator)
                #expect(throws: Never.self, "\(model.name)") { try parameter.check(value) }
            }
            if let condition = tuning.condition {
                let parts = condition.split(separator: "=").map(String.init)
                let other = try #require(model.hyperparameters.first { $0.name == parts[0] }, "\(condition)")
                #expect(throws: Never.self) { try other.check(parts[1]) }
                #expect(other.tuning != nil, "\(condition) can never change")
            }
        }
    }
    #expect(Trainer.models.contains { $0.hyperparameters.contains { $0.tuning != nil } })
    #expect(Popularity.hyperparameters.allSatisfy { $0.tuning == nil })
}

private let parameters = [
    Hyperparameter("size", .integer(1...1000), default: "64", "").tuned(.log(4...256), cost: 2),
    Hyperparameter("rate", .number(0...10), default: "1", "").tuned(.linear(0...2)),
    Hyperparameter("way", .choice(["plain", "odd"]), default: "plain", "").tuned(.choices(["plain", "odd"])),
    Hyperparameter("oddity", .number(0...1), default: "0", "").tuned(.linear(0.5...1), when: "way=odd"),
    Hyperparameter("rest", .integer(0...9), default: "3", ""),
]

@Test func configurationsBeginWithTheDefaultsAndDiffer() {
    let space = SearchSpace(model: "m", parameters: parameters) { _ in false }
    let all = space.configurations(40, seed: 1)
    #expect(all.count == 40 && Set(all).count == 40)
    #expect(all[0] == TuningConfiguration(model: "m", settings: []))
    #expect(space.configurations(10, seed: 1) == Array(all.prefix(10)))
    #expect(space.configurations(10, seed: 2)[1] != all[1])
    for configuration in all.dropFirst() {
        let names = configuration.settings.map(\.name)
        let isOdd = configuration.settings.contains { $0.name == "way" && $0.value == "odd" }
        #expect(names == ["size", "rate", "way"] + (isOdd ? ["oddity"] : []))
    }
    // Sizes are spread over the orders of magnitude: a third of them at most 16.
    let sizes = all.dropFirst().compactMap { Int($0.settings[0].value) }
    #expect(sizes.count == 39 && (6...22).contains(sizes.filter { $0 <= 16 }.count))
}

@Test func whatTheUserHasSetIsNotSearched() {
    let space = SearchSpace(model: "m", parameters: parameters) { $0 != "way" }
    // Two values of "way", and the defaults.
    #expect(space.configurations(40, seed: 1).count == 3)
    #expect(SearchSpace(model: "m", parameters: parameters) { _ in true }.configurations(9, seed: 1).count == 1)
}

@Test func costsFollowTheSettings() {
    let space = SearchSpace(model: "m", parameters: parameters) { _ in false }
    func cost(_ size: String) -> Double {
        space.cost(of: TuningConfiguration(model: "m", settings: [.init(name: "size", value: size)]))
    }
    #expect(abs(cost("20") / cost("10") - 4) < 1e-9)
    #expect(space.cost(of: TuningConfiguration(model: "m", settings: [])) == cost("64"))
}
