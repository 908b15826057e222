import RecoKit
import Testing

@testable import RecoSources

@Test func plainRecordsAreSplitAtSeparators() throws {
    #expect(try records("a,b,c\n1,2,3\n") == [["a", "b", "c"], ["1", "2", "3"]])
    #expect(try records("a\tb\n1\t2\n", separator: "\t") == [["a", "b"], ["1", "2"]])
}

@Test func theLastLineMayLackItsEnd() throws {
    #expect(try records("a,b\n1,2") == [["a", "b"], ["1", "2"]])
    #expect(try records("a,b\n1,") == [["a", "b"], ["1", ""]])
    #expect(try records("a,b\n1,\"2\"") == [["a", "b"], ["1", "2"]])
}

@Test func windowsLineEndsAreLineEnds() throws {
    #expect(try records("a,b\r\n1,2\r\n\"x\",\"y\"\r\n") == [["a", "b"], ["1", "2"], ["x", "y"]])
    #expect(try records("a,b\r\n1,2\r") == [["a", "b"], ["1", "2"]])
}

@Test func emptyLinesAreNoRecords() throws {
    #expect(try records("\n\na,b\n\r\n\n1,2\n\n") == [["a", "b"], ["1", "2"]])
    #expect(try records("") == [])
    #expect(try records("\n\r\n\n") == [])
}

@Test func emptyFieldsAreKept() throws {
    #expect(try records(",,\n,x,\n") == [["", "", ""], ["", "x", ""]])
}

@Test func quotedFieldsHoldSeparatorsLineEndsAndQuotes() throws {
    #expect(try records("\"a,b\",\"c\nd\",\"e\"\"f\"\n") == [["a,b", "c\nd", "e\"f"]])
    #expect(try records("\"\",\"\"\"\"\n") == [["", "\""]])
    #expect(try records("\"a\r\nb\",2\r\n") == [["a\r\nb", "2"]])
}

@Test func aQuoteInsideAFieldIsAnOrdinaryCharacter() throws {
    #expect(try records("12\" pan,x\n") == [["12\" pan", "x"]])
    #expect(try records("\"Big\" shirt,x\n") == [["\"Big\" shirt", "x"]])
}

@Test func theByteOrderMarkIsNoPartOfTheFirstField() throws {
    #expect(try records([0xEF, 0xBB, 0xBF] + Array("user,item\n".utf8)) == [["user", "item"]])
    #expect(try records([0xEF, 0xBB, 0xBF] + Array("\"user\",item\n".utf8)) == [["user", "item"]])
    #expect(try records([0xEF, 0xBB, 0xBF]) == [])
}

@Test func recordsDoNotDependOnHowTheBytesArrive() throws {
    var generator = SeededGenerator(seed: 7)
    let alphabet = Array("ab\",\n\r;é1".utf8)
    var cases = ["a,\"b\nc\"\"d\",e\r\n\"x\" y,,z\n\nlast,\"one\""]
    for _ in 0..<1500 {
        let noise = (0..<generator.nextIndex(60)).map { _ in alphabet[generator.nextIndex(alphabet.count)] }
        cases.append(String(decoding: noise, as: UTF8.self))
    }
    for text in cases {
        let whole = Result { try records(text) }
        for pieces in [1, 2, 7, 64] {
            let cut = Result { try records(text, pieces: pieces, capacity: 16) }
            switch (whole, cut) {
            case (.success(let a), .success(let b)): #expect(a == b, "\(text)")
            case (.failure(let a), .failure(let b)): #expect("\(a)" == "\(b)")
            default: Issue.record("one of two readings of \(text) failed")
            }
        }
    }
}

@Test func aRecordMayBeLongerThanTheBuffer() throws {
    let long = String(repeating: "x", count: 1_000_000)
    #expect(try records("a,\(long),b\n1,2,3\n", capacity: 64) == [["a", long, "b"], ["1", "2", "3"]])
}

@Test func linesAreCountedWithinQuotedFieldsAndEmptyLines() throws {
    let text = "a,b\n\n\"1\n2\n3\",x\nlast,y\n"
    var reader = RecordReader(MemoryBytes(Array(text.utf8)), capacity: 16)
    var lines: [Int] = []
    while try reader.advance() { lines.append(reader.line) }
    #expect(lines == [1, 3, 6])
}

@Test func aQuoteThatIsNeverClosedIsAnErrorThatNamesItsLine() {
    let text = message { _ = try records("a,b\n1,2\n3,\"4\n5,6\n") }
    #expect(text == "test.csv, line 3: a quote that is opened in this row is never closed")
}

@Test func aRecordBeyondTheLimitIsAnErrorAndNotAllOfMemory() {
    let endless = Array("a,b\n1,\"".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 17 << 20)
    #expect(
        message { _ = try records(endless) } == "test.csv, line 2: a row of more than 16 MB; is a quote never closed?")
    let noise = [UInt8](repeating: 0, count: 17 << 20)
    #expect(message { _ = try records(noise) } == "test.csv, line 1: a row of more than 16 MB; is this a text file?")
    let fields = Array("a,b\n".utf8) + [UInt8](repeating: UInt8(ascii: ","), count: 5000)
    #expect(message { _ = try records(fields) } == "test.csv, line 2: more than 4096 fields in one row")
}

@Test(arguments: [
    ("user\titem\n", UInt8(ascii: "\t")), ("user,item\n", UInt8(ascii: ",")), ("user;item\n", UInt8(ascii: ";")),
    ("user;\"a,b,c\";item\n", UInt8(ascii: ";")), ("a,b;c,d\n", UInt8(ascii: ",")), ("a,b\tc\n", UInt8(ascii: "\t")),
    ("user\n1;2;3\n", UInt8(ascii: ",")), ("", UInt8(ascii: ",")),
])
func theSeparatorIsFoundInTheFirstLine(text: String, separator: UInt8) throws {
    var reader = RecordReader(MemoryBytes(Array(text.utf8)))
    try reader.recognizeSeparator()
    #expect(reader.separator == separator)
}
