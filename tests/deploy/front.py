"""nginx from the system, with the sample configuration and nothing else of the system's."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import ROOT, free_port, wait_until_it_answers

SAMPLE = ROOT / "deploy" / "nginx" / "kindred.conf"
PROGRAM = shutil.which("nginx") or "/usr/sbin/nginx"
TRUSTED_IN_FRONT = "127.0.0.2"
"""A proxy in front of nginx: connections from there may say who asks."""
_MAIN = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/kindred.conf;
}}
"""


@dataclass
class Front:
    folder: Path
    http: str
    https: str

    @property
    def certificate(self) -> str:
        return f"{self.folder}/fullchain.pem"

    @property
    def access_log(self) -> list[str]:
        return (self.folder / "kindred.access.log").read_text().splitlines()


@contextmanager
def nginx(folder: Path, server_port: int) -> Iterator[Front]:
    """In front of the server at that port: by HTTP and, with what the sample has commented, TLS."""
    http, https = free_port(), free_port()
    text = SAMPLE.read_text().replace("#tls ", "").replace("#behind ", "")
    for usual, here in (
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ", f"listen 127.0.0.1:{https} "),
        ("127.0.0.1:5000", f"127.0.0.1:{server_port}"),
        ("192.0.2.10", TRUSTED_IN_FRONT),
        # So slow that nothing is allowed anew while a test asks, however long that takes.
        ("rate=100r/s", "rate=1r/s"),
        ("/etc/ssl/kindred", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert usual in text
        text = text.replace(usual, here)
    (folder / "kindred.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user))
    _make_certificate(folder)
    process = subprocess.Popen(
        [PROGRAM, "-p", folder, "-e", folder / "nginx.log", "-c", folder / "nginx.conf"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{http}/metrics", process)
        yield Front(folder, f"http://127.0.0.1:{http}", f"https://127.0.0.1:{https}")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _make_certificate(folder: Path) -> None:
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    name = "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    command = ["openssl", "req", *options.split(), *name.split(), *files]
    subprocess.run(command, check=True, capture_output=True)
