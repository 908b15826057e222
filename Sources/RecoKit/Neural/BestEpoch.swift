/// Watches a measure of each epoch, keeps a copy of the best one's weights, and says when to stop.
///
/// Training that diverges, so that its loss or its weights are no finite numbers, ends at once; what counts then is the
/// best epoch before.
struct BestEpoch {
    /// How many epochs in a row may be no better than the best; 0: any number, and then the last epoch is the one to keep.
    let patience: Int
    /// All that training changes and answers need.
    private let regions: [UnsafeMutableBufferPointer<Float>]
    private var copies: [[Float]] = []
    private(set) var best: (epoch: Int, measure: Double)?
    private(set) var hasDiverged = false

    init(patience: Int, watching regions: [UnsafeMutableBufferPointer<Float>]) {
        self.patience = patience
        self.regions = regions
    }

    /// Takes note of an epoch, counted from 1; false: stop. A larger measure is better.
    mutating func shouldContinue(after epoch: Int, loss: Double, measure: Double) -> Bool {
        guard loss.isFinite, measure.isFinite, regions.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            hasDiverged = true
            return false
        }
        guard let best, patience > 0, measure <= best.measure else {
            best = (epoch, measure)
            copies = regions.map { Array($0) }
            return true
        }
        return epoch - best.epoch < patience
    }

    /// Puts the best epoch's weights back. Throws `badData` if no epoch was any good.
    func restore() throws {
        guard best != nil else {
            throw RecoError(
                .badData, "training diverged in its first epoch: a learning rate or the events' weights are too large")
        }
        for (region, copy) in zip(regions, copies) { _ = region.update(fromContentsOf: copy) }
    }
}
