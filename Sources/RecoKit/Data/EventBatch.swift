/// A few hundred events on their way into a log.
///
/// Finding the row of an id costs two or three accesses to memory far away. One after the other they take most of the
/// time of reading events; a batch starts them all before it uses the first.
public struct EventBatch: ~Copyable {
    public static let capacity = 512

    let users = IDBatch(capacity: Self.capacity)
    let items = IDBatch(capacity: Self.capacity)
    let kinds = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.capacity)
    let weights = UnsafeMutablePointer<Float>.allocate(capacity: Self.capacity)
    let times = UnsafeMutablePointer<Int64>.allocate(capacity: Self.capacity)
    let baskets = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.capacity)
    let devices = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.capacity)
    public private(set) var count = 0

    public init() {}

    deinit {
        kinds.deallocate()
        weights.deallocate()
        times.deallocate()
        baskets.deallocate()
        devices.deallocate()
    }

    public var isFull: Bool { count == Self.capacity }

    /// Adds an event for `log`; not to a full batch. The ids, which are copied, have passed `IDTable.problem(with:)`,
    /// the kind exists, the weight is finite, and `basket` is a row of the log's table of baskets, or `noBasket`,
    /// and `device` is one of the log's.
    public mutating func add(
        user: UnsafeBufferPointer<UInt8>, item: UnsafeBufferPointer<UInt8>, kind: UInt8, weight: Float, time: Int64,
        basket: UInt32 = EventLog.noBasket, device: UInt8 = 0, for log: EventLog
    ) {
        precondition(count < Self.capacity)
        users.set(count, to: user, for: log.users)
        items.set(count, to: item, for: log.items)
        kinds[count] = kind
        weights[count] = weight
        times[count] = time
        baskets[count] = basket
        devices[count] = device
        count &+= 1
    }

    mutating func removeAll() {
        users.clear()
        items.clear()
        count = 0
    }
}

extension EventLog {
    /// Moves the events of `batch` into the log. O(events) expected.
    public func append(_ batch: inout EventBatch) throws {
        let count = batch.count
        try users.findRows(of: batch.users, count: count)
        try items.findRows(of: batch.items, count: count)
        try userRows.append(contentsOf: UnsafeBufferPointer(start: batch.users.rows, count: count))
        try itemRows.append(contentsOf: UnsafeBufferPointer(start: batch.items.rows, count: count))
        try kindCodes.append(contentsOf: UnsafeBufferPointer(start: batch.kinds, count: count))
        try weights.append(contentsOf: UnsafeBufferPointer(start: batch.weights, count: count))
        try times.append(contentsOf: UnsafeBufferPointer(start: batch.times, count: count))
        try append(UnsafeBufferPointer(start: batch.baskets, count: count), to: basketRows, none: Self.noBasket)
        try append(UnsafeBufferPointer(start: batch.devices, count: count), to: deviceCodes, none: 0)
        var latest = latestTime
        for event in 0..<count { latest = max(latest, batch.times[event]) }
        latestTime = latest
        batch.removeAll()
    }
}

/// The ids of a batch, as numbers or as text, and the rows found for them.
final class IDBatch {
    struct Entry {
        var key: UInt64  // the number, or the hash of the text
        var start: UInt32  // in `text`
        var length: UInt32  // 0 for a number

        var hash: UInt64 { length == 0 ? IDText.hash(Int64(bitPattern: key)) : key }
    }

    let entries: UnsafeMutablePointer<Entry>  // (capacity)
    let rows: UnsafeMutablePointer<UInt32>  // (capacity)
    /// Room for ids of any length; pages that no id reaches are never touched.
    private let text: UnsafeMutablePointer<UInt8>
    private var textLength = 0

    init(capacity: Int) {
        entries = .allocate(capacity: capacity)
        rows = .allocate(capacity: capacity)
        text = .allocate(capacity: capacity * IDTable.maximumLength)
    }

    deinit {
        entries.deallocate()
        rows.deallocate()
        text.deallocate()
    }

    func set(_ index: Int, to id: UnsafeBufferPointer<UInt8>, for table: IDTable) {
        if table.holdsIntegers, let number = IDText.integer(id) {
            entries[index] = Entry(key: UInt64(bitPattern: number), start: 0, length: 0)
            return
        }
        precondition(id.count <= IDTable.maximumLength)
        for (offset, byte) in id.enumerated() { text[textLength &+ offset] = byte }
        entries[index] = Entry(key: IDText.hash(id), start: UInt32(textLength), length: UInt32(id.count))
        textLength &+= id.count
    }

    func text(of entry: Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text + Int(entry.start), count: Int(entry.length))
    }

    func clear() { textLength = 0 }
}

extension IDTable {
    /// Finds the rows of a batch of ids, in order; new ids are added.
    ///
    /// Each loop makes accesses that do not wait for each other: first to the slots, then to the ids.
    func findRows(of batch: IDBatch, count: Int) throws {
        let (entries, rows) = (batch.entries, batch.rows)
        slots.withUnsafeBufferPointer { slots in
            let mask = UInt64(slots.count &- 1)
            for i in 0..<count { rows[i] = slots[Int(truncatingIfNeeded: entries[i].hash & mask)] }
            switch storage {
            case .integers(let values):
                let known = values.elements
                for i in 0..<count {
                    let entry = entries[i]
                    var slot = entry.hash
                    while rows[i] != 0, entry.length != 0 || known[Int(rows[i] &- 1)] != Int64(bitPattern: entry.key) {
                        slot &+= 1
                        rows[i] = slots[Int(truncatingIfNeeded: slot & mask)]
                    }
                    rows[i] &-= 1
                }
            case .strings(let bytes, let ends):
                let (known, bounds) = (bytes.elements, ends.elements)
                for i in 0..<count {
                    let entry = entries[i]
                    var slot = entry.hash
                    while rows[i] != 0,
                        entry.length == 0 || !Self.equal(batch.text(of: entry), rows[i] &- 1, known, bounds)
                    {
                        slot &+= 1
                        rows[i] = slots[Int(truncatingIfNeeded: slot & mask)]
                    }
                    rows[i] &-= 1
                }
            }
        }
        // New ids, and those that share a place in the table with others.
        for i in 0..<count where rows[i] == .max {
            let entry = entries[i]
            if entry.length != 0 {
                rows[i] = try row(for: batch.text(of: entry))
            } else {
                rows[i] = try row(for: Int64(bitPattern: entry.key))
            }
        }
    }

    /// The row of an id that is a number.
    func row(for number: Int64) throws -> UInt32 {
        if case .integers(let values) = storage { return try add(number, to: values) }
        return try row(for: String(number))
    }
}
