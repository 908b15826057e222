import RecoKit

/// Answers for many users: in batches, each on all threads, handed on in the order of the users, so that the result does
/// not depend on the number of threads and no more than a batch is in memory.
final class BatchAnswers<Answer> {
    private static var size: Int { 1024 }

    private let threads: Int
    private let progress: Progress
    private let answer: (String) throws -> Answer
    private let write: (Answer) throws -> Void
    private var users: [String] = []
    private var done = 0
    private let total: Int?

    /// - Parameters:
    ///   - answer: called on any thread.
    ///   - write: called on this one.
    init(
        threads: Int, total: Int? = nil, progress: Progress, answer: @escaping (String) throws -> Answer,
        write: @escaping (Answer) throws -> Void
    ) {
        self.threads = threads
        self.total = total
        self.progress = progress
        self.answer = answer
        self.write = write
    }

    func add(_ user: String) throws {
        users.append(user)
        if users.count == Self.size { try flush() }
    }

    func finish() throws {
        try flush()
        progress.finish()
    }

    private func flush() throws {
        var answers = [Answer?](repeating: nil, count: users.count)
        try answers.withUnsafeMutableBufferPointer { answers in
            nonisolated(unsafe) let (answers, answer) = (answers, answer)
            let users = users
            try parallelFor(users.count, threads: threads) { index, _ in answers[index] = try answer(users[index]) }
        }
        for answer in answers { if let answer { try write(answer) } }
        done += users.count
        users.removeAll(keepingCapacity: true)
        progress.update("answering", done: done, total: total, unit: "users")
    }
}
