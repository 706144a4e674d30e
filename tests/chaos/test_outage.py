"""A system is away for hours: the breaker keeps all from trying, no retry is used up, nobody has to do anything."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from syncapp.engine import dispatcher
from syncapp.models import Breaker, SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process

pytestmark = pytest.mark.chaos
RECORDS = 30
SECONDS = 12.0
# Failures that it takes until a breaker for passing errors opens; those before the last one are counted as tries.
FIRST = 5
OUTAGES = {
    "503": {"fault": "status", "status": 503, "reason": "maintenance"},
    "connection closed": {"fault": "cut_before"},
    "401": {"fault": "status", "status": 401},
    "403 without a reason": {"fault": "status", "status": 403},
    "HTML": {"fault": "html_200"},
}
# In Advoware that concerns one object: the record alone is refused, and nothing is away.
RECORD_ALONE = ("advoware", "403 without a reason")
AT_ONCE = {"401", "403 without a reason", "HTML"}


@contextmanager
def outage(plant: Plant, system: str, details: dict[str, object], part: str = "Beteiligte") -> Iterator[None]:
    """As long as it lasts every request fails; the dispatcher enqueues all the time, and waiting times pass.

    It is this process's own, and asks a system whose breaker has waited: that has to open it for as short as theirs.
    """
    plant.sandbox.fault(system, **details, count=None, path_contains=part)
    deadline = time.monotonic() + SECONDS
    with override_settings(BREAKER_OPEN_SECONDS=1, BREAKER_OPEN_MAX_SECONDS=1):
        while time.monotonic() < deadline:
            plant.let_waits_pass()
            dispatcher.dispatch()
            time.sleep(0.1)
    yield
    plant.sandbox.heal()


@pytest.mark.parametrize(
    "system, name",
    [(system, name) for system in ("espocrm", "advoware") for name in OUTAGES if (system, name) != RECORD_ALONE],
)
def test_outage(plant: Plant, steady: Process, close_books: Close, system: str, name: str) -> None:
    plant.pairs(1)  # nobody changes this one: whether Advoware is back is asked of what is known to be well
    pairs = plant.pairs(RECORDS)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
        plant.ask(espo_id, enqueue=False)
    plant.sandbox.clear_calls()
    with outage(plant, system, OUTAGES[name]):
        records = SyncRecord.objects.filter(espo_id__in=pairs)
        tried = records.filter(retry_count__gt=0)
        assert tried.count() <= (0 if name in AT_ONCE else FIRST - 1)
        assert not records.filter(retry_count__gt=FIRST - 1).exists()
        assert not records.filter(status="permanently_failed").exists()
        breaker = Breaker.objects.get(system=system)
        assert breaker.open_since is not None
        assert breaker.reason
        failing = [call for call in plant.sandbox.calls(system) if "Beteiligte" in call[2]]
        # The first ones that came through together, and then a probe a second.
        assert len(failing) <= 4 * (10 + SECONDS)
    plant.until(lambda: not Breaker.objects.filter(open_until__gt=timezone.now()).exists(), "the next probe is allowed")
    plant.settle()
    assert not Breaker.objects.filter(failures__gt=0).exists()
    assert not SyncRecord.objects.filter(retry_count__gt=0).exists()
    close_books(f"outage: {name}", audit(plant, pairs, expected=expected))


@pytest.mark.parametrize("name", [name for name in OUTAGES if ("advoware", name) != RECORD_ALONE])
def test_outage_while_creates_wait(plant: Plant, steady: Process, close_books: Close, name: str) -> None:
    """A create that is lost on its way is in doubt, and in doubt it needs a person: so none may be sent."""
    ids = [plant.new() for _ in range(RECORDS)]
    plant.let_silence_pass()
    plant.sandbox.clear_calls()
    for espo_id in ids:
        plant.ask(espo_id, enqueue=False)
    with outage(plant, "advoware", OUTAGES[name], part=""):
        assert not [call for call in plant.sandbox.calls("advoware") if call[1:] == ("POST", "Beteiligte")]
        assert Breaker.objects.get(system="advoware").open_since is not None
    assert SyncRecord.objects.filter(kind="create_outcome_unknown").count() == 0
    Breaker.objects.filter(open_until__isnull=False).update(open_until=timezone.now())
    plant.settle()
    pairs = dict(SyncRecord.objects.filter(espo_id__in=ids).values_list("espo_id", "betnr"))
    assert len(pairs) == RECORDS
    assert all(pairs.values())
    close_books(f"outage while creates wait: {name}", audit(plant, pairs))


def test_open_breaker_is_shared_by_all_workers(plant: Plant, steady: Process, close_books: Close) -> None:
    """What one process has learnt the other one knows: it puts its records back without a call."""
    other = plant.begin_worker("webhook")
    pairs = plant.pairs(3)
    plant.ready(other)
    plant.sandbox.fault("advoware", "status", status=401, count=2, path_contains="Beteiligte")
    first, second, third = pairs
    for espo_id in pairs:
        plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.ask(first, queue="sweep")
    plant.until(lambda: Breaker.objects.filter(open_until__isnull=False).exists(), "the breaker is open")
    Breaker.objects.update(open_until=timezone.now() + timedelta(minutes=5))
    plant.sandbox.clear_calls()
    for espo_id in (second, third):
        plant.ask(espo_id)
    time.sleep(1.0)
    assert plant.sandbox.calls() == []
    assert set(SyncRecord.objects.values_list("status", "retry_count")) == {("dirty", 0)}
    Breaker.objects.update(open_until=timezone.now())
    plant.settle()
    expected = {espo_id: {"titel": "Prof."} for espo_id in pairs}
    close_books("breaker opened by another process", audit(plant, pairs, expected=expected))
