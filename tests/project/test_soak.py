"""The books of the soak find what they are there to find: each planted fault is told by the line whose matter it is."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from sandbox.espocrm.entities import ADRESSEN
from sandbox.models.advoware import Beteiligter, ListEntry
from sandbox.models.espocrm import EspoRecord
from syncapp.models import ChildCase, ChildLink, SyncRecord
from tests.soak import books, quiet, watching
from tests.soak.books import Evidence
from tests.soak.desks import Desks, Entry
from tests.soak.ground import Ground, role_of
from tests.soak.operators import Operators
from tests.soak.people import EDITS, Ledger, People, _is_synced
from tests.soak.programs import Programs
from tests.soak.watching import Flatness, Watch

HOUR = timedelta(hours=1)

ESPO_ID, BETNR = "5a0d0000000000001", 104860
PHONE = {"phoneNumber": "+4930123456", "type": "Office", "primary": True}
PLACE = {"strasse": "Wall 1", "plz": "30159", "ort": "Hannover"}
IBAN = "DE89370400440532013000"


class Somebody(People):
    """Who has edited, without the systems."""

    def __init__(self) -> None:
        self.ledger = Ledger()


class Desk(Desks):
    def __init__(self) -> None:
        self.entries = [Entry("SB", "Termin 1", "09:00", "advoware")]


@pytest.fixture
def evidence() -> Evidence:
    """One person and one appointment, equal on both sides."""
    people = Somebody()
    people.ledger.fields[ESPO_ID, "titel"] = "Dr."
    people.ledger.points.add((ESPO_ID, "+4930123456"))
    programs = Programs("", "", people)
    found = Evidence(None, people, Desk(), programs)  # type: ignore[arg-type]
    found.persons = {ESPO_ID: {"id": ESPO_ID, "name": "Neumann", "titel": "Dr.", "phoneNumberData": [dict(PHONE)]}}
    found.beteiligte = {
        BETNR: {
            **{"betNr": BETNR, "name": "Neumann", "vorname": None, "titel": "Dr."},
            "kommunikation": [{"tlf": "030 / 123456"}],
            "adressen": [dict(PLACE)],
            "bankverbindungen": [{"iban": IBAN}],
        }
    }
    found.records = {ESPO_ID: SyncRecord(espo_id=ESPO_ID, betnr=BETNR, status="clean")}
    found.lists = {ESPO_ID: {"CAdressen": [dict(PLACE)], "CBankverbindungen": [{"iban": IBAN}]}}
    start = {"dateTime": "2026-12-01T09:00:00+01:00"}
    found.snapshot = {
        "termine": [{"text": "Termin 1", "uhrzeitVon": "09:00:00"}],
        "google": {"calendar": [{"summary": "Termin 1", "start": start}]},
    }
    return found


@pytest.fixture(autouse=True)
def calendars(monkeypatch: pytest.MonkeyPatch) -> None:
    class Employees:
        objects: Any

        def filter(self, **_which: Any) -> "Employees":
            return self

        def values_list(self, *_names: str) -> list[tuple[str, str]]:
            return [("SB", "calendar")]

    Employees.objects = Employees()
    monkeypatch.setattr(books, "CalendarEmployee", Employees)


PLANTED: dict[str, tuple[Any, Any]] = {
    "a field differs": (books.people_are_equal, lambda e: e.beteiligte[BETNR].update(titel="")),
    "nobody carried the person": (books.everybody_has_a_counterpart, lambda e: e.records.clear()),
    "a number is missing": (books.points_are_equal, lambda e: e.beteiligte[BETNR]["kommunikation"].clear()),
    "a street differs": (books.addresses_are_equal, lambda e: e.beteiligte[BETNR]["adressen"][0].update(ort="Celle")),
    "an account is missing": (books.accounts_are_equal, lambda e: e.beteiligte[BETNR]["bankverbindungen"].clear()),
    "an event is missing": (books.calendars_are_equal, lambda e: e.snapshot["google"]["calendar"].clear()),
    "a Termin is there twice": (
        books.calendars_are_equal,
        lambda e: e.snapshot["termine"].append(e.snapshot["termine"][0]),
    ),
    "an edit was set back on both sides": (
        books.no_edit_is_lost,
        lambda e: (e.beteiligte[BETNR].update(titel=""), e.persons[ESPO_ID].update(titel="")),
    ),
    "a number was lost on both sides": (books.no_edit_is_lost, lambda e: e.persons[ESPO_ID]["phoneNumberData"].clear()),
    "a person was created twice": (
        books.nothing_is_doubled,
        lambda e: e.beteiligte.update({BETNR + 1: e.beteiligte[BETNR]}),
    ),
    "an address is there twice": (
        books.nothing_is_doubled,
        lambda e: e.beteiligte[BETNR]["adressen"].append(dict(PLACE)),
    ),
    "an account is there twice": (
        books.nothing_is_doubled,
        lambda e: e.beteiligte[BETNR]["bankverbindungen"].append({"iban": IBAN}),
    ),
    "a program's number is there twice": (
        books.programs_wrote_once,
        lambda e: (
            e.persons[ESPO_ID]["phoneNumberData"].append(dict(PHONE)),
            e.programs.unknown.append((ESPO_ID, "+4930123456")),
        ),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.django_db  # what a row waits for is asked of it
def test_planted_fault_is_told(evidence: Evidence, name: str) -> None:
    line, plant = PLANTED[name]
    assert list(line(evidence)) == []
    plant(evidence)
    assert list(line(evidence))


def test_every_line_about_both_sides_is_tried() -> None:
    asks_the_database = {books.nothing_is_open, books.counts_agree, books.no_bug_was_met}
    assert {line for _name, line in books.LINES} - asks_the_database == {line for line, _plant in PLANTED.values()}


def test_what_people_have_deleted_is_missed_by_nobody(evidence: Evidence) -> None:
    evidence.people.ledger.deleted.add(ESPO_ID)
    evidence.persons[ESPO_ID]["phoneNumberData"].clear()
    assert list(books.no_edit_is_lost(evidence)) == []


def test_memory_that_grows_is_not_flat() -> None:
    flat = Flatness("web", first=120.0, last=125.0, an_hour=2.0, lives=3)
    assert flat.is_flat
    assert not replace(flat, last=160.0).is_flat


def test_memory_of_a_role_is_compared_over_all_its_lives() -> None:
    watch = Watch(Ground(*[None] * 5), begun=0.0)  # type: ignore[arg-type]
    watch.looks["web"] = [(1, 15.0 * nth, 100.0) for nth in range(40)] + [
        (2, 600 + 15.0 * nth, 100.0 + nth) for nth in range(60)
    ]
    (found,) = watch.flatness()
    assert (found.lives, found.first, found.an_hour) == (2, 100.0, 240.0)
    assert not found.is_flat


def test_slope_of_a_single_look_is_none() -> None:
    assert watching.slope([(1.0, 100.0)]) == 0.0


@pytest.mark.parametrize(
    "title,role",
    [
        (["python", "manage.py", "worker", "sweep"], "worker sweep"),
        (["rq:worker:0a1b: Listening on webhook"], "worker webhook"),
        (["rq:worker:0a1b: Processing syncapp.jobs.sweep from schedule since 17"], "worker schedule"),
        (["gunicorn: worker [advosync_project.wsgi]"], "web"),
        (["python", "-m", "advosync_project", "scheduler"], "scheduler"),
        (["valkey-server"], ""),
    ],
)
def test_role_is_read_from_the_title(title: list[str], role: str) -> None:
    assert role_of(title) == role


def test_kinds_of_edits_have_names_of_their_own() -> None:
    assert len({row.name for row in EDITS}) == len(EDITS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "requested, unconfirmed, left",
    [(1, False, []), (2, False, ["1 held by a run"]), (1, True, ["1 held by a run", "1 written and not confirmed"])],
    ids=["a regular look", "something to carry", "a confirming look"],
)
def test_an_installation_is_at_rest_while_it_looks(requested: int, unconfirmed: bool, left: list[str]) -> None:
    held = {"status": "syncing", "status_before": "clean", "lease_token": "t", "lease_expires": timezone.now() + HOUR}
    SyncRecord.objects.create(espo_id="a", requested=requested, completed=1, unconfirmed=unconfirmed, **held)
    assert quiet._left(Ledger()) == left


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_streets_are_edited_where_both_sides_show_the_same() -> None:
    Beteiligter.objects.create(pk=7, geaendert_am=timezone.now(), fields={"name": "Muster"})
    EspoRecord.objects.create(id="i", entity_type=ADRESSEN.name, extra={"beteiligteId": "a", "strasse": "Weg 1"})
    there = ListEntry.objects.create(beteiligter_id=7, kind="adressen", position=1, fields={"strasse": "Weg 1"})
    assert _is_synced("a", 7)
    there.fields = {"strasse": "Weg 2"}
    there.save()
    assert not _is_synced("a", 7)


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.usefixtures("redis_client")
@pytest.mark.parametrize("arrived", [True, False])
def test_an_entry_without_an_answer_is_looked_for_in_advoware(arrived: bool) -> None:
    record = SyncRecord.objects.create(espo_id="a", betnr=7, status="failed")
    Beteiligter.objects.create(pk=7, geaendert_am=timezone.now(), fields={"name": "Muster"})
    old = ListEntry.objects.create(beteiligter_id=7, kind="adressen", position=1, fields={"strasse": "Weg 1"})
    ChildLink.objects.create(record=record, kind="adressen", espo_id="i", entry_id=old.pk, state="linked")
    sent = {"strasse": "Weg 1", "ort": "Bonn"}
    new = ListEntry.objects.create(beteiligter_id=7, kind="adressen", position=2, fields=sent) if arrived else None
    asked = {"code": "outcome_unknown", "row": 22, "params": sent, "opened_at": timezone.now()}
    ChildCase.objects.create(record=record, kind="adressen", espo_id="n", **asked)
    assert Operators(ground=None, chance=Random(1)).answer() == 1  # type: ignore[arg-type]
    case = ChildCase.objects.get()
    assert (case.answer, case.answer_entry) == (("there", new.pk) if new else ("not_there", 0))


@pytest.mark.parametrize(
    "requested, stands", [(1, "clean"), (2, "syncing")], ids=["a regular look", "something to carry"]
)
def test_a_record_in_the_hand_of_a_regular_look_stands_as_before(requested: int, stands: str) -> None:
    held = {"status": "syncing", "status_before": "clean", "lease_token": "t"}
    assert books._stands(SyncRecord(requested=requested, completed=1, **held)) == stands
