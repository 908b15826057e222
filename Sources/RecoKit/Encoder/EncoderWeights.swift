/// An encoder as others store it: plain matrices of float32. What `reco import` reads, and what `SentenceEncoder` is made
/// of.
public struct EncoderWeights: Sendable {
    /// y = W x + b
    public struct Dense: Sendable {
        public var weights: [Float]  // (outputs, inputs)
        public var biases: [Float]  // (outputs)

        public init(weights: [Float], biases: [Float]) { (self.weights, self.biases) = (weights, biases) }
    }

    public struct Norm: Sendable {
        public var gamma: [Float]  // (hidden)
        public var beta: [Float]  // (hidden)

        public init(gamma: [Float], beta: [Float]) { (self.gamma, self.beta) = (gamma, beta) }
    }

    public struct Layer: Sendable {
        public var query: Dense  // (hidden, hidden)
        public var key: Dense
        public var value: Dense
        public var attentionOutput: Dense  // (hidden, hidden)
        public var attentionNorm: Norm
        public var intermediate: Dense  // (intermediate, hidden)
        public var output: Dense  // (hidden, intermediate)
        public var outputNorm: Norm

        public init(
            query: Dense, key: Dense, value: Dense, attentionOutput: Dense, attentionNorm: Norm, intermediate: Dense,
            output: Dense, outputNorm: Norm
        ) {
            (self.query, self.key, self.value) = (query, key, value)
            (self.attentionOutput, self.attentionNorm) = (attentionOutput, attentionNorm)
            (self.intermediate, self.output, self.outputNorm) = (intermediate, output, outputNorm)
        }
    }

    public var shape: EncoderShape
    public var words: [Float]  // (words, hidden)
    /// With the embedding of token type 0 added.
    public var positions: [Float]  // (positions, hidden)
    public var norm: Norm
    public var layers: [Layer]

    public init(shape: EncoderShape, words: [Float], positions: [Float], norm: Norm, layers: [Layer]) {
        (self.shape, self.words, self.positions, self.norm, self.layers) = (shape, words, positions, norm, layers)
    }

    /// One sentence if an array does not have the size that the shape asks for, or holds what is no number.
    var problem: String? {
        if let problem = shape.problem { return problem }
        let (hidden, wide) = (shape.hidden, shape.intermediate)
        func wrong(_ name: String, _ numbers: [Float], _ count: Int) -> String? {
            if numbers.count != count { return "its \(name) has \(numbers.count) numbers instead of \(count)" }
            return numbers.allSatisfy(\.isFinite) ? nil : "its \(name) holds values that are no finite numbers"
        }
        func wrong(_ name: String, _ dense: Dense, _ outputs: Int, _ inputs: Int) -> String? {
            wrong(name, dense.weights, outputs * inputs) ?? wrong("\(name)'s biases", dense.biases, outputs)
        }
        func wrong(_ name: String, _ norm: Norm) -> String? {
            wrong(name, norm.gamma, hidden) ?? wrong(name, norm.beta, hidden)
        }
        if layers.count != shape.layers { return "it has \(layers.count) layers instead of \(shape.layers)" }
        if let problem = wrong("table of words", words, shape.words * hidden)
            ?? wrong("table of positions", positions, shape.positions * hidden) ?? wrong("norm of embeddings", norm)
        {
            return problem
        }
        for (number, layer) in layers.enumerated() {
            if let problem = wrong("query matrix", layer.query, hidden, hidden)
                ?? wrong("key matrix", layer.key, hidden, hidden)
                ?? wrong("value matrix", layer.value, hidden, hidden)
                ?? wrong("attention output", layer.attentionOutput, hidden, hidden)
                ?? wrong("attention norm", layer.attentionNorm)
                ?? wrong("intermediate matrix", layer.intermediate, wide, hidden)
                ?? wrong("output matrix", layer.output, hidden, wide) ?? wrong("output norm", layer.outputNorm)
            {
                return "in layer \(number), \(problem)"
            }
        }
        return nil
    }
}
