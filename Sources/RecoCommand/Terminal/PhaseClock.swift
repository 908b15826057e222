/// How long each phase of training took, for reports: what lies between two messages belongs to the later one, what
/// comes after the last message to that one.
struct PhaseClock {
    private(set) var seconds: [(phase: String, seconds: Double)] = []
    private var last = Progress.now()

    /// Notes a message of `phase`.
    mutating func note(_ phase: String) {
        if seconds.last?.phase != phase { seconds.append((phase, 0)) }
        finish()
    }

    /// Ends the phase noted last.
    mutating func finish() {
        let now = Progress.now()
        if let phase = seconds.indices.last { seconds[phase].seconds += now - last }
        last = now
    }
}
