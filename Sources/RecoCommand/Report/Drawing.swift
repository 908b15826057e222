/// A drawing, 320 units wide: that is what a phone has room for, and larger screens enlarge it with its letters.
struct Drawing {
    static let width = 320.0

    private var parts: [HTML] = []
    private let height: Double

    init(height: Double) { self.height = height }

    enum Anchor: String { case start, middle, end }

    mutating func text(_ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, style: String = "") {
        var attributes = [("x", Self.number(x)), ("y", Self.number(y)), ("text-anchor", anchor.rawValue)]
        if !style.isEmpty { attributes.append(("class", style)) }
        parts.append(.element("text", attributes, [.text(text)]))
    }

    mutating func bar(_ x: Double, _ y: Double, _ width: Double, _ height: Double, style: String) {
        guard width > 0, height > 0 else { return }
        parts.append(
            .element(
                "rect",
                [
                    ("x", Self.number(x)), ("y", Self.number(y)), ("width", Self.number(width)),
                    ("height", Self.number(height)), ("class", style),
                ], []))
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) {
        parts.append(
            .element(
                "line",
                [
                    ("x1", Self.number(x1)), ("y1", Self.number(y1)), ("x2", Self.number(x2)), ("y2", Self.number(y2)),
                    ("class", style),
                ], []))
    }

    mutating func dot(_ x: Double, _ y: Double, _ radius: Double, style: String) {
        parts.append(
            .element(
                "circle",
                [("cx", Self.number(x)), ("cy", Self.number(y)), ("r", Self.number(radius)), ("class", style)],
                []))
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], style: String) {
        let text = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        parts.append(.element("polyline", [("points", text), ("class", style)], []))
    }

    /// - Parameter label: what somebody hears who cannot see it.
    func svg(_ label: String) -> HTML {
        .element(
            "svg",
            [
                ("viewBox", "0 0 \(Self.number(Self.width)) \(Self.number(height))"), ("role", "img"),
                ("aria-label", label),
            ], parts)
    }

    /// Two decimals are a hundredth of a pixel.
    private static func number(_ value: Double) -> String {
        var text = Format.fixed(value, 2)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}

/// Round numbers along an axis from 0 to a little more than a largest value.
struct Axis {
    let ticks: [Double]

    var end: Double { ticks[ticks.count - 1] }

    init(to largest: Double, steps: Int = 4) {
        let wanted = largest > 0 && largest.isFinite ? largest / Double(steps) : 0.25
        var unit = 1.0
        while unit > wanted { unit /= 10 }
        while unit * 10 <= wanted { unit *= 10 }
        let step = [1.0, 2, 2.5, 5, 10].first { $0 * unit >= wanted * 0.999_999 }! * unit
        let count = max(1, Int((largest / step - 1e-9).rounded(.up)))
        ticks = (0...max(count, 1)).map { Double($0) * step }
    }
}
