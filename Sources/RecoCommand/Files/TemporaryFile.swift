import Glibc

/// Files that are written under another name until they are complete: `TARGET.PROCESS.tmp`, or `TARGET.PROCESS.n.n.n.tmp`.
enum TemporaryFile {
    /// Removes those in a folder whose names begin so and whose process is gone: it was killed while it wrote.
    static func removeAbandoned(in folder: String, beginning: String = "") {
        for name in names(in: folder, ending: ".tmp") where name.hasPrefix(beginning) {
            let parts = name.split(separator: ".").dropLast()
            let numbers = parts.reversed().prefix { Int($0) != nil }.map(String.init)
            let writer = numbers.count >= 4 ? numbers[3] : numbers.first
            if let process = writer.flatMap({ pid_t($0) }), process > 0, kill(process, 0) != 0, errno == ESRCH {
                unlink("\(folder)/\(name)")
            }
        }
    }

    static func names(in folder: String, ending: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(ending) { names.append(name) }
        }
        return names
    }
}
