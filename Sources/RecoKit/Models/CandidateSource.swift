/// A trained model as the pipeline sees it: it proposes items and scores given ones.
///
/// Implementations read their own sections, allocate nothing but from `Scratch`, take no lock and cannot trap,
/// whatever the file holds: `Column` never reads outside, arithmetic on values of the file wraps, conversions check.
protocol CandidateSource: Sendable {
    static var code: SourceCode { get }

    /// Offers `selection` the best items for a profile. False if it knows nothing about this profile; then nothing
    /// was offered. Items in the profile may be offered: hiding them is up to the selection.
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool

    /// Scores given items, on the same scale as `propose`. `scores[i]` belongs to `rows[i]`. False if it knows nothing
    /// about this profile.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool

    /// Offers items similar to all of `items` together. False if it knows nothing about them.
    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool
}

/// Which model a hit comes from. Numbers are for ever: they cross the C interface.
public struct SourceCode: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let none = SourceCode(rawValue: 0)
    public static let popularity = SourceCode(rawValue: 1)
    public static let itemKNN = SourceCode(rawValue: 2)
    public static let als = SourceCode(rawValue: 3)
    public static let svd = SourceCode(rawValue: 4)
    public static let rp3beta = SourceCode(rawValue: 5)
    public static let ease = SourceCode(rawValue: 6)
    public static let gfCF = SourceCode(rawValue: 7)

    static let names: [StaticString] = ["none", "popularity", "item-knn", "als", "svd", "rp3beta", "ease", "gf-cf"]

    public var name: StaticString { Int(rawValue) < Self.names.count ? Self.names[Int(rawValue)] : Self.names[0] }
}
