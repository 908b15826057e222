import Foundation
import Testing

@testable import RecoImport
@testable import RecoKit

/// Models of XGBoost and LightGBM against what those predict, and files that are none.
@Suite struct TreeImportTests {
    private func ensemble(_ file: String, _ bytes: Data? = nil) throws -> TreeEnsemble {
        let bytes = try bytes ?? TreeReference.bytes(file)
        return file.hasSuffix("txt")
            ? try LightGBMModel(bytes: bytes, name: "x").ensemble : try XGBoostModel(bytes: bytes, name: "x").ensemble
    }

    private func message(_ file: String, _ text: String) -> String {
        do {
            _ = try ensemble(file, Data(text.utf8))
            return "no error"
        } catch { return "\(error)" }
    }

    @Test func thereAreReferences() { #expect(TreeReference.cases.count >= 16) }

    @Test(arguments: TreeReference.cases)
    func importedTreesScoreAsTheirOwnLibrary(reference: TreeReference.Case) throws {
        for file in reference.files {
            let ensemble = try ensemble(file)
            let scorer = TreeScorer(try TreeLayout(ensemble))
            #expect(scorer.featureCount == 4)
            // Sums are those of the library to the bit; its links are float32 in XGBoost.
            #expect(scorer.scores(reference.numbers, raw: true) == reference.raw, "\(file)")
            let scores = scorer.scores(reference.numbers)
            let isNear = zip(scores, reference.predictions).allSatisfy { abs($0 - $1) <= 2e-7 * abs($1) }
            #expect(isNear && scores.count == reference.predictions.count, "\(file)")
            let plain = stride(from: 0, to: reference.rows.count, by: 4).map {
                ensemble.rawScore(Array(reference.numbers[$0..<$0 + 4]))
            }
            #expect(plain == reference.raw, "\(file)")
        }
    }

    @Test(arguments: TreeReference.cases)
    func exportedTreesReadBackTheSame(reference: TreeReference.Case) throws {
        guard let file = reference.files.last, let original = try? ensemble(file), original.link != .step else {
            return
        }
        let written = try LightGBMText(TreeLayout(original).ensemble()).text
        let back = try ensemble("x.txt", Data(written.utf8))
        let scores = TreeScorer(try TreeLayout(back)).scores(reference.numbers, raw: true)
        if original.isSingle {
            #expect(zip(scores, reference.raw).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) }, "\(file)")
        } else {
            #expect(scores == reference.raw, "\(file)")
        }
        #expect(back.featureNames.count == 4 && back.link == original.link && back.slope == original.slope)
    }

    @Test func exportedTreesOfEveryFormScoreTheSame() throws {
        for seed in 0..<8 {
            var forest = RandomForest(seed: UInt64(seed), trees: 20, leaves: 1...20)
            forest.ensemble.featureNames[1] = "a name, with: signs"
            let rows = forest.rows(300)
            let back = try ensemble("x.txt", Data(LightGBMText(forest.ensemble).text.utf8))
            #expect(TreeScorer(try TreeLayout(back)).scores(rows) == forest.expected(rows))
            #expect(back.featureNames[1] == "a_name__with__signs")
        }
    }

    @Test func theBaseScoreIsReadInAllItsForms() throws {
        let json = try TreeReference.text("xgboost-squared-error.json")
        let start = try #require(json.range(of: #""base_score":""#)?.upperBound)
        let end = try #require(json[start...].firstIndex(of: "\""))
        for (text, base) in [("5E-1", 0.5), ("[5E-1]", 0.5), ("0.25", 0.25), ("[ -2 ]", -2)] {
            let model = try XGBoostModel(
                bytes: Data(json.replacingCharacters(in: start..<end, with: text).utf8), name: "x")
            #expect(model.ensemble.base == base)
        }
        let several = json.replacingCharacters(in: start..<end, with: "[1,2]")
        #expect(message("x.json", several) == "x has several outputs; models with one can be imported")
        for text in ["", "x", "[1", "1e999"] {
            let wrong = json.replacingCharacters(in: start..<end, with: text)
            #expect(message("x.json", wrong).hasPrefix("x has a base score that is no number"), "\(text)")
        }
    }

    @Test func whatCannotBeScoredIsRefusedByName() throws {
        let json = try TreeReference.text("xgboost-squared-error.json")
        for (old, new, expected) in [
            (
                #""name":"reg:squarederror""#, #""name":"multi:softprob""#,
                "x has several outputs (multi:softprob); models with one can be imported"
            ),
            (
                #""name":"reg:squarederror""#, #""name":"my:own""#,
                "x has an objective \"my:own\" that cannot be imported"
            ),
            (
                #""num_class":"0""#, #""num_class":"3""#,
                "x has several outputs (reg:squarederror); models with one can be imported"
            ),
            (
                #""name":"gbtree""#, #""name":"gblinear""#,
                "x has a booster \"gblinear\"; gbtree and dart can be imported"
            ),
            (
                #""size_leaf_vector":"1""#, #""size_leaf_vector":"2""#,
                "x has trees with several outputs; models with one can be imported"
            ),
        ] {
            #expect(json.contains(old), "\(old)")
            #expect(message("x.json", json.replacingOccurrences(of: old, with: new)) == expected)
        }
        let linear =
            #"{"learner":{"gradient_booster":{"model":{"weights":[1,2]},"name":"gblinear"}},"version":[3,2,0]}"#
        #expect(message("x.json", linear) == "x is a gblinear model, which has no trees")
        #expect(message("x.json", "binf\u{0}").contains("a binary form that XGBoost itself has given up"))
        #expect(
            message("x.json", "{}")
                == "x is no usable model: there is no \"learner\", so XGBoost has not saved it, at byte 2")

        let text = try TreeReference.text("lightgbm-binary.txt")
        for (old, new, expected) in [
            ("num_class=1", "num_class=3", "x has several outputs (num_class=3); models with one can be imported"),
            (
                "objective=binary sigmoid:0.7", "objective=multiclass num_class:3",
                "x has several outputs (multiclass num_class:3); models with one can be imported"
            ),
            (
                "objective=binary sigmoid:0.7", "objective=cross_entropy_lambda",
                "x has an objective \"cross_entropy_lambda\" that cannot be imported"
            ),
            (
                "objective=binary sigmoid:0.7", "objective=regression sqrt",
                "x has the objective \"regression sqrt\", which cannot be imported"
            ),
            (
                "is_linear=0", "is_linear=1",
                "x is no usable model: in tree 0, leaves are linear models (linear_tree), which cannot be imported"
            ),
            ("tree\n", "forest\n", "x is no usable model: it does not start with \"tree\", as LightGBM writes it"),
            ("end of trees", "", "x is no usable model: it ends before its trees do"),
        ] {
            #expect(text.contains(old), "\(old)")
            #expect(message("x.txt", text.replacingOccurrences(of: old, with: new)) == expected)
        }
        var hinge = TreeEnsemble()
        (hinge.featureCount, hinge.link) = (1, .step)
        #expect(throws: RecoError.self) { try LightGBMText(hinge) }
    }

    @Test func treesThatAreNoneAreSaid() throws {
        func lightgbm(_ lines: String) -> String {
            message(
                "x.txt",
                "tree\nversion=v4\nnum_class=1\nmax_feature_idx=1\nobjective=regression\n\nTree=0\n\(lines)\nend of trees\n"
            )
        }
        let shape = "num_leaves=3\nsplit_feature=0 1\nthreshold=1 2\ndecision_type=2 2\nleaf_value=1 2 3\n"
        #expect(lightgbm(shape + "left_child=1 -1\nright_child=-3 -2\n") == "no error")
        let start = "x is no usable model: in tree 0, "
        for (lines, expected) in [
            ("left_child=0 -1\nright_child=-3 -2\n", "two splits have the same child, or a split is below itself"),
            ("left_child=1 0\nright_child=-3 -2\n", "two splits have the same child, or a split is below itself"),
            ("left_child=-1 1\nright_child=-3 -2\n", "splits hang together in a circle"),
            ("left_child=1 -9\nright_child=-3 -2\n", "split 1 has a child that does not exist"),
            ("left_child=1 7\nright_child=-3 -2\n", "split 1 has a child that does not exist"),
            ("left_child=1 -2147483648\nright_child=-3 -2\n", "split 1 has a child that does not exist"),
            ("left_child=1 -1\nright_child=-3\n", "its lines have different lengths"),
            ("left_child=1 -1\nright_child=-3 nan\n", "right_child holds what is no number"),
            ("left_child=1 -1\nright_child=-3 -2\nleaf_value=1 inf 3\n", "a leaf is no finite number"),
            ("left_child=1 -1\nright_child=-3 -2\nsplit_feature=0 2\n", "split 1 asks for feature 2 of 2"),
            ("left_child=1 -1\nright_child=-3 -2\ndecision_type=2 1\n", "a set of categories is not there"),
            (
                "left_child=1 -1\nright_child=-3 -2\ndecision_type=2 14\n",
                "split 1 treats missing values in no known way"
            ),
            ("left_child=1 -1\nright_child=-3 -2\nnum_leaves=4\n", "there are 3 leaves instead of 4"),
            (
                "left_child=1 -1\nright_child=-3 -2\nnum_leaves=99999999999\n",
                "num_leaves is no number that makes sense"
            ),
        ] { #expect(lightgbm(shape + lines) == start + expected) }

        func xgboost(left: String, right: String, conditions: String = "0.5,1,2", features: String = "0,0,0") -> String
        {
            message(
                "x.json",
                """
                {"learner":{"gradient_booster":{"model":{"trees":[{"left_children":[\(left)],"right_children":[\(right)],
                "split_conditions":[\(conditions)],"split_indices":[\(features)],"default_left":[false,0,0]}]},
                "name":"gbtree"},"learner_model_param":{"base_score":"5E-1","num_feature":"2"},
                "objective":{"name":"reg:squarederror"}},"version":[2,0,0]}
                """)
        }
        #expect(xgboost(left: "1,-1,-1", right: "2,-1,-1") == "no error")
        let circle = start + "two nodes have the same child, or a node is below itself"
        #expect(xgboost(left: "0,-1,-1", right: "2,-1,-1") == circle)
        #expect(xgboost(left: "1,0,-1", right: "2,2,-1") == circle)
        #expect(xgboost(left: "1,-1,-1", right: "3,-1,-1") == start + "a node has a child that does not exist")
        #expect(xgboost(left: "1,-1,-1", right: "-2,-1,-1") == start + "a node has a child that does not exist")
        #expect(xgboost(left: "1,-1,-1", right: "2,-1") == start + "the arrays have different lengths")
        #expect(
            xgboost(left: "1,-1,-1", right: "2,-1,-1", features: "9,0,0") == start + "split 0 asks for feature 9 of 2")
        #expect(
            xgboost(left: "1,-1,-1", right: "2,-1,-1", features: "-1,0,0") == start + "split 0 asks for feature -1 of 2"
        )
        for number in ["NaN", "Infinity", "-Infinity", "1e99"] {
            let found = xgboost(left: "1,-1,-1", right: "2,-1,-1", conditions: "0.5,\(number),2")
            #expect(found == start + "node 1 has a number that is not finite")
        }
    }

    @Test(arguments: ["xgboost-dart.json", "xgboost-dart.ubj", "xgboost-categories.ubj", "lightgbm-categories.txt"])
    func aFileCutAnywhereOrAlteredIsAnErrorOrOtherTrees(file: String) throws {
        let bytes = try TreeReference.bytes(file)
        for length in stride(from: 0, to: bytes.count, by: 13) { _ = try? ensemble(file, bytes.prefix(length)) }
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<400 {
            var altered = bytes
            for _ in 0..<3 {
                altered[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            if let found = try? ensemble(file, altered), found.featureCount < 1000 {
                _ = TreeScorer(try TreeLayout(found)).scores([Float](repeating: 1, count: found.featureCount))
            }
        }
    }

    @Test func nestingAndLengthsOfUBJSONAreBounded() {
        func refuses(_ bytes: [UInt8]) -> Bool { (try? XGBoostModel(bytes: Data(bytes), name: "x")) == nil }
        let start = Array("{L".utf8) + [0, 0, 0, 0, 0, 0, 0, 7] + Array("learner".utf8)
        #expect(refuses(start))
        #expect(refuses(start + Array(repeating: UInt8(ascii: "["), count: 100_000)))
        #expect(refuses(start + Array("[$Z#L".utf8) + [0x7F, 255, 255, 255, 255, 255, 255, 255]))
        #expect(refuses(start + Array("[$d#L".utf8) + [0x7F, 255, 255, 255, 255, 255, 255, 255]))
        #expect(refuses(start + Array("[$l#l".utf8) + [255, 255, 255, 255]))
        #expect(refuses(Array("{\"a\":".utf8) + Array(repeating: UInt8(ascii: "["), count: 100_000)))
        #expect(refuses(Array("{\"a\":\"\\".utf8)))
        #expect(refuses(Array("{\"\\u12".utf8)))
    }

    @Test func numbersAreReadAsTheyAreMeant() {
        func parsed(_ text: String) -> Double? {
            Array(text.utf8).withUnsafeBytes { DecimalNumber.parse($0, from: 0)?.value }
        }
        for text in [
            "0", "-0.0", "1", "12.5", "1e22", "1e23", "1e-22", "1E-5", "5E-324", "1.7976931348623157e308", "0.1", "-.5",
            "3.",
            "123456789012345678901234567890", "0.0000000000000000000000000000001", "9007199254740993", "4.35e-6",
            "0.36163968815646003", "1e-400", "00012",
        ] {
            let expected = text == "3." ? 3 : text == "-.5" ? -0.5 : Double(text)
            #expect(parsed(text) == expected, "\(text)")
        }
        for text in ["", "-", ".", "e5", "x", "1e", "nan", "inf"] { #expect(parsed(text) == nil, "\(text)") }
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            if value.isFinite { #expect(parsed("\(value)") == value) }
            let short = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if short.isFinite { #expect(parsed("\(short)").map { Float($0) } == short) }
        }
    }
}
