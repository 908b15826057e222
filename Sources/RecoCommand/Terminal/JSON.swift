/// A JSON value to be printed; objects keep their order.
enum JSON {
    case string(String)
    case integer(Int)
    case number(Double)
    case float(Float)
    case bool(Bool)
    case null
    case array([JSON])
    case object([(String, JSON)])

    /// On one line.
    var text: String {
        var result = ""
        write(to: &result)
        return result
    }

    private func write(to result: inout String) {
        switch self {
        case .string(let text): Self.quote(text, to: &result)
        case .integer(let value): result += String(value)
        case .number(let value): result += value.isFinite ? "\(value)" : "null"
        case .float(let value): result += value.isFinite ? "\(value)" : "null"
        case .bool(let value): result += value ? "true" : "false"
        case .null: result += "null"
        case .array(let values):
            result += "["
            for (index, value) in values.enumerated() {
                if index > 0 { result += "," }
                value.write(to: &result)
            }
            result += "]"
        case .object(let members):
            result += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { result += "," }
                Self.quote(member.0, to: &result)
                result += ":"
                member.1.write(to: &result)
            }
            result += "}"
        }
    }

    private static func quote(_ text: String, to result: inout String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }
}
