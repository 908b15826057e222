extension Trainer {
    /// A trainer with these options that has only the first part of the log, and the rest. Throws `badData` if a part is
    /// empty.
    public func heldOut(_ rule: HoldOut? = nil) throws -> (trainer: Trainer, rest: EventLog) {
        let (training, rest) = try log.split(rule ?? log.usualHoldOut(), seed: options.seed)
        guard training.count > 0, rest.count > 0 else {
            throw RecoError(.badData, "there are too few events to hold some out and measure on them")
        }
        let trainer = Trainer(
            log: training, catalog: catalog, userCatalog: userCatalog, options: options, searches: searches)
        return (trainer, rest)
    }

    /// How good a model with these options is on events that it has not seen: trains on the first part of the log and
    /// ranks for the users of the rest. Costs a training on its own. Throws `badData` if a part is empty.
    public func evaluateHeldOut(
        _ rule: HoldOut? = nil, cutoffs: [Int],
        progress: @escaping (_ phase: String, _ done: Int, _ total: Int) throws -> Void = { _, _, _ in }
    ) throws -> EvaluationSummary {
        let (trainer, validation) = try heldOut(rule)
        try trainer.train(progress: progress)
        return try trainer.model().evaluate(validation, cutoffs: cutoffs, threads: options.threads, seed: options.seed)
        {
            try progress("measuring", $0, $1)
        }
    }
}
