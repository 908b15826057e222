import Testing

@testable import RecoKit

struct XXHash64Tests {
    private let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }

    private func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { XXHash64.hash($0, seed: seed) }
    }

    /// From the reference implementation (Python's xxhash 3).
    @Test func knownTextsHaveTheirKnownHashes() {
        #expect(hash([]) == 0xEF46_DB37_51D8_E999)
        #expect(hash(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
        #expect(hash(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
        #expect(hash(Array("Nobody inspects the spammish repetition".utf8)) == 0xFBCE_A83C_8A37_8BF1)
        #expect(hash([], seed: 2_654_435_761) == 0xAC75_FDA2_929B_17EF)
    }

    /// Lengths around every step of the algorithm, of the bytes 7 i + 3, with seed 0 and 42.
    @Test(
        arguments: [
            (1, 0x1F25_C8D0_BC1F_4BB6, 0x4D71_BEF0_2900_52DB), (3, 0x31D2_363F_52E5_64C9, 0xBF4D_D3C8_14A1_FB9E),
            (4, 0x9BB6_4B7D_66EE_9FDA, 0xBCB5_4295_AB59_1E0D), (7, 0x9A7B_1499_59CE_60D8, 0x9CE5_9C3A_C76F_FC9D),
            (8, 0xDAB9_9D95_C6F9_0092, 0x9FE8_789A_C2A1_A649), (12, 0xD52E_4078_33AF_5133, 0x6711_4E89_1B0A_E1A6),
            (31, 0xA2AA_5F33_CC4A_6119, 0x10AB_8A77_06D8_BA37), (32, 0x23C3_C17E_F790_FD97, 0x232E_8071_E826_D4BF),
            (33, 0x50A7_CFC7_BA58_8784, 0x9D08_407E_3569_7B1F), (63, 0x5E3E_54B4_31C7_493C, 0x052F_A6D3_609A_695F),
            (64, 0x0EB6_4B3E_F6EE_B01F, 0xDF21_B2DD_5450_76E0), (100, 0xA61F_8D4C_170F_E531, 0x7DD0_0BE8_513C_25A2),
            (1000, 0x5F23_5FA0_33F1_A3FB, 0xD776_E802_8586_FF61),
        ] as [(Int, UInt64, UInt64)])
    func everyLengthHasItsKnownHash(length: Int, plain: UInt64, seeded: UInt64) {
        #expect(hash(Array(bytes[..<length])) == plain)
        #expect(hash(Array(bytes[..<length]), seed: 42) == seeded)
    }

    @Test func piecesGiveTheHashOfTheWhole() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let length = generator.nextIndex(bytes.count + 1)
            var pieces = XXHash64(seed: 9)
            var at = 0
            while at < length {
                let end = min(at + generator.nextIndex(70), length)
                bytes[at..<end].withUnsafeBytes { pieces.update($0) }
                at = end
            }
            #expect(pieces.finish() == hash(Array(bytes[..<length]), seed: 9))
        }
    }
}
