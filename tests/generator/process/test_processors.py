import os

import pytest

from generator.process import processors
from generator.process.processors import available_threads, too_many_threads


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 8 processors without control groups; files can be written to it."""
    monkeypatch.setattr(processors, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(processors, "MEMBERSHIP", tmp_path / "membership")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)

    def write(**files: str):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def in_group(path: str, text: str, name: str = "cpu.max"):
        file = tmp_path / "cgroup" / path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    write.in_group = in_group
    return write


def test_where_nobody_limits_it_it_is_every_processor(machine):
    assert available_threads() == 8


def test_a_process_kept_to_some_processors_counts_those(machine, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {2, 5, 7}, raising=False)
    assert available_threads() == 3


@pytest.mark.parametrize(
    ("quota", "threads"),
    [
        ("max 100000\n", 8),
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("10000 100000\n", 1),
        ("9900000 100000\n", 8),
        ("what is this\n", 8),
    ],
)
def test_a_containers_quota_is_rounded_up(machine, quota, threads):
    machine.in_group("", quota)
    assert available_threads() == threads


def test_the_groups_around_the_own_one_count_too(machine):
    machine(membership="0::/pods/mine\n")
    machine.in_group("pods/mine", "max 100000\n")
    machine.in_group("pods", "300000 100000\n")
    machine.in_group("others", "100000 100000\n")
    assert available_threads() == 3


def test_quotas_of_version_1_count(machine):
    machine(membership="5:memory:/x\n4:cpu,cpuacct:/mine\n")
    machine.in_group("cpu,cpuacct/mine", "250000\n", "cpu.cfs_quota_us")
    machine.in_group("cpu,cpuacct/mine", "100000\n", "cpu.cfs_period_us")
    assert available_threads() == 3
    machine.in_group("cpu,cpuacct/mine", "-1\n", "cpu.cfs_quota_us")
    assert available_threads() == 8


def test_more_threads_than_there_are_is_said(machine):
    assert too_many_threads(0) is too_many_threads(8) is None
    assert too_many_threads(9).startswith("THREADS is 9, and this process may use 8")
