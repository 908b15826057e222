// swift-tools-version: 6.0
import PackageDescription

// libFuzzer targets, built and run by scripts/fuzz.sh: one library each, linked with the fuzzer's own main.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "FuzzModel", type: .static, targets: ["FuzzModel"]),
        .library(name: "FuzzTables", type: .static, targets: ["FuzzTables"]),
        .library(name: "FuzzText", type: .static, targets: ["FuzzText"]),
        .library(name: "FuzzExpression", type: .static, targets: ["FuzzExpression"]),
        .library(name: "FuzzSafetensors", type: .static, targets: ["FuzzSafetensors"]),
        .library(name: "FuzzWordPiece", type: .static, targets: ["FuzzWordPiece"]),
        .library(name: "FuzzXGBoost", type: .static, targets: ["FuzzXGBoost"]),
        .library(name: "FuzzLightGBM", type: .static, targets: ["FuzzLightGBM"]),
        .library(name: "FuzzWord2Vec", type: .static, targets: ["FuzzWord2Vec"]),
    ],
    dependencies: [.package(name: "reco", path: "..")],
    targets: [
        .target(name: "FuzzModel", dependencies: [.product(name: "RecoKit", package: "reco")]),
        .target(
            name: "FuzzTables",
            dependencies: [
                .product(name: "RecoKit", package: "reco"), .product(name: "RecoSources", package: "reco"),
            ]),
        .target(
            name: "FuzzSafetensors",
            dependencies: [
                .product(name: "RecoKit", package: "reco"), .product(name: "RecoImport", package: "reco"),
            ]),
        .target(name: "FuzzExpression", dependencies: [.product(name: "RecoKit", package: "reco")]),
        .target(name: "TreeChecks", dependencies: [.product(name: "RecoKit", package: "reco")]),
        .target(
            name: "FuzzXGBoost",
            dependencies: [
                .product(name: "RecoKit", package: "reco"), .product(name: "RecoImport", package: "reco"), "TreeChecks",
            ]),
        .target(
            name: "FuzzLightGBM",
            dependencies: [
                .product(name: "RecoKit", package: "reco"), .product(name: "RecoImport", package: "reco"), "TreeChecks",
            ]),
        .target(
            name: "FuzzWord2Vec",
            dependencies: [
                .product(name: "RecoKit", package: "reco"), .product(name: "RecoImport", package: "reco"),
            ]),
        .target(name: "FuzzText", dependencies: [.product(name: "RecoKit", package: "reco")]),
        .target(name: "FuzzWordPiece", dependencies: [.product(name: "RecoKit", package: "reco")]),
    ]
)
