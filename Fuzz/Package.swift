// swift-tools-version: 6.0
import PackageDescription
let package = Package(name: "Fuzz", platforms: [.macOS(.v15)], products: [.library(name: "FuzzModel", type: .static, targets: ["FuzzModel"])], dependencies: [.package(name: "reco", path: "..")],
 targets: [ .target(name: "FuzzModel", dependencies: [.product(name: "RecoKit", package: "reco")]) ])
