import Glibc
import Synchronization

/// Where the large arrays of training live: in memory up to a bound, and beyond it in files that have no name, whose pages
/// the system writes out and takes back as it needs to. What is computed does not depend on it.
///
/// Half of the bound is for arrays that are read in order (events, sparse matrices), which may go to files; the other half
/// for what has to stay (factors, dictionaries of ids), which is refused beyond the bound. One bound for the process; serving
/// knows nothing of it.
public enum WorkingMemory {
    private static let boundBytes = Atomic<Int>(0)  // 0: none
    private static let held = Atomic<Int>(0)  // bytes of large arrays in memory
    private static let filed = Atomic<Int>(0)  // bytes of large arrays in files
    private static let mostFiled = Atomic<Int>(0)
    /// Where files are made; set together with the bound, before there is more than one thread.
    private nonisolated(unsafe) static var folder = "."

    /// Smaller arrays are not worth a file, nor counting.
    private static let least = 1 << 20

    /// Bounds what follows. To be called before training, and not while it runs.
    ///
    /// - Parameter folder: on a disk with room for what does not fit: some 50 bytes an event.
    public static func setBound(_ bytes: Int, folder: String) {
        self.folder = folder
        boundBytes.store(bytes, ordering: .relaxed)
    }

    /// The bound in bytes; nil if there is none.
    public static var bound: Int? {
        let bytes = boundBytes.load(ordering: .relaxed)
        return bytes > 0 ? bytes : nil
    }

    /// What is to be said of a model that may take so much by a setting of its own, which the bound does not change: a model
    /// would become another one. Nil where it is not more than half of the bound.
    static func note(on model: String, gigabytes: Double) -> String? {
        guard let bound, gigabytes > Double(bound) / 2e9 else { return nil }
        let shown = (gigabytes * 100).rounded(.up) / 100
        return
            "\(model) may take \(shown) GB by \(model).memory, more than half of the bound of memory; a smaller setting gives another "
            + "model"
    }

    /// How many bytes of large arrays were in files at most.
    public static var mostInFiles: Int { mostFiled.load(ordering: .relaxed) }

    /// Counts memory that has to stay. Throws if the bound leaves no room for it. To be given back by `release`.
    static func claim(_ bytes: Int, for what: @autoclosure () -> String) throws {
        guard bytes >= least else { return }
        let all = held.wrappingAdd(bytes, ordering: .relaxed).newValue
        guard let bound, all > bound else { return }
        held.wrappingSubtract(bytes, ordering: .relaxed)
        func gigabytes(_ bytes: Int) -> Double { (Double(bytes) / 1e7).rounded(.up) / 100 }
        throw RecoError(
            .outOfMemory,
            "\(what()) takes \(gigabytes(bytes)) GB beside \(gigabytes(all - bytes)) GB that are taken already, and the bound of "
                + "memory is \(gigabytes(bound)) GB")
    }

    static func release(_ bytes: Int) {
        if bytes >= least { held.wrappingSubtract(bytes, ordering: .relaxed) }
    }

    /// A piece of memory that can grow. Its owner frees it.
    struct Block {
        private(set) var base: UnsafeMutableRawPointer?
        private(set) var capacity = 0  // bytes
        private var descriptor: Int32 = -1

        init() {}

        /// Makes room for so many bytes and keeps what is there. New pages cost nothing until they are written.
        mutating func grow(to bytes: Int) throws {
            guard bytes > capacity else { return }
            if descriptor >= 0 { return try growFile(to: bytes) }
            if bytes >= WorkingMemory.least, let bound = WorkingMemory.bound,
                WorkingMemory.held.load(ordering: .relaxed) + bytes - counted(capacity) > bound / 2
            {
                return try moveToFile(bytes)
            }
            guard let moved = realloc(base, bytes) else {
                throw RecoError(.outOfMemory, "no memory for an array of \(bytes) bytes")
            }
            WorkingMemory.held.wrappingAdd(counted(bytes) - counted(capacity), ordering: .relaxed)
            (base, capacity) = (moved, bytes)
        }

        private func counted(_ bytes: Int) -> Int { bytes >= WorkingMemory.least ? bytes : 0 }

        private mutating func moveToFile(_ bytes: Int) throws {
            var file = Block()
            var template = Array("\(WorkingMemory.folder)/.reco-memory.XXXXXX".utf8CString)
            file.descriptor = mkstemp(&template)
            guard file.descriptor >= 0 else {
                throw RecoError.system(
                    "cannot make a file in \(WorkingMemory.folder) for what exceeds the bound of memory")
            }
            unlink(template)  // gone when the process is, however it ends
            do { try file.growFile(to: bytes) } catch {
                close(file.descriptor)
                throw error
            }
            if let base, let to = file.base { to.copyMemory(from: base, byteCount: capacity) }
            free()
            self = file
        }

        private mutating func growFile(to bytes: Int) throws {
            let failure =
                "cannot keep \(bytes) bytes in a file in \(WorkingMemory.folder), which exceed the bound of memory"
            // Room on the disk now, or a full one would be the end of the process when a page is written.
            let status = posix_fallocate(descriptor, 0, bytes)
            guard status == 0 else {
                errno = status
                throw RecoError.system(failure)
            }
            // A second view of the same file, before the first goes: Swift cannot call mremap, which is variadic.
            let moved = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
            guard let moved, moved != MAP_FAILED else { throw RecoError.system(failure) }
            if let base { munmap(base, capacity) }
            let filed = WorkingMemory.filed.wrappingAdd(bytes - capacity, ordering: .relaxed).newValue
            WorkingMemory.mostFiled.max(filed, ordering: .relaxed)
            (base, capacity) = (moved, bytes)
        }

        mutating func free() {
            if descriptor >= 0 {
                if let base { munmap(base, capacity) }
                close(descriptor)
                WorkingMemory.filed.wrappingSubtract(capacity, ordering: .relaxed)
            } else {
                Glibc.free(base)
                WorkingMemory.held.wrappingSubtract(counted(capacity), ordering: .relaxed)
            }
            self = Block()
        }
    }
}
