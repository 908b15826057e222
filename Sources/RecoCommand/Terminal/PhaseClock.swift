import Glibc

/// How long each phase of training took, for reports: what lies between two messages belongs to the later one, what
/// comes after the last message to that one. Two models that name a phase alike share it.
struct PhaseClock {
    private(set) var phases: [(name: String, seconds: Double, processorSeconds: Double)] = []
    private var current: Int?  // the phase noted last
    private var last = (seconds: Progress.now(), processorSeconds: processorTime())

    /// Notes a message of phase `name`.
    mutating func note(_ name: String) {
        current = phases.firstIndex { $0.name == name } ?? phases.count
        if current == phases.count { phases.append((name, 0, 0)) }
        finish()
    }

    /// Ends the phase noted last.
    mutating func finish() {
        let now = (seconds: Progress.now(), processorSeconds: Self.processorTime())
        if let phase = current {
            phases[phase].seconds += now.seconds - last.seconds
            phases[phase].processorSeconds += now.processorSeconds - last.processorSeconds
        }
        last = now
    }

    /// {"als": {"seconds": 1.5, "processor_seconds": 2.9}}
    var json: JSON {
        .object(
            phases.map { phase in
                (
                    phase.name,
                    .object([
                        ("seconds", .number(phase.seconds)), ("processor_seconds", .number(phase.processorSeconds)),
                    ])
                )
            })
    }

    /// What all threads of this process have worked so far.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
