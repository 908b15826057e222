extension Pipeline {
    /// The longest session that is looked at: of a longer one, the latest events.
    static let longestSession = 1024

    /// Puts history and session of a question together, in scratch memory. O(history + session).
    func profile(of question: Question, using scratch: Scratch) throws -> Profile {
        let known = question.user.isEmpty ? nil : users.row(of: question.user)
        let user = known.flatMap { forgotten.contains($0) ? nil : Int($0) }
        let entries = user.map { history.entries(of: $0) } ?? 0..<0
        let listed = question.session.countTexts()
        let first = max(0, listed &- Self.longestSession)
        guard let events = scratch.events(entries.count &+ (listed &- first)),
            let rows = scratch.rows(.candidates, listed &- first), let steps = scratch.steps(listed &- first)
        else { throw Self.outOfMemory }
        for (index, id) in question.session.enumerated() where index >= first {
            rows[index &- first] = items.row(of: id).flatMap { Int($0) < items.count ? $0 : nil } ?? RawHit.none
        }

        // The session goes to the end of the block, filled from the back: a repeated item stands where its latest
        // event does, and the earlier ones add to it. Meanwhile `scores` notes where each item stands.
        let end = entries.count &+ (listed &- first)
        let place = scratch.scores
        var start = end
        var stepCount = 0
        for index in stride(from: listed &- 1, through: first, by: -1) {
            let row = rows[index &- first]
            guard row != RawHit.none else { continue }
            let kind = index < question.sessionKinds.count ? question.sessionKinds[index] : EventKinds.view
            let age = index < question.sessionAges.count ? question.sessionAges[index] : 0
            let weight = kinds.value(of: kind, age: age)
            stepCount &+= 1
            steps[listed &- first &- stepCount] = Profile.Step(
                item: row, weight: kinds.weight(of: kind), age: age > 0 && age.isFinite ? age : 0)
            if place[Int(row)] == 0 {
                start &-= 1
                events[start] = Profile.Event(item: row, weight: weight)
                place[Int(row)] = Float(end &- start)
            } else {
                events[end &- Int(place[Int(row)])].weight += weight
            }
        }

        // The history before it, without the items that the session has as well.
        var count = 0
        for entry in entries {
            let item = history.items[entry]
            guard Int(item) < items.count else { continue }
            let weight = history.weights[entry]
            if place[Int(item)] == 0 {
                events[count] = Profile.Event(item: item, weight: weight)
                count &+= 1
            } else {
                events[end &- Int(place[Int(item)])].weight += weight
            }
        }
        for i in start..<end { place[Int(events[i].item)] = 0 }
        for i in start..<end { events[count &+ (i &- start)] = events[i] }
        return Profile(
            user: user, events: UnsafeBufferPointer(start: events, count: count &+ (end &- start)), sessionStart: count,
            steps: UnsafeBufferPointer(start: steps + (listed &- first &- stepCount), count: stepCount),
            time: question.time, device: question.device)
    }
}
