import RecoKit

/// A tree as LightGBM writes it: a line for each property of its splits and leaves. Children below 0 are leaves, as here.
struct LightGBMTree {
    private var leafCount = 0
    private var features: [Double] = []
    private var gains: [Double] = []
    private var thresholds: [Double] = []
    private var decisions: [Double] = []
    private var left: [Double] = []
    private var right: [Double] = []
    private var values: [Double] = []
    private var weights: [Double] = []
    private var counts: [Double] = []
    /// Where each set of categories starts among the words.
    private var categoryStarts: [Double] = []
    private var categoryWords: [Double] = []

    /// Reads what follows the line "Tree=", up to the next.
    init(_ lines: inout KeyLines, features featureCount: Int) throws {
        var hasLeafCount = false
        while let line = lines.peek(), line.key != "Tree", line.key != "end of trees" {
            _ = lines.next()
            switch line.key {
            case "num_leaves":
                guard let count = Int(line.text), count >= 1, count <= longestArrayOfTrees else {
                    throw RecoError(.badData, "num_leaves is no number that makes sense")
                }
                (leafCount, hasLeafCount) = (count, true)
            case "split_feature": features = try numbers(line)
            case "split_gain": gains = (try? numbers(line)) ?? []
            case "threshold": thresholds = try numbers(line)
            case "decision_type": decisions = try numbers(line)
            case "left_child": left = try numbers(line)
            case "right_child": right = try numbers(line)
            case "leaf_value": values = try numbers(line)
            case "leaf_weight": weights = (try? numbers(line)) ?? []
            case "leaf_count": counts = (try? numbers(line)) ?? []
            case "cat_boundaries": categoryStarts = try numbers(line)
            case "cat_threshold": categoryWords = try numbers(line)
            case "is_linear":
                guard line.text == "0" else {
                    throw RecoError(.unsupported, "leaves are linear models (linear_tree), which cannot be imported")
                }
            default: break
            }
        }
        guard hasLeafCount else { throw RecoError(.badData, "there is no num_leaves") }
    }

    private static let infinities = [("inf", Double.infinity), ("-inf", -Double.infinity)]

    private func numbers(_ line: KeyLines.Line) throws -> [Double] {
        var numbers: [Double] = []
        var at = 0
        while at < line.value.count {
            guard numbers.count < longestArrayOfTrees else {
                throw RecoError(.badData, "\(line.key) is longer than any tree needs")
            }
            if line.value[at] == 32 {
                at += 1
                continue
            }
            // A split of what is there from what is missing has an infinite threshold.
            if let (text, value) = Self.infinities.first(where: { line.value[at...].starts(with: $0.0.utf8) }) {
                numbers.append(value)
                at += text.utf8.count
                continue
            }
            guard let (value, end) = DecimalNumber.parse(line.value, from: at) else {
                throw RecoError(.badData, "\(line.key) holds what is no number")
            }
            numbers.append(value)
            at = end
        }
        return numbers
    }

    private func wrong(_ what: String) -> RecoError { RecoError(.badData, what) }

    private static let mostWords = 1 << 26

    /// - Parameter wordsInAll: the size of all sets of categories so far.
    func converted(wordsInAll: inout Int) throws -> TreeEnsemble.Tree {
        let count = leafCount - 1
        guard values.count == leafCount else { throw wrong("there are \(values.count) leaves instead of \(leafCount)") }
        var tree = TreeEnsemble.Tree()
        tree.leaves = values
        let covers = counts.count == leafCount ? counts : weights
        tree.covers = covers.count == leafCount ? covers : [Double](repeating: 0, count: leafCount)
        guard count > 0 else { return tree }
        guard [features, thresholds, decisions, left, right].allSatisfy({ $0.count == count }) else {
            throw wrong("its lines have different lengths")
        }
        for number in 0..<count {
            guard let feature = Int32(exactly: features[number]), let decision = UInt8(exactly: decisions[number]),
                let toLeft = Int32(exactly: left[number]), let toRight = Int32(exactly: right[number])
            else { throw wrong("split \(number) holds numbers that are no whole ones") }
            var node = TreeEnsemble.Node(
                feature: feature, threshold: thresholds[number], left: toLeft, right: toRight,
                gain: number < gains.count && gains[number].isFinite ? gains[number] : 0)
            if decision & 1 != 0 {
                // Missing categories go right, whatever the rest says.
                node.categories = .init(words: try words(of: thresholds[number], &wordsInAll))
                (node.threshold, node.missing) = (0, .nan)
            } else {
                node.missingGoesLeft = decision & 2 != 0
                switch decision >> 2 & 3 {
                case 0: node.missing = .none
                case 1: node.missing = .zero
                case 2: node.missing = .nan
                default: throw wrong("split \(number) treats missing values in no known way")
                }
            }
            tree.nodes.append(node)
        }
        return tree
    }

    private func words(of index: Double, _ wordsInAll: inout Int) throws -> [UInt32] {
        guard let index = Int(exactly: index), index >= 0, index < categoryStarts.count - 1,
            let start = Int(exactly: categoryStarts[index]), let end = Int(exactly: categoryStarts[index + 1]),
            start >= 0, start <= end, end <= categoryWords.count
        else { throw wrong("a set of categories is not there") }
        wordsInAll += end - start
        guard wordsInAll <= Self.mostWords else { throw wrong("the sets of categories are too large") }
        return try categoryWords[start..<end].map {
            guard let word = UInt32(exactly: $0) else { throw wrong("a set of categories holds what is no bits") }
            return word
        }
    }
}
