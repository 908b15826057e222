import Foundation
import Testing

@testable import RecoKit

@Suite struct CharacterFoldingTests {
    private func folded(_ scalar: UInt32) -> [UInt32] {
        var found: [UInt32] = []
        CharacterFolding.lowercasedWithoutMarks(scalar) { found.append($0) }
        return found
    }

    @Test func foldingIsDecompositionWithoutMarksInLowerCase() {
        var different: [UInt32] = []
        for value in UInt32(0)..<0x110000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let parts = String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars
            let expected = parts.filter { $0.properties.generalCategory != .nonspacingMark }
                .flatMap { $0.properties.lowercaseMapping.unicodeScalars }
                .filter { $0.properties.generalCategory != .nonspacingMark }.map(\.value)
            if folded(value) != expected { different.append(value) }
        }
        // The standard library knows some characters that came after the tables were made.
        #expect(different.count < 100)
        #expect(different.allSatisfy { $0 > 0x1C80 })
    }

    @Test func whatIsNoScalarFoldsToItselfAndBelongsToNoClass() {
        for value: UInt32 in [0xD800, 0xDFFF, 0x110000, .max] {
            #expect(folded(value) == [value])
            #expect(!CharacterFolding.isMark(value) && !CharacterFolding.isPunctuation(value))
            #expect(!CharacterFolding.isLetter(value) && !CharacterFolding.isDigit(value))
            #expect(!CharacterFolding.isControl(value) && !CharacterFolding.isSpace(value))
        }
    }

    @Test func classesAreThoseOfUnicode() {
        for value in UInt32(0)..<0x3000 {
            guard let properties = Unicode.Scalar(value)?.properties else { continue }
            #expect(CharacterFolding.isSpace(value) == properties.isWhitespace)
            #expect(CharacterFolding.isDigit(value) == (properties.generalCategory == .decimalNumber))
            #expect(CharacterFolding.isMark(value) == (properties.generalCategory == .nonspacingMark))
        }
        #expect("$+<=>^`|~!\"%-_/".unicodeScalars.allSatisfy { CharacterFolding.isPunctuation($0.value) })
        #expect(!"aZ5 é€²".unicodeScalars.contains { CharacterFolding.isPunctuation($0.value) })
        #expect(CharacterFolding.isCJK(0x4E2D) && !CharacterFolding.isCJK(0x3042) && !CharacterFolding.isCJK(0xAC00))
        #expect(CharacterFolding.isControl(0x200B) && CharacterFolding.isControl(0) && !CharacterFolding.isControl(9))
    }
}
