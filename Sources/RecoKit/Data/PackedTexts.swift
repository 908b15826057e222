/// Several texts in one buffer, each ended by a NUL byte; the last NUL may be missing.
package struct PackedTexts: Sequence {
    package let bytes: UnsafeBufferPointer<UInt8>

    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    package static var none: PackedTexts { PackedTexts(UnsafeBufferPointer(start: nil, count: 0)) }

    package var isEmpty: Bool { bytes.isEmpty }

    package struct Iterator: IteratorProtocol {
        let bytes: UnsafeBufferPointer<UInt8>
        var at = 0

        package mutating func next() -> UnsafeBufferPointer<UInt8>? {
            guard at < bytes.count, let base = bytes.baseAddress else { return nil }
            let start = at
            while at < bytes.count, bytes[at] != 0 { at &+= 1 }
            let text = UnsafeBufferPointer(start: base + start, count: at &- start)
            at &+= 1
            return text
        }
    }

    package func makeIterator() -> Iterator { Iterator(bytes: bytes) }

    package func countTexts() -> Int {
        var count = 0
        for _ in self { count &+= 1 }
        return count
    }
}
