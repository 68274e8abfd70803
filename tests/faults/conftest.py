"""Stores to break, runs to break them with, and the table of what was survived."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from shared.stores import open_store
from tests.faults.contents import Rows, contents
from tests.faults.platform import TENANT, Platform
from tests.faults.runs import WarmGenerator
from tests.faults.tables import NIGHTS, Nights

FAULT = "fault"
Fault = Callable[[str], AbstractContextManager["Injected"]]


@pytest.fixture(scope="session")
def warm_generator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmGenerator]:
    with WarmGenerator.started(tmp_path_factory.mktemp("runs")) as generator:
        yield generator


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    return Nights.synthesized(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="session")
def references(
    warm_generator: WarmGenerator, nights: Nights, tmp_path_factory: pytest.TempPathFactory
) -> list[Rows]:
    """What a run without any fault makes of each night."""
    url = f"sqlite:///{tmp_path_factory.mktemp('reference')}"
    platform = Platform(url, open_store(url), warm_generator, nights, [])
    rows = []
    for night in range(NIGHTS):
        assert platform.run(night).code == 0
        rows.append(contents(url, TENANT, str(platform.live)).rows)
    assert rows[0] != rows[1] != rows[2]
    return rows


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store that nobody has written to; stores.py says of which kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store"
    endpoint = request.getfixturevalue("dynamodb_local")
    return f"dynamodb://fault-{secrets.token_hex(4)}?region=eu-west-1&endpoint={endpoint}"


@pytest.fixture
def platform(
    store_url: str, warm_generator: WarmGenerator, nights: Nights, references: list[Rows]
) -> Iterator[Platform]:
    with closing(open_store(store_url)) as store:
        yield Platform(store_url, store, warm_generator, nights, references)


@dataclass
class Injected:
    """What one block has injected; `count` may be set within it."""

    name: str
    store: str
    count: int = 1
    survived: int = 0


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> Fault:
    """`with fault("kill -9 in fit"): ...` counts one fault, and one survived if nothing fails."""
    store = "DynamoDB Local" if "dynamodb" in request.node.name else "SQLite"

    @contextmanager
    def counted(name: str) -> Iterator[Injected]:
        injected = Injected(name, store)
        request.node.user_properties.append((FAULT, record := {}))
        try:
            yield injected
            injected.survived = injected.count
        finally:
            record.update(asdict(injected))

    return counted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of docs/operations.md, as this run measured it."""
    injected: Counter[tuple[str, str]] = Counter()
    survived: Counter[tuple[str, str]] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for kind, record in report.user_properties:
                if kind == FAULT and report.when == "call":
                    key = record["name"], record["store"]
                    injected[key] += record["count"]
                    survived[key] += record["survived"]
    if not injected:
        return
    write = terminalreporter.write_line
    terminalreporter.section("faults survived")
    write("| fault | store | injected | survived |")
    write("|---|---|---|---|")
    for name, store in sorted(injected):
        write(f"| {name} | {store} | {injected[name, store]} | {survived[name, store]} |")
