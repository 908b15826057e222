import CReco
import RecoKit
import Synchronization

/// A trainer and whether a thread is inside it.
final class TrainerCell: Sendable {
    private let trainer = Trainer()
    private let busy = Atomic<Bool>(false)

    func use<Result>(_ body: (Trainer) throws -> Result) throws -> Result {
        guard busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            throw RecoError(.invalidHandle, "the trainer is in use by another thread")
        }
        defer { busy.store(false, ordering: .releasing) }
        return try body(trainer)
    }
}

let trainers = HandleTable<TrainerCell>(kind: 2)

@_cdecl("reco_trainer_new")
public func recoTrainerNew(
    _ trainer: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        guard let trainer else { throw argument("trainer is NULL") }
        trainer.pointee = nil
        trainer.pointee = try trainers.insert(TrainerCell())
    }
}

@_cdecl("reco_trainer_free")
public func recoTrainerFree(_ trainer: OpaquePointer?) -> Int32 {
    report(to: nil) { if trainer != nil { _ = try trainers.remove(trainer) } }
}

@_cdecl("reco_trainer_set")
public func recoTrainerSet(
    _ trainer: OpaquePointer?, _ name: UnsafeRawPointer?, _ nameLength: Int, _ value: UnsafeRawPointer?,
    _ valueLength: Int, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        try trainers.find(trainer).use {
            try $0.set(text(name, nameLength, "name"), to: text(value, valueLength, "value"))
        }
    }
}

@_cdecl("reco_trainer_add_events")
public func recoTrainerAddEvents(
    _ trainer: OpaquePointer?, _ events: UnsafePointer<reco_events>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        try trainers.find(trainer).use { trainer in
            guard let events else { throw argument("events is NULL") }
            var copy = reco_events()
            let ofBefore = [
                MemoryLayout<reco_events>.offset(of: \.baskets) ?? 0,
                MemoryLayout<reco_events>.offset(of: \.devices) ?? 0,
            ]
            try copyStruct(
                events, size: UnsafeRawPointer(events).load(as: UInt32.self), earlier: ofBefore, into: &copy, "events")
            try EventColumns(copy).add(to: trainer.log)
        }
    }
}

@_cdecl("reco_trainer_add_searches")
public func recoTrainerAddSearches(
    _ trainer: OpaquePointer?, _ searches: UnsafePointer<reco_searches>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        try trainers.find(trainer).use { trainer in
            guard let searches else { throw argument("searches is NULL") }
            var copy = reco_searches()
            try copyStruct(
                searches, size: UnsafeRawPointer(searches).load(as: UInt32.self),
                earlier: [MemoryLayout<reco_searches>.offset(of: \.times) ?? 0], into: &copy, "searches")
            guard copy.reserved == 0 else { throw argument("searches.reserved is not zero") }
            let texts = PackedTexts(try borrow(copy.texts, copy.texts_length, "searches.texts"))
            let items = PackedTexts(try borrow(copy.items, copy.items_length, "searches.items"))
            let users = PackedTexts(try borrow(copy.users, copy.users_length, "searches.users"))
            for (name, column) in [("texts", texts), ("items", items), ("users", users)] {
                let count = column.countTexts()
                if name == "users", copy.users == nil { continue }
                guard count == copy.count else {
                    throw argument("searches.\(name) has \(count) entries, not \(copy.count)")
                }
            }
            let times = try borrow(copy.times, count: copy.times_count, "searches.times")
            guard copy.times == nil || times.count == copy.count else {
                throw argument("searches.times has \(times.count) entries, not \(copy.count)")
            }
            try checkTimes(times, "search")
            try checkIDs(items, "item")
            var names = users.makeIterator()
            for (index, (text, item)) in zip(texts, items).enumerated() {
                let user = names.next() ?? PackedTexts.none.bytes
                let time = times.isEmpty ? EventLog.noTime : times[index]
                try trainer.searches.append(text, item: item, user: user, time: time)
            }
        }
    }
}

@_cdecl("reco_trainer_add_attribute")
public func recoTrainerAddAttribute(
    _ trainer: OpaquePointer?, _ name: UnsafeRawPointer?, _ nameLength: Int, _ items: UnsafeRawPointer?,
    _ itemsLength: Int, _ values: UnsafeRawPointer?, _ valuesLength: Int, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        try trainers.find(trainer).use { trainer in
            let name = try text(name, nameLength, "name")
            let items = PackedTexts(try borrow(items, itemsLength, "items"))
            let values = PackedTexts(try borrow(values, valuesLength, "values"))
            let (itemCount, valueCount) = (items.countTexts(), values.countTexts())
            guard itemCount == valueCount else {
                throw argument("there are \(itemCount) items but \(valueCount) values")
            }
            try checkIDs(items, "item")
            for (index, value) in values.enumerated() where String(validating: value, as: UTF8.self) == nil {
                throw RecoError(.badData, "value \(index) of attribute \(name) is not valid UTF-8")
            }
            let attribute = try trainer.catalog.attribute(named: name)
            for (item, value) in zip(items, values) {
                trainer.catalog.set(attribute, row: try trainer.log.items.row(for: item), to: value)
            }
        }
    }
}

@_cdecl("reco_trainer_train")
public func recoTrainerTrain(_ trainer: OpaquePointer?, _ error: UnsafeMutablePointer<reco_error>?) -> Int32 {
    report(to: error) { try trainers.find(trainer).use { try $0.train() } }
}

@_cdecl("reco_trainer_notes")
public func recoTrainerNotes(
    _ trainer: OpaquePointer?, _ buffer: UnsafeMutableRawPointer?, _ bufferLength: Int,
    _ length: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        try trainers.find(trainer).use { trainer in
            var output = try PackedOutput(buffer, bufferLength)
            for var note in trainer.notes {
                note.withUTF8 { output.append($0) }
                output.endText()
            }
            try output.finish(length)
        }
    }
}

@_cdecl("reco_trainer_save")
public func recoTrainerSave(
    _ trainer: OpaquePointer?, _ path: UnsafeRawPointer?, _ pathLength: Int, _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) { try trainers.find(trainer).use { try $0.save(text(path, pathLength, "path")) } }
}

@_cdecl("reco_trainer_open_model")
public func recoTrainerOpenModel(
    _ trainer: OpaquePointer?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<reco_error>?
) -> Int32 {
    report(to: error) {
        let cell = try trainers.find(trainer)
        guard let model else { throw argument("model is NULL") }
        model.pointee = nil
        model.pointee = try models.insert(cell.use { try $0.model() })
    }
}

/// Checks every id, so that a bad one is found before anything is added.
private func checkIDs(_ ids: PackedTexts, _ what: StaticString) throws {
    for (index, id) in ids.enumerated() {
        if let problem = IDText.problem(id) { throw RecoError(.badData, "\(what) \(index) cannot be used: \(problem)") }
    }
}

private func checkTimes(_ times: UnsafeBufferPointer<Int64>, _ what: StaticString) throws {
    if let bad = times.firstIndex(where: { $0 != EventLog.noTime && !EventLog.times.contains($0) }) {
        throw RecoError(.badData, "the time of \(what) \(bad) does not lie within 1900 and 2100")
    }
}

/// The columns of `reco_events`, checked.
private struct EventColumns {
    private let users: PackedTexts
    private let items: PackedTexts
    private let kinds: PackedTexts?
    private let weights: UnsafeBufferPointer<Float>
    private let times: UnsafeBufferPointer<Int64>
    private let baskets: PackedTexts?
    private let devices: PackedTexts?

    init(_ events: reco_events) throws {
        guard events.reserved == 0 else { throw argument("events.reserved is not zero") }
        users = PackedTexts(try borrow(events.users, events.users_length, "events.users"))
        items = PackedTexts(try borrow(events.items, events.items_length, "events.items"))
        let names = PackedTexts(try borrow(events.kinds, events.kinds_length, "events.kinds"))
        kinds = events.kinds == nil ? nil : names
        weights = try borrow(events.weights, count: events.weights_count, "events.weights")
        times = try borrow(events.times, count: events.times_count, "events.times")
        let basketIDs = PackedTexts(try borrow(events.baskets, events.baskets_length, "events.baskets"))
        baskets = events.baskets == nil ? nil : basketIDs
        let deviceNames = PackedTexts(try borrow(events.devices, events.devices_length, "events.devices"))
        devices = events.devices == nil ? nil : deviceNames
        func check(_ found: Int, _ name: StaticString) throws {
            guard found == events.count else {
                throw argument("events.\(name) has \(found) entries where events.count says \(events.count)")
            }
        }
        try check(users.countTexts(), "users")
        try check(items.countTexts(), "items")
        if let kinds { try check(kinds.countTexts(), "kinds") }
        if events.weights != nil { try check(weights.count, "weights") }
        if events.times != nil { try check(times.count, "times") }
        if let baskets { try check(baskets.countTexts(), "baskets") }
        if let devices { try check(devices.countTexts(), "devices") }
        try checkIDs(users, "user")
        try checkIDs(items, "item")
        for (index, basket) in (baskets ?? .none).enumerated() where !basket.isEmpty {
            if let problem = IDText.problem(basket) {
                throw RecoError(.badData, "basket \(index) cannot be used: \(problem)")
            }
        }
        if let bad = weights.firstIndex(where: { !$0.isFinite }) {
            throw RecoError(.badData, "the weight of event \(bad) is not a finite number")
        }
        try checkTimes(times, "event")
    }

    func add(to log: EventLog) throws {
        var codes: [UInt8] = []
        for (index, kind) in (kinds ?? .none).enumerated() {
            let name = String(decoding: kind, as: UTF8.self)
            guard let code = log.kinds.code(named: name) else {
                throw RecoError(
                    .badData, "event \(index) is of the unknown kind \"\(name)\"; set weight.\(name) to use it")
            }
            codes.append(code)
        }
        var names = (baskets ?? .none).makeIterator()
        var used = (devices ?? .none).makeIterator()
        for (index, (user, item)) in zip(users, items).enumerated() {
            let name = names.next()
            try log.append(
                user: log.users.row(for: user), item: log.items.row(for: item),
                kind: kinds == nil ? EventKinds.interaction : codes[index],
                weight: weights.isEmpty ? 1 : weights[index],
                time: times.isEmpty ? EventLog.noTime : times[index],
                basket: name.flatMap { $0.isEmpty ? nil : try log.baskets.row(for: $0) } ?? EventLog.noBasket,
                device: used.next().map { log.deviceCode(named: String(decoding: $0, as: UTF8.self)) } ?? 0)
        }
    }
}
