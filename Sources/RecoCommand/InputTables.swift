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

/// A bound on the memory that large arrays take.
struct MemoryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bound the memory for events, matrices and factors: 6G, 500M. What does not fit goes to files without a name in the "
                + "output's folder; results are the same.", valueName: "size"))
    var memory: String?

    private static let least = 16_000_000

    private var bytes: Int? {
        guard let memory else { return nil }
        let units: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12]
        let text = memory.lowercased().hasSuffix("b") ? memory.dropLast() : memory[...]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        guard let number = Double(unit == nil ? text : text.dropLast()), number * (unit ?? 1) >= Double(Self.least),
            number * (unit ?? 1) < 1e16
        else { return nil }
        return Int(number * (unit ?? 1))
    }

    func validate() throws {
        guard memory == nil || bytes != nil else {
            throw ValidationError("--memory takes a size from 16M, such as 6G; \"\(memory ?? "")\" is none.")
        }
    }

    /// Says what went to files.
    func tell() {
        let most = WorkingMemory.mostInFiles
        if most > 0 { complain("--memory: up to \(Format.bytes(most)) of events and matrices were kept in files") }
    }

    /// Sets the bound, with files beside `out`.
    func apply(writing out: String) {
        guard let bytes else { return }
        let folder = out.lastIndex(of: "/").map { $0 == out.startIndex ? "/" : String(out[..<$0]) } ?? "."
        WorkingMemory.setBound(bytes, folder: folder)
    }
}

/// Which rows of tables are taken.
struct RowChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take only rows whose column has this value, of every table that has the column: a file for each shop, country or "
                + "language.", valueName: "column=value"))
    var only: String?

    func validate() throws {
        if let only, !only.contains("=") || only.hasPrefix("=") {
            throw ValidationError("--only takes COLUMN=VALUE, such as country=de; \"\(only)\" is none.")
        }
    }

    var columnAndValue: (column: String, value: String)? {
        only.map(splitSetting).map { ($0.name, $0.value) }
    }
}

/// "als.factors=64" as name and value.
func splitSetting(_ text: String) -> (name: String, value: String) {
    let equals = text.firstIndex(of: "=") ?? text.endIndex
    return (String(text[..<equals]), String(text[equals...].dropFirst()))
}

/// Sets options that the command line names.
func apply(_ settings: [(name: String, value: String)], to trainer: Trainer) throws {
    for (name, value) in settings {
        do {
            try trainer.set(name, to: value)
        } catch let error as RecoError {
            throw ValidationError(error.message)
        }
    }
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
