extension EventLog {
    /// One event as it stands in the log: who and what are rows of the log's tables, the kind a code of `kinds`.
    public struct Event: Sendable, Equatable {
        public let user: Int
        public let item: Int
        public let kind: UInt8
        public let weight: Float
        /// Seconds since 1970; nil for none.
        public let time: Int64?
        /// A row of `baskets`; nil for none.
        public let basket: Int?
    }

    /// The event at a place from 0 on: for reports, not for loops that train. O(1).
    public subscript(index: Int) -> Event {
        let basket = basketRows.count > 0 ? basketRows.elements[index] : Self.noBasket
        let time = times.elements[index]
        return Event(
            user: Int(userRows.elements[index]), item: Int(itemRows.elements[index]), kind: kindCodes.elements[index],
            weight: weights.elements[index], time: time == Self.noTime ? nil : time,
            basket: basket == Self.noBasket ? nil : Int(basket))
    }
}
