import Foundation
import RecoImport
import RecoKit

/// Reads whatever bytes the fuzzer makes up as vectors of word2vec. Every outcome is vectors that make a model, which finds
/// what is alike and gives them back, and that read the same once they were written; or a RecoError with one sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWord2Vec(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do {
        let vectors = try Word2VecFile(bytes: Data(bytes: data, count: size), name: "input").vectors
        precondition(vectors.numbers.count == vectors.ids.count * vectors.rank)
        precondition(vectors.numbers.allSatisfy(\.isFinite))
        do {
            let isSame = try isReadAsItWasWritten(vectors)
            precondition(isSame)
        } catch { check(error) }
        let trainer = try vectors.trainer()
        let model = try trainer.model()
        for id in vectors.ids.prefix(3) {
            for hit in try model.similar(to: [id], limit: 5) {
                precondition(hit.score.isFinite && hit.score.magnitude <= 1.01, "a cosine of \(hit.score)")
            }
            _ = try model.recommend(session: [SessionEvent(id)], limit: 5)
        }
        let kept = try WordVectors(model)
        precondition(kept.ids.count <= vectors.ids.count)
        precondition(!trainer.notes.isEmpty || Set(kept.numbers).isSubset(of: vectors.numbers))
    } catch { check(error) }
    return 0
}

/// Text is text where no id has control characters; bytes are bytes unless all of them could be text as well.
private func isReadAsItWasWritten(_ vectors: WordVectors) throws -> Bool {
    let isPlain = vectors.ids.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    for binary in [false, true] {
        let bytes = try vectors.word2vec(binary: binary)
        let back = try? Word2VecFile(bytes: bytes, name: "written")
        if binary || !isPlain {
            if let back, back.isBinary == binary, !same(back.vectors, vectors) { return false }
        } else {
            guard let back, !back.isBinary, same(back.vectors, vectors) else { return false }
        }
    }
    return true
}

private func same(_ a: WordVectors, _ b: WordVectors) -> Bool {
    a.ids == b.ids && a.numbers.map(\.bitPattern) == b.numbers.map(\.bitPattern)
}

private func check(_ error: any Error) {
    guard let error = error as? RecoError, !error.message.isEmpty else { fatalError("no RecoError: \(error)") }
}
