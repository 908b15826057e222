import RecoKit
import Yams

// The parts of a configuration that say what is read again and what has to be true of a new model.
extension TrainingFile {
    mutating func readIncremental(_ node: Node) throws {
        guard case .mapping(let mapping) = node else {
            throw bad(node, "incremental takes lines such as \"overlap: 3d\"")
        }
        for (keyNode, value) in mapping {
            let key = try scalar(keyNode, "a key")
            switch key {
            case "overlap": overlap = try seconds(value, key)
            case "full": fullReading = try seconds(value, key)
            default: throw unknown(keyNode, key, among: ["overlap", "full"])
            }
        }
    }

    func readPublication(_ node: Node) throws -> Publication {
        guard case .mapping(let mapping) = node else {
            throw bad(node, "publish takes lines such as \"keep: 3\"")
        }
        var publication = Publication()
        for (keyNode, value) in mapping {
            let key = try scalar(keyNode, "a key")
            switch key {
            case "keep":
                guard let count = Int(try scalar(value, key)), (0...Publication.mostKept).contains(count) else {
                    throw bad(value, "keep takes a number from 0 to \(Publication.mostKept)")
                }
                publication.keep = count
            case "metric":
                do { publication.metric = try TuningMetric(scalar(value, key)) } catch let error as RecoError {
                    throw bad(value, error.message)
                }
            case "hold-out": publication.holdOut = .lastDays(Double(try seconds(value, key)) / 86_400)
            case "worse": publication.worse = try share(value, key)
            case "coverage": publication.coverage = try share(value, key)
            case "smaller": publication.smaller = try share(value, key)
            case "rows":
                guard let ratio = Double(try scalar(value, key)), ratio > 1, ratio.isFinite else {
                    throw bad(
                        value, "rows takes a number above 1: how many times as many rows as last time are too many")
                }
                publication.rows = ratio
            default: throw unknown(keyNode, key, among: Publication.keys)
            }
        }
        return publication
    }

    /// "3d", "36h".
    private func seconds(_ node: Node, _ key: String) throws -> Int64 {
        let text = try scalar(node, key)
        let units: [Character: Int64] = ["d": 86_400, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (0...100_000).contains(number)
        else { throw bad(node, "\(key) takes days or hours, such as 3d or 36h") }
        return number * unit
    }

    /// "5%" or "0.05".
    private func share(_ node: Node, _ key: String) throws -> Double {
        let text = try scalar(node, key)
        let value = text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
        guard let value, (0...1).contains(value) else { throw bad(node, "\(key) takes a share, such as 5%") }
        return value
    }
}
