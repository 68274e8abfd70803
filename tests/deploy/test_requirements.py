"""Files of pinned packages, made by `make lock`, against what the project says that it needs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = re.findall(r"^\t\$\(LOCK\)(.*) -o (\S+)$", (ROOT / "Makefile").read_text(), re.M)


def named(requirement):
    return re.match(r"[a-z0-9._-]+", requirement.lower())[0].replace("_", "-").replace(".", "-")


def wanted(options):
    """Names and exact versions, None where a range is."""
    extras = PROJECT["project"]["optional-dependencies"]
    every = re.search(r"^EVERY_EXTRA := ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.M)[1]
    chosen = re.findall(r"--extra ([\w-]+)", options.replace("$(EVERY_EXTRA)", every))
    needed = [*PROJECT["project"]["dependencies"], *(of for name in chosen for of in extras[name])]
    return {
        (named(of), exact[1] if (exact := re.search(r"==([\w.]+)", of)) else None) for of in needed
    }


@pytest.mark.parametrize(("options", "file"), LOCKS)
def test_every_file_of_pinned_packages_has_what_the_project_needs_now(options, file):
    pinned = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / file).read_text(), re.M))
    pinned = {named(name): version for name, version in pinned.items()}
    assert wanted(options) <= {*pinned.items(), *((name, None) for name in pinned)}


def test_every_file_of_pinned_packages_is_made_by_the_command():
    assert {file for _, file in LOCKS} == {path.name for path in ROOT.glob("requirements*.txt")}
