import Glibc

/// The models this process has open, by path: opening a file again gives the same snapshot, unless it was replaced.
enum Registry {
    private struct Entry {
        let path: String
        let identity: FileIdentity
        let forgotten: FileIdentity?  // the list beside it
        let model: Model
    }

    /// More paths than this are not remembered; the one opened longest ago goes first.
    private static let capacity = 64

    private nonisolated(unsafe) static var entries: [Entry] = []  // under ProcessLock, latest last

    static func open(_ path: String) throws -> Model {
        let forgotten = try ForgottenUsers.identity(besideModel: path)
        var status = stat()
        guard stat(path, &status) == 0 else { throw RecoError.system("cannot open the model \(path)") }
        let identity = FileIdentity(status)
        let known: Model? = ProcessLock.hold {
            let place = entries.lastIndex {
                $0.identity == identity && $0.forgotten == forgotten && $0.path == path
            }
            guard let place else { return nil }
            if place != entries.count - 1 { entries.append(entries.remove(at: place)) }
            return entries[entries.count - 1].model
        }
        if let known { return known }

        // Opened outside the lock; should two threads do so at once, the first to finish stays.
        let fresh = try Model(path: path)
        guard let identity = fresh.file.storage.identity else { return fresh }
        let list = fresh.forgottenList
        var dropped: [Entry] = []  // let go outside the lock: unmapping takes time
        let model: Model = ProcessLock.hold {
            let other = entries.first { $0.identity == identity && $0.forgotten == list && $0.path == path }
            if let other { return other.model }
            dropped = entries.filter { $0.path == path }
            entries.removeAll { $0.path == path }
            if entries.count >= capacity { dropped.append(entries.removeFirst()) }
            entries.append(Entry(path: path, identity: identity, forgotten: list, model: fresh))
            return fresh
        }
        _ = dropped
        return model
    }
}

extension Model {
    /// Opens a model file, or shares it if this process has it open already. A file that was replaced by rename is
    /// opened anew, and so is one whose list of forgotten users has changed; those who hold the old model keep it. Some microseconds when nothing has changed.
    public static func open(_ path: String) throws -> Model { try Registry.open(path) }
}
