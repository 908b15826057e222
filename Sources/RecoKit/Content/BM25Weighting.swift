/// The impacts of BM25F: w / (k1 + w), where w sums up how often the term is in each field, weighted by the field and
/// set against its length.
///
///     w = sum over fields f of  weight_f  tf_f / (1 - b_f + b_f length_f / mean length_f)
///
/// Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond" (2009, doi:10.1561/1500000019),
/// section 3.6. With one field of weight 1 it is the BM25 of Lucene, which leaves out the factor k1 + 1.
struct BM25Weighting: PostingWeighting {
    let frequencies: Column<UInt64>
    let lengths: DocumentLengths
    /// weight / (1 - b + b length / mean) for each length of each field, 0 to the longest: the one division is done
    /// beforehand.
    let norms: Column<Float>  // (lengths of all fields)
    let normOffsets: Column<UInt32>  // (fields + 1)
    let k1: Float

    func impacts(
        _ documents: UnsafePointer<UInt32>, _ codes: UnsafePointer<UInt32>, _ count: Int,
        into impacts: UnsafeMutablePointer<Float>
    ) {
        if lengths.fieldCount == 1, let field = lengths.field(0), !field.isWide {
            single(field.base, documents, codes, count, into: impacts)
        } else {
            for i in 0..<count { impacts[i] = weight(Int(documents[i]), code: Int(codes[i])) }
        }
        for i in 0..<count { impacts[i] /= k1 + impacts[i] }
    }

    /// One field whose lengths take a byte: titles.
    @inline(__always)
    private func single(
        _ lengths: UnsafePointer<UInt8>, _ documents: UnsafePointer<UInt32>, _ codes: UnsafePointer<UInt32>,
        _ count: Int, into impacts: UnsafeMutablePointer<Float>
    ) {
        let norms = norms.elements
        let frequencies = frequencies.elements
        let rows = UInt32(truncatingIfNeeded: self.lengths.rowCount)
        for i in 0..<count {
            guard documents[i] < rows else {
                impacts[i] = 0
                continue
            }
            let length = Int(lengths[Int(documents[i])])
            let code = Int(codes[i])
            let frequency = code < frequencies.count ? frequencies[code] & 0xFF : 0
            impacts[i] = length < norms.count ? Float(frequency) * norms[length] : 0
        }
    }

    private func weight(_ row: Int, code: Int) -> Float {
        var rest = frequencies[code]
        var sum: Float = 0
        var field = 0
        while rest != 0 {
            // On to the next field that has the term.
            let skipped = rest.trailingZeroBitCount &>> 3
            field &+= skipped
            rest &>>= UInt64(8 &* skipped)
            sum += part(of: field, frequency: Int(rest & 0xFF), in: row)
            field &+= 1
            rest &>>= 8
        }
        return sum
    }

    /// The summand of a field. `field` is one of those the model has.
    @inline(__always)
    func part(of field: Int, frequency: Int, in row: Int) -> Float {
        let length = lengths.length(field: field, row: row)
        let start = Int(normOffsets[field])
        let end = Int(normOffsets[field &+ 1])
        return start &+ length < end ? Float(frequency) * norms[start &+ length] : 0
    }

    /// The norms of fields with these weights, b and lengths. The mean is over all documents, those
    /// without the field too.
    static func norms(_ fields: [ContentField], _ lengths: [[UInt32]]) -> (norms: [Float], offsets: [UInt32]) {
        var norms: [Float] = []
        var offsets: [UInt32] = [0]
        for (field, lengths) in zip(fields, lengths) {
            let total = lengths.reduce(0) { $0 + Int($1) }
            let mean = Double(max(total, 1)) / Double(max(lengths.count, 1))
            for length in 0...Int(lengths.max() ?? 0) {
                norms.append(Float(field.weight / (1 - field.b + field.b * Double(length) / mean)))
            }
            offsets.append(UInt32(norms.count))
        }
        return (norms, offsets)
    }
}
