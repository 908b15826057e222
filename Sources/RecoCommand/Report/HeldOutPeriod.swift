import ArgumentParser
import RecoKit

extension HoldOut {
    /// What `--hold-out` takes: "28d", "last", "20%".
    init(option text: String) throws {
        if text == "last" {
            self = .lastOfEachUser
            return
        }
        if let number = Double(text.dropLast()), number > 0, number.isFinite {
            if text.last == "d" {
                self = .lastDays(number)
                return
            }
            if text.last == "%", number < 100 {
                self = .share(number / 100)
                return
            }
        }
        throw ValidationError("--hold-out takes days (28d), last, or a share (20%); not \"\(text)\".")
    }

    /// The option that says the same; nil for rules that no option names.
    var option: String? {
        func plain(_ value: Double) -> String { value == value.rounded() ? Format.fixed(value, 0) : "\(value)" }
        return switch self {
        case .lastDays(let days): "\(plain(days))d"
        case .lastOfEachUser: "last"
        case .lastItemOfEachUser: nil
        case .share(let share): "\(plain(100 * share))%"
        }
    }

    /// "the last 28 days".
    var text: String {
        switch self {
        case .lastDays(1): "the last day"
        case .lastDays(let days): "the last \(Format.fixed(days, days == days.rounded() ? 0 : 1)) days"
        case .lastOfEachUser: "the last event of each user"
        case .lastItemOfEachUser: "what each user bought last"
        case .share(let share): "\(Format.fixed(100 * share, 0)) % of each user's items, at random"
        }
    }
}
