import RecoKit

/// Rows that come with their fields apart: those of a query.
protocol RowSource: TableSource {
    var columnNames: [String] { get }
    /// Appends the fields of the next row to `record`, which has been emptied; false at the end.
    func next(_ record: inout RecordReader) throws -> Bool
}
