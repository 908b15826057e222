/// The linear item model in closed form ("embarrassingly shallow autoencoder"): the weights with which the items of a
/// user tell best which others the user has, none telling of itself.
///
/// Steck 2019, "Embarrassingly shallow autoencoders for sparse data", doi:10.1145/3308558.3313710. With X the matrix of
/// users and items, P = (XᵀX + λ)⁻¹ and B = -P diag(1 / diag P) with a diagonal of zeros; a profile x scores x B.
///
/// What we add: values are taken in units of their root mean square, so that λ counts events whatever an event is
/// worth; items without events are left out of the inverse; of a large catalogue each item keeps only its strongest
/// weights. O(known items³) operations and 4 x known items² bytes, which `memory` bounds before anything is allocated.
struct EASE: TrainableModel {
    static let name = "ease"
    static let code = SourceCode.ease
    static let isLinear = true
    static let summary = "the best linear item-to-item weights in closed form: strong, for catalogues that fit memory"

    /// Up to so many known items all weights are kept by default: 64 MB.
    static let denseItems = 4096

    static let hyperparameters = [
        Hyperparameter(
            "regularization", .number(1e-3...1e9), default: "200",
            "λ: how many events it takes to be trusted; more for sparser data"
        ).tuned(.log(20...5000)),
        Hyperparameter(
            "neighbors", .integer(0...ItemSimilarityTable.maximumNeighbors), default: "0",
            "weights kept for each item, 0: all; by default 500 where more than \(denseItems) items have events"),
        Hyperparameter("memory", .number(0.001...100_000), default: "8", "GB that training may take for the matrix"),
    ]

    enum Weights: Sendable {
        case all(ItemWeightMatrix)
        case strongest(ItemSimilarityTable)
    }
    let weights: Weights

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        switch weights {
        case .all(let matrix): matrix.propose(for: profile.events, using: scratch, to: &selection)
        case .strongest(let table): table.propose(for: profile.events, using: scratch, to: &selection)
        }
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        switch weights {
        case .all(let matrix): matrix.score(rows, for: profile.events, using: scratch, into: scores)
        case .strongest(let table): table.score(rows, for: profile.events, using: scratch, into: scores)
        }
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        switch weights {
        case .all(let matrix): matrix.proposeSimilar(to: items, using: scratch, to: &selection)
        case .strongest(let table): table.proposeSimilar(to: items, using: scratch, to: &selection)
        }
    }
}

extension EASE {
    func write(to writer: ModelWriter) throws {
        switch weights {
        case .all(let matrix): try matrix.write(to: writer, name: Self.name)
        case .strongest(let table): try table.write(to: writer, name: Self.name)
        }
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        if let matrix = try ItemWeightMatrix(file, name: Self.name, itemCount: itemCount) {
            weights = .all(matrix)
        } else if let table = try ItemSimilarityTable(file, name: Self.name, itemCount: itemCount) {
            weights = .strongest(table)
        } else {
            return nil
        }
    }
}
