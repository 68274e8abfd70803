"""Generations looked up, rolled back to and pruned, as a user types it."""

from generator.commands.wiring import Wiring
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence


def test_what_each_stage_took_is_shown_and_can_be_looked_up(shell):
    shell()
    took = [f"{stage.seconds:,.1f}" for stage in open_store(shell.store_url).live("default").stages]
    during = shell.out
    shell("generations", shell.live)
    for told in (during, shell.out):
        rows = [line.split("│") for line in told.splitlines() if "│" in line]
        by_stage = {cells[1].strip(): cells for cells in rows}
        assert by_stage["load"][2].strip() == took[0]
        assert "check and publish" in by_stage
    assert shell("generations", "20200101T000000Z-0000") == 5


def test_generations_rollback_and_prune(shell):
    assert shell("generations") == 0
    assert f"no generation yet in {shell.store_url}" in shell.out
    published = []
    for seed in ("1", "2", "3"):
        shell("--seed", seed)
        published.append(shell.live)
    assert shell("rollback") == 0
    assert shell.live == published[1]
    shell("generations")
    lines = {line.split()[1]: line for line in shell.out.splitlines() if "Z-" in line}
    assert set(lines) == set(published)
    assert "live" in lines[published[1]]
    assert "live" not in lines[published[2]]
    assert shell("rollback", "--to", published[2]) == 0
    assert shell.live == published[2]
    assert shell("prune", "--keep", "1") == 0
    assert published[0] in shell.out
    assert shell("rollback", "--to", published[0]) == 5
    assert_one_sentence(shell, published[0])


def test_what_is_typed_is_relative_to_where_it_is_typed(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wiring = Wiring(GeneratorSettings.load, open_store)
    wiring.read_settings(data_url="tables", store_url="sqlite:///here/store")
    assert wiring.settings.data_url == f"{tmp_path}/tables"
    assert wiring.settings.store_url == f"sqlite:///{tmp_path}/here/store"
    wiring.read_settings(seed=7)
    assert wiring.settings.data_url == f"{tmp_path}/tables"
