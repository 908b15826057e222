/// Numbers of items under a name, which hold for one question: the stock of this minute. Laid out as `reco_live` in
/// `reco.h`; the pointers are looked at before anything follows them.
package struct LiveValues: BitwiseCopyable {
    package var nameBase: UnsafeRawPointer?
    package var nameLength: Int
    package var itemsBase: UnsafeRawPointer?  // packed ids
    package var itemsLength: Int
    package var values: UnsafePointer<Double>?
    package var valueCount: Int

    package init(name: UnsafeBufferPointer<UInt8>, items: PackedTexts, values: UnsafeBufferPointer<Double>) {
        nameBase = UnsafeRawPointer(name.baseAddress)
        nameLength = name.count
        itemsBase = UnsafeRawPointer(items.bytes.baseAddress)
        itemsLength = items.bytes.count
        self.values = values.baseAddress
        valueCount = values.count
    }

    package var name: UnsafeBufferPointer<UInt8> { Self.bytes(nameBase, nameLength) }
    package var items: PackedTexts { PackedTexts(Self.bytes(itemsBase, itemsLength)) }

    private static func bytes(_ base: UnsafeRawPointer?, _ length: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base?.assumingMemoryBound(to: UInt8.self), count: base == nil ? 0 : length)
    }

    /// As many attributes of a question may be live.
    package static let maximumCount = 32
}

/// Live values by row, ascending; where an item was named several times the last value counts.
struct LiveColumn: BitwiseCopyable {
    let rows: UnsafePointer<UInt32>
    let values: UnsafePointer<Double>
    let count: Int

    /// The first place whose row is not below `row`. O(log values)
    @inline(__always)
    func place(of row: UInt32) -> Int { firstPlace(count) { rows[$0] < row } }

    /// Bytes that `init` needs for so many values.
    static func memorySize(_ count: Int) -> Int { count &* 28 &+ 8 }

    /// Finds the rows of the items and sorts by them; items that the model does not know are passed over. `memory` has
    /// `memorySize(live.valueCount)` bytes. O(values)
    init(_ live: LiveValues, _ items: IDIndex, in memory: UnsafeMutableRawPointer) {
        let given = live.values
        let size = given == nil ? 0 : live.valueCount
        var keys = memory.assumingMemoryBound(to: UInt64.self)  // (size): row, place among the given values
        var other = keys + size
        var count = 0
        var isSorted = true
        for (place, id) in live.items.enumerated() {
            guard place < size else { break }
            guard let row = items.row(of: id), Int(row) < items.count else { continue }
            keys[count] = UInt64(row) << 32 | UInt64(truncatingIfNeeded: place)
            if count > 0, keys[count &- 1] > keys[count] { isSorted = false }
            count &+= 1
        }
        if !isSorted { Self.sort(&keys, &other, count, below: items.count) }
        let values = (memory + size &* 16).assumingMemoryBound(to: Double.self)
        let rows = (memory + size &* 24).assumingMemoryBound(to: UInt32.self)
        var kept = 0
        for i in 0..<count {
            let row = UInt32(truncatingIfNeeded: keys[i] >> 32)
            if kept > 0, rows[kept &- 1] == row { kept &-= 1 }
            let value = given.unsafelyUnwrapped[Int(keys[i] & 0xFFFF_FFFF)]
            rows[kept] = row
            values[kept] = value.isFinite ? value : .nan
            kept &+= 1
        }
        self.rows = UnsafePointer(rows)
        self.values = UnsafePointer(values)
        self.count = kept
    }

    /// Sorts by row, digit after digit, the last one first; what has the same row keeps its order.
    private static func sort(
        _ keys: inout UnsafeMutablePointer<UInt64>, _ other: inout UnsafeMutablePointer<UInt64>, _ count: Int,
        below rowCount: Int
    ) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1 << 11) { places in
            var shift: UInt64 = 32
            while shift < 64, rowCount >> Int(shift &- 32) > 0 {
                places.update(repeating: 0)
                for i in 0..<count { places[Int(keys[i] >> shift & 0x7FF)] &+= 1 }
                var sum: UInt32 = 0
                for digit in 0..<places.count {
                    let size = places[digit]
                    places[digit] = sum
                    sum &+= size
                }
                for i in 0..<count {
                    let digit = Int(keys[i] >> shift & 0x7FF)
                    other[Int(places[digit])] = keys[i]
                    places[digit] &+= 1
                }
                swap(&keys, &other)
                shift &+= 11
            }
        }
    }
}
