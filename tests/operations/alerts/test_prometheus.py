"""A real Prometheus scrapes a running installation and loads the alert rules that are shipped."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from advosync_project.embedded_redis import free_port
from syncapp.core.signatures import sign
from syncapp.engine.rows import counters
from tests.support.firm import Firm
from tests.support.installation import Installation, environment, serving
from tests.support.processes import ROOT, is_served, running, wait_until
from tests.support.sandbox import Sandbox

RULES = ROOT / "deploy" / "prometheus-rules.yml"
CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs: [{{job_name: advosync, static_configs: [{{targets: ["{target}"]}}]}}]
"""
pytestmark = [
    pytest.mark.long,
    pytest.mark.chaos,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("prometheus"), reason="no prometheus here (Debian package prometheus)"),
]


@pytest.fixture
def served(tmp_path: Path, firm: Firm, sandbox: Sandbox, redis_url: str) -> Iterator[Installation]:
    """The web process, with a few runs, a failed one and a delivery behind it."""
    told = environment(
        sandbox=sandbox, redis_url=redis_url, ESPOCRM_WEBHOOK_SECRETS="w:secret", COUNTER_FLUSH_SECONDS="1"
    )
    espo_id, _betnr = firm.pair()
    firm.sync(firm.new(geburtsdatum="2090-01-01"))
    counters.BUFFER.flush()
    with serving(tmp_path, told) as installation:
        raw = json.dumps([{"id": espo_id, "titel": "Prof."}]).encode()
        headers = {"Signature": sign(webhook_id="w", secret="secret", raw_body=raw)}
        assert installation.webhook("update", raw, headers).status_code == 202
        yield installation


class Prometheus:
    """A running one, asked over its own interface."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def ask(self, path: str, **query: str) -> Any:
        answer = requests.get(f"{self.origin}/api/v1/{path}", params=query, timeout=5).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def value(self, query: str) -> float | None:
        found = self.ask("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None

    def answers(self) -> bool:
        return is_served(f"{self.origin}/-/ready")


@pytest.fixture
def prometheus(tmp_path: Path, served: Installation) -> Iterator[Prometheus]:
    found = Prometheus(f"http://127.0.0.1:{free_port()}")
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(CONFIGURATION.format(rules=RULES, target=served.origin.removeprefix("http://")))
    address = found.origin.removeprefix("http://")
    command = ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    with running([*command, f"--web.listen-address={address}"], log=tmp_path / "prometheus.log", ready=found.answers):
        wait_until(lambda: found.value("up") == 1, seconds=30)
        yield found


def test_it_scrapes_and_its_rules_are_evaluated(prometheus: Prometheus) -> None:
    (target,) = prometheus.ask("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    wait_until(lambda: prometheus.value("sum(webhook_deliveries_total)") is not None, seconds=30)
    assert prometheus.value('sync_total{outcome="done"}') == 1
    assert prometheus.value('sync_errors_total{kind="validation"}') == 1
    assert prometheus.value("histogram_quantile(0.5, sum by (le) (sync_duration_seconds_bucket))")
    wait_until(lambda: all(r["health"] == "ok" for r in _rules(prometheus)), seconds=30)
    # Nobody has swept here yet, which is what this rule is for.
    wait_until(lambda: _firing(prometheus) == ["AdvosyncNoSweep"], seconds=30)
    names = prometheus.ask("label/__name__/values")
    print(f"{len(names)} names, {int(prometheus.value('scrape_samples_scraped') or 0)} series a scrape")


def _rules(prometheus: Prometheus) -> list[dict[str, Any]]:
    groups = prometheus.ask("rules")["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _firing(prometheus: Prometheus) -> list[str]:
    return [rule["name"] for rule in _rules(prometheus) if rule["state"] != "inactive"]


def test_its_tool_reads_what_we_show(served: Installation) -> None:
    page = requests.get(f"{served.origin}/metrics", timeout=10)
    done = subprocess.run(["promtool", "check", "metrics"], input=page.text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
