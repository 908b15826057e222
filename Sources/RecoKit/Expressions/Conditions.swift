import Glibc

/// The filter and the boost of a question, compiled, with the live values that they use, in scratch memory.
struct Conditions {
    let filter: UnsafePointer<Expression>?
    let boost: Boost?

    /// Compiles what the question has. Throws with the position of what is wrong. O(length + live values)
    init(
        filter: UnsafeBufferPointer<UInt8>, boost: UnsafeBufferPointer<UInt8>, live: UnsafeBufferPointer<LiveValues>,
        _ catalog: CatalogIndex, _ items: IDIndex, using scratch: Scratch
    ) throws {
        try Self.check(live, catalog)
        guard !filter.isEmpty || !boost.isEmpty else {
            (self.filter, self.boost) = (nil, nil)
            return
        }
        // expressions | registers | a boost's rows and scores | live columns | the filter's parts | the boost's parts
        let head = 2 * MemoryLayout<Expression>.stride
        let columns = LiveValues.maximumCount * MemoryLayout<LiveColumn>.stride
        let parts = [filter, boost].map { ExpressionParser.memorySize($0.count) }
        guard
            let memory = scratch.memory(
                .expressions, head + Expression.Registers.memorySize + Boost.memorySize + columns + parts[0] + parts[1])
        else { throw Self.outOfMemory }
        let expressions = memory.assumingMemoryBound(to: Expression.self)
        let registers = Expression.Registers(in: memory + head)
        let boostMemory = memory + head + Expression.Registers.memorySize
        let liveColumns = (boostMemory + Boost.memorySize).assumingMemoryBound(to: LiveColumn.self)
        var next = boostMemory + Boost.memorySize + columns
        var used: UInt64 = 0
        for (place, (source, purpose)) in [(filter, ExpressionParser.Purpose.filter), (boost, .boost)].enumerated() {
            if !source.isEmpty {
                var parser = ExpressionParser(source, purpose, catalog, live: live, in: next)
                expressions[place] = try parser.compile(
                    registers: registers, live: liveColumns, itemCount: scratch.itemCount)
                used |= parser.usedLive
            }
            next += parts[place]
        }
        try Self.resolve(live, used, items, into: liveColumns, using: scratch)
        self.filter = filter.isEmpty ? nil : UnsafePointer(expressions)
        self.boost = boost.isEmpty ? nil : Boost(UnsafePointer(expressions + 1), in: boostMemory)
    }

    /// Makes the filter keep out what it does not let through, until `scratch` is unblocked.
    func apply(to scratch: Scratch) throws {
        guard let filter else { return }
        let applied = scratch.keepOut(
            allBut: { context, word in
                let filter = context.assumingMemoryBound(to: Expression.self)
                let first = word &* Expression.width
                let count = min(Expression.width, filter.pointee.itemCount &- first)
                return filter.pointee.truth(Expression.Rows(first: first, list: nil, count: count))
            }, filter)
        if !applied { throw Self.outOfMemory }
    }

    private static let outOfMemory = RecoError(.outOfMemory, "no memory for the query's expressions")

    // MARK: Live values

    private static func check(_ live: UnsafeBufferPointer<LiveValues>, _ catalog: CatalogIndex) throws {
        if live.isEmpty { return }
        func problem(_ what: String) -> RecoError { RecoError(.invalidArgument, "live values: \(what)") }
        guard live.count <= LiveValues.maximumCount else {
            throw problem("\(live.count) attributes are live; at most \(LiveValues.maximumCount) can be")
        }
        for column in live {
            if column.name.isEmpty { throw problem("an attribute has no name") }
            let attribute = catalog.attributes.first { $0.name.utf8.elementsEqual(column.name) }
            if let attribute, attribute.kind != .number {
                throw problem(
                    "\"\(attribute.name)\" is of kind \(attribute.kind.rawValue) in the model; only numbers can be live"
                )
            }
            let items = column.items.countTexts()
            guard items == column.valueCount else {
                throw problem(
                    "\"\(ExpressionLexer.shown(column.name))\" has \(column.valueCount) values for \(items) items")
            }
        }
    }

    /// Sorts the columns that an expression uses by row.
    private static func resolve(
        _ live: UnsafeBufferPointer<LiveValues>, _ used: UInt64, _ items: IDIndex,
        into columns: UnsafeMutablePointer<LiveColumn>, using scratch: Scratch
    ) throws {
        if used == 0 { return }
        var size = 0
        for (place, column) in live.enumerated() where used & (1 << UInt64(place)) != 0 {
            size += LiveColumn.memorySize(column.valueCount)
        }
        guard var memory = scratch.memory(.live, size) else { throw outOfMemory }
        for (place, column) in live.enumerated() where used & (1 << UInt64(place)) != 0 {
            columns[place] = LiveColumn(column, items, in: memory)
            memory += LiveColumn.memorySize(column.valueCount) / 8 * 8
        }
    }
}
