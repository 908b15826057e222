import Glibc
import RecoKit

/// Whom a job leaves out of every model: one id a line in the folder of what is kept (`forgotten`). As long as the model
/// in place knows them, or one that may come back, they stand in a list beside it as well, which answers look at.
///
/// It has a lock of its own, so that nobody has to wait for a training run to be forgotten.
struct ForgottenList {
    private let folder: String
    private let model: String

    init(folder: String, model: String) throws {
        (self.folder, self.model) = (folder, model)
        try StateFolder.make(folder)
    }

    /// The users; nil: none.
    func users() throws -> IDTable? { try Self.users(in: folder) }

    /// The same, for who only reads and shall not make the folder.
    static func users(in folder: String) throws -> IDTable? {
        guard let text = try TextFile.readIfThere("\(folder)/forgotten"), !text.isEmpty else { return nil }
        let ids = IDTable()
        for line in text.split(separator: "\n") { _ = try ids.row(for: String(line)) }
        return ids
    }

    /// Adds users, and takes them out of the answers of the model in place.
    func add(_ users: [String]) throws {
        try locked {
            let lines = try (TextFile.readIfThere("\(folder)/forgotten") ?? "").split(separator: "\n").map(String.init)
            let new = users.filter { !lines.contains($0) }
            if !new.isEmpty {
                try TextFile.replace("\(folder)/forgotten", with: (lines + new).map { $0 + "\n" }.joined())
                Self.hand("\(folder)/forgotten", toOwnerOf: folder, mode: 0o600)
            }
            try writeBesideModel()
        }
    }

    /// Leaves those in the list beside the model whom it still knows, or one that may come back or is `about` to come.
    func renew(about candidate: String? = nil) throws { try locked { try writeBesideModel(candidate) } }

    private func writeBesideModel(_ candidate: String? = nil) throws {
        let others = Publication.earlierModels(of: model) + [candidate].compactMap { $0 }
        try ModelFile.forget(users(), inModel: model, andIn: others)
        Self.hand("\(model).forgotten", toOwnerOf: model)
    }

    /// Whoever may read the model must be able to read the list, whoever wrote it and under which umask: without the list
    /// nobody is answered.
    private static func hand(_ path: String, toOwnerOf other: String, mode: mode_t? = nil) {
        var status = stat()
        guard stat(other, &status) == 0 else { return }
        chmod(path, mode ?? status.st_mode & 0o777)
        if geteuid() == 0 { _ = chown(path, status.st_uid, status.st_gid) }
    }

    private func locked(_ body: () throws -> Void) throws {
        let lock = open("\(folder)/forgotten.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw RecoError.system("cannot write into \(folder)") }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else { throw RecoError.system("cannot lock \(folder)") }
        try body()
    }
}
