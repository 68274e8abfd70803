"""Dashboard and alert rules ask for metrics, labels and routes that the server really has."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from server import create_app
from shared.clock import utc_now
from shared.errors import StoreUnavailable
from shared.events import Event, open_log
from shared.fresh import open_fresh
from shared.fresh.lists import Progress
from shared.records import RunOutcome
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
NO_PROMTOOL = "promtool is not installed; Debian's package prometheus has it"
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
    url = f"sqlite:///{tmp_path_factory.mktemp('monitored')}"
    store, log, fresh = open_store(url), open_log(url), open_fresh(url)
    generation = publish(store)
    log.append("default", [Event("e", "view", 999, "2026-11-30T08:15:00.000000Z", "tfid-0")])
    fresh.write("default", generation, [], Progress(1, utc_now().isoformat()))
    store.note_outcome("default", RunOutcome(utc_now().isoformat(), 0, generation))
    app = create_app(ServerSettings(_env_file=None), store, log=log, fresh=fresh)
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
    for opened in (store, log, fresh):
        opened.close()
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


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("promtool") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_PROMTOOL)
        pytest.skip(NO_PROMTOOL)
    return subprocess.run(["promtool", *words], capture_output=True, text=True, timeout=60)


def test_prometheus_reads_the_rules_and_both_ways_to_scrape(tmp_path):
    shutil.copy(FOLDER / "alerts.yml", tmp_path)
    token, config = tmp_path / "token", tmp_path / "prometheus.yml"
    token.touch()
    text = (FOLDER / "prometheus.yml").read_text()
    with_token = re.sub(
        r"^    # (authorization:|  type:|  credentials_file:)", r"    \1", text, flags=re.M
    )
    assert with_token.count("credentials_file:") == 1
    for written in (text, with_token.replace("/etc/prometheus/kindred-metrics-token", str(token))):
        config.write_text(written)
        done = promtool("check", "config", config)
        assert done.returncode == 0, done.stdout + done.stderr
    scraped = yaml.safe_load(written)["scrape_configs"][0]
    assert scraped["authorization"]["credentials_file"] == str(token)


LIVE = 'kindred_live_generation_info{tenant="acme",generation="%s",instance="%s"}'
RUN = 'kindred_last_run_exit_code{tenant="acme",generation="%s",instance="a"}'
AGE = 'kindred_last_run_age_seconds{tenant="acme",instance="a"}'
REFRESHED = 'kindred_refresh_age_seconds{tenant="acme",instance="a"}'
WAITING = 'kindred_events_waiting{tenant="acme",instance="a"}'
ALARMS = {
    "a good night": ({RUN % "new": "0", LIVE % ("new", "a"): "1", AGE: "80000"}, []),
    "held": ({RUN % "new": "7", LIVE % ("old", "a"): "1"}, ["KindredRunHeld"]),
    "held and released": ({RUN % "new": "7", LIVE % ("new", "a"): "1"}, []),
    "failed": ({RUN % "": "3", LIVE % ("old", "a"): "1"}, ["KindredRunFailed"]),
    "not run": ({AGE: "95000"}, ["KindredNotRun"]),
    "refused": ({'kindred_refused_generations{tenant="acme"}': "1"}, ["KindredGenerationRefused"]),
    "keys": ({'kindred_keys_unreadable{instance="a"}': "1"}, ["KindredKeysUnreadable"]),
    "another than the pointer's": (
        {'kindred_live_generation_degraded{tenant="acme",instance="a"}': "1"},
        ["KindredDegraded"],
    ),
    "refreshed long ago, and nothing waits": ({REFRESHED: "9000", WAITING: "0"}, []),
    "nobody refreshes": ({WAITING: "5"}, []),
    "a refresh that stands": ({REFRESHED: "9000", WAITING: "5"}, ["KindredRefreshStands"]),
    "one server stays behind": (
        {LIVE % ("new", "a"): "1", LIVE % ("old", "b"): "1"},
        ["KindredServersDisagree"],
    ),
}


def test_alerts_fire_where_they_should_and_nowhere_else(tmp_path):
    """By Prometheus itself: an hour of each of these, and which alerts it ends with."""
    nights = {
        "rule_files": [str(FOLDER / "alerts.yml")],
        "tests": [
            {
                "name": night,
                "interval": "1m",
                "input_series": [{"series": s, "values": f"{v}x60"} for s, v in series.items()],
                "promql_expr_test": [
                    {
                        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                        "eval_time": "1h",
                        "exp_samples": [
                            {"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in alerts
                        ],
                    }
                ],
            }
            for night, (series, alerts) in ALARMS.items()
        ],
    }
    written = tmp_path / "nights.yml"
    written.write_text(yaml.safe_dump(nights))
    done = promtool("test", "rules", written)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_of_the_server_is_explained(scrape):
    text = (ROOT / "docs" / "operations.md").read_text()
    explained = {name for row in re.findall(r"^\| (`kindred_.*?) \|", text, re.M)
                 for name in METRIC.findall(row)}  # fmt: skip
    exposed = {re.sub(r"_(created|bucket|sum|count)$", "", name) for name in scrape.names()}
    assert {re.sub("_total$", "", name) for name in explained} == {
        re.sub("_total$", "", name) for name in exposed
    }
