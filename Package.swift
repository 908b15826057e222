// swift-tools-version: 6.0
import PackageDescription

// The engine is RecoKit; everything else either feeds it (RecoSources, RecoImport), asks it (RecoCommand) or hands it to
// other languages (RecoCABI). `make` links the shared library and the command; see the Makefile for how.
let package = Package(
    name: "reco",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "RecoKit", targets: ["RecoKit"]),
        .library(name: "RecoSources", targets: ["RecoSources"]),
        .library(name: "RecoImport", targets: ["RecoImport"]),
        .library(name: "RecoC", type: .static, targets: ["RecoCABI"]),
        .executable(name: "reco", targets: ["RecoCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // Reads reco.yaml. Only the command links it: the engine and the library read no YAML.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .target(
            name: "CBLAS",
            linkerSettings: [.linkedLibrary("lapacke"), .linkedLibrary("openblas")]),
        .target(name: "CKernels"),
        .systemLibrary(name: "CReco"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .target(name: "RecoKit", dependencies: ["CBLAS", "CKernels", "CStemmer"]),
        .target(name: "RecoCABI", dependencies: ["RecoKit", "CReco"]),
        .target(name: "CScan"),
        // Types from the headers of libmariadb-dev and libsqlite3-dev; the libraries are looked for at run time.
        .target(name: "CDatabases", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "RecoSources", dependencies: ["RecoKit", "CZlib", "CScan", "CDatabases"]),
        .target(name: "RecoImport", dependencies: ["RecoKit", "CZlib"]),
        .executableTarget(
            name: "RecoCommand",
            dependencies: [
                "RecoKit", "RecoSources", "RecoImport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ]),
        // A server for tests, where one is installed.
        .target(name: "MariaDBServer", path: "Tests/MariaDBServer"),
        .testTarget(name: "RecoKitTests", dependencies: ["RecoKit", "RecoSources", "RecoImport"]),
        .testTarget(name: "RecoSourcesTests", dependencies: ["RecoKit", "RecoSources", "CZlib", "MariaDBServer"]),
        .testTarget(name: "RecoCommandTests", dependencies: ["RecoCommand", "MariaDBServer"]),
    ],
    swiftLanguageModes: [.v6]
)
