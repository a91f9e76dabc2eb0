-- Sends each event of a file once: a signature, a tab and a body in each line.
local events, sent = {}, 0

function init(arguments)
    for line in io.lines(arguments[1]) do
        local tab = line:find("\t", 1, true)
        events[#events + 1] = wrk.format("POST", nil, { ["Stripe-Signature"] = line:sub(1, tab - 1) }, line:sub(tab + 1))
    end
end

function request()
    sent = sent + 1
    if sent == #events + 1 then
        print("ran out of events")
    end
    return events[(sent - 1) % #events + 1]
end
