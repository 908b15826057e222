import Glibc
import RecoKit

/// Tells on standard error how far long work has come: a bar with rate and time left on a terminal, elsewhere a line
/// when something new begins and one every half minute.
final class Progress {
    private static let barInterval = 0.1  // seconds
    private static let lineInterval = 30.0

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let quiet: Bool
    private var phase = ""
    private var phaseStart = 0.0
    private var lastShown = 0.0
    private var barIsShown = false

    /// Quiet: says nothing at all.
    init(quiet: Bool = false) { self.quiet = quiet }

    /// `done` of `total` (nil: nobody knows) are through. `count` and `unit` are for the rate, where others than `done`
    /// mean more to a person: bytes are done, rows are counted.
    func update(_ phase: String, done: Int, total: Int?, count: Int? = nil, unit: String = "") {
        if quiet { return }
        let now = Self.now()
        if phase != self.phase {
            finish()
            self.phase = phase
            phaseStart = now
            lastShown = now
            if !isTerminal { complain(phase) }
        }
        guard now - lastShown >= (isTerminal ? Self.barInterval : Self.lineInterval) else { return }
        lastShown = now
        let seconds = max(now - phaseStart, 1e-3)
        let share = total.map { $0 > 0 ? min(1, Double(done) / Double($0)) : 1 }
        let state = Self.state(share, count: count ?? done, unit: unit, seconds: seconds)
        if isTerminal {
            show(phase, share, state)
        } else {
            complain("\(phase): \(state)")
        }
    }

    /// Takes the bar away.
    func finish() {
        if barIsShown { put("\r\u{1B}[K") }
        barIsShown = false
        phase = ""
    }

    /// "54 %, 5,200,000 rows/s, 12 s left".
    static func state(_ share: Double?, count: Int, unit: String, seconds: Double) -> String {
        var parts: [String] = []
        if let share { parts.append("\(Int(share * 100)) %") }
        let rate = Double(count) / seconds
        let shownRate = rate >= 10 ? Format.count(Int(rate)) : Format.fixed(rate, 1)
        parts.append(unit.isEmpty ? "\(shownRate)/s" : "\(shownRate) \(unit)/s")
        if let share, share > 0.005, share < 1 {
            parts.append("\(Format.duration(seconds / share * (1 - share))) left")
        }
        return parts.joined(separator: ", ")
    }

    private func show(_ phase: String, _ share: Double?, _ state: String) {
        var bar = ""
        if let share {
            let full = Int(share * 24)
            bar = "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 24 - full) + "] "
        }
        var size = winsize()
        let columns = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        put("\r\u{1B}[K" + "\(phase)  \(bar)\(state)".prefix(columns - 1))
        barIsShown = true
    }

    private func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    /// Seconds on a clock that only runs forwards.
    static func now() -> Double { monotonicSeconds() }
}
