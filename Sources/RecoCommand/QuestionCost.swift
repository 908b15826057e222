import RecoKit

/// What one question to a model costs, as far as its file shows: a factor model reads the vectors of all items, of many items
/// first as bytes, which say what a score cannot exceed.
struct QuestionCost {
    let model: String
    /// Read for every question.
    let bytes: Int
    /// What is needed of these beside them: the vectors of promising items.
    let behind: Int

    /// One processor reads about so much from memory in a second, not from a disk.
    private static let rate = 10e9

    var seconds: Double { Double(bytes) / Self.rate }

    var text: String {
        let milliseconds = seconds * 1e3
        let time = milliseconds < 1 ? "less than 1 ms" : "about \(Int(milliseconds.rounded(.up))) ms"
        let rest = behind > 0 ? ", and a little of \(Format.bytes(behind))" : ""
        return "\(model) reads \(Format.bytes(bytes))\(rest): \(time) on one processor, with the file in memory"
    }

    /// The models of a file that look at all items.
    static func of(_ file: ModelFile) -> [QuestionCost] {
        ModelDescription(file).models.compactMap { name in
            func length(_ part: String) -> Int { file.sections.first { $0.name == "\(name)/\(part)" }?.length ?? 0 }
            let (vectors, bytes) = (length("item-factors"), length("item-bytes"))
            guard vectors > 0 else { return nil }
            return bytes > 0
                ? QuestionCost(
                    model: name, bytes: bytes + length("item-scales") + length("item-margins"), behind: vectors)
                : QuestionCost(model: name, bytes: vectors + length("item-norms"), behind: 0)
        }
    }
}
