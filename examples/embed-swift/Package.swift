// swift-tools-version: 6.0
import PackageDescription

// In a package of your own: .package(url: "<where you got reco from>", from: "0.1.0")
let package = Package(
    name: "TeaShop",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "reco", path: "../..")],
    targets: [
        .executableTarget(name: "TeaShop", dependencies: [.product(name: "RecoKit", package: "reco")])
    ]
)
