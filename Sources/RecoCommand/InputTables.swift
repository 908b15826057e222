import ArgumentParser
import Glibc
import RecoKit

/// Tables to learn from, as options.
struct InputTables: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Events: user,item[,event][,weight][,time][,basket][,device].", valueName: "file"))
    var events: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Items: item[,title][,category][,price]...", valueName: "file"))
    var items: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Users: user[,attribute]...", valueName: "file"))
    var users: [String] = []

    var all: [String] { events + items + users }
}

/// The same with searches; what is given replaces what a configuration names.
struct TrainingTables: ParsableArguments {
    @OptionGroup var input: InputTables

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What was searched for and chosen then: query,item[,user][,time].", valueName: "file"))
    var searches: [String] = []

    var all: [String] { input.all + searches }

    func sources(_ file: TrainingFile?) -> TrainingSources {
        func named(_ files: [String], _ configured: [DataSource]?) -> [DataSource] {
            files.isEmpty ? configured ?? [] : files.map { DataSource(file: $0) }
        }
        return TrainingSources(
            database: file?.database, events: named(input.events, file?.events), items: named(input.items, file?.items),
            users: named(input.users, file?.users), searches: named(searches, file?.searches))
    }
}

/// "als.factors=64" as name and value.
func splitSetting(_ text: String) -> (name: String, value: String) {
    let equals = text.firstIndex(of: "=") ?? text.endIndex
    return (String(text[..<equals]), String(text[equals...].dropFirst()))
}

/// Throws if a `--set` has no value, or names models where `--model` says which to `purpose`: "search".
func checkSettings(_ settings: [String], models purpose: String? = nil) throws {
    for setting in settings where !setting.contains("=") {
        throw ValidationError("--set takes KEY=VALUE, such as als.factors=64; \"\(setting)\" has no =.")
    }
    if let purpose, settings.contains(where: { splitSetting($0).name == "model" }) {
        throw ValidationError("Say which models to \(purpose) with --model.")
    }
}

/// Throws if standard input is named more than once.
func checkStandardInput(_ inputs: [String]) throws {
    if inputs.filter({ $0 == "-" }).count > 1 { throw ValidationError("Standard input can be read only once.") }
}

/// Throws if `out` is one of the files that are read.
func checkOutput(_ out: String, isNoneOf inputs: [String], called option: String = "--out") throws {
    var output = stat()
    guard stat(out, &output) == 0 else { return }
    for input in inputs {
        var status = stat()
        if stat(input, &status) == 0, status.st_dev == output.st_dev, status.st_ino == output.st_ino {
            throw ValidationError("\(option) would replace the input \(input).")
        }
    }
}

/// Throws if a number of threads makes no sense.
func checkThreads(_ threads: Int) throws {
    guard (0...1024).contains(threads) else { throw ValidationError("--threads takes a number from 0 to 1024.") }
}

/// How many threads `--threads` means.
func threadCount(_ threads: Int) -> Int { threads == 0 ? processorCount() : threads }
