/// Words that are in every text and tell products apart in none: articles, prepositions, pronouns, little verbs.
///
/// The lists are short on purpose. A word that may matter in a shop stays in: "can", "will" and "may" are products or
/// months, "no" and "without" are what somebody looks for. Words are in lower case, without accents, at most eight
/// letters, so that each is one number to compare.
struct StopWords: Sendable {
    private let words: [UInt64]  // (stop words), ascending, eight letters each, the first lowest

    init(_ language: Language) {
        words = Self.list(language).description.split(separator: " ").map { word in
            word.utf8.reversed().reduce(0) { $0 &<< 8 | UInt64($1) }
        }.sorted()
    }

    /// Whether a folded word is on the list. O(log list).
    func contains(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        guard word.count <= 8, let last = words.last else { return false }
        var packed: UInt64 = 0
        for byte in word.reversed() { packed = packed &<< 8 | UInt64(byte) }
        guard packed <= last else { return false }
        let place = firstPlace(words.count) { words[$0] < packed }
        return place < words.count && words[place] == packed
    }

    private static func list(_ language: Language) -> StaticString {
        switch language {
        case .none: ""
        case .english:
            """
            a an and are as at be been but by for from had has have he her his i if in into is it its my of on or our she so \
            than that the their them then there these they this those to was we were what which who with you your
            """
        case .german:
            """
            aber als am an auch auf aus bei bin bis das dass dem den der des die dir du ein eine einem einen einer eines er \
            es fur hat ich ihr im in ins ist ja mit nach nur ob oder sich sie sind so uber um und uns unser vom von war was \
            wie wir zu zum zur
            """
        case .french:
            """
            a au aux avec c ce ces cet cette d dans de des du elle en est et eux il ils j je l la le les leur leurs m ma \
            mais me mes n ne nos notre nous on ou par pas pour qu que qui s sa se ses son sont sur t ta te tes ton tu un \
            une vos votre vous y
            """
        case .spanish:
            """
            a al como con cual cuando de del donde e el ella ellas ellos en entre es esa ese eso esta este esto ha han la \
            las le les lo los mas me mi mis muy ni nos o para pero por que se ser si su sus te tu tus u un una unas uno unos \
            y ya yo
            """
        case .italian:
            """
            a agli ai al alla alle allo anche c che chi ci col come con cui d da dagli dai dal dalla dalle dallo degli dei \
            del dell della delle dello di e ed gli ha i il in io l la le lei lo loro ma mi ne negli nei nel nell nella \
            nelle nello nostro o per piu quale quello questa questo se si sono su sua sue sui sul sulla sulle suo tra tu un \
            una uno vi
            """
        case .dutch:
            """
            aan al als bij dan dat de deze die dit door een en er haar had heb het hij hun ik in is je kan maar me met mijn \
            na naar niet nog nu of om ons onze ook op over te tot uit u uw van voor was wat we wel wij ze zich zij zijn zo
            """
        case .portuguese:
            """
            a ao aos as ate com como da das de do dos e ela elas ele eles em entre essa esse esta este eu foi ha isso isto \
            ja lhe mais mas me meu minha muito na nas nem no nos nosso o os ou para pela pelas pelo pelos por qual que quem \
            se sem seu seus sua suas tem um uma umas uns voce
            """
        }
    }
}
