@testable import RecoKit

/// Ratings of 1 to 5 whose every value follows from a formula, as in Fixtures/ratings_reference.py: offsets of users and
/// items, two tastes, some noise; half of the pairs are rated.
struct RatingShop {
    var users = 48
    var items = 36
    var scale: Float = 1
    var shift: Float = 0

    func rating(_ user: Int, _ item: Int) -> Float? {
        let number = user * 31 + item * 17 + user * item * 7 + user * user * 5 + item * item * 3
        guard number % 7 < 4 else { return nil }
        let offsets = user * 7 % 5 - 2 + item * 11 % 7 - 3
        let value = 6 + offsets + (user % 2 == item % 2 ? 3 : -3) + number % 3
        return min(5, max(1, Float(value) / 2)) * scale + shift
    }

    func data() throws -> TrainingData {
        let log = EventLog()
        for user in 0..<users { _ = try log.users.row(for: "u\(user)") }
        for item in 0..<items { _ = try log.items.row(for: "i\(item)") }
        for user in 0..<users {
            for item in 0..<items {
                guard let rating = rating(user, item) else { continue }
                try log.append(user: UInt32(user), item: UInt32(item), kind: EventKinds.interaction, weight: rating)
            }
        }
        return TrainingData(interactions: try log.interactions(), log: log, catalog: Catalog())
    }

    /// √ of the mean squared difference to the ratings.
    func error(_ predict: (_ user: Int, _ item: Int) -> Float?) -> Double {
        var (sum, count) = (0.0, 0.0)
        for user in 0..<users {
            for item in 0..<items {
                guard let rating = rating(user, item) else { continue }
                let error = Double(predict(user, item) ?? .nan) - Double(rating)
                sum += error * error
                count += 1
            }
        }
        return (sum / count).squareRoot()
    }
}
