"""Writing as fast as a table takes it: hardly a refusal, and no waiting without one."""

from contextlib import closing

import pytest

from shared.stores.dynamodb import DynamoDBStore
from shared.stores.dynamodb.pace import FASTEST, Pace
from tests.generations import TENANT, row_of
from tests.limited_table import LimitedTable

BATCH = 25


class Heedless(Pace):
    """Sends as fast as it can, whatever is refused."""

    def refused(self, decided_at):
        pass


class SlowWorld:
    """A clock that only sleeping moves, and a table that takes so many units a second."""

    def __init__(self, capacity):
        self.now = 1000.0
        self.capacity = capacity
        self._free = 0.0
        self.pace = Pace(lambda: self.now, self._sleep)

    def _sleep(self, seconds):
        self.now += seconds
        self._free = min(self._free + seconds * self.capacity, self.capacity)

    def write_for(self, seconds):
        """Write without pause; returns units taken a second, and the share of refused batches."""
        start, batches, refused = self.now, 0, 0
        while self.now < start + seconds:
            decided_at = self.pace.wait(BATCH)
            self._sleep(0.002)
            batches += 1
            if self._free < BATCH:
                refused += 1
                self.pace.refused(decided_at)
            else:
                self._free -= BATCH
                self.pace.taken(BATCH)
        return BATCH * (batches - refused) / seconds, refused / batches


def write(address, table, pace, rows):
    with closing(DynamoDBStore(address)) as store:
        store._pace = pace
        generation = store.begin(TENANT)
        table.calls = table.throttled_calls = 0
        store.write(TENANT, generation, (row_of(user) for user in range(rows)))


@pytest.mark.parametrize("capacity", [400, 1000, 4000])
def test_the_rate_finds_what_the_table_takes_and_follows_it_up_and_down(capacity):
    world = SlowWorld(capacity)
    world.write_for(10)
    for now in (capacity, 3 * capacity, capacity / 4):
        world.capacity = min(now, 10_000)
        world.write_for(60)
        taken, refused = world.write_for(60)
        assert 0.8 * world.capacity < taken <= 1.02 * world.capacity
        assert refused < 0.1


def test_one_refusal_costs_little_and_not_for_long():
    world = SlowWorld(2000)
    before, _ = [world.write_for(60) for _ in range(2)][-1]
    world.pace.refused(world.now)
    after, _ = world.write_for(10)
    assert after > 0.8 * before


def test_refusals_of_what_was_under_way_together_count_once():
    world = SlowWorld(FASTEST)
    together = [world.pace.wait(BATCH) for _ in range(8)]
    world.now += 0.1
    for decided_at in together:
        world.pace.refused(decided_at)
    assert world.pace.units_per_second == pytest.approx(0.7 * FASTEST)
    world.pace.refused(world.pace.wait(BATCH))
    assert world.pace.units_per_second == pytest.approx(0.49 * FASTEST)


def test_however_much_is_refused_writing_never_stops():
    world = SlowWorld(1)
    for _ in range(1000):
        world.now += 1
        world.pace.refused(world.now)
    assert 1 < world.pace.units_per_second < 25


def test_under_throttling_all_rows_arrive_with_few_calls_in_vain(address, dynamodb):
    rows, wasted = 4000, {}
    for pace in (Heedless(), Pace()):
        table = dynamodb.always["BatchWriteItem"] = LimitedTable(units_per_second=1000)
        write(address, table, pace, rows)
        assert {user for user, _ in table.items} == {str(user) for user in range(rows)}
        wasted[type(pace)] = table.throttled_calls
    assert wasted[Pace] < wasted[Heedless] / 4
    assert wasted[Pace] < table.calls / 2


def test_where_nobody_throttles_nobody_waits(address, dynamodb):
    def sleep(seconds):
        pytest.fail(f"waits {seconds} s")

    table = dynamodb.always["BatchWriteItem"] = LimitedTable(units_per_second=1e9)
    write(address, table, Pace(sleep=sleep), 2000)
    assert len(table.items) == 2000
    assert table.calls == 2000 / BATCH
