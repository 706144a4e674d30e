"""What a search shows: who is who, why a row is there, what Ctrl+K answers, and how lists are cut and put in order."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import reduce

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.admin.base import ReadOnlyAdmin
from syncapp.admin.finding.day_range import DayRange
from syncapp.admin.records.sync_record import SyncRecordAdmin
from syncapp.entities.beteiligte.finding import texts
from syncapp.models import Attempt, Conflict, SyncRecord
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
OTHER = {"name": "Karl Schäfer", "base_advo": {}, "base_espo": {}, "lists": {}}
LISTS = ("conflict", "attempt", "inboxelement", "notice", "operatorlog", "deletiontask", "childcase")


def page(client: Client, model: str = "syncrecord", **query: object) -> str:
    answer = client.get(reverse(f"admin:syncapp_{model}_changelist"), query)
    assert answer.status_code == 200
    return answer.text


def rows(client: Client, model: str = "syncrecord", **query: object) -> list[int]:
    answer = client.get(reverse(f"admin:syncapp_{model}_changelist"), query)
    assert answer.status_code == 200, (model, query)
    return [row.pk for row in answer.context["cl"].result_list]


def command(client: Client, asked: str) -> str:
    answer = client.get(reverse("admin:search"), {"s": asked, "extended": "1"})
    assert answer.status_code == 200
    return answer.text


def test_namesakes_are_told_apart_by_birthday_and_contact_point(clerk: Client) -> None:
    rooms.record()
    rooms.record(base_espo=rooms.VALUES | {"geburtsdatum": "1984-12-24"})
    text = page(clerk)
    for words in ("geb. 09.03.1971", "geb. 24.12.1984", "+49511123456"):
        assert words in text


def test_the_one_who_may_not_see_values_is_told_nothing(as_role: Callable[[str], Client]) -> None:
    record = rooms.record()
    text = page(as_role("Auditor"), q=record.espo_id)
    assert "1971" not in text
    assert "49511" not in text
    assert "Müller" not in command(as_role("Auditor"), record.espo_id)


@pytest.mark.parametrize(
    "asked, met",
    [
        ("muller", "<mark>Müller</mark>"),
        ("Müller, Frieda", "<mark>Frieda</mark> <mark>Müller</mark>"),
        ("0511 12 34 56", "<mark>+49511123456</mark>"),
        ("mueller@example", "<mark>frieda.mueller@example.org</mark>"),
        ("<b>", ""),
    ],
)
def test_what_the_search_met_is_marked(asked: str, met: str, clerk: Client) -> None:
    rooms.record()
    text = page(clerk, q=asked)
    assert met in text
    assert ("<mark>" in text) is bool(met)


def test_who_is_found_by_an_earlier_name_is_told_so(clerk: Client) -> None:
    record = rooms.record()
    assert "früheren Wert" not in page(clerk, q="Müller")
    before = texts.parts_of(record)
    SyncRecord.objects.filter(pk=record.pk).update(
        name="Frieda Meier", base_espo={"name": "Meier"}, base_advo={"name": "Meier"}, lists={}
    )
    texts.refresh(SyncRecord.objects.get(pk=record.pk), before=before)
    assert "über einen früheren Wert gefunden" in page(clerk, q="Müller")


def test_names_are_escaped(clerk: Client) -> None:
    rooms.record(name="<script>alert(1)</script> Müller")
    assert "<script>alert(1)" not in page(clerk, q="Müller")
    assert "<script>alert(1)" not in command(clerk, "Müller")


def test_records_are_put_in_order_by_name(clerk: Client) -> None:
    last, first = rooms.record(name="Zoe Zander"), rooms.record(name="Anna Adler")
    column = 1  # after the box that chooses
    assert rows(clerk, o=column) == [first.pk, last.pk]
    assert rows(clerk, o=-column) == [last.pk, first.pk]


@pytest.mark.parametrize("model", ["syncrecord", *LISTS])
def test_every_column_that_sorts_sorts_both_ways(model: str, boss: Client) -> None:
    for name in ("Zoe Zander", "Anna Adler", "Moritz Mann"):
        record = rooms.record(name=name, last_check=timezone.now())
        rooms.history(record)
        rooms.conflict(record)
        rooms.child_case(record)
        record.deletion_tasks.create(espo_id=record.espo_id, betnr=record.betnr)
    found = boss.get(reverse(f"admin:syncapp_{model}_changelist")).context["cl"]
    columns = [(place, name) for place, name in enumerate(found.list_display) if name in found.sortable_by]
    assert columns
    for place, name in columns:
        column = found.get_ordering_field(name)
        for sign in ("", "-"):
            answer = boss.get(reverse(f"admin:syncapp_{model}_changelist"), {"o": f"{sign}{place}"})
            order = answer.context["cl"].result_list
            values = [reduce(getattr, column.split("__"), row) for row in order]
            assert len(values) == 3
            assert values == sorted(values, reverse=bool(sign)), name


@pytest.mark.parametrize("model", LISTS)
def test_every_list_finds_by_the_name_of_the_record(model: str, boss: Client) -> None:
    record, other = rooms.record(), rooms.record(**OTHER)
    for one in (record, other):
        rooms.history(one)
        rooms.conflict(one)
        rooms.child_case(one)
        one.deletion_tasks.create(espo_id=one.espo_id, betnr=one.betnr)
    both = rows(boss, model)
    found = rows(boss, model, q="Müller, Frieda")
    assert len(both) == 2 * len(found) == 2
    assert rows(boss, model, q="Xylophon") == []
    assert rows(boss, model, q=record.espo_id) == found


@pytest.mark.parametrize("model", sorted({*LISTS} - {"operatorlog"}))
def test_a_list_without_a_row_for_somebody_leads_to_their_record(model: str, clerk: Client) -> None:
    record = rooms.record()
    link = f'href="{reverse("admin:syncapp_syncrecord_change", args=[record.pk])}"'
    text = page(clerk, model, q="Müller, Frieda")
    assert "Diese Datensätze gibt es, in dieser Liste steht aber nichts zu ihnen:" in text
    assert link in text
    text = page(clerk, model, q="Frida Müler")
    assert "Meinten Sie einen dieser Einträge?" in text
    assert "Versuchen Sie einen Teil des Namens" in text, "what to do next, where it is none of them"
    assert link in text


@pytest.mark.parametrize("model", ["syncrecord", *LISTS])
def test_who_may_not_see_values_is_promised_no_search_by_them(model: str, as_role: Callable[[str], Client]) -> None:
    fields = re.compile(r'placeholder="([^"]*betNr[^"]*)"')
    for role, promised in (("Auditor", False), ("Operator", True)):
        client = as_role(role)
        for text in (page(client, model), client.get(reverse("admin:index")).text):
            assert ["Name" in words or "name" in words for words in fields.findall(text)] == [promised]


def test_filters_that_hide_somebody_are_named_as_the_reason(clerk: Client) -> None:
    rooms.conflict(rooms.record(), open=False, kept="espocrm")
    text = page(clerk, "conflict", q="Müller", open__exact="1")
    assert "mit den gesetzten Filtern steht in dieser Liste aber nichts zu ihnen:" in text


@pytest.mark.parametrize("model", LISTS)
def test_every_log_names_people_instead_of_ids(model: str, boss: Client) -> None:
    record = rooms.record()
    rooms.history(record)
    rooms.conflict(record)
    rooms.child_case(record)
    record.deletion_tasks.create(espo_id=record.espo_id, betnr=record.betnr)
    assert "Frieda Müller" in page(boss, model)


@pytest.mark.parametrize("model", ["syncrecord", "conflict", "attempt", "notice", "deletiontask", "childcase"])
def test_rows_are_told_apart_without_the_right_to_see_names(model: str, as_role: Callable[[str], Client]) -> None:
    numbers = []
    for record in (rooms.record(), rooms.record(**OTHER)):
        rooms.history(record)
        rooms.conflict(record)
        rooms.child_case(record)
        record.deletion_tasks.create(espo_id=record.espo_id, betnr=record.betnr)
        numbers.append(f">betNr {record.betnr}</span>")
    text = page(as_role("Auditor"), model)
    assert [one for one in numbers if one not in text] == []
    assert "Müller" not in text


def test_the_operator_log_names_the_id_to_who_may_not_see_values(as_role: Callable[[str], Client]) -> None:
    record = rooms.record()
    rooms.history(record)
    text = page(as_role("Auditor"), "operatorlog")
    assert "Müller" not in text
    assert record.espo_id in text


def test_several_values_at_once(clerk: Client) -> None:
    clean, held, lost = rooms.record(), rooms.record("conflict"), rooms.permanently_failed()
    assert rows(clerk, status__exact=["clean", "conflict"]) == [held.pk, clean.pk]
    assert rows(clerk, status__exact=["clean", "conflict", "failing"]) == [lost.pk, held.pk, clean.pk]
    assert rows(clerk, status__exact="nonsense") == [lost.pk, held.pk, clean.pk]


def test_conflicts_of_some_fields(clerk: Client) -> None:
    title = rooms.conflict()
    born = rooms.conflict(field="geburtsdatum")
    phone = rooms.conflict(field="kommunikation.17")
    assert rows(clerk, "conflict", field__in="titel") == [title.pk]
    assert rows(clerk, "conflict", field__in=["titel", "geburtsdatum"]) == [born.pk, title.pk]
    assert rows(clerk, "conflict", field__in="lists") == [phone.pk]


def test_from_one_day_to_another_both_included(clerk: Client) -> None:
    now = timezone.localtime().replace(hour=12)
    made = [rooms.conflict() for _ in range(3)]
    for age, conflict in enumerate(made):
        Conflict.objects.filter(pk=conflict.pk).update(at=now - timedelta(days=age))
    today, yesterday, before = ((now - timedelta(days=age)).date().isoformat() for age in range(3))
    keys = [conflict.pk for conflict in made]
    assert rows(clerk, "conflict", at_from=yesterday) == keys[:2]
    assert rows(clerk, "conflict", at_until=yesterday) == keys[1:]
    assert rows(clerk, "conflict", at_from=yesterday, at_until=yesterday) == [keys[1]]
    assert rows(clerk, "conflict", at_from=today, at_until=before) == []


def test_every_list_of_moments_is_cut_to_any_days() -> None:
    """Exports are there for a day alone; keys, people and calendars are no moments."""
    lists = [one for one in admin.site._registry.values() if isinstance(one, ReadOnlyAdmin)]
    without = {
        str(one.opts.model_name)
        for one in lists
        if not any(isinstance(item, type) and issubclass(item, DayRange) for item in one.list_filter)
    }
    assert without == {"export", "proxykey", "user", "calendaremployee"}


@pytest.mark.parametrize("model", ["bulkaction", "alert", "sweep", "driftreport", "proxycall"])
def test_every_range_of_days_is_understood_by_its_list(model: str, boss: Client) -> None:
    column = next(item for item in admin.site.get_model_admin(apps.get_model("syncapp", model)).list_filter[::-1])
    first, last = column.parameters
    assert rows(boss, model, **{first: "2026-11-01", last: "2026-11-30"}) == []
    assert f'name="{first}"' in page(boss, model)


@pytest.mark.parametrize("day", ["", "x", "2026-13-45", "0001-01-01", "9999-12-31", "' OR 1=1"])
def test_a_day_that_is_none_is_left_out(day: str, clerk: Client) -> None:
    conflict = rooms.conflict()
    assert rows(clerk, "conflict", at_from=day, at_until=day) == [conflict.pk]


def test_a_page_is_as_long_as_one_wants(clerk: Client) -> None:
    for number in range(60):
        SyncRecord.objects.create(espo_id=f"many{number:03d}", name=f"Person {number}")
    assert len(rows(clerk)) == 50
    assert len(rows(clerk, rows=200)) == 60
    assert len(rows(clerk, all="")) == 60
    assert len(rows(clerk, rows="7")) == 50
    assert "?rows=200" in page(clerk)


def test_the_length_of_a_page_stays_with_the_other_choices(clerk: Client) -> None:
    for number in range(60):
        SyncRecord.objects.create(espo_id=f"many{number:03d}", name=f"Person {number}")
    assert "rows=200&amp;status__exact=waiting" in page(clerk, status__exact="waiting", rows=200)


@pytest.mark.parametrize("name", SyncRecordAdmin.sortable_by)
def test_records_are_put_in_order_by_an_index(name: str) -> None:
    SyncRecord.objects.bulk_create(
        SyncRecord(espo_id=f"crowd{number:012d}", name=f"P {number}") for number in range(99)
    )
    column = getattr(SyncRecordAdmin, name).admin_order_field
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table is read as a whole whatever there is
            cursor.execute("SET LOCAL enable_seqscan TO off")
            cursor.execute("SET LOCAL enable_bitmapscan TO off")
    plan = SyncRecord.objects.order_by(column, "-pk")[:50].explain()
    if connection.vendor == "postgresql":
        assert "Incremental Sort" in plan
        assert "Index Scan" in plan
    else:
        assert "USING INDEX" in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan  # for the last term alone, where values are the same


def test_ctrl_k_finds_records_conflicts_tasks_and_pages(clerk: Client) -> None:
    record = rooms.record("conflict")
    rooms.conflict(record)
    rooms.child_case(record)
    record.deletion_tasks.create(espo_id=record.espo_id, betnr=record.betnr)
    text = command(clerk, "Müller, Frieda")
    for address in (
        reverse("admin:syncapp_syncrecord_change", args=[record.pk]),
        reverse("admin:ops_decide", args=[record.pk]),
        reverse("admin:ops_deletion", args=[record.deletion_tasks.get().pk]),
        reverse("admin:ops_child_case", args=[record.child_cases.get().pk]),
    ):
        assert f'href="{address}"' in text
    assert "geb. 09.03.1971" in text
    assert reverse("admin:syncapp_conflict_changelist") in command(clerk, "konflikte")


def test_ctrl_k_shows_what_still_waits_only(clerk: Client) -> None:
    record = rooms.record()
    rooms.conflict(record, open=False, kept="espocrm")
    rooms.child_case(record, done_at=timezone.now())
    record.deletion_tasks.create(espo_id=record.espo_id, betnr=record.betnr, done_at=timezone.now())
    assert command(clerk, "Müller").count("<li") == 1


def test_ctrl_k_finds_a_record_that_was_just_created(clerk: Client) -> None:
    assert "Frieda Müller" not in command(clerk, "Müller")
    rooms.record()
    assert "Frieda Müller" in command(clerk, "Müller")


def test_ctrl_k_says_what_to_do_when_there_is_nothing(clerk: Client) -> None:
    rooms.record(name="Frieda Meierhofer")
    assert "Meinten Sie einen dieser Einträge?" in command(clerk, "Frida Meyerhofer")
    assert "Frieda Meierhofer" in command(clerk, "Frida Meyerhofer")
    text = command(clerk, "Xylophon")
    assert "wurde nichts gefunden" in text
    assert "<li" not in text


def test_ctrl_k_has_names_before_addresses_and_marks_what_it_met(clerk: Client) -> None:
    named = rooms.record(name="Ole Müller", lists={})
    for number in range(8):
        rooms.record(name=f"Person {number}")
    text = command(clerk, "muel")
    assert text.index(f"betNr {named.betnr}") < text.index("betNr", text.index(f"betNr {named.betnr}") + 6)
    assert "<mark>frieda.mueller@example.org</mark>" in text


def test_ctrl_k_leads_to_all_when_there_are_many(clerk: Client) -> None:
    for number in range(7):
        rooms.record(name=f"Müller {number}")
    text = command(clerk, "Müller")
    assert f"{reverse('admin:syncapp_syncrecord_changelist')}?q=M%C3%BCller" in text
    assert text.count("<li") == 6


@pytest.mark.parametrize("asked", ["", "   ", "%", "' OR 1=1 --", "x" * 5000, "😀", "<script>"])
def test_ctrl_k_bears_anything(asked: str, clerk: Client) -> None:
    rooms.record()
    assert "Frieda" not in command(clerk, asked)
    assert "<script>" not in command(clerk, asked)


def test_ctrl_k_needs_the_right_to_the_list(as_role: Callable[[str], Client]) -> None:
    record = rooms.record()
    link = f'href="{reverse("admin:syncapp_syncrecord_change", args=[record.pk])}"'
    assert link not in command(as_role(""), record.espo_id)
    assert link in command(as_role("Reader"), record.espo_id)


def test_ctrl_k_asks_the_same_few_questions_whatever_it_finds(
    clerk: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(20):
        made = rooms.record("conflict")
        rooms.conflict(made)
        rooms.child_case(made)
        rooms.deletion()
    with django_assert_max_num_queries(18):  # type: ignore[attr-defined]
        command(clerk, "Müller")


def test_attempts_of_a_deleted_record_are_found_by_its_id(boss: Client) -> None:
    record = rooms.record()
    attempt = rooms.history(record)
    Attempt.objects.filter(pk=attempt.pk).update(record=None)
    SyncRecord.objects.all().delete()
    assert rows(boss, "attempt", q=attempt.espo_id) == [attempt.pk]
