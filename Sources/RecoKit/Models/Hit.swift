/// How personal a hit is. The numbers are those of `reco_rung` in `reco.h`.
public enum Rung: UInt16, Sendable, CaseIterable {
    case none = 0
    case personal, session, similar, category, popular, matching

    public var name: StaticString {
        switch self {
        case .none: "none"
        case .personal: "personal"
        case .session: "session"
        case .similar: "similar"
        case .category: "category"
        case .popular: "popular"
        case .matching: "matching"
        }
    }
}

/// One hit of an answer, laid out as `reco_hit` in `reco.h`.
package struct RawHit: BitwiseCopyable {
    package var row: UInt32
    package var score: Float
    package var source: UInt16
    package var rung: UInt16
    package var position: UInt32

    /// The row of an id that the model does not know, and the position of a hit that is no candidate.
    package static let none: UInt32 = 0x7FFF_FFFF
}
