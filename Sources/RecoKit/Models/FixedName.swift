/// A short name as C structures hold it: UTF-8, ended by 0, cut where it is longer.
package struct FixedName: BitwiseCopyable {
    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
        (0, 0, 0, 0, 0, 0, 0, 0, 0)

    init() {}

    init(_ name: String) {
        withUnsafeMutableBytes(of: &words) { bytes in
            for (at, byte) in name.utf8.prefix(bytes.count - 1).enumerated() { bytes[at] = byte }
        }
    }

    var text: String {
        withUnsafeBytes(of: words) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
