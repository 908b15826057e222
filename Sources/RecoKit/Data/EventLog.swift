/// Who did what with which item, when: one column per field, 21 bytes an event; 4 more where events name a
/// basket, 1 more where they name a device.
public final class EventLog: @unchecked Sendable {
    public let users: IDTable
    public let items: IDTable
    /// Orders, invoices, sessions: what events name as theirs.
    public let baskets: IDTable
    public var kinds: EventKinds

    /// Times lie within 1900 and 2100: placeholders such as 9999-12-31 would make all other events look ancient.
    public static let times: ClosedRange<Int64> = -2_208_988_800...4_102_444_800

    /// The time of an event that has none.
    public static let noTime = Int64.min

    /// The basket of an event that names none.
    public static let noBasket = UInt32.max

    let userRows = GrowableBuffer<UInt32>()
    let itemRows = GrowableBuffer<UInt32>()
    let kindCodes = GrowableBuffer<UInt8>()
    let weights = GrowableBuffer<Float>()
    let times = GrowableBuffer<Int64>()  // seconds since 1970
    let basketRows = GrowableBuffer<UInt32>()  // as long as the others, or empty: no event names a basket
    let deviceCodes = GrowableBuffer<UInt8>()  // the same
    /// What visitors used ("mobile", "desktop"), by code; the first is that nothing is known.
    public private(set) var devices: [String]
    /// The latest time of all events: ages are counted back from here.
    public internal(set) var latestTime = EventLog.noTime

    public convenience init() { self.init(users: IDTable(), items: IDTable(), baskets: IDTable(), kinds: EventKinds()) }

    /// A log without events whose rows are those of given tables.
    init(users: IDTable, items: IDTable, baskets: IDTable, kinds: EventKinds, devices: [String] = [""]) {
        self.users = users
        self.items = items
        self.baskets = baskets
        self.kinds = kinds
        self.devices = devices
    }

    public var count: Int { userRows.count }

    /// Adds an event. `user` and `item` are rows of the tables above; `weight` is the event's own (a quantity, a
    /// rating), finite; `time` is in seconds since 1970, or `noTime`; `basket` is a row of `baskets`, or `noBasket`;
    /// `device` is one of `devices`.
    public func append(
        user: UInt32, item: UInt32, kind: UInt8, weight: Float = 1, time: Int64 = EventLog.noTime,
        basket: UInt32 = EventLog.noBasket, device: UInt8 = 0
    ) throws {
        guard weight.isFinite else { throw RecoError(.badData, "the weight is not a finite number") }
        guard Int(kind) < kinds.kinds.count else { throw RecoError(.badData, "there is no event kind \(kind)") }
        try Self.check(time: time)
        try userRows.append(user)
        try itemRows.append(item)
        try kindCodes.append(kind)
        try weights.append(weight)
        try times.append(time)
        try withUnsafePointer(to: basket) {
            try append(UnsafeBufferPointer(start: $0, count: 1), to: basketRows, none: Self.noBasket)
        }
        try withUnsafePointer(to: device) {
            try append(UnsafeBufferPointer(start: $0, count: 1), to: deviceCodes, none: 0)
        }
        if time > latestTime { latestTime = time }
    }

    /// Throws if a time is neither none nor within `times`.
    static func check(time: Int64) throws {
        guard time == noTime || times.contains(time) else {
            throw RecoError(.badData, "the time \(time) does not lie within 1900 and 2100")
        }
    }

    /// What an event came from, as one of `devices`.
    func device(of event: Int) -> UInt8 { deviceCodes.count > 0 ? deviceCodes.elements[event] : 0 }

    /// Adds what the last events name to a column that begins with the first event that names something; those before it
    /// then name none.
    func append<Code: Equatable>(_ codes: UnsafeBufferPointer<Code>, to column: GrowableBuffer<Code>, none: Code) throws
    {
        if column.count == 0 {
            guard codes.contains(where: { $0 != none }) else { return }
            for _ in 0..<count - codes.count { try column.append(none) }
        }
        try column.append(contentsOf: codes)
    }

    /// The code of a device, which may be new; 0 for none, for names of more than 64 bytes, and where there are 255
    /// already: then the column holds something else.
    public func deviceCode(named name: String) -> UInt8 {
        let name = name.lowercased()
        if let known = devices.firstIndex(of: name) { return UInt8(known) }
        guard devices.count < 256, name.utf8.count <= 64, !name.utf8.contains(0x0A) else { return 0 }
        devices.append(name)
        return UInt8(devices.count - 1)
    }

    /// Adds an event by ids and name of kind: the convenient way for tests and small shops.
    public func add(
        user: String, item: String, kind: String? = nil, weight: Float = 1, time: Int64 = EventLog.noTime,
        basket: String? = nil, device: String = ""
    ) throws {
        var code = EventKinds.interaction
        if let kind {
            guard let known = kinds.code(named: kind) else {
                throw RecoError(.badData, "unknown event kind \"\(kind)\"; give it a weight to use it")
            }
            code = known
        }
        try append(
            user: users.row(for: user), item: items.row(for: item), kind: code, weight: weight, time: time,
            basket: basket.map { try baskets.row(for: $0) } ?? Self.noBasket, device: deviceCode(named: device))
    }
}

/// How the weight of an event (often a quantity) counts.
public enum WeightScale: String, Sendable, CaseIterable {
    /// 1 + ln q: ten of a thing say more than one, not ten times more. Negative quantities (returns) count negative.
    case log
    /// As it is.
    case linear
    /// Not at all: every event counts 1.
    case none

    func apply(_ weight: Float) -> Float {
        switch self {
        case .log:
            let magnitude = weight.magnitude
            if magnitude == 0 { return 0 }
            let scaled = magnitude >= 1 ? 1 + naturalLog(magnitude) : magnitude
            return weight < 0 ? -scaled : scaled
        case .linear: return weight
        case .none: return 1
        }
    }
}

extension EventLog {
    /// No event and no sum of events is worth more, in either direction: models square values and add the squares up.
    static let largestValue: Float = 1e12

    /// What event `index` is worth now: kind weight x scaled weight x 2^(-age / half-life).
    @inline(__always)
    func value(of index: Int, scale: WeightScale) -> Float {
        let kind = kinds[kindCodes[index]]
        var value = Self.bounded(kind.weight * scale.apply(weights[index]))
        if let halfLife = kind.halfLife, times[index] != Self.noTime {
            let age = Double(latestTime) - Double(times[index])
            value *= Float(powerOfTwo(-age / halfLife))
        }
        return value
    }

    @inline(__always)
    static func bounded(_ value: Float) -> Float { min(max(value, -largestValue), largestValue) }
}
