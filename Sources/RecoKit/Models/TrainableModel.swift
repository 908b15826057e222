/// A model that trains on interactions, saves itself, and answers from what it saved. To add a model, conform to this
/// and list the type in `ModelCatalogue.all`; the contract suite of the tests picks it up from there.
protocol TrainableModel: CandidateSource {
    /// The name in `--model` and the prefix of its sections: lower case, words joined by "-".
    static var name: String { get }
    /// One line for `reco models`.
    static var summary: String { get }
    static var hyperparameters: [Hyperparameter] { get }

    /// Whether it learns from events. A model of content trains on a catalogue alone.
    static var needsEvents: Bool { get }

    /// Whether it can go on from what an earlier training learned (`TrainingData.earlier`).
    static var continues: Bool { get }

    /// Trains. The same data, settings and seed give the same model, bit for bit, whatever the number of threads.
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> Self

    /// Writes sections named `name/...`.
    func write(to writer: ModelWriter) throws

    /// Reads what `write` wrote; nil if the file holds no such model. Throws `damaged` where shapes cannot be right.
    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws
}

extension TrainableModel {
    static var needsEvents: Bool { true }
    static var continues: Bool { false }
}

/// What a model may learn from.
struct TrainingData {
    let interactions: Interactions
    let log: EventLog
    let catalog: Catalog
    var userCatalog = Catalog()
    var searches = SearchLog()
    /// The file that `reco import` made of a sentence encoder, if one was named.
    var encoder: ModelFile?
    /// A model file that training goes on from, for models that can.
    var earlier: ModelFile?
}

/// One run of training: how many threads, which seed, who wants to hear about progress.
public struct TrainingRun {
    public let threads: Int
    public let seed: UInt64
    /// Called between pieces of work: what is being done, how much is done, of how much. Throw from it to cancel.
    public let progress: (_ phase: String, _ done: Int, _ total: Int) throws -> Void
    /// Called with a sentence for the operator: what was left out, or did not go as it should.
    public let note: (String) -> Void
    /// Called with what held-out data said after each step, by models that watch some.
    public let learned: (LearningCurve) -> Void

    public init(
        threads: Int = processorCount(), seed: UInt64 = 1,
        progress: @escaping (_ phase: String, _ done: Int, _ total: Int) throws -> Void = { _, _, _ in },
        note: @escaping (String) -> Void = { _ in }, learned: @escaping (LearningCurve) -> Void = { _ in }
    ) {
        self.note = note
        self.learned = learned
        self.threads = max(1, threads)
        self.seed = seed
        self.progress = progress
    }

    /// Says that a training ran away and what became of it. `remedy`: the settings to lower.
    func noteDivergence(of model: String, epoch: Int, kept: Int, remedy: String = "learning-rate") {
        note("\(model) diverged in epoch \(epoch): epoch \(kept) was kept; a lower \(remedy) helps")
    }
}
