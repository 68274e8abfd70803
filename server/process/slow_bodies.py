"""Clients that send a body slowly, or not at all, must not keep the threads that answer others.

The WSGI server reads a body in the thread that answers it, waits for it for ever, and tells neither
the port of the client nor lets a read be ended. So a thread of our own watches how long reads take,
and when one takes too long it looks at the connections of this process (Linux tells their state by
TCP_INFO) and ends those that are silent, or that still send and get no answer. That may end an idle
connection too, which clients expect of idle connections.

It also ends connections that say nothing while there are many: those that never said anything after
a second, those that were silent for a while after five.
"""

import os
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

Argument = TypeVar("Argument")

PATIENCE_SECONDS = 10.0
SHORT_PATIENCE_SECONDS = 1.0
"""While half of the threads or more wait for bodies."""
PERIOD_SECONDS = 0.25
CROWDED_SHARE = 0.25
"""Of the connections that a process may have; while there are more, the silent ones end."""
SILENT_SECONDS = 5.0
MUTE_SECONDS = 1.0
_ESTABLISHED = 1
# Offsets in struct tcp_info; times in ms.
_STATE, _LAST_SENT, _LAST_RECEIVED, _BYTES_RECEIVED = 0, 44, 52, 128
_TCP_INFO_BYTES = 136

_reading: dict[int, float] = {}
"""Thread -> since when it reads a body."""


def timed(read: Callable[[Argument], bytes], argument: Argument) -> bytes:
    """`read(argument)`: every read of a request's body goes through here."""
    thread = threading.get_ident()
    _reading[thread] = time.monotonic()
    try:
        return read(argument)
    finally:
        del _reading[thread]


def watch(port: int, threads: int, connections: int) -> None:
    """Never returns. `port` is the one that this process listens on, with so many `threads` and at
    most so many `connections`."""
    if not sys.platform.startswith("linux"):
        return
    waiting_since: dict[int, float] = {}
    while True:
        time.sleep(PERIOD_SECONDS)
        now = time.monotonic()
        if len(os.listdir("/proc/self/fd")) > CROWDED_SHARE * connections:
            with suppress(OSError):
                _end_silent(port)
        reads = list(_reading.values())
        patience = SHORT_PATIENCE_SECONDS if 2 * len(reads) >= threads else PATIENCE_SECONDS
        if not reads:
            waiting_since.clear()
        elif now - min(reads) > SHORT_PATIENCE_SECONDS / 2:
            with suppress(OSError):  # a connection that ends meanwhile
                _end_slow(port, now, now - min(reads) > patience, patience, waiting_since)


def _end_silent(port: int) -> None:
    for _, connection in _connections(port):
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        sent, received = _silence(info)
        # An older kernel does not say how much came: then nobody is taken for mute.
        said = len(info) < _TCP_INFO_BYTES or any(info[_BYTES_RECEIVED:_TCP_INFO_BYTES])
        if min(sent, received) > (SILENT_SECONDS if said else MUTE_SECONDS):
            with suppress(OSError):  # it ended meanwhile
                connection.shutdown(socket.SHUT_RD)


def _silence(info: bytes) -> tuple[float, float]:
    """Since when nothing was sent, and nothing received, in seconds."""
    sent, received = (
        struct.unpack_from("=I", info, offset)[0] / 1000 for offset in (_LAST_SENT, _LAST_RECEIVED)
    )
    return sent, received


def _end_slow(
    port: int, now: float, overdue: bool, patience: float, waiting_since: dict[int, float]
) -> None:
    """End what is silent or unanswered for longer than `patience`, if a read is `overdue`."""
    unanswered = set()
    for number, connection in _connections(port):
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        sent, received = _silence(info)
        if received < sent:
            unanswered.add(number)
            waiting_since.setdefault(number, now)
        waited = now - waiting_since.get(number, now)
        if overdue and info[_STATE] == _ESTABLISHED and max(received, waited) > patience:
            # What was read so far is answered, as malformed; then the connection ends.
            connection.shutdown(socket.SHUT_RD)
    for number in waiting_since.keys() - unanswered:
        del waiting_since[number]


def _connections(port: int) -> Iterator[tuple[int, socket.socket]]:
    """The connections that this process has accepted, by the inode of each."""
    for name in os.listdir("/proc/self/fd"):
        try:
            # Closing the copy of a file would end this process's locks on it (POSIX), so that
            # nothing but a socket is copied.
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            copy = os.dup(int(name))
        except OSError:  # closed meanwhile
            continue
        try:
            connection = socket.socket(fileno=copy)
        except OSError:  # no socket
            os.close(copy)
            continue
        with connection:
            try:
                connection.getpeername()
                if connection.getsockname()[1] == port:
                    yield os.fstat(copy).st_ino, connection
            except (OSError, IndexError):  # not connected, or of another kind
                continue
