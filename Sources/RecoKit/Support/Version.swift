/// The version of the engine, and with it of the library, the command and the soname: `make` reads it from this line.
public let recoVersion: StaticString = "0.1.0"
