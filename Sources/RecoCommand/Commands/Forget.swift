import ArgumentParser
import RecoKit

/// `reco forget`: a user who asks to be deleted.
struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes users from what is kept between runs, and from all models to come.",
        discussion: """
            Their events leave what is kept at once, and no later run reads any of theirs. A list beside the model, \
            FILE.forgotten, makes them strangers to whoever opens it from now on; the next `reco train --config` makes a \
            model without them. Earlier models that are kept hold them still: --models removes those.
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
        let list = try ForgottenList(folder: file.statePath(out: out), model: out)
        try list.add(users)
        let state: StateFolder
        do { state = try StateFolder(path: file.statePath(out: out)) } catch let busy as CommandFailure {
            throw CommandFailure.busy(
                "\(busy.message); the model no longer answers for who was forgotten; run this again when that run has ended, "
                    + "to remove their events")
        }
        let trainer = Trainer()
        try file.apply { try trainer.set($0, to: $1) }
        guard let forgotten = try list.users() else { return }
        let removed = try EventCache.forget(forgotten, in: state.path, kinds: trainer.log.kinds)
        if models {
            Publication.removeEarlier(out)
            try list.renew()
        }
        complain(
            "\(users.count == 1 ? "1 user" : "\(Format.count(users.count)) users") forgotten: \(Format.count(removed)) events "
                + "removed; \(out) no longer answers for them, and the next training has them out of it")
    }
}
