"""A second installation against the same EspoCRM: noticed by its stamps, and told; an older database is none."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from syncapp.engine import control
from syncapp.engine.dispatcher import at_work_since, dispatch, late
from syncapp.entities.beteiligte.probes import other_installation
from syncapp.models import Alert, Heartbeat, SyncRecord
from syncapp.operations.alerts.rules import BY_CODE
from syncapp.operations.alerts.watch import sentence
from tests.support.firm import Firm

pytestmark = pytest.mark.django_db(transaction=True)


def at_work(*, hours: float) -> None:
    dispatch()
    since = timezone.now() - timedelta(hours=hours)
    Heartbeat.objects.filter(pk="dispatcher").update(detail={"since": since.isoformat()})


def synced_elsewhere(firm: Firm, espo_id: str, *, title: str, ago: timedelta = timedelta()) -> None:
    """As another program leaves it: both sides equal, and its own time of the last sync."""
    moment = timezone.now() + timedelta(seconds=2) - ago
    firm.sandbox.anna.change(espo_id, titel=title, advowareLastSync=f"{moment:%Y-%m-%d %H:%M:%S}")
    firm.sandbox.clerk.change(firm.record(espo_id).betnr, titel=title)


def alert() -> dict[str, Any] | None:
    return BY_CODE["other_installation"].measure(timezone.now())


def test_stamps_that_are_not_ours_are_told(firm: Firm) -> None:
    pairs = [firm.pair() for _ in range(3)]
    at_work(hours=2)
    for number, (espo_id, _betnr) in enumerate(pairs):
        assert alert() is None
        synced_elsewhere(firm, espo_id, title=f"Prof. {number}")
        assert firm.sync(espo_id).status == "clean"
    figures = alert()
    assert figures is not None
    assert figures["number"] == 3
    assert "EspoCRM" in str(sentence(Alert(rule="other_installation", params=figures)))


def test_our_own_runs_are_nobody_else_s(firm: Firm) -> None:
    pairs = [firm.pair() for _ in range(3)]
    at_work(hours=2)
    for espo_id, _betnr in pairs:
        for title in ("Dr.", "Prof."):
            firm.sandbox.anna.change(espo_id, titel=title)
            assert firm.sync(espo_id).status == "clean"
    assert not Heartbeat.objects.filter(pk=other_installation.NAME).exists()


def test_in_shadow_the_program_before_may_be_at_work(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    at_work(hours=2)
    synced_elsewhere(firm, espo_id, title="Prof.")
    control.set_mode(mode="shadow", by="tests")
    firm.sync(espo_id)
    assert not Heartbeat.objects.filter(pk=other_installation.NAME).exists()


@pytest.mark.parametrize("silent", [False, True], ids=["begun anew", "silent just now"])
def test_an_older_database_is_no_other_installation(firm: Firm, silent: bool) -> None:
    """What EspoCRM shows then is what we sent ourselves, before the older database was put back."""
    espo_id, _betnr = firm.pair()
    synced_elsewhere(firm, espo_id, title="Prof.")
    SyncRecord.objects.update(last_synced_at=timezone.now() - timedelta(days=1), stamp_sent=None)
    at_work(hours=0)
    if silent:
        Heartbeat.objects.filter(pk="dispatcher").update(at=timezone.now() - 2 * late())
    assert firm.sync(espo_id).status == "clean"
    assert not Heartbeat.objects.filter(pk=other_installation.NAME).exists()


def test_a_long_silence_begins_the_work_anew(firm: Firm) -> None:
    at_work(hours=5)
    since = at_work_since()
    assert since is not None
    assert timezone.now() - since > timedelta(hours=4)
    Heartbeat.objects.filter(pk="dispatcher").update(at=timezone.now() - 2 * late())
    assert at_work_since() is None
    dispatch()
    since = at_work_since()
    assert since is not None
    assert timezone.now() - since < timedelta(minutes=1)


def test_a_dispatcher_that_is_set_to_come_seldom_is_at_work_between_two_rounds(firm: Firm) -> None:
    """Each of them began the work anew, so that no stamp was ever told as somebody else's."""
    firm.settings.SYNC_DISPATCH_SECONDS = 1800
    at_work(hours=5)
    Heartbeat.objects.filter(pk="dispatcher").update(at=timezone.now() - timedelta(minutes=30))
    dispatch()
    since = at_work_since()
    assert since is not None
    assert timezone.now() - since > timedelta(hours=4)


def test_only_so_many_moments_are_kept(firm: Firm) -> None:
    at_work(hours=2)
    with transaction.atomic():
        for _ in range(other_installation.KEPT + 5):
            other_installation.notice(timezone.now())
    assert len(other_installation.moments(after=timezone.now() - timedelta(hours=1))) == other_installation.KEPT
    assert not other_installation.moments(after=timezone.now())
