import Testing

@testable import RecoKit

private let shapes = [
    NCFNetwork.Shape(factors: 3, layers: []), NCFNetwork.Shape(factors: 0, layers: [6, 4]),
    NCFNetwork.Shape(factors: 2, layers: [4]), NCFNetwork.Shape(factors: 3, layers: [6, 5, 2]),
]

/// Three groups of a user and four items, some of them again and again.
private let users: [UInt32] = [1, 0, 1]
private let items: [UInt32] = [4, 2, 0, 4, 1, 1, 3, 2, 0, 4, 3, 3]

private func network(_ shape: NCFNetwork.Shape, dropout: Float = 0, seed: UInt64 = 1) throws -> NCFNetwork {
    var generator = SeededGenerator(seed: seed)
    let network = try NCFNetwork(shape, users: 2, items: 5, dropout: dropout, using: &generator)
    for region in network.regions { for i in region.indices { region[i] += 0.3 * generator.nextNormal() } }
    return network
}

private func forward(_ network: NCFNetwork, _ chunk: NCFNetwork.Chunk, isTraining: Bool = true) -> [Float] {
    var generator = SeededGenerator(seed: 2)  // what is dropped stays the same
    users.withUnsafeBufferPointer { users in
        items.withUnsafeBufferPointer { items in
            network.forward(users: users, items: items, chunk, isTraining: isTraining, using: &generator)
        }
    }
    return Array(chunk.logits.elements.prefix(items.count))
}

@Suite struct NCFNetworkTests {
    @Test(arguments: shapes, [0, 0.3] as [Float])
    func gradientsAreThoseOfTheirDifferences(shape: NCFNetwork.Shape, dropout: Float) throws {
        let network = try network(shape, dropout: dropout)
        let chunk = try NCFNetwork.Chunk(network, groups: 3, groupSize: 4)
        let target = try uniformMatrix(items.count, 1, seed: 3)
        func loss() -> Double {
            zip(forward(network, chunk), target.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        _ = loss()
        chunk.delta.base.update(from: target.base, count: items.count)
        var gradients = [Float](repeating: 0, count: network.weights.count)
        let userDelta = try DenseMatrix(rowCount: users.count, columnCount: shape.width)
        let itemDelta = try DenseMatrix(rowCount: items.count, columnCount: shape.width)
        gradients.withUnsafeMutableBufferPointer {
            network.backward(
                groups: users.count, chunk, gradients: $0.baseAddress!, users: MatrixRows(userDelta),
                items: MatrixRows(itemDelta))
        }
        expectGradient(gradients, of: network.weights.values, loss: loss)
        for (rows, delta, embedding) in [(users, userDelta, network.users), (items, itemDelta, network.items)] {
            var sums = [Float](repeating: 0, count: embedding.rowCount * shape.width)
            for (mention, row) in rows.enumerated() {
                for k in 0..<shape.width { sums[Int(row) * shape.width + k] += delta.row(mention)[k] }
            }
            expectGradient(sums, of: embedding.values.base, loss: loss)
        }
    }

    @Test(arguments: shapes)
    func logitsAreThoseOfTheFormula(shape: NCFNetwork.Shape) throws {
        let network = try network(shape, dropout: 0.5)
        let chunk = try NCFNetwork.Chunk(network, groups: 3, groupSize: 4)
        let logits = forward(network, chunk, isTraining: false)
        let values = network.weights.values
        func dense(_ x: [Float], _ layer: DenseLayer) -> [Float] {
            (0..<layer.outputs).map { output in
                x.indices.reduce(layer.biases.map { values[$0 + output] } ?? 0) {
                    $0 + x[$1] * values[layer.weights + $1 * layer.outputs + output]
                }
            }
        }
        for (place, item) in items.enumerated() {
            let user = network.users.values.row(Int(users[place / 4]))
            let item = network.items.values.row(Int(item))
            var score = values[network.output.weights + network.output.inputs]
            for k in 0..<shape.factors { score += values[network.factorWeights + k] * user[k] * item[k] }
            if !shape.layers.isEmpty {
                let inputs = (0..<shape.inputs).map { (user[shape.factors + $0], item[shape.factors + $0]) }
                var hidden = zip(dense(inputs.map(\.0), network.userHalf), dense(inputs.map(\.1), network.itemHalf)).map
                {
                    max(0, $0 + $1)
                }
                for layer in network.perceptron.layers { hidden = dense(hidden, layer.dense).map { max(0, $0) } }
                score =
                    dense(hidden, network.output)[0] + score - values[network.output.weights + network.output.inputs]
            }
            #expect(abs(score - logits[place]) < 1e-4)
        }
    }

    @Test func aNetworkStartsAsTheMeanOfTheTwoItAdopts() throws {
        let (one, other) = try (
            network(.init(factors: 3, layers: []), seed: 4), network(.init(factors: 0, layers: [6, 2]))
        )
        let both = try network(.init(factors: 3, layers: [6, 2]), seed: 5)
        both.adopt(factorization: one, perceptron: other)
        let logits = try [one, other, both].map { forward($0, try .init($0, groups: 3, groupSize: 4)) }
        for place in items.indices {
            #expect(abs((logits[0][place] + logits[1][place]) / 2 - logits[2][place]) < 1e-5)
        }
    }

    @Test func layersForAnswersAreThoseOfTheTraining() throws {
        for widths in [[5, 17, 3], [16], [40, 33]] {
            var layout = WeightLayout()
            let network = try Perceptron(inputs: 7, widths: widths, in: &layout)
            let weights = try NetworkWeights(layout)
            var generator = SeededGenerator(seed: 6)
            network.initialize(weights.values, using: &generator)
            let serving = ServingPerceptron(inputs: 7, network.exported(weights.values))
            #expect(serving.widths == [16] + widths.map { ServingPerceptron.filled($0) })
            let count = ServingPerceptron.page
            let x = try DenseMatrix(rowCount: count, columnCount: 16)
            for row in 0..<count { for k in 0..<7 { x.row(row)[k] = generator.nextNormal() } }
            let chunk = try Perceptron.Chunk(network, rows: count)
            let wanted = network.forward(MatrixRows(x), count, weights.values, chunk, using: &generator)
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: serving.memory)
            defer { memory.deallocate() }
            let found = serving.forward(MatrixRows(x), count, memory: memory)
            for row in 0..<count {
                for k in 0..<serving.outputs {
                    let number = k < network.outputs ? wanted.row(row)[k] : 0
                    #expect(abs(found.row(row)[k] - number) < 1e-4)
                }
            }
        }
    }

    @Test func othersAreNeverWhatTheUserHas() throws {
        let pairs = FormulaShop(users: 30, items: 40).rows()
        var generator = SeededGenerator(seed: 7)
        let sampler = NCFSampler(pairs, heldOut: 10, using: &generator)
        #expect(sampler.heldOut.count == 10)
        #expect(Set(sampler.heldOut.map(\.user)).count == 10)
        #expect(sampler.users.count == pairs.entryCount - 10)
        let learned = Set(zip(sampler.users, sampler.liked).map { [$0, $1] })
        #expect(sampler.heldOut.allSatisfy { !learned.contains([$0.user, $0.item]) })
        var drawn = [UInt32](repeating: 0, count: 200)
        for user in 0..<30 {
            sampler.drawOthers(UInt32(user), 200, using: &generator, into: &drawn)
            let own = Set(pairs.columns[pairs.range(user)])
            #expect(drawn.allSatisfy { !own.contains($0) })
        }
    }
}
