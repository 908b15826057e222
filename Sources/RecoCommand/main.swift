import Glibc
import RecoKit
import RecoSources

func now() -> Double { var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9 }
for _ in 0..<(CommandLine.arguments.count > 2 ? 1 : 3) {
    let start = now()
    let log = EventLog()
    let report = try log.addEvents(from: CommandLine.arguments[1])
    let seconds = now() - start
    var usage = rusage()
    getrusage(0, &usage)
    print(report.rows, log.users.count, log.items.count, seconds, Double(report.rows) / seconds / 1e6, "M rows/s", "user s:", Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) * 1e-6, usage.ru_maxrss, "KB")
}
