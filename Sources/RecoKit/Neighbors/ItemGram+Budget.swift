extension ItemGram {
    /// How much of the matrix fits into a bound of memory.
    ///
    /// Counted are the weights of all pairs while items are compared, the supports, the entries of the rows, and the
    /// model at the end; not the log, nor what each thread works in (about 20 bytes x items, and 4 x support²). It
    /// does not depend on the number of threads, because the model may not.
    struct Budget {
        /// Item rows that have events, those with the most users first.
        let order: [UInt32]
        /// The size of supports: as wanted, or less if that is what fits.
        let support: Int
        /// The most entries that a row may keep.
        let rowEntries: Int

        /// Fewer than these are no model: better say what is missing.
        private static let leastSupport = 10

        init(_ interactions: Interactions, support wanted: Int, gigabytes: Double, model: String) throws {
            let byItem = interactions.byItem
            let order = Self.byPopularity(byItem)
            self.order = order
            // A row cannot have more entries than there are more popular items, or others in its users' rows.
            let sizes = interactions.byUser
            let bounds = order.enumerated().map { place, item in
                min(
                    place,
                    byItem.range(Int(item)).reduce(0) { $0 + sizes.range(Int(byItem.columns[$1])).count - 1 })
            }.sorted()
            let limit = Int(min(gigabytes * 1e9, 1e15))
            func entries(_ longest: Int) -> Int { bounds.reduce(0) { $0 + min($1, longest) } }
            func needed(_ support: Int, _ longest: Int) -> Int {
                let lists = 8 * support * order.count
                return max(8 * interactions.byUser.entryCount + lists + 8 * entries(longest), 2 * lists)
            }
            let most = min(wanted, max(order.count - 1, 1))
            let least = min(most, Self.leastSupport)
            guard needed(least, least) <= limit else {
                let gigabytes = (Double(needed(least, least)) / 1e7).rounded(.up) / 100
                throw RecoError(
                    .badData,
                    "\(order.count) items have events, and to learn from \(least) others for each of them takes "
                        + "\(gigabytes) GB, more than \(model).memory allows")
            }
            let support = Self.largest(least...most) { needed($0, $0) <= limit }
            self.support = support
            rowEntries = Self.largest(support...max(support, order.count)) { needed(support, $0) <= limit }
        }

        /// Item rows that have events, those with the most users first.
        private static func byPopularity(_ byItem: SparseRows) -> [UInt32] {
            let known = (0..<byItem.rowCount).filter { !byItem.range($0).isEmpty }
            return known.sorted {
                let (a, b) = (byItem.range($0).count, byItem.range($1).count)
                return a != b ? a > b : $0 < $1
            }.map { UInt32($0) }
        }

        /// The largest that fits, where all smaller ones do and the smallest does.
        private static func largest(_ range: ClosedRange<Int>, fits: (Int) -> Bool) -> Int {
            var (low, high) = (range.lowerBound, range.upperBound)
            while low < high {
                let middle = low + (high - low + 1) / 2
                if fits(middle) { low = middle } else { high = middle - 1 }
            }
            return low
        }
    }
}
