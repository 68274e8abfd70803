"""What somebody needs to know to get the same figures again."""

import platform
from importlib.metadata import version

import orjson

from generator.evaluation.evaluate import Results

LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "implicit")
"""Those that figures depend on whichever models ran."""


def repeat_rows(results: Results) -> list[list[str]]:
    """(what, what it was): the seed, the options of every model, the versions of the libraries."""
    options = [[one.handle, _said(one.options)] for one in results.assessments]
    versions = [[name, version(name)] for name in LIBRARIES]
    return [
        ["seed", str(results.seed)],
        *options,
        ["Python", platform.python_version()],
        *versions,
    ]


def _said(options: object) -> str:
    return orjson.dumps(options).decode()
