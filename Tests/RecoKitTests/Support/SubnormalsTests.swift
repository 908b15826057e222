import Testing

@testable import RecoKit

struct SubnormalsTests {
    @Test("a crew's threads take numbers below the smallest normal one for zero, and the caller is left as it was")
    func crew() {
        let small = Float.leastNormalMagnitude
        func halved() -> Float { blackHole(small) / 2 }
        #expect(halved() > 0)
        for threads in [1, 3] {
            let crew = WorkCrew(threads: threads)
            var found = [Float](repeating: 1, count: 64)
            found.withUnsafeMutableBufferPointer { found in
                crew.run(found.count) { index, _ in found[index] = halved() }
            }
            #expect(found.allSatisfy { $0 == 0 })
            #expect(halved() > 0)
        }
    }

    /// The number, out of the compiler's sight.
    @inline(never) private func blackHole(_ number: Float) -> Float { Float(bitPattern: UInt32("\(number.bitPattern)")!) }
}
