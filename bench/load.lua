-- What wrk sends: the same script for every case, so that it costs every case the same.
--
--   wrk -t1 -s load.lua URL -- FILE
--
-- FILE has a line each: the Authorization header (or nothing), then either
--   request METHOD PATH [BODY]      any number, sent in turn
--   rotate PATH TOKEN               any number: each answer's refresh token is
--                                   sent next, so that no token is sent twice
-- One thread: the tokens in hand are one list.

local thread_of_all
local headers, requests, tokens, path, turn

refused = 0

function setup(thread) thread_of_all = thread end

function init(args)
  headers, requests, tokens, turn = {}, {}, {}, 0
  local lines = io.lines(args[1])
  local authorization = lines()
  if authorization ~= "" then headers["Authorization"] = authorization end
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  headers["Host"] = wrk.headers["Host"]
  for line in lines do
    local kind, first, second, third = line:match("^(%S+) (%S+) (%S+) ?(.*)$")
    if kind == "rotate" then
      path = first
      tokens[#tokens + 1] = second
    else
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
  if status ~= 200 then refused = refused + 1 end
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout + thread_of_all:get("refused")
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), broken))
end
