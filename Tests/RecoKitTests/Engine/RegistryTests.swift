import Glibc
import Testing

@testable import RecoKit

private func save(_ items: [String], to path: String) throws {
    let trainer = Trainer()
    try trainer.set("model", to: "popularity")
    for item in items { try trainer.log.add(user: "a", item: item) }
    try trainer.train()
    try trainer.save(path)
}

@Test func openingAgainSharesTheModelUntilTheFileIsReplaced() throws {
    let path = "\(temporaryFolder())/registry-\(getpid()).reco"
    defer { unlink(path) }
    try save(["x"], to: path)
    let first = try Model.open(path)
    #expect(try Model.open(path) === first)
    try save(["x", "y"], to: path)
    let second = try Model.open(path)
    #expect(second !== first)
    #expect(first.items.count == 1)
    #expect(second.items.count == 2)
    #expect(try first.recommend(user: "b").count == 1)
}

@Test func aMissingFileAndAFolderAreNamed() {
    for path in ["/nowhere/at/all.reco", temporaryFolder()] {
        do {
            _ = try Model.open(path)
            Issue.record("opened \(path)")
        } catch {
            #expect((error as? RecoError)?.code == .system)
            #expect("\(error)".contains(path))
        }
    }
}

@Test func aFailedSaveLeavesTheOldModelAndNoTemporaryFile() throws {
    let folder = try Folder()
    let path = folder.path("kept.reco")
    try save(["x"], to: path)
    try abandon(path)
    #expect(folder.names == ["kept.reco"])
    #expect(try Model(path: path).items.count == 1)
}

/// A writer that goes away without having finished.
private func abandon(_ path: String) throws {
    let writer = try ModelWriter(path: path)
    try writer.add("half", [UInt8](repeating: 1, count: 100))
}
