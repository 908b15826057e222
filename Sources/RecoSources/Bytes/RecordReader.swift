import CScan
import Glibc
import RecoKit

/// Reads records of delimited text, one at a time, in place: RFC 4180 with the separator of your choice. Or hands out
/// the rows of a query one at a time, in a block of memory of its own.
///
/// A field that starts with a quote ends with one and may hold separators, line ends and doubled quotes; anywhere else
/// a quote is an ordinary character. Lines end with LF or CRLF; empty ones are passed over. What follows a closing
/// quote belongs to the field. O(bytes); memory for one record, at most `maximumLength`.
struct RecordReader: ~Copyable {
    /// A record that is longer is an error: a quote that is never closed should not eat the memory.
    static let maximumLength = 16 << 20
    static let maximumFields = 4096
    /// The scanner looks at this many bytes at a time, also beyond the end.
    private static let padding = Int(RECO_SCAN_LENGTH)

    private struct Field {
        var start: UInt32  // in `buffer`
        var end: UInt32
        var hasQuotes: Bool  // there are quotes between start and end that do not belong to the text
    }

    let source: any TableSource
    private let bytes: (any ByteSource)?  // one of these two
    private let rows: (any RowSource)?
    var separator: UInt8

    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var next = 0  // where the next record starts
    private var end = 0  // of what has been read
    private var started = false
    private var sourceEnded = false
    private var failure: (any Error)?  // of the source, once the bytes before it are used up

    private let fields: UnsafeMutablePointer<Field>
    /// The number of fields of the current record.
    private(set) var count = 0
    /// The line in which the current record starts, or the number of the row, from 1.
    private(set) var line = 0
    private var nextLine = 1

    init(_ source: any TableSource, separator: UInt8 = UInt8(ascii: ","), capacity: Int = 256 << 10) {
        self.source = source
        bytes = source as? any ByteSource
        rows = source as? any RowSource
        self.separator = separator
        self.capacity = max(capacity, 16)
        buffer = .allocate(capacity: self.capacity + Self.padding)
        buffer.initialize(repeating: 0, count: self.capacity + Self.padding)
        fields = .allocate(capacity: Self.maximumFields)
    }

    deinit {
        buffer.deallocate()
        fields.deallocate()
    }

    /// The text of field `index` < `count`; valid until the next record.
    @inline(__always)
    subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
        let field = fields[index]
        return UnsafeBufferPointer(start: buffer + Int(field.start), count: Int(field.end &- field.start))
    }

    func text(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

    /// What `line` counts.
    var unit: String { rows == nil ? "line" : "row" }

    /// The names of its columns where the source knows them.
    var columnNames: [String]? { rows?.columnNames }

    /// Moves on to the next record; false at the end.
    mutating func advance() throws -> Bool {
        if let rows {
            (count, end) = (0, 0)
            line &+= 1
            return try rows.next(&self)
        }
        while true {
            switch scan() {
            case .record: return true
            case .emptyLine: continue
            case .tooManyFields:
                throw RecoError(
                    .badData, "\(source.name), line \(nextLine): more than \(Self.maximumFields) fields in one row")
            case .incomplete(let insideQuotes):
                if try fill(insideQuotes: insideQuotes) { continue }
                // What is left at the end of the file is a record without a line end, or nothing.
                if next == end { return false }
                if insideQuotes, separator != UInt8(ascii: "\t"), buffer[end &- 1] != UInt8(ascii: "\"") {
                    throw RecoError(
                        .badData, "\(source.name), line \(nextLine): a quote that is opened in this row is never closed"
                    )
                }
                buffer[end] = UInt8(ascii: "\n")
                end += 1
            }
        }
    }

    /// Copies a field of the current row, which comes from a query, to the end of the record.
    @inline(__always)
    mutating func append(_ value: UnsafeRawPointer?, length: Int) throws {
        guard count < Self.maximumFields else { throw tooManyColumns() }
        while end &+ length > capacity { try grow(insideQuotes: false) }
        if length > 0, let value { memcpy(buffer + end, value, length) }
        fields[count] = Field(start: UInt32(end), end: UInt32(end &+ length), hasQuotes: false)
        count &+= 1
        end &+= length
    }

    private func tooManyColumns() -> RecoError {
        RecoError(.badData, "\(source.name): more than \(Self.maximumFields) columns")
    }

    private enum Scan {
        case record, emptyLine, tooManyFields
        case incomplete(insideQuotes: Bool)
    }

    /// Finds the fields of the record at `next`.
    private mutating func scan() -> Scan {
        var found = 0
        var lines = 1
        var hasQuotes = false
        var fieldStart = next
        var block = next
        while block < end {
            // A bit for each of the next 64 bytes that is a separator, a line end or a quote.
            var bits = reco_scan(buffer + block, separator)
            while bits != 0 {
                let at = block &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                if at >= end { return .incomplete(insideQuotes: false) }
                let byte = buffer[at]
                if byte == separator {
                    if found == Self.maximumFields &- 1 { return .tooManyFields }
                    fields[found] = Field(start: UInt32(fieldStart), end: UInt32(at), hasQuotes: false)
                    found &+= 1
                    fieldStart = at &+ 1
                } else if byte == UInt8(ascii: "\n") {
                    let stop = at > fieldStart && buffer[at &- 1] == UInt8(ascii: "\r") ? at &- 1 : at
                    fields[found] = Field(start: UInt32(fieldStart), end: UInt32(stop), hasQuotes: false)
                    finish(found &+ 1, after: at, lines: lines)
                    if found == 0 && stop == fieldStart { return .emptyLine }
                    if hasQuotes { unquote() }
                    return .record
                } else if at == fieldStart {
                    let stop: Int
                    switch endOfQuotedField(from: at &+ 1) {
                    case .unfinished: return .incomplete(insideQuotes: true)
                    case .notQuoted: continue
                    case .at(let end, let inside):
                        stop = end
                        lines &+= inside
                    }
                    if found == Self.maximumFields &- 1 { return .tooManyFields }
                    fields[found] = Field(start: UInt32(at &+ 1), end: UInt32(stop), hasQuotes: true)
                    found &+= 1
                    hasQuotes = true
                    if buffer[stop] == UInt8(ascii: "\n") {
                        if buffer[stop &- 1] == UInt8(ascii: "\r") { fields[found &- 1].end &-= 1 }
                        finish(found, after: stop, lines: lines)
                        unquote()
                        return .record
                    }
                    fieldStart = stop &+ 1
                    block = fieldStart &- Self.padding  // the loop adds it again
                    bits = 0
                }
            }
            block &+= Self.padding
        }
        return .incomplete(insideQuotes: false)
    }

    private mutating func finish(_ found: Int, after lineEnd: Int, lines: Int) {
        count = found
        next = lineEnd &+ 1
        line = nextLine
        nextLine &+= lines
    }

    private enum QuotedField {
        /// The separator or line end behind the closing quote, and how many line ends stand inside.
        case at(Int, lines: Int)
        /// The quote at its start is a part of the text: 12" or "so called" things.
        case notQuoted
        /// What decides has not been read yet.
        case unfinished
    }

    /// Where a field ends that starts with a quote.
    ///
    /// It is quoted if nothing follows its closing quote. Where tabs separate, quotes are rare and stray ones are not, so
    /// a quoted field does not go beyond its line.
    private func endOfQuotedField(from start: Int) -> QuotedField {
        var (at, lines) = (start, 0)
        while at < end {
            let byte = buffer[at]
            if byte == UInt8(ascii: "\n") {
                if separator == UInt8(ascii: "\t") { return .notQuoted }
                lines &+= 1
            } else if byte == UInt8(ascii: "\"") {
                // The byte after it decides; at the very end of the file there is none, and a line end is made up.
                guard at &+ 1 < end else { return .unfinished }
                var next = at &+ 1
                if buffer[next] != UInt8(ascii: "\"") {
                    if buffer[next] == UInt8(ascii: "\r") {
                        next &+= 1
                        guard next < end else { return .unfinished }
                    }
                    let closes = buffer[next] == UInt8(ascii: "\n") || (buffer[next] == separator && next == at &+ 1)
                    return closes ? .at(next, lines: lines) : .notQuoted
                }
                at &+= 1
            }
            at &+= 1
        }
        return .unfinished
    }

    /// Takes the quotes out of the fields that have some: doubled ones become one, the closing one goes.
    private func unquote() {
        for index in 0..<count where fields[index].hasQuotes {
            let stop = Int(fields[index].end)
            var from = Int(fields[index].start)
            var to = from
            var closed = false
            while from < stop {
                let byte = buffer[from]
                from &+= 1
                if !closed, byte == UInt8(ascii: "\"") {
                    guard from < stop, buffer[from] == UInt8(ascii: "\"") else {
                        closed = true
                        continue
                    }
                    from &+= 1
                }
                buffer[to] = byte
                to &+= 1
            }
            fields[index].end = UInt32(to)
        }
    }

    /// Reads more behind the unfinished record at `next`. False if there is no more.
    private mutating func fill(insideQuotes: Bool) throws -> Bool {
        if let failure { throw located(failure) }
        if sourceEnded { return false }
        let rest = end - next
        if next > 0 {
            memmove(buffer, buffer + next, rest)
            next = 0
            end = rest
        }
        if rest == capacity { try grow(insideQuotes: insideQuotes) }
        while end < capacity && !sourceEnded {
            do {
                let room = UnsafeMutableRawBufferPointer(start: buffer + end, count: capacity - end)
                let more = try bytes?.read(into: room) ?? 0
                if more == 0 { sourceEnded = true }
                end += more
            } catch {
                // First come the records that were read before it.
                failure = error
                break
            }
        }
        if !started {
            started = true
            if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { next = 3 }
        }
        if let failure, end == rest { throw located(failure) }
        return true
    }

    /// An error of the source, with the place in the text if there is one.
    private func located(_ failure: any Error) -> any Error {
        guard let error = failure as? RecoError, error.code == .damaged, nextLine > 1 else { return failure }
        return RecoError(error.code, "\(error.message), after line \(nextLine - 1)")
    }

    /// Takes for the separator what the first line has: a tab if there is any, else the more frequent of comma and
    /// semicolon. To be called before the first record.
    mutating func recognizeSeparator() throws {
        _ = try fill(insideQuotes: false)
        var commas = 0
        var semicolons = 0
        var quoted = false
        for at in next..<end {
            let byte = buffer[at]
            if byte == UInt8(ascii: "\"") { quoted.toggle() }
            if quoted { continue }
            if byte == UInt8(ascii: "\n") { break }
            if byte == UInt8(ascii: "\t") {
                separator = byte
                return
            }
            commas += byte == UInt8(ascii: ",") ? 1 : 0
            semicolons += byte == UInt8(ascii: ";") ? 1 : 0
        }
        separator = UInt8(ascii: semicolons > commas ? ";" : ",")
    }

    private mutating func grow(insideQuotes: Bool) throws {
        guard capacity < Self.maximumLength else {
            let cause = insideQuotes ? "is a quote never closed?" : "is this a text file?"
            let place = rows == nil ? "line \(nextLine)" : "row \(line)"
            let question = rows == nil ? "; \(cause)" : ""
            throw RecoError(
                .badData, "\(source.name), \(place): a row of more than \(Self.maximumLength >> 20) MB\(question)")
        }
        let wanted = min(capacity * 2, Self.maximumLength)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted + Self.padding)
        larger.initialize(repeating: 0, count: wanted + Self.padding)
        memcpy(larger, buffer, end)
        buffer.deallocate()
        buffer = larger
        capacity = wanted
    }
}
