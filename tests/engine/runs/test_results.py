"""No ending of a run raises, and none leaves its record `syncing`, whatever fails while it is being stored."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, OperationalError

from syncapp.core.states import Status
from syncapp.engine.runs import failures, results
from syncapp.engine.runs.sync_record import Ended, Order, sync_record
from syncapp.entities.beteiligte import entity, intake
from syncapp.models import Attempt, InboxElement, Notice, SyncRecord
from syncapp.operations.notifications import notify
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

pytestmark = pytest.mark.django_db(transaction=True)

# What an ending calls on its way, and what may fail there.
PARTS = {
    "judging what came meanwhile": (results, "_judge_waiting"),
    "the state machine": (results, "_target"),
    "the row itself": (results, "commit"),
    "the step of the history": (results, "log_change"),
    "the search text": (entity.texts, "refresh"),
    "the attempt": (results, "_write_attempt"),
    "the notices": (results, "queue_notices"),
    "the status in EspoCRM": (entity.Beteiligte, "show_failure"),
    "the breaker": (failures.breaker, "failed"),
}


def edited(firm: Firm) -> str:
    """Ends well."""
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    return espo_id


def refused(firm: Firm) -> str:
    """Ends as a validation fault, with a notice."""
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, geburtsdatum="2999-01-01")
    return espo_id


def disturbed(firm: Firm) -> str:
    """Ends as a passing error."""
    espo_id = edited(firm)
    firm.sandbox.fault("advoware", "status", status=500, count=1)
    return espo_id


def locked_out(firm: Firm) -> str:
    """Ends as put back: the connection is at fault."""
    espo_id = edited(firm)
    firm.sandbox.fault("espocrm", "status", status=401, count=1)
    return espo_id


def deleted(firm: Firm) -> str:
    """Ends as gone in EspoCRM, with a task and a notice."""
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.delete(espo_id)
    return espo_id


def vanished(firm: Firm) -> str:
    """Ends as gone in Advoware."""
    firm.pair(name="Bleibt")
    espo_id, betnr = firm.pair(name="Geht")
    firm.sandbox.control.tell(f"advoware/beteiligte/{betnr}/delete")
    return espo_id


ENDINGS = (edited, refused, disturbed, locked_out, deleted, vanished)


def once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: Exception) -> None:
    """The first call fails."""
    real = getattr(owner, name)
    calls = []

    def fails(*arguments: Any, **options: Any) -> Any:
        calls.append(name)
        if len(calls) == 1:
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(owner, name, fails)


def always(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: Exception) -> None:
    def fails(*_arguments: Any, **_options: Any) -> Any:
        raise error

    monkeypatch.setattr(owner, name, fails)


def is_given_back(firm: Firm, espo_id: str) -> SyncRecord:
    record = firm.record(espo_id)
    assert record.status != Status.SYNCING
    assert (record.lease_token, record.lease_expires) == ("", None)
    return record


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_that_fails_gives_the_record_back(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, ending: Callable[[Firm], str], part: str
) -> None:
    owner, name = PARTS[part]
    espo_id = ending(firm)
    with monkeypatch.context() as patched:
        # Without the row nothing can be stored at all: the case below.
        how_often = once if name == "commit" else always
        how_often(patched, owner, name, DataError("surrogates not allowed"))
        ended = firm.sync(espo_id)
    assert ended.ended == "ran"
    record = is_given_back(firm, espo_id)
    assert record.kind != "bug" or record.next_retry_at is not None
    assert Attempt.objects.filter(record=record).exists()

    firm.sandbox.heal()
    monkeypatch.undo()
    firm.due(espo_id)
    come_right(firm, espo_id, ending)


def come_right(firm: Firm, espo_id: str, ending: Callable[[Firm], str]) -> None:
    """The next run ends as the first would have."""
    from syncapp.models import Breaker

    Breaker.objects.all().delete()
    firm.sync(espo_id)
    wanted = {"refused": "failed", "deleted": "deleted_in_espocrm", "vanished": "deleted_in_advoware"}
    assert firm.record(espo_id).status == wanted.get(ending.__name__, "clean"), firm.record(espo_id).fault


def test_where_nothing_can_be_stored_the_run_says_so_and_the_lease_runs_out(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id = edited(firm)
    with monkeypatch.context() as patched:
        always(patched, results, "commit", OperationalError("the database is away"))
        assert firm.sync(espo_id).ended is Ended.UNFINISHED
    assert firm.record(espo_id).status == Status.SYNCING
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id).status == "clean"


def test_what_came_meanwhile_is_not_lost_with_the_ending(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile
) -> None:
    espo_id = edited(firm)

    def anna_again() -> None:
        firm.sandbox.anna.change(espo_id, zusatz="c/o Kanzlei")
        intake.store(action="update", webhook_id="w", elements=[{"id": espo_id, "zusatz": "c/o Kanzlei"}])

    meanwhile.after("espocrm", "patch", anna_again)
    with monkeypatch.context() as patched:
        always(patched, results, "_write_attempt", DataError("too long"))
        firm.sync(espo_id)
    record = is_given_back(firm, espo_id)
    assert record.requested > record.completed
    assert record.status == Status.DIRTY, "somebody asked meanwhile"
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(record.betnr or 0)["zusatz"] == "c/o Kanzlei"
    assert not InboxElement.objects.filter(result="waiting").exists()


def test_an_element_that_nobody_can_judge_costs_neither_the_delivery_nor_the_run(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile
) -> None:
    espo_id = edited(firm)
    always(monkeypatch, intake, "judge", ValueError("nobody foresaw this"))
    assert intake.store(action="update", webhook_id="w", elements=[{"id": espo_id, "titel": "x"}])[1] == {"counted": 1}
    meanwhile.after(
        "espocrm",
        "patch",
        lambda: intake.store(action="update", webhook_id="w", elements=[{"id": espo_id, "titel": "y"}]),
    )
    firm.sync(espo_id)
    record = is_given_back(firm, espo_id)
    assert record.status == Status.DIRTY
    assert set(InboxElement.objects.values_list("result", flat=True)) == {"counted"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_figures_that_cannot_be_counted_do_not_change_what_is_stored(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, ending: Callable[[Firm], str]
) -> None:
    espo_id = ending(firm)
    always(monkeypatch, results, "measure_run", RuntimeError("no figures"))
    assert firm.sync(espo_id).ended is Ended.RAN
    is_given_back(firm, espo_id)
    assert not Attempt.objects.filter(outcome="lost_lease").exists()


def test_a_notice_that_fails_to_go_out_harms_no_run(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    espo_id = refused(firm)
    always(monkeypatch, notify, "_send", DataError("a name that is none"))
    assert firm.sync(espo_id).status == "failed"
    assert Notice.objects.filter(sent_at=None).count() == 1, "the dispatcher sends it"


def test_the_least_ending_counts_as_a_try_and_is_given_up_like_any_other(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id = edited(firm)
    always(monkeypatch, results, "_write_attempt", DataError("too long"))
    for _time in range(5):
        firm.due(espo_id)
        sync_record(Order(firm.record(espo_id).pk, forced=True))
    record = firm.record(espo_id)
    assert (record.status, record.kind, record.retry_count) == ("permanently_failed", "bug", 5)
    assert record.fault == {"code": "bug", "params": {"error": "DataError"}}
    assert Attempt.objects.filter(kind="bug").exclude(traceback="").count() == 5
