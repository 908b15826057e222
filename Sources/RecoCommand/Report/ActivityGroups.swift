import RecoKit

/// Users by how many events of theirs the models could learn from: those who are new, and groups that are large enough
/// to be compared.
struct ActivityGroups {
    struct Group {
        let range: ClosedRange<Int>  // events
        /// "new", "1 – 4", "50 and more".
        let name: String
    }

    let groups: [Group]
    private let events: [Int]  // (users)

    /// A group with fewer of all users than that is joined with the next.
    private static let smallestShare = 0.1
    private static let bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]

    /// - Parameters:
    ///   - events: of each user, in training.
    ///   - users: those who are measured.
    init(events: [Int], users: [Int]) {
        self.events = events
        let counts = users.map { events[$0] }
        let known = counts.count { $0 > 0 }
        let enough = max(1, Int(Self.smallestShare * Double(known)))
        var ranges: [ClosedRange<Int>] = []
        var low = 1
        for (place, bound) in Self.bounds.enumerated() where bound >= low {
            let high = place + 1 < Self.bounds.count ? Self.bounds[place + 1] - 1 : Int.max
            let rest = counts.count { $0 > high }
            guard counts.count(where: { (low...high).contains($0) }) >= enough else { continue }
            if rest < enough || high == .max {
                ranges.append(low...Int.max)
                low = .max
                break
            }
            ranges.append(low...high)
            low = high + 1
        }
        if low < .max, counts.contains(where: { $0 >= low }) {
            // What is left is too small a group of its own.
            let start = ranges.popLast()?.lowerBound ?? low
            ranges.append(start...Int.max)
        }
        if counts.contains(0) { ranges.insert(0...0, at: 0) }
        groups = ranges.map { range in
            let name =
                range == 0...0
                ? "new"
                : range.upperBound == .max
                    ? "\(Format.count(range.lowerBound)) and more"
                    : range.lowerBound == range.upperBound
                        ? "\(range.lowerBound)"
                        : "\(Format.count(range.lowerBound)) – \(Format.count(range.upperBound))"
            return Group(range: range, name: name)
        }
    }

    /// The group of a user.
    func place(of user: Int) -> Int? { groups.firstIndex { $0.range.contains(events[user]) } }
}
