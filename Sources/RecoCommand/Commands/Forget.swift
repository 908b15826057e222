import ArgumentParser
import RecoKit

/// `reco forget`: a user who asks to be deleted.
struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes users from what is kept between runs, and from all models to come.",
        discussion: """
            Their events leave the cache at once, and no later run reads any of theirs. The model that is in place knows \
            them until the next `reco train --config`; earlier models that are kept do as well: --models removes those.
            """)

    @Argument(help: ArgumentHelp("Users, by their ids.", valueName: "user"))
    var users: [String]

    @Option(help: ArgumentHelp("The configuration of the job.", valueName: "file"))
    var config = "reco.yaml"

    @Flag(help: "Remove the earlier models that are kept: FILE.1 and so on, and FILE.rejected.")
    var models = false

    func validate() throws {
        for user in users where user.isEmpty || user.contains(where: \.isNewline) {
            throw ValidationError("An id is empty or has more than one line.")
        }
    }

    func run() throws {
        let file = try TrainingFile(path: config)
        guard let out = file.out else { throw RecoError(.badData, "\(config) does not say where the model is: out") }
        let state = try StateFolder(path: file.statePath(out: out))
        _ = try state.forget(users)
        guard let forgotten = try state.forgotten() else { return }
        let removed = try EventCache.forget(forgotten, in: state.path)
        if models { Publication.removeEarlier(out) }
        complain(
            "\(users.count == 1 ? "1 user" : "\(Format.count(users.count)) users") forgotten: \(Format.count(removed)) events "
                + "removed; train now to have them out of \(out) as well")
    }
}
