/// One customer's purchases of one item. Ages are in days before the latest event of all.
struct Habit: BitwiseCopyable {
    var item: UInt32
    /// Orders with the item; in a session an event that is worth less than a purchase counts as a part of one.
    var orders: Float
    var first: Float
    var last: Float
    /// What the orders come to, each faded by its age.
    var count: Float
}
