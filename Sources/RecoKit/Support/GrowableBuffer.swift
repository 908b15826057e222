import Glibc

/// An array that grows without ever holding two copies: large blocks move by `mremap`, and pages that were never
/// written cost no memory. Event logs live in these.
public final class GrowableBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    private(set) var base: UnsafeMutablePointer<Element>?
    public private(set) var count = 0
    private var capacity = 0

    public init() {}
    deinit { free(base) }

    @inline(__always)
    public func append(_ element: Element) throws {
        if count == capacity { try grow() }
        base.unsafelyUnwrapped[count] = element
        count &+= 1
    }

    /// Appends many elements at once.
    public func append(contentsOf more: UnsafeBufferPointer<Element>) throws {
        guard let source = more.baseAddress, more.count > 0 else { return }
        while capacity - count < more.count { try grow() }
        memcpy(base.unsafelyUnwrapped + count, source, more.count * MemoryLayout<Element>.stride)
        count += more.count
    }

    private func grow() throws {
        let wanted = max(1024, capacity + capacity / 2)
        guard let moved = realloc(base, wanted * MemoryLayout<Element>.stride) else {
            throw RecoError(.outOfMemory, "no memory for \(wanted) values of \(MemoryLayout<Element>.stride) bytes")
        }
        base = moved.assumingMemoryBound(to: Element.self)
        capacity = wanted
    }

    /// The elements, valid until the next change.
    public var elements: UnsafeMutableBufferPointer<Element> { .init(start: base, count: count) }

    public subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            return base.unsafelyUnwrapped[index]
        }
        set {
            precondition(index >= 0 && index < count)
            base.unsafelyUnwrapped[index] = newValue
        }
    }

    public func removeLast(_ n: Int) { count -= min(max(n, 0), count) }
}
