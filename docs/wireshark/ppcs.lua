-- SPDX-License-Identifier: MIT
-- Dissector for Wireshark and tshark: the PPCS protocol (PPPP, CS2 Network P2P) on UDP, and its
-- frames on TCP. Written from the protocol notes alone; README.md beside it says how to use it.
-- Pure arithmetic instead of bit operators, which differ between the Lua versions of Wireshark.

local ppcs = Proto("ppcs", "PPCS (CS2 Network P2P)")
local frame = Proto("ppcs_tcp", "PPCS Frame on TCP")

local KNOWN_PORTS = { 32100, 32108, 40611 }
local ALL_KEYS = {
	"", "camera", "SHIX", "SSD@cs2-network.", "VMSV", "vstarcam2018", "FERRY@88", "mycamera",
	"@@@@....",
}
local FIXED_KEY = "SSD@cs2-network."
local MOST_PAYLOAD, MOST_DATA, MOST_ACKS, MOST_CHANNEL = 1276, 1024, 81, 7

ppcs.prefs.key = Pref.string("Obfuscation key", "auto",
	"The key of the network; empty: packets are plain; auto: plain, or a well-known key")
ppcs.prefs.ports = Pref.range("More UDP ports", "",
	"Ports on which every packet is PPCS, beside 32100, 32108, 40611", 65535)

-- Fields ------------------------------------------------------------------------------------------

local TYPE_NAMES, F, X = {}, {}, {}
local RESULTS = {
	[0] = "ok", [-1] = "wrong check code", [-2] = "device not online", [-3] = "unknown prefix",
	[-4] = "wrong DSK",
}
local TCP_RESULTS = { [0] = "ok", [-5] = "no TCP relay", [-6] = "come back later" }
local ERRORS = { [0] = "SUCCESSFUL", [1] = "no error" }
for number, name in ipairs({
	"NOT_INITIALIZED", "ALREADY_INITIALIZED", "TIME_OUT", "INVALID_ID", "INVALID_PARAMETER",
	"DEVICE_NOT_ONLINE", "FAIL_TO_RESOLVE_NAME", "INVALID_PREFIX", "ID_OUT_OF_DATE",
	"NO_RELAY_SERVER_AVAILABLE", "INVALID_SESSION_HANDLE", "SESSION_CLOSED_REMOTE",
	"SESSION_CLOSED_TIMEOUT", "SESSION_CLOSED_CALLED", "REMOTE_SITE_BUFFER_FULL",
	"USER_LISTEN_BREAK", "MAX_SESSION", "UDP_PORT_BIND_FAILED", "USER_CONNECT_BREAK",
	"SESSION_CLOSED_INSUFFICIENT_MEMORY", "INVALID_APILICENSE", "FAIL_TO_CREATE_THREAD",
	"INVALID_DSK", "FAILED_TO_CONNECT_TCP_RELAY",
}) do
	ERRORS[-number] = name
end
local SIDES = { [0] = "client", [1] = "device" }
local MODES = { [0] = "P2P", [1] = "relay", [2] = "TCP relay" }
local ARTEMIS_TYPES = { [0] = "media", [2] = "request", [3] = "answer" }

local function field(name, kind, title, ...)
	F[name] = ProtoField[kind]("ppcs." .. name, title, ...)
end

field("magic", "uint8", "Magic", base.HEX)
field("length", "uint16", "Payload length")
field("name", "string", "Message")
field("obfuscation", "string", "Obfuscation key")
field("extra", "bytes", "Bytes behind the stated length")
field("rest", "bytes", "Other bytes")
field("uid", "string", "Device ID")
field("uid.prefix", "string", "Prefix")
field("uid.serial", "uint32", "Serial")
field("uid.check", "string", "Check code")
field("sockaddr", "string", "Address")
field("sockaddr.family", "uint16", "Family")
field("sockaddr.port", "uint16", "Port")
field("sockaddr.ip", "ipv4", "IPv4")
field("sockaddr.ip6", "ipv6", "IPv6")
field("sockaddr.count", "uint8", "Number of addresses")
field("result", "int8", "Result", base.DEC, RESULTS)
field("tcp_result", "int8", "Result", base.DEC, TCP_RESULTS)
field("login_result", "int8", "Result", base.DEC)
field("nat", "uint8", "NAT type")
field("version", "bytes", "Version")
field("dsk", "string", "Device secret key")
field("flag", "uint8", "Flag")
field("seconds", "int32", "Number")
field("text", "string", "Text")
field("wakeup", "bytes", "Wake-up info")
field("bandwidth", "uint32", "Bandwidth")
field("users", "uint32", "Users")
field("bytes", "uint32", "Byte count")
field("relay.key", "uint32", "Relay key", base.HEX)
field("relay.port", "uint16", "Assigned port")
field("relay.side", "uint8", "Side", base.DEC, SIDES)
field("drw.marker", "uint8", "Marker", base.HEX)
field("drw.channel", "uint8", "Channel")
field("drw.index", "uint16", "Index")
field("drw.data", "bytes", "Data")
field("drw.greeting", "string", "Greeting")
field("ack.count", "uint16", "Number of indexes")
field("ack.index", "uint16", "Acknowledged index")
field("artemis", "none", "ARTEMIS frame")
field("artemis.type", "uint32", "Type", base.DEC, ARTEMIS_TYPES)
field("artemis.sequence", "uint32", "Sequence number")
field("artemis.length", "uint32", "Length")
field("artemis.text", "string", "Base64 text")
field("artemis.media", "bytes", "Media data")
field("report.result", "int32", "Result", base.DEC, ERRORS)
field("report.most_sessions", "uint16", "Most sessions")
field("report.sessions", "uint16", "Sessions in use")
field("report.elapsed", "uint16", "Elapsed milliseconds")
field("report.side", "uint8", "Side", base.DEC, SIDES)
field("report.mode", "uint8", "Mode", base.DEC, MODES)
field("report.lan_search", "uint8", "bEnableLanSearch", base.HEX)
field("body", "bytes", "Body, decrypted with the fixed key")

local function problem(name, text, group, severity)
	X[name] = ProtoExpert.new("ppcs.expert." .. name, text, group, severity)
end

local MALFORMED, PROTOCOL = expert.group.MALFORMED, expert.group.PROTOCOL
local ERROR, WARN, NOTE = expert.severity.ERROR, expert.severity.WARN, expert.severity.NOTE
problem("magic", "No F1 at the start", MALFORMED, ERROR)
problem("short", "Datagram is shorter than its header says", MALFORMED, ERROR)
problem("extra", "Datagram is longer than its header says", PROTOCOL, WARN)
problem("type", "Unknown message type", PROTOCOL, WARN)
problem("length", "Wrong payload length for this type", PROTOCOL, WARN)
problem("uid", "No device ID", PROTOCOL, WARN)
problem("family", "Address family is not 2", PROTOCOL, WARN)
problem("marker", "Marker is neither D1 nor D2", PROTOCOL, ERROR)
problem("channel", "Channel is greater than 7", PROTOCOL, ERROR)
problem("data", "No data, or more than 1024 bytes", PROTOCOL, WARN)
problem("acks", "Number of indexes is not that of the list, or greater than 81", PROTOCOL, WARN)
problem("check", "Check bytes are wrong", PROTOCOL, ERROR)
problem("frame", "No frame header", MALFORMED, ERROR)
problem("body", "The body is no message with the keys at hand", PROTOCOL, NOTE)

local T = {
	length = ProtoField.uint16("ppcs_tcp.length", "Length of the body"),
	marker = ProtoField.uint16("ppcs_tcp.marker", "Marker", base.HEX),
	key = ProtoField.bytes("ppcs_tcp.key", "Random key bytes"),
	check = ProtoField.bytes("ppcs_tcp.check", "Check bytes"),
}

-- Obfuscation -------------------------------------------------------------------------------------

local TABLE = ([[
	7c9ce84a13dedcb22f2123e4307b3d8cbc0b270c3cf79ae7087196009785efc1
	1fc4dba1c2ebd901faba3b05b81587832872d18b5ad6da9358feaacc6e1bf0a3
	88ab43c00db545384f502266207f075b14981d9ba72ab9a8cbf1fc4947063eb1
	0e043a945eee541134dd4df9ecc7c9e3781a6f706ba4bda95dd5f8e5bb26af42
	37d8e1020aae5f1cc573094e6924906d12b319ad748a2940f52dbea559e0f479
	d24bce8982488425c6912ba2fb8fe9a6b09e3f65f603312eac0f952c5ced39b7
	336c567eb4a0fd7a815351868d9f77ff6a80dfe2bf10d775645776f355cdd0c8
	18e6364162cf99f2324c67606192cad3ea637d16b68ed46835c3529d46441e17
]]):gsub("%s", ""):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)

local function xor(a, b)
	local sum, place = 0, 1

	for _ = 1, 8 do
		if a % 2 ~= b % 2 then
			sum = sum + place
		end
		a, b, place = math.floor(a / 2), math.floor(b / 2), place * 2
	end
	return sum
end

local hashes = {}

local function hash_of(key)
	local sum, thirds, all = 0, 0, 0

	if not hashes[key] then
		for i = 1, math.min(#key, 20) do
			local c = key:byte(i)
			sum, thirds, all = sum + c, thirds + math.floor(c / 3), xor(all, c)
		end
		hashes[key] = { sum % 256, -sum % 256, thirds % 256, all }
	end
	return hashes[key]
end

local function decrypt(raw, key)
	local hash, out, previous = hash_of(key), {}, 0

	if key == "" then
		return raw
	end
	for i = 1, #raw do
		local c = raw:byte(i)
		local place = (hash[previous % 4 + 1] + previous) % 256
		out[i] = string.char(xor(c, TABLE:byte(place + 1)))
		previous = c
	end
	return table.concat(out)
end

local function tvb_of(plain, title)
	return ByteArray.new(plain, true):tvb(title)
end

-- Parts of payloads: a size and what adds it to the tree ------------------------------------------

local function say(at, format, ...)
	at.info[#at.info + 1] = string.format(format, ...)
end

local function visible(text)
	return (text:gsub("%z.*", ""):gsub("[^ -~]", "?"))
end

local function part(size, add)
	return { size = size, add = add }
end

-- A number, or bytes, without more ado.
local function plain(name, size)
	return part(size, function(at, range)
		at.tree:add(F[name], range)
	end)
end

local function text(name, size)
	return part(size, function(at, range)
		at.tree:add(F[name], range, visible(range:raw()))
	end)
end

-- Padding; is not worth a line.
local function zero(size)
	return part(size, function() end)
end

local function result(name)
	return part(4, function(at, range)
		at.tree:add(F[name], range(0, 1))
		say(at, "result=%d", range(0, 1):int())
	end)
end

local did = part(20, function(at, range)
	local prefix, check = visible(range:raw(0, 8)), visible(range:raw(12, 8))
	local serial = range(8, 4):uint()
	local whole = string.format("%s-%06.0f-%s", prefix, serial, check)
	local tree = at.tree:add(F.uid, range, whole)

	tree:add(F["uid.prefix"], range(0, 8), prefix)
	tree:add(F["uid.serial"], range(8, 4))
	tree:add(F["uid.check"], range(12, 8), check)
	if not prefix:find("^%a%w*$") or not check:find("^%w+$") then
		tree:add_proto_expert_info(X.uid)
	end
	say(at, "uid=%s", whole)
end)

local function address(title, size)
	size = size or 16
	return part(size, function(at, range)
		local port, host = range(2, 2):le_uint(), tostring(range(4, 4):le_ipv4())
		local six = size == 24 and host == "0.0.0.0" and range:raw(8, 16):find("[^%z]")
		local whole, tree

		if six then
			host = "[" .. tostring(range(8, 16):ipv6()) .. "]"
		end
		whole = string.format("%s:%d", host, port)
		tree = at.tree:add(F.sockaddr, range, whole)
		tree:set_text(title .. ": " .. whole)
		tree:add(F["sockaddr.family"], range(0, 2))
		tree:add_le(F["sockaddr.port"], range(2, 2))
		tree:add_le(F["sockaddr.ip"], range(4, 4))
		if six then
			tree:add(F["sockaddr.ip6"], range(8, 16))
		end
		if range(0, 2):uint() ~= 2 and range:raw():find("[^%z]") then
			tree:add_proto_expert_info(X.family)
		end
		say(at, "%s=%s", title:lower(), whole)
	end)
end

local relay_key = part(4, function(at, range)
	at.tree:add(F["relay.key"], range)
	say(at, "key=%s", tostring(range:bytes()):lower())
end)

local relay_port = part(4, function(at, range)
	at.tree:add(F["relay.port"], range(0, 2))
	say(at, "port=%d", range(0, 2):uint())
end)

local side = part(4, function(at, range)
	at.tree:add(F["relay.side"], range(0, 1))
	say(at, "side=%d", range(0, 1):uint())
end)

local nat, version, flag = plain("nat", 1), plain("version", 3), plain("flag", 1)
local dsk, wakeup = text("dsk", 24), plain("wakeup", 16)
local address_local, address_public = address("Local"), address("Public")
local address_any, address_relay = address("Address"), address("Relay")
local address_local24, address_relay24 = address("Local", 24), address("Relay", 24)

-- Adds the parts in their order, as far as the payload goes; says what is left.
local function add_parts(at, payload, parts)
	local offset = 0

	for _, one in ipairs(parts) do
		if offset + one.size > payload:len() then
			break
		end
		if one.size > 0 then
			one.add(at, payload(offset, one.size))
		end
		offset = offset + one.size
	end
	if offset < payload:len() then
		at.tree:add(F.rest, payload(offset))
	end
end

-- A body under the fixed key.
local function hidden(parts, size)
	return { part(size, function(at, range)
		local body = tvb_of(decrypt(range:raw(), FIXED_KEY), "Decrypted body")

		at.tree:add(F.body, body())
		add_parts(at, body(), parts)
	end) }
end

-- Payloads without a fixed length -----------------------------------------------------------------

local function add_artemis(at, data)
	local tree = at.tree:add(F.artemis, data)
	local kind = data(8, 4):le_uint()
	local most = math.min(data(16, 4):le_uint(), data:len() - 20)

	tree:add_le(F["artemis.type"], data(8, 4))
	tree:add_le(F["artemis.sequence"], data(12, 4))
	tree:add_le(F["artemis.length"], data(16, 4))
	if most > 0 and kind == 0 then
		tree:add(F["artemis.media"], data(20, most))
	elseif most > 0 then
		tree:add(F["artemis.text"], data(20, most), visible(data:raw(20, most)))
	end
	say(at, "ARTEMIS %s", ARTEMIS_TYPES[kind] or "?")
end

local function add_channel(at, payload)
	local marker = at.tree:add(F["drw.marker"], payload(0, 1))
	local channel = at.tree:add(F["drw.channel"], payload(1, 1))

	if payload(0, 1):uint() ~= 0xd1 and payload(0, 1):uint() ~= 0xd2 then
		marker:add_proto_expert_info(X.marker)
	end
	if payload(1, 1):uint() > MOST_CHANNEL then
		channel:add_proto_expert_info(X.channel)
	end
	say(at, "channel=%d", payload(1, 1):uint())
end

local function add_drw(at, payload)
	local size = payload:len() - 4
	local index, data

	add_channel(at, payload)
	index = at.tree:add(F["drw.index"], payload(2, 2))
	say(at, "index=%d size=%d", payload(2, 2):uint(), size)
	if size == 0 or size > MOST_DATA then
		index:add_proto_expert_info(X.data)
	end
	if size == 0 then
		return
	end
	data = payload(4)
	at.tree:add(F["drw.data"], data)
	if size >= 20 and data:raw(0, 7) == "ARTEMIS" then
		add_artemis(at, data)
	elseif data:raw() == "ACK" and payload(1, 3):uint() == 0 then
		at.tree:add(F["drw.greeting"], data, "ACK")
		say(at, "greeting")
	end
end

local function add_drw_ack(at, payload)
	local stated = payload(2, 2):uint()
	local there = math.floor((payload:len() - 4) / 2)
	local list = {}
	local count

	add_channel(at, payload)
	count = at.tree:add(F["ack.count"], payload(2, 2))
	for i = 1, math.min(stated, there) do
		at.tree:add(F["ack.index"], payload(2 + 2 * i, 2))
		list[i] = payload(2 + 2 * i, 2):uint()
	end
	if stated ~= there or payload:len() % 2 == 1 or stated > MOST_ACKS then
		count:add_proto_expert_info(X.acks)
	end
	if 4 + 2 * #list < payload:len() then
		at.tree:add(F.rest, payload(4 + 2 * #list))
	end
	say(at, "indexes=%s", table.concat(list, ","))
end

local function add_list(at, payload)
	local parts = { plain("sockaddr.count", 1), zero(3) }
	local stated = payload(0, 1):uint()

	for _ = 1, stated do
		parts[#parts + 1] = address_relay
	end
	if payload:len() ~= 4 + 16 * stated then
		at.tree:add_proto_expert_info(X.length)
	end
	add_parts(at, payload, parts)
end

local function add_bytes(at, payload)
	if payload:len() > 0 then
		at.tree:add(F.rest, payload)
	end
end

-- Messages ----------------------------------------------------------------------------------------

local TYPES = {}

-- A payload of parts; another form has another size.
local function message(number, name, parts, other_name)
	local size = 0
	local entry = TYPES[number] or { name = name, forms = {}, first = parts }

	for _, one in ipairs(parts) do
		size = size + one.size
	end
	entry.forms[size] = { name = other_name or name, parts = parts }
	TYPES[number], TYPE_NAMES[number] = entry, entry.name
end

-- From least to most bytes, in steps.
local function variable(number, name, add, least, most, step)
	TYPES[number] = {
		name = name, add = add or add_bytes, least = least or 0,
		most = math.min(most or MOST_PAYLOAD, MOST_PAYLOAD), step = step or 1,
	}
	TYPE_NAMES[number] = name
end

message(0x00, "HELLO", {})
message(0x01, "HELLO_ACK", { address_any })
message(0x02, "HELLO_TO", { address_any, address_any })
message(0x03, "HELLO_TO_ACK", {})
message(0x05, "CHECK_DEVICE", { did, zero(4) })
message(0x06, "CHECK_DEVICE_DSK", { did, dsk, zero(4) })
message(0x07, "CHECK_DEVICE_ACK", {
	did, address_any, address_any, plain("seconds", 4), plain("seconds", 4), nat, version, flag,
	zero(7),
})
message(0x08, "QUERY_DID", { text("text", 64) })
message(0x09, "QUERY_DID_ACK", { text("text", 64) })
message(0x10, "DEV_LGN", { did, nat, version, address_local })
message(0x11, "DEV_LGN_ACK", { result("login_result") })
message(0x12, "DEV_LGN_CRC", { plain("rest", 44) })
message(0x13, "DEV_LGN_CRC_ACK", { plain("rest", 8) })
message(0x16, "DEV_LGN_DSK", { plain("rest", 68) })
message(0x20, "P2P_REQ", { did, address_local })
message(0x21, "P2P_REQ_ACK", { result("result") })
message(0x23, "P2P_REQ_WI", { did, address_local, wakeup })
message(0x26, "P2P_REQ_DSK", { did, address_local, nat, version, dsk })
message(0x27, "P2P_REQ_DSK_WI", { did, address_local, nat, version, dsk, wakeup })
message(0x28, "RLY_RDY_PLUS", { plain("rest", 52) })
message(0x28, "RLY_RDY_PLUS", { plain("rest", 92) })
message(0x30, "LAN_SEARCH", {})
variable(0x31, "LAN_NOTIFY")
variable(0x32, "LAN_SEARCH_EXT")
variable(0x33, "LAN_SEARCH_EXT_ACK")
for _, number in ipairs({ 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3f }) do
	variable(number, string.format("SUPER_DEVICE_%02X", number), function(at, payload)
		add_parts(at, payload, hidden({}, payload:len()))
	end)
end
message(0x40, "PUNCH_TO", { address_any })
message(0x41, "PUNCH_PKT", { did })
message(0x42, "P2P_RDY", { did })
message(0x43, "TRY_LAN_TCP", { did, address("Address", 24) })
message(0x43, "TRY_LAN_TCP", { did }, "P2P_RDY_ACK")
message(0x44, "P2P_RDY_LAN_TCP", { did })
message(0x50, "TCP_RS_LGN", { plain("rest", 56) })
message(0x51, "TCP_RS_LGN_ACK", { result("login_result") })
message(0x52, "TCP_RS_START", { did, relay_key, address_relay24 })
message(0x53, "TCP_RLY_REQ", { did, address_local24, nat, version, flag, zero(3) })
message(0x54, "TCP_RLY_REQ_DSK", { did, address_local24, nat, version, flag, zero(3), dsk })
message(0x55, "TCP_RLY_REQ_ACK", { part(4, function(at, range)
	at.tree:add(F.tcp_result, range(0, 1))
	at.tree:add(F.flag, range(1, 1))
	say(at, "result=%d flag=%d", range(0, 1):int(), range(1, 1):uint())
end) })
message(0x56, "TCP_RLY_REQ_WI", { did, address_local24, nat, version, flag, zero(3), wakeup })
message(0x57, "TCP_RLY_REQ_DSK_WI", {
	did, address_local24, nat, version, flag, zero(3), dsk, wakeup,
})
message(0x60, "RS_LGN", { did, plain("bandwidth", 4), plain("users", 4) })
message(0x61, "RS_LGN_ACK", { result("login_result") })
message(0x62, "RS_LGN1", { did, plain("bandwidth", 4), plain("users", 4), address_local })
message(0x63, "RS_LGN1_ACK", { result("login_result") })
message(0x66, "LIST_REQ1_WI", { did, wakeup })
message(0x67, "LIST_REQ1", { did })
message(0x68, "LIST_REQ", {})
variable(0x69, "LIST_REQ_ACK", add_list, 4, 4 + 16 * 79, 16)
message(0x6a, "LIST_REQ_DSK", { did, dsk })
message(0x6b, "LIST_REQ_DSK_WI", { did, dsk, wakeup })
message(0x70, "RLY_HELLO", {})
message(0x71, "RLY_HELLO_ACK", {})
message(0x72, "RLY_PORT", {})
message(0x73, "RLY_PORT_ACK", { relay_key, relay_port })
variable(0x74, "RLY_PORT_74")
variable(0x75, "RLY_PORT_75")
message(0x76, "RLY_PORT_76", { plain("rest", 264) })
message(0x77, "RLY_PORT_77", { plain("rest", 288) })
message(0x78, "BYTE_COUNT", { plain("bytes", 4) })
message(0x80, "RLY_REQ", { did, address_relay, relay_key })
message(0x81, "RLY_REQ_ACK", { result("result") })
message(0x82, "RLY_TO", { address_relay, relay_key })
message(0x83, "RLY_PKT", { relay_key, did, side })
message(0x84, "RLY_RDY", { did })
variable(0x85, "RLY_TO_ACK")
variable(0x87, "RLY_SERVER_REQ")
message(0x90, "SDEV_RUN", {})
message(0x91, "SDEV_LGN", { did })
message(0x91, "SDEV_LGN", { address_any })
message(0x92, "SDEV_LGN_CRC", { plain("rest", 24) })
message(0x92, "SDEV_LGN_CRC", { plain("rest", 20) })
variable(0xa0, "CONNECT_REPORT")
variable(0xa1, "REPORT_REQ")
variable(0xa2, "REPORT")
variable(0xd0, "DRW", add_drw, 4)
variable(0xd1, "DRW_ACK", add_drw_ack, 4)
variable(0xd8, "PSR", add_drw, 4)
variable(0xdc, "DC", nil, 64)
message(0xe0, "ALIVE", {})
message(0xe1, "ALIVE_ACK", {})
message(0xf0, "CLOSE", {})
for number = 0xf4, 0xf8 do
	variable(number, string.format("MANAGEMENT_%02X", number))
end
message(0xf9, "REPORT_SESSION_READY", hidden({
	did, plain("report.result", 4), plain("report.most_sessions", 2),
	plain("report.sessions", 2), plain("report.elapsed", 2),
	plain("report.side", 1), plain("report.mode", 1), plain("report.lan_search", 1),
	plain("flag", 1), zero(2), address_local, address_public,
	address("Peer"),
}, 84))
message(0xfb, "REPORT_RLY_RDY_PLUS", hidden({}, 76))

-- The names are copied here.
field("type", "uint8", "Type", base.HEX, TYPE_NAMES)

-- Whether a payload of this size can be of this type.
local function fits(entry, size)
	if entry.forms then
		return entry.forms[size] ~= nil
	end
	return size >= entry.least and size <= entry.most and (size - entry.least) % entry.step == 0
end

local function is_zero(raw, first)
	return not raw:find("[^%z]", first)
end

-- The plain datagram and its key. On any port only what nothing else can be; on a port of PPCS
-- everything that could begin a message. size: of the whole datagram, of which raw may be a part.
local function recognise(raw, size, on_any_port)
	local pref = ppcs.prefs.key
	local keys = pref == "auto" and ALL_KEYS or pref == "" and { "" } or { pref, "" }

	for _, key in ipairs(keys) do
		local head = decrypt(raw:sub(1, 4), key)
		local entry = TYPES[head:byte(2)]
		local stated = head:byte(3) * 256 + head:byte(4)
		local beyond = size - 4 - stated

		if head:byte(1) == 0xf1 and entry and fits(entry, stated) and beyond >= 0 then
			local whole = decrypt(raw, key)

			if beyond == 0 or not on_any_port or (entry.forms and
				(is_zero(raw, 5 + stated) or is_zero(whole, 5 + stated))) then
				return whole, key
			end
		end
	end
	for _, key in ipairs(on_any_port and {} or keys) do
		if decrypt(raw:sub(1, 1), key):byte() == 0xf1 and (pref ~= "auto" or key == "") then
			return decrypt(raw, key), key
		end
	end
	return nil
end

local function add_payload(at, entry, payload)
	local size = payload:len()
	local form = entry.forms and entry.forms[size] or
		entry.forms and { name = entry.name, parts = entry.first }

	if not fits(entry, size) then
		at.tree:add_proto_expert_info(X.length)
	end
	if form then
		at.name = form.name
		add_parts(at, payload, form.parts)
	elseif size < entry.least then
		add_bytes(at, payload)
	else
		entry.add(at, payload)
	end
end

-- A range may not be empty, so the payload is one of the tvb that ends where the payload does.
local empty = { len = function() return 0 end }

-- One plain message with all bytes of its datagram. Returns the text for the list of packets.
local function add_message(tvb, tree, key, whole_size)
	local root = tree:add(ppcs, tvb())
	local at = { tree = root, info = {}, name = nil }
	local stated, there = tvb(2, 2):uint(), tvb:len() - 4
	local number = tvb(1, 1):uint()
	local entry = TYPES[number]
	local length

	at.name = entry and entry.name or string.format("UNKNOWN_%02X", number)
	root:add(F.magic, tvb(0, 1))
	root:add(F.type, tvb(1, 1))
	length = root:add(F.length, tvb(2, 2))
	root:add(F.obfuscation, key == "" and "none" or key):set_generated()
	if there < stated and tvb:len() < whole_size then
		root:append_text(" [cut off by the capture]")
	elseif there < stated then
		length:add_proto_expert_info(X.short)
		root:add(F.rest, tvb(4))
	elseif entry then
		add_payload(at, entry, stated > 0 and tvb(4, stated) or empty)
	else
		root:add_proto_expert_info(X.type)
		add_bytes(at, stated > 0 and tvb(4, stated) or empty)
	end
	if there > stated then
		root:add(F.extra, tvb(4 + stated))
		length:add_proto_expert_info(X.extra)
		say(at, "extra=%d", there - stated)
	end
	root:add(F.name, at.name):set_generated()
	table.insert(at.info, 1, at.name)
	root:append_text(", " .. at.name)
	return table.concat(at.info, " ")
end

-- UDP ---------------------------------------------------------------------------------------------

local function add_datagram(tvb, pinfo, tree, on_any_port)
	local raw, size = tvb:raw(), tvb:reported_len()
	local whole, key

	if #raw < 4 then
		return 0
	end
	whole, key = recognise(raw, size, on_any_port)
	if not whole then
		return 0
	end
	pinfo.cols.protocol = "PPCS"
	whole = key == "" and tvb or tvb_of(whole, "Plain PPCS")
	pinfo.cols.info = add_message(whole, tree, key, size)
	return tvb:len()
end

function ppcs.dissector(tvb, pinfo, tree)
	return add_datagram(tvb, pinfo, tree, false)
end

ppcs:register_heuristic("udp", function(tvb, pinfo, tree)
	if add_datagram(tvb, pinfo, tree, true) == 0 then
		return false
	end
	pinfo.conversation = ppcs
	return true
end)

-- TCP ---------------------------------------------------------------------------------------------

local function check_of(body)
	local c0, c1 = 0x43, 0x53

	for i = 1, #body do
		local t = xor(xor(c0, c1), body:byte(i))

		if i % 2 == 1 then
			c1 = xor(xor(c1, t), body:byte(#body + 1 - i))
		end
		c0 = t
	end
	return string.char(c0, c1)
end

-- The message in a frame, its network key, and whether the check bytes are right. On the LAN the
-- four bytes are zero, there is no check and no second obfuscation.
local function open_frame(raw)
	local body, right = raw:sub(9), true
	local plain_body, key

	if raw:sub(5, 8) ~= ("\0"):rep(4) then
		right = check_of(body) == raw:sub(7, 8)
		body = decrypt(body, string.format("%02X%02X", raw:byte(5, 6)))
	end
	if #body >= 4 then
		plain_body, key = recognise(body, #body, true)
	end
	return plain_body, key, right
end

local first_of_segment

local function add_frame(tvb, pinfo, tree)
	local root = tree:add(frame, tvb())
	local raw = tvb:raw()
	local info = "frame"
	local marker, check, whole, key, right

	root:add(T.length, tvb(0, 2))
	marker = root:add(T.marker, tvb(2, 2))
	root:add(T.key, tvb(4, 2))
	check = root:add(T.check, tvb(6, 2))
	whole, key, right = open_frame(raw)
	if raw:sub(3, 4) ~= "\104\0" then
		marker:add_proto_expert_info(X.frame)
	elseif not right then
		check:add_proto_expert_info(X.check)
	elseif whole then
		info = add_message(tvb_of(whole, "Plain PPCS"), tree, key, #whole)
	else
		root:add_proto_expert_info(X.body)
	end
	pinfo.cols.protocol = "PPCS"
	if first_of_segment then
		pinfo.cols.info = info
	else
		pinfo.cols.info:append("; " .. info)
	end
	first_of_segment = false
	return tvb:len()
end

-- What is no frame is shown as one, to its end.
local function size_of_frame(tvb, _, offset)
	if tvb:raw(offset + 2, 2) ~= "\104\0" or tvb(offset, 2):uint() > MOST_PAYLOAD + 4 then
		return tvb:len() - offset
	end
	return 8 + tvb(offset, 2):uint()
end

function frame.dissector(tvb, pinfo, tree)
	first_of_segment = true
	dissect_tcp_pdus(tvb, tree, 8, size_of_frame, add_frame)
	return tvb:len()
end

-- A stream is recognised by a first frame that is whole and right.
frame:register_heuristic("tcp", function(tvb, pinfo, tree)
	local raw = tvb:raw()
	local size = #raw >= 12 and size_of_frame(tvb, pinfo, 0) or 0
	local whole, right, _

	if size < 12 or size > #raw or raw:sub(3, 4) ~= "\104\0" then
		return false
	end
	whole, _, right = open_frame(raw:sub(1, size))
	if not right or (raw:sub(5, 8) == ("\0"):rep(4) and not whole) then
		return false
	end
	pinfo.conversation = frame
	frame.dissector(tvb, pinfo, tree)
	return true
end)

-- Registration ------------------------------------------------------------------------------------

local in_order = {}
for _, one in pairs(F) do
	in_order[#in_order + 1] = one
end
ppcs.fields = in_order
in_order = {}
for _, one in pairs(X) do
	in_order[#in_order + 1] = one
end
ppcs.experts = in_order
frame.fields = { T.length, T.marker, T.key, T.check }

local udp_ports = DissectorTable.get("udp.port")
local extra_ports = ""

for _, port in ipairs(KNOWN_PORTS) do
	udp_ports:add(port, ppcs)
end
DissectorTable.get("tcp.port"):add_for_decode_as(frame)

function ppcs.prefs_changed()
	if extra_ports ~= ppcs.prefs.ports then
		if extra_ports ~= "" then
			udp_ports:remove(extra_ports, ppcs)
		end
		extra_ports = ppcs.prefs.ports
		if extra_ports ~= "" then
			udp_ports:add(extra_ports, ppcs)
		end
		for _, port in ipairs(KNOWN_PORTS) do
			udp_ports:add(port, ppcs)
		end
	end
end
