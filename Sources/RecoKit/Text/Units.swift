/// Units of measure that shops write in several ways: "12 inch", "12in" and 12" are one thing.
enum Units {
    /// The short form of a unit's name, or nil if a word is none. Looked up only for a word behind a number.
    static func short(_ word: UnsafeBufferPointer<UInt8>) -> StaticString? {
        guard word.count <= 12 else { return nil }
        return switch String(decoding: word, as: UTF8.self) {
        case "in", "inch", "inches", "zoll", "pouces", "pulgadas", "pollici", "polegadas": "in"
        case "ft", "foot", "feet": "ft"
        case "yd", "yard", "yards": "yd"
        case "mm", "millimeter", "millimeters": "mm"
        case "cm", "centimeter", "centimeters", "centimetre", "centimetres": "cm"
        case "m", "meter", "meters", "metre", "metres", "metri", "metros": "m"
        case "ml", "milliliter", "milliliters": "ml"
        case "cl": "cl"
        case "l", "liter", "liters", "litre", "litres", "litri", "litros": "l"
        case "oz", "ounce", "ounces": "oz"
        case "gal", "gallon", "gallons": "gal"
        case "qt", "quart", "quarts": "qt"
        case "mg": "mg"
        case "g", "gr", "gram", "grams", "gramm", "gramme", "grammes", "gramos", "grammi": "g"
        case "kg", "kilo", "kilos", "kilogram", "kilograms": "kg"
        case "lb", "lbs", "pound", "pounds": "lb"
        case "mb", "megabyte", "megabytes": "mb"
        case "gb", "gigabyte", "gigabytes": "gb"
        case "tb", "terabyte", "terabytes": "tb"
        case "mah": "mah"
        case "w", "watt", "watts": "w"
        case "v", "volt", "volts": "v"
        case "hz", "hertz": "hz"
        case "mhz": "mhz"
        case "ghz": "ghz"
        case "ct", "count": "ct"
        case "pk", "pack", "packs": "pk"
        case "pc", "pcs", "piece", "pieces": "pc"
        default: nil
        }
    }
}
