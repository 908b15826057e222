import Foundation
import Glibc

/// A real MariaDB for all tests of this process: a data directory and a socket of its own in a temporary folder, no
/// network. It ends with the process, however that ends.
public final class MariaDBServer: Sendable {
    /// nil where MariaDB is not installed, and then tests are skipped.
    public static let shared: MariaDBServer? = isInstalled ? start() : nil

    public static let isInstalled = ["mariadbd", "mariadb", "mariadb-install-db"].allSatisfy { program($0) != nil }

    public let socket: String
    private let client: String

    private init(socket: String, client: String) {
        self.socket = socket
        self.client = client
    }

    private static func program(_ name: String) -> String? {
        ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    private static func start() -> MariaDBServer? {
        // Short: the path of a socket has at most 107 bytes.
        var template = Array("/tmp/reco-db-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The shell waits for the end of its input, which comes when this process has ended, and stops the server then.
        let script = """
            cd "$0"
            user=$(id -un)
            \(program("mariadb-install-db")!) --no-defaults --datadir="$0/data" --user="$user" --skip-test-db \
                --auth-root-authentication-method=normal >install.log 2>&1 || exit 1
            \(program("mariadbd")!) --no-defaults --datadir="$0/data" --socket="$0/s" --pid-file="$0/pid" --user="$user" \
                --skip-networking --innodb-buffer-pool-size=64M --innodb-log-file-size=32M \
                --innodb-flush-log-at-trx-commit=0 >server.log 2>&1 </dev/null &
            server=$!
            cat >/dev/null
            kill "$server"
            wait "$server"
            cd /
            rm -rf "$0"
            """
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else { return nil }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, folder]
        shell.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        guard (try? shell.run()) != nil else { return nil }
        let server = MariaDBServer(socket: folder + "/s", client: program("mariadb")!)
        for _ in 0..<600 {
            if (try? server.run("SELECT 1")) != nil { return server }
            if !shell.isRunning { return nil }
            usleep(100_000)
        }
        return nil
    }

    public struct Refusal: Error, CustomStringConvertible { public let description: String }

    /// Runs statements as root and returns what they print.
    @discardableResult
    public func run(_ sql: String, in database: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: client)
        process.arguments =
            [
                "--no-defaults", "--socket=\(socket)", "--user=root", "--batch", "--skip-column-names",
                "--default-character-set=utf8mb4", "--execute=\(sql)",
            ] + (database.map { [$0] } ?? [])
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let problem = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refusal(description: problem) }
        return text
    }

    /// A new database of that name, with what `sql` makes in it, and the user `reader` with the password `secret` who may
    /// read it.
    public func makeDatabase(_ name: String, _ sql: String) throws {
        try run(
            """
            CREATE DATABASE \(name) CHARACTER SET utf8mb4;
            CREATE USER IF NOT EXISTS reader@localhost IDENTIFIED BY 'secret';
            GRANT SELECT ON \(name).* TO reader@localhost;
            """)
        try run(sql, in: name)
    }
}
