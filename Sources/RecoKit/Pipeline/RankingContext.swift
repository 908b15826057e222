/// When a visitor asks and with what, and what that says about categories: breakfast is bought in the morning.
///
/// A lift is ln((n + m p) / ((N + m) p)): n of the category's N events fall into the cell (an hour, a day of the week, a
/// device), a share p of all events does, and m = 20 events of the mean are added. 0 where a category is like all.
struct RankingContext: Sendable {
    /// Names in lower case, by code; the first is that nothing is known.
    let devices: [[UInt8]]
    let hours: Column<Float>  // (categories + 1, 24)
    let weekdays: Column<Float>  // (categories + 1, 7)
    let deviceLifts: Column<Float>  // (categories + 1, devices)

    /// With more categories they would be names of products, and the tables large.
    private static let mostCategories = 10_000
    private static let smoothing = 20.0

    static let names = [
        "context.hour", "context.weekday", "context.device", "category.hour", "category.weekday", "category.device",
    ]
    /// Which of the names is a category, and not a number.
    static let deviceName = "context.device"

    /// The hour in UTC, and the day of the week, 0 for Monday.
    static func cells(_ time: Int64) -> (hour: Int, weekday: Int) {
        let day: Int64 = 86_400
        let second = (time % day &+ day) % day
        let days = (time &- second) / day
        return (Int(second / 3600), Int(((days &+ 3) % 7 &+ 7) % 7))
    }

    /// A question's cells; nil for what was not said or never seen.
    struct Cells {
        var hour: Int?
        var weekday: Int?
        var device: Int?
    }

    func cells(of profile: Profile) -> Cells {
        var cells = Cells()
        if let time = profile.time, EventLog.times.contains(time) {
            let (hour, weekday) = Self.cells(time)
            (cells.hour, cells.weekday) = (hour, weekday)
        }
        if !profile.device.isEmpty {
            cells.device = devices.firstIndex { name in
                name.count == profile.device.count
                    && zip(name, profile.device).allSatisfy { $0 == ($1 &- 65 < 26 ? $1 | 0x20 : $1) }
            }
        }
        return cells
    }

    /// The lift of a category in a cell; NaN where either is unknown.
    @inline(__always)
    static func lift(_ table: Column<Float>, _ category: UInt32, _ cell: Int?, width: Int) -> Float {
        guard let cell, category != 0, cell < width, table.count > 0 else { return .nan }
        return table[Int(category) &* width &+ cell]
    }
}

extension RankingContext {
    /// O(events + categories).
    init(_ log: EventLog, _ categories: Column<UInt32>) {
        devices = log.devices.map { Array($0.utf8) }
        let codes = categories.elements
        let count = Int(codes.max() ?? 0) + 1
        let timed = log.times.elements.contains { $0 != EventLog.noTime }
        guard count > 1, count <= Self.mostCategories, timed || log.deviceCodes.count > 0 else {
            (hours, weekdays, deviceLifts) = (.empty, .empty, .empty)
            return
        }
        var hour = [Double](repeating: 0, count: count * 24)
        var weekday = [Double](repeating: 0, count: count * 7)
        var device = [Double](repeating: 0, count: count * devices.count)
        for event in 0..<log.count {
            let category = Int(codes[Int(log.itemRows.elements[event])])
            let time = log.times.elements[event]
            if time != EventLog.noTime {
                let cells = Self.cells(time)
                hour[category * 24 + cells.hour] += 1
                weekday[category * 7 + cells.weekday] += 1
            }
            let code = Int(log.device(of: event))
            if code != 0 { device[category * devices.count + code] += 1 }
        }
        hours = Self.lifts(hour, width: 24)
        weekdays = Self.lifts(weekday, width: 7)
        deviceLifts = Self.lifts(device, width: devices.count)
    }

    /// None where there is nothing to count, or all of it in one cell: dates without an hour.
    private static func lifts(_ counts: [Double], width: Int) -> Column<Float> {
        let all = counts.reduce(0, +)
        let shares = (0..<width).map { cell in
            stride(from: cell, to: counts.count, by: width).reduce(0) { $0 + counts[$1] } / max(all, 1)
        }
        guard shares.count(where: { $0 > 0 }) > 1 else { return .empty }
        var lifts = [Float](repeating: 0, count: counts.count)
        for first in stride(from: 0, to: counts.count, by: width) {
            let own = counts[first..<first + width].reduce(0, +)
            for cell in 0..<width where shares[cell] > 0 {
                let expected = shares[cell]
                let share = (counts[first + cell] + smoothing * expected) / (own + smoothing)
                lifts[first + cell] = naturalLog(Float(share / expected))
            }
        }
        return Column(lifts)
    }

    func write(to writer: ModelWriter) throws {
        try writer.add("ranking/devices", text: devices.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined())
        try writer.add("ranking/hour-lifts", hours.elements)
        try writer.add("ranking/weekday-lifts", weekdays.elements)
        try writer.add("ranking/device-lifts", deviceLifts.elements)
    }

    init(_ file: ModelFile, categories: Column<UInt32>) throws {
        guard let names = file.text("ranking/devices"), let hours: Column<Float> = file.column("ranking/hour-lifts"),
            let weekdays: Column<Float> = file.column("ranking/weekday-lifts"),
            let deviceLifts: Column<Float> = file.column("ranking/device-lifts")
        else { throw RecoError(.damaged, "the model does not say what its ranker knows of hours and devices") }
        devices = names.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { Array($0.utf8) }
        (self.hours, self.weekdays, self.deviceLifts) = (hours, weekdays, deviceLifts)
        guard devices.count <= 256 else { throw RecoError(.damaged, "the model's list of devices is damaged") }
    }
}
