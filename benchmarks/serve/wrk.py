"""Closed-loop load: wrk keeps a number of connections busy, as fast as answers come."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
SECONDS_IN = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
_SCRIPT = """
local users = %d
function init(arguments) math.randomseed(%d) end
function request()
  local body = '{"user_handle": ' .. math.random(0, users - 1) .. '}'
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end
"""


@dataclass(frozen=True)
class Load:
    requests_per_second: float
    failed: int
    p99_seconds: float


def closed_loop(url: str, users: int, seconds: float, seed: int = 1) -> Load:
    """Random users of 0 .. users-1, over 16 connections. Raises CalledProcessError if wrk fails."""
    return scripted(url, _SCRIPT % (users, seed), seconds)


def scripted(url: str, lua: str, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Requests as the script makes them, one after another on each connection."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "requests.lua")
        script.write_text(lua)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency"]
        command += ["-s", str(script), url]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate, slowest = (
        re.search(pattern, said)
        for pattern in (r"Requests/sec:\s+([\d.]+)", r"99%\s+([\d.]+)(\w+)")
    )
    assert rate, said
    assert slowest, said
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failed = int(refused[1]) if refused else 0
    return Load(
        float(rate[1]),
        failed + sum(map(int, broken.groups()) if broken else ()),
        float(slowest[1]) * SECONDS_IN[slowest[2]],
    )
