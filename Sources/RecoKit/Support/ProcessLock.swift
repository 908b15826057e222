import Glibc

/// The one lock of the process: around the table of handles and the registry of open models, held for some
/// nanoseconds and never while scoring. It survives `fork()`: the child finds it unlocked.
package enum ProcessLock {
    private nonisolated(unsafe) static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        return mutex
    }()

    private static let survivesFork: Bool = {
        _ = mutex
        pthread_atfork(
            { pthread_mutex_lock(ProcessLock.mutex) }, { pthread_mutex_unlock(ProcessLock.mutex) },
            { pthread_mutex_unlock(ProcessLock.mutex) })
        return true
    }()

    package static func hold<Result>(_ body: () throws -> Result) rethrows -> Result {
        _ = survivesFork
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}
