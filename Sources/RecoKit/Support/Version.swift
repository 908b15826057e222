/// The library's version, by semver.org; until 1.0 anything may change but the model file, which stays readable.
public let recoVersion: StaticString = "0.1.0"
