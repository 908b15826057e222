extension LargeArray where Element: ColumnElement {
    /// The same elements as a column, without a copy.
    var column: Column<Element> {
        Column(base: buffer.elements.baseAddress.map { UnsafePointer($0) }, count: buffer.count, owner: buffer)
    }
}
