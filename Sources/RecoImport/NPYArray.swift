import RecoKit

/// An array as NumPy's `save` writes it (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), mapped.
///
/// Numbers are little-endian integers and floats; other arrays (objects, texts, complex numbers) are refused. Opening reads
/// the header, and checks it against the length of the file.
public struct NPYArray {
    enum Element: String, CaseIterable {
        case float16 = "f2"
        case float32 = "f4"
        case float64 = "f8"
        case int8 = "i1"
        case int16 = "i2"
        case int32 = "i4"
        case int64 = "i8"
        case uint8 = "u1"
        case uint16 = "u2"
        case uint32 = "u4"
        case uint64 = "u8"

        var size: Int { Int(rawValue.suffix(1))! }
    }

    public let shape: [Int]
    let element: Element
    /// Columns follow each other, not rows.
    let isColumnMajor: Bool
    private let name: String
    private let bytes: UnsafeRawBufferPointer  // the numbers alone
    private let owner: AnyObject

    public var count: Int { shape.reduce(1, *) }

    public init(path: String) throws { try self.init(file: MappedFile(path: path), name: path) }

    /// - Parameter name: what messages call the array.
    init(file: MappedFile, name: String) throws {
        func wrong(_ what: String) -> RecoError { RecoError(.badData, "\(name) is no usable npy file: \(what)") }
        let all = file.bytes
        guard all.count >= 10, all.prefix(6).elementsEqual([0x93] + Array("NUMPY".utf8)) else {
            throw wrong("it does not start as one")
        }
        let isLong = all[6] > 1
        guard all[6] >= 1, all[6] <= 3, !isLong || all.count >= 12 else { throw wrong("its version is unknown") }
        let lengthBytes = isLong ? all[8..<12] : all[8..<10]
        let headerLength = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        let start = lengthBytes.endIndex + headerLength
        guard start <= all.count, headerLength < 1 << 20 else { throw wrong("it is cut short in its header") }
        let header = String(decoding: all[lengthBytes.endIndex..<start], as: UTF8.self)
        guard let type = Self.value("descr", in: header), let order = Self.value("fortran_order", in: header),
            let shapeText = Self.value("shape", in: header)
        else { throw wrong("its header lacks descr, fortran_order or shape") }
        let text = type.filter { $0 != "'" && $0 != "\"" }
        guard let first = text.first, first == "<" || first == "|" || first == "=",
            let element = Element(rawValue: String(text.dropFirst())), first != "|" || element.size == 1
        else { throw wrong("its type \(text.prefix(20)) is none of little-endian numbers") }
        var shape: [Int] = []
        for part in shapeText.filter({ $0 != "(" && $0 != ")" && $0 != " " }).split(separator: ",") {
            guard let side = Int(part), side >= 0 else { throw wrong("its shape is \(shapeText.prefix(40))") }
            shape.append(side)
        }
        var length = element.size
        for side in shape {
            let (product, overflows) = length.multipliedReportingOverflow(by: side)
            guard !overflows else { throw wrong("its shape is \(shapeText.prefix(40))") }
            length = product
        }
        guard all.count - start == length else {
            let rest = all.count - start
            let what = rest < length ? "it is cut short" : "it is too long"
            throw wrong("\(what): \(shapeText) of \(text) takes \(length) bytes, and it has \(rest)")
        }
        self.name = name
        self.shape = shape
        self.element = element
        isColumnMajor = order == "True" && shape.count > 1
        bytes = UnsafeRawBufferPointer(rebasing: all[start...])
        owner = file
    }

    /// What stands behind a key of the header, which is a dictionary as Python writes it.
    private static func value(_ key: String, in header: String) -> String? {
        guard let place = header.firstRange(of: "'\(key)':") else { return nil }
        let rest = header[place.upperBound...].drop { $0 == " " }
        if rest.hasPrefix("(") { return rest.firstIndex(of: ")").map { String(rest[...$0]) } }
        return String(rest.prefix { $0 != "," && $0 != "}" && $0 != " " })
    }

    /// The numbers as they lie in the file; nil if they are of another type, or not aligned.
    func column<Number: ColumnElement>(_ type: Number.Type, _ element: Element) -> Column<Number>? {
        guard self.element == element, !isColumnMajor, MemoryLayout<Number>.size == element.size else { return nil }
        guard let base = bytes.baseAddress, count > 0 else { return Column([]) }
        guard Int(bitPattern: base) % MemoryLayout<Number>.alignment == 0 else { return nil }
        return Column(base: base.assumingMemoryBound(to: Number.self), count: count, owner: owner)
    }

    /// The array's bytes, for a sum over them.
    var raw: UnsafeRawBufferPointer { bytes }

    /// A table of finite floats, (rows, columns): without a copy if that is what the file holds. Throws if the array has
    /// other than one or two sides (one is a single column), or holds what is not finite as a float.
    ///
    /// - Parameter transposed: the file holds (columns, rows).
    func floats(transposed: Bool = false) throws -> Column<Float> {
        guard shape.count == 1 || shape.count == 2 else {
            throw RecoError(.badData, "\(name) has \(shape.count) dimensions; one or two are needed")
        }
        let column: Column<Float>
        if !transposed, let inPlace = self.column(Float.self, .float32) {
            column = inPlace
        } else {
            let (rows, columns) = (shape[0], shape.count == 2 ? shape[1] : 1)
            let numbers = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
            let owner = Owned(numbers)
            // By rows of the result, which are rows of the file or its columns.
            let (outer, inner) = transposed ? (columns, rows) : (rows, columns)
            let byRows = isColumnMajor == transposed
            for row in 0..<outer {
                for place in 0..<inner {
                    numbers[row * inner + place] = number(byRows ? row * inner + place : place * outer + row)
                }
            }
            column = Column(base: numbers, count: count, owner: owner)
        }
        guard column.elements.allSatisfy(\.isFinite) else {
            throw RecoError(.badData, "\(name) holds numbers that are not finite")
        }
        return column
    }

    /// The first number; the array has one.
    var first: Float { number(0) }

    /// The number at a place of the file.
    private func number(_ place: Int) -> Float {
        func load<Number>(_ type: Number.Type) -> Number {
            bytes.loadUnaligned(fromByteOffset: place * MemoryLayout<Number>.size, as: type)
        }
        return switch element {
        case .float16: Float(half: load(UInt16.self))
        case .float32: load(Float.self)
        case .float64: Float(load(Double.self))
        case .int8: Float(load(Int8.self))
        case .int16: Float(load(Int16.self))
        case .int32: Float(load(Int32.self))
        case .int64: Float(load(Int64.self))
        case .uint8: Float(load(UInt8.self))
        case .uint16: Float(load(UInt16.self))
        case .uint32: Float(load(UInt32.self))
        case .uint64: Float(load(UInt64.self))
        }
    }

    /// Whole numbers of up to 64 bits; nil for an array of floats, or of numbers beyond Int64.
    func integers() -> [Int64]? {
        guard !element.rawValue.hasPrefix("f"), !isColumnMajor else { return nil }
        var numbers: [Int64] = []
        numbers.reserveCapacity(count)
        for place in 0..<count {
            func load<Number: FixedWidthInteger>(_ type: Number.Type) -> Int64? {
                Int64(exactly: bytes.loadUnaligned(fromByteOffset: place * MemoryLayout<Number>.size, as: type))
            }
            let number =
                switch element {
                case .int8: load(Int8.self)
                case .int16: load(Int16.self)
                case .int32: load(Int32.self)
                case .int64: load(Int64.self)
                case .uint8: load(UInt8.self)
                case .uint16: load(UInt16.self)
                case .uint32: load(UInt32.self)
                default: load(UInt64.self)
                }
            guard let number else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}

/// Memory that a column keeps alive.
private final class Owned {
    private let numbers: UnsafeMutablePointer<Float>
    init(_ numbers: UnsafeMutablePointer<Float>) { self.numbers = numbers }
    deinit { numbers.deallocate() }
}

/// Writes arrays as NumPy's `load` reads them.
enum NPYWriter {
    /// The start of a file: what comes behind it is the array, aligned to 64 bytes.
    static func header(_ element: NPYArray.Element, shape: [Int]) -> [UInt8] {
        let mark = element.size == 1 ? "|" : "<"
        let sides = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '\(mark)\(element.rawValue)', 'fortran_order': False, 'shape': (\(sides)), }"
        let length = (10 + text.utf8.count + 1 + 63) / 64 * 64
        text += String(repeating: " ", count: length - 11 - text.utf8.count) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8((length - 10) & 0xFF), UInt8((length - 10) >> 8)]
            + Array(text.utf8)
    }
}
