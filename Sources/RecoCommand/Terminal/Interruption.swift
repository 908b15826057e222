import Glibc

/// What happens on Ctrl-C: the half-written file goes, the process ends at once. The old model was never touched.
enum Interruption {
    /// Set before the handler is installed and never changed afterwards, so that the handler may read it.
    private nonisolated(unsafe) static var temporaryFile: UnsafeMutablePointer<CChar>?

    /// Removes `path` if a signal ends the process. To be called once.
    static func removes(_ path: String) {
        temporaryFile = strdup(path)
        // Whoever started this process may have had them blocked; that would be inherited.
        var numbers = sigset_t()
        sigemptyset(&numbers)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&numbers, number)
            signal(number) { number in
                // Only what is safe inside a signal handler.
                if let file = Interruption.temporaryFile { unlink(file) }
                let message: StaticString = "\nreco: stopped; nothing was written\n"
                _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
                _exit(128 + number)
            }
        }
        pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    }
}
