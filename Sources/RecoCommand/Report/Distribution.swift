/// How many users have how many events, or items: counts in steps that double, for they spread over orders of magnitude.
struct Distribution {
    struct Step {
        let range: ClosedRange<Int>
        let count: Int
    }

    /// From one event on, without gaps.
    let steps: [Step]
    let median: Int
    let largest: Int
    /// How many have any.
    let total: Int

    /// Zeros are left out. O(values log values).
    init(_ values: [Int]) {
        let sorted = values.filter { $0 > 0 }.sorted()
        total = sorted.count
        median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        largest = sorted.last ?? 0
        var steps: [Step] = []
        var (low, high, place) = (1, 1, 0)
        while place < sorted.count {
            let start = place
            while place < sorted.count, sorted[place] <= high { place += 1 }
            steps.append(Step(range: low...high, count: place - start))
            (low, high) = (high + 1, high * 2)
        }
        self.steps = steps
    }
}

/// How unequal counts are: 0 where all are alike, close to 1 where one has everything (Gini 1912). O(n log n).
func gini(_ counts: [Int]) -> Double {
    let sorted = counts.sorted()
    let sum = sorted.reduce(0) { $0 + Double($1) }
    guard sum > 0 else { return 0 }
    let count = Double(sorted.count)
    let weighted = sorted.enumerated().reduce(0) { $0 + (2 * Double($1.offset + 1) - count - 1) * Double($1.element) }
    return weighted / (count * sum)
}
