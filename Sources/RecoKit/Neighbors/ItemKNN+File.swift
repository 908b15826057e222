extension ItemKNN {
    func write(to writer: ModelWriter) throws {
        try writer.add("item-knn/offsets", offsets.offsets.elements)
        try writer.add("item-knn/neighbors", neighbors.elements)
        try writer.add("item-knn/similarities", similarities.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("item-knn/offsets") else { return nil }
        guard let offsets = file.column("item-knn/offsets", as: UInt64.self),
            let neighbors = file.column("item-knn/neighbors", as: UInt32.self),
            let similarities = file.column("item-knn/similarities", as: Float.self),
            offsets.count == itemCount + 1, neighbors.count == similarities.count
        else {
            throw RecoError(.damaged, "the model's item-knn sections are missing or do not fit together")
        }
        self.init(offsets: RaggedOffsets(offsets: offsets), neighbors: neighbors, similarities: similarities)
    }
}
