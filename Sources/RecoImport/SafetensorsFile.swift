import Foundation
import RecoKit

/// A safetensors file, mapped: named arrays behind a header of JSON (https://github.com/huggingface/safetensors).
///
/// Opening checks everything the header says against the file: its own length, that each array lies within the file, has
/// as many bytes as its type and shape ask for, and shares none with another. Reads F32, F16 and BF16; arrays of other
/// types may be there, but cannot be read.
public struct SafetensorsFile {
    public struct Tensor {
        public let type: String
        public let shape: [Int]
        let range: Range<Int>  // bytes of the file

        public var count: Int { shape.reduce(1, *) }
    }

    public let tensors: [String: Tensor]
    private let name: String
    private let bytes: Data

    /// A header is a few kilobytes; this much is what the format allows.
    private static let longestHeader = 100_000_000
    private static let sizes = [
        "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1,
        "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
    ]

    public init(path: String) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            throw RecoError(.badData, "\(path) is a folder; a file of weights belongs there")
        }
        try self.init(bytes: mappedBytes(path), name: path)
    }

    /// - Parameter name: what messages call the file.
    public init(bytes: Data, name: String) throws {
        func wrong(_ what: String) -> RecoError {
            RecoError(.badData, "\(name) is no usable safetensors file: \(what)")
        }
        guard bytes.count >= 8 else { throw wrong("it has only \(bytes.count) bytes") }
        let stated = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard stated <= UInt64(Self.longestHeader), Int(stated) <= bytes.count - 8 else {
            throw wrong("its header would have \(stated) bytes, and the file has \(bytes.count)")
        }
        let start = 8 + Int(stated)
        let header = bytes.subdata(in: bytes.startIndex + 8..<bytes.startIndex + start)
        guard !Self.isDeep(header), let entries = try? JSONSerialization.jsonObject(with: header) as? [String: Any]
        else {
            throw wrong("its header is no JSON object")
        }
        var tensors: [String: Tensor] = [:]
        for (tensor, entry) in entries where tensor != "__metadata__" {
            let label = Self.plain(tensor)
            guard let entry = entry as? [String: Any], let type = entry["dtype"] as? String,
                let shape = Self.integers(entry["shape"]), let offsets = Self.integers(entry["data_offsets"]),
                offsets.count == 2
            else { throw wrong("the entry of \(label) lacks dtype, shape or data_offsets") }
            guard offsets[0] <= offsets[1], offsets[1] <= bytes.count - start else {
                throw wrong("\(label) lies outside the file")
            }
            guard let size = Self.sizes[type] else { throw wrong("\(label) has the unknown type \(Self.plain(type))") }
            var length = size
            for side in shape {
                let (product, overflows) = length.multipliedReportingOverflow(by: side)
                guard !overflows else { throw wrong("the shape of \(label) is too large for any file") }
                length = product
            }
            guard length == offsets[1] - offsets[0] else {
                throw wrong(
                    "\(label) takes \(offsets[1] - offsets[0]) bytes, and its shape \(shape) of \(type) would take \(length)"
                )
            }
            tensors[tensor] = Tensor(type: type, shape: shape, range: start + offsets[0]..<start + offsets[1])
        }
        var end = start
        for (tensor, entry) in tensors.sorted(by: { $0.value.range.lowerBound < $1.value.range.lowerBound })
        where !entry.range.isEmpty {
            guard entry.range.lowerBound >= end else {
                throw wrong("\(Self.plain(tensor)) shares bytes with another array")
            }
            end = entry.range.upperBound
        }
        self.tensors = tensors
        self.name = name
        self.bytes = bytes
    }

    /// An array as floats. Throws if there is none of that name and shape, or its type is none of F32, F16 and BF16.
    public func floats(_ tensor: String, shape: [Int]) throws -> [Float] {
        guard let found = tensors[tensor] else { throw RecoError(.badData, "\(name) holds no \(tensor)") }
        guard found.shape == shape else {
            throw RecoError(.badData, "\(tensor) in \(name) has the shape \(found.shape) instead of \(shape)")
        }
        return try bytes.withUnsafeBytes { all in
            let raw = UnsafeRawBufferPointer(rebasing: all[found.range])
            func bits(_ index: Int) -> UInt16 {
                UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
            }
            switch found.type {
            case "F32":
                return (0..<found.count).map {
                    Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            case "BF16": return (0..<found.count).map { Float(bitPattern: UInt32(bits($0)) << 16) }
            case "F16": return (0..<found.count).map { Float(half: bits($0)) }
            default:
                throw RecoError(
                    .badData, "\(tensor) in \(name) is of type \(found.type); F32, F16 and BF16 can be read")
            }
        }
    }

    /// Whole numbers from 0; nil if it is anything else.
    private static func integers(_ value: Any?) -> [Int]? {
        guard let numbers = value as? [NSNumber] else { return nil }
        let found = numbers.compactMap { $0.doubleValue >= 0 && $0.doubleValue < 0x1p53 ? Int(exactly: $0) : nil }
        return found.count == numbers.count ? found : nil
    }

    /// Whether brackets are nested deeper than a header's ever are; a parser that recurses could run out of stack.
    private static func isDeep(_ json: Data) -> Bool {
        var depth = 0
        for byte in json {
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { depth += 1 }
            if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { depth -= 1 }
            if depth > 64 { return true }
        }
        return false
    }

    /// A name for a message: short, and without control characters.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(80).map { $0.value < 32 ? "?" : $0 }))
    }
}
