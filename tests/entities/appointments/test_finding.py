"""Finding appointments by what they say, by an index, on both databases; and not what is kept from others."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.core.appointments.rows import Closed
from syncapp.core.appointments.shapes import CalendarEvent
from syncapp.core.finding.folding import asked_pieces
from syncapp.entities.appointments import finding
from syncapp.entities.appointments.rows import search_text
from syncapp.entities.appointments.rows.stored import event_json
from syncapp.models import Appointment, AppointmentSearchText, CalendarEmployee
from syncapp.models.finding.search_text import kept, lines_of
from syncapp.operations.calendars import employees
from syncapp.operations.maintenance import retention
from tests.support.calendars import Office
from tests.support.search_plans import explained

pytestmark = pytest.mark.django_db


def said(text: str = "", ort: str = "", *, privat: bool = False) -> dict[str, Any]:
    when = [False, "2026-11-30T09:00", "2026-11-30T10:00"]
    return {"when": when, "rule": None, "text": text, "ort": ort, "notiz": "Nur für uns", "privat": privat}


def calendar(kuerzel: str = "SB", name: str = "Sabine Berg") -> CalendarEmployee:
    return CalendarEmployee.objects.get_or_create(kuerzel=kuerzel, defaults={"name": name})[0]


def appointment(**columns: Any) -> Appointment:
    number = Appointment.objects.count()
    given = {"employee": calendar(), "fr_nr": 4700 + number, "google_id": f"g{number}", **columns}
    made = Appointment.objects.create(**given)
    search_text.refresh(made.pk, before=None, now=search_text.columns_of(made))
    return made


def found(asked: str, *, values: bool = True) -> list[int]:
    return finding.found(asked, values=values).appointments


@pytest.mark.parametrize(
    "asked",
    [
        "Verhandlung",
        "verhandlung mueller",
        "Müller, Verhandlung",
        "muller",
        "LG Hannover",
        "Saal 12",
        "3 O 117/26",
        "Gütetermin",
        "4700",
    ],
)
def test_an_appointment_is_found_as_people_say_it(asked: str) -> None:
    advoware, google = said("Verhandlung Müller ./. Weiß, 3 O 117/26", "LG Hannover, Saal 12"), said("Gütetermin")
    wanted = appointment(base_advoware=advoware, base_google=google)
    appointment(base_advoware=said("Besprechung Neumandat"), base_google=said("Besprechung Neumandat"))
    assert found(asked) == [wanted.pk]


@pytest.mark.parametrize("asked", ["Verhandlung", "Hannover", "uns"])
def test_without_the_right_only_numbers_and_calendars_are_looked_at(asked: str) -> None:
    wanted = appointment(base_advoware=said("Verhandlung", "Hannover"))
    assert found(asked, values=False) == []
    assert found(str(wanted.fr_nr), values=False) == [wanted.pk]
    assert found("uns") == [], "notes are in no index"


@pytest.mark.parametrize("asked, kuerzel", [("Sabine Berg", "SB"), ("berg", "SB"), ("ai", "AI"), ("Imhof", "AI")])
def test_a_calendar_is_found_by_its_name_and_kuerzel(asked: str, kuerzel: str) -> None:
    calendar()
    calendar("AI", "Alexander Imhof")
    for values in (True, False):
        assert finding.found(asked, values=values).calendars == [calendar(kuerzel).pk]
    assert finding.found("", values=True).calendars == []


GOOGLE_ONLY = {"fr_nr": None, "status": "only_in_google"}


@pytest.mark.parametrize(
    "columns",
    [
        {"base_advoware": said("Verhandlung", privat=True), "base_google": said("Verhandlung", privat=True)},
        {"base_advoware": said("Verhandlung"), "base_google": said("Verhandlung", privat=True)},
        {"base_advoware": said("Verhandlung"), "base_google": said("Privat"), "shown": "busy"},
        {"base_advoware": said("Verhandlung"), "base_google": said("Termin"), "shown": "anonymous"},
        {"base_advoware": said("Verhandlung"), "kind": "special", "fr_nr": -4700},
        {"base_google": said("Verhandlung", privat=True), **GOOGLE_ONLY},
        {"waiting": {"summary": "Verhandlung", "visibility": "confidential"}, **GOOGLE_ONLY},
        {"waiting": event_json(CalendarEvent("x", status="cancelled", summary="Verhandlung")), **GOOGLE_ONLY},
        {"base_advoware": said("Verhandlung"), "status": "closed", "closed": Closed.withheld},
    ],
    ids=[
        *("private", "private in google", "busy", "anonymous", "special", "google alone", "waiting", "tombstone"),
        "private since",
    ],
)
def test_what_is_kept_from_others_is_not_found_by_what_it_says(columns: dict[str, Any]) -> None:
    kept_back = appointment(**columns)
    assert found("Verhandlung") == []
    assert finding.near("Verhandlnug") == []
    assert AppointmentSearchText.objects.get(pk=kept_back.pk).text == ""
    if kept_back.fr_nr:
        assert found(str(kept_back.fr_nr)) == [kept_back.pk]


def test_what_google_shows_and_nobody_has_settled_yet_finds_it() -> None:
    wanted = appointment(base_advoware=said("Termin"), waiting={"summary": "Ortstermin", "location": "Celle"})
    assert found("Ortstermin Celle") == [wanted.pk]


@pytest.mark.parametrize("asked", ["Verhandlnug", "Ferhandlung", "Verhandlung Haanover"])
def test_subjects_that_come_near(asked: str) -> None:
    wanted = appointment(base_advoware=said("Verhandlung Hannover"))
    appointment(base_advoware=said("Versammlung der Eigentümer"))
    assert found(asked) == []
    assert finding.near(asked)[0] == wanted
    assert finding.near("Qwertz") == finding.near("12345") == []


def test_it_goes_with_the_appointment() -> None:
    old = timezone.now() - timedelta(days=400)
    appointment(base_advoware=said("Verhandlung"), status="closed", closed="gone", closed_at=old)
    retention.purge(before=timezone.now())
    assert found("Verhandlung") == []
    assert not AppointmentSearchText.objects.exists()


def test_a_calendar_that_is_ours_no_more_is_found_by_advowares_texts_alone() -> None:
    wanted = appointment(base_advoware=said("Verhandlung"), base_google=said("Gütetermin"))
    employees.close_all(wanted.employee)
    assert found("Gütetermin") == []
    assert found("Verhandlung") == [wanted.pk]


def test_gaps_are_filled() -> None:
    wanted = appointment(base_advoware=said("Verhandlung"))
    AppointmentSearchText.objects.all().delete()
    assert found("Verhandlung") == []
    assert (search_text.fill_gaps(), search_text.fill_gaps()) == (1, 0)
    assert found("Verhandlung") == [wanted.pk]


@pytest.mark.django_db(transaction=True)
def test_a_pass_keeps_it_in_step(office: Office) -> None:
    """Written with the pair: found from its first pass on, by what it is called now, and not once it is private."""
    row = office.hire()
    number = office.enter(text="Mandantengespräch Leopoldine")
    office.sync()
    pk = office.row(number).pk
    assert found("Leopoldine") == [pk]
    office.edit(number, text="Besprechung", ort="Celle")
    office.sync()
    assert found("Leopoldine") == []
    assert found("Besprechung Celle") == [pk]
    office.in_google("change", office.row(number).google_id, summary="Ortstermin")
    office.sync()
    assert found("Ortstermin") == [pk]
    CalendarEmployee.objects.filter(pk=row.pk).update(full_content=False)
    office.sync(full=True)
    assert found("Ortstermin") == []


class TestByIndex:
    """What the database says of its own way, with enough rows for it to have a choice."""

    @pytest.fixture(autouse=True)
    def crowd(self) -> None:
        row = calendar()
        made = Appointment.objects.bulk_create(
            Appointment(employee=row, google_id=f"c{place}", fr_nr=place) for place in range(3000)
        )
        AppointmentSearchText.objects.bulk_create(
            AppointmentSearchText(
                appointment=one, **kept(lines_of([f"Termin{place} Nachname{place * 7} {1_234_567 + place}"]))
            )
            for place, one in enumerate(made)
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE syncapp_appointmentsearchtext, syncapp_appointment")
                # A small table is read as a whole whatever there is; here counts whether the index can answer.
                cursor.execute("SET LOCAL enable_seqscan TO off")

    @pytest.mark.parametrize("asked", ["Nachname77", "termin12 nachname84", "te na", "1234567"])
    def test_a_search_reads_no_table(self, asked: str) -> None:
        plan = explained(AppointmentSearchText, asked_pieces(asked), most=finding.MOST)
        if connection.vendor == "postgresql":
            assert "Seq Scan on syncapp_appointmentsearchtext" not in plan
            assert ("syncapp_appointmentsearchtext_trigrams" in plan) is not asked.isdigit()
            assert ("syncapp_appointmentsearchtext_numbers" in plan) is asked.isdigit()
        else:
            assert plan.startswith("SCAN syncapp_appointmentsearchtext_fts VIRTUAL TABLE INDEX")
            assert "SCAN t" not in plan

    def test_a_search_costs_three_statements_at_most(self) -> None:
        """The index, the names of calendars, and for a number its own."""
        with CaptureQueriesContext(connection) as queries:
            assert len(finding.found("Nachname77", values=True).appointments) >= 1
        assert len(queries) == 2
        with CaptureQueriesContext(connection) as queries:
            finding.found("1234567", values=True)
        assert len(queries) == 3

    def test_a_page_of_what_was_found_is_looked_up_by_its_keys(self) -> None:
        keys = finding.found("termin", values=True).appointments
        assert len(keys) == finding.MOST
        plan = Appointment.objects.filter(pk__in=keys).order_by("starts_on", "pk")[:50].explain()
        if connection.vendor == "postgresql":
            assert "Seq Scan" not in plan, plan
        else:
            assert "SEARCH syncapp_appointment USING INTEGER PRIMARY KEY" in plan, plan
