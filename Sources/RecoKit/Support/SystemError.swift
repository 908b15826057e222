import Glibc

extension RecoError {
    /// Wraps `errno` after a failed system call: "cannot open shop.reco: No such file or directory".
    public static func system(_ doing: String, _ number: Int32 = errno) -> RecoError {
        // glibc's strerror is safe to call from several threads since 2.32.
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return RecoError(.system, "\(doing): \(reason)", systemError: number)
    }
}
