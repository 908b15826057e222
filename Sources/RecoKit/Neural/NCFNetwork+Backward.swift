extension NCFNetwork {
    /// The way back of the last `forward`, from `chunk.delta`: adds to the weights' gradients, and writes those of each
    /// group's user vector and each row's item vector. O(rows weights).
    func backward(
        groups: Int, _ chunk: Chunk, gradients: UnsafeMutablePointer<Float>, users userDelta: MatrixRows,
        items itemDelta: MatrixRows
    ) {
        if shape.factors > 0 {
            factorsBackward(groups: groups, chunk, gradients: gradients, users: userDelta, items: itemDelta)
        }
        if !shape.layers.isEmpty {
            layersBackward(groups: groups, chunk, gradients: gradients, users: userDelta, items: itemDelta)
        } else {
            for row in 0..<groups * chunk.groupSize {
                gradients[output.weights + output.inputs] += chunk.delta.base[row]
            }
        }
    }

    private func factorsBackward(
        groups: Int, _ chunk: Chunk, gradients: UnsafeMutablePointer<Float>, users userDelta: MatrixRows,
        items itemDelta: MatrixRows
    ) {
        let (size, factors) = (chunk.groupSize, shape.factors)
        let weights = self.weights.values + factorWeights
        for group in 0..<groups {
            // Σ delta · item vector over the group: the weights' derivatives are that times the user's vector, the user's
            // are that times the weights.
            let sum = userDelta.row(group)
            sum.update(repeating: 0, count: factors)
            for row in group * size..<(group + 1) * size {
                let (delta, to) = (chunk.delta.base[row], itemDelta.row(row))
                Kernels.best.addScaled(delta, chunk.itemVectors.row(row), to: sum, factors)
                let weighted = chunk.weighted.row(group)
                for k in 0..<factors { to[k] = delta * weighted[k] }
            }
            let vector = chunk.userVectors.row(group)
            for k in 0..<factors {
                gradients[factorWeights + k] += sum[k] * vector[k]
                sum[k] *= weights[k]
            }
        }
    }

    private func layersBackward(
        groups: Int, _ chunk: Chunk, gradients: UnsafeMutablePointer<Float>, users userDelta: MatrixRows,
        items itemDelta: MatrixRows
    ) {
        let (size, first) = (chunk.groupSize, shape.layers[0])
        let rows = groups * size
        let values = weights.values
        let hiddenDelta = MatrixRows(chunk.hiddenDelta)
        let last = chunk.perceptron.output ?? MatrixRows(chunk.hidden)
        output.backward(
            MatrixRows(chunk.delta), last, rows, values, gradients: gradients,
            into: chunk.perceptron.delta ?? hiddenDelta)
        if chunk.perceptron.output != nil {
            perceptron.backward(
                MatrixRows(chunk.hidden), rows, values, gradients: gradients, chunk.perceptron, into: hiddenDelta)
        }
        if let mask = chunk.mask { dropout.backward(hiddenDelta.start, mask: mask.base, rows * first) }
        Activation.rectifier.backward(hiddenDelta.start, out: chunk.hidden.base, rows * first)
        for group in 0..<groups {
            let sum = chunk.userParts.row(group)
            sum.update(from: hiddenDelta.row(group * size), count: first)
            for row in group * size + 1..<(group + 1) * size {
                Kernels.best.addScaled(1, hiddenDelta.row(row), to: sum, first)
            }
        }
        userHalf.backward(
            MatrixRows(chunk.userParts), MatrixRows(chunk.userVectors).column(shape.factors), groups, values,
            gradients: gradients, into: userDelta.column(shape.factors))
        itemHalf.backward(
            hiddenDelta, MatrixRows(chunk.itemVectors).column(shape.factors), rows, values, gradients: gradients,
            into: itemDelta.column(shape.factors))
    }
}
