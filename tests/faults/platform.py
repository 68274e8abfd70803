"""A small platform on one store: its nightly runs, and what must hold after each fault."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.publish import UNFINISHED
from server import create_app
from shared.records import Manifest, list_section
from shared.settings import ServerSettings
from shared.stores import Store
from shared.stores.dynamodb.address import Address
from tests.faults.contents import Contents, Rows, bare_client, contents
from tests.faults.runs import Ended, Run, WarmGenerator
from tests.faults.tables import NIGHTS, Nights

TENANT = "default"
MODEL = "tfidf_user_interest"
SECTION = list_section("similar_users", MODEL)


@dataclass
class Platform:
    store_url: str
    store: Store
    generator: WarmGenerator
    nights: Nights
    references: list[Rows]
    """The rows of each night as a run without faults writes them."""
    seen: dict[str, Contents] = field(default_factory=dict)
    """Each generation as it was when it was first live."""

    @property
    def is_sqlite(self) -> bool:
        return self.store_url.startswith("sqlite")

    def settings(self, night: int) -> dict[str, Any]:
        return {
            "STORE_URL": self.store_url,
            "DATA_URL": self.nights[night],
            "KEEP_GENERATIONS": "2",
            "POINTER_REFRESH_SECONDS": "0.001",
        }

    def run(self, night: int, *arguments: str, **more: object) -> Ended:
        return self.generator.run(*arguments, **(self.settings(night) | more))

    @contextmanager
    def running(self, night: int, **more: object) -> Iterator[Run]:
        with self.generator.running(**(self.settings(night) | more)) as run:
            yield run

    @property
    def live(self) -> str | None:
        return self.store.live_generation(TENANT)

    def wrecks(self) -> list[Manifest]:
        return [m for m in self.store.generations(TENANT) if m.state in UNFINISHED]

    def contents(self, generation: str) -> Contents:
        return contents(self.store_url, TENANT, generation)

    def publish(self, night: int) -> str:
        """A run without faults; returns what is live after it."""
        ended = self.run(night)
        assert ended.code == 0, ended.said
        return self.check(night)

    def check(self, *nights: int) -> str:
        """Assert that what is live, and what one could roll back to, is as it was published.

        What is live for the first time must be just what a run without faults makes of one of
        `nights`. Returns the live generation.
        """
        state = self.store.state(TENANT)
        assert state.live
        for generation in state.live_and_before[:2]:
            found = self.contents(generation)
            if generation not in self.seen:
                assert found.rows in [self.references[night % NIGHTS] for night in nights]
            assert found == self.seen.setdefault(generation, found)
        self._assert_served(state.live)
        return state.live

    def check_tidy(self) -> None:
        """Assert that every generation is published, and nothing but their lists takes room."""
        state = self.store.state(TENANT)
        assert state.lock is None
        assert {m.state for m in self.store.generations(TENANT)} == {"published"}
        assert self.stored() == set(state.generations)

    def stored(self) -> set[str]:
        """What takes room: the finished generations by name, whatever else there is as it is."""
        if self.is_sqlite:
            folder = Path(self.store_url.removeprefix("sqlite:///")) / TENANT
            return {path.name.removesuffix(".sqlite") for path in folder.iterdir()}
        address = Address.parse(self.store_url)
        with closing(bare_client(address)) as client:
            pages = client.get_paginator("list_tables").paginate()
            tables = {name for page in pages for name in page["TableNames"]}
        prefix = f"{address.prefix}-{TENANT}-"
        ours = {name.removesuffix("-rows") for name in tables if name.endswith("-rows")}
        return {name.removeprefix(prefix) for name in ours if name.startswith(prefix)}

    def let_the_lease_lapse(self) -> None:
        """As if the time of a dead holder's lock had passed."""

        def lapse(state):
            if state.lock:
                state.lock.expires_at = time.time()

        self.store._change_state(TENANT, lapse)

    def _assert_served(self, generation: str) -> None:
        """A server on this store answers with the lists of this generation."""
        rows = self.seen[generation].rows
        some = sorted(user for user, section in rows if section == SECTION)[::10]
        settings = ServerSettings(_env_file=None, store_url=self.store_url)
        client = create_app(settings, self.store).test_client()
        answer = client.post(
            "/similar-users/batch",
            json={"user_handles": [int(user) for user in some], "model_handle": MODEL},
        )
        for user, result in zip(some, answer.get_json()["results"], strict=True):
            assert result["generation"] == generation
            stored = json.loads(rows[user, SECTION])["entries"]
            assert result["data"]["similar_users"] == stored[: settings.answered_list_length]
