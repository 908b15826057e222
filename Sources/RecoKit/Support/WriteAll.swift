import Glibc

/// Writes all the bytes to a file that is open. Throws `failure` with the system's reason: "cannot write the model x".
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, failure: @autoclosure () -> String) throws
{
    var rest = bytes
    while rest.count > 0 {
        let written = write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
        if written < 0 {
            if errno == EINTR { continue }
            throw RecoError.system(failure())
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
}
