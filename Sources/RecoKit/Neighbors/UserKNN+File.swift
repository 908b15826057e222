extension UserKNN {
    func write(to writer: ModelWriter) throws {
        try similarity.write(to: writer, name: Self.name)
        try writer.add("user-knn/neighbors", [UInt32(neighborCount)])
        try writer.add("user-knn/item-factors", itemFactors.elements)
        try writer.add("user-knn/squares", squares.elements)
        try writer.add("user-knn/offsets", offsets.offsets.elements)
        try writer.add("user-knn/users", users.elements)
        try writer.add("user-knn/weights", weights.elements)
        try writer.add("user-knn/discounts", discounts.elements)
        try writer.add("user-knn/amplification", [amplification])
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("user-knn/offsets") else { return nil }
        guard let similarity = ProfileSimilarity(file, name: Self.name),
            let counts = file.column("user-knn/neighbors", as: UInt32.self), counts.count == 1,
            let itemFactors = file.column("user-knn/item-factors", as: Float.self), itemFactors.count == itemCount,
            let squares = file.column("user-knn/squares", as: Float.self), squares.count == userCount,
            let offsets = file.column("user-knn/offsets", as: UInt64.self), offsets.count == itemCount + 1,
            let users = file.column("user-knn/users", as: UInt32.self),
            let weights = file.column("user-knn/weights", as: Float.self), weights.count == users.count,
            let discounts = file.column("user-knn/discounts", as: Float.self), discounts.count == itemCount,
            let amplifications = file.column("user-knn/amplification", as: Float.self), amplifications.count == 1
        else { throw RecoError(.damaged, "the model's user-knn sections are missing or do not fit together") }
        self.init(
            similarity: similarity, neighborCount: Int(counts[0]), itemFactors: itemFactors, squares: squares,
            offsets: RaggedOffsets(offsets: offsets), users: users, weights: weights,
            discounts: discounts, amplification: amplifications[0],
            history: try History(file, userCount: userCount))
    }
}
