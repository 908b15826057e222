/// A read-only array that lives in a mapped model file or in memory of its own; training and serving read the same type.
///
/// A file may be damaged, and a trap would take the web server's worker with it, so no access can leave the column:
/// an index outside gives `Element.absent`, a range outside is cut to what is there.
public struct Column<Element: ColumnElement>: @unchecked Sendable {
    let base: UnsafePointer<Element>?
    public let count: Int
    /// Keeps the bytes alive.
    let owner: AnyObject?

    /// A view of bytes that `owner` keeps alive. `base` is aligned for `Element`.
    package init(base: UnsafePointer<Element>?, count: Int, owner: AnyObject?) {
        self.base = base
        self.count = count
        self.owner = owner
    }

    /// A column with memory of its own.
    public init(_ elements: [Element]) {
        let storage = OwnedStorage<Element>(elements)
        self.init(base: storage.base, count: elements.count, owner: storage)
    }

    public static var empty: Column { Column(base: nil, count: 0, owner: nil) }

    @inline(__always)
    public subscript(index: Int) -> Element {
        guard index >= 0, index < count else { return .absent }
        return base.unsafelyUnwrapped[index]
    }

    /// The whole column, for hot loops; valid as long as the column.
    package var elements: UnsafeBufferPointer<Element> { .init(start: base, count: count) }

    /// The elements from `start` to before `end`, cut to what is there; valid as long as the column.
    @inline(__always)
    func slice(_ start: Int, _ end: Int) -> UnsafeBufferPointer<Element> {
        let from = max(0, min(start, count))
        let to = max(from, min(end, count))
        guard let base else { return .init(start: nil, count: 0) }
        return .init(start: base + from, count: to &- from)
    }

    /// Row `row` of a table that is `width` wide, or nothing if the table ends before.
    @inline(__always)
    func row(_ row: Int, width: Int) -> UnsafeBufferPointer<Element>? {
        guard row >= 0, width > 0, let base else { return nil }
        let (start, overflow) = row.multipliedReportingOverflow(by: width)
        guard !overflow, start <= count, count &- start >= width else { return nil }
        return .init(start: base + start, count: width)
    }
}

extension Column {
    public func toArray() -> [Element] { Array(elements) }
}

private final class OwnedStorage<Element: BitwiseCopyable> {
    let base: UnsafePointer<Element>?

    init(_ elements: [Element]) {
        guard !elements.isEmpty else {
            base = nil
            return
        }
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
        elements.withUnsafeBufferPointer { memory.initialize(from: $0.baseAddress!, count: $0.count) }
        base = UnsafePointer(memory)
    }

    deinit { base?.deallocate() }
}

/// Where each row of a ragged table starts: `offsets[row] ..< offsets[row + 1]`, checked at every use.
package struct RaggedOffsets: Sendable {
    let offsets: Column<UInt64>  // (rows + 1)

    var rowCount: Int { max(0, offsets.count - 1) }

    /// The range of row `row` within a table of `limit` elements; empty if the row does not exist or lies.
    @inline(__always)
    func range(_ row: Int, limit: Int) -> Range<Int> {
        guard row >= 0, row < rowCount,
            let start = Int(exactly: offsets[row]), let end = Int(exactly: offsets[row &+ 1]),
            start <= end, end <= limit
        else { return 0..<0 }
        return start..<end
    }
}
