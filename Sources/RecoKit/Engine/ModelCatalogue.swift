/// Every model there is. A new one is listed here, once; training, the command, the pipeline and the tests follow.
enum ModelCatalogue {
    /// In the order in which they are preferred where nobody says otherwise.
    static let all: [any TrainableModel.Type] = [
        Popularity.self, ALS.self, ItemKNN.self, SVD.self, BPR.self, RP3beta.self, EASE.self, GFCF.self,
        NMF.self, RatingMF.self, SVDPP.self, SparseEASE.self, SLIM.self, Trending.self, SessionKNN.self, BuyAgain.self,
        UserKNN.self, LightFM.self, Item2Vec.self, BoughtTogether.self, TFIDF.self, BM25.self, BERT.self, NCF.self,
        SASRec.self,
    ]

    /// Sources that know which items are alike, best first; others follow in the order of the model's own list.
    static let similarity: [SourceCode] = [.itemKNN, .rp3beta, .gfCF, .ease, .sparseEASE, .slim, .sessionKNN]

    /// What stands for "choose by the data" among the models.
    static let automatic = "auto"
    /// The same, with a ranker on top.
    static let hybrid = "hybrid"

    static func type(named name: String) throws -> any TrainableModel.Type {
        guard let type = all.first(where: { $0.name == name }) else {
            let names = all.map { $0.name } + RowModels.rankers.map { $0.name } + [automatic, hybrid]
            throw RecoError(
                .invalidArgument,
                "there is no model \"\(name)\"\(didYouMean(name, among: names)); there are "
                    + names.joined(separator: ", "))
        }
        return type
    }
}
