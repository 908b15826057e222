import Foundation
import RecoKit

/// Writes a folder of columns: everything goes into a folder beside it, which takes its name when it is complete.
public final class ColumnFolderWriter {
    private let path: String
    private let temporary: String
    private var isFinished = false
    var manifest: ColumnFolder.Manifest

    /// Throws if there is something under the name already, other than an empty folder or one of columns, which is
    /// replaced.
    public init(path: String, kind: String) throws {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        manifest = ColumnFolder.Manifest(kind: kind)
        temporary = ModelWriter.temporaryPath(for: path)
        let files = FileManager.default
        if files.fileExists(atPath: path) {
            guard ColumnFolder.isFolder(path) else {
                throw RecoError(
                    .system, "cannot write the folder \(path): there is a file of that name", systemError: EEXIST)
            }
            let held = (try? files.contentsOfDirectory(atPath: path)) ?? ["?"]
            let isOurs =
                held.contains(ColumnFolder.manifestName) && (try? ColumnFolder(path: path)) != nil
                && held.allSatisfy { $0 == ColumnFolder.manifestName || $0.hasSuffix(".npy") }
            guard held.isEmpty || isOurs else {
                throw RecoError(
                    .system, "cannot write the folder \(path): there is one that holds something else",
                    systemError: EEXIST)
            }
        }
        guard mkdir(temporary, 0o755) == 0 else { throw RecoError.system("cannot write the folder \(path)") }
    }

    deinit { if !isFinished { try? FileManager.default.removeItem(atPath: temporary) } }

    /// Writes a column of a part, and notes it there.
    func add<Number: ColumnElement>(
        _ label: String, to part: inout ColumnFolder.Part, _ numbers: UnsafeBufferPointer<Number>,
        _ element: NPYArray.Element, shape: [Int]
    ) throws {
        let file = "\(temporary)/\(part.name).\(label).npy"
        let failure = "cannot write \(path)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw RecoError.system(failure) }
        defer { close(descriptor) }
        let bytes = UnsafeRawBufferPointer(numbers)
        try NPYWriter.header(element, shape: shape).withUnsafeBytes {
            try writeAll($0, to: descriptor, failure: failure)
        }
        try writeAll(bytes, to: descriptor, failure: failure)
        guard fsync(descriptor) == 0 else { throw RecoError.system(failure) }
        part.sums[label] = "\(sum64(bytes))"
    }

    /// Writes ids as one part of that name.
    func add(ids: IDColumn, called name: String) throws -> ColumnFolder.IDs {
        var part = ColumnFolder.Part(name: "\(name)-00000", count: ids.count, sums: [:])
        switch ids {
        case .integers(let values):
            try add("ids", to: &part, values.elements, .int64, shape: [values.count])
            return ColumnFolder.IDs(type: "integers", parts: [part])
        case .strings:
            var bytes: [UInt8] = []
            var offsets: [Int64] = [0]
            for row in 0..<ids.count {
                ids.withID(of: row) { bytes.append(contentsOf: $0) }
                offsets.append(Int64(bytes.count))
            }
            try bytes.withUnsafeBufferPointer { try add("bytes", to: &part, $0, .uint8, shape: [bytes.count]) }
            try offsets.withUnsafeBufferPointer { try add("offsets", to: &part, $0, .int64, shape: [offsets.count]) }
            return ColumnFolder.IDs(type: "texts", parts: [part])
        }
    }

    /// Writes the manifest and gives the folder its name. One that it replaces is gone for a moment.
    public func finish() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let failure = "cannot write \(path)"
        do {
            try encoder.encode(manifest).write(to: URL(fileURLWithPath: "\(temporary)/\(ColumnFolder.manifestName)"))
        } catch { throw RecoError(.system, failure) }
        // The one before steps aside, and comes back if the new one cannot take its place.
        let before = "\(temporary).before"
        let hadOne = rename(path, before) == 0
        guard rename(temporary, path) == 0 else {
            let number = errno
            if hadOne { rename(before, path) }
            throw RecoError.system(failure, number)
        }
        isFinished = true
        if hadOne { try? FileManager.default.removeItem(atPath: before) }
    }
}

extension ColumnFolderWriter {
    /// Writes all events of a log, by user and then by time: what training reads fastest. O(events log events per user).
    ///
    /// - Parameter progress: called now and then; throw from it to cancel.
    public func add(_ log: EventLog, progress: () throws -> Void = {}) throws {
        manifest.kinds = log.kinds.kinds.map(\.name)
        manifest.users = try add(ids: log.users.column, called: "users")
        manifest.items = try add(ids: log.items.column, called: "items")
        if log.hasBaskets { manifest.baskets = try add(ids: log.baskets.column, called: "baskets") }
        let order = try log.eventsByUser(threads: processorCount()).events
        var part = ColumnFolder.Part(name: "events-00000", count: log.count, sums: [:])
        func write<Number: ColumnElement>(
            _ label: String, _ numbers: UnsafeBufferPointer<Number>, _ element: NPYArray.Element
        ) throws {
            try progress()
            let sorted = order.map { numbers[Int($0)] }
            try sorted.withUnsafeBufferPointer { try add(label, to: &part, $0, element, shape: [log.count]) }
        }
        let columns = log.columns
        try write("user", columns.users.elements, .uint32)
        try write("item", columns.items.elements, .uint32)
        try write("kind", columns.kinds.elements, .uint8)
        try write("weight", columns.weights.elements, .float32)
        try write("time", columns.times.elements, .int64)
        if let baskets = columns.baskets { try write("basket", baskets.elements, .uint32) }
        manifest.parts = [part]
    }
}

extension ColumnFolderWriter {
    /// Writes the factors of a model, which are als to whoever imports them.
    ///
    /// - Parameter progress: called now and then; throw from it to cancel.
    public func add(_ factors: ExportedFactors, of model: Model, progress: () throws -> Void = {}) throws {
        manifest.model = "als"
        manifest.rank = factors.rank
        func table(_ ids: IDIndex, _ numbers: Column<Float>, _ name: String) throws -> ColumnFolder.IDs {
            var table = try add(ids: ids.ids, called: name)
            try progress()
            try add("vectors", to: &table.parts[0], numbers.elements, .float32, shape: [ids.count, factors.rank])
            return table
        }
        manifest.users = try table(model.users, factors.users, "users")
        manifest.items = try table(model.items, factors.items, "items")
        manifest.objective = factors.objective.map {
            [
                "alpha": .number($0.alpha), "regularization": .number($0.regularization),
                "frequency-scaling": .number($0.frequencyScaling), "unobserved": .number($0.unobserved),
                "confidence-offset": .number($0.confidenceOffset),
                "frequency": .text($0.countsObservedOnly ? "observed" : "all"),
            ]
        }
    }
}
