"""The breaker: opens, puts records back, lets one probe through, and closes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.engine import breaker, control, registry
from syncapp.engine.dispatcher import dispatch
from syncapp.entities.appointments import neutral as calendars
from syncapp.entities.appointments.clients import SYSTEMS as OF_CALENDARS
from syncapp.entities.beteiligte.clients import SYSTEMS, configured_clients
from syncapp.entities.beteiligte.links.gone import look_for_restored
from syncapp.entities.beteiligte.probes import neutral
from syncapp.entities.beteiligte.probes.confirm import confirm_writes
from syncapp.models import Breaker, SyncRecord
from tests.support.firm import Firm


def wait_is_over(system: str = "advoware") -> None:
    Breaker.objects.filter(system=system).update(open_until=timezone.now() - timedelta(seconds=1))


def state(record: SyncRecord) -> tuple[Any, ...]:
    return record.status, record.kind, record.retry_count, record.requested, record.completed


AUTH = [
    ("espocrm", {"status": 401}, "auth"),
    ("espocrm", {"status": 403}, "auth"),
    ("advoware", {"status": 401}, "auth"),
    ("advoware", {"status": 500, "body": '{"message": "Der Dienst ist nicht registriert"}'}, "auth"),
]
CONFIGURATION = [
    ("espocrm", {"status": 404}, "configuration"),
    ("espocrm", {"fault": "html_200"}, "configuration"),
    ("advoware", {"fault": "html_200"}, "configuration"),
]


@pytest.mark.parametrize("system, fault, kind", AUTH + CONFIGURATION)
def test_auth_and_configuration_open_at_once_and_put_the_record_back(
    firm: Firm, edited: tuple[str, int], system: str, fault: dict[str, Any], kind: str
) -> None:
    espo_id, betnr = edited
    before = state(firm.record(espo_id))
    firm.sandbox.fault(system, **{"fault": "status", "method": "GET", "count": 9, **fault})
    firm.sync(espo_id)
    assert state(firm.record(espo_id)) == before, "what it was before, no retry used up"
    row = Breaker.objects.get(system=system)
    assert (row.kind, row.open_since is not None, row.opens) == (kind, True, 1)
    assert 50 < (row.open_until - timezone.now()).total_seconds() <= 60  # type: ignore[operator]
    firm.sandbox.heal()
    wait_is_over(system)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."


def test_a_re_check_that_is_put_back_is_still_owed(firm: Firm) -> None:
    """Nobody has looked: what was changed in Advoware must not wait another day."""
    espo_id, _betnr = firm.pair()
    two_days_ago = timezone.now() - timedelta(days=2)
    SyncRecord.objects.update(last_check=two_days_ago)
    firm.sandbox.fault("advoware", fault="status", method="GET", status=401, count=9)
    assert firm.sync(espo_id, source="sweep").status == "clean"
    assert firm.record(espo_id).last_check == two_days_ago


def test_what_was_asked_for_while_a_dead_run_went_on_survives_a_put_back(firm: Firm, meanwhile: Any) -> None:
    """The record was at rest when the dead run took it; what came since has only the generation to show for it."""
    espo_id, _betnr = firm.pair()

    def power_cut() -> None:
        firm.reset(espo_id)
        raise SystemExit

    meanwhile.before("advoware", "get", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    firm.sandbox.fault("advoware", fault="status", method="GET", status=401, count=9)
    assert firm.sync(espo_id, forced=False).status == "dirty"
    record = firm.record(espo_id)
    assert record.requested > record.completed


def test_a_conflict_that_was_logged_before_a_put_back_closes_itself(firm: Firm) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    firm.sandbox.fault("espocrm", fault="status", method="PUT", status=401, count=9)
    firm.sandbox.fault("espocrm", fault="status", method="PATCH", status=401, count=9)
    assert firm.sync(espo_id, source="sweep").status == "dirty"
    firm.sandbox.heal()
    wait_is_over("espocrm")
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert not firm.record(espo_id).conflicts.filter(open=True).exists()


def test_while_open_a_run_costs_no_remote_call(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=401, count=9)
    firm.sync(espo_id)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).ended == "breaker_open"
    assert firm.counts() == {"espocrm": {}, "advoware": {}}
    assert dispatch() == 0


def test_five_transient_failures_in_a_row_open_it(firm: Firm) -> None:
    ids = [firm.pair(name=f"Nummer {n}")[0] for n in range(5)]
    firm.sandbox.fault("advoware", "status", status=500, method="GET", count=99)
    ended = [firm.sync(espo_id).status for espo_id in ids]
    assert ended == ["failed", "failed", "failed", "failed", "clean"]
    record = firm.record(ids[4])
    assert (record.retry_count, record.kind) == (0, ""), "the one that opened it is put back, its count unchanged"
    assert Breaker.objects.get(system="advoware").open_until is not None
    assert firm.sync(ids[0]).ended == "breaker_open"


@pytest.mark.django_db
def test_each_system_is_counted_and_closed_for_itself(settings: Any) -> None:
    settings.BREAKER_FAILURES = 3
    for system in ("espocrm", "advoware", "advoware"):
        assert not breaker.failed(system=system, kind="transient", reason="away")
    assert dict(Breaker.objects.values_list("system", "failures")) == {"espocrm": 1, "advoware": 2}
    breaker.succeeded("espocrm", opens=0)
    assert dict(Breaker.objects.values_list("system", "failures")) == {"espocrm": 0, "advoware": 2}
    assert breaker.failed(system="advoware", kind="transient", reason="away")
    assert (breaker.any_open(systems=["advoware"]), breaker.any_open(systems=["espocrm"])) == (True, False)
    assert dict(Breaker.objects.values_list("system", "kind")) == {"espocrm": "", "advoware": "transient"}


def test_a_success_in_between_starts_the_count_again(firm: Firm) -> None:
    ids = [firm.pair(name=f"Nummer {n}")[0] for n in range(4)]
    firm.sandbox.fault("advoware", "status", status=500, method="GET", count=4)
    for espo_id in ids:
        assert firm.sync(espo_id).status == "failed"
    assert Breaker.objects.get(system="advoware").failures == 4
    assert firm.sync(ids[0]).status == "clean"
    assert Breaker.objects.get(system="advoware").failures == 0


def test_a_refusal_is_no_failure_of_the_system(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    Breaker.objects.create(system="advoware", failures=4)
    firm.sandbox.fault("advoware", "status", status=400, method="PUT")
    assert firm.sync(espo_id).status == "failed"
    assert Breaker.objects.get(system="advoware").failures == 0, "it answered"


def test_a_record_that_moves_again_and_again_is_no_failure_of_espocrm(firm: Firm, meanwhile: Any) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    edits = iter(range(9))
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, zusatz=str(next(edits))), times=3)
    assert firm.sync(espo_id).status == "failed"
    assert not Breaker.objects.filter(failures__gt=0).exists()


def test_a_probe_that_works_closes_it(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=401, count=2)
    firm.sync(espo_id)
    wait_is_over()
    assert firm.sync(espo_id).status == "clean"
    row = Breaker.objects.get(system="advoware")
    assert (row.open_until, row.open_since, row.failures, row.opens, row.probe_until) == (None, None, 0, 0, None)


def test_a_probe_that_fails_doubles_the_wait(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=401, count=99)
    waits = []
    for _round in range(6):
        wait_is_over()
        firm.sync(espo_id)
        row = Breaker.objects.get(system="advoware")
        waits.append(round((row.open_until - timezone.now()).total_seconds()))  # type: ignore[operator]
    assert waits == [60, 120, 240, 480, 900, 900]


def test_there_is_one_probe_at_a_time(firm: Firm) -> None:
    Breaker.objects.create(system="advoware", failures=5, opens=1, open_until=timezone.now() - timedelta(seconds=1))
    first = breaker.admit(systems=SYSTEMS)
    assert first.open_system == ""
    assert breaker.admit(systems=SYSTEMS).open_system == "advoware"
    breaker.give_back(first)
    assert breaker.admit(systems=SYSTEMS).open_system == ""


def test_a_probe_of_a_dead_worker_is_free_again_after_a_minute(firm: Firm) -> None:
    now = timezone.now()
    Breaker.objects.create(
        system="advoware", opens=1, open_until=now - timedelta(minutes=2), probe_until=now - timedelta(seconds=1)
    )
    assert breaker.admit(systems=SYSTEMS).open_system == ""


def test_a_record_that_is_not_due_closes_it_too(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    Breaker.objects.create(system="advoware", opens=1, open_until=timezone.now() - timedelta(seconds=1))
    assert firm.sync(espo_id, forced=False).ended == "not_due"
    row = Breaker.objects.get(system="advoware")
    assert (row.probe_until, row.open_until) == (None, None)


def test_no_probe_is_held_where_the_other_system_is_closed_off(firm: Firm) -> None:
    now = timezone.now()
    Breaker.objects.create(system="advoware", opens=1, open_until=now - timedelta(seconds=1))
    Breaker.objects.create(system="espocrm", opens=1, open_until=now + timedelta(minutes=1))
    assert breaker.admit(systems=SYSTEMS).open_system == "espocrm"
    assert Breaker.objects.get(system="advoware").probe_until is None


def test_a_run_that_began_before_it_opened_does_not_close_it(firm: Firm) -> None:
    Breaker.objects.create(system="espocrm", failures=1)
    slow = breaker.admit(systems=SYSTEMS)
    breaker.failed(system="espocrm", kind="auth", reason="wrong key")
    breaker.succeeded("espocrm", opens=slow.failing["espocrm"])
    assert breaker.any_open(systems=["espocrm"])


def test_espocrm_is_told_nothing_while_its_own_breaker_is_open(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.sandbox.fault("advoware", "status", status=403, method="PUT")
    from syncapp.entities.beteiligte.writing import espocrm_status

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(espocrm_status.breaker, "any_open", lambda systems: "espocrm" in systems)
        assert firm.sync(espo_id).status == "failed"
    assert firm.counts()["espocrm"] == {"GET": 1}


EIGHT = 8


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("others", ["one that is well", "none"])
def test_eight_failing_records_are_not_advoware_down(firm: Firm, method: str, others: str) -> None:
    """Each makes Advoware stumble by itself; everything else works, whether or not it is asked for meanwhile."""
    pairs = [firm.pair(name=f"Nummer {n}") for n in range(EIGHT)]
    well, _betnr = firm.pair(name="Gesund") if others == "one that is well" else ("", 0)
    for espo_id, betnr in pairs:
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.ask(espo_id)
        firm.sandbox.fault(
            "advoware", "status", status=500, method=method, path_contains=f"Beteiligte/{betnr}", count=99
        )
    assert [firm.sync(espo_id).status for espo_id, _betnr in pairs] == ["failed"] * EIGHT
    assert [firm.record(espo_id).retry_count for espo_id, _betnr in pairs] == [1] * EIGHT
    assert not Breaker.objects.filter(open_until__isnull=False).exists()
    if well:
        assert firm.sync(well).status == "clean"


def test_a_call_that_works_for_another_record_starts_the_count_again(firm: Firm) -> None:
    failing, well = firm.pair(name="Krank"), firm.pair(name="Gesund")
    firm.sandbox.fault("advoware", "status", status=500, path_contains=f"Beteiligte/{failing[1]}", count=99)
    for _time in range(4):
        firm.sync(failing[0])
    assert Breaker.objects.get(system="advoware").failures == 4
    firm.sync(well[0])
    assert Breaker.objects.get(system="advoware").failures == 0


def test_the_record_in_trouble_is_not_what_decides_whether_advoware_is_back(firm: Firm) -> None:
    (espo_id, betnr), _well = firm.pair(name="Krank"), firm.pair(name="Gesund")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)
    firm.sandbox.fault("advoware", "status", status=500, path_contains=f"Beteiligte/{betnr}", count=99)
    Breaker.objects.create(system="advoware", failures=5, opens=1, open_until=timezone.now() - timedelta(seconds=1))
    assert firm.sync(espo_id).status == "failed", "this one fails, for itself"
    assert Breaker.objects.get(system="advoware").open_until is None


def test_a_question_that_gets_no_answer_costs_no_record_a_thing(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, betnr = edited
    well = firm.pair(name="Gesund")
    before = state(firm.record(espo_id))
    Breaker.objects.create(system="advoware", failures=5, opens=1, open_until=timezone.now() - timedelta(seconds=1))
    firm.sandbox.fault("advoware", "status", status=503, count=99)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).ended == "breaker_open"
    assert state(firm.record(espo_id)) == before
    asked = [path for _system, _method, path in firm.sandbox.calls("advoware")]
    assert asked
    assert not [path for path in asked if path.endswith(f"Beteiligte/{betnr}")], "not the record that is to be synced"
    assert [path for path in asked if path.endswith(f"Beteiligte/{well[1]}")]
    row = Breaker.objects.get(system="advoware")
    assert (row.opens, row.probe_until, row.open_until > timezone.now()) == (2, None, True)  # type: ignore[operator]


def test_one_that_was_deleted_there_is_no_answer_and_no_failure(firm: Firm) -> None:
    """A known one may be gone: the next is asked, and then the list that belongs to nobody."""
    _espo_id, betnr = firm.pair()
    firm.sandbox.fault("advoware", "status", status=404, path_contains=f"Beteiligte/{betnr}", count=9)
    assert neutral.trouble_of("advoware", configured_clients()) is None
    firm.sandbox.fault("advoware", "status", status=404, path_contains="Rechtsformen", count=9)
    assert neutral.trouble_of("advoware", configured_clients()) is not None, "a wrong address says so of everything"


def test_a_refusal_of_everything_is_no_record_s_fault(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, betnr = edited
    firm.pair(name="Gesund")
    before = state(firm.record(espo_id))
    firm.sandbox.fault("advoware", "status", status=403, count=99)
    assert firm.sync(espo_id).status == "dirty"
    assert state(firm.record(espo_id)) == before
    row = Breaker.objects.get(system="advoware")
    assert (row.kind, row.reason, row.open_until is not None) == ("auth", "refuses everything", True)
    wait_is_over()
    assert dispatch() == 0, "the question is refused as well"
    assert Breaker.objects.get(system="advoware").opens == 2
    firm.sandbox.heal()
    wait_is_over()
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."


def test_a_create_that_is_refused_like_everything_else_is_put_back(firm: Firm) -> None:
    firm.pair(name="Gesund")
    espo_id = firm.new(name="Neu")
    firm.sandbox.fault("advoware", "status", status=403, count=99)
    assert firm.sync(espo_id).status == "pending_sync"
    assert Breaker.objects.get(system="advoware").kind == "auth"
    firm.sandbox.heal()
    wait_is_over()
    assert firm.sync(espo_id, forced=False).status == "clean"


@pytest.mark.parametrize("others", ["a Beteiligter", "the list of legal forms"])
def test_a_refusal_of_one_while_others_work_is_that_one_s(firm: Firm, edited: tuple[str, int], others: str) -> None:
    espo_id, betnr = edited
    _well, other = firm.pair(name="Gesund")
    refused = [betnr] if others == "a Beteiligter" else [betnr, other]
    for number in refused:
        firm.sandbox.fault("advoware", "status", status=403, path_contains=f"Beteiligte/{number}", count=9)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "forbidden"
    assert not Breaker.objects.filter(open_until__isnull=False).exists()


@pytest.mark.parametrize("status", [400, 422])
def test_a_read_that_is_refused_for_one_while_others_work_is_that_one_s(
    firm: Firm, edited: tuple[str, int], status: int
) -> None:
    espo_id, betnr = edited
    well, _other = firm.pair(name="Gesund")
    firm.sandbox.fault("advoware", "status", status=status, method="GET", path_contains=f"Beteiligte/{betnr}", count=9)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "validation"
    assert not Breaker.objects.filter(open_until__isnull=False).exists()
    assert firm.sync(well).status == "clean"


def test_a_read_that_is_refused_for_everything_opens_it(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    firm.pair(name="Gesund")
    before = state(firm.record(espo_id))
    firm.sandbox.fault("advoware", "status", status=400, method="GET", path_contains="Beteiligte/", count=99)
    assert firm.sync(espo_id).status == "dirty"
    assert state(firm.record(espo_id)) == before
    row = Breaker.objects.get(system="advoware")
    assert (row.kind, row.open_until is not None) == ("configuration", True)


@pytest.mark.parametrize("fault", [{"status": 400}, {"status": 200, "body": "null"}])
def test_a_confirming_look_that_is_refused_leaves_it_to_a_run(firm: Firm, fault: dict[str, Any]) -> None:
    espo_id, betnr = firm.pair()
    firm.pair(name="Gesund")
    SyncRecord.objects.filter(espo_id=espo_id).update(unconfirmed=True)
    firm.sandbox.fault("advoware", "status", method="GET", path_contains=f"Beteiligte/{betnr}", count=9, **fault)
    assert confirm_writes([firm.record(espo_id).pk]) == {"differs": 1}
    assert not Breaker.objects.filter(open_until__isnull=False).exists()


def test_without_anything_to_ask_for_the_first_record_is_the_question(firm: Firm) -> None:
    """An Advoware that knows no list of legal forms, before anything is synced: an outage must come to its end."""
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "status", status=404, path_contains="Rechtsformen", count=None)
    outage = {"path_contains": "Beteiligte", "count": 2}
    firm.sandbox.fault("advoware", "status", status=401, **outage)
    assert firm.sync(espo_id).status == "pending_sync"
    wait_is_over()
    assert dispatch() == 1
    assert Breaker.objects.get(system="advoware").open_until is not None, "nothing has proved yet that it works"
    firm.sandbox.fault("advoware", "status", status=401, **outage)
    assert firm.sync(espo_id).status == "pending_sync"
    row = Breaker.objects.get(system="advoware")
    assert (row.kind, row.opens, row.probe_until) == ("auth", 2, None), "and it waits for longer"
    wait_is_over()
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert Breaker.objects.get(system="advoware").open_until is None


@pytest.mark.parametrize("status, ended", [(403, "failed"), (404, "deleted_in_advoware")])
def test_before_anything_is_synced_one_that_cannot_be_read_keeps_nobody_else_from_it(
    firm: Firm, status: int, ended: str
) -> None:
    """The first that is due names a Beteiligter that is closed or gone; no record of ours is known to be well."""
    pairs = [firm.pair(name="Verschlossen"), firm.pair(name="Offen")]
    SyncRecord.objects.all().delete()
    firm.sandbox.fault("advoware", "status", status=403, path_contains="Rechtsformen", count=None)
    firm.sandbox.fault("advoware", "status", status=status, path_contains=f"Beteiligte/{pairs[0][1]}", count=None)
    assert [firm.sync(espo_id).status for espo_id, _betnr in pairs] == [ended, "clean"]
    assert not Breaker.objects.filter(open_until__isnull=False).exists()


@pytest.mark.parametrize("status, kind", [(403, "auth"), (404, "configuration")])
def test_before_anything_is_synced_an_advoware_that_shows_nothing_is_at_fault(
    firm: Firm, status: int, kind: str
) -> None:
    pairs = [firm.pair(name="Eins"), firm.pair(name="Zwei")]
    SyncRecord.objects.all().delete()
    firm.sandbox.fault("advoware", "status", status=status, method="GET", count=99)
    for opens in (1, 2):
        assert firm.sync(pairs[0][0]).status == "pending_sync"
        row = Breaker.objects.get(system="advoware")
        assert (row.kind, row.opens) == (kind, opens)
        wait_is_over()
        assert dispatch() == 1, "the record is the question: the list answers nobody"


def test_the_dispatcher_asks_and_closes_and_goes_on_in_the_same_minute(firm: Firm, edited: tuple[str, int]) -> None:
    for system in ("advoware", "espocrm"):
        Breaker.objects.create(
            system=system, failures=5, opens=3, open_since=timezone.now(), open_until=timezone.now(), kind="transient"
        )
    assert dispatch() == 1
    assert not Breaker.objects.exclude(open_until=None, opens=0, failures=0, probe_until=None).exists()


def test_the_dispatcher_asks_nobody_before_the_time_and_nobody_in_a_pause(firm: Firm) -> None:
    row = Breaker.objects.create(system="advoware", opens=1, open_until=timezone.now() + timedelta(minutes=1))
    assert dispatch() == 0
    wait_is_over()
    control.set_mode(mode="paused", by="tests")
    assert dispatch() == 0
    row.refresh_from_db()
    assert (row.open_until is not None, row.tried_at) == (True, None)


def test_a_try_by_hand_does_not_make_the_next_wait_longer(firm: Firm, edited: tuple[str, int]) -> None:
    firm.sandbox.fault("advoware", "status", status=503, count=99)
    for _round in range(3):
        Breaker.objects.get_or_create(system="advoware", defaults={"failures": 4, "opens": 2})
        breaker.failed(system="advoware", kind="auth", reason="x")
        assert breaker.try_at_once("advoware")
        dispatch()
        row = Breaker.objects.get(system="advoware")
        assert row.opens == 3
        assert row.tried_at is not None
    assert not breaker.try_at_once("espocrm"), "it is not open"


def test_an_unknown_create_with_advoware_away_opens_it_and_still_waits_for_a_person(firm: Firm) -> None:
    Breaker.objects.create(system="advoware", failures=4)
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "status", status=500, method="POST", path_contains="Beteiligte")
    firm.sandbox.fault("advoware", "status", status=500, method="GET", path_contains="Rechtsformen", count=9)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "create_outcome_unknown"
    assert Breaker.objects.get(system="advoware").open_until is not None
    assert firm.espo(espo_id)["syncStatus"] == "failed", "EspoCRM is well, so it is told"


def test_a_mapping_that_espocrm_contradicts_touches_no_record(firm: Firm, edited: tuple[str, int]) -> None:
    espo_id, _betnr = edited
    before = state(firm.record(espo_id))
    firm.settings.ESPOCRM_FIELD_MAP = {"zusatz": "noSuchAttribute"}
    assert firm.sync(espo_id).ended == "breaker_open"
    assert state(firm.record(espo_id)) == before
    assert "noSuchAttribute" in Breaker.objects.get(system="espocrm").reason


def test_metadata_that_cannot_be_read_touch_no_record(firm: Firm, edited: tuple[str, int]) -> None:
    from syncapp.entities.beteiligte.probes import remote_metadata

    espo_id, _betnr = edited
    before = state(firm.record(espo_id))
    remote_metadata.forget()
    firm.sandbox.fault("espocrm", "status", status=500, path_contains="Metadata", count=3)
    assert firm.sync(espo_id).ended == "breaker_open"
    assert state(firm.record(espo_id)) == before
    assert firm.sync(espo_id).ended in ("ran", "breaker_open")


@pytest.mark.parametrize("question", [breaker.admit, breaker.any_open])
def test_whoever_asks_names_the_systems_that_are_meant(question: Any) -> None:
    """A further kind of rows that forgot would go by another kind's breakers."""
    with pytest.raises(TypeError, match="systems"):
        question()


@pytest.mark.parametrize("name, questions", [("beteiligte", neutral.QUESTIONS), ("calendars", calendars.QUESTIONS)])
def test_every_system_that_a_run_calls_has_its_neutral_question(name: str, questions: Any) -> None:
    assert set(questions) == set(registry.entity(name).systems)


@pytest.mark.django_db
def test_a_system_that_a_run_does_not_call_does_not_hold_it_up():
    """Google away is no reason to leave the Beteiligte alone."""
    Breaker.objects.create(system="google_calendar", open_until=timezone.now() + timedelta(minutes=5))
    assert breaker.admit(systems=SYSTEMS).open_system == ""
    assert not breaker.any_open(systems=SYSTEMS)
    assert breaker.admit(systems=OF_CALENDARS).open_system == "google_calendar"
    assert breaker.any_open(systems=OF_CALENDARS)


def test_records_that_make_advoware_stumble_at_the_confirming_look_stop_nobody(firm: Firm) -> None:
    written = [firm.pair(name=f"Stolperstein {number}") for number in range(8)]
    for espo_id, _betnr in written:
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.sync(espo_id)
    for _espo_id, betnr in written[:6]:
        firm.sandbox.fault("advoware", "status", status=500, path_contains=f"/Beteiligte/{betnr}", count=9)
    looked = confirm_writes([firm.record(espo_id).pk for espo_id, _betnr in written])
    assert looked == {"unreadable": 6, "confirmed": 2}
    assert not breaker.any_open(systems=SYSTEMS)


def test_records_that_make_espocrm_stumble_when_they_may_be_back_stop_nobody(firm: Firm) -> None:
    rows = [firm.record(firm.pair(name=f"Weg {number}")[0]) for number in range(6)]
    firm.pair(name="Steht")
    for row in rows:
        SyncRecord.objects.filter(pk=row.pk).update(status="deleted_in_espocrm", requested=row.completed + 1)
        row.refresh_from_db()
        firm.sandbox.fault("espocrm", "status", status=500, path_contains=f"/CBeteiligte/{row.espo_id}", count=3)
        look_for_restored(row, clients=configured_clients())
    assert not breaker.any_open(systems=SYSTEMS)


def test_an_outage_at_the_confirming_look_is_one(firm: Firm) -> None:
    rows = [firm.record(firm.pair(name=f"Still {number}")[0]) for number in range(6)]
    firm.sandbox.fault("advoware", "status", status=503, count=99)
    assert confirm_writes([row.pk for row in rows]) == {"unreadable": 5, "left": 1}
    assert breaker.any_open(systems=["advoware"])
