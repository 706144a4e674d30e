"""One act on many: what was shown is what is done, once, with progress, and one log row."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.models import BulkAction, BulkState, OperatorLog, SyncRecord
from syncapp.operations.actions.bulk import many
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def chosen(client: Client, code: str, ids: list[int], **more: object) -> BulkAction:
    answer = client.post(
        reverse("admin:syncapp_syncrecord_changelist"), {"action": code, "_selected_action": ids, "index": 0, **more}
    )
    assert answer.status_code == 302
    return BulkAction.objects.latest("pk")


def confirm(client: Client, bulk: BulkAction, reason: str = "weil") -> BulkAction:
    answer = client.post(reverse("admin:ops_many", args=[bulk.pk]), {"reason": reason})
    assert answer.status_code == 302
    bulk.refresh_from_db()
    return bulk


def test_a_few_are_done_at_once(clerk: Client, rung: list) -> None:
    ids = [rooms.failed().pk for _times in range(3)]
    bulk = chosen(clerk, "sync_now", ids)
    assert bulk.state == BulkState.ASKED
    assert SyncRecord.objects.filter(status=Status.FAILED).count() == 3
    bulk = confirm(clerk, bulk)
    assert (bulk.state, bulk.done, bulk.refused) == (BulkState.DONE, 3, {})
    assert SyncRecord.objects.filter(status=Status.DIRTY).count() == 3
    assert rung == [(ids, "sync_records")]


def test_the_question_says_what_how_many_and_shows_a_sample(clerk: Client) -> None:
    fits, not_ = rooms.failed(), rooms.record(hold="paused")
    bulk = chosen(clerk, "sync_now", [fits.pk, not_.pk])
    text = clerk.get(reverse("admin:ops_many", args=[bulk.pk])).text
    for words in (
        "Betrifft <b>2</b> Datensätze",
        "Jetzt abgleichen oder erneut versuchen",
        "ein Lauf angefordert",
        "1 davon wird ausgelassen",
        "Frieda Müller",
    ):
        assert words in text


def test_where_all_are_left_out_there_is_no_button(clerk: Client) -> None:
    held = [rooms.record(hold="paused").pk for _times in range(2)]
    for ids, offers in ((held, False), ([*held, rooms.failed().pk], True)):
        bulk = chosen(clerk, "sync_now", ids)
        text = clerk.get(reverse("admin:ops_many", args=[bulk.pk])).text
        assert "2 davon werden ausgelassen" in text
        assert ("Es gibt nichts zu tun" in text) is not offers
        assert ('name="reason"' in text) is offers


def test_250_of_one_kind_are_tried_again_by_a_worker_with_progress(clerk: Client, rung: list) -> None:
    for _times in range(250):
        rooms.permanently_failed()
    rooms.failed()
    address = reverse("admin:syncapp_syncrecord_changelist") + "?status__exact=permanently_failed"
    first = SyncRecord.objects.filter(status=Status.PERMANENTLY_FAILED).first()
    assert first is not None
    clerk.post(address, {"action": "sync_now", "_selected_action": [first.pk], "select_across": 1, "index": 0})
    bulk = BulkAction.objects.get()
    assert bulk.total == 250
    bulk = confirm(clerk, bulk)
    assert (bulk.state, bulk.position) == (BulkState.RUNNING, 0)
    assert rung == [([bulk.pk], "do_bulk_actions")]
    seen: list[int] = []
    assert many.work(bulk_id=bulk.pk, seen=seen.append) == 250
    assert seen == [50, 100, 150, 200, 250]
    assert SyncRecord.objects.filter(status=Status.DIRTY).count() == 250
    text = clerk.get(reverse("admin:ops_many_progress", args=[bulk.pk])).text
    assert "250 angefordert, davon 0 auf beiden Seiten gleich" in text
    assert "every 1s" not in text


def test_one_log_row_for_the_whole(clerk: Client) -> None:
    bulk = confirm(
        clerk, chosen(clerk, "sync_now", [rooms.failed().pk, rooms.record(hold="paused").pk]), reason="Server war aus"
    )
    row = OperatorLog.objects.get()
    assert (row.action, row.count, row.reason) == ("sync_now", 2, "Server war aus")
    assert row.result == "1 angefordert; 1 × Der Datensatz ist von Hand angehalten. Heben Sie das zuerst auf."
    assert row.actor == bulk.actor


def test_the_log_row_of_a_single_one_names_its_record(clerk: Client) -> None:
    record = rooms.failed()
    confirm(clerk, chosen(clerk, "sync_now", [record.pk]))
    assert OperatorLog.objects.get().record == record


def test_confirming_twice_does_it_once(clerk: Client) -> None:
    bulk = chosen(clerk, "sync_now", [rooms.failed().pk])
    confirm(clerk, bulk)
    confirm(clerk, bulk)
    assert SyncRecord.objects.get().requested == 2
    assert OperatorLog.objects.count() == 1


def test_what_was_shown_is_what_is_done(clerk: Client) -> None:
    shown = rooms.failed()
    bulk = chosen(clerk, "sync_now", [shown.pk], select_across=1)
    rooms.failed()
    confirm(clerk, bulk)
    assert SyncRecord.objects.filter(status=Status.DIRTY).get() == shown


def running(ids: list[int], **columns: object) -> BulkAction:
    return BulkAction.objects.create(
        **{
            "code": "sync_now",
            "ids": ids,
            "total": len(ids),
            "state": BulkState.RUNNING,
            "actor": "anna",
            "moved_at": timezone.now(),
            **columns,
        }
    )


def test_a_second_worker_leaves_the_portion_to_the_first() -> None:
    bulk = running([rooms.failed().pk], worker="somebody else")
    assert many.work(bulk_id=bulk.pk) == 0
    assert SyncRecord.objects.get().status == Status.FAILED


def test_the_portion_of_a_dead_worker_is_done_by_another(rung: list) -> None:
    bulk = running([rooms.failed().pk], worker="dead", moved_at=timezone.now() - timedelta(minutes=10))
    assert many.resume_stuck() == 1
    assert rung == [([bulk.pk], "do_bulk_actions")]
    assert many.work(bulk_id=bulk.pk) == 1
    bulk.refresh_from_db()
    assert (bulk.state, bulk.done) == (BulkState.DONE, 1)


def test_a_worker_that_was_taken_for_dead_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = running([rooms.failed().pk])
    real = many._deal_with

    def slow(row: BulkAction, portion: list[int]) -> object:
        result = real(row, portion)
        BulkAction.objects.filter(pk=row.pk).update(worker="another")
        return result

    monkeypatch.setattr(many, "_deal_with", slow)
    assert many.work(bulk_id=bulk.pk) == 0
    bulk.refresh_from_db()
    assert (bulk.position, bulk.done) == (0, 0)


def test_stopping_ends_it_after_the_portion(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "PORTION", 2)
    bulk = running([rooms.failed().pk for _times in range(6)])

    def stop_it(_position: int) -> None:
        clerk.post(reverse("admin:ops_many_stop", args=[bulk.pk]))

    assert many.work(bulk_id=bulk.pk, seen=stop_it) == 2
    bulk.refresh_from_db()
    assert (bulk.state, bulk.position) == (BulkState.STOPPED, 2)
    assert OperatorLog.objects.get().result == "2 angefordert"


def test_one_broken_record_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [rooms.failed().pk for _times in range(3)]
    real = many.carry_out

    def broken(act: object, *, record: SyncRecord, action_context: object) -> str:
        if record.pk == ids[1]:
            raise RuntimeError("Frieda Müller")
        return real(act, record=record, action_context=action_context)

    monkeypatch.setattr(many, "carry_out", broken)
    bulk = running(ids)
    assert many.work(bulk_id=bulk.pk) == 3
    bulk.refresh_from_db()
    assert bulk.done == 2
    assert list(bulk.refused.values()) == [1]
    assert "Müller" not in str(bulk.refused)


def test_records_that_are_gone_are_left_out() -> None:
    bulk = running([rooms.failed().pk, 999_999])
    many.work(bulk_id=bulk.pk)
    bulk.refresh_from_db()
    assert (bulk.done, sum(bulk.refused.values())) == (1, 1)


def test_questions_that_nobody_answered_go_after_a_day(person: Callable) -> None:
    user = person("Clerk")
    old = many.propose(code="sync_now", ids=[1], user=user)
    BulkAction.objects.update(created_at=timezone.now() - timedelta(days=2))
    many.propose(code="sync_now", ids=[2], user=user)
    assert not BulkAction.objects.filter(pk=old.pk).exists()


def test_deletions_are_ticked_off_together(clerk: Client) -> None:
    tasks = [rooms.deletion() for _times in range(3)]
    clerk.post(
        reverse("admin:syncapp_deletiontask_changelist"),
        {"action": "deletion_done", "_selected_action": [task.pk for task in tasks[:2]], "index": 0},
    )
    bulk = confirm(clerk, BulkAction.objects.get())
    assert (bulk.done, bulk.state) == (2, BulkState.DONE)
    assert [bool(type(task).objects.get(pk=task.pk).done_at) for task in tasks] == [True, True, False]
    assert OperatorLog.objects.get().count == 2


@pytest.mark.parametrize(
    "code, name, words", [("deletion_done", "deletiontask", "Aufgabe"), ("pause", "syncrecord", "Datensatz")]
)
def test_the_question_names_what_it_is_about_and_leads_back_to_its_list(
    code: str, name: str, words: str, operator: Client
) -> None:
    row = rooms.deletion() if name == "deletiontask" else rooms.record()
    address = reverse(f"admin:syncapp_{name}_changelist")
    operator.post(address, {"action": code, "_selected_action": [row.pk], "index": 0})
    bulk = BulkAction.objects.latest("pk")
    text = operator.get(reverse("admin:ops_many", args=[bulk.pk])).text
    assert f"Betrifft <b>1</b> {words}." in " ".join(text.split())
    assert f'<a class="ops-button" href="{address}">Abbrechen</a>' in text
    confirm(operator, bulk)
    assert (
        f'<a class="ops-button ops-main" href="{address}">'
        in operator.get(reverse("admin:ops_many", args=[bulk.pk])).text
    )


def test_the_list_of_great_acts_speaks_of_many(operator: Client) -> None:
    confirm(operator, chosen(operator, "pause", [rooms.record().pk, rooms.record().pk]))
    text = operator.get(reverse("admin:syncapp_bulkaction_changelist")).text
    assert ">Diese Datensätze pausieren</a>" in text
    assert "Diesen Datensatz" not in text


def test_whoever_has_ticked_nothing_is_told_what_to_tick(operator: Client) -> None:
    rooms.record()
    text = operator.post(
        reverse("admin:syncapp_syncrecord_changelist"), {"action": "pause", "index": 0}, follow=True
    ).text
    assert "Bitte haken Sie zuerst die Zeilen an" in text


def test_what_was_left_out_altogether_is_not_told_as_done(operator: Client) -> None:
    record = rooms.record()
    operator.post(reverse("admin:ops_record_act", args=[record.pk, "unlink"]), {"reason": "falsch"})
    bulk = BulkAction.objects.get()
    SyncRecord.objects.filter(pk=record.pk).update(status=Status.SYNCING)
    many.work(bulk_id=bulk.pk)
    for address in (reverse("admin:ops_many", args=[bulk.pk]), reverse("admin:syncapp_bulkaction_changelist")):
        text = operator.get(address).text
        assert ("nichts ausgeführt" in text, "check_circle" in text) == (True, False)
    asked = chosen(operator, "pause", [rooms.record().pk])
    SyncRecord.objects.update(hold="ignored")
    confirm(operator, asked)
    assert "nichts ausgeführt" in operator.get(reverse("admin:ops_many", args=[asked.pk])).text


def test_the_list_leads_to_a_course_only_whoever_may_open_it(as_role: Callable[[str], Client]) -> None:
    for code in ("pause", "sync_now"):
        BulkAction.objects.create(code=code, total=1, done=1, state=BulkState.DONE, actor="anna")
    for role, number in (("Reader", 0), ("Clerk", 1), ("Operator", 2)):
        assert as_role(role).get(reverse("admin:syncapp_bulkaction_changelist")).text.count("/ops/many/") == number
