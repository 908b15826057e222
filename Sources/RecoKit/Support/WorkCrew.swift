import Glibc
import Synchronization

/// Threads that stay for the length of a training, for work that comes in thousands of small pieces: starting threads
/// for each piece, as `parallelFor` does, would take longer than the piece.
///
/// The same rules hold: indices are handed out one at a time, what is computed for an index must not depend on the
/// thread, and nothing of Dispatch is started. The threads end with the crew, so that a process may fork afterwards.
/// One caller at a time.
final class WorkCrew {
    private let shared = Shared()
    private var handles: [pthread_t] = []
    let threads: Int

    init(threads: Int) {
        self.threads = max(1, threads)
        for worker in 1..<max(1, threads) {
            let post = Unmanaged.passRetained(Post(shared: shared, worker: worker))
            var handle = pthread_t()
            let failed = pthread_create(
                &handle, nil,
                { argument in
                    let post = Unmanaged<Post>.fromOpaque(argument!).takeRetainedValue()
                    withoutSubnormals { post.shared.serve(post.worker) }
                    return nil
                }, post.toOpaque())
            if failed == 0 { handles.append(handle) } else { post.release() }
        }
        shared.workers = handles.count
    }

    deinit {
        shared.isOver = true
        shared.call()
        for handle in handles { pthread_join(handle, nil) }
    }

    /// Runs `body` for every index of `0 ..< count` and returns when all are done. Subnormal numbers are zeros there.
    func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        withoutSubnormals { share(count, body) }
    }

    private func share(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        if count <= 1 || handles.isEmpty {
            for index in 0..<count { body(index, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            shared.body = body
            shared.count = count
            shared.next.store(0, ordering: .relaxed)
            shared.busy.store(shared.workers, ordering: .relaxed)
            shared.call()
            shared.work(0)
            var spins = 0
            while shared.busy.load(ordering: .acquiring) > 0 {
                spins += 1
                if spins > Shared.patience { sched_yield() }
            }
            shared.body = nil
        }
    }

    /// Runs `body` for pieces of `0 ..< count` that are `size` long.
    func run(_ count: Int, chunk size: Int, _ body: (_ range: Range<Int>, _ worker: Int) -> Void) {
        run((count + size - 1) / size) { piece, worker in
            body(piece * size..<min(count, (piece + 1) * size), worker)
        }
    }

    private final class Post {
        let shared: Shared
        let worker: Int
        init(shared: Shared, worker: Int) { (self.shared, self.worker) = (shared, worker) }
    }

    /// What caller and workers look at. Its plain fields are written before `generation` is, and read after it.
    private final class Shared: @unchecked Sendable {
        /// How often to look for work before sleeping: about 20 µs, longer than what mostly lies between two calls.
        static let patience = 4000

        var body: ((Int, Int) -> Void)?
        var count = 0
        var workers = 0
        var isOver = false
        let next = Atomic<Int>(0)
        let busy = Atomic<Int>(0)
        let generation = Atomic<Int>(0)
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

        init() {
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(condition, nil)
        }

        deinit {
            pthread_cond_destroy(condition)
            pthread_mutex_destroy(mutex)
            condition.deallocate()
            mutex.deallocate()
        }

        func call() {
            pthread_mutex_lock(mutex)
            generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }

        func serve(_ worker: Int) {
            var seen = 0
            while true {
                var spins = 0
                while generation.load(ordering: .acquiring) == seen, spins < Self.patience { spins += 1 }
                if generation.load(ordering: .acquiring) == seen {
                    pthread_mutex_lock(mutex)
                    while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(condition, mutex) }
                    pthread_mutex_unlock(mutex)
                }
                seen += 1
                if isOver { return }
                work(worker)
                busy.wrappingSubtract(1, ordering: .acquiringAndReleasing)
            }
        }

        func work(_ worker: Int) {
            guard let body else { return }
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if index >= count { return }
                body(index, worker)
            }
        }
    }
}
