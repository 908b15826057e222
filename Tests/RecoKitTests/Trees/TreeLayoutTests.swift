import Testing

@testable import RecoKit

/// Trees in a model file, and sections that lie: an error, or scores that are worth nothing, but never a trap.
@Suite struct TreeLayoutTests {
    private func written(_ ensemble: TreeEnsemble) throws -> ModelFile {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try TreeLayout(ensemble).write(to: writer)
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
    }

    @Test func treesComeBackFromAFileAsTheyWere() throws {
        for single in [false, true] {
            var forest = RandomForest(seed: 2, trees: 30, leaves: 1...300, single: single)
            forest.ensemble.link = .logistic
            forest.ensemble.slope = 0.5
            let rows = forest.rows(70)
            let read = try #require(try TreeLayout(written(forest.ensemble)))
            #expect(TreeScorer(read).scores(rows, raw: true) == forest.expected(rows))
            #expect(read.featureNames == forest.ensemble.featureNames)
            let back = try read.ensemble()
            var (covers, gains) = (0.0, 0.0)
            for tree in back.trees {
                covers += tree.covers.reduce(0, +)
                gains += tree.nodes.reduce(0) { $0 + $1.gain }
            }
            #expect(covers == forest.ensemble.trees.reduce(0) { $0 + $1.covers.reduce(0, +) })
            #expect(gains == forest.ensemble.trees.reduce(0) { $0 + $1.nodes.reduce(0) { $0 + $1.gain } })
            #expect(back.link == .logistic && back.slope == 0.5 && back.isSingle == single)
            // What is read back is laid out as before, but for splits that ask the same in other words.
            let scores = TreeScorer(try TreeLayout(back)).scores(rows, raw: true)
            #expect(scores == forest.expected(rows))
        }
    }

    @Test func ensemblesThatAreNoneAreRefused() throws {
        var forest = RandomForest(seed: 1, trees: 3, leaves: 5...5).ensemble
        #expect(forest.problem == nil)
        forest.trees[1].nodes[0].left = 0
        #expect(throws: RecoError.self) { try TreeLayout(forest) }
        // A circle beside the tree: every node has one parent, and the root none.
        var circle = TreeEnsemble.Tree()
        circle.nodes = [
            .init(feature: 0, left: ~0, right: ~1), .init(feature: 0, left: 2, right: ~2),
            .init(feature: 0, left: 1, right: ~3),
        ]
        (circle.leaves, circle.covers) = ([1, 2, 3, 4], [1, 1, 1, 1])
        forest.trees = [circle]
        #expect(forest.problem == "in tree 0, splits hang together in a circle")
        for value in [Double.infinity, .nan] {
            var forest = RandomForest(seed: 1, trees: 3, leaves: 5...5).ensemble
            forest.trees[2].leaves[1] = value
            #expect(forest.problem == "in tree 2, a leaf is no finite number")
        }
    }

    @Test func missingSectionsAreSaid() throws {
        let good = try written(RandomForest(seed: 6).ensemble)
        for section in good.sections
        where !["boosted-trees/shape", "boosted-trees/feature-names"].contains(section.name) {
            let damaged = try good.rewritten(without: [section.name])
            #expect(throws: RecoError.self, "\(section.name)") { try TreeLayout(damaged) }
        }
        #expect(try TreeLayout(good.rewritten(without: ["boosted-trees/shape"])) == nil)
    }

    @Test func anyBytesInASectionGiveScoresOrAnError() throws {
        var generator = SeededGenerator(seed: 11)
        for seed in 0..<4 {
            var forest = RandomForest(
                seed: UInt64(seed), trees: 20, leaves: seed % 2 == 0 ? 1...31 : 1...600, single: seed >= 2)
            let good = try written(forest.ensemble)
            let rows = forest.rows(40)
            for round in 0..<200 {
                let target = good.sections[round % good.sections.count].name
                let damaged = try good.rewritten { name, bytes in
                    guard name == target, !bytes.isEmpty else { return }
                    let all = generator.next() % 4 == 0
                    for _ in 0..<(all ? bytes.count : 4) {
                        let value = [0, 255, UInt8(truncatingIfNeeded: generator.next())][Int(generator.next() % 3)]
                        bytes[Int(generator.next() % UInt64(bytes.count))] = value
                    }
                }
                guard let layout = try? TreeLayout(damaged), layout.featureCount < 1000 else { continue }
                _ = try? layout.ensemble()
                var rows = rows
                while rows.count < 40 * layout.featureCount { rows += rows }
                for level in TreeKernels.Level.allCases {
                    var scorer = TreeScorer(layout)
                    scorer.kernels = TreeKernels(upTo: level)
                    for count in [1, 40] { _ = scorer.scores(Array(rows.prefix(count * layout.featureCount))) }
                }
            }
        }
    }
}
