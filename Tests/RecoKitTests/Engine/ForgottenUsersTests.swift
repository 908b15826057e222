import Glibc
import Testing

@testable import RecoKit

/// A checkerboard in a file: ease answers and can say why, user-knn knows who is alike.
private func save(to path: String) throws {
    let trainer = try Checkerboard.trainer("ease,user-knn")
    try trainer.train()
    try trainer.save(path)
}

private func forget(_ users: [String], _ path: String, andIn others: [String] = []) throws {
    let ids = IDTable()
    for user in users { _ = try ids.row(for: user) }
    try ModelFile.forget(ids, inModel: path, andIn: others)
}

struct ForgottenUsersTests {
    @Test func aForgottenUserIsAStrangerFromTheNextOpeningOn() throws {
        let folder = try Folder()
        let path = folder.path("shop.reco")
        try save(to: path)
        let before = try Model.open(path)
        let hit = try #require(try before.recommend(user: "u4", limit: 1).first)
        #expect(hit.rung == .personal && before.knows(user: "u4"))
        #expect(try !before.explain(hit, user: "u4").isEmpty)

        try forget(["u4", "u6", "nobody"], path)
        let model = try Model.open(path)
        #expect(model !== before)
        #expect(try Model.open(path) === model)
        for user in ["u4", "u6"] {
            #expect(!model.knows(user: user))
            #expect(try model.recommend(user: user) == model.recommend(user: "stranger"))
            #expect(
                try model.recommend(user: user, session: ["3"]) == model.recommend(user: "stranger", session: ["3"]))
            #expect(try model.rank(["1", "2", "3"], user: user) == model.rank(["1", "2", "3"], user: "stranger"))
            #expect(throws: RecoError.self) { try model.explain(hit, user: user) }  // as for any stranger
            #expect(try model.similarUsers(to: user).isEmpty)
        }
        // The others are answered as before, and are alike to nobody who has been forgotten.
        #expect(try model.recommend(user: "u8") == before.recommend(user: "u8"))
        let alike = try model.similarUsers(to: "u8", limit: 30).map(\.id)
        #expect(try alike == before.similarUsers(to: "u8", limit: 30).map(\.id).filter { $0 != "u4" && $0 != "u6" })
        #expect(try model.similarUsers(to: "u8", limit: 5).count == 5)
        #expect(try model.similarUsers(to: "u8", limit: .max).map(\.id) == alike)

        // A longer list is noticed as well, and one that has gone.
        try forget(["u4", "u6", "u8"], path)
        #expect(try !Model.open(path).knows(user: "u8"))
        try ModelFile.forget(nil, inModel: path, andIn: [])
        #expect(try Model.open(path).knows(user: "u8") && Model.open(path).knows(user: "u4"))
        #expect(folder.names == ["shop.reco"])
    }

    @Test func onlyThoseStandInTheListWhomAModelThatMayBeOpenedKnows() throws {
        let folder = try Folder()
        let (path, earlier) = (folder.path("shop.reco"), folder.path("shop.reco.1"))
        try save(to: earlier)
        let trainer = Trainer()
        try trainer.set("model", to: "popularity")
        try trainer.log.add(user: "7", item: "1")
        try trainer.train()
        try trainer.save(path)

        try forget(["u4", "nobody"], path)
        #expect(!folder.names.contains("shop.reco.forgotten"))
        try forget(["u4", "7", "nobody"], path, andIn: [earlier])
        let list = try IDIndex(ModelFile(path: "\(path).forgotten"), prefix: "forgotten")
        #expect((0..<list.count).map { list.id(of: $0) } == ["u4", "7"])
        #expect(try !Model(path: path).knows(user: "7"))
        // What cannot be read may know everybody.
        #expect(truncate(earlier, 100) == 0)
        try forget(["stranger"], path, andIn: [earlier])
        #expect(try IDIndex(ModelFile(path: "\(path).forgotten"), prefix: "forgotten").count == 1)
    }

    @Test func aListThatCannotBeReadKeepsTheModelFromBeingOpened() throws {
        let folder = try Folder()
        let path = folder.path("shop.reco")
        try save(to: path)
        _ = try Model.open(path)
        try forget(["u4"], path)
        let list = "\(path).forgotten"
        let bytes = try contents(list)
        for place in stride(from: 0, to: bytes.count, by: 23) {
            var broken = bytes
            broken[place] ^= 0x41
            try write(broken, to: list)
            do {
                let model = try Model.open(path)
                // What lies between two sections is in no checksum.
                #expect(!model.knows(user: "u4"), "byte \(place)")
            } catch let error as RecoError {
                #expect([.damaged, .newerVersion].contains(error.code))
                #expect(
                    error.message.hasPrefix("the model \(path) is not opened without its list of forgotten users: "))
            }
        }
        for length in [0, 10, bytes.count / 2, bytes.count - 1] {
            try write(Array(bytes[..<length]), to: list)
            #expect(throws: RecoError.self) { try Model.open(path) }
        }
        // Another model in its place is no list.
        try write(contents(path), to: list)
        #expect(throws: RecoError.self) { try Model.open(path) }
        try write(bytes, to: list)
        #expect(try !Model.open(path).knows(user: "u4"))
    }

    private func contents(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        return bytes
    }

    /// A new file each time, as a writer makes it.
    private func write(_ bytes: [UInt8], to path: String) throws {
        unlink(path)
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
