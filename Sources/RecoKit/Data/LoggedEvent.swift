/// One event as it stands in a log: who and what are rows of the log's tables, the kind a code of its `kinds`.
public struct LoggedEvent: Sendable, Equatable {
    public let user: Int
    public let item: Int
    public let kind: UInt8
    public let weight: Float
    /// Seconds since 1970; nil for none.
    public let time: Int64?
    /// A row of `baskets`; nil for none.
    public let basket: Int?
}

extension EventLog {
    /// The event at a place from 0 on: for reports, not for loops that train. O(1).
    public subscript(index: Int) -> LoggedEvent {
        let basket = basketRows.count > 0 ? basketRows.elements[index] : Self.noBasket
        let time = times.elements[index]
        return LoggedEvent(
            user: Int(userRows.elements[index]), item: Int(itemRows.elements[index]), kind: kindCodes.elements[index],
            weight: weights.elements[index], time: time == Self.noTime ? nil : time,
            basket: basket == Self.noBasket ? nil : Int(basket))
    }
}
