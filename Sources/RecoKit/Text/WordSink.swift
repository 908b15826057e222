/// A word that a tokeniser found.
struct Word {
    /// What it is within its text.
    enum Form {
        /// A word as it stands.
        case whole
        /// A piece of one: "usb" of "usb-c", "500" of "500ml".
        case part
        /// Pieces put together, whichever way they were written: "usbc", "12in".
        case joined
    }

    /// Lower case, UTF-8, valid during the call that hands it out.
    let bytes: UnsafeBufferPointer<UInt8>
    let form: Form
    /// Whether digits are in it: then it has no endings, and a digit that differs is no typing mistake.
    let hasDigits: Bool
    /// Whether all of it is ASCII.
    let isASCII: Bool
    /// Number of the written word that it comes from, counted from 0.
    let place: Int
}
