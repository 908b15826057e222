import Glibc
import Testing

@testable import RecoKit

@Suite struct SequenceNetworkTests {
    /// A network with the weights of Tests/Fixtures/sequences_reference.py.
    private struct Reference {
        let network = SequenceNetwork(SequenceReference.shape)
        let weights: NetworkWeights
        let vectors: DenseMatrix

        init() throws {
            weights = try NetworkWeights(network.layout)
            let width = network.shape.width
            vectors = try DenseMatrix(rowCount: SequenceReference.itemCount, columnCount: width)
            func formula(_ place: Int) -> Float { Float(sin(0.3 * Double(place) * Double(place)) / 3) }
            for i in 0..<weights.count { weights.values[i] = formula(i) }
            for i in 0..<vectors.elements.count { vectors.base[i] = formula(weights.count + i) }
        }
    }

    @Test func statesAreThoseOfTheReference() throws {
        let reference = try Reference()
        let (network, width) = (reference.network, reference.network.shape.width)
        let pass = try SequencePass(network, places: 16, dropout: 0.5)
        let items = SequenceReference.sequences.flatMap { $0 }
        let lengths = SequenceReference.sequences.map(\.count)
        items.withUnsafeBufferPointer {
            pass.forward($0, lengths, vectors: MatrixRows(reference.vectors), reference.weights.values)
        }
        var last = -1
        for (length, expected) in zip(lengths, SequenceReference.states) {
            last += length
            for k in 0..<width { #expect(abs(pass.states.row(last)[k] - expected[k]) < 2e-5) }
        }
    }

    @Test(arguments: TransformerKernels.Level.allCases)
    func answersComputeTheSameStates(level: TransformerKernels.Level) throws {
        let reference = try Reference()
        var encoder = SequenceEncoder(reference.network, reference.weights.values)
        encoder.kernels = TransformerKernels(upTo: level)
        let vectors = Column(Array(reference.vectors.elements))
        let scratch = try #require(Scratch(itemCount: 0))
        for (items, expected) in zip(SequenceReference.sequences, SequenceReference.states) {
            // What stands further back than the network reads changes nothing.
            for items in [items, items.count == reference.network.shape.length ? [5, 0] + items : items] {
                var state = [Float](repeating: .nan, count: expected.count)
                let knows = items.withUnsafeBufferPointer {
                    encoder.encode($0, vectors: vectors, using: scratch, into: &state)
                }
                #expect(knows)
                #expect(zip(state, expected).allSatisfy { abs($0 - $1) < 2e-5 })
            }
        }
        var state = [Float](repeating: 0, count: encoder.shape.width)
        #expect(!encoder.encode(.init(start: nil, count: 0), vectors: vectors, using: scratch, into: &state))
    }

    @Test(arguments: [1, 2, 8]) func longSequencesGiveTheSameStatesInTrainingAndInAnswers(heads: Int) throws {
        let shape = try #require(SequenceShape(length: 150, width: 32, blocks: 3, heads: heads))
        let network = SequenceNetwork(shape)
        let weights = try NetworkWeights(network.layout)
        var generator = SeededGenerator(seed: 1)
        network.initialize(weights.values, using: &generator)
        let vectors = try uniformMatrix(20, 32, seed: 2)
        let lengths = [150, 1, 97, 64, 65, 16]
        let items = (0..<lengths.reduce(0, +)).map { _ in UInt32(generator.nextIndex(20)) }
        let pass = try SequencePass(network, places: items.count, dropout: 0)
        items.withUnsafeBufferPointer { pass.forward($0, lengths, vectors: MatrixRows(vectors), weights.values) }
        let encoder = SequenceEncoder(network, weights.values)
        let scratch = try #require(Scratch(itemCount: 0))
        var start = 0
        for length in lengths {
            var state = [Float](repeating: .nan, count: 32)
            _ = items[start..<start + length].withUnsafeBufferPointer {
                encoder.encode($0, vectors: Column(Array(vectors.elements)), using: scratch, into: &state)
            }
            start += length
            for k in 0..<32 { #expect(abs(state[k] - pass.states.row(start - 1)[k]) < 1e-4) }
        }
    }

    @Test(arguments: [(1, 0), (2, 0.4)] as [(Int, Float)])
    func gradientsOfTheNetworkAreThoseOfItsDifferences(heads: Int, dropout: Float) throws {
        let network = SequenceNetwork(try #require(SequenceShape(length: 6, width: 16, blocks: 1, heads: heads)))
        let made = try gradients(network, lengths: [3, 1, 5], dropout: dropout)
        for layer in network.blocks[0].layers {
            let numbers = layer.weights..<layer.weights + layer.inputs * layer.outputs + layer.outputs
            expectGradient(
                Array(made.weights[numbers]), of: made.values.values + numbers.lowerBound, loss: made.loss)
        }
        let norm = network.gammas..<network.gammas + 2 * 16
        expectGradient(Array(made.weights[norm]), of: made.values.values + norm.lowerBound, loss: made.loss)
        let places = network.positions..<network.positions + 5 * 16
        expectGradient(Array(made.weights[places]), of: made.values.values + places.lowerBound, loss: made.loss)
        expectGradient(made.vectorGradients, of: made.vectors.base, loss: made.loss)
    }

    @Test func gradientsOfLongSequencesAreThoseOfTheirDifferences() throws {
        // Longer than the piece of the triangle that is computed at a time.
        let network = SequenceNetwork(try #require(SequenceShape(length: 70, width: 16, blocks: 2, heads: 4)))
        let made = try gradients(network, lengths: [67, 2], dropout: 0.2)
        expectGradient(made.vectorGradients, of: made.vectors.base, loss: made.loss)
    }

    /// The gradients of a random loss, and the numbers that they are by.
    private func gradients(
        _ network: SequenceNetwork, lengths: [Int], dropout: Float
    ) throws -> (
        weights: [Float], vectorGradients: [Float], values: NetworkWeights, vectors: DenseMatrix, loss: () -> Double
    ) {
        let weights = try NetworkWeights(network.layout)
        var generator = SeededGenerator(seed: 3)
        network.initialize(weights.values, using: &generator)
        for i in 0..<weights.count { weights.values[i] += 0.1 * generator.nextNormal() }
        let vectors = try uniformMatrix(4, 16, seed: 4)
        let places = lengths.reduce(0, +)
        let items = (0..<places).map { _ in UInt32(generator.nextIndex(4)) }
        let pass = try SequencePass(network, places: places, dropout: dropout)
        let target = try uniformMatrix(places, 16, seed: 5)
        func loss() -> Double {
            items.withUnsafeBufferPointer {
                pass.forward($0, lengths, vectors: MatrixRows(vectors), weights.values, dropSeed: 6)
            }
            return weightedSum(MatrixRows(pass.states), target)
        }
        _ = loss()
        var gradients = [Float](repeating: 0, count: weights.count)
        let vectorGradients = try DenseMatrix(rowCount: 4, columnCount: 16)
        let delta = try DenseMatrix(rowCount: places, columnCount: 16)
        delta.base.update(from: target.base, count: places * 16)
        gradients.withUnsafeMutableBufferPointer { gradients in
            items.withUnsafeBufferPointer {
                pass.backward(
                    MatrixRows(delta), $0, lengths, weights.values, gradients: gradients.baseAddress!,
                    vectorGradients: MatrixRows(vectorGradients))
            }
        }
        return (gradients, Array(vectorGradients.elements), weights, vectors, loss)
    }
}
