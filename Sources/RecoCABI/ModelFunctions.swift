import CReco
import RecoKit

let models = HandleTable<Model>(kind: 1)

@_cdecl("reco_model_open")
public func recoModelOpen(
    _ path: UnsafeRawPointer?, _ pathLength: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        guard let model else { throw argument("model is NULL") }
        model.pointee = nil
        model.pointee = try models.insert(Model.open(text(path, pathLength, "path")))
    }
}

@_cdecl("reco_model_close")
public func recoModelClose(_ model: OpaquePointer?) -> Int32 {
    report(to: nil) { if model != nil { _ = try models.remove(model) } }
}

@_cdecl("reco_model_verify")
public func recoModelVerify(_ model: OpaquePointer?, _ error: UnsafeMutablePointer<reco_error>?) -> Int32 {
    report(to: error) { try models.find(model).file.verify() }
}

@_cdecl("reco_model_describe")
public func recoModelDescribe(
    _ model: OpaquePointer?, _ info: UnsafeMutablePointer<reco_model_info>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        guard let info else { throw argument("info is NULL") }
        guard Int(info.pointee.struct_size) >= MemoryLayout<reco_model_info>.size else {
            throw argument(
                "struct_size of info is \(info.pointee.struct_size), not \(MemoryLayout<reco_model_info>.size)")
        }
        info.pointee.format_version = model.file.version
        info.pointee.user_count = UInt64(model.users.count)
        info.pointee.item_count = UInt64(model.items.count)
        info.pointee.file_length = UInt64(model.file.length)
        info.pointee.latest_event = model.latestEvent ?? Int64.min
        info.pointee.integer_ids =
            (model.users.holdsIntegers ? UInt32(RECO_INTEGER_USER_IDS.rawValue) : 0)
            | (model.items.holdsIntegers ? UInt32(RECO_INTEGER_ITEM_IDS.rawValue) : 0)
        info.pointee.reserved = 0
    }
}

@_cdecl("reco_model_query")
public func recoModelQuery(
    _ model: OpaquePointer?, _ queries: UnsafePointer<reco_query>?, _ queryCount: Int,
    _ hits: UnsafeMutablePointer<reco_hit>?, _ hitsLength: Int, _ counts: UnsafeMutablePointer<UInt32>?,
    _ countsLength: Int, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        guard queryCount >= 0, queryCount < 1 << 32 else { throw argument("query_count is too large") }
        if queryCount == 0 { return }
        guard let queries else { throw argument("queries is NULL") }
        guard let counts, countsLength >= queryCount else {
            throw argument("counts is NULL or shorter than query_count")
        }
        guard hitsLength >= 0, hitsLength <= Int.max / MemoryLayout<reco_hit>.stride else {
            throw argument("hits_length is too large")
        }
        guard hits != nil || hitsLength == 0 else { throw argument("hits is NULL but its length is \(hitsLength)") }
        let share = hitsLength / queryCount
        let base = hits.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: RawHit.self) }
        let first = UnsafeRawPointer(queries)
        let size = queries.pointee.struct_size
        for index in 0..<queryCount {
            var query = reco_query()
            let source = first + index * Int(size)
            guard source.load(as: UInt32.self) == size else {
                throw argument("the queries of a batch differ in struct_size")
            }
            try copyStruct(source, size: size, earlier: queriesOfBefore, into: &query, "query")
            if query.candidates != nil, query.candidates_length == 0 {
                counts[index] = 0  // an empty list, ranked
                continue
            }
            let room = UnsafeMutableBufferPointer(
                start: base.map { $0 + index * share }, count: base == nil ? 0 : share)
            counts[index] = UInt32(try model.answer(question(query), into: room))
        }
    }
}

@_cdecl("reco_model_explain")
public func recoModelExplain(
    _ model: OpaquePointer?, _ query: UnsafePointer<reco_query>?, _ hit: UnsafePointer<reco_hit>?,
    _ reasons: UnsafeMutablePointer<reco_reason>?, _ reasonsLength: Int, _ count: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        let (question, hit) = try asked(query, hit)
        guard reasonsLength >= 0, reasonsLength <= Int.max / MemoryLayout<reco_reason>.stride else {
            throw argument("reasons_length is too large")
        }
        guard reasons != nil || reasonsLength == 0 else {
            throw argument("reasons is NULL but its length is \(reasonsLength)")
        }
        let base = reasons.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: RawReason.self) }
        let all = try model.explain(
            hit, of: question, into: UnsafeMutableBufferPointer(start: base, count: reasonsLength))
        count?.pointee = all  // not at once: where `count` is NULL, nothing to the right of "?.pointee =" is done
    }
}

@_cdecl("reco_model_matched_fields")
public func recoModelMatchedFields(
    _ model: OpaquePointer?, _ query: UnsafePointer<reco_query>?, _ hit: UnsafePointer<reco_hit>?,
    _ fields: UnsafeMutablePointer<reco_field>?, _ fieldsLength: Int, _ count: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        let (question, hit) = try asked(query, hit)
        guard fields != nil || fieldsLength == 0 else {
            throw argument("fields is NULL but its length is \(fieldsLength)")
        }
        guard fieldsLength >= 0 else { throw argument("fields_length is too large") }
        let all = try model.matchedFields(hit, of: question) { found in
            if let fields, let base = found.baseAddress {
                let size = min(found.count, fieldsLength) * MemoryLayout<RawField>.stride
                UnsafeMutableRawPointer(fields).copyMemory(from: base, byteCount: size)
            }
            return found.count
        }
        count?.pointee = all
    }
}

@_cdecl("reco_model_contributions")
public func recoModelContributions(
    _ model: OpaquePointer?, _ query: UnsafePointer<reco_query>?, _ hit: UnsafePointer<reco_hit>?,
    _ features: UnsafeMutablePointer<reco_feature>?, _ featuresLength: Int, _ count: UnsafeMutablePointer<Int>?,
    _ expected: UnsafeMutablePointer<Float>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        let (question, hit) = try asked(query, hit)
        guard featuresLength >= 0, features != nil || featuresLength == 0 else {
            throw argument("features is NULL but its length is \(featuresLength)")
        }
        let parts = try model.contributions(hit, of: question)
        parts?.features.withUnsafeBytes { found in
            guard let features, let base = found.baseAddress else { return }
            let size =
                min(found.count / MemoryLayout<RawFeature>.stride, featuresLength) * MemoryLayout<RawFeature>.stride
            UnsafeMutableRawPointer(features).copyMemory(from: base, byteCount: size)
        }
        count?.pointee = parts?.features.count ?? 0
        expected?.pointee = parts?.expected ?? 0
    }
}

/// A question and a hit of its answer, as the functions that explain hits get them.
private func asked(_ query: UnsafePointer<reco_query>?, _ hit: UnsafePointer<reco_hit>?) throws -> (Question, RawHit) {
    guard let query else { throw argument("query is NULL") }
    guard let hit else { throw argument("hit is NULL") }
    var known = reco_query()
    try copyStruct(
        UnsafeRawPointer(query), size: query.pointee.struct_size, earlier: queriesOfBefore, into: &known, "query")
    return (try question(known), UnsafeRawPointer(hit).assumingMemoryBound(to: RawHit.self).pointee)
}

/// The sizes of `reco_query` before it had a text, before it had expressions, and before it had a time.
private let queriesOfBefore = [
    MemoryLayout<reco_query>.offset(of: \.text) ?? 0, MemoryLayout<reco_query>.offset(of: \.filter) ?? 0,
    MemoryLayout<reco_query>.offset(of: \.time) ?? 0,
]

/// A caller's query as the engine's question, looked at but not interpreted.
private func question(_ query: reco_query) throws -> Question {
    guard query.flags & ~QueryOptions.all.rawValue == 0 else {
        throw argument("query.flags has a bit that this version of the library does not know")
    }
    guard query.reserved == 0, query.reserved_2 == 0 else { throw argument("query.reserved is not zero") }
    guard query.diversity >= 0, query.diversity <= 1 else { throw argument("query.diversity is not between 0 and 1") }
    var question = Question()
    question.options = QueryOptions(rawValue: query.flags)
    question.limit = Int(query.limit)
    question.user = try borrow(query.user, query.user_length, "query.user")
    question.session = PackedTexts(try borrow(query.session, query.session_length, "query.session"))
    question.sessionKinds = try borrow(query.session_kinds, count: query.session_kinds_count, "query.session_kinds")
    question.sessionAges = try borrow(query.session_ages, count: query.session_ages_count, "query.session_ages")
    let sessionCount = question.sessionKinds.isEmpty && question.sessionAges.isEmpty ? 0 : question.session.countTexts()
    guard question.sessionKinds.isEmpty || question.sessionKinds.count == sessionCount else {
        throw argument(
            "query.session_kinds has \(question.sessionKinds.count) entries for \(sessionCount) session items")
    }
    guard question.sessionAges.isEmpty || question.sessionAges.count == sessionCount else {
        throw argument("query.session_ages has \(question.sessionAges.count) entries for \(sessionCount) session items")
    }
    question.similarTo = PackedTexts(try borrow(query.similar_to, query.similar_to_length, "query.similar_to"))
    question.candidates = PackedTexts(try borrow(query.candidates, query.candidates_length, "query.candidates"))
    guard question.similarTo.isEmpty || question.candidates.isEmpty else {
        throw argument("query.similar_to and query.candidates cannot both be set")
    }
    let allow = try borrow(query.allow, query.allow_length, "query.allow")
    question.allow = query.allow == nil ? nil : PackedTexts(allow)
    question.deny = PackedTexts(try borrow(query.deny, query.deny_length, "query.deny"))
    question.text = try borrow(query.text, query.text_length, "query.text")
    question.filter = try borrow(query.filter, query.filter_length, "query.filter")
    question.boost = try borrow(query.boost, query.boost_length, "query.boost")
    let live = try borrow(query.live, count: query.live_count, "query.live")
    for column in live {
        _ = try borrow(column.name, column.name_length, "query.live.name")
        _ = try borrow(column.items, column.items_length, "query.live.items")
        _ = try borrow(column.values, count: column.values_count, "query.live.values")
    }
    question.live = UnsafeBufferPointer(
        start: UnsafeRawPointer(live.baseAddress)?.assumingMemoryBound(to: LiveValues.self), count: live.count)
    question.diversity = query.diversity
    question.caps = PackedTexts(try borrow(query.caps, query.caps_length, "query.caps"))
    question.time = query.time == 0 ? nil : query.time
    question.device = try borrow(query.device, query.device_length, "query.device")
    return question
}

@_cdecl("reco_model_item_ids")
public func recoModelItemIDs(
    _ model: OpaquePointer?, _ rows: UnsafePointer<UInt32>?, _ rowCount: Int, _ stride: Int,
    _ buffer: UnsafeMutableRawPointer?, _ bufferLength: Int, _ length: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        let rows = try StridedRows(rows, count: rowCount, stride: stride)
        var output = try PackedOutput(buffer, bufferLength)
        for index in 0..<rowCount {
            model.items.withID(of: rows[index]) { output.append($0) }
            output.endText()
        }
        try output.finish(length)
    }
}

@_cdecl("reco_model_item_rows")
public func recoModelItemRows(
    _ model: OpaquePointer?, _ ids: UnsafeRawPointer?, _ idsLength: Int, _ rows: UnsafeMutablePointer<UInt32>?,
    _ rowsLength: Int, _ count: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        let ids = PackedTexts(try borrow(ids, idsLength, "ids"))
        guard rowsLength >= 0, rows != nil || rowsLength == 0 else {
            throw argument("rows is NULL but its length is \(rowsLength)")
        }
        var found = 0
        for id in ids {
            if let rows, found < rowsLength { rows[found] = model.items.row(of: id) ?? RawHit.none }
            found += 1
        }
        count?.pointee = found
        guard found <= rowsLength else {
            throw RecoError(.bufferTooSmall, "rows has room for \(rowsLength); \(found) are needed")
        }
    }
}

@_cdecl("reco_model_item_attribute")
public func recoModelItemAttribute(
    _ model: OpaquePointer?, _ name: UnsafeRawPointer?, _ nameLength: Int, _ rows: UnsafePointer<UInt32>?,
    _ rowCount: Int, _ stride: Int, _ buffer: UnsafeMutableRawPointer?, _ bufferLength: Int,
    _ length: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let model = try models.find(model)
        let name = try text(name, nameLength, "name")
        guard let attribute = model.catalog.attribute(named: name) else {
            let names = model.catalog.attributes.map(\.name).joined(separator: ", ")
            throw argument("the model has no attribute \"\(name)\"; it has \(names.isEmpty ? "none" : names)")
        }
        let rows = try StridedRows(rows, count: rowCount, stride: stride)
        var output = try PackedOutput(buffer, bufferLength)
        for index in 0..<rowCount {
            model.catalog.append(attribute, row: rows[index]) { output.append($0) }
            output.endText()
        }
        try output.finish(length)
    }
}

/// Rows that stand `stride` bytes apart in the caller's memory.
private struct StridedRows {
    private let base: UnsafeRawPointer?
    private let stride: Int

    init(_ base: UnsafePointer<UInt32>?, count: Int, stride: Int) throws {
        guard count >= 0, base != nil || count == 0 else { throw argument("rows is NULL but its length is \(count)") }
        guard stride >= 4, stride % 4 == 0, stride <= 1 << 20, count <= Int.max / stride else {
            throw argument("stride is \(stride); rows stand a multiple of 4 bytes apart, 4 for a plain array")
        }
        self.base = base.map { UnsafeRawPointer($0) }
        self.stride = stride
    }

    /// The row at `index`, below the count that was checked.
    subscript(index: Int) -> Int { base.map { Int($0.load(fromByteOffset: index * stride, as: UInt32.self)) } ?? -1 }
}
