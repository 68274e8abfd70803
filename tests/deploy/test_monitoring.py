"""Dashboard and alert rules ask for metrics, labels and routes that the server really has."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from server import create_app
from shared.errors import StoreUnavailable
from shared.settings import ServerSettings
from shared.stores import open_store
from tests.processes import ROOT
from tests.server.calls import Caller
from tests.server.generations import publish
from tests.server.scraping import Scrape

FOLDER = ROOT / "deploy" / "monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
FROM_THE_TARGET = {"instance", "job"}
METRIC = re.compile(r"\bkindred_\w+")
SELECTOR = re.compile(r"\b(kindred_\w+)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~|=|!=|!~)"([^"]*)"')


def expressions() -> dict[str, str]:
    panels = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
    }
    variables = {v["name"]: v["query"] for v in DASHBOARD["templating"]["list"]}
    return {rule["alert"]: rule["expr"] for rule in RULES} | panels | variables


EXPRESSIONS = expressions()


@pytest.fixture(scope="module")
def scrape(tmp_path_factory) -> Scrape:
    """A real answer of /metrics, after one request of each kind."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('monitored')}")
    publish(store)
    app = create_app(ServerSettings(_env_file=None), store)
    caller = Caller(app.test_client())
    for _ in range(2):
        caller.post("/similar-users", {"user_handle": 999})
        caller.post("/recommendations", {"user_handle": 8})

    def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "get_texts", fail)
        caller.post("/similar-users", {"user_handle": 7})
    text = caller.get("/metrics").get_data(as_text=True)
    store.close()
    return Scrape(text)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_metric_that_is_named_exists(scrape, name):
    named = set(METRIC.findall(EXPRESSIONS[name]))
    assert named <= scrape.names()


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_matcher_finds_a_label_with_such_a_value(scrape, name):
    for metric, matchers in SELECTOR.findall(EXPRESSIONS[name]):
        for label, operator, value in MATCHER.findall(matchers):
            values = {s.labels.get(label) for s in scrape.samples if s.name == metric} - {None}
            assert values, f"{metric} has no label {label}"
            pattern = value.replace("$tenant", ".*")
            if operator in ("=", "=~"):
                assert any(re.fullmatch(pattern, found) for found in values), (metric, label)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_sums_are_by_labels_that_exist(scrape, name):
    known = {label for sample in scrape.samples for label in sample.labels} | FROM_THE_TARGET
    for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", EXPRESSIONS[name]):
        assert {label.strip() for label in labels.split(",")} <= known


def test_every_metric_of_the_server_is_watched_somewhere(scrape):
    asked = set(METRIC.findall(" ".join(EXPRESSIONS.values())))
    families = {
        re.sub(r"_(created|bucket|sum|count)$", "", name)
        for name in scrape.names()
        if not name.endswith("_created")
    }
    assert {name for name in families if not any(a.startswith(name) for a in asked)} == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_how_bad_it_is_and_what_to_look_at(rule):
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"].endswith(".")


def test_panels_do_not_cover_each_other():
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Debian's package prometheus has it")
@pytest.mark.parametrize(
    ("command", "file"), [("rules", "alerts.yml"), ("config", "prometheus.yml")]
)
def test_promtool_finds_nothing_wrong(command, file, tmp_path: Path):
    copied = tmp_path / file
    text = (FOLDER / file).read_text()
    copied.write_text(text.replace("/etc/prometheus/kindred-metrics-token", str(copied)))
    shutil.copy(FOLDER / "alerts.yml", tmp_path)
    done = subprocess.run(
        ["promtool", "check", command, copied], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
