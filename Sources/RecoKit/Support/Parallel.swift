import Glibc
import Synchronization

/// Runs `body` once for every index of `0 ..< count`, on up to `threads` threads; for training only.
///
/// Indices are handed out in order, one at a time, so give each a fair amount of work. What the body computes for an
/// index must not depend on the thread it runs on: then results are the same whatever the number of threads.
/// `body` gets the index and the number of the worker (0 ..< threads), for scratch memory of its own. The first error
/// thrown stops the hand-out and is thrown again here. Threads are plain pthreads: nothing of Dispatch or of Swift's
/// task pool is started, so a process may fork afterwards.
public func parallelFor(_ count: Int, threads: Int, _ body: (_ index: Int, _ worker: Int) throws -> Void) throws {
    let workers = max(1, min(threads, count))
    if workers == 1 {
        for index in 0..<count { try body(index, 0) }
        return
    }
    try withoutActuallyEscaping(body) { body in
        let crew = Crew(count: count, body: body)
        var handles: [pthread_t] = []
        for worker in 1..<workers {
            let post = Unmanaged.passRetained(Post(crew: crew, worker: worker))
            var handle = pthread_t()
            let failed = pthread_create(
                &handle, nil,
                { argument in
                    let post = Unmanaged<Post>.fromOpaque(argument!).takeRetainedValue()
                    post.crew.work(post.worker)
                    return nil
                }, post.toOpaque())
            if failed == 0 { handles.append(handle) } else { post.release() }
        }
        crew.work(0)
        for handle in handles { pthread_join(handle, nil) }
        if let error = crew.failure.withLock({ $0 }) { throw error }
    }
}

/// Cuts `0 ..< count` into pieces of `size` and runs `body` for each: `parallelFor` for small units of work.
public func parallelFor(
    _ count: Int, chunk size: Int, threads: Int, _ body: (_ range: Range<Int>, _ worker: Int) throws -> Void
) throws {
    try parallelFor((count + size - 1) / size, threads: threads) { piece, worker in
        try body(piece * size..<min(count, (piece + 1) * size), worker)
    }
}

/// The number of processors this process may use.
public func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

private final class Crew: @unchecked Sendable {
    let count: Int
    let body: (Int, Int) throws -> Void
    let next = Atomic<Int>(0)
    let failure = Mutex<(any Error)?>(nil)

    init(count: Int, body: @escaping (Int, Int) throws -> Void) {
        self.count = count
        self.body = body
    }

    func work(_ worker: Int) {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if index >= count { return }
            do {
                try body(index, worker)
            } catch {
                failure.withLock { if $0 == nil { $0 = error } }
                next.store(count, ordering: .relaxed)
            }
        }
    }
}

private final class Post {
    let crew: Crew
    let worker: Int
    init(crew: Crew, worker: Int) { (self.crew, self.worker) = (crew, worker) }
}
