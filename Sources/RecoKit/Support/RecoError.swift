/// What went wrong: a code a caller can act on, and one sentence for a person.
///
/// New codes may be added; a `switch` over codes keeps a default.
public struct RecoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that a caller can tell apart. The numbers are those of `reco_status` in `reco.h`.
    public struct Code: RawRepresentable, Sendable, Hashable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// An argument is missing, out of range or contradicts another.
        public static let invalidArgument = Code(rawValue: 1)
        /// The handle was never given out, is closed already, or is in use by another thread.
        public static let invalidHandle = Code(rawValue: 2)
        /// The operating system refused: no such file, no permission, disk full (see `systemError`).
        public static let system = Code(rawValue: 3)
        /// The file is no model, is cut short, or has been altered.
        public static let damaged = Code(rawValue: 4)
        /// The model was written by a newer format version than this library reads.
        public static let newerVersion = Code(rawValue: 5)
        /// The caller's buffer is too small; the size needed is reported beside it.
        public static let bufferTooSmall = Code(rawValue: 6)
        /// The data cannot be trained on: no events, no column of that name, a value that is no number.
        public static let badData = Code(rawValue: 7)
        /// Calls came in an order that makes no sense, such as saving before training.
        public static let wrongOrder = Code(rawValue: 8)
        /// The model has no part that could answer this question.
        public static let unsupported = Code(rawValue: 9)
        /// The work was cancelled by the caller.
        public static let cancelled = Code(rawValue: 10)
        /// Memory could not be had.
        public static let outOfMemory = Code(rawValue: 11)
    }

    public let code: Code
    public let message: String
    /// `errno` of the system call that failed, or 0.
    public let systemError: Int32

    public init(_ code: Code, _ message: String, systemError: Int32 = 0) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    public var description: String { message }
}
