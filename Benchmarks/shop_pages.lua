-- For wrk: product pages as customers look at them, the same order every time.
-- The arguments are a file with lines "customer product viewed-before", what is added to the address, and about how many
-- milliseconds lie between two pages of a connection.
local pages, place = {}, 0

function init(arguments)
    local pause = tonumber(arguments[3] or 0)
    if pause > 0 then -- wrk is slow wherever there is this function
        delay = function() return math.random(0, 2 * pause) end
    end
    for line in io.lines(arguments[1]) do
        local customer, product, viewed = line:match("^(%d+) (%d+) (%d+)$")
        pages[#pages + 1] = wrk.format("GET", "/product/" .. product .. (arguments[2] or ""),
            { Cookie = "customer=" .. customer .. "; views=" .. viewed .. "-" .. os.time() })
    end
end

function request()
    place = place % #pages + 1
    return pages[place]
end

function done(summary, latency)
    io.write(string.format('{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "bad": %d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
