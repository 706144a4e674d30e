"""The job queue while Redis is away: nobody waits for it, and the repeat is for a connection that died while idle."""

import ast
import time
from pathlib import Path

import pytest
from django.conf import settings as configured

import syncapp
from syncapp.core.requests import QueueName
from syncapp.engine import job_queue
from syncapp.engine.rows import locks
from syncapp.operations.monitoring.signs import health
from syncapp.proxy import brakes
from syncapp.remotes.http import shared_redis
from tests.support.servers import hanging_up, saying_nothing


def _written_out(tree: ast.AST) -> list[int]:
    """Lines in which a queue is named by a text: where a job is sent, and where a module or class says its queue."""
    named = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "queue_name"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id.lower().endswith("queue") for one in targets):
                named.append(node.value)
    names = set(QueueName)
    return [value.lineno for value in named if isinstance(value, ast.Constant) and value.value in names]


def test_what_is_a_name_written_out_is_seen() -> None:
    for source in ('enqueue(ids, queue_name="bulk")', 'QUEUE = "sweep"', 'class A:\n    urgent_queue: str = "webhook"'):
        assert _written_out(ast.parse(source)), source


def test_queues_are_named_in_one_place() -> None:
    folder = Path(syncapp.__file__).parent
    found = {str(path.relative_to(folder)): _written_out(ast.parse(path.read_text())) for path in folder.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}
    assert set(configured.QUEUE_NAMES) <= set(QueueName)


@pytest.fixture
def calls(settings):
    with hanging_up() as (port, calls):
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        yield calls


@pytest.mark.django_db(transaction=True)
def test_enqueueing_asks_once_more_and_goes_on(calls):
    job_queue.enqueue([1], queue_name="webhook")
    assert len(calls) == 2


@pytest.mark.django_db(transaction=True)
def test_a_page_that_counts_a_queue_asks_once_more_and_says_that_it_does_not_know(calls):
    assert job_queue.waiting("webhook") is None
    assert len(calls) == 2


def test_a_process_waits_for_a_silent_redis_once_whatever_it_asks(settings, monkeypatch: pytest.MonkeyPatch):
    """One connection and its repeat, and no second wait for the next thing that a page asks."""
    with saying_nothing() as (port, calls):
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        begin = time.monotonic()
        assert not job_queue.answers()
        assert not any(job_queue.all_waiting().values())
        assert health.storage().ok
        assert not health.redis_server().ok
        assert locks.seconds_left("record:1") is None
        assert brakes.wait_for({"x": 60}) == 0
        assert time.monotonic() - begin < 3
        assert len(calls) == 2
        monkeypatch.setattr(shared_redis, "_silent_until", {})
        assert not job_queue.answers()
        assert len(calls) == 4


def test_a_redis_that_was_away_and_not_silent_is_asked_each_time(calls):
    assert not job_queue.answers()
    assert not job_queue.answers()
    assert len(calls) == 4


@pytest.mark.django_db(transaction=True)
def test_what_a_run_enqueues_is_sent_afterwards_and_costs_it_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The run is committed by then: whatever goes wrong in enqueueing, its result stands, and the next job is sent."""
    sent: list[list[list[int]]] = []

    def send(batches: list[list[int]], *_more: object) -> None:
        sent.append(batches)
        if len(sent) == 1:
            raise ValueError

    monkeypatch.setattr(job_queue, "_send", send)
    with job_queue.at_the_end():
        job_queue.enqueue([1], queue_name="webhook")
        job_queue.enqueue([2], queue_name="webhook")
        assert sent == []
    assert sent == [[[1]], [[2]]]
    assert "run_not_enqueued" in [record.message for record in caplog.records]
