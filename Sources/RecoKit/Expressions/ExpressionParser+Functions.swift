/// The functions of the language.
private enum Function: CaseIterable {
    case abs, exp, log, sqrt, pow, min, max, clamp, `if`, coalesce, has, tag, startsWith

    var name: StaticString {
        switch self {
        case .abs: "abs"
        case .exp: "exp"
        case .log: "log"
        case .sqrt: "sqrt"
        case .pow: "pow"
        case .min: "min"
        case .max: "max"
        case .clamp: "clamp"
        case .if: "if"
        case .coalesce: "coalesce"
        case .has: "has"
        case .tag: "tag"
        case .startsWith: "starts_with"
        }
    }

    var use: StaticString {
        switch self {
        case .abs: "abs(x)"
        case .exp: "exp(x)"
        case .log: "log(x)"
        case .sqrt: "sqrt(x)"
        case .pow: "pow(x, exponent)"
        case .min: "min(x, y, ...)"
        case .max: "max(x, y, ...)"
        case .clamp: "clamp(x, low, high)"
        case .if: "if(condition, x, otherwise)"
        case .coalesce: "coalesce(x, instead, ...)"
        case .has: "has(attribute)"
        case .tag: "tag(\"name\") or tag(attribute, \"name\")"
        case .startsWith: "starts_with(attribute, \"text\")"
        }
    }
}

extension ExpressionParser {
    /// A function, whose name has been read; the opening parenthesis comes next.
    mutating func call(_ start: ExpressionLexer.Token) throws -> Expression.Operand {
        let word = UnsafeBufferPointer(rebasing: lexer.source[start.start..<start.end])
        guard let function = Function.allCases.first(where: { ExpressionLexer.spells(word, $0.name) }) else {
            let names = Function.allCases.map { "\($0.name)" }
            let name = String(decoding: word, as: UTF8.self)
            let end =
                nearest(to: name, among: names).map { "; did you mean \($0)?" }
                ?? "; functions are \(names.joined(separator: ", "))"
            throw lexer.problem(start.start, "there is no function \(ExpressionLexer.shown(word))\(end)")
        }
        try advance()
        switch function {
        case .abs: return try one(.absolute, function)
        case .exp: return try one(.exponential, function)
        case .log: return try one(.logarithm, function)
        case .sqrt: return try one(.root, function)
        case .pow:
            let x = try number(try argument(function))
            try comma(function)
            return try end(try emit(.power, x, try number(try argument(function))), function)
        case .min: return try several(.minimum, function)
        case .max: return try several(.maximum, function)
        case .coalesce: return try several(.coalesce, function)
        case .clamp:
            var x = try number(try argument(function))
            try comma(function)
            x = try emit(.maximum, x, try number(try argument(function)))
            try comma(function)
            return try end(try emit(.minimum, x, try number(try argument(function))), function)
        case .if:
            let condition = try truth(try argument(function))
            try comma(function)
            let x = try number(try argument(function))
            try comma(function)
            return try end(try emit(.choose, x, try number(try argument(function)), condition), function)
        case .has:
            let value = try argument(function)
            switch value.form {
            case .attribute: return try end(try emit(.hasNumber, value), function)
            case .texts: return try end(try emit(.hasText, value), function)
            case .tags: return try end(try emit(.hasTags, value), function)
            default: throw problem(at: value, "has() takes the name of an attribute")
            }
        case .tag: return try end(try tag(), function)
        case .startsWith:
            let text = try argument(function)
            guard text.form == .texts else {
                throw problem(at: text, "starts_with() takes the name of a text or a category first")
            }
            try comma(function)
            return try end(try emit(.beginsWith, text, try constant(function)), function)
        }
    }

    private mutating func one(_ operation: Expression.Operation, _ function: Function) throws -> Expression.Operand {
        try end(try emit(operation, try number(try argument(function))), function)
    }

    /// Two arguments or more, taken together from the left.
    private mutating func several(_ operation: Expression.Operation, _ function: Function) throws -> Expression.Operand
    {
        var result = try number(try argument(function))
        try comma(function)
        result = try emit(operation, result, try number(try argument(function)))
        while token.kind == .comma {
            try advance()
            result = try emit(operation, result, try number(try argument(function)))
        }
        return try end(result, function)
    }

    private mutating func tag() throws -> Expression.Operand {
        var tags: Expression.Operand
        if token.kind == .text {
            let all = catalog.attributes.filter { $0.kind == .tags }
            guard let attribute = all.first(where: { $0.name == "tags" }) ?? (all.count == 1 ? all[0] : nil) else {
                throw problem(
                    all.isEmpty
                        ? "the model has no tags" : "say which: tag(\(all[0].name), \"name\"), for none is called tags")
            }
            tags = Expression.Operand(form: .tags, index: try view(attribute))
        } else {
            tags = try argument(.tag)
            guard tags.form == .tags else {
                throw problem(at: tags, "tag() takes the name of an attribute of tags first")
            }
            try comma(.tag)
        }
        let name = try constant(.tag)
        return try emit(.tagIs, tags, .init(form: .code, index: Int32(bitPattern: view(tags).code(of: bytes(name)))))
    }

    // MARK: Arguments

    private mutating func argument(_ function: Function) throws -> Expression.Operand {
        if token.kind == .close || token.kind == .comma { throw problem("an argument is missing: \(function.use)") }
        return try expression(0)
    }

    /// A text in quotes.
    private mutating func constant(_ function: Function) throws -> Expression.Operand {
        guard token.kind == .text else { throw problem("a text in quotes is expected here: \(function.use)") }
        return try text()
    }

    private mutating func comma(_ function: Function) throws {
        guard token.kind == .comma else {
            throw problem(
                token.kind == .close
                    ? "an argument is missing: \(function.use)"
                    : "a comma is expected before \(lexer.shown(token)): \(function.use)")
        }
        try advance()
    }

    private mutating func end(_ value: Expression.Operand, _ function: Function) throws -> Expression.Operand {
        if token.kind == .comma { throw problem("there is an argument too many: \(function.use)") }
        try close()
        return value
    }
}
