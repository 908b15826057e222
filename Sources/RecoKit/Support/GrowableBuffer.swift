import Glibc

/// An array that grows without ever holding two copies: large blocks move by `mremap`, and pages that were never
/// written cost no memory. Event logs live in these, and go to a file where `WorkingMemory` has a bound.
public final class GrowableBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    private(set) var base: UnsafeMutablePointer<Element>?
    public private(set) var count = 0
    private var capacity = 0
    private var block = WorkingMemory.Block()
    /// Keeps memory that belongs to somebody else, which is only read: the first change takes a copy.
    private var lender: AnyObject?

    public init() {}
    deinit { block.free() }

    /// An array of so many elements, whose values are whatever the memory holds.
    init(uninitialized count: Int) throws {
        try reserve(count)
        self.count = count
    }

    @inline(__always)
    public func append(_ element: Element) throws {
        if count == capacity { try grow() }
        base.unsafelyUnwrapped[count] = element
        count &+= 1
    }

    /// Appends many elements at once.
    public func append(contentsOf more: UnsafeBufferPointer<Element>) throws {
        guard let source = more.baseAddress, more.count > 0 else { return }
        if capacity - count < more.count { try reserve(max(count + more.count, capacity + capacity / 2)) }
        memcpy(base.unsafelyUnwrapped + count, source, more.count * MemoryLayout<Element>.stride)
        count += more.count
    }

    /// Takes elements over where they lie, in memory that `lender` keeps; the buffer is empty. They are read only: what
    /// changes one of them appends first, or is wrong.
    func borrow(_ elements: UnsafeBufferPointer<Element>, from lender: AnyObject) {
        precondition(count == 0)
        block.free()
        base = UnsafeMutablePointer(mutating: elements.baseAddress)
        (count, capacity, self.lender) = (elements.count, elements.count, lender)
    }

    private func grow() throws { try reserve(max(1024, capacity + capacity / 2)) }

    /// Makes room for so many elements in all.
    func reserve(_ wanted: Int) throws {
        guard wanted > capacity else { return }
        try block.grow(to: wanted * MemoryLayout<Element>.stride)
        if lender != nil {
            if let base { block.base?.copyMemory(from: base, byteCount: count * MemoryLayout<Element>.stride) }
            lender = nil
        }
        base = block.base?.assumingMemoryBound(to: Element.self)
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
