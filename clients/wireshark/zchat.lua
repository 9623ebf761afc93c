-- zchat.lua - ZCHAT/1 over ZMTP for Wireshark and tshark: see README.md
--
-- What is dissected comes from anybody. Each turn of a loop goes on by at least a byte, and what a message may
-- hold is bounded; beyond that it is called malformed, and the rest of the segment is left alone.

local FRAMES_MAX = 64         -- of a message
local SIZE_MAX = 4194304      -- of a message: a reply has 1 MiB at most
local RECORDS_MAX = 4096      -- of a pack, that are shown
local GREETING_SIZE = 64
local MORE, LONG, COMMAND = 1, 2, 4

local zchat = Proto("zchat", "ZCHAT/1")

local TYPES = {
    [1] = "say", [2] = "action", [3] = "topic", [4] = "mode", [5] = "remove", [6] = "tell", [7] = "told",
    [8] = "invite", [9] = "gone", [10] = "edit", [11] = "react", [12] = "unreact", [13] = "mention",
    [16] = "join", [17] = "leave", [18] = "presence", [19] = "read", [20] = "marks",
}

-- What stands behind the user in a request. Names of fields; "text" is a body.
local ARGUMENTS = {
    HELLO = {"json"}, SAY = {"room", "text", "json"}, JOIN = {"room", "json"}, PART = {"room"}, WHO = {"room"},
    ROOMS = {"json"}, TOPIC = {"room", "text"}, HISTORY = {"room", "json"}, SYNC = {"nonce"}, PING = {},
    BYE = {"json"}, TELL = {"name", "text", "json"}, INVITE = {"room", "name", "text"},
    KICK = {"room", "name", "text"}, MODE = {"room", "json"}, REMOVE = {"room", "of", "text"}, KEYS = {"name"},
    KEY = {"json"}, PURGE = {"json"}, EDIT = {"room", "of", "text", "json"}, REACT = {"room", "of", "text"},
    UNREACT = {"room", "of", "text"}, READ = {"room", "of"}, UNREAD = {}, SEARCH = {"text", "json"}, AWAY = {"text"},
}

local f = {
    kind = ProtoField.string("zchat.kind", "Kind"),
    verb = ProtoField.string("zchat.verb", "Verb"),
    status = ProtoField.string("zchat.status", "Status"),
    code = ProtoField.string("zchat.code", "Error"),
    tag = ProtoField.string("zchat.tag", "Tag"),
    topic = ProtoField.string("zchat.topic", "Topic"),
    subscribe = ProtoField.string("zchat.subscribe", "Subscribe"),
    cancel = ProtoField.string("zchat.cancel", "Cancel"),
    room = ProtoField.string("zchat.room", "Room"),
    nonce = ProtoField.string("zchat.nonce", "Nonce"),
    user = ProtoField.string("zchat.user", "User"),
    name = ProtoField.string("zchat.name", "Name"),
    of = ProtoField.string("zchat.of", "Of the message"),
    text = ProtoField.string("zchat.text", "Text"),
    json = ProtoField.string("zchat.json", "JSON"),
    argument = ProtoField.string("zchat.argument", "Argument"),
    type = ProtoField.string("zchat.type", "Type"),
    seq = ProtoField.uint64("zchat.seq", "Seq"),
    time = ProtoField.absolute_time("zchat.time", "Time", base.UTC),
    data = ProtoField.string("zchat.data", "Data"),
    records = ProtoField.uint32("zchat.records", "Events"),
    request = ProtoField.framenum("zchat.request_in", "Answers the request in", base.NONE, frametype.REQUEST),
    version = ProtoField.string("zmtp.version", "ZMTP version"),
    mechanism = ProtoField.string("zmtp.mechanism", "Mechanism"),
    server = ProtoField.bool("zmtp.as_server", "As server"),
    command = ProtoField.string("zmtp.command", "Command"),
    property = ProtoField.string("zmtp.property", "Property"),
    frame = ProtoField.bytes("zmtp.frame", "Frame"),
}
for _, field in pairs(f) do zchat.fields[#zchat.fields + 1] = field end

local malformed = ProtoExpert.new("zchat.malformed", "It is not ZCHAT/1 over ZMTP", expert.group.MALFORMED, expert.severity.ERROR)
zchat.experts = {malformed}

local tcp_stream = Field.new("tcp.stream")
local asked   -- "stream:tag": {number, verb} of the last request with this tag
local answers -- "number:offset" of a reply: the same of its request

function zchat.init()
    asked, answers = {}, {}
end

-- --- ZMTP

-- The frames of the message that begins at offset, and its end; nil and how many bytes are missing; false and why
-- it is none.
local function frames_at(tvb, offset)
    local frames, at, size = {}, offset, tvb:len()
    while true do
        if at + 2 > size then return nil, at + 2 - size end
        local flags = tvb:range(at, 1):uint()
        if flags > 7 or (flags >= COMMAND and flags % 2 == MORE) then return false, "flags" end
        local long = flags % COMMAND >= LONG
        local head = long and 9 or 2
        if at + head > size then return nil, at + head - size end
        local length = tvb:range(at + 1, 1):uint()
        if long then
            if tvb:range(at + 1, 4):uint() > 0 then return false, "length" end
            length = tvb:range(at + 5, 4):uint()
        end
        local body = at + head
        if #frames >= FRAMES_MAX or length > SIZE_MAX or body + length - offset > SIZE_MAX then return false, "size" end
        if body + length > size then return nil, body + length - size end
        frames[#frames + 1] = {at = body, size = length, command = flags >= COMMAND}
        at = body + length
        if flags % 2 ~= MORE then return frames, at end
    end
end

local function range_of(tvb, frame)
    return frame.size > 0 and tvb:range(frame.at, frame.size) or nil
end

local function text_of(tvb, frame)
    local range = range_of(tvb, frame)
    return range and range:string(ENC_UTF_8) or ""
end

local function raw_of(tvb, frame)
    local range = range_of(tvb, frame)
    return range and range:raw() or ""
end

local function add(tree, field, tvb, frame)
    local range = range_of(tvb, frame)
    if range then tree:add_packet_field(field, range, ENC_UTF_8) else tree:add(field, "") end
end

local function greeting(tvb, offset, tree)
    local range = tvb:range(offset, GREETING_SIZE)
    local at = tree:add(zchat, range, "ZMTP greeting")
    local mechanism = tvb:range(offset + 12, 20):raw():match("^[%w_-]*")
    at:add(f.version, tvb:range(offset + 10, 2), string.format("%d.%d", tvb:range(offset + 10, 1):uint(), tvb:range(offset + 11, 1):uint()))
    at:add(f.mechanism, tvb:range(offset + 12, 20), mechanism)
    at:add(f.server, tvb:range(offset + 32, 1), tvb:range(offset + 32, 1):uint() == 1)
    return "ZMTP greeting, " .. mechanism
end

-- Properties of READY and INITIATE, in clear: name and value with their lengths.
local function properties(tvb, at, last, tree)
    while at < last do
        local name = tvb:range(at, 1):uint()
        if at + 1 + name + 4 > last then return end
        local size = tvb:range(at + 1 + name, 4):uint()
        local value = at + 1 + name + 4
        if value + size > last then return end
        local text = size > 0 and tvb:range(value, size):string() or ""
        tree:add(f.property, tvb:range(at, value + size - at), tvb:range(at + 1, math.max(name, 1)):string() .. ": " .. text)
        at = value + size
    end
end

local function command(tvb, frame, tree)
    local size = frame.size > 0 and tvb:range(frame.at, 1):uint() or 0
    if size == 0 or size + 1 > frame.size then return nil end
    local name = tvb:range(frame.at + 1, size):string()
    tree:add(f.command, tvb:range(frame.at + 1, size), name)
    local rest = {at = frame.at + 1 + size, size = frame.size - 1 - size}
    if name == "READY" then properties(tvb, rest.at, rest.at + rest.size, tree)
    elseif name == "SUBSCRIBE" then add(tree, f.subscribe, tvb, rest)
    elseif name == "CANCEL" then add(tree, f.cancel, tvb, rest) end
    return "ZMTP " .. name
end

-- --- ZCHAT/1

-- What stands at the top of a JSON object: {key = text of a number or of a string without escapes}.
local function top_of(json)
    local found, depth, at, key = {}, 0, 1, nil
    while at <= #json do
        local c = json:sub(at, at)
        if c == '"' then
            local last = at + 1
            while last <= #json and json:sub(last, last) ~= '"' do
                last = last + (json:sub(last, last) == "\\" and 2 or 1)
            end
            local text = json:sub(at + 1, last - 1)
            local colon = json:match("^%s*:()", last + 1)
            if depth == 1 and colon then key = text
            elseif depth == 1 and key then found[key], key = text, nil end
            at = colon or last + 1
        elseif c == "{" or c == "[" then
            depth, key, at = depth + 1, depth == 0 and key or nil, at + 1
        elseif c == "}" or c == "]" then
            depth, at = depth - 1, at + 1
        else
            local number = json:match("^-?%d+", at)
            if number and depth == 1 and key then found[key], key = number, nil end
            at = at + (number and #number or 1)
        end
    end
    return found
end

local function add_time(tree, range, ms)
    tree:add(f.time, range, NSTime.new(math.floor(ms / 1000), math.floor(ms % 1000) * 1000000))
end

-- A whole number in a double's reach, or nil.
local function whole(text)
    local value = text and #text < 16 and tonumber(text)
    return value and value >= 0 and value or nil
end

local function topic_parts(topic)
    return topic:match("^(%a+)/([^/]+)/$")
end

local function event(tvb, frames, tree)
    local kind, room = topic_parts(text_of(tvb, frames[1]))
    if (kind ~= "room" and kind ~= "sync") or #frames ~= 4 then return nil end
    add(tree, f.topic, tvb, frames[1])
    if kind == "sync" then
        tree:add(f.nonce, room)
        return "barrier " .. room
    end
    local top = top_of(text_of(tvb, frames[4]))
    tree:add(f.room, room)
    tree:add(f.type, top.type or "?")
    add(tree, f.user, tvb, frames[2])
    add(tree, f.text, tvb, frames[3])
    add(tree, f.json, tvb, frames[4])
    local seq, time = whole(top.seq), whole(top.time)
    if seq then tree:add(f.seq, range_of(tvb, frames[4]), UInt64(seq % 4294967296, math.floor(seq / 4294967296))) end
    if time then add_time(tree, range_of(tvb, frames[4]), time) end
    return string.format("%s %s %s%s", top.type or "?", room, text_of(tvb, frames[2]), seq and " #" .. top.seq or "")
end

-- One record of a pack between at and last. False: it has not the form.
local function record(tvb, at, last, tree)
    if last - at < 20 then return false end
    local user = {at = at + 18, size = tvb:range(at + 17, 1):uint()}
    if user.at + user.size + 2 > last then return false end
    local data = {at = user.at + user.size + 2, size = tvb:range(user.at + user.size, 2):uint()}
    if data.at + data.size > last then return false end
    local body = {at = data.at + data.size, size = last - data.at - data.size}
    local number = tvb:range(at + 16, 1):uint()
    local one = tree:add(zchat, tvb:range(at, last - at), "Event " .. (TYPES[number] or "type " .. number))
    one:add(f.seq, tvb:range(at, 8))
    add_time(one, tvb:range(at + 8, 8), tvb:range(at + 8, 8):uint64():tonumber())
    one:add(f.type, tvb:range(at + 16, 1), TYPES[number] or "type " .. number)
    add(one, f.user, tvb, user)
    if data.size > 0 then add(one, f.data, tvb, data) end
    add(one, f.text, tvb, body)
    return true
end

local function pack(tvb, frames, tree)
    local kind, room = topic_parts(text_of(tvb, frames[1]))
    if kind ~= "pack" or #frames ~= 2 then return nil end
    add(tree, f.topic, tvb, frames[1])
    tree:add(f.room, room)
    local at, last, count = frames[2].at, frames[2].at + frames[2].size, 0
    while at < last do
        if last - at < 4 then return nil end
        local size = tvb:range(at, 4):uint()
        if size > last - at - 4 then return nil end
        count = count + 1
        if count <= RECORDS_MAX and not record(tvb, at + 4, at + 4 + size, tree) then return nil end
        at = at + 4 + size
    end
    tree:add(f.records, count)
    return string.format("pack %s of %d", room, count)
end

local function published(tvb, frames, tree)
    return #frames == 2 and pack(tvb, frames, tree) or event(tvb, frames, tree)
end

local function rest_of(frames, from)
    local rest = {}
    for at = from, #frames do rest[#rest + 1] = frames[at] end
    return rest
end

local function request(tvb, frames, tree, pinfo, stream)
    local verb = text_of(tvb, frames[1])
    local names = ARGUMENTS[verb] or {} -- one of tomorrow
    add(tree, f.verb, tvb, frames[1])
    if #frames < 3 then return nil end
    add(tree, f.tag, tvb, frames[2])
    add(tree, f.user, tvb, frames[3])
    for at = 4, #frames do add(tree, f[names[at - 3] or "argument"], tvb, frames[at]) end
    if not pinfo.visited then
        asked[stream .. ":" .. raw_of(tvb, frames[2])] = {number = pinfo.number, verb = verb}
    end
    local room = names[1] == "room" and frames[4] and " " .. text_of(tvb, frames[4]) or ""
    return verb .. room .. " by " .. (frames[3].size > 0 and text_of(tvb, frames[3]) or "a guest"), "request"
end

local function reply(tvb, frames, tree, pinfo, stream)
    if #frames ~= 3 then return nil end
    local key = pinfo.number .. ":" .. frames[1].at
    if not pinfo.visited then answers[key] = asked[stream .. ":" .. raw_of(tvb, frames[2])] end
    local of, top = answers[key], top_of(text_of(tvb, frames[3]))
    add(tree, f.status, tvb, frames[1])
    add(tree, f.tag, tvb, frames[2])
    if of then
        tree:add(f.request, of.number):set_generated()
        tree:add(f.verb, of.verb):set_generated()
    end
    if top.code then tree:add(f.code, range_of(tvb, frames[3]), top.code) end
    add(tree, f.json, tvb, frames[3])
    return text_of(tvb, frames[1]) .. (of and " " .. of.verb or "") .. (top.code and " " .. top.code or ""), "reply"
end

-- What the message is, in a line, and its kind; nil where it is none of ZCHAT/1.
local function message(tvb, frames, tree, pinfo, stream)
    local first = frames[1]
    if first.size > 0 and #frames == 1 then
        local flag = tvb:range(first.at, 1):uint()
        if flag <= 1 then
            local topic = {at = first.at + 1, size = first.size - 1}
            add(tree, flag == 1 and f.subscribe or f.cancel, tvb, topic)
            return (flag == 1 and "subscribe " or "cancel ") .. text_of(tvb, topic), "subscription"
        end
    end
    if first.size == 0 and #frames > 1 then frames = rest_of(frames, 2) end -- of a REQ
    local word = frames[1].size <= 512 and text_of(tvb, frames[1]) or ""
    if word == "OK" or word == "ERR" then return reply(tvb, frames, tree, pinfo, stream) end
    if word == "NOOP" then return "NOOP", "probe" end
    if word == "EVENT" then
        if #frames < 4 then return nil end
        add(tree, f.tag, tvb, frames[2])
        local said = published(tvb, rest_of(frames, 3), tree)
        return said and "mail: " .. said, "mail"
    end
    if ARGUMENTS[word] or (#frames >= 3 and word:match("^%u+$")) then return request(tvb, frames, tree, pinfo, stream) end
    return published(tvb, frames, tree), "feed"
end

local function wrong(tvb, offset, root, why)
    local range = tvb:range(offset)
    root:add(zchat, range, "Not ZCHAT/1 over ZMTP: " .. why):add_proto_expert_info(malformed, why)
    return "malformed: " .. why
end

-- One message, or command. Its end and what is said of it; nil and the bytes that are missing.
local function unit(tvb, offset, pinfo, root, stream)
    if tvb:range(offset, 1):uint() == 0xff then
        if offset + GREETING_SIZE > tvb:len() then return nil, offset + GREETING_SIZE - tvb:len() end
        return offset + GREETING_SIZE, greeting(tvb, offset, root)
    end
    local frames, last = frames_at(tvb, offset)
    if frames == nil then return nil, last end
    if frames == false then return tvb:len(), wrong(tvb, offset, root, last) end
    local tree = root:add(zchat, tvb:range(offset, last - offset))
    local said, kind
    if frames[1].command then said, kind = command(tvb, frames[1], tree), "command"
    else said, kind = message(tvb, frames, tree, pinfo, stream) end
    if not said then
        tree:append_text(", of an unknown form")
        tree:add_proto_expert_info(malformed, "the form of its frames")
        for _, frame in ipairs(frames) do
            if frame.size > 0 then tree:add(f.frame, tvb:range(frame.at, frame.size)) end
        end
        return last, "unknown form"
    end
    tree:add(f.kind, kind):set_generated()
    tree:append_text(", " .. said)
    return last, said
end

function zchat.dissector(tvb, pinfo, root)
    local offset, lines, stream = 0, {}, tostring(tcp_stream() or "")
    pinfo.cols.protocol = "ZCHAT/1"
    while offset < tvb:len() do
        local last, said = unit(tvb, offset, pinfo, root, stream)
        if last == nil then
            if tvb:reported_len() > tvb:len() then break end -- cut off by the capture: no more will come
            pinfo.desegment_offset, pinfo.desegment_len = offset, said
            break
        end
        offset = last
        if #lines < 8 then lines[#lines + 1] = said end
    end
    if #lines > 0 then pinfo.cols.info = table.concat(lines, "; ") end
    return tvb:len()
end

-- By its ports, by "Decode as" (-d tcp.port==PORT,zchat), or by ZMTP's greeting.
local ports = DissectorTable.get("tcp.port")
ports:add(5680, zchat)
ports:add(5681, zchat)

zchat:register_heuristic("tcp", function(tvb, pinfo, root)
    if tvb:len() < 10 or tvb:range(0, 1):uint() ~= 0xff or tvb:range(9, 1):uint() ~= 0x7f or tvb:range(1, 4):uint() ~= 0 then
        return false
    end
    pinfo.conversation = zchat
    zchat.dissector(tvb, pinfo, root)
    return true
end)
