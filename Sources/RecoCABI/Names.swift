import RecoKit

/// A text that never moves and is never freed.
private func constant(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

@_cdecl("reco_version")
public func recoVersionText() -> UnsafePointer<CChar> { constant(recoVersion) }

@_cdecl("reco_source_name")
public func recoSourceName(_ source: UInt32) -> UnsafePointer<CChar> {
    constant(SourceCode(rawValue: UInt16(exactly: source) ?? 0).name)
}

@_cdecl("reco_rung_name")
public func recoRungName(_ rung: UInt32) -> UnsafePointer<CChar> {
    constant((Rung(rawValue: UInt16(exactly: rung) ?? 0) ?? .none).name)
}
