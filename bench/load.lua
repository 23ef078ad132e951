-- What wrk sends: the same script for every case, so that it costs every case the same.
--
--   wrk -t1 -s load.lua URL -- FILE
--
-- FILE has a line each: the Authorization header (or nothing), then
--   authorization VALUE             the Authorization header of what follows
--   expect TEXT                     an answer without it counts as broken
-- and either
--   request METHOD PATH [BODY]      any number, sent in turn; a form, or JSON
--   rotate PATH TOKEN               any number: each answer's refresh token is
--                                   sent next, so that no token is sent twice
-- One thread: the tokens in hand are one list.

local thread_of_all
local FORM, JSON = "application/x-www-form-urlencoded", "application/json"
local headers, requests, tokens, path, turn, expected

refused = 0

function setup(thread) thread_of_all = thread end

function init(args)
  headers, requests, tokens, turn = {}, {}, {}, 0
  local lines = io.lines(args[1])
  local authorization = lines()
  if authorization ~= "" then headers["Authorization"] = authorization end
  headers["Content-Type"] = FORM
  headers["Host"] = wrk.headers["Host"]
  for line in lines do
    local word, rest = line:match("^(%S+) (.*)$")
    local kind, first, second, third = line:match("^(%S+) (%S+) (%S+) ?(.*)$")
    if word == "authorization" then
      headers["Authorization"] = rest
    elseif word == "expect" then
      expected = rest
    elseif kind == "rotate" then
      path = first
      tokens[#tokens + 1] = second
    else
      headers["Content-Type"] = third:sub(1, 1) == "{" and JSON or FORM
      requests[#requests + 1] = wrk.format(first, second, headers, third ~= "" and third or nil)
    end
  end
end

function request()
  if path then
    local token = table.remove(tokens, 1)
    return wrk.format("POST", path, headers, "grant_type=refresh_token&refresh_token=" .. token)
  end
  turn = turn % #requests + 1
  return requests[turn]
end

function response(status, _, body)
  local token = body:match('"refresh_token":"([^"]+)"')
  if token then tokens[#tokens + 1] = token end
  if status ~= 200 or expected and not body:find(expected, 1, true) then refused = refused + 1 end
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout + thread_of_all:get("refused")
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), broken))
end
