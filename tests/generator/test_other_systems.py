"""What Linux alone has must not be needed: the README promises macOS."""

import subprocess
import sys

from generator.process import memory
from tests.processes import ROOT, environment

WITHOUT_LINUX = """
import os, resource, select, signal, socket, sys
for module, beginnings in {
    os: ("sched_", "eventfd", "memfd_", "pidfd_", "posix_fadvise", "splice", "setns", "unshare"),
    select: ("epoll", "EPOLL"),
    signal: ("SIGRT", "SIGPOLL", "SIGPWR", "SIGSTKFLT"),
    socket: ("TCP_INFO", "TCP_QUICKACK", "TCP_USER_TIMEOUT", "SO_PEERCRED", "SO_BINDTODEVICE"),
    resource: ("prlimit", "RUSAGE_THREAD"),
}.items():
    for name in [name for name in dir(module) if name.startswith(beginnings)]:
        delattr(module, name)
"""


def run(statements: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LINUX + statements],
        cwd=ROOT,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_run_needs_nothing_that_is_of_linux_alone(tables, tmp_path):
    found = run(
        "sys.argv[1:] = ['--force']\n"
        "import runpy; runpy.run_path('run_generator.py', run_name='__main__')",
        DATA_URL=str(tables),
        STORE_URL=f"sqlite:///{tmp_path}/store",
        SET_ASIDE_FOLDER=str(tmp_path / "aside"),
        MODELS="tfidf_user_interest,knn_collab_filtering_user_course_view",
    )
    assert "list knn_collab_filtering_user_course_view" in found
    assert list((tmp_path / "store").rglob("*.sqlite"))


def test_the_server_can_be_imported_without_what_is_of_linux_alone():
    assert run("import run_server, server.process.workers; print('imported')") == "imported\n"


def test_without_proc_memory_is_still_measured(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "PROCESS", tmp_path)
    memory.restart_peak()
    assert memory.peak_bytes() > 0


def test_without_the_resource_module_the_peak_is_what_is_held_now(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "PROCESS", tmp_path)
    monkeypatch.setitem(sys.modules, "resource", None)
    assert abs(memory.peak_bytes() - memory.resident_bytes()) < 8 * memory.BYTES_PER_MB
