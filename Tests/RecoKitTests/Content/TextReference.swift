@testable import RecoKit

/// What Tests/Fixtures/text_reference.py prints, and the texts that it is about.
enum TextReference {
    static let titles = [
        "red cotton t-shirt for men", "blue cotton t-shirt for women", "red wool scarf", "the red red umbrella",
        "café crème cups, set of 6", "cups and saucers in red and blue", "usb-c cable 2.5 m usb", "",
    ]
    static let descriptions = [
        "soft shirt made of cotton, in red", "", "warm scarf of merino wool for cold days in winter and autumn",
        "umbrella", "six cups for coffee", "cups", "charge and sync with this cable", "nothing red here",
    ]
    static let queries = ["red cotton", "red red cups", "scarf for winter", "usb cable"]

    static let vectors = [
        "cotton 0.447385 for 0.447385 men 0.533823 red 0.338487 shirt 0.447385 ",
        "blue 0.429389 cotton 0.429389 for 0.429389 shirt 0.429389 women 0.512349 ",
        "red 0.409122 scarf 0.645221 wool 0.645221 ",
        "red 0.667617 the 0.526445 umbrella 0.526445 ",
        "café 0.461149 crème 0.461149 cups 0.386479 of 0.461149 set 0.461149 ",
        "and 0.715803 blue 0.299949 cups 0.299949 in 0.357901 red 0.226938 "
            + "saucers 0.357901 ",
        "cable 0.447214 usb 0.894427 ",
        " ",
    ]
    static let cosines: [[Float]] = [
        [0.561005, 0.342425, 0.246847, 0.402812, 0.000000, 0.136925, 0.000000, 0.000000],
        [0.282392, 0.000000, 0.341322, 0.556979, 0.213082, 0.354705, 0.000000, 0.000000],
        [0.287368, 0.275808, 0.494516, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000],
        [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.948683, 0.000000],
    ]
    static let sublinearVectors = [
        "cotton 0.447385 for 0.447385 men 0.533823 red 0.338487 shirt 0.447385 ",
        "blue 0.429389 cotton 0.429389 for 0.429389 shirt 0.429389 women 0.512349 ",
        "red 0.409122 scarf 0.645221 wool 0.645221 ",
        "red 0.604651 the 0.563204 umbrella 0.563204 ",
        "café 0.461149 crème 0.461149 cups 0.386479 of 0.461149 set 0.461149 ",
        "and 0.655415 blue 0.324419 cups 0.324419 in 0.387098 red 0.245452 "
            + "saucers 0.387098 ",
        "cable 0.508542 usb 0.861037 ",
        " ",
    ]
    static let sublinearCosines: [[Float]] = [
        [0.561005, 0.342425, 0.246847, 0.364821, 0.000000, 0.148095, 0.000000, 0.000000],
        [0.266816, 0.000000, 0.322495, 0.476623, 0.237816, 0.393108, 0.000000, 0.000000],
        [0.287368, 0.275808, 0.494516, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000],
        [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.968439, 0.000000],
    ]
    static let bm25: [[Float]] = [
        [0.761046, 0.509177, 0.304325, 0.372706, 0.000000, 0.214838, 0.000000],
        [0.503739, 0.000000, 0.608650, 0.745411, 0.509177, 0.863992, 0.000000],
        [0.509177, 0.509177, 0.885409, 0.000000, 0.000000, 0.000000, 0.000000],
        [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 2.043620],
    ]
    static let bm25f: [[Float]] = [
        [1.257323, 0.868430, 0.371680, 0.410397, 0.000000, 0.303062, 0.000000, 0.157964],
        [0.698318, 0.000000, 0.743361, 0.820794, 0.918265, 1.486802, 0.000000, 0.315928],
        [0.469930, 0.469930, 1.859245, 0.000000, 0.207310, 0.000000, 0.000000, 0.000000],
        [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 2.929023, 0.000000],
    ]
}
