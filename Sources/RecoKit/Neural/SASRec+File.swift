extension SASRec {
    func write(to writer: ModelWriter) throws {
        let shape = encoder.shape
        try table.write(to: writer, name: Self.name)
        try writer.add("sasrec/shape", [shape.length, shape.blocks, shape.heads].map { UInt32($0) })
        try writer.add("sasrec/positions", encoder.positions.elements)
        try writer.add("sasrec/weights", encoder.weights.elements)
        try writer.add("sasrec/biases", encoder.biases.elements)
        try writer.add("sasrec/norm", encoder.norm.elements)
        try writer.add("sasrec/offsets", sequences.offsets.elements)
        try writer.add("sasrec/items", items.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        guard let numbers: Column<UInt32> = file.column("sasrec/shape"),
            let positions: Column<Float> = file.column("sasrec/positions"),
            let weights: Column<Float> = file.column("sasrec/weights"),
            let biases: Column<Float> = file.column("sasrec/biases"),
            let norm: Column<Float> = file.column("sasrec/norm"),
            let offsets: Column<UInt64> = file.column("sasrec/offsets"),
            let items: Column<UInt32> = file.column("sasrec/items"), numbers.count == 3,
            let shape = SequenceShape(
                length: Int(numbers[0]), width: table.rank, blocks: Int(numbers[1]), heads: Int(numbers[2])),
            positions.count == shape.length * shape.width, norm.count == 2 * shape.width,
            weights.count == shape.blocks * SequenceEncoder.weightsOfBlock(shape.width),
            biases.count == shape.blocks * SequenceEncoder.biasesOfBlock(shape.width),
            offsets.count == userCount + 1
        else { throw RecoError(.damaged, "the model's sasrec sections are missing or do not fit together") }
        self.table = table
        encoder = SequenceEncoder(shape: shape, positions: positions, weights: weights, biases: biases, norm: norm)
        sequences = RaggedOffsets(offsets: offsets)
        self.items = items
    }
}
