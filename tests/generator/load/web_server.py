"""A web server in this process that serves a folder, and misbehaves on request."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if "/forbidden/" in self.path:
            self.send_error(403)
        elif "/locked/" in self.path and "?key=secret" not in self.path:
            self.send_error(401)
        elif "/cut/" in self.path and self.path.endswith(".csv"):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"user_handle,interest_tag,date_followed\n")
            self.close_connection = True
        elif "/endless/" in self.path:
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):
                while True:
                    self.wfile.write(bytes(2**20))
        else:
            super().do_GET()

    def log_request(self, *args: object) -> None:
        pass

    log_error = log_request


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Gives the address: /x/ is the folder x; forbidden, locked, cut and endless ones misbehave."""
    handler = functools.partial(_Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
