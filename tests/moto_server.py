"""moto as an HTTP server inside the test process."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


@contextmanager
def running_moto() -> Iterator[str]:
    """moto on a free port of loopback; gives its endpoint URL."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    application = _one_at_a_time(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="moto")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
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


class _Quiet(WSGIRequestHandler):
    def log(self, *args: object) -> None:
        pass
