extension ExpressionParser {
    // MARK: Texts

    /// The bytes between quotes, with doubled quotes made single, in the expression's own memory.
    private mutating func unquoted(_ token: ExpressionLexer.Token) -> UnsafeBufferPointer<UInt8> {
        let start = textCount
        let quote = lexer.source[token.start]
        var at = token.start + 1
        while at < token.end - 1 {
            if lexer.source[at] == quote { at += 1 }
            texts[textCount] = lexer.source[at]
            textCount += 1
            at += 1
        }
        return UnsafeBufferPointer(start: texts + start, count: textCount - start)
    }

    /// The text that comes next.
    mutating func text() throws -> Expression.Operand {
        let start = token
        let bytes = unquoted(start)
        guard !bytes.isEmpty else {
            throw problem("an empty text is no value; write not has(name) for items without one")
        }
        try advance()
        return at(
            start, Expression.Operand(form: .text, index: Int32(textCount - bytes.count), count: Int32(bytes.count)))
    }

    func bytes(_ text: Expression.Operand) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: texts + Int(text.index), count: Int(text.count))
    }

    /// The code that a text has in a category; nil if the other side is none.
    func code(of text: Expression.Operand, for category: Expression.Operand) -> Expression.Operand? {
        guard category.form == .texts, view(category).kind == .category else { return nil }
        return Expression.Operand(form: .code, index: Int32(bitPattern: view(category).code(of: bytes(text))))
    }

    // MARK: Lists

    /// What comes after `in`: a list for a number or a text, an attribute of tags for a text.
    mutating func membership(_ left: Expression.Operand) throws -> Expression.Operand {
        if Self.type(of: left) == .truth { throw problem(at: left, "a condition is in no list") }
        guard token.kind == .open else {
            let start = token
            guard left.form == .text, token.kind == .name || token.kind == .quotedName else {
                throw problem("a list in parentheses is expected after in")
            }
            try advance()
            let tags = at(start, try name(start))
            guard tags.form == .tags else { throw problem(at: tags, "what follows in is neither a list nor tags") }
            let code = Expression.Operand(form: .code, index: Int32(bitPattern: view(tags).code(of: bytes(left))))
            return try emit(.tagIs, tags, code)
        }
        try advance()
        if left.form == .tags { return try emit(.tagIn, left, try list(of: left)) }
        if Self.type(of: left) == .number { return try emit(.numberIn, left, try list(of: left)) }
        let isCategory = left.form == .texts && view(left).kind == .category
        return try emit(isCategory ? .codeIn : .textIn, left, try list(of: left))
    }

    /// The entries up to the closing parenthesis, in ascending order.
    private mutating func list(of left: Expression.Operand) throws -> Expression.Operand {
        let first = listCount
        let isNumber = Self.type(of: left) == .number
        let hasCodes = left.form == .tags || (left.form == .texts && view(left).kind == .category)
        while token.kind != .close {
            if isNumber {
                let sign = token.kind == .minus ? -1.0 : 1
                if token.kind == .minus { try advance() }
                guard token.kind == .number else {
                    throw problem("a number is expected in this list, not \(lexer.shown(token))")
                }
                lists[listCount] = (sign * token.number + 0).bitPattern  // one zero
                listCount += 1
                try advance()
            } else {
                guard token.kind == .text else {
                    throw problem("a text in quotes is expected in this list, not \(lexer.shown(token))")
                }
                let text = try text()
                if !hasCodes {
                    lists[listCount] = UInt64(UInt32(text.index)) << 32 | UInt64(UInt32(text.count))
                    listCount += 1
                } else {
                    let code = view(left).code(of: bytes(text))
                    if code != 0 {
                        lists[listCount] = UInt64(code)
                        listCount += 1
                    }
                }
            }
            if token.kind == .close { break }
            guard token.kind == .comma else {
                throw problem(
                    token.kind == .end
                        ? "the list is not closed by \")\"" : "a comma is expected before \(lexer.shown(token))")
            }
            try advance()
        }
        try advance()
        var entries = UnsafeMutableBufferPointer(start: lists + first, count: listCount - first)
        if isNumber {
            entries.sort { Double(bitPattern: $0) < Double(bitPattern: $1) }
        } else if hasCodes {
            entries.sort()
        } else {
            let texts = texts
            entries.sort { compareBytes(Expression.text($0, texts), Expression.text($1, texts)) < 0 }
        }
        return Expression.Operand(form: .list, index: Int32(first), count: Int32(entries.count))
    }

    // MARK: Names

    /// What a name stands for: the score, a live value, an attribute.
    mutating func name(_ start: ExpressionLexer.Token) throws -> Expression.Operand {
        let source = UnsafeBufferPointer(rebasing: lexer.source[start.start..<start.end])
        let bytes = start.kind == .quotedName ? unquoted(start) : source
        if start.kind == .name {
            let isScore = ExpressionLexer.spells(bytes, "score")
            if isScore || ExpressionLexer.spells(bytes, "rank"), purpose == .boost {
                return Expression.Operand(form: isScore ? .score : .rank)
            }
        }
        let attribute = catalog.attributes.first { $0.name.utf8.elementsEqual(bytes) }
        for (place, live) in liveNames.enumerated() where sameBytes(live.name, bytes) {
            usedLive |= 1 << UInt64(place)
            return Expression.Operand(
                form: .attribute, live: Int8(truncatingIfNeeded: place), index: try attribute.map { try view($0) } ?? -1
            )
        }
        guard let attribute else { throw unknown(start, bytes) }
        let form: Expression.Operand.Form =
            switch attribute.kind {
            case .number: .attribute
            case .text, .category: .texts
            case .tags: .tags
            }
        return Expression.Operand(form: form, index: try view(attribute))
    }

    private func unknown(_ start: ExpressionLexer.Token, _ bytes: UnsafeBufferPointer<UInt8>) -> RecoError {
        let name = String(decoding: bytes, as: UTF8.self)
        let shown = ExpressionLexer.shown(bytes)
        if purpose == .filter, start.kind == .name, name == "score" || name == "rank" {
            return lexer.problem(start.start, "\(name) is known in a boost only, when items have been found")
        }
        let names =
            catalog.attributes.map(\.name) + liveNames.map { String(decoding: $0.name, as: UTF8.self) }
            + (purpose == .boost ? ["score", "rank"] : [])
        var end = "; texts stand in quotes"
        if let near = nearest(to: name, among: names) {
            end = "; did you mean \"\(near)\"?"
        } else if names.isEmpty {
            end = ", for the model has none"
        } else {
            let list = names.joined(separator: ", ")
            if list.utf8.count <= 120 { end += "; attributes are \(list)" }
        }
        return lexer.problem(start.start, "there is no attribute \"\(shown)\"\(end)")
    }

    /// The name that was meant, if one is near: a third of its letters may be wrong.
    func nearest(to name: String, among names: [String]) -> String? {
        let name = Array(name.lowercased().unicodeScalars.prefix(64))
        var best: (name: String, distance: Int)?
        for other in names {
            let letters = Array(other.lowercased().unicodeScalars.prefix(64))
            var row = Array(0...letters.count)
            for (i, letter) in name.enumerated() {
                var corner = row[0]
                row[0] = i + 1
                for j in 0..<letters.count {
                    let changed = corner + (letter == letters[j] ? 0 : 1)
                    corner = row[j + 1]
                    row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
                }
            }
            let distance = row[letters.count]
            if distance <= max(1, letters.count / 3), distance < best?.distance ?? .max { best = (other, distance) }
        }
        return best?.name
    }
}
