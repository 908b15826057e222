/// Passes of stochastic gradient steps over the pairs of user and item, by several threads.
///
/// Pairs come in batches. What each pair of a batch teaches is computed side by side, from vectors that stay as they are
/// meanwhile; then every feature takes its steps in the order of the pairs, features shared out among the threads. So
/// results do not depend on the number of threads. With `isLockFree` each thread takes pairs of its own and steps at once,
/// whatever the others do: Niu, Recht, Ré and Wright 2011, arXiv:1106.5730.
/// O(pairs x (1 + draws) x features of an item x rank).
struct HybridEpochs {
    let users: FeatureVectors
    let items: FeatureVectors
    let loss: PairLoss
    let pairs: Pairs
    let isLockFree: Bool

    /// What is learned from, one place for each pair.
    struct Pairs {
        let users: Column<UInt32>
        let items: Column<UInt32>
        /// How much each counts, below zero for dislikes.
        let weights: Column<Float>
        /// What users have, ascending.
        let offsets: Column<Int64>  // (users + 1)
        let own: Column<UInt32>
        /// Items that somebody has; others to compare with are drawn from them.
        let known: Column<UInt32>
    }

    /// So many pairs see the same vectors; fewer in a small shop, so that every epoch has its steps one after the other.
    private static let largestBatch = 1024
    private static let batches = 64
    /// Pairs that one thread computes at a time, with random numbers of their own.
    private static let piece = 32

    /// One pass over all pairs, which are taken in the order of `order`; returns the mean loss.
    func pass(_ order: [UInt32], seed: UInt64, crew: WorkCrew) -> Double {
        let piece = Self.piece
        let batch = min(Self.largestBatch, max(1, order.count / Self.batches))
        let lessons = Lessons(
            slots: isLockFree ? crew.threads : batch, workers: crew.threads, width: users.vectors.columnCount)
        var losses = [Double](repeating: 0, count: (order.count + piece - 1) / piece + order.count / batch + 1)
        losses.withUnsafeMutableBufferPointer { losses in
            order.withUnsafeBufferPointer { order in
                let data = PairData(users: users.view, items: items.view, pairs: pairs, order: order)
                if isLockFree {
                    crew.run(order.count, chunk: piece) { range, worker in
                        var generator = SeededGenerator(seed: seed &+ UInt64(range.lowerBound))
                        for place in range {
                            losses[range.lowerBound / piece] += lessons.learn(
                                data, loss, place, slot: worker, worker, using: &generator)
                            lessons.descend(data, worker..<worker + 1, remainder: 0, of: 1)
                        }
                    }
                    return
                }
                var next = 0
                for start in stride(from: 0, to: order.count, by: batch) {
                    let count = min(batch, order.count - start)
                    let first = next
                    crew.run(count, chunk: piece) { range, worker in
                        var generator = SeededGenerator(seed: seed &+ UInt64(start + range.lowerBound))
                        var sum = 0.0
                        for slot in range {
                            sum += lessons.learn(data, loss, start + slot, slot: slot, worker, using: &generator)
                        }
                        losses[first + range.lowerBound / piece] = sum
                    }
                    next += (count + piece - 1) / piece
                    let parts = count < piece ? 1 : crew.threads
                    crew.run(parts) { part, _ in lessons.descend(data, 0..<count, remainder: part, of: parts) }
                }
            }
        }
        return losses.reduce(0, +) / Double(max(1, order.count))
    }
}

/// All of an epoch's data as plain pointers, valid as long as the epochs are.
private struct PairData: @unchecked Sendable {
    let users: FeatureVectors.View
    let items: FeatureVectors.View
    let order: UnsafeBufferPointer<UInt32>
    let pairUsers: UnsafeBufferPointer<UInt32>
    let pairItems: UnsafeBufferPointer<UInt32>
    let weights: UnsafeBufferPointer<Float>
    let known: UnsafeBufferPointer<UInt32>
    private let offsets: UnsafeBufferPointer<Int64>
    private let own: UnsafeBufferPointer<UInt32>

    init(
        users: FeatureVectors.View, items: FeatureVectors.View, pairs: HybridEpochs.Pairs,
        order: UnsafeBufferPointer<UInt32>
    ) {
        self.users = users
        self.items = items
        self.order = order
        pairUsers = pairs.users.elements
        pairItems = pairs.items.elements
        weights = pairs.weights.elements
        known = pairs.known.elements
        offsets = pairs.offsets.elements
        own = pairs.own.elements
    }

    /// What a user has.
    @inline(__always)
    func items(of user: UInt32) -> UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(rebasing: own[Int(offsets[Int(user)])..<Int(offsets[Int(user) &+ 1])])
    }
}

/// What the pairs of a batch teach, until the features take their steps.
private final class Lessons: @unchecked Sendable {
    private struct Slot {
        var user: UInt32 = 0
        var lesson: PairLoss.Lesson?
    }

    private let width: Int
    private let slots: UnsafeMutablePointer<Slot>  // (slots)
    private let userVectors: UnsafeMutablePointer<Float>  // (slots, width), what items step along
    private let itemVectors: UnsafeMutablePointer<Float>  // (slots, width), what users step along
    private let room: UnsafeMutablePointer<Float>  // (workers, 3, width)

    init(slots count: Int, workers: Int, width: Int) {
        self.width = width
        slots = .allocate(capacity: count)
        slots.initialize(repeating: Slot(), count: count)
        userVectors = .allocate(capacity: count * width)
        itemVectors = .allocate(capacity: count * width)
        room = .allocate(capacity: workers * 3 * width)
    }

    deinit {
        slots.deallocate()
        userVectors.deallocate()
        itemVectors.deallocate()
        room.deallocate()
    }

    /// Computes what the pair at `place` teaches; returns its loss.
    @inline(__always)
    func learn(
        _ data: PairData, _ loss: PairLoss, _ place: Int, slot: Int, _ worker: Int,
        using generator: inout SeededGenerator
    ) -> Double {
        let rank = width &- 1
        let pair = Int(data.order[place])
        let (user, item, weight) = (data.pairUsers[pair], data.pairItems[pair], data.weights[pair])
        let room = room + worker &* 3 &* width
        let p = data.users.vector(user, room)
        let own = data.items(of: user)
        let score = { (item: UInt32) -> Float in
            let q = data.items.vector(item, room + self.width)
            return Kernels.best.dot(p, q, rank) + p[rank] + q[rank]
        }
        slots[slot].user = user
        slots[slot].lesson = nil
        let found =
            weight < 0
            ? loss.lesson(disliked: item, score: score)
            : loss.lesson(
                item, itemCount: data.known.count, using: &generator,
                own: { own[$0.nextIndex(own.count)] }, candidate: { data.known[$0.nextIndex(data.known.count)] },
                has: { own.isAscendingAndContains($0) }, score: score)
        guard var lesson = found else { return 0 }
        lesson.ofItem *= weight.magnitude
        lesson.ofOther *= weight.magnitude
        let liked = data.items.vector(lesson.item, room + width)
        let other = data.items.vector(lesson.other, room + 2 &* width)
        let (userVector, itemVector) = (userVectors + slot &* width, itemVectors + slot &* width)
        userVector.update(from: p, count: rank)
        userVector[rank] = 1
        for k in 0..<rank { itemVector[k] = lesson.ofItem * liked[k] + lesson.ofOther * other[k] }
        itemVector[rank] = lesson.ofItem + lesson.ofOther
        slots[slot].lesson = lesson
        return Double(lesson.loss * weight.magnitude)
    }

    /// The steps of those features that are `remainder` of `parts`.
    @inline(__always)
    func descend(_ data: PairData, _ range: Range<Int>, remainder: Int, of parts: Int) {
        for slot in range {
            guard let lesson = slots[slot].lesson else { continue }
            data.users.descend(slots[slot].user, 1, itemVectors + slot &* width, remainder: remainder, of: parts)
            let along = userVectors + slot &* width
            data.items.descend(lesson.item, lesson.ofItem, along, remainder: remainder, of: parts)
            if lesson.ofOther != 0 {
                data.items.descend(lesson.other, lesson.ofOther, along, remainder: remainder, of: parts)
            }
        }
    }
}
