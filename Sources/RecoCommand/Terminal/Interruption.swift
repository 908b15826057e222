import Glibc

/// What happens on Ctrl-C: in training the half-written file goes and the process ends at once, and the old model was
/// never touched; a search is asked to end, and the second Ctrl-C ends it.
enum Interruption {
    /// Set before the handler is installed and never changed afterwards, so that the handler may read it.
    private nonisolated(unsafe) static var temporaryFile: UnsafeMutablePointer<CChar>?

    /// Removes `path` if a signal ends the process. To be called once.
    static func removes(_ path: String) {
        temporaryFile = strdup(path)
        handle { number in
            // Only what is safe inside a signal handler.
            if let file = Interruption.temporaryFile { unlink(file) }
            let message: StaticString = "\nreco: stopped; nothing was written\n"
            _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
            _exit(128 + number)
        }
    }

    private nonisolated(unsafe) static let asked = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)

    /// The signal that asked to stop, or 0.
    static var signalNumber: Int32 { asked.pointee }

    /// From now on the first signal only sets `signalNumber`. To be called once.
    static func asksToStop() {
        asked.initialize(to: 0)
        handle { number in
            if Interruption.asked.pointee != 0 { _exit(128 + number) }
            Interruption.asked.pointee = number
            let message: StaticString = "\nreco: stopping; once more stops at once\n"
            _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
        }
    }

    private static func handle(_ handler: @escaping @convention(c) (Int32) -> Void) {
        // Whoever started this process may have had them blocked; that would be inherited.
        var numbers = sigset_t()
        sigemptyset(&numbers)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&numbers, number)
            signal(number, handler)
        }
        pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    }
}
