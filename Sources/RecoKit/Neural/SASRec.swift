/// Self-attentive sequential recommendation: what comes next, from everything that came before and in which order.
/// Kang and McAuley 2018, arXiv:1808.09781.
///
/// A transformer reads what a user did, item after item, and its state after the latest one is compared with the vectors of
/// all items: a score is their dot product. It learns to tell each item of a sequence from all others by those before
/// it, which is far better than the paper's one negative item for each (`NextItemLoss`).
///
/// What differs from the paper besides: queries, keys and values all see the normalised sequence; places are counted from
/// the first item that is read and not back from the latest, so that a visit of three items looks like the beginning of
/// others and not like an end without a past; and what lies further back than `length` is learned in windows of its own.
///
/// A user without news is answered from the state that training stored. With a session, the stored sequence goes on with
/// the session's events; a stranger's session is read alone. What a user did and when is all it knows: an item that
/// nobody has had stays out, and a disliked one counts for nothing.
struct SASRec: FactorModel {
    static let name = "sasrec"
    static let summary = "a transformer over what was done in order: what comes next"
    static let code = SourceCode.sasrec

    static let hyperparameters = [
        Hyperparameter(
            "length", .integer(2...SequenceEncoder.longest), default: "200", "latest items of a user that are read"),
        Hyperparameter(
            "factors", .integer(SequenceEncoder.widthUnit...SequenceEncoder.widest), default: "64",
            "length of the vectors, in steps of \(SequenceEncoder.widthUnit); by default at most an eighth of the users and of "
                + "the items"
        ).tuned(.log(32...128), cost: 1.2),
        Hyperparameter("blocks", .integer(1...SequenceEncoder.mostBlocks), default: "2", "layers of attention"),
        Hyperparameter(
            "heads", .choice(SequenceEncoder.heads.map(String.init)), default: "1",
            "parts of the vectors that attend on their own"
        ).tuned(.choices(["1", "2", "4"])),
        Hyperparameter(
            "dropout", .number(0...0.9), default: "0.2",
            "share of the network's numbers that are left out at random while it learns"
        ).tuned(.linear(0.1...0.5)),
        Hyperparameter("learning-rate", .number(1e-6...1), default: "0.001", "length of Adam's steps")
            .tuned(.log(0.0003...0.003)),
        Hyperparameter(
            "epochs", .integer(1...10_000), default: "40",
            "how often every sequence is learned from, at most; by default \(SASRec.unjudgedEpochs) where nothing is kept out to "
                + "see when training has to end"),
        Hyperparameter(
            "patience", .integer(0...10_000), default: "5",
            "epochs without a gain on users' last items, which are kept out for that, after which training ends; 0, and with "
                + "fewer than \(SASRec.fewestJudges) users: nothing is kept out and all epochs are run"),
        Hyperparameter(
            "batch", .integer(1...65_536), default: "32",
            "sequences of a step; by default fewer where there are fewer than \(SASRec.fewestSteps) times as many"),
        Hyperparameter(
            "negatives", .integer(0...1_000_000), default: "0",
            "items drawn for each step that the next one is told from; 0: all items, by default up to "
                + "\(SASRec.mostCompared) of them, and \(SASRec.usuallyDrawn) of more"),
    ]

    /// Steps of an epoch that there should be at least.
    static let fewestSteps = 16
    static let unjudgedEpochs = 20
    /// With fewer users a measure of their last items would be left to chance.
    static let fewestJudges = 200
    /// With more items, drawing some is worth it.
    static let mostCompared = 20_000
    static let usuallyDrawn = 4_096

    /// Vectors of the items, and of the users the states after their latest item.
    let table: FactorTable
    let encoder: SequenceEncoder
    let sequences: RaggedOffsets  // (users + 1)
    /// What each user did last, in order of time, as item rows.
    let items: Column<UInt32>
}
