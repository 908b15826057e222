import Glibc
import RecoKit

/// What a job keeps from one run to the next, in a folder beside the model (`shop.reco.state`): events that were read,
/// how many rows each query gave, whom to forget. Whoever holds it is alone: a second run ends at once.
final class StateFolder {
    let path: String
    private let lock: Int32
    /// What the last run that published has noted, by name.
    private var notes: [String: String] = [:]

    /// Opens the folder, makes it if need be, and locks it. Throws `CommandFailure.busy` if somebody is at work.
    init(path: String) throws {
        self.path = path
        try Self.make(path)
        lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw RecoError.system("cannot write into \(path)") }
        // Goes with the process, however that ends.
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let isBusy = errno == EWOULDBLOCK
            let error = RecoError.system("cannot lock \(path)")
            close(lock)
            throw isBusy ? CommandFailure.busy("another run is at work: it holds \(path)") : error
        }
        for line in try (TextFile.readIfThere("\(path)/notes") ?? "").split(separator: "\n") {
            guard let equals = line.firstRange(of: " = ") else { continue }
            notes[String(line[..<equals.lowerBound])] = String(line[equals.upperBound...])
        }
    }

    deinit { close(lock) }

    static func make(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw RecoError.system("cannot make the folder \(path)")
        }
    }

    subscript(name: String) -> String? {
        get { notes[name] }
        set { notes[name] = newValue }
    }

    /// Keeps the notes.
    func save() throws {
        let lines = notes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }
        try TextFile.replace("\(path)/notes", with: lines.joined())
    }
}

/// A failure with an exit code of its own, for those who watch jobs.
struct CommandFailure: Error {
    let message: String
    let code: Int32

    /// Nothing was done because another run is at work.
    static func busy(_ message: String) -> CommandFailure { CommandFailure(message: message, code: 3) }
    /// A model was trained, or could have been, and is not good enough to publish.
    static func refused(_ message: String) -> CommandFailure { CommandFailure(message: message, code: 4) }
}
