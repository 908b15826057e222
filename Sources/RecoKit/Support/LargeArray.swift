/// An array of numbers that training may hold by the hundred million: like Swift's, a copy shares its elements until one of
/// the two is changed, but its memory is `WorkingMemory`'s.
public struct LargeArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    private(set) var buffer: GrowableBuffer<Element>

    public init() { buffer = GrowableBuffer() }

    /// So many elements, whose values are whatever the memory holds. Throws if there is no memory for them.
    init(uninitialized count: Int) throws { buffer = try GrowableBuffer(uninitialized: count) }

    public init(_ elements: [Element]) {
        buffer = GrowableBuffer()
        do { try elements.withUnsafeBufferPointer { try buffer.append(contentsOf: $0) } } catch {
            fatalError("\(error)")
        }
    }

    /// The elements, for whoever owns the only copy: from here on the array is not shared with another.
    mutating func withUnsafeMutableBufferPointer<Result>(
        _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
    ) rethrows -> Result {
        makeOwn()
        return try body(buffer.elements)
    }

    public func withUnsafeBufferPointer<Result>(
        _ body: (UnsafeBufferPointer<Element>) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(buffer) { try body(UnsafeBufferPointer(buffer.elements)) }
    }

    mutating func append(_ element: Element) throws {
        makeOwn()
        try buffer.append(element)
    }

    mutating func removeLast(_ n: Int) {
        makeOwn()
        buffer.removeLast(n)
    }

    private mutating func makeOwn() {
        guard !isKnownUniquelyReferenced(&buffer) else { return }
        let copy = GrowableBuffer<Element>()
        do { try copy.append(contentsOf: UnsafeBufferPointer(buffer.elements)) } catch { fatalError("\(error)") }
        buffer = copy
    }
}

extension LargeArray: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { buffer.count }

    public subscript(index: Int) -> Element {
        @inline(__always) get { buffer[index] }
        @inline(__always) set {
            makeOwn()
            buffer[index] = newValue
        }
    }
}

extension LargeArray: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension LargeArray: Equatable where Element: Equatable {
    public static func == (a: LargeArray, b: LargeArray) -> Bool { a.elementsEqual(b) }
}
