extension LightFM {
    /// So many passes over what is new, and no more steps than these in all.
    private static let passes = 30
    private static let mostSteps = 1000

    /// Moves a user's vector by the training's own steps for some events, the items held still; nil if none of them is
    /// positive and of an item that training knows. Others are drawn from a fixed seed, so that the same events always
    /// give the same vector. O(steps x draws x rank).
    ///
    /// - Parameters:
    ///   - start: where the user is; nil: an average user.
    ///   - has: what else the user has, none of which is drawn as something that is not the user's.
    func fold(
        _ news: UnsafeBufferPointer<Profile.Event>, from start: UnsafePointer<Float>?,
        has events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch
    ) -> UnsafePointer<Float>? {
        let (width, itemCount) = (table.rank, min(table.itemCount, scratch.itemCount))
        guard let average = prior.base, prior.count == width, let items = table.items.base,
            let x = scratch.floats(.vector, 3 &* width)
        else { return nil }
        func teaches(_ event: Profile.Event) -> Bool {
            event.weight > 0 && Int(event.item) < itemCount && table.inverseNorms[Int(event.item)] > 0
        }
        let count = news.reduce(0) { $0 &+ (teaches($1) ? 1 : 0) }
        guard count > 0 else { return nil }
        let (squares, direction) = (x + width, x + 2 &* width)
        x.update(from: start ?? average, count: width)
        squares.update(repeating: 1, count: width)
        let own = scratch.scores
        for event in events where Int(event.item) < scratch.itemCount && event.weight > 0 { own[Int(event.item)] = 1 }
        defer { for event in events where Int(event.item) < scratch.itemCount { own[Int(event.item)] = 0 } }

        var generator = SeededGenerator(seed: 1)
        let passes = max(1, min(Self.passes, Self.mostSteps / count))
        var skipped = max(0, count &- Self.mostSteps)  // of a longer list the latest count
        for _ in 0..<passes {
            for event in news where teaches(event) {
                if skipped > 0 {
                    skipped &-= 1
                    continue
                }
                let lesson = loss.lesson(
                    event.item, itemCount: itemCount, using: &generator, own: { _ in event.item },
                    candidate: { UInt32(truncatingIfNeeded: $0.nextIndex(itemCount)) },
                    has: { own[Int($0)] != 0 || table.inverseNorms[Int($0)] == 0 },
                    score: { Kernels.best.dot(x, items + Int($0) &* width, width) })
                guard let lesson else { continue }
                let (liked, other) = (items + Int(lesson.item) &* width, items + Int(lesson.other) &* width)
                for k in 0..<width { direction[k] = lesson.ofItem * liked[k] + lesson.ofOther * other[k] }
                Kernels.best.adagradStep(
                    x, squares: squares, along: direction, scale: 1, rate: learningRate, penalty: 0, width &- 1)
            }
        }
        return table.says(x) ? UnsafePointer(x) : nil
    }
}
