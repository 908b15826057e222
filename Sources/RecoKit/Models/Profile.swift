/// Whose taste is asked about, as rows: what a candidate source sees of a query.
struct Profile {
    struct Event {
        var item: UInt32
        /// What the event is worth, decayed and summed like in training; may be zero or negative (dislike).
        var weight: Float
    }

    /// One event of the session as it was told.
    struct Step {
        var item: UInt32
        /// What an event of its kind is worth when it happens.
        var weight: Float
        /// Seconds since then, 0 or more.
        var age: Float
    }

    /// The user's row, if the model knows the user.
    let user: Int?
    /// History and session together, one entry per item, session items last; every row is below the item count.
    let events: UnsafeBufferPointer<Event>
    /// Where the session's own items begin in `events`.
    let sessionStart: Int
    /// The session's events one by one, oldest first, for models that look at times.
    var steps = UnsafeBufferPointer<Step>(start: nil, count: 0)

    /// When it is asked, in seconds since 1970, if that was said.
    var time: Int64?
    /// What the visitor uses, if that was said.
    var device = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    /// The answer may come from what training stored for the user: there is nothing newer than that.
    var isStoredUser: Bool { user != nil && sessionStart == events.count }
}
