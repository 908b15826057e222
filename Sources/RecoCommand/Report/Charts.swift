/// Bars that lie, each with its name and its figure above it: for few things with long names.
struct BarChart {
    struct Bar {
        let name: String
        let value: Double
        let figure: String
        var style = "s1"
    }

    /// Bars of a group stand together below its name, if it has one.
    var groups: [(name: String, bars: [Bar])]
    /// What a full bar is; nil: the longest.
    var end: Double?

    func svg(_ label: String) -> HTML {
        let largest = end ?? groups.flatMap(\.bars).map(\.value).max() ?? 0
        let height = groups.reduce(0.0) { $0 + ($1.name.isEmpty ? 0 : 24) + 32 * Double($1.bars.count) }
        var drawing = Drawing(height: height)
        var y = 0.0
        for (name, bars) in groups {
            if !name.isEmpty {
                drawing.text(name, 0, y + 16, style: "strong")
                y += 24
            }
            for bar in bars {
                drawing.text(bar.name, 0, y + 12)
                drawing.text(bar.figure, Drawing.width, y + 12, .end)
                drawing.bar(0, y + 17, Drawing.width, 8, style: "track")
                drawing.bar(0, y + 17, largest > 0 ? Drawing.width * bar.value / largest : 0, 8, style: bar.style)
                y += 32
            }
        }
        return drawing.svg(label)
    }
}

/// Bars that stand side by side: for counts along time or size.
struct ColumnChart {
    struct Column {
        /// Below the bar, where there is room.
        let name: String
        let value: Double
        /// On top of the first part.
        var second = 0.0
    }

    let columns: [Column]
    /// Names that are shown: all that fit if nil.
    var named: Set<Int>?
    var secondStyle = "s2"

    func svg(_ label: String) -> HTML {
        let (top, bottom, left) = (6.0, 132.0, 40.0)
        var drawing = Drawing(height: 152)
        let axis = Axis(to: columns.map { $0.value + $0.second }.max() ?? 0, steps: 3)
        for tick in axis.ticks {
            let y = bottom - (bottom - top) * tick / axis.end
            drawing.line(left, y, Drawing.width, y, style: tick == 0 ? "axis" : "grid")
            drawing.text(Self.short(tick), left - 5, y + 4, .end, style: "small")
        }
        let room = (Drawing.width - left) / Double(max(columns.count, 1))
        let width = room * (columns.count > 40 ? 0.86 : 0.76)
        for (place, column) in columns.enumerated() {
            let x = left + room * Double(place)
            // The least there is can still be seen.
            func length(_ value: Double) -> Double { value > 0 ? max(1, (bottom - top) * value / axis.end) : 0 }
            let (first, second) = (length(column.value), length(column.second))
            drawing.bar(x + (room - width) / 2, bottom - first, width, first, style: "s1")
            drawing.bar(x + (room - width) / 2, bottom - first - second, width, second, style: secondStyle)
            if named?.contains(place) ?? true {
                // Names at the edges stay inside.
                let half = 3.1 * Double(column.name.count)
                drawing.text(
                    column.name, min(max(x + room / 2, half), Drawing.width - half), bottom + 16, .middle,
                    style: "small")
            }
        }
        return drawing.svg(label)
    }

    /// 1,500,000 as "1.5 M".
    static func short(_ value: Double) -> String {
        func plain(_ value: Double) -> String {
            Format.fixed(value, value == value.rounded() || value >= 100 ? 0 : 1)
        }
        if value >= 1e6 { return plain(value / 1e6) + " M" }
        if value >= 1e4 { return plain(value / 1e3) + " k" }
        return Format.count(Int(value))
    }
}

/// Means as dots with a line for what holds them in 95 of 100 samples.
struct IntervalChart {
    struct Row {
        let name: String
        let style: String
        let estimate: Estimate
    }

    /// Rows of a group stand close together below its name, if it has one.
    var groups: [(name: String, rows: [Row])]
    /// Whether figures are written as percents.
    let isShare: Bool

    private func figure(_ value: Double) -> String { isShare ? Format.percent(value) : Format.fixed(value, 3) }

    private func tick(_ value: Double) -> String {
        isShare ? Format.percentTick(value) : value == 0 ? "0" : Format.fixed(value, value < 0.1 ? 3 : 2)
    }

    func svg(_ label: String) -> HTML {
        let height = groups.reduce(24.0) { $0 + ($1.name.isEmpty ? 0 : 24) + 32 * Double($1.rows.count) }
        var drawing = Drawing(height: height)
        let axis = Axis(to: groups.flatMap(\.rows).map(\.estimate.upper).max() ?? 0, steps: 3)
        func x(_ value: Double) -> Double { 4 + (Drawing.width - 12) * value / axis.end }
        for tick in axis.ticks {
            drawing.line(x(tick), 0, x(tick), height - 20, style: tick == 0 ? "axis" : "grid")
            let anchor: Drawing.Anchor = tick == 0 ? .start : tick == axis.end ? .end : .middle
            drawing.text(
                self.tick(tick), tick == axis.end ? Drawing.width : tick == 0 ? 0 : x(tick), height - 5, anchor,
                style: "small")
        }
        var y = 0.0
        for (name, rows) in groups {
            if !name.isEmpty {
                drawing.text(name, 8, y + 16, style: "strong")
                y += 24
            }
            for row in rows {
                drawing.text(row.name, 8, y + 12)
                drawing.text(figure(row.estimate.value), Drawing.width, y + 12, .end)
                let middle = y + 21
                if let interval = row.estimate.interval {
                    drawing.line(
                        x(interval.lowerBound), middle, x(interval.upperBound), middle, style: "whisker \(row.style)")
                }
                drawing.dot(x(row.estimate.value), middle, 4.5, style: row.style)
                y += 32
            }
        }
        return drawing.svg(label)
    }
}

/// What held-out data said after each step of training.
struct CurveChart {
    let values: [Double]
    /// Counted from 1.
    let kept: Int
    let unit: String

    func svg(_ label: String) -> HTML {
        let (top, bottom, left) = (10.0, 128.0, 44.0)
        var drawing = Drawing(height: 152)
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        let span = high > low ? high - low : max(high.magnitude, 1e-6)
        func y(_ value: Double) -> Double { bottom - 4 - (bottom - top - 8) * (value - low) / span }
        func x(_ step: Int) -> Double {
            left + (Drawing.width - left - 8) * (values.count > 1 ? Double(step - 1) / Double(values.count - 1) : 0.5)
        }
        for value in [low, high] {
            drawing.line(left, y(value), Drawing.width, y(value), style: "grid")
            drawing.text(Format.fixed(value, 3), left - 5, y(value) + 4, .end, style: "small")
        }
        drawing.polyline(values.enumerated().map { (x($0.offset + 1), y($0.element)) }, style: "curve")
        if values.indices.contains(kept - 1) { drawing.dot(x(kept), y(values[kept - 1]), 4.5, style: "s2") }
        drawing.text("1", left, bottom + 18, style: "small")
        drawing.text("\(Format.count(values.count)) \(unit)", Drawing.width, bottom + 18, .end, style: "small")
        return drawing.svg(label)
    }
}
