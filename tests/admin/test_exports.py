"""Lists as files: what they hold for whom, who gets them, how a large one is made, and when it is gone."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from syncapp import jobs
from syncapp.admin.base import TitledAdmin
from syncapp.admin.exporting import sources
from syncapp.admin.navigation import groups
from syncapp.engine import job_queue
from syncapp.models import Attempt, DriftReport, DriftRow, Export, ExportPart, ExportState, OperatorLog
from syncapp.operations.exports import orders
from syncapp.operations.exports.tables import Content, Table
from syncapp.operations.maintenance import erasure, retention
from tests.admin import rooms
from tests.support.roles import client_of
from tests.support.spreadsheets import csv_rows, sheets, texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
LISTS = sorted(
    model._meta.model_name
    for model, model_admin in admin.site._registry.items()
    if isinstance(model_admin, TitledAdmin) and model is not Export
)


def order(client: Client, source: str, form: str = "csv", **query: str) -> Export:
    """Order a file as a person does: the page first, then its button."""
    address = reverse("admin:ops_export_new", args=[source], query=query)
    assert client.get(address).status_code == 200
    answer = client.post(address, {"form": form})
    assert answer.status_code == 302
    return Export.objects.order_by("-pk")[0]


def file(client: Client, export: Export) -> bytes:
    answer = client.get(reverse("admin:ops_export_file", args=[export.pk]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def exported(client: Client, source: str, **query: str) -> list[dict[str, str]]:
    head, *rows = csv_rows(file(client, order(client, source, **query)))
    return [dict(zip(head, row, strict=True)) for row in rows]


def give(user: User, *codes: str) -> User:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    return User.objects.get(pk=user.pk)


def some_of_everything() -> None:
    record = rooms.failed()
    rooms.history(record)
    rooms.conflict(record)
    rooms.deletion()
    rooms.child_case(record)
    rooms.proxy_call()
    rooms.proxy_key()


@pytest.mark.parametrize("source", LISTS)
def test_every_list_can_be_exported(source: str, boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "key.json"
    some_of_everything()
    export = order(boss, source, "xlsx")
    assert (export.state, export.refusal) == (ExportState.DONE, "")
    head, *rows = texts(file(boss, export))
    assert len(rows) == export.total
    assert all(word[:1].isupper() or word.startswith(("betNr", "frNr", "EspoCRM")) for word in head), head


NOT_EXPORTED = {
    "admin:index": "its numbers are those of the figures",
    "admin:syncapp_export_changelist": "the files themselves",
    "admin:ops_proxy_try": "a form",
    "admin:ops_switches": "a form",
    "admin:ops_configuration": "written in the environment",
    "admin:ops_guide": "a text to read",
    "admin:ops_catalogue": "a text to read",
}
OFFER = re.compile(r"ops/export/new/([a-z]+)/")


@pytest.mark.usefixtures("redis_client")
def test_every_page_of_the_menu_offers_a_file_and_makes_it(boss: Client, settings: Any) -> None:
    """Lists and figures; a page that offers none stands above with its reason, and no longer than that is true."""
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "key.json"
    some_of_everything()
    without = set()
    for place in (place for _group, places in groups() for place in places):
        offered = OFFER.search(boss.get(reverse(place.address)).text)
        if offered is None:
            without.add(place.address)
            continue
        export = order(boss, offered[1], "xlsx")
        assert (export.state, export.refusal) == (ExportState.DONE, ""), place.address
    assert without == set(NOT_EXPORTED)


def test_roles_with_what_they_may_and_how_many_have_them(boss: Client, person: Callable[[str], User]) -> None:
    person("Clerk")
    found = {row["Rolle"]: row for row in exported(boss, "group")}
    assert found["Sachbearbeitung"]["Personen"] == "1"
    assert "personenbezogene Werte sehen" in found["Sachbearbeitung"]["Rechte im Einzelnen"]


def test_errors_by_cause_as_the_page_groups_them(boss: Client) -> None:
    for _number in range(3):
        rooms.failed()
    (row,) = exported(boss, "causes")
    assert row["Datensätze"] == "3"
    assert "Vorname" in row["Ursache"]


def test_queues_with_what_waits_on_them(boss: Client, redis_client: Any, settings: Any) -> None:
    job_queue.queue.cache_clear()
    record = rooms.record(name="Ina Später")
    job_queue.queue("webhook", settings.REDIS_URL).enqueue("syncapp.jobs.sync_records", [record.pk] * 7)
    found = sheets(file(boss, order(boss, "jobs", "xlsx")))
    assert list(found) == ["Warteschlangen", "Arbeitsprozesse", "Aufträge"]
    page = boss.get(reverse("admin:ops_export_new", args=["jobs"])).text
    assert reverse("admin:ops_jobs") in page.partition("</form>")[0]
    assert "personenbezogene Werte enthalten" in page
    text = str(found["Aufträge"])
    assert "Ina Später" in text
    assert "und 2 weitere" in text


def test_without_redis_it_is_said_that_there_is_nothing_to_export(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise redis.ConnectionError

    monkeypatch.setattr("syncapp.admin.exporting.others.machinery", away)
    assert "Redis antwortet nicht" in boss.get(reverse("admin:ops_export_new", args=["jobs"])).text


def test_the_file_holds_what_the_list_shows_in_its_order(boss: Client) -> None:
    rooms.record(name="Anna Ahrens")
    for name in ("Berta Beyer", "Carla Cordes"):
        rooms.failed(name=name)
    rows = exported(boss, "syncrecord", status__exact="failing", o="-1")
    assert [row["Name"] for row in rows] == ["Carla Cordes", "Berta Beyer"]
    assert rows[0]["Status"] == "fehlgeschlagen"
    assert rows[0]["Kontaktweg"] == "+49511123456"
    assert "Vorname" in rows[0]["Was nicht stimmt"]
    assert [row["Name"] for row in exported(boss, "syncrecord", q="ahrens")] == ["Anna Ahrens"]


def test_days_and_searches_of_other_lists_are_carried_too(boss: Client) -> None:
    made = rooms.history(rooms.record(name="Anna Ahrens"))
    rooms.history(rooms.record(name="Berta Beyer"))
    assert made
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert {row["Name"] for row in exported(boss, "attempt", q="beyer")} == {"Berta Beyer"}
    assert exported(boss, "attempt", started_at_from=tomorrow) == []


def test_whoever_may_not_see_values_gets_none(as_role: Callable[[str], Client]) -> None:
    record = rooms.failed(name="Walpurga Geheim")
    rooms.history(record)
    rooms.conflict(record, espo="Geheimrat", advo="Gräfin")
    rooms.child_case(record)
    auditor = as_role("Auditor")
    for source in ("syncrecord", "conflict", "attempt", "childcase", "inboxelement", "operatorlog"):
        text = file(auditor, order(auditor, source)).decode("utf-8-sig")
        assert str(record.betnr) in text or record.espo_id in text
        for secret in ("Walpurga", "Geheimrat", "Gräfin", "Müller", "Hauptstr", "0511", "49511"):
            assert secret not in text, (source, secret)
    assert not Export.objects.filter(with_values=True).exists()
    # Nor does a search find by what is not to be seen.
    assert exported(auditor, "syncrecord", q="Walpurga") == []


def test_of_an_account_no_more_is_in_the_file_than_on_the_page(boss: Client) -> None:
    rooms.child_case(kind="bank", code="delete_in_advoware", params={"account": "DE ··3000"})
    (row,) = exported(boss, "childcase")
    assert row["Advoware"] == "DE ··3000"


def test_it_is_logged_without_what_was_searched_for(boss: Client) -> None:
    rooms.record(name="Anna Ahrens")
    export = order(boss, "syncrecord", "xlsx", q="ahrens")
    file(boss, export)
    entries = OperatorLog.objects.order_by("pk").values_list("actor", "action", "target", "count", "result")
    assert list(entries) == [
        ("chefin", "export", "syncrecord", 1, "xlsx"),
        ("chefin", "export_fetched", "syncrecord", 1, "xlsx"),
    ]
    text = boss.get(reverse("admin:syncapp_operatorlog_changelist")).text
    assert "Exportiert" in text
    assert "Export abgeholt" in text
    assert "ahrens" not in text.lower().replace("anna ahrens", "")


def test_a_file_is_its_owners_alone(boss: Client, as_role: Callable[[str], Client]) -> None:
    rooms.record()
    export = order(boss, "syncrecord")
    other = as_role("Operator")
    for name in ("ops_export", "ops_export_progress", "ops_export_file"):
        assert boss.get(reverse(f"admin:{name}", args=[export.pk])).status_code == 200
        assert other.get(reverse(f"admin:{name}", args=[export.pk])).status_code == 404
    assert other.post(reverse("admin:ops_export_stop", args=[export.pk])).status_code == 404
    assert "Datensätze" not in other.get(reverse("admin:syncapp_export_changelist")).context["cl"].result_list


@pytest.mark.parametrize("lost", ["export", "view_values", "view_syncrecord"])
def test_who_has_lost_a_right_gets_no_file_any_more(lost: str, person: Callable[[str], User]) -> None:
    rooms.record()
    user = give(person(""), "export", "view_values", "view_syncrecord")
    export = order(client_of(user), "syncrecord")
    user.user_permissions.remove(Permission.objects.get(codename=lost))
    address = reverse("admin:ops_export_file", args=[export.pk])
    assert client_of(User.objects.get(pk=user.pk)).get(address).status_code == 403


def test_without_the_right_nothing_is_offered_or_made(clerk: Client, operator: Client) -> None:
    rooms.record()
    address = reverse("admin:ops_export_new", args=["syncrecord"])
    page = reverse("admin:syncapp_syncrecord_changelist")
    assert address in operator.get(page).text
    assert address not in clerk.get(page).text
    assert clerk.post(address, {"form": "csv"}).status_code == 403
    assert not Export.objects.exists()


@pytest.mark.parametrize("source", sorted(sources.OTHERS))
def test_a_file_needs_the_right_of_its_page(source: str, person: Callable[[str], User]) -> None:
    report, user, row = DriftReport.objects.create(by="anna", scope="all"), person(""), sources.OTHERS[source]
    user.user_permissions.set(Permission.objects.exclude(codename=row.right.partition(".")[2]))
    client, query = client_of(User.objects.get(pk=user.pk)), f"report={report.pk}"
    assert client.get(row.page(sources.asked_by(user, query))).status_code == 403
    assert client.post(f"{reverse('admin:ops_export_new', args=[source])}?{query}", {"form": "csv"}).status_code == 403


@pytest.mark.parametrize("source", ["nonsense", "control", "export", "session"])
def test_what_is_no_list_is_refused_in_words(source: str, boss: Client) -> None:
    answer = boss.get(reverse("admin:ops_export_new", args=[source]))
    assert answer.status_code == 200
    assert "ops-bad" in answer.text
    assert "Alle meine Exporte" in answer.text  # the way out


def test_a_filter_that_the_list_does_not_offer_is_refused(boss: Client) -> None:
    address = reverse("admin:ops_export_new", args=["syncrecord"], query={"base_espo__name": "Müller"})
    assert boss.post(address, {"form": "csv"}).status_code == 400
    assert not Export.objects.exists()


def test_a_form_that_does_not_exist_makes_nothing(boss: Client) -> None:
    assert boss.post(reverse("admin:ops_export_new", args=["syncrecord"]), {"form": "exe"}).status_code == 200
    assert not Export.objects.exists()


def test_every_row_of_a_comparison(boss: Client, as_role: Callable[[str], Client]) -> None:
    record = rooms.record(name="Anna Ahrens")
    report = DriftReport.objects.create(by="anna", scope="all")
    rows = [("titel", "decision", True), ("kommunikation", "unexplained", False)]
    for field, reason, expected in rows:
        about = {"record": record, "espo_id": record.espo_id, "state": "differs"}
        DriftRow.objects.create(report=report, field=field, reason=reason, expected=expected, **about)
    found = exported(boss, "driftrow", report=str(report.pk))
    assert [(row["Name"], row["Feld"], row["Erklärt"]) for row in found] == [
        ("Anna Ahrens", "Kontaktwege", "nein"),
        ("Anna Ahrens", "Titel", "ja"),
    ]
    assert "Name" not in exported(as_role("Auditor"), "driftrow", report=str(report.pk))[0]
    assert "ops-bad" in boss.get(reverse("admin:ops_export_new", args=["driftrow"])).text


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large."""
    monkeypatch.setattr(orders, "AT_ONCE", -1)


def test_a_large_one_is_left_to_a_worker_and_seen_as_it_goes(
    boss: Client, large: None, rung: list[tuple[list[int], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(120):
        rooms.record()
    monkeypatch.setattr(orders, "TOLD_EVERY", 0)
    export = order(boss, "syncrecord", "xlsx")
    assert rung == [([export.pk], "write_exports")]
    assert "0 von 120 Zeilen geschrieben" in boss.get(reverse("admin:ops_export", args=[export.pk])).text
    assert boss.get(reverse("admin:ops_export_file", args=[export.pk])).status_code == 404
    told: list[int] = []
    monkeypatch.setattr(orders, "_move", _noting(told, orders._move))
    assert jobs.write_exports([export.pk]) == 120
    assert told[0] == 100
    assert "120 Zeilen" in boss.get(reverse("admin:ops_export_progress", args=[export.pk])).text
    assert len(texts(file(boss, export))) == 121
    # A job that comes twice does nothing.
    assert jobs.write_exports([export.pk]) == 0


def _noting(told: list[int], move: Callable[..., None]) -> Callable[..., None]:
    def noted(export: Export, token: str, **columns: int) -> None:
        told.extend(columns.values())
        move(export, token, **columns)

    return noted


def test_one_that_is_stopped_leaves_no_file(boss: Client, large: None) -> None:
    rooms.record()
    export = order(boss, "syncrecord")
    boss.post(reverse("admin:ops_export_stop", args=[export.pk]))
    assert jobs.write_exports([export.pk]) == 0
    assert Export.objects.get().state == ExportState.STOPPED
    assert not ExportPart.objects.exists()


def test_one_that_is_stopped_while_it_is_written_leaves_no_file(
    boss: Client, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = order(boss, "syncrecord")

    def stopped_meanwhile(one: Export) -> Content:
        orders.stop(export=one)
        return Content((Table("x", ("a",), [(1,)]),), 1)

    monkeypatch.setattr(orders, "_opener", stopped_meanwhile)
    assert orders.work(export_id=export.pk) == 0
    assert Export.objects.get().state == ExportState.STOPPED


def test_a_dead_worker_is_followed_by_another_three_times_at_most(boss: Client, large: None, rung: list[Any]) -> None:
    export = order(boss, "syncrecord")
    rung.clear()
    assert orders.resume_stuck() == 0
    for _time in range(orders.MOST_TRIES):
        assert orders._claim(export.pk, "dead")
        assert jobs.write_exports([export.pk]) == 0  # somebody is at it
        Export.objects.update(moved_at=timezone.now() - timedelta(minutes=19))
        jobs.resume_bulk_actions()
    assert [job for job in rung if job[0]] == [([export.pk], "write_exports")] * orders.MOST_TRIES
    jobs.write_exports([export.pk])
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert "mehrmals begonnen" in export.refusal


@pytest.mark.parametrize("lost", ["is_active", "is_superuser"])
def test_a_worker_looks_at_the_rights_that_there_are_now(boss: Client, large: None, lost: str) -> None:
    rooms.record()
    export = order(boss, "syncrecord")
    User.objects.update(**{lost: False})
    jobs.write_exports([export.pk])
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert export.refusal
    assert not ExportPart.objects.exists()


def test_a_fault_of_ours_is_said_without_values(
    boss: Client, large: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    export = order(boss, "syncrecord")

    def broken(_export: Export) -> Content:
        raise ValueError("Frieda Müller")

    monkeypatch.setattr(orders, "_opener", broken)
    orders.work(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert "Advosync" in export.refusal
    assert "Müller" not in caplog.text


def test_a_day_later_it_is_gone(boss: Client) -> None:
    rooms.record()
    export = order(boss, "syncrecord")
    Export.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert boss.get(reverse("admin:ops_export_file", args=[export.pk])).status_code == 404
    retention.purge_due()
    assert not Export.objects.exists()
    assert not ExportPart.objects.exists()


def test_an_erased_person_stands_in_no_file(boss: Client, as_role: Callable[[str], Client]) -> None:
    record = rooms.record("deleted_in_espocrm")
    order(boss, "syncrecord")
    order(as_role("Auditor"), "syncrecord")
    erasure.purge_person(espo_id=record.espo_id, actor="anna")
    assert [export.with_values for export in Export.objects.all()] == [False]


def test_the_cost_does_not_grow_with_the_rows(boss: Client) -> None:
    numbers = []
    for _round in range(2):
        for _number in range(15):
            rooms.history(rooms.record())
        export = Export(source="attempt", query="", user=User.objects.get(username="chefin"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            (table,) = sources.opened(export).tables
            assert len(list(table.rows)) == Attempt.objects.count()
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_the_file_of_a_list_has_a_name_that_says_what_it_is(boss: Client) -> None:
    export = order(boss, "syncrecord", "xlsx")
    answer = boss.get(reverse("admin:ops_export_file", args=[export.pk]))
    assert 'filename="advosync-datensaetze-' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Length"] == str(len(b"".join(answer.streaming_content)))


def test_figures_are_a_workbook_with_a_sheet_for_each_table(boss: Client) -> None:
    found = sheets(file(boss, order(boss, "sheet", "xlsx")))
    assert list(found) == ["Abgleiche", "Fehler nach Ursache", "Aufrufe", "Konflikte nach Feld", "Aufgaben"]
