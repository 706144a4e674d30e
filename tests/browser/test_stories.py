"""What clerks come for, clicked as they would: from the landing page, in German, without knowing anything."""

from collections.abc import Callable
from datetime import timedelta

import redis
from django.urls import reverse
from django.utils import timezone

from syncapp.models import Alert, Case, Conflict, DeletionTask, DriftReport, OperatorLog, SyncRecord
from tests.admin import rooms
from tests.browser.town import be_alive, workers_are_there
from tests.browser.visitor import Visitor
from tests.support.firm import Firm

Come = Callable[..., Visitor]
OLD, NEW = "+493023125410", "+493023125999"


def frieda(firm: Firm) -> tuple[str, int]:
    """Frieda Müller, equal on both sides."""
    number = {"phoneNumber": OLD, "type": "Office", "primary": True}
    return firm.pair(name="Müller", vorname="Frieda", anrede="Frau", bAnrede="", phoneNumberData=[number])


def phones_in_advoware(firm: Firm, betnr: int) -> list[str]:
    return [entry["tlf"] for entry in firm.advo(betnr)["kommunikation"] if entry["tlf"]]


def test_why_is_her_number_wrong_in_advoware(
    come: Come, firm: Firm, work: Callable[[], None], redis_client: redis.Redis
) -> None:
    """Permanently failed: found on the landing page, understood on its own page, mended with two clicks."""
    espo_id, betnr = frieda(firm)
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{"phoneNumber": NEW, "type": "Office", "primary": True}])
    firm.ask(espo_id)
    SyncRecord.objects.update(
        status="permanently_failed",
        kind="transient",
        fault=rooms.AWAY,
        retry_count=5,
        auto_reset_at=timezone.now() + timedelta(hours=20),
    )
    clerk = come("Clerk").go("index")
    clerk.click("dauerhaft fehlgeschlagen")
    clerk.click("Frieda Müller")
    clerk.sees("Advoware hat nicht richtig geantwortet", "Was zu tun ist", "Was es bedeutet", "Nächster Lauf:")
    clerk.settle()
    clerk.sees(NEW, OLD)
    assert clerk.findings() == []
    clerk.click("Erneut versuchen")
    clerk.sees("Erneut versuchen", "Frieda Müller")
    clerk.click("Erneut versuchen")
    clerk.sees("Angefordert: Erneut versuchen.")
    work()
    clerk.page.reload()
    clerk.sees("auf beiden Seiten gleich")
    assert phones_in_advoware(firm, betnr) == [NEW]
    be_alive()
    clerk.go("index").settle()
    clerk.sees("aber nicht jeder Teil der Installation arbeitet")  # no worker is there
    workers_are_there(redis_client)
    clerk.go("index").settle()
    clerk.sees("Alles in Ordnung")


def test_a_record_is_found_by_the_number_that_somebody_reads_out(come: Come, live: None) -> None:
    rooms.record(name="Ole Petersen", lists={})
    rooms.record(name="Frieda Müller")
    clerk = come("Clerk").go("index")
    clerk.page.get_by_label("Datensatz suchen").fill("0511 123456")
    clerk.click("Suchen", exact=True)
    clerk.sees("Frieda Müller")
    clerk.does_not_see("Ole Petersen")


def test_a_conflict_is_decided(come: Come, firm: Firm, work: Callable[[], None]) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"stammdaten": "manual"}
    espo_id, betnr = frieda(firm)
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    firm.sandbox.clerk.change(betnr, titel="Dr. med.")
    assert firm.sync(espo_id).status == "conflict"
    clerk = come("Clerk").go("index")
    clerk.click("zu entscheiden")
    clerk.sees("Prof. Dr.", "Dr. med.")
    clerk.click("Entscheiden Frieda Müller")
    clerk.page.get_by_role("radio", name="Advoware Dr. med.").check()
    clerk.fill(reason="Urkunde gesehen")
    clerk.click("So entscheiden")
    clerk.sees("1 Feld entschieden.")
    work()
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "Dr. med."
    clerk.page.reload()
    clerk.sees("auf beiden Seiten gleich")
    assert OperatorLog.objects.get(action="decide_conflict").actor == "sabine.krause"


def test_a_value_that_lost_is_restored(come: Come, firm: Firm, work: Callable[[], None]) -> None:
    espo_id, betnr = frieda(firm)
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    firm.sandbox.clerk.change(betnr, titel="Dr. med.")
    assert firm.sync(espo_id).status == "clean"
    restore(come("Clerk"), firm, espo_id, work, lost="Dr. med.")
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "Dr. med."


def test_a_contact_point_that_lost_is_restored(come: Come, firm: Firm, work: Callable[[], None]) -> None:
    espo_id, betnr = frieda(firm)
    entry = next(entry for entry in firm.advo(betnr)["kommunikation"] if entry["tlf"])
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{"phoneNumber": NEW, "type": "Office", "primary": True}])
    firm.sandbox.clerk.change_contact(betnr, entry["id"], tlf="030 23125412", online=True)
    assert firm.sync(espo_id).status == "clean"
    restore(come("Clerk"), firm, espo_id, work, lost="030 23125412")
    assert [row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"]] == ["+493023125412"]
    assert phones_in_advoware(firm, betnr) == ["+493023125412"]


def restore(clerk: Visitor, firm: Firm, espo_id: str, work: Callable[[], None], *, lost: str) -> None:
    clerk.see_record(firm.record(espo_id))
    clerk.click("Wiederherstellen")
    clerk.sees("Damals übernommen", lost)
    clerk.click("Verworfenen Wert wiederherstellen")
    clerk.sees("in Arbeit")
    work()
    work()
    clerk.sees("1 angefordert, davon 1 auf beiden Seiten gleich", "alle gleich")


def test_a_lock_is_released(come: Come, live: None) -> None:
    record = rooms.locked(name="Ole Petersen", lease_holder="worker-webhook:4711:33")
    clerk = come("Clerk").see_record(record)
    clerk.click("Sperre lösen")
    clerk.sees("worker-webhook:4711:33", "vor 1 Minute")
    clerk.click("Sperre lösen")
    clerk.sees("Angefordert: Sperre lösen.")
    record.refresh_from_db()
    assert record.lease_expires is not None
    assert record.lease_expires <= timezone.now()
    assert OperatorLog.objects.filter(action="release_lock").count() == 1


def test_a_deletion_is_ticked_off_and_opened_again(come: Come, live: None) -> None:
    task = rooms.deletion()
    clerk = come("Clerk").go("index")
    clerk.click("von Hand in Advoware zu löschen")
    clerk.sees(str(task.betnr))
    clerk.click("Abhaken")
    clerk.click("Als erledigt abhaken")
    clerk.sees(f"Abgehakt: betNr {task.betnr}.")
    task.refresh_from_db()
    assert task.done_at is not None
    clerk.go("syncapp_deletiontask_changelist")
    clerk.click("Wieder öffnen")
    clerk.click("Das war ein Versehen: wieder öffnen")
    clerk.sees("Die Löschung ist wieder offen.")
    assert DeletionTask.objects.get().done_at is None


def test_a_case_gets_somebody_a_day_and_a_note(come: Come, live: None) -> None:
    record = rooms.failed()
    clerk = come("Clerk").see_record(record)
    clerk.page.get_by_role("heading", name="Zuständigkeit und Notiz").click()
    clerk.page.locator("select[name=assignee]").select_option(label="sabine.krause")
    clerk.fill(due=(timezone.localdate() + timedelta(days=1)).isoformat(), note="Rückruf zugesagt")
    clerk.click("Speichern")
    clerk.sees("Gespeichert.")
    case = Case.objects.get()
    assert (case.assignee.username, case.note) == ("sabine.krause", "Rückruf zugesagt")  # type: ignore[union-attr]
    clerk.go("index")
    clerk.click("mir zugewiesen")
    clerk.sees("Frieda Müller")


def test_a_conflict_is_decided_with_the_keyboard_alone(come: Come, live: None) -> None:
    conflict = rooms.conflict()
    clerk = come("Clerk").go("ops_decide", conflict.record_id)
    clerk.tab_to("Später")  # the group of choices is entered where it stands
    clerk.page.keyboard.press("ArrowUp")  # neither
    clerk.page.keyboard.press("ArrowUp")
    clerk.tab_to("So entscheiden")
    clerk.page.keyboard.press("Enter")
    clerk.sees("1 Feld entschieden.")
    conflict.refresh_from_db()
    assert conflict.kept == "advoware"


def test_the_choice_counts_only_for_the_values_that_were_shown(come: Come, live: None) -> None:
    conflict = rooms.conflict()
    clerk = come("Clerk").go("ops_decide", conflict.record_id)
    clerk.page.get_by_role("radio", name="Advoware").check()
    Conflict.objects.update(open=False, kept="agreed")
    clerk.click("So entscheiden")
    clerk.sees("Inzwischen wurde etwas geändert")


def test_an_alert_is_seen_by_a_click_and_stays_until_it_is_over(come: Come, live: None) -> None:
    alert = Alert.objects.create(rule="many_errors", params={"number": 63, "limit": 50})
    operator = come("Operator").go("syncapp_alert_changelist")
    operator.sees("63 Abgleiche sind innerhalb einer Stunde fehlgeschlagen", "offen")
    operator.click("Gesehen 63 Abgleiche")
    operator.sees("Vermerkt, dass Sie es gesehen haben", "gesehen, noch offen", "jan.peters")
    operator.go("index")
    operator.sees("63 Abgleiche", "Gesehen von jan.peters")
    Alert.objects.update(closed_at=timezone.now())
    operator.go("index")
    operator.does_not_see("63 Abgleiche")
    operator.go("syncapp_alert_changelist")
    operator.sees("vorbei")
    alert.refresh_from_db()
    assert alert.acknowledged_by is not None


def test_a_comparison_leads_to_what_nothing_explains(come: Come, live: None) -> None:
    record = rooms.record(name="Ole Petersen")
    report = DriftReport.objects.create(
        by="jan.peters", scope="all", records=9, equal=7, expected=1, unexpected=1, finished_at=timezone.now()
    )
    for field, reason, expected in (("titel", "unexplained", False), ("kommunikation", "failed", True)):
        report.rows.create(
            record=record, espo_id=record.espo_id, field=field, state="differs", reason=reason, expected=expected
        )
    operator = come("Operator").go("syncapp_driftreport_changelist")
    operator.sees("alle Datensätze", "1 anzusehen")
    operator.click("gerade eben")
    operator.sees("Nach Feldern", "Titel", "nichts erklärt es", "Kontaktwege")
    operator.click("Ole Petersen")
    operator.sees("auf beiden Seiten gleich")


def test_the_guide_is_a_click_away_and_shows_its_pictures(come: Come, live: None) -> None:
    clerk = come("Clerk").go("index")
    clerk.click("Anleitung")
    clerk.sees("Warum ist die Nummer falsch?")
    broken = (
        "[...document.querySelectorAll('article img')].filter(image => !image.naturalWidth).map(image => image.src)"
    )
    clerk.page.wait_for_load_state("load")
    assert clerk.page.evaluate(broken) == []
    english = come("Operator", locale="en-US").go("ops_guide")
    english.sees("Why is a value wrong?")


def test_an_outage_is_shown_with_the_stand_ins(come: Come, live: None) -> None:
    """Somebody who shows the product switches Advoware off and on again, on a desk and on a phone."""
    for width in (1360, 390):
        boss = come(width=width)
        boss.page.goto(reverse("sandbox_outages"))
        assert boss.findings() == []
        assert boss.overflow() <= 0
        advoware = boss.page.locator("section", has=boss.page.get_by_role("heading", name="Advoware"))
        advoware.get_by_label("Advoware …").select_option(label="meldet Fehler 503 (überlastet oder in Wartung)")
        advoware.get_by_label("Wie lange").select_option(label="15 Minuten")
        advoware.get_by_role("button", name="Einschalten").click()
        boss.sees("Advoware meldet Fehler 503 (überlastet oder in Wartung)", "noch 15 Minuten")
        boss.click("Ausschalten")
        boss.does_not_see("noch 15 Minuten")
        assert boss.troubles == []
