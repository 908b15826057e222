/// The known name that was probably meant by one that is none; nil where nothing comes near. O(names x letters²).
package func nearestName(to name: String, among known: [String]) -> String? {
    let nearest = known.map { (name: $0, distance: editDistance($0, name)) }.min { $0.distance < $1.distance }
    return nearest.flatMap { $0.distance <= 1 + name.count / 3 ? $0.name : nil }
}

/// The same for messages: " (did you mean als?)", or nothing.
package func didYouMean(_ name: String, among known: [String]) -> String {
    nearestName(to: name, among: known).map { " (did you mean \($0)?)" } ?? ""
}

/// How many letters have to be put in, taken out, exchanged or swapped with the next to make one word of another.
/// O(letters of a x letters of b).
private func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
            row.append(best)
        }
        (before, last) = (last, row)
    }
    return last[b.count]
}
