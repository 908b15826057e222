extension BuyAgain: CandidateSource {
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        var sum = sum(for: profile, using: scratch)
        return sum.offer(to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        var sum = sum(for: profile, using: scratch)
        return sum.take(rows, into: scores)
    }

    /// Habits know no similarity.
    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool { false }

    /// A known customer's stored list and what the session adds to it; for a stranger the session and its neighbours.
    private func sum(for profile: Profile, using scratch: Scratch) -> ItemSum {
        let habits = habits(of: profile.steps, using: scratch)
        var sum = ItemSum(scratch)
        if let user = profile.user, case let range = list(of: user), !range.isEmpty {
            for place in range { sum.add(listItems[place], listScores[place]) }
        } else if !habits.isEmpty {
            neighbors.add(habits, to: &sum, using: scratch)
        }
        for habit in habits { sum.add(habit.item, pattern.worth(of: habit)) }
        return sum
    }

    private func list(of user: Int) -> Range<Int> {
        let range = listOffsets.range(user, limit: min(listItems.count, listScores.count))
        return range.lowerBound..<min(range.upperBound, range.lowerBound &+ Self.longestList)
    }

    /// A session as habits. Events of an item that follow each other within the gap are one purchase, at the time of
    /// the latest; an event that is worth less than a purchase counts as that part of one.
    private func habits(of steps: UnsafeBufferPointer<Profile.Step>, using scratch: Scratch) -> UnsafeBufferPointer<
        Habit
    > {
        let (gap, unit) = (pattern.settings[2], pattern.settings[3])
        guard let habits = scratch.habits(steps.count), let worths = scratch.floats(.matrix, steps.count) else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let places = scratch.scores  // of each item in `habits`, from 1
        var count = 0
        for step in steps where step.weight > 0 && Int(step.item) < scratch.itemCount {
            let age = step.age / 86_400
            let worth = unit > 0 ? min(1, step.weight / unit) : 1
            let place = Int(places[Int(step.item)]) &- 1
            guard place >= 0 else {
                habits[count] = Habit(
                    item: step.item, orders: worth, first: age, last: age, count: worth * pattern.fading(age))
                worths[count] = worth
                count &+= 1
                places[Int(step.item)] = Float(count)
                continue
            }
            var habit = habits[place]
            let latest = min(age, habit.last)
            if (habit.last - age).magnitude <= gap {
                // The same purchase again, or a view before it: what it counted for is taken back.
                habit.orders -= worths[place]
                habit.count -= worths[place] * pattern.fading(habit.last)
                worths[place] = max(worths[place], worth)
                if habit.orders <= 0 { habit.first = latest }
                habit.count += worths[place] * pattern.fading(latest)
            } else {
                worths[place] = worth
                habit.first = max(habit.first, age)
                habit.count += worth * pattern.fading(age)
            }
            habit.orders += worths[place]
            habit.last = latest
            habits[place] = habit
        }
        for i in 0..<count { places[Int(habits[i].item)] = 0 }
        return UnsafeBufferPointer(start: habits, count: count)
    }
}
