"""Closed-loop load: wrk keeps a number of connections busy, as fast as answers come."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
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


def closed_loop(url: str, users: int, seconds: float, seed: int = 1) -> Load:
    """Random users of 0 .. users-1, over 16 connections. Raises CalledProcessError if wrk fails."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "requests.lua")
        script.write_text(_SCRIPT % (users, seed))
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", str(script), url]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate, said
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failed = int(refused[1]) if refused else 0
    return Load(float(rate[1]), failed + sum(map(int, broken.groups()) if broken else ()))
