import ArgumentParser
import RecoKit

/// `reco rollback`: the model before the last one, back in its place.
struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts the earlier model back that `reco train --config` has kept.",
        discussion: """
            FILE.1 takes the place of FILE by one rename, and FILE.2 becomes FILE.1. What was there is kept as \
            FILE.rejected. Workers that have it open notice at their next request.
            """)

    @Argument(help: ArgumentHelp("The model.", valueName: "file.reco"))
    var file: String

    func run() throws {
        try Publication.rollBack(file)
        complain("\(file) is the earlier model again; the one before is kept as \(file).rejected")
    }
}
