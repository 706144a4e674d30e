"""What each act does to a record, what it refuses, and the row that it leaves in the operator log."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission, User
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.admin.pages.one_action import LINK_SALT
from syncapp.core.states import Event, Status
from syncapp.engine import control
from syncapp.engine.rows.due import due_now
from syncapp.engine.rows.lease import NO_RUN
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.beteiligte.links import claims
from syncapp.models import OperatorLog, StatusChange, SyncRecord
from syncapp.operations.actions import ACTIONS, ActionContext, ActionRefused, perform
from tests.admin import rooms
from tests.admin.test_rights import FITS
from tests.support.roles import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
ANNA = ActionContext("anna", "weil")
LINK = ActionContext("anna", details={"betnr": 4711, "in_espocrm": None})


def is_due(record: SyncRecord) -> bool:
    return SyncRecord.objects.filter(due_now(control.switches()), pk=record.pk).exists()


def done(code: str, record: SyncRecord, action_context: ActionContext = ANNA) -> SyncRecord:
    perform(code=code, record=record, action_context=action_context)
    record.refresh_from_db()
    return record


@pytest.mark.parametrize("code", [code for code, act in ACTIONS.items() if not act.remote])
def test_every_act_leaves_one_log_row_with_who_what_why_and_result(code: str) -> None:
    record = FITS[code]()
    OperatorLog.objects.all().delete()
    perform(
        code=code,
        record=record,
        action_context=ActionContext("anna", "weil", details={"betnr": 4711, "in_espocrm": None}),
    )
    row = OperatorLog.objects.get()
    assert (row.actor, row.action, row.reason, row.record_id) == ("anna", code, "weil", record.pk)
    assert row.result


@pytest.mark.parametrize("code", [code for code, act in ACTIONS.items() if act.enqueues])
def test_an_act_that_asks_for_a_run_enqueues_once(code: str, rung: list) -> None:
    record = FITS[code]()
    perform(
        code=code,
        record=record,
        action_context=ActionContext("anna", "weil", details={"betnr": 4711, "in_espocrm": None}),
    )
    assert rung == [([record.pk], "sync_records")]


@pytest.mark.parametrize("code", ["sync_now", "resync"])
@pytest.mark.parametrize("before", [rooms.permanently_failed, lambda: rooms.failed("transient", retry_count=3)])
def test_asking_for_a_run_makes_the_record_due_with_a_count_of_zero(
    code: str, before: Callable[[], SyncRecord]
) -> None:
    record = done(code, before())
    assert (record.status, record.kind, record.retry_count, record.auto_reset_at) == (Status.DIRTY, "", 0, None)
    assert record.requested == 2
    assert is_due(record)
    assert StatusChange.objects.get(record=record).cause == f"{code}: anna"


def test_comparing_from_scratch_forgets_what_lets_a_run_look_away() -> None:
    record = done("resync", rooms.record(version=7, list_seen={"fields": {}}))
    assert (record.version, record.list_seen) == (None, {})


@pytest.mark.parametrize("side", ["espocrm", "advoware"])
def test_everything_from_one_side_is_an_order_for_one_run(side: str) -> None:
    record = done(f"everything_from_{side}", rooms.record())
    assert record.override == f"everything_from_{side}"
    assert is_due(record)


def test_pausing_keeps_requests_and_takes_the_record_out(rung: list) -> None:
    record = done("pause", rooms.record("dirty"))
    assert (record.hold, is_due(record)) == ("paused", False)
    request_sync(SyncRecord, record_id=record.pk, event=Event.CHANGED, trigger="update", source="webhook")
    assert not is_due(record)
    assert rung == []
    record = done("resume", SyncRecord.objects.get(pk=record.pk))
    assert (record.hold, is_due(record)) == ("", True)


def test_ignoring_takes_an_error_out_of_the_counts() -> None:
    record = done("ignore", rooms.failed("transient", next_retry_at=timezone.now() - timedelta(minutes=1)))
    assert (record.hold, is_due(record)) == ("ignored", False)


def test_going_on_after_a_pause_leaves_a_case_for_a_person_waiting() -> None:
    record = done("resume", rooms.failed("create_outcome_unknown", betnr=None, hold="paused"))
    assert (record.status, record.kind, is_due(record)) == (Status.FAILED, "create_outcome_unknown", False)


def test_releasing_a_lock_lets_the_next_run_take_over() -> None:
    record = rooms.locked()
    assert not is_due(record)
    record = done("release_lock", record)
    assert record.lease_expires is not None
    assert record.lease_expires <= timezone.now()
    assert is_due(record)
    assert OperatorLog.objects.get(action="release_lock").result == "worker-7:4711:33"


@pytest.mark.parametrize("status", [Status.DIRTY, Status.SYNCING], ids=["due", "left by a dead run"])
def test_from_a_program_s_write_nothing_is_released_while_it_may_be_under_way(status: Status) -> None:
    """A run stops before its next write; that one is on its way, and a run in between would set it back unseen."""
    record = rooms.locked()
    record.status, record.lease_token = status, f"{NO_RUN}{'u' * 32}"
    record.save()
    with pytest.raises(ActionRefused, match="rogram"):
        perform(code="release_lock", record=record, action_context=ANNA)
    assert SyncRecord.objects.get(pk=record.pk).lease_expires == record.lease_expires
    record.lease_expires = timezone.now() - timedelta(seconds=1)
    record.save()
    done("release_lock", record)


def test_a_lock_that_changed_hands_is_not_released() -> None:
    record = rooms.locked()
    SyncRecord.objects.filter(pk=record.pk).update(fence=4, lease_token="u" * 32)
    with pytest.raises(ActionRefused):
        perform(code="release_lock", record=record, action_context=ANNA)
    record.refresh_from_db()
    assert record.lease_expires is not None
    assert record.lease_expires > timezone.now()


def test_create_after_all_forgets_the_open_create() -> None:
    unknown = rooms.failed("create_outcome_unknown", betnr=None, create_intent={"at": "2026-01-01T00:00:00+00:00"})
    record = done("create_after_all", unknown)
    assert (record.create_intent, record.create_released, record.trigger) == (None, True, "create")
    assert is_due(record)


def test_linking_forgets_the_old_base_and_links() -> None:
    record = rooms.failed("needs_confirmation", betnr=None, hold="unlinked", row_id="r1")
    record.links.create(entry_id=1, komm_kz=1)
    record = done("link", record, LINK)
    assert (record.betnr, record.hold, record.base_espo, record.row_id) == (4711, "", {}, "")
    assert record.links.count() == 0
    assert is_due(record)


def test_a_betnr_of_another_record_is_refused_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "holds", lambda *_: True)
    other = rooms.record(betnr=4711)
    record = rooms.failed("needs_confirmation", betnr=None)
    with pytest.raises(ActionRefused, match=other.espo_id):
        perform(code="link", record=record, action_context=LINK)
    record.refresh_from_db()
    assert record.betnr is None


REFUSED = {
    "sync_now": [
        lambda: rooms.record(hold="paused"),
        lambda: rooms.permanently_failed(hold="ignored"),
        lambda: rooms.record("deleted_in_espocrm"),
        lambda: rooms.failed("create_outcome_unknown", betnr=None),
        lambda: rooms.failed("needs_confirmation", betnr=None),
    ],
    "resync": [
        lambda: rooms.record("deleted_in_advoware"),
        lambda: rooms.record("deleted_in_espocrm"),
        lambda: rooms.failed("create_outcome_unknown", betnr=None),
    ],
    "release_lock": [rooms.record],
    "pause": [lambda: rooms.record(hold="ignored")],
    "ignore": [lambda: rooms.record(hold="paused")],
    "snooze": [rooms.record],
    "wake": [rooms.failed],
    "resume": [rooms.record, lambda: rooms.record(hold="unlinked")],
    "link": [rooms.locked],
    "unlink": [lambda: rooms.record(betnr=None), rooms.locked],
    "create_after_all": [rooms.record, lambda: rooms.record("deleted_in_espocrm", betnr=None)],
    "everything_from_espocrm": [lambda: rooms.record(betnr=None)],
    "everything_from_advoware": [lambda: rooms.record(betnr=None)],
}


def test_every_act_refuses_something() -> None:
    assert set(REFUSED) == set(ACTIONS)


@pytest.mark.parametrize("code, make", [(code, make) for code, makes in REFUSED.items() for make in makes])
def test_what_does_not_fit_is_refused_with_a_sentence_and_changes_nothing(
    code: str, make: Callable[[], SyncRecord], boss: Client
) -> None:
    record = make()
    before = SyncRecord.objects.filter(pk=record.pk).values().get()
    address = reverse("admin:ops_record_act", args=[record.pk, code])
    assert re.search(r'ops-note ops-(warn|bad)" role="alert">', boss.get(address).text)
    answer = boss.post(address, {"reason": "x"})
    assert answer.status_code == 200
    assert re.search(r'id="fault" role="alert"[^>]*>\w', answer.text)
    assert SyncRecord.objects.filter(pk=record.pk).values().get() == before
    assert OperatorLog.objects.filter(action=code).count() == 0


@pytest.mark.parametrize("code", ["link", "unlink", "create_after_all"])
def test_a_reason_stays_where_a_run_has_taken_the_record_meanwhile(code: str, boss: Client) -> None:
    """It ends in a moment, and the act is tried again."""
    record = rooms.locked(betnr=None if code == "create_after_all" else 4711)
    address = reverse("admin:ops_record_act", args=[record.pk, code])
    page = boss.post(address, {"reason": "laut Ausweis", "betnr": "4711"}).text
    assert "Versuchen Sie es gleich noch einmal." in page
    assert ">laut Ausweis</textarea>" in page


@pytest.mark.parametrize("code", [code for code, act in ACTIONS.items() if act.needs_reason])
def test_a_grave_act_wants_a_reason(code: str, boss: Client) -> None:
    record = FITS[code]()
    answer = boss.post(reverse("admin:ops_record_act", args=[record.pk, code]), {"reason": "  "})
    assert answer.status_code == 200
    assert "Bitte geben Sie einen Grund an" in answer.text
    assert SyncRecord.objects.get(pk=record.pk).requested == record.requested


def test_asking_is_not_doing(boss: Client) -> None:
    for code in ACTIONS:
        record = FITS[code]()
        before = SyncRecord.objects.filter(pk=record.pk).values().get()
        assert boss.get(reverse("admin:ops_record_act", args=[record.pk, code])).status_code == 200
        assert SyncRecord.objects.filter(pk=record.pk).values().get() == before


@pytest.mark.parametrize(
    "seen", ["", "gelogen", signing.dumps({"record": -1, "betnr": 4711, "in_espocrm": None}, salt=LINK_SALT)]
)
def test_nothing_is_linked_that_was_not_compared(seen: str, boss: Client) -> None:
    record = rooms.failed("needs_confirmation", betnr=None)
    answer = boss.post(reverse("admin:ops_record_act", args=[record.pk, "link"]), {"seen": seen, "betnr": "4711"})
    assert "vergleichen Sie zuerst" in answer.text
    assert SyncRecord.objects.get(pk=record.pk).betnr is None


def test_an_unknown_act_is_not_found(boss: Client) -> None:
    assert boss.get(reverse("admin:ops_record_act", args=[rooms.record().pk, "erase"])).status_code == 404


def test_the_likeliest_act_is_the_first_button(boss: Client) -> None:
    wanted = [
        ("sync_now", rooms.failed()),
        ("sync_now", rooms.permanently_failed()),
        ("link", rooms.failed("needs_confirmation", betnr=None)),
        ("resume", rooms.record(hold="paused")),
        ("sync_now", rooms.record()),
    ]
    for code, record in wanted:
        answer = boss.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk]))
        assert answer.context["first_act"].code == code
        assert code not in [act.code for act in answer.context["acts"]]


def test_the_decision_of_a_conflict_comes_before_every_act(boss: Client) -> None:
    answer = boss.get(reverse("admin:syncapp_syncrecord_change", args=[rooms.conflict().record_id]))
    assert answer.context["first_act"] is None
    assert "sync_now" in [act.code for act in answer.context["acts"]]


def test_trying_again_what_is_gone_in_advoware_looks_again() -> None:
    assert is_due(done("sync_now", rooms.record("deleted_in_advoware")))


AT_ONCE = ("Jetzt abgleichen", "Es wird ein Lauf angefordert, der beide Seiten liest")
AGAIN = ("Erneut versuchen", "Es wird ein neuer Versuch angefordert")


@pytest.mark.parametrize(
    "columns, words",
    [
        ({"status": "clean"}, AT_ONCE),
        ({"status": "dirty"}, AT_ONCE),
        ({"status": "pending_sync"}, AT_ONCE),
        ({"status": "syncing"}, AT_ONCE),
        ({"status": "conflict"}, AT_ONCE),
        ({"status": "failed", "kind": "validation"}, AGAIN),
        ({"status": "permanently_failed", "kind": "transient"}, AGAIN),
        ({"status": "deleted_in_advoware"}, AGAIN),
    ],
)
def test_a_run_is_asked_for_in_the_words_that_fit_the_record_as_it_stands(
    columns: dict[str, str], words: tuple[str, str], operator: Client
) -> None:
    record = rooms.record(**columns)
    address = reverse("admin:ops_record_act", args=[record.pk, "sync_now"])
    page = operator.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert page.count(f'href="{address}"') == 1
    assert re.search(rf'href="{address}"[^>]*>(<span[^>]*>\w*</span>)?\s*{words[0]}<', page)
    question = operator.get(address).text
    assert tuple(said for said in AT_ONCE + AGAIN if said in question) == words
    assert f"Angefordert: {words[0]}." in operator.post(address, follow=True).text


@pytest.mark.parametrize("written", ["4711", "4 711", "4\u00a0711", "4.711"])
def test_a_number_that_is_taken_is_said_with_whose_it_is_to_those_who_may_see_names(
    written: str, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, record = rooms.record(betnr=4711, name="Hartmann Spedition KG"), rooms.record(betnr=None)
    monkeypatch.setattr(claims, "holds", lambda *_: True)
    monkeypatch.setattr("syncapp.operations.actions.binding.configured_clients", lambda: SimpleNamespace(espocrm=None))
    monkeypatch.setattr("syncapp.operations.actions.binding.remote_metadata.field_map", lambda **_: None)
    compare = reverse("admin:ops_link_compare", args=[record.pk])
    way = reverse("admin:syncapp_syncrecord_change", args=[holder.pk])
    text = boss.get(compare, {"betnr": written}).text
    assert ("betNr 4711 ist schon mit" in text, f'href="{way}"' in text, "Hartmann Spedition KG" in text) == (True,) * 3
    blind = User.objects.create_user("blind", is_staff=True)
    rights = ("view_syncrecord", "link_record")
    blind.user_permissions.set(Permission.objects.filter(codename__in=rights))
    text = client_of(blind).get(compare, {"betnr": written}).text
    assert "mit einem anderen Datensatz" in re.sub("<[^>]+>", "", text)
    assert "Hartmann" not in text


def test_the_page_that_links_can_be_left_and_takes_no_fraction(boss: Client) -> None:
    record = rooms.record(betnr=None)
    page = reverse("admin:ops_record_act", args=[record.pk, "link"])
    assert f'href="{reverse("admin:syncapp_syncrecord_change", args=[record.pk])}">Abbrechen' in boss.get(page).text
    compare = reverse("admin:ops_link_compare", args=[record.pk])
    assert "als Zahl" in boss.get(compare, {"betnr": "104893.5"}).text
