"""A TCP proxy that a test cuts or lets hang, and mends again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Passes bytes between clients and one server while it is `open`."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._mode = "open"
        self._sockets: list[socket.socket] = []
        self.received = 0
        """Pieces of requests that came while it hung or passed them on."""
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and each new one as soon as it is made."""
        self._mode = "cut"
        self._break_all()

    def hang(self) -> None:
        """Take what comes and answer nothing."""
        self._mode = "hanging"

    def mend(self) -> None:
        self._mode = "open"
        self._break_all()  # those whose requests were swallowed would wait for ever

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _break_all(self) -> None:
        while self._sockets:
            with suppress(OSError):
                self._sockets.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._mode == "cut":
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                self._sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._pass, args=[source, sink, source is client], daemon=True
                    ).start()

    def _pass(self, source: socket.socket, sink: socket.socket, is_request: bool) -> None:
        with suppress(OSError), source, sink:
            while piece := source.recv(65536):
                self.received += is_request
                if self._mode == "open":
                    sink.sendall(piece)


@contextmanager
def running_proxy(host: str, port: int) -> Iterator[Proxy]:
    proxy = Proxy(host, port)
    try:
        yield proxy
    finally:
        proxy.close()
