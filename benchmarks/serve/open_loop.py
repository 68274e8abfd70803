"""Open-loop load: requests leave at a constant rate, whether or not earlier ones were answered.

The latency of each is counted from when it was due, so a server that stalls cannot hide the
requests that it kept waiting ("coordinated omission", Tene 2013).
"""

import asyncio
import random
from collections import Counter, deque
from dataclasses import dataclass, field

CONNECTIONS = 128
GRACE_SECONDS = 15
PERCENTILES = (0.50, 0.95, 0.99)


@dataclass
class Arrivals:
    """What became of each request, in seconds from the start."""

    due: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)

    def between(self, start: float, end: float) -> "Arrivals":
        kept = [i for i, due in enumerate(self.due) if start <= due < end]
        return Arrivals(
            [self.due[i] for i in kept],
            [self.latency[i] for i in kept],
            [self.status[i] for i in kept],
        )

    def percentiles_ms(self) -> tuple[float, ...]:
        ranked = sorted(self.latency)
        return tuple(1000 * ranked[int(share * (len(ranked) - 1))] for share in PERCENTILES)

    def statuses(self) -> Counter[int]:
        return Counter(self.status)


def open_loop(port: int, users: int, rate: float, seconds: float, seed: int = 1) -> Arrivals:
    """Send `rate` lookups a second of random users; returns when the last was answered or lost.

    A request without an answer 15 seconds after the last was due counts as status 0.
    """
    return asyncio.run(_Run(port, users, rate, seconds, seed).run())


class _Run:
    def __init__(self, port: int, users: int, rate: float, seconds: float, seed: int) -> None:
        self._port, self._users, self._rate, self._seconds = port, users, rate, seconds
        self._chance = random.Random(seed)
        self._idle: deque[_Connection] = deque()
        self._waiting: deque[float] = deque()
        self._answered = Arrivals()
        self._connecting: set[asyncio.Task[None]] = set()

    async def run(self) -> Arrivals:
        loop = asyncio.get_running_loop()
        self._clock = loop.time
        await asyncio.gather(*(self._connect() for _ in range(CONNECTIONS)))
        self._start = loop.time()
        total = int(self._rate * self._seconds)
        for number in range(total):
            due = number / self._rate
            if (early := due - (loop.time() - self._start)) > 0:
                await asyncio.sleep(early)
            self._waiting.append(due)
            self.send_waiting()
        end = loop.time() + GRACE_SECONDS
        while len(self._answered.due) < total and loop.time() < end:
            await asyncio.sleep(0.05)
        for _ in range(total - len(self._answered.due)):
            self._note(self._waiting.popleft() if self._waiting else self._seconds, 0)
        return self._answered

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                _, connection = await loop.create_connection(
                    lambda: _Connection(self), "127.0.0.1", self._port
                )
                break
            except OSError:
                await asyncio.sleep(0.1)
        self._idle.append(connection)
        self.send_waiting()

    def send_waiting(self) -> None:
        while self._idle and self._waiting:
            self._idle.popleft().send(self._waiting.popleft(), self._chance.randrange(self._users))

    def answered(self, connection: "_Connection", due: float, status: int) -> None:
        self._note(due, status)
        self._idle.append(connection)
        self.send_waiting()

    def lost(self, connection: "_Connection", due: float | None) -> None:
        """A closed connection is replaced, and the request that it carried has failed."""
        if due is not None:
            self._note(due, 0)
        elif connection in self._idle:
            self._idle.remove(connection)
        task = asyncio.ensure_future(self._connect())
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def _note(self, due: float, status: int) -> None:
        self._answered.due.append(due)
        self._answered.latency.append(self._clock() - self._start - due)
        self._answered.status.append(status)


class _Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = b""
        self._due: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, due: float, user: int) -> None:
        self._due = due
        body = b'{"user_handle": %d}' % user
        self._transport.write(
            b"POST /similar-users HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
        if len(rest) >= length and self._due is not None:
            due, self._due, self._received = self._due, None, b""
            self._run.answered(self, due, int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost(self, self._due)
