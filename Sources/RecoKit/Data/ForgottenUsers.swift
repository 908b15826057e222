import Glibc

/// The users of a model who asked to be forgotten after it was trained: from then on it knows them no more than
/// strangers.
///
/// They stand in a file beside the model, `shop.reco.forgotten`, which has sections as a model has and holds a dictionary
/// of ids, `forgotten/...`. Opening a model reads that as well; one that is there and cannot be read is an error, for an
/// empty list in its place would show again whom it hides. Asking for a user costs O(log users).
struct ForgottenUsers: Sendable {
    private let rows: [UInt32]  // of the model, ascending

    static let none = ForgottenUsers(rows: [])
    fileprivate static let prefix = "forgotten"

    var count: Int { rows.count }

    func contains(_ row: UInt32) -> Bool {
        let place = firstPlace(rows.count) { rows[$0] < row }
        return place < rows.count && rows[place] == row
    }

    static func path(besideModel path: String) -> String { "\(path).forgotten" }

    /// Which file the list of a model is; nil: there is none.
    static func identity(besideModel path: String) throws -> FileIdentity? {
        var status = stat()
        if stat(Self.path(besideModel: path), &status) == 0 { return FileIdentity(status) }
        // Where the longer name is too long, nobody has written such a file.
        if errno == ENOENT || errno == ENAMETOOLONG { return nil }
        throw refused(path, RecoError.system("cannot open \(Self.path(besideModel: path))"))
    }

    /// Opens the list of a model and reads all of it; nil: there is none.
    static func open(besideModel path: String) throws -> ModelFile? {
        guard try identity(besideModel: path) != nil else { return nil }
        do {
            let file = try ModelFile(path: Self.path(besideModel: path))
            try file.verify()
            _ = try IDIndex(file, prefix: prefix)
            return file
        } catch let error as RecoError {
            // Taken away since.
            if error.systemError == ENOENT { return nil }
            throw refused(path, error)
        }
    }

    private static func refused(_ path: String, _ error: RecoError) -> RecoError {
        RecoError(
            error.code, "the model \(path) is not opened without its list of forgotten users: \(error.message)",
            systemError: error.systemError)
    }
}

extension ForgottenUsers {
    /// Those of a list whom the model knows. O(list).
    init(_ list: ModelFile, among users: IDIndex) throws {
        let ids = try IDIndex(list, prefix: Self.prefix)
        var rows: [UInt32] = []
        for place in 0..<ids.count {
            ids.withID(of: place) { if let row = users.row(of: $0) { rows.append(row) } }
        }
        self.rows = rows.sorted()
    }
}

extension ModelFile {
    /// Writes the list of users beside a model whom it shall not know: those of `forgotten` who are in it, or in one of
    /// the files that may take its place. Where there are none, there is no list. O(forgotten x files).
    package static func forget(_ forgotten: IDTable?, inModel path: String, andIn others: [String]) throws {
        let list = ForgottenUsers.path(besideModel: path)
        // A file that is there and cannot be read may know everybody.
        let models = ([path] + others).filter { access($0, F_OK) == 0 }.map { name in
            try? IDIndex(ModelFile(path: name), prefix: "users")
        }
        let known = IDTable()
        for row in 0..<(forgotten?.count ?? 0) {
            guard var id = forgotten?.id(of: row) else { continue }
            let isKnown = id.withUTF8 { id in models.contains { model in model.map { $0.row(of: id) != nil } ?? true } }
            if isKnown { _ = try known.row(for: id) }
        }
        if known.count == 0 {
            guard unlink(list) == 0 || errno == ENOENT else { throw RecoError.system("cannot remove \(list)") }
            return
        }
        let writer = try ModelWriter(path: list, contents: "the list of forgotten users")
        try known.write(to: writer, prefix: ForgottenUsers.prefix)
        try writer.finish()
    }
}
