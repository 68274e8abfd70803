"""The server as processes on granian: one that watches, and workers that answer."""

import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from server.process.greeting import greet
from server.process.slow_bodies import watch
from server.watching.logs import logging_config
from server.watching.tracing import require_library
from shared.errors import SettingsError
from shared.settings import ServerSettings

MAX_CONNECTIONS = 4096
"""Of one worker; idle ones count too."""
OTHER_FILES = 256
"""That a worker may have open besides: generations, logs, the store's connections."""
HEADER_READ_TIMEOUT_MS = 75_000
"""Also ends idle connections, so it is longer than the minute that load balancers keep theirs."""
MAX_HEADER_BYTES = 64 * 1024
WORKERS_KILL_TIMEOUT_SECONDS = 3
"""A worker told to stop while it still imports would else never stop (granian issue 875), nor one
whose clients never finish."""


def serve(
    settings: ServerSettings,
    threads: int,
    build_app: Callable[[], WSGIApplication],
    say: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT, with so many threads a worker.

    Each worker calls `build_app` for itself, after the fork.

    Raises SettingsError if SERVER_HOST and SERVER_PORT cannot be listened on, or a library that the
    settings need is missing.
    """
    require_library(settings.otlp_endpoint)
    connections = _allow_connections()
    address = free_address(settings.server_host, settings.server_port)
    granian = Granian(
        "kindred",
        address=address,
        port=settings.server_port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_READ_TIMEOUT_MS, max_buffer_size=MAX_HEADER_BYTES
        ),
        websockets=False,
        workers=settings.server_workers,
        blocking_threads=threads,
        backpressure=connections,
        respawn_failed_workers=True,
        workers_kill_timeout=WORKERS_KILL_TIMEOUT_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=logging_config(settings.log_format, sys.stderr.isatty()),
    )
    greeting = partial(greet, address, settings.server_port, settings.store_url, say)
    watching = partial(watch, settings.server_port, threads, connections)
    # Not a lock of multiprocessing, which needs room in /dev/shm.
    turn, give = multiprocessing.Pipe(duplex=False)
    os.write(give.fileno(), b"1")
    start = partial(_start_worker, build_app, greeting, watching, turn)
    granian.serve(target_loader=start, wrap_loader=False)


def _allow_connections() -> int:
    """How many connections a worker may have, after the limit of open files is raised for them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(64, min(soft, wanted) - OTHER_FILES)


def free_address(host: str, port: int) -> str:
    """The IP address of `host`, if `port` is free there.

    Asked before the start, because granian lets two servers share a port. Raises SettingsError.
    """
    try:
        family, kind, protocol, _, name = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(name)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {host} port {port}: {error.strerror}. Stop what uses the port, or "
            "set SERVER_HOST and SERVER_PORT to an address of this machine and a free port."
        ) from error
    return str(name[0])


def _start_worker(
    build_app: Callable[[], WSGIApplication],
    greeting: Callable[[], None],
    watching: Callable[[], None],
    turn: Connection,
) -> WSGIApplication:
    os.setpgid(0, 0)  # Ctrl-C reaches the watching process alone, which then stops the workers
    _in_background(_stop_with_parent)
    _in_background(watching)
    app = build_app()
    if _is_first(turn):
        _in_background(greeting)
    return app


def _is_first(turn: Connection) -> bool:
    """Whether no other worker has taken the one turn that there is."""
    os.set_blocking(turn.fileno(), False)
    try:
        return bool(os.read(turn.fileno(), 1))
    except BlockingIOError:
        return False


def _stop_with_parent() -> None:
    """A killed parent must not leave workers behind that hold the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # A worker that is still starting loses a signal, so it is told more than once.
        for _ in range(WORKERS_KILL_TIMEOUT_SECONDS):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
        os._exit(1)


def _in_background(run: Callable[[], None]) -> None:
    threading.Thread(target=run, daemon=True).start()
