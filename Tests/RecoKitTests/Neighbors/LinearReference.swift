@testable import RecoKit

/// The small matrix whose results Tests/Fixtures/linear_reference.py prints.
enum LinearReference {
    static let values: [[Float]] = [
        [1, 2, 0, 0, 1, 0],
        [0, 1, 1, 0, 0, 0],
        [3, 0, 1, 1, 0, 0],
        [0, 1, 0, 2, 1, 0],
        [1, 0, 0, 0, 4, 0],
    ]

    static func data() throws -> TrainingData {
        let log = EventLog()
        for user in 0..<5 { _ = try log.users.row(for: "\(user)") }
        for item in 0..<6 { _ = try log.items.row(for: "\(item)") }
        for (user, row) in values.enumerated() {
            for (item, value) in row.enumerated() where value > 0 {
                try log.add(user: "\(user)", item: "\(item)", weight: value)
            }
        }
        return TrainingData(
            interactions: try log.interactions(scale: .linear, threads: 1), log: log, catalog: Catalog())
    }

    /// How a model scores every item for a profile of one item with weight 1: the row of a linear model's matrix.
    static func row(_ model: some CandidateSource, _ item: Int) -> [Float] {
        Asker(itemCount: 6).score(model, [.init(item: UInt32(item), weight: 1)], Array(0..<6))
    }
}
