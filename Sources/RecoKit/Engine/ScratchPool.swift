import Synchronization

/// Idle working memory of a model. Taking and giving back is one atomic exchange each, so that it works after a fork
/// and no thread ever waits for another.
final class ScratchPool: @unchecked Sendable {
    private static let places = 16

    private let itemCount: Int
    private let idle: UnsafeMutablePointer<Atomic<UInt>>  // (places) a retained Scratch, or 0

    init(itemCount: Int) {
        self.itemCount = itemCount
        idle = .allocate(capacity: Self.places)
        for i in 0..<Self.places { (idle + i).initialize(to: Atomic(0)) }
    }

    deinit {
        for i in 0..<Self.places {
            Self.scratch(idle[i].exchange(0, ordering: .acquiring))?.release()
            (idle + i).deinitialize(count: 1)
        }
        idle.deallocate()
    }

    /// Memory for one query; nil if none could be had.
    func take() -> Scratch? {
        for i in 0..<Self.places where idle[i].load(ordering: .relaxed) != 0 {
            if let scratch = Self.scratch(idle[i].exchange(0, ordering: .acquiring)) {
                return scratch.takeRetainedValue()
            }
        }
        return Scratch(itemCount: itemCount)
    }

    func giveBack(_ scratch: Scratch) {
        let bits = UInt(bitPattern: Unmanaged.passRetained(scratch).toOpaque())
        for i in 0..<Self.places {
            if idle[i].compareExchange(expected: 0, desired: bits, ordering: .releasing).exchanged { return }
        }
        Self.scratch(bits)?.release()
    }

    private static func scratch(_ bits: UInt) -> Unmanaged<Scratch>? {
        UnsafeRawPointer(bitPattern: bits).map { Unmanaged<Scratch>.fromOpaque($0) }
    }
}
