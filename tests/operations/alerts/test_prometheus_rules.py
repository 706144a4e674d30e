"""The alert rules for Prometheus are ours: same names, thresholds, metrics and labels; and its own tool reads them."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from advosync_project.blocks import alert_rules
from advosync_project.declarations import SETTINGS
from syncapp.core.states import Status
from syncapp.models import CallOutcome
from syncapp.operations.alerts.rules import BY_CODE, RULES
from syncapp.operations.monitoring.metrics import COUNTERS, FROM_THE_START, HISTOGRAMS, exposition
from tests.support.processes import ROOT

FILE = ROOT / "deploy" / "prometheus-rules.yml"
THEIRS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]
}
OURS = {rule.prometheus: rule for rule in RULES if rule.prometheus}
needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool here (Debian: prometheus)")


def default(name: str) -> int:
    return int(SETTINGS[name].default)


# How each threshold is written there: in the expression, or as the time for which it has to hold.
WRITTEN: dict[str, Callable[[], tuple[str, str]]] = {
    "permanently_failed": lambda: ("expr", f"sync_given_up > {default('ALERT_PERMANENTLY_FAILED')}"),
    "slow_sync": lambda: ("expr", 'le=~"{0}|{0}[.]0"'.format(default("ALERT_SYNC_SECONDS"))),
    "many_errors": lambda: ("expr", f"[1h])) > {default('ALERT_ERRORS_PER_HOUR')}"),
    "no_sweep": lambda: ("expr", f"> {default('ALERT_NO_SWEEP_MINUTES') * 60}"),
    "oldest_unsynced": lambda: ("expr", f"> {default('ALERT_UNSYNCED_MINUTES') * 60}"),
    "breaker_open": lambda: ("for", f"{default('ALERT_BREAKER_MINUTES')}m"),
    "proxy_wrong_keys": lambda: ("expr", f"[1h:1m]) > {default('ALERT_PROXY_WRONG_KEYS')}"),
    "proxy_unknown": lambda: ("expr", "[1d:1m]) > 0"),
    "calendar_stopped": lambda: ("expr", "> 0"),
    "calendar_given_up": lambda: ("expr", "> 0"),
    "calendar_late": lambda: ("expr", f"> {(2 * default('CALENDAR_SYNC_MINUTES') + 30) * 60}"),
    "calendar_quota": lambda: ("expr", "== 1"),
}


def test_each_is_named_by_one_of_our_rules() -> None:
    assert THEIRS.keys() == OURS.keys()


@pytest.mark.parametrize("code", [rule.code for rule in OURS.values()])
def test_its_threshold_is_that_of_the_setting_as_delivered(code: str) -> None:
    where, text = WRITTEN[code]()
    assert text in THEIRS[BY_CODE[code].prometheus][where]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_of_our_rules_says_when_it_is_broken(rule: Any) -> None:
    assert rule.when
    assert f"`{rule.code}`" in alert_rules()


def labels_of(name: str) -> set[str]:
    """Of a metric that is counted; the others' show on the page."""
    for stem, (_shown, _help, labels) in COUNTERS.items():
        if name == f"{stem}_total":
            return set(labels)
    for stem, (_help, labels, _bounds) in HISTOGRAMS.items():
        if name in (f"{stem}_count", f"{stem}_bucket", f"{stem}_sum"):
            return {*labels, "le"}
    return set()


VALUES = {"status": {str(status) for status in Status}, "outcome": set(CallOutcome.values)}


@pytest.mark.parametrize("alert", THEIRS)
@pytest.mark.django_db
def test_it_asks_for_what_we_show(alert: str, redis_client: object, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"  # so that theirs are shown
    page = {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(exposition().decode())
        for sample in family.samples
    }
    expression = THEIRS[alert]["expr"]
    names = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", re.sub(r"\{[^}]*\}", "", expression)))
    assert names
    for name in names:
        assert name in page or labels_of(name), f"nothing shows {name}"
    for name, selector in re.findall(r"(\w+)\{([^}]*)\}", expression):
        for label, _sign, value in re.findall(r'(\w+)(=~?)"([^"]*)"', selector):
            assert label in page.get(name, set()) | labels_of(name)
            assert label == "le" or value in VALUES[label]


@pytest.mark.parametrize("alert", THEIRS)
def test_what_is_counted_is_there_before_its_first_time(alert: str) -> None:
    """A series that begins at one has never increased, to Prometheus."""
    for stem, range_of in re.findall(r"increase\((?:\(sum\()?(\w+)_total[^[]*\[(\w+:?\w*)\]", THEIRS[alert]["expr"]):
        assert stem in FROM_THE_START or (":" in range_of and "or 0 * sum(sync_retries_total)" in THEIRS[alert]["expr"])


def promtool(*arguments: str) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_its_tool_finds_nothing_wrong_with_the_rules() -> None:
    assert f"{len(THEIRS)} rules found" in promtool("check", "rules", str(FILE))


# Slow ones of long ago; later one slow run within the quarter of an hour; and then none any more.
SLOW = """
rule_files: [{rules}]
tests:
  - interval: 1m
    input_series:
      - {{series: 'sync_duration_seconds_count{{action="update"}}', values: '2+1x20 23 23x60'}}
      - {{series: 'sync_duration_seconds_bucket{{action="update",le="{bound}"}}', values: '1+1x20 21 21x60'}}
    alert_rule_test:
      - {{eval_time: 18m, alertname: AdvosyncSlowSync}}
      - eval_time: 25m
        alertname: AdvosyncSlowSync
        exp_alerts: [{{exp_annotations: {{summary: "a sync took longer than a minute"}}}}]
      - {{eval_time: 40m, alertname: AdvosyncSlowSync}}
"""


@needs_promtool
@pytest.mark.parametrize("bound", ["60", "60.0"], ids=["as we write it", "as Prometheus 3 writes it"])
def test_a_slow_sync_rings_once_and_not_for_ever(tmp_path: Path, bound: str) -> None:
    path = tmp_path / "slow.yml"
    path.write_text(SLOW.format(rules=FILE, bound=bound))
    promtool("test", "rules", str(path))


# Scraped for an hour, then the first write of a key whose outcome nobody knows; a day later it is over. And an
# installation that had some of old when Prometheus came: those are no news.
UNKNOWN = """
rule_files: [{rules}]
tests:
  - interval: 1m
    input_series:
      - {{series: 'sync_retries_total', values: '0x2000'}}
      - {{series: 'proxy_calls_total{{key="a",template="Termine",outcome="unknown"}}', values: '_x60 1x1940'}}
    alert_rule_test:
      - {{eval_time: 59m, alertname: AdvosyncProxyOutcomeUnknown}}
      - eval_time: 65m
        alertname: AdvosyncProxyOutcomeUnknown
        exp_alerts: [{{exp_annotations: {{summary: "{summary}"}}}}]
      - {{eval_time: 1600m, alertname: AdvosyncProxyOutcomeUnknown}}
  - interval: 1m
    input_series:
      - {{series: 'sync_retries_total', values: '_x60 0x200'}}
      - {{series: 'proxy_calls_total{{key="a",template="Termine",outcome="unknown"}}', values: '_x60 3x200'}}
    alert_rule_test:
      - {{eval_time: 120m, alertname: AdvosyncProxyOutcomeUnknown}}
"""


@needs_promtool
def test_the_first_unknown_outcome_of_a_key_rings(tmp_path: Path) -> None:
    path = tmp_path / "unknown.yml"
    summary = "nobody knows whether Advoware carried out a write of another program"
    path.write_text(UNKNOWN.format(rules=FILE, summary=summary))
    promtool("test", "rules", str(path))
