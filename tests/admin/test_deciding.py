"""Many conflicts: a side for each field of a whole filter, one after another; undoing; kept views; errors by cause."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.admin.base import ReadOnlyAdmin
from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.models import BulkAction, BulkState, Conflict, OperatorLog, Snooze, SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, conflicts, perform
from syncapp.operations.actions.bulk import many, undoing
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
ANNA = ActionContext("anna", "weil")
LIST = "admin:syncapp_conflict_changelist"


def propose(client: Client, query: str = "", ids: list[int] | None = None) -> BulkAction:
    """Choose in the list: these, or all that the filter shows."""
    across = {} if ids else {"select_across": 1}
    chosen = ids or [Conflict.objects.filter(open=True).earliest("pk").pk]
    body = {"action": "decide_together", "_selected_action": chosen, "index": 0, **across}
    answer = client.post(f"{reverse(LIST)}{query}", body)
    assert answer.status_code == 302, answer.content
    return BulkAction.objects.latest("pk")


def confirm(client: Client, bulk: BulkAction, **body: object) -> BulkAction:
    client.post(reverse("admin:ops_many", args=[bulk.pk]), body)
    bulk.refresh_from_db()
    return bulk


def undo(client: Client, bulk: BulkAction) -> BulkAction:
    """Ask for the undo, and confirm it."""
    answer = client.post(reverse("admin:ops_many_undo", args=[bulk.pk]))
    proposed = BulkAction.objects.latest("pk")
    assert (proposed.undoes_id, answer.url) == (bulk.pk, reverse("admin:ops_many", args=[proposed.pk]))
    return confirm(client, proposed)


def queue(client: Client, **query: object) -> str:
    return client.get(reverse("admin:ops_queue", query=query)).text


def answer(client: Client, shown: Conflict, **body: object) -> Any:
    seen = {"conflict": shown.pk, "seen_espo": shown.espo or "", "seen_advo": shown.advo or ""}
    return client.post(reverse("admin:ops_queue"), {**seen, **body}, follow=True)


def test_a_value_of_two_lines_comes_back_as_a_browser_sends_it(clerk: Client) -> None:
    shown = rooms.conflict(field="zusatz", espo="c/o Meier\nHinterhaus", advo="c/o Maier")
    answer(clerk, shown, seen_espo="c/o Meier\r\nHinterhaus", keep="espocrm")
    shown.refresh_from_db()
    assert (shown.open, shown.kept) == (False, "espocrm")


# --- many at once


def test_each_field_of_a_filter_gets_its_side(clerk: Client) -> None:
    for _times in range(3):
        title = rooms.conflict()
        rooms.conflict(title.record, field="zusatz", espo=None, advo="c/o Meier")
    bulk = propose(clerk)
    page = clerk.get(reverse("admin:ops_many", args=[bulk.pk])).text
    for words in ("Betrifft <b>6</b> Konflikte", "3 Konflikte", "3 sind dort leer und würden in Advoware geleert"):
        assert words in page
    bulk = confirm(clerk, bulk, keep_titel="espocrm", keep_zusatz="advoware")
    assert (bulk.state, bulk.done, bulk.refused) == (BulkState.DONE, 6, {})
    kept = set(Conflict.objects.values_list("field", "kept"))
    assert kept == {("titel", "espocrm"), ("zusatz", "advoware")}
    record = SyncRecord.objects.earliest("pk")
    assert {field: choice["keep"] for field, choice in record.decisions.items()} == dict(kept)
    assert OperatorLog.objects.count() == 1


def test_a_field_without_a_side_stays_open_and_is_counted(clerk: Client) -> None:
    title = rooms.conflict()
    rooms.conflict(title.record, field="zusatz")
    bulk = confirm(clerk, propose(clerk), keep_titel="espocrm", keep_zusatz="")
    assert bulk.done == 1
    assert list(bulk.refused.items()) == [("Für dieses Feld wurde nichts gewählt.", 1)]
    assert Conflict.objects.get(open=True).field == "zusatz"


def test_nothing_chosen_starts_nothing(clerk: Client) -> None:
    rooms.conflict()
    bulk = confirm(clerk, propose(clerk), keep_titel="somebody")
    assert bulk.state == BulkState.ASKED


@pytest.mark.parametrize(
    "query, number", [("?field__in=titel", 2), ("?open__exact=0", 0), ("?q=Petersen", 1), ("?q=niemand", 0)]
)
def test_the_filter_and_the_search_of_the_list_choose(query: str, number: int, clerk: Client) -> None:
    first = rooms.conflict()
    rooms.conflict(first.record, field="zusatz")
    rooms.conflict(rooms.record("conflict", name="Ole Petersen"))
    rooms.lost()
    if number:
        assert propose(clerk, query).total == number
    shown = clerk.get(f"{reverse(LIST)}{query}").context["cl"].queryset.filter(open=True).count()
    assert shown == number


def test_what_was_changed_meanwhile_is_not_decided(clerk: Client) -> None:
    held = rooms.conflict()
    bulk = propose(clerk)
    Conflict.objects.filter(pk=held.pk).update(open=False, kept="agreed")
    bulk = confirm(clerk, bulk, keep_titel="espocrm")
    assert (bulk.done, sum(bulk.refused.values())) == (0, 1)
    assert SyncRecord.objects.get(pk=held.record_id).decisions == {}


@pytest.mark.parametrize("role, may", [("Clerk", True), ("Operator", True), ("Reader", False), ("Auditor", False)])
def test_who_may_not_decide_is_offered_nothing(role: str, may: bool, as_role: Any) -> None:
    rooms.conflict()
    client = as_role(role)
    assert ("Gemeinsam entscheiden" in client.get(reverse(LIST)).text) is may
    assert (client.get(reverse("admin:ops_queue")).status_code == 200) is may
    bulk = BulkAction.objects.create(code="decide_conflicts", ids=[1], total=1, actor="x")
    assert (client.get(reverse("admin:ops_many", args=[bulk.pk])).status_code == 200) is may


# --- one after another


def test_one_after_another_until_nothing_is_left(clerk: Client, rung: list) -> None:
    first = rooms.conflict(espo_by="Anna Vogt")
    second = rooms.conflict(rooms.record("conflict", name="Ole Petersen"))
    page = queue(clerk)
    for words in ("Frieda Müller", "Prof. Dr.", "Dr. med.", "Anna Vogt", "2 sind offen"):
        assert words in page
    page = answer(clerk, first, keep="espocrm").text
    for words in ("Ole Petersen", "Zurücknehmen", "Wartet auf den Lauf", "1 ist offen"):
        assert words in page
    assert "Es ist nichts mehr zu entscheiden" in answer(clerk, second, keep="advoware").text
    assert set(Conflict.objects.values_list("kept", flat=True)) == {"espocrm", "advoware"}
    assert rung == []  # the dispatcher sees to it within a minute


def test_one_that_is_left_open_comes_again_at_the_end(clerk: Client) -> None:
    first, second = rooms.conflict(), rooms.conflict()
    assert f'value="{second.pk}"' in queue(clerk, after=first.pk)
    assert "2 Konflikte sind offen geblieben" in queue(clerk, after=second.pk)


def test_a_value_of_ones_own_is_taken_or_refused_with_a_sentence(clerk: Client) -> None:
    held = rooms.conflict()
    page = answer(clerk, held, keep="instead", instead="x" * 51).text
    assert "Titel ist länger als 50 Zeichen." in page
    assert f'value="{held.pk}"' in page
    answer(clerk, held, keep="instead", instead=" Dr. jur. ")
    held.refresh_from_db()
    assert (held.open, held.kept, held.entered) == (False, "neither", "Dr. jur.")
    record = SyncRecord.objects.get(pk=held.record_id)
    choice = {"keep": "neither", "value": "Dr. jur.", "espo": "Prof. Dr.", "advo": "Dr. med."}
    assert record.decisions == {"titel": choice}
    assert "anderer Wert" in clerk.get(reverse(LIST)).text


def test_an_empty_box_empties_nothing_unless_somebody_says_so(clerk: Client) -> None:
    """A slip would empty both sides."""
    held, other = rooms.conflict(), rooms.conflict()
    assert "setzen Sie den Haken" in answer(clerk, held, keep="instead", instead=" ").text
    assert "setzen Sie den Haken" in answer(clerk, held, keep="instead", instead="Dr.", empty="on").text
    clerk.post(reverse("admin:ops_decide", args=[held.record_id]), {f"keep_{held.pk}": "instead"})
    held.refresh_from_db()
    assert (held.open, held.entered) == (True, None)
    answer(clerk, held, keep="instead", instead="", empty="on")
    body = {f"keep_{other.pk}": "instead", f"empty_{other.pk}": "on"}
    clerk.post(reverse("admin:ops_decide", args=[other.record_id]), body)
    for one in (held, other):
        one.refresh_from_db()
        assert (one.open, one.kept, one.entered) == (False, "neither", None)


def test_a_value_of_ones_own_on_the_page_of_the_record(clerk: Client) -> None:
    held = rooms.conflict()
    body = {f"keep_{held.pk}": "instead", f"instead_{held.pk}": "Dr. jur."}
    clerk.post(reverse("admin:ops_decide", args=[held.record_id]), body)
    held.refresh_from_db()
    assert held.entered == "Dr. jur."


def test_what_was_said_and_refused_stays_on_the_page_of_the_record(clerk: Client) -> None:
    held = rooms.conflict()
    body = {f"keep_{held.pk}": "instead", f"instead_{held.pk}": "x" * 51, "reason": "laut Telefonat"}
    page = clerk.post(reverse("admin:ops_decide", args=[held.record_id]), body)
    assert "Titel ist länger als 50 Zeichen." in page.text
    assert f'value="{"x" * 51}"' in page.text
    assert 'value="instead" checked' in page.text
    assert ">laut Telefonat</textarea>" in page.text
    assert Conflict.objects.get().open


def test_what_was_refused_stays_beside_its_reason_where_another_answer_was_taken(clerk: Client, rung: list) -> None:
    """A second refused one too, each with its own; what was taken is not asked again."""
    title = rooms.conflict()
    addition = rooms.conflict(title.record, field="zusatz", espo="c/o Meier", advo=None)
    name = rooms.conflict(title.record, field="vorname", espo="Frieda", advo="Friede")
    body = {f"keep_{title.pk}": "instead", f"instead_{title.pk}": "x" * 51, f"keep_{addition.pk}": "espocrm"}
    body |= {f"keep_{name.pk}": "instead", f"instead_{name.pk}": "Frieda", "reason": "laut Telefonat"}
    page = clerk.post(reverse("admin:ops_decide", args=[title.record_id]), body)
    assert "1 Feld entschieden." in page.text
    assert "Was abgelehnt wurde, ist noch offen" in page.text
    assert rung == [([title.record_id], "sync_records")]
    open_now = Conflict.objects.filter(open=True).order_by("field")
    assert [row.field for row in open_now] == ["titel", "vorname"]
    first, second = page.text.split('<fieldset class="ops-choice">')[1:]
    assert "Titel ist länger als 50 Zeichen." in first
    assert f'data-field="instead_{title.pk}"' in first
    assert f'value="{"x" * 51}"' in first
    assert "Eine Seite hat diesen Wert schon" in second
    assert f'aria-describedby="refused-{name.pk}"' in second
    assert page.text.count('value="instead" checked') == 2
    assert ">laut Telefonat</textarea>" in page.text


def test_what_stands_in_the_way_is_told_once_where_a_part_was_refused(clerk: Client) -> None:
    title = rooms.conflict()
    name = rooms.conflict(title.record, field="vorname", espo="Frieda", advo="Friede")
    control.set_mode(mode="paused", by="anna")
    body = {f"keep_{title.pk}": "instead", f"instead_{title.pk}": "x" * 51, f"keep_{name.pk}": "espocrm"}
    page = clerk.post(reverse("admin:ops_decide", args=[title.record_id]), body)
    assert "1 Feld entschieden." in page.text
    assert page.text.count("Angefordertes bleibt vorgemerkt") == 1


def test_all_for_one_side_stays_chosen_where_a_run_is_at_work(clerk: Client) -> None:
    title = rooms.conflict(rooms.locked())
    body = {f"keep_{title.pk}": "", "whole": "advoware"}
    page = clerk.post(reverse("admin:ops_decide", args=[title.record_id]), body).text
    assert "Versuchen Sie es gleich noch einmal." in page
    assert 'value="advoware" checked' in page


def test_what_was_refused_of_a_conflict_that_is_over_is_told_above(clerk: Client, monkeypatch: Any) -> None:
    """Somebody else has settled it between the look at what is open and the answer."""
    title = rooms.conflict()
    addition = rooms.conflict(title.record, field="zusatz", espo="c/o Meier", advo=None)
    true_answer = conflicts.answer

    def answer_late(*, conflict: Conflict, **how: Any) -> None:
        if conflict.pk == title.pk:
            Conflict.objects.filter(pk=title.pk).update(open=False, kept="agreed")
        true_answer(conflict=conflict, **how)

    monkeypatch.setattr(conflicts, "answer", answer_late)
    body = {f"keep_{title.pk}": "espocrm", f"keep_{addition.pk}": "espocrm"}
    page = clerk.post(reverse("admin:ops_decide", args=[title.record_id]), body, follow=True)
    assert page.redirect_chain
    assert "Titel: Dieser Konflikt ist schon erledigt." in page.text
    assert "1 Feld entschieden." in page.text


def test_values_that_were_not_shown_are_not_decided_about(clerk: Client) -> None:
    held = rooms.conflict()
    shown = Conflict(pk=held.pk, espo="old", advo=held.advo)
    assert "Inzwischen wurde etwas geändert" in answer(clerk, shown, keep="espocrm").text
    held.refresh_from_db()
    assert held.open


@pytest.mark.parametrize("body", [{"keep": ""}, {"keep": "both"}, {"keep": "espocrm", "conflict": "99999"}, {}])
def test_nonsense_decides_nothing(body: dict[str, object], clerk: Client) -> None:
    held = rooms.conflict()
    assert answer(clerk, held, **body).status_code == 200
    assert Conflict.objects.filter(open=True).count() == 1


def test_a_slip_is_taken_back_and_asked_again(clerk: Client) -> None:
    held = rooms.conflict()
    answer(clerk, held, keep="espocrm")
    page = clerk.post(reverse("admin:ops_take_back", args=[held.pk]), follow=True).text
    assert "Zurückgenommen" in page
    assert f'value="{held.pk}"' in page
    assert SyncRecord.objects.get(pk=held.record_id).decisions == {}
    again = clerk.post(reverse("admin:ops_take_back", args=[held.pk]), follow=True).text
    assert "Ein Lauf hat diese Entscheidung schon ausgeführt" in again


# --- undone


def held_by_bulk(client: Client, code: str, records: list[SyncRecord], **body: object) -> BulkAction:
    ids = [record.pk for record in records]
    client.post(reverse("admin:syncapp_syncrecord_changelist"), {"action": code, "_selected_action": ids, "index": 0})
    return confirm(client, BulkAction.objects.latest("pk"), reason="Umzug", **body)


@pytest.mark.parametrize("code", ["pause", "ignore"])
def test_a_pause_of_many_is_undone_but_for_what_somebody_did_since(code: str, operator: Client) -> None:
    first, second, third = (rooms.record() for _times in range(3))
    paused_before = rooms.record(hold="paused")
    bulk = held_by_bulk(operator, code, [first, second, third, paused_before])
    assert bulk.done == 3
    perform(code="resume", record=SyncRecord.objects.get(pk=second.pk), action_context=ANNA)
    perform(code="pause", record=SyncRecord.objects.get(pk=second.pk), action_context=ANNA)
    undone = undo(operator, bulk)
    assert undone.done == 2
    assert list(undone.refused.items()) == [("Jemand hat es seither geändert, oder es gibt es nicht mehr.", 1)]
    assert set(SyncRecord.objects.exclude(hold="").values_list("pk", flat=True)) == {second.pk, paused_before.pk}
    page = operator.get(reverse("admin:ops_many", args=[bulk.pk])).text
    assert "2 von 3" in page
    assert not undoing.undoable(bulk)


def test_decisions_are_undone_as_far_as_no_run_has_carried_them(clerk: Client) -> None:
    carried, waiting = rooms.conflict(), rooms.conflict()
    bulk = confirm(clerk, propose(clerk), keep_titel="espocrm")
    SyncRecord.objects.filter(pk=carried.record_id).update(decisions={}, status=Status.CLEAN)
    page = clerk.get(reverse("admin:ops_many", args=[bulk.pk])).text
    assert "Rückgängig machen" in page
    proposed = clerk.post(reverse("admin:ops_many_undo", args=[bulk.pk]), follow=True).text
    assert "1 davon wird ausgelassen" in proposed
    assert "Es gibt nichts zu tun" not in proposed
    undone = confirm(clerk, BulkAction.objects.latest("pk"))
    assert (undone.done, list(undone.refused.values())) == (1, [1])
    waiting.refresh_from_db()
    carried.refresh_from_db()
    assert (waiting.open, carried.open) == (True, False)


def test_snoozing_is_undone(operator: Client) -> None:
    bulk = held_by_bulk(operator, "snooze", [rooms.failed(), rooms.failed(), rooms.record()], until="")
    assert (bulk.done, Snooze.objects.count()) == (2, 2)
    assert undo(operator, bulk).done == 2
    assert not Snooze.objects.exists()


def test_the_day_stays_chosen_where_a_snooze_is_refused(operator: Client) -> None:
    """Else it would be snoozed without an end once the reason is given."""
    record = rooms.failed()
    day, past = ((timezone.localdate() + timedelta(days=days)).isoformat() for days in (5, -3))
    bulk = many.propose(code="snooze", ids=[record.pk], user=User.objects.get())
    cause = operator.get(reverse("admin:ops_causes")).context["loud"][0].group.cause
    for address in (
        reverse("admin:ops_record_act", args=[record.pk, "snooze"]),
        reverse("admin:ops_many", args=[bulk.pk]),
        reverse("admin:ops_cause_snooze", query={"cause": cause}),
    ):
        assert f'value="{day}"' in operator.post(address, {"until": day}).text
        assert f'value="{day}"' not in operator.get(address).text
    for address in (
        reverse("admin:ops_record_act", args=[record.pk, "snooze"]),
        reverse("admin:ops_cause_snooze", query={"cause": cause}),
    ):
        text = operator.post(address, {"until": past, "reason": "wird geklärt"}).text
        assert f'value="{past}"' in text
        assert 'data-field="until"' in text
    assert not Snooze.objects.exists()


def test_the_chosen_sides_stay_where_a_decision_about_many_is_refused(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflict = rooms.conflict()
    bulk = many.propose(code="decide_conflicts", ids=[conflict.pk], user=User.objects.get())
    refused = Mock(side_effect=ActionRefused("Zurzeit nicht."))
    monkeypatch.setattr("syncapp.admin.pages.many.many.start", refused)
    address = reverse("admin:ops_many", args=[bulk.pk])
    said = {f"keep_{conflict.field}": "advoware"}
    assert re.search(r'value="advoware"\s+checked', clerk.post(address, said).text)
    assert not re.search(r'value="advoware"\s+checked', clerk.get(address).text)


def test_what_cannot_be_undone_says_so(clerk: Client) -> None:
    bulk = BulkAction.objects.create(code="sync_now", ids=[1], total=1, done=1, state=BulkState.DONE, actor="anna")
    page = clerk.get(reverse("admin:ops_many", args=[bulk.pk])).text
    assert "Rückgängig machen" not in page
    again = clerk.post(reverse("admin:ops_many_undo", args=[bulk.pk]), follow=True).text
    assert "nichts mehr rückgängig zu machen" in again


def test_an_undo_that_a_second_worker_repeats_does_nothing_twice() -> None:
    held = rooms.conflict()
    bulk = BulkAction.objects.create(code="decide_conflicts", ids=[held.pk], total=1, actor="anna", state="running")
    BulkAction.objects.filter(pk=bulk.pk).update(details={"fields": {"titel": "espocrm"}})
    many.work(bulk_id=bulk.pk)
    assert conflicts.is_waiting(Conflict.objects.get(), SyncRecord.objects.get())
    back = ActionContext("anna", details={"undoes": bulk.pk})
    assert undoing.take_back(held.pk, back) == held.record_id
    with pytest.raises(Exception, match="seither geändert"):
        undoing.take_back(held.pk, back)


# --- kept views, and errors by cause


def test_a_view_is_kept_shared_used_and_deleted(as_role: Any) -> None:
    anna, ben = as_role("Clerk"), as_role("Clerk")
    save = reverse("admin:ops_view_save", args=["syncrecord"])
    query = "status__exact=failed&o=1&p=3"
    answer_ = anna.post(save, {"name": " Morgens ", "query": query}, follow=True)
    assert "Gespeichert als „Morgens“" in answer_.text
    records = reverse("admin:syncapp_syncrecord_changelist")
    assert f'href="{records}?status__exact=failed&amp;o=1"' in anna.get(records).text
    assert "Morgens" not in ben.get(records).text
    anna.post(save, {"name": "Morgens", "query": query, "shared": "on"})
    shared = ben.get(f"{records}?status__exact=failed&o=1").text
    assert "Morgens" in shared
    assert "„Morgens“ löschen" not in shared
    view = anna.get(f"{records}?status__exact=failed&o=1").context["cl"].saved_views.current
    delete = reverse("admin:ops_view_delete", args=[view.pk])
    assert ben.post(delete).status_code == 404
    assert "ist gelöscht" in anna.post(delete, follow=True).text
    assert "Morgens" not in ben.get(records).text


def test_every_list_that_offers_to_keep_its_view_keeps_it(boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/there/is/one"
    ours = [one for one in admin.site._registry.values() if isinstance(one, ReadOnlyAdmin)]
    assert len(ours) > 15
    for one in ours:
        place, address = str(one.opts.model_name), reverse(one.list_address)
        page = boss.post(
            reverse("admin:ops_view_save", args=[place]),
            {"name": "Morgens", "query": "q=x&rows=200&all=&count=all&p=2"},
            follow=True,
        )
        assert "Gespeichert als „Morgens“" in page.text, place
        # How long a page is belongs to no view: it is the same one with fifty rows and with two hundred.
        again = boss.get(address, {"q": "x"})
        assert again.context["cl"].saved_views.current.query == "q=x", place
        assert f'href="{address}?q=x" aria-current="true"' in again.text, place


@pytest.mark.parametrize("place", ["nothing", "control", "operatorlog"])
def test_views_are_of_lists_that_one_may_open(place: str, clerk: Client) -> None:
    assert clerk.post(reverse("admin:ops_view_save", args=[place]), {"name": "x"}).status_code == 404


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "x", "query": "q=" + "x" * 2000}])
def test_a_view_that_cannot_be_kept_is_refused_with_a_sentence(body: dict[str, str], clerk: Client) -> None:
    page = clerk.post(reverse("admin:ops_view_save", args=["conflict"]), body, follow=True).text
    assert "Bitte" in page
    assert not page.count("Gespeichert als")


def test_a_cause_leads_to_its_records_and_is_snoozed_and_woken(operator: Client) -> None:
    for _times in range(2):
        rooms.failed()
    rooms.failed("transient")
    page = operator.get(reverse("admin:ops_causes"))
    first = page.context["loud"][0]
    assert first.group.number == 2
    listed = operator.get(first.url).context["cl"].queryset
    assert listed.count() == 2
    address = reverse("admin:ops_cause_snooze", query={"cause": first.group.cause})
    assert f'href="{reverse("admin:ops_causes")}">Abbrechen</a>' in operator.get(address).text
    assert "Bitte geben Sie einen Grund an" in operator.post(address, {"until": ""}).text
    assert "Zurückgestellt" in operator.post(address, {"until": "", "reason": "wird gerade geklärt"}, follow=True).text
    page = operator.get(reverse("admin:ops_causes"))
    assert [len(page.context["loud"]), len(page.context["quiet"])] == [1, 1]
    assert "wird gerade geklärt" in page.text
    assert "davon 2 zurückgestellt" in operator.get(reverse("admin:index")).text
    quiet = operator.get(reverse("admin:syncapp_syncrecord_changelist") + "?quiet=yes").context["cl"].queryset
    assert quiet.count() == 2
    record = quiet.first()
    assert "wird gerade geklärt" in operator.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    operator.post(reverse("admin:ops_cause_wake", query={"cause": first.group.cause}))
    assert not Snooze.objects.exists()
    assert OperatorLog.objects.filter(action__in=("snooze_cause", "wake_cause")).count() == 2


@pytest.mark.parametrize("cause", ["", "nonsense", "validation·x·y···"])
def test_a_cause_that_is_none_is_not_there(cause: str, operator: Client) -> None:
    rooms.failed()
    assert operator.get(reverse("admin:ops_cause_snooze", query={"cause": cause})).status_code == 404


@pytest.mark.parametrize(
    "role, words", [("Clerk", "bitte entscheiden"), ("Auditor", "Entscheiden muss jemand mit dem Recht dazu")]
)
def test_who_may_not_decide_is_not_told_to(role: str, words: str, as_role: Callable[[str], Client]) -> None:
    conflict = rooms.conflict()
    text = as_role(role).get(reverse("admin:syncapp_syncrecord_change", args=[conflict.record_id])).text
    assert f"Auf beiden Seiten geändert: {words}" in text
