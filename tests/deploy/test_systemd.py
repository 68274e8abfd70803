"""Units as systemd itself reads them, on a copy of the project where they expect it."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from shared.settings import GeneratorSettings
from tests.processes import ROOT

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("kindred-*"))
MISSING = "systemd-analyze is not installed; Debian's package systemd has it"
MOST_EXPOSED = "20"
"""Of 100 by systemd's own count; a service without any of the fences has 96."""


def systemd_analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return subprocess.run(
        ["systemd-analyze", *words],
        env=os.environ | {"TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, for a project that lies where this one does."""
    for name in UNITS:
        text = (FOLDER / name).read_text()
        text = text.replace("/srv/kindred/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(text.replace("/srv/kindred", str(ROOT)))
    return tmp_path


def settings_of(name: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", (FOLDER / name).read_text(), re.M))


def test_systemd_finds_nothing_wrong(units):
    named = [units / name.replace("@.", "@default.") for name in UNITS]
    for template, instance in zip(UNITS, named, strict=True):
        (units / template).rename(instance)
        instance.with_name(template).write_text(instance.read_text())
    done = systemd_analyze("verify", "--man=no", "--recursive-errors=no", *named)
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_would_notice_a_setting_that_does_not_exist(units):
    unit = units / "kindred-server.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges", "NoNewPrivilege"))
    done = systemd_analyze("verify", "--man=no", "--recursive-errors=no", unit)
    assert "NoNewPrivilege" in done.stderr


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_services_are_fenced_in(units, name):
    security = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    done = systemd_analyze(*security, units / name)
    assert done.returncode == 0, done.stdout[-200:]
    settings = settings_of(name)
    assert settings["User"] not in ("", "root")
    assert settings["ProtectSystem"] == "strict"
    assert settings["NoNewPrivileges"] == "true"


def test_the_timer_starts_the_unit_of_its_name_every_night():
    timer = settings_of("kindred-generator@.timer")
    assert (FOLDER / "kindred-generator@.service").is_file()
    done = systemd_analyze("calendar", "--iterations=3", timer["OnCalendar"])
    nights = [
        date.fromisoformat(of) for of in re.findall(r"(\S+) 02:30:00 UTC$", done.stdout, re.M)
    ]
    assert [later - night for night, later in pairwise(nights)] == [timedelta(days=1)] * 2


STARTED_WITH = {
    "kindred-server.service": [],
    "kindred-generator@.service": ["--if-changed", "--quiet"],  # as deploy/cron has it
    "kindred-refresh@.service": ["refresh", "--follow"],
}


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_programs_are_started_as_they_are_called(name):
    python, script, *options = settings_of(name)["ExecStart"].split()
    assert python == "/srv/kindred/.venv/bin/python"
    assert (ROOT / script).is_file()
    assert options == STARTED_WITH[name]


@pytest.mark.parametrize("name", ["kindred-generator@.service", "kindred-refresh@.service"])
def test_a_run_may_hold_more_than_it_plans_with(name):
    most = settings_of(name)["MemoryMax"]
    budget = GeneratorSettings.model_fields["memory_budget_mb"].default
    assert int(most.removesuffix("G")) * 1024 > budget
