import Testing

@testable import RecoKit

struct SLIMTests {
    private static let published = ["popularity-penalty": "0", "user-discount": "0"]

    private struct Reference: Sendable {
        let l1: String
        let l2: String
        let weights: [[Float]]
    }

    /// From Tests/Fixtures/slim_reference.py, scikit-learn's ElasticNet; six digits are printed.
    private static let references = [
        Reference(
            l1: "0.05", l2: "0.5",
            weights: [
                [0.000000, 0.007463, 0.213544, 0.180793, 0.329185, 0.000000],
                [0.000000, 0.000000, 0.050147, 0.181986, 0.274271, 0.000000],
                [0.714771, 0.166897, 0.000000, 0.031559, 0.000000, 0.000000],
                [0.254288, 0.212677, 0.014744, 0.000000, 0.045706, 0.000000],
                [0.220739, 0.121119, 0.000000, 0.019808, 0.000000, 0.000000],
                [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000],
            ]),
        Reference(
            l1: "0.2", l2: "0.1",
            weights: [
                [0.000000, 0.003379, 0.207880, 0.180125, 0.337620, 0.000000],
                [0.000000, 0.000000, 0.000000, 0.157138, 0.265473, 0.000000],
                [0.933552, 0.061326, 0.000000, 0.000000, 0.000000, 0.000000],
                [0.185133, 0.201243, 0.000000, 0.000000, 0.000000, 0.000000],
                [0.217408, 0.105575, 0.000000, 0.000000, 0.000000, 0.000000],
                [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000],
            ]),
    ]

    @Test(arguments: references.indices)
    func weightsAreWhatScikitLearnSays(index: Int) throws {
        let reference = Self.references[index]
        let model = try Shop.train(
            SLIM.self, LinearReference.data(), Self.published.merging(["l1": reference.l1, "l2": reference.l2]) { $1 })
        for item in 0..<6 {
            let row = LinearReference.row(model, item)
            for other in 0..<6 {
                #expect(abs(row[other] - reference.weights[item][other]) < 5e-5, "\(item) to \(other)")
            }
        }
    }

    /// The conditions of Karush, Kuhn and Tucker, with everything that is not plain SLIM switched on.
    @Test func theSolutionIsTheMinimum() throws {
        let data = try Shop.random(users: 150, items: 30, events: 1500)
        let model = try Shop.train(
            SLIM.self, data,
            ["l1": "0.8", "l2": "2", "popularity-penalty": "0.5", "user-discount": "0.5", "neighbors": "29"])
        let gram = Naive(data.interactions, discount: 0.5).gram
        var weights = [[Double]](repeating: [Double](repeating: 0, count: 30), count: 30)
        for item in 0..<30 { for (row, weight) in model.list(item) { weights[item][Int(row)] = Double(weight) } }
        var zeros = 0
        for item in 0..<30 {
            for other in 0..<30 where other != item && gram[other][item] > 0 {
                let penalty = 2 + 0.5 * gram[other][other].squareRoot()
                let explained = (0..<30).reduce(0.0) { $0 + gram[other][$1] * weights[$1][item] }
                let slope = explained - gram[other][item] + 0.8 + penalty * weights[other][item]
                if weights[other][item] > 0 {
                    #expect(abs(slope) < 2e-3, "\(other) to \(item)")
                } else {
                    zeros += 1
                    #expect(slope > -2e-3, "\(other) to \(item)")
                }
            }
        }
        #expect(zeros > 30)
    }

    @Test func noWeightIsNegativeAndALargerL1KeepsFewer() throws {
        let data = try Shop.random(users: 300, items: 60, events: 3000)
        let counts = try ["0", "0.5", "2", "1000000"].map { l1 in
            let model = try Shop.train(SLIM.self, data, ["l1": l1])
            #expect(model.table.similarities.toArray().allSatisfy { $0 > 0 && $0.isFinite })
            return model.table.similarities.count
        }
        #expect(counts[0] > counts[1] && counts[1] > counts[2] && counts[3] == 0)
    }

    @Test func theModelIsTheSameWhateverTheNumberOfThreads() throws {
        let data = try Shop.random(users: 300, items: 150, events: 6000)
        let one = try Shop.train(SLIM.self, data, threads: 1)
        let many = try Shop.train(SLIM.self, data, threads: 3)
        #expect(one.table.neighbors.toArray() == many.table.neighbors.toArray())
        #expect(one.table.similarities.toArray() == many.table.similarities.toArray())
    }

    @Test func oddShopsGiveFiniteWeights() throws {
        for data in try OddShop.all() {
            for l1 in ["0", "0.5"] {
                let model = try Shop.train(SLIM.self, data, ["l1": l1, "l2": "0.001"])
                #expect(model.table.similarities.toArray().allSatisfy { $0.isFinite && $0 > 0 })
            }
        }
    }
}
