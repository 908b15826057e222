import Testing

@testable import RecoKit

@Suite struct LiveValuesTests {
    private let shop: Model

    init() throws { shop = try FilterShop.model() }

    @Test func overrideTheFileForTheirItemsAndThisQuestion() throws {
        let live = ["price": ["i1": 1000, "i3": 2, "unknown": 3, "i2": Double.nan]]
        #expect(try FilterShop.numbers("price < 5", of: shop, live: live) == [3, 4])
        #expect(try FilterShop.numbers("price < 5", of: shop) == [1, 2, 4])
        #expect(
            try FilterShop.numbers("price > 999 or not has(price) and `shelf size` = 2", of: shop, live: live)
                == (0..<300).filter { $0 == 1 || ($0 != 3 && ($0 % 3 == 0 || $0 == 2) && $0 % 7 == 2) })
    }

    @Test func addAnAttributeThatTheFileDoesNotHave() throws {
        #expect(
            try FilterShop.numbers("stock > 0", of: shop, live: ["stock": ["i9": 1, "i8": 0, "i250": 3]]) == [9, 250])
        #expect(try FilterShop.numbers("not (stock = 0)", of: shop, live: ["stock": ["i9": 0]]).count == 299)
        #expect(throws: RecoError.self) { try FilterShop.numbers("stock > 0", of: shop) }
    }

    @Test func ofManyItemsInAnyOrderAreSortedByItem() throws {
        var generator = SeededGenerator(seed: 5)
        let order = (0..<300).map { ($0, generator.next()) }.sorted { $0.1 < $1.1 }.map(\.0)
        var bytes: [UInt8] = []
        var values: [Double] = []
        // The last value of an item counts.
        for (factor, numbers) in [(-1.0, Array(order.prefix(100))), (2.0, order)] {
            for n in numbers {
                bytes += Array("i\(n)".utf8) + [0]
                values.append(factor * Double(n))
            }
        }
        var name = "price"
        name.withUTF8 { name in
            bytes.withUnsafeBufferPointer { bytes in
                values.withUnsafeBufferPointer { values in
                    let live = LiveValues(name: name, items: PackedTexts(bytes), values: values)
                    withUnsafeTemporaryAllocation(
                        byteCount: LiveColumn.memorySize(values.count), alignment: 8
                    ) { memory in
                        let column = LiveColumn(live, shop.items, in: memory.baseAddress!)
                        #expect(column.count == 300)
                        for i in 0..<column.count {
                            #expect(column.rows[i] == UInt32(i))
                            let number = Int(shop.items.id(of: i).dropFirst())!
                            #expect(column.values[i] == 2 * Double(number))
                        }
                    }
                }
            }
        }
    }

    @Test func ofAnotherKindThanNumbersAreRefused() throws {
        let error = #expect(throws: RecoError.self) {
            try shop.recommend(live: ["category": ["i1": 1]])
        }
        #expect(
            error?.message == "live values: \"category\" is of kind category in the model; only numbers can be live")
    }
}
