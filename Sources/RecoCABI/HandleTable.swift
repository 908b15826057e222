import RecoKit

/// Handles that callers hold are numbers, never addresses: a place in a table and a generation, which changes when the
/// place is given to somebody else. A handle that is made up, stale or of another kind is found out.
///
///     bits 0 ... 3    kind of handle
///     bits 4 ... 23   place + 1
///     bits 24 ... 62  generation
final class HandleTable<Object: AnyObject>: @unchecked Sendable {
    private struct Place {
        var generation: UInt
        var object: Object?
    }

    private static var capacity: Int { (1 << 20) - 1 }

    private let kind: UInt
    private var places: [Place] = []  // under ProcessLock
    private var free: [Int] = []

    init(kind: UInt) { self.kind = kind }

    func insert(_ object: Object) throws -> OpaquePointer {
        let handle: OpaquePointer? = ProcessLock.hold {
            let place: Int
            if let last = free.popLast() {
                place = last
            } else {
                guard places.count < Self.capacity else { return nil }
                place = places.count
                places.append(Place(generation: 0, object: nil))
            }
            places[place].generation = (places[place].generation &+ 1) & 0x7F_FFFF_FFFF
            places[place].object = object
            return OpaquePointer(bitPattern: places[place].generation << 24 | UInt(place + 1) << 4 | kind)
        }
        guard let handle else { throw RecoError(.outOfMemory, "more than a million handles are open") }
        return handle
    }

    func find(_ handle: OpaquePointer?) throws -> Object {
        let object: Object? = ProcessLock.hold { place(of: handle).flatMap { places[$0].object } }
        guard let object else { throw Self.unknown }
        return object
    }

    /// Takes the object out; the handle is stale from now on.
    func remove(_ handle: OpaquePointer?) throws -> Object {
        let object: Object? = ProcessLock.hold {
            guard let place = place(of: handle) else { return nil }
            let object = places[place].object
            places[place].object = nil
            free.append(place)
            return object
        }
        guard let object else { throw Self.unknown }
        return object
    }

    private func place(of handle: OpaquePointer?) -> Int? {
        let bits = UInt(bitPattern: handle)
        let place = Int(truncatingIfNeeded: (bits >> 4) & 0xF_FFFF) - 1
        guard bits & 0xF == kind, place >= 0, place < places.count, places[place].generation == bits >> 24,
            places[place].object != nil
        else { return nil }
        return place
    }

    private static var unknown: RecoError {
        RecoError(.invalidHandle, "the handle is not open: it is NULL, was closed, or never was one")
    }
}
