/// What each figure means, in a sentence, and where it comes from.
enum Definitions {
    struct Definition {
        let name: String
        let text: String
        let reference: String
    }

    static let quality = [
        Definition(
            name: "hit rate@10", text: "the share of customers who chose at least one of the ten products shown",
            reference: "Deshpande and Karypis 2004, doi:10.1145/963770.963776"),
        Definition(
            name: "recall@10", text: "how much of what a customer went on to choose stood in the ten, on average",
            reference: "Herlocker et al. 2004, doi:10.1145/963770.963772"),
        Definition(
            name: "NDCG@10", text: "the same, where a place further up counts more; 1 is a perfect list",
            reference: "Järvelin and Kekäläinen 2002, doi:10.1145/582415.582418"),
        Definition(
            name: "MAP@10", text: "mean average precision: how dense the hits stand at the head of the ten",
            reference: "Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, 8.4"),
        Definition(
            name: "MRR", text: "one over the place of the first hit among 100, on average",
            reference: "Voorhees 1999, TREC-8 Question Answering Track"),
        Definition(
            name: "interval", text: "where the figure would lie in 95 of 100 samples of customers (bootstrap)",
            reference: "Efron 1979, doi:10.1214/aos/1176344552"),
    ]

    static let purchases = [
        Definition(
            name: "orders", text: "the share of orders of which at least one product stood in the customer's ten",
            reference: "hit rate by order; Jannach and Jugovac 2019, doi:10.1145/3370082, on measures of business"),
        Definition(
            name: "lines", text: "the share of all lines of orders whose product stood in the ten", reference: ""),
        Definition(
            name: "money", text: "the share of what those lines cost: the item's price times the quantity",
            reference: ""),
    ]

    static let reach = [
        Definition(
            name: "coverage", text: "the share of the catalogue that stands in anybody's ten",
            reference: "Ge, Delgado-Battenfeld and Jannach 2010, doi:10.1145/1864708.1864761"),
        Definition(
            name: "novelty",
            text:
                "mean self-information: each product counts -log2 of the share of customers who had it, in bits; 10 bits is one in 1,024",
            reference: "Zhou et al. 2010, doi:10.1073/pnas.1000488107"),
        Definition(
            name: "top 1, 5, 20 %",
            text: "how much of all lists goes to the 1, 5 and 20 % of products that most customers had in training",
            reference: "Abdollahpouri et al. 2019, arXiv:1907.13286"),
        Definition(
            name: "Gini", text: "how unequally products are shown: 0 is all alike, 1 is one product alone",
            reference: "Fleder and Hosanagar 2009, doi:10.1287/mnsc.1080.0974"),
    ]
}
