"""Conflicts: decided per field or per record, only for the values that were shown; losers come back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.core.sides import Side
from syncapp.core.states import Status
from syncapp.models import BulkAction, BulkState, Conflict, OperatorLog, SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, conflicts
from syncapp.operations.actions.bulk import many
from syncapp.remotes.espocrm.client import EspoEntity
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
ANNA = ActionContext("anna")


def decide(client: Client, record: SyncRecord, **body: object) -> Any:
    """As the page sends it: “later” for every conflict that it shows, where nothing else was chosen."""
    shown = {f"keep_{pk}": "" for pk in record.conflicts.filter(open=True).values_list("pk", flat=True)}
    return client.post(reverse("admin:ops_decide", args=[record.pk]), shown | body)


def two() -> tuple[Conflict, Conflict]:
    first = rooms.conflict()
    return first, rooms.conflict(first.record, field="zusatz", espo="c/o Meier", advo=None)


def test_one_field_is_decided_and_the_other_stays_open(clerk: Client, rung: list) -> None:
    title, addition = two()
    answer = decide(clerk, title.record, **{f"keep_{title.pk}": "advoware", f"keep_{addition.pk}": ""})
    assert answer.status_code == 302
    title.refresh_from_db()
    addition.refresh_from_db()
    assert (title.open, title.kept, title.decided_by.username[:5]) == (False, "advoware", "Clerk")
    assert addition.open
    record = SyncRecord.objects.get(pk=title.record_id)
    assert record.status == Status.DIRTY
    assert record.decisions == {"titel": {"keep": "advoware", "espo": "Prof. Dr.", "advo": "Dr. med."}}
    assert rung == [([record.pk], "sync_records")]


@pytest.mark.parametrize("side", ["espocrm", "advoware"])
def test_the_whole_record_is_decided_for_one_side(side: str, clerk: Client) -> None:
    title, _addition = two()
    decide(clerk, title.record, whole=side)
    assert Conflict.objects.filter(open=True).count() == 0
    record = SyncRecord.objects.get(pk=title.record_id)
    assert {choice["keep"] for choice in record.decisions.values()} == {side}
    assert set(record.decisions) == {"titel", "zusatz"}


def test_all_for_one_side_leaves_open_what_was_not_shown(clerk: Client) -> None:
    """A run has put today's value in the place of the one that stood on the page."""
    title, addition = two()
    Conflict.objects.filter(pk=title.pk).update(open=False)
    newer = rooms.conflict(title.record, espo="Prof. Dr. h. c.")
    shown = {f"keep_{title.pk}": "", f"keep_{addition.pk}": ""}
    address = reverse("admin:ops_decide", args=[title.record_id])
    answer = clerk.post(address, {**shown, "whole": "advoware"}, follow=True)
    assert list(Conflict.objects.filter(open=True)) == [newer]
    assert "Inzwischen wurde etwas geändert" in answer.text
    assert set(SyncRecord.objects.get(pk=title.record_id).decisions) == {"zusatz"}


def test_a_choice_for_what_is_not_there_any_more_is_not_passed_over_in_silence(clerk: Client) -> None:
    title, addition = two()
    Conflict.objects.filter(pk=title.pk).update(open=False)
    rooms.conflict(title.record, espo="Prof. Dr. h. c.")
    address = reverse("admin:ops_decide", args=[title.record_id])
    answer = clerk.post(address, {f"keep_{title.pk}": "espocrm", f"keep_{addition.pk}": ""}, follow=True)
    assert "Inzwischen wurde etwas geändert" in answer.text
    assert "Es wurde nichts gewählt" not in answer.text
    answer = clerk.post(address, {f"keep_{title.pk}": "espocrm", f"keep_{addition.pk}": "espocrm"}, follow=True)
    assert "1 Feld entschieden" in answer.text
    assert "Inzwischen wurde etwas geändert" in answer.text


def test_a_decision_leaves_a_log_row_a_field(clerk: Client) -> None:
    decide(clerk, two()[0].record, whole="espocrm", reason="steht im Ausweis")
    rows = OperatorLog.objects.filter(action="decide_conflict")
    assert sorted(rows.values_list("result", flat=True)) == ["titel: espocrm", "zusatz: espocrm"]
    assert set(rows.values_list("reason", flat=True)) == {"steht im Ausweis"}


def test_nothing_chosen_is_nothing_done(clerk: Client) -> None:
    title, _addition = two()
    answer = clerk.post(reverse("admin:ops_decide", args=[title.record_id]), {}, follow=True)
    assert "Es wurde nichts gewählt" in answer.text
    assert Conflict.objects.filter(open=True).count() == 2


def test_what_was_settled_meanwhile_is_not_decided_again() -> None:
    shown = rooms.conflict()
    Conflict.objects.update(open=False, kept="agreed")
    with pytest.raises(ActionRefused, match="schon erledigt"):
        conflicts.decide(conflict=shown, keep=Side.espocrm, action_context=ANNA)
    assert SyncRecord.objects.get(pk=shown.record_id).decisions == {}


def test_nobody_decides_under_the_hands_of_a_run() -> None:
    conflict = rooms.conflict(rooms.locked())
    with pytest.raises(ActionRefused):
        conflicts.decide(conflict=conflict, keep=Side.espocrm, action_context=ANNA)
    conflict.refresh_from_db()
    assert conflict.open


def test_the_page_shows_both_values_and_what_was_before(clerk: Client) -> None:
    text = clerk.get(reverse("admin:ops_decide", args=[rooms.conflict().record_id])).text
    for value in ("Prof. Dr.", "Dr. med.", "Dr.", "Welcher Wert ist richtig?"):
        assert value in text


def test_the_inbox_lists_open_ones_first_with_field_values_and_who(clerk: Client) -> None:
    rooms.lost()
    opened = rooms.conflict()
    text = clerk.get(reverse("admin:syncapp_conflict_changelist")).text
    assert text.index(reverse("admin:ops_decide", args=[opened.record_id])) < text.index("Regel: EspoCRM gewinnt")
    for word in ("Titel", "Prof. Dr.", "Dr. med.", "offen", "Wiederherstellen"):
        assert word in text


def test_what_was_closed_without_an_answer_is_not_said_to_agree(clerk: Client) -> None:
    rooms.lost(policy="manual", kept="", decided_at=timezone.now())
    text = clerk.get(reverse("admin:syncapp_conflict_changelist")).text
    assert "niemand: seither geändert, gelöscht oder neu verknüpft" in text
    assert "beide Seiten stimmen wieder überein" not in text


def test_restoring_is_handed_to_a_worker(clerk: Client, rung: list) -> None:
    conflict = rooms.lost()
    page = clerk.get(reverse("admin:ops_restore", args=[conflict.pk])).text
    assert "Dr. med." in page
    answer = clerk.post(reverse("admin:ops_restore", args=[conflict.pk]), {"reason": ""})
    bulk = BulkAction.objects.get()
    assert answer.url == reverse("admin:ops_many", args=[bulk.pk])
    assert bulk.state == BulkState.RUNNING
    assert rung == [([bulk.pk], "do_bulk_actions")]
    conflict.refresh_from_db()
    assert conflict.restored_at is None


@pytest.mark.parametrize("restored", [None, timezone.now()])
def test_what_was_taken_is_not_said_to_stand_there_now(restored: Any, clerk: Client) -> None:
    """Nobody has looked; after a restore that went well it does not."""
    text = clerk.get(reverse("admin:ops_restore", args=[rooms.lost(restored_at=restored).pk])).text
    assert "Damals übernommen" in text
    assert "Steht jetzt da" not in text
    assert "nur überschrieben, wenn er noch dort steht" in text


class Espo:
    """Stands for the client: remembers what it was to write."""

    def __init__(self) -> None:
        self.written: list[tuple[str, dict[str, object]]] = []

    def get(self, record_id: str) -> EspoEntity:
        return EspoEntity(record_id, {})

    def patch(self, record_id: str, attributes: dict[str, object], *, version: int | None = None) -> None:
        self.written.append((record_id, attributes))


@pytest.fixture
def espo(monkeypatch: pytest.MonkeyPatch) -> Espo:
    client = Espo()
    clients = type("Clients", (), {"espocrm": client})
    monkeypatch.setattr("syncapp.operations.actions.conflicts.configured_clients", lambda: clients)
    return client


@pytest.mark.parametrize("kept, value", [("espocrm", "Dr. med."), ("advoware", "Prof. Dr.")])
def test_the_value_that_lost_is_written_to_espocrm_and_carried_from_there(kept: str, value: str, espo: Espo) -> None:
    conflict = rooms.lost(kept=kept)
    bulk = BulkAction.objects.create(
        code="restore_value", ids=[conflict.pk], total=1, state=BulkState.RUNNING, actor="anna"
    )
    many.work(bulk_id=bulk.pk)
    bulk.refresh_from_db()
    assert (bulk.done, bulk.refused) == (1, {})
    assert espo.written == [(conflict.record.espo_id, {"titel": value})]
    conflict.refresh_from_db()
    assert conflict.restored_at is not None
    assert SyncRecord.objects.get(pk=conflict.record_id).status == Status.DIRTY
    assert OperatorLog.objects.get().record_id == conflict.record_id


def test_a_value_is_restored_once(espo: Espo) -> None:
    conflict = rooms.lost()
    conflicts.restore(conflict=conflict, action_context=ANNA)
    conflict.refresh_from_db()
    with pytest.raises(ActionRefused):
        conflicts.restore(conflict=conflict, action_context=ANNA)
    assert len(espo.written) == 1


@pytest.mark.parametrize("columns", [{"open": True, "kept": ""}, {"kept": "agreed"}, {"kept": ""}])
def test_there_is_nothing_to_restore_where_nothing_lost(columns: dict[str, object], espo: Espo) -> None:
    with pytest.raises(ActionRefused):
        conflicts.restore(conflict=rooms.lost(**columns), action_context=ANNA)
    assert espo.written == []


def test_a_date_is_shown_as_people_write_it(clerk: Client) -> None:
    rooms.conflict(field="geburtsdatum", espo="1971-03-09", advo="1971-09-03")
    text = clerk.get(reverse("admin:syncapp_conflict_changelist")).text
    assert "09.03.1971" in text
    assert "1971-03-09" not in text


def test_what_was_set_back_soon_after_our_write_says_what_it_may_be(clerk: Client) -> None:
    """In the list, where it is decided, and where the value is brought back."""
    conflict = rooms.conflict(case="set_back")
    settled = rooms.conflict(rooms.conflict().record, case="set_back", field="zusatz", open=False, kept="espocrm")
    pages = [
        reverse("admin:syncapp_conflict_changelist"),
        reverse("admin:ops_decide", args=[conflict.record_id]),
        reverse("admin:ops_restore", args=[settled.pk]),
    ]
    for page in pages:
        assert "vielleicht ein altes Formular" in clerk.get(page, headers={"accept-language": "de"}).text, page
