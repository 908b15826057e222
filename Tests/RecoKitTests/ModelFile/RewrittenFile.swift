@testable import RecoKit

extension ModelFile {
    /// The sections of this file, of the types that they have, with some of them left out or replaced: files that lie.
    func rewritten(without: Set<String> = [], _ replace: (String, inout [UInt8]) -> Void = { _, _ in }) throws
        -> ModelFile
    {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try copySections(to: writer, without: without, replace)
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
    }

    /// Writes the sections of this file into another one, which may get more.
    func copySections(
        to writer: ModelWriter, without: Set<String> = [], _ replace: (String, inout [UInt8]) -> Void = { _, _ in }
    ) throws {
        for section in sections where !without.contains(section.name) {
            var bytes = Array(storage.bytes[section.offset..<section.offset + section.length])
            replace(section.name, &bytes)
            try bytes.withUnsafeBytes { raw in
                switch section.type {
                case .bytes: try writer.add(section.name, text: String(decoding: raw, as: UTF8.self))
                case .uint8: try writer.add(section.name, Array(raw))
                case .uint16: try writer.add(section.name, Array(raw.bindMemory(to: UInt16.self)))
                case .uint32: try writer.add(section.name, Array(raw.bindMemory(to: UInt32.self)))
                case .uint64: try writer.add(section.name, Array(raw.bindMemory(to: UInt64.self)))
                case .int64: try writer.add(section.name, Array(raw.bindMemory(to: Int64.self)))
                case .float32: try writer.add(section.name, Array(raw.bindMemory(to: Float.self)))
                case .float64: try writer.add(section.name, Array(raw.bindMemory(to: Double.self)))
                }
            }
        }
    }
}
