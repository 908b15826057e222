import ArgumentParser
import Glibc
import RecoKit

/// The command: `reco SUBCOMMAND`. Answers go to standard output, everything else to standard error. Exit codes: 0 done,
/// 1 failed, 2 wrong usage, 3 another run is at work, 4 a new model was not good enough to publish; 128 and the signal's
/// number when it was stopped.
@main
struct Reco: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reco",
        abstract: "Trains recommendation models and asks them questions.",
        discussion: "A model is one file. `reco train` writes it; a shop opens it inside the page request.",
        version: "\(recoVersion)",
        subcommands: [
            Init.self, Check.self, Train.self, Rollback.self, Forget.self, Tune.self, Evaluate.self, Report.self,
            Recommend.self,
            Similar.self, Search.self, Rank.self, Inspect.self, Verify.self, Models.self, Import.self, Export.self,
            Encode.self, Score.self,
        ])

    static func main() {
        // A file that may not grow any further shall be an error of write(2), not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Glibc.exit(report(error))
        }
    }

    /// Says what went wrong and returns the exit code.
    private static func report(_ error: any Error) -> Int32 {
        if error is RecoError {
            complain("\(error)", .error)
            return 1
        }
        if let failure = error as? CommandFailure {
            complain(failure.message, .error)
            return failure.code
        }
        if let code = error as? ExitCode { return code.rawValue }  // all has been said
        let code = exitCode(for: error)
        if code == .success {  // help and version
            print(fullMessage(for: error))
            return 0
        }
        complain(message(for: error), .error)
        return code == .validationFailure ? 2 : 1
    }
}

enum Severity: String {
    case info, error
}

/// How messages are written, set once before the first.
enum MessageForm {
    nonisolated(unsafe) static var isJSON = false
}

/// Writes one message to standard error.
func complain(_ message: String, _ severity: Severity = .info) {
    var line = "reco: \(message)\n"
    if MessageForm.isJSON {
        let entry = JSON.object([
            ("time", .string(utcText(Int64(time(nil)), separator: "T") + "Z")), ("level", .string(severity.rawValue)),
            ("message", .string(message)),
        ])
        line = entry.text + "\n"
    }
    line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
}
