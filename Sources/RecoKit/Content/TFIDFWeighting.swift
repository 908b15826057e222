/// The impacts of TF-IDF with cosine: how often the term is in the document, over the length of its vector.
///
/// scikit-learn's formulas: a document's weight for a term is (1 + ln tf) idf, or tf idf without `sublinear`, with idf =
/// ln((1 + n) / (1 + df)) + 1, and its vector is scaled to length 1. Fields count together, each occurrence as often as
/// the field weighs. What depends on the term alone is part of the query's weight.
struct TFIDFWeighting: PostingWeighting {
    /// 1 + ln tf, or tf, for each code.
    let termWeights: Column<Float>  // (codes)
    /// 1 / length of each document's vector; 0 for an empty one.
    let norms: Column<Float>  // (rows)

    func impacts(
        _ documents: UnsafePointer<UInt32>, _ codes: UnsafePointer<UInt32>, _ count: Int,
        into impacts: UnsafeMutablePointer<Float>
    ) {
        for i in 0..<count { impacts[i] = termWeights[Int(codes[i])] * norms[Int(documents[i])] }
    }

    /// Below 1, which only a field that weighs less can be, it goes down to 0 in a straight line.
    static func termWeight(_ frequency: Double, sublinear: Bool) -> Double {
        sublinear && frequency > 1 ? 1 + naturalLog(frequency) : frequency
    }

    static func idf(_ documentFrequency: Int, of rowCount: Int) -> Double {
        naturalLog((1 + Double(rowCount)) / (1 + Double(documentFrequency))) + 1
    }
}
