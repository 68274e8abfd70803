"""moto as an HTTP server inside the test process."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


@contextmanager
def running_moto() -> Iterator[str]:
    """moto on a free port of loopback; gives its endpoint URL."""
    import py_partiql_parser
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    # moto imports tables with a parser that takes JSON within a text for more of the line.
    parser, py_partiql_parser.JsonParser = py_partiql_parser.JsonParser, _JsonLines
    application = _one_at_a_time(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="moto")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        py_partiql_parser.JsonParser = parser
        server.shutdown()
        thread.join()
        server.server_close()


def _one_at_a_time(application: Callable[..., Iterable[bytes]]) -> Callable[..., list[bytes]]:
    """moto checks a condition and writes in two steps; DynamoDB does both at once."""
    lock = threading.Lock()

    def serve(environ: Any, start_response: Any) -> list[bytes]:
        with lock:
            return list(application(environ, start_response))

    return serve


class _JsonLines:
    @staticmethod
    def parse(original: str) -> list[Any]:
        # Not splitlines(): JSON may hold other line ends of Unicode as they are.
        return [json.loads(line) for line in original.split("\n") if line]


class _Quiet(WSGIRequestHandler):
    def log(self, *args: object) -> None:
        pass
