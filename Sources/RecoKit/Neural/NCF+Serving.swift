extension NCF {
    func cosine(_ a: UInt32, _ b: UInt32) -> Float? { table.cosine(a, b) }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        table.proposeSimilar(to: items, using: scratch, to: &selection)
    }

    /// Scores all items that training knew and the selection does not keep out, a page at a time.
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let vector = vector(of: profile, using: scratch), let page = Page(self, using: scratch) else {
            return false
        }
        var row = 0
        while row < table.itemCount {
            var count = 0
            while row < table.itemCount, count < ServingPerceptron.page {
                let item = UInt32(truncatingIfNeeded: row)
                if table.inverseNorms[row] > 0, !selection.isBlocked(item) {
                    page.rows[count] = item
                    count &+= 1
                }
                row &+= 1
            }
            score(UnsafeBufferPointer(start: page.rows, count: count), vector, page, into: page.scores)
            for i in 0..<count { selection.offer(page.rows[i], page.scores[i]) }
        }
        return true
    }

    /// Scores given items; what training did not know has the score of a row of zeros.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let out = scores.baseAddress, scores.count >= rows.count else { return rows.isEmpty }
        guard let vector = vector(of: profile, using: scratch), let page = Page(self, using: scratch) else {
            return false
        }
        var start = 0
        while start < rows.count {
            let end = min(rows.count, start &+ ServingPerceptron.page)
            score(UnsafeBufferPointer(rebasing: rows[start..<end]), vector, page, into: out + start)
            start = end
        }
        return true
    }

    /// How alike each event's item is to `row`: scores are no sum over events.
    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard table.inverseNorms[Int(row)] > 0 else { return false }
        for i in 0..<min(profile.events.count, contributions.count) {
            let event = profile.events[i]
            contributions[i] = event.weight > 0 ? table.cosine(event.item, row) ?? 0 : 0
        }
        return true
    }

    /// The memory of a page of items on their way through the network.
    private struct Page {
        let inputs: UnsafeMutablePointer<Float>  // (page, first layer)
        let layers: UnsafeMutablePointer<Float>
        let scores: UnsafeMutablePointer<Float>  // (page)
        let rows: UnsafeMutablePointer<UInt32>  // (page)

        init?(_ model: NCF, using scratch: Scratch) {
            let size = ServingPerceptron.page
            let inputCount = size &* model.perceptron.inputs
            guard
                let memory = scratch.floats(.network, inputCount &+ model.perceptron.memory &+ size),
                let rows = scratch.rows(.network, size)
            else { return nil }
            inputs = memory
            layers = memory + inputCount
            scores = layers + model.perceptron.memory
            self.rows = rows
        }
    }

    /// Scores a page of items at most. O(rows weights).
    private func score(
        _ rows: UnsafeBufferPointer<UInt32>, _ vector: UnsafePointer<Float>, _ page: Page,
        into out: UnsafeMutablePointer<Float>
    ) {
        guard let weights = output.base, output.count == perceptron.outputs &+ 1 else { return }
        let width = perceptron.inputs
        let half = vector + factors
        for i in 0..<rows.count {
            guard let row = table.items.row(Int(rows[i]), width: table.rank)?.baseAddress else {
                out[i] = weights[perceptron.outputs]
                (page.inputs + i &* width).update(from: half, count: width)
                continue
            }
            out[i] = weights[perceptron.outputs] + Kernels.best.dot(vector, row, factors)
            let (to, other) = (page.inputs + i &* width, row + factors)
            for k in 0..<width { to[k] = other[k] + half[k] }
        }
        guard width > 0 else { return }
        Activation.rectifier.forward(page.inputs, rows.count &* width)
        let last = perceptron.forward(
            MatrixRows(start: page.inputs, stride: width), rows.count, memory: page.layers)
        for i in 0..<rows.count { out[i] += Kernels.best.dot(last.row(i), weights, perceptron.outputs) }
    }

    /// What training stored for the user, or what the profile's events come to; nil if neither says anything.
    private func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        profile.isStoredUser ? table.userVector(profile.user) : visitorVector(profile.events, using: scratch)
    }

    /// The mean of what the items of a profile say about who has them. A pair counts once, as in training.
    /// O(events rank).
    private func visitorVector(
        _ events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch
    ) -> UnsafePointer<Float>? {
        guard let sum = scratch.floats(.vector, table.rank), let start = visitorStart.base,
            visitorStart.count == table.rank
        else { return nil }
        sum.update(repeating: 0, count: table.rank)
        var count: Float = 0
        for event in events where event.weight > 0 && table.inverseNorms[Int(event.item)] > 0 {
            guard let row = visitorRows.row(Int(event.item), width: table.rank)?.baseAddress else { continue }
            Kernels.best.addScaled(1, row, to: sum, table.rank)
            count += 1
        }
        guard count > 0 else { return nil }
        for k in 0..<table.rank { sum[k] = start[k] + sum[k] / count }
        return table.says(sum) ? UnsafePointer(sum) : nil
    }
}
