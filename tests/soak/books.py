"""What has to be true at the end. A further line of the books is a function and its row of LINES.

Everything is read from the stand-ins' own rows and from ours, nothing from what the product says of itself.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from demo.calendars import EMPLOYEES
from sandbox import state
from syncapp.core.states import AT_REST
from syncapp.engine import control
from syncapp.engine.rows.due import due_now
from syncapp.models import (
    Appointment,
    Attempt,
    CalendarEmployee,
    CalendarPass,
    ChildLink,
    Conflict,
    ContactLink,
    InboxElement,
    KeptAnswer,
    SyncRecord,
)
from syncapp.operations.monitoring import partition
from tests.chaos.audit import FIELDS, entries, numbers, text_of
from tests.soak.desks import Desks, Entry
from tests.soak.ground import Ground
from tests.soak.people import People
from tests.soak.programs import Programs
from tests.soak.quiet import REGULAR_LOOK

Row = Mapping[str, Any]
PLACE = ("strasse", "plz", "ort")
LOOK_SECONDS = 10.0  # longer than one regular look holds its lock


@dataclass
class Evidence:
    """Both systems as they are, and who edited what."""

    ground: Ground
    people: People
    desks: Desks
    programs: Programs
    persons: dict[str, Row] = field(default_factory=dict)
    beteiligte: dict[int, Row] = field(default_factory=dict)
    records: dict[str, SyncRecord] = field(default_factory=dict)
    lists: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    snapshot: dict[str, Any] = field(default_factory=dict)

    def gather(self) -> None:
        self.snapshot = dict(state.snapshot())
        rows = self.snapshot["espocrm"]
        self.persons = {row["id"]: row for row in rows if row["entityType"] == "CBeteiligte"}
        for row in rows:
            if row["entityType"] in ("CAdressen", "CBankverbindungen"):
                self.lists.setdefault(str(row.get("beteiligteId")), {}).setdefault(row["entityType"], []).append(row)
        self.beteiligte = {row["betNr"]: row for row in self.snapshot["advoware"]}
        self.records = {row.espo_id: row for row in SyncRecord.objects.all()}

    def pairs(self) -> Iterable[tuple[str, Row, Row]]:
        for espo_id, person in self.persons.items():
            record = self.records.get(espo_id)
            beteiligter = self.beteiligte.get(record.betnr or 0) if record else None
            if beteiligter is not None and not person.get("deleted"):
                yield espo_id, person, beteiligter

    def items(self, espo_id: str, entity: str) -> list[Row]:
        return [row for row in self.lists.get(espo_id, {}).get(entity, []) if not row.get("deleted")]


Findings = Iterable[str]


def people_are_equal(evidence: Evidence) -> Findings:
    for espo_id, person, beteiligter in evidence.pairs():
        for name in FIELDS:
            here, there = text_of(name, person.get(name)), text_of(name, beteiligter.get(name))
            if here != there:
                yield f"{espo_id} {name}: {here!r} / {there!r}"


def everybody_has_a_counterpart(evidence: Evidence) -> Findings:
    paired = {espo_id for espo_id, _person, _beteiligter in evidence.pairs()}
    for espo_id, person in evidence.persons.items():
        if not person.get("deleted") and espo_id not in paired:
            record = evidence.records.get(espo_id)
            yield f"{espo_id}: {(record.status, record.kind, record.betnr) if record else 'no row of ours'}"


def points_are_equal(evidence: Evidence) -> Findings:
    for espo_id, person, beteiligter in evidence.pairs():
        here, there = numbers(person), entries(beteiligter)
        if sorted(here) != sorted(there):
            yield f"{espo_id}: {here} / {there}"


def addresses_are_equal(evidence: Evidence) -> Findings:
    for espo_id, _person, beteiligter in evidence.pairs():
        here = sorted(line(row) for row in evidence.items(espo_id, "CAdressen"))
        there = sorted(line(row) for row in beteiligter["adressen"])
        if here != there:
            yield f"{espo_id}: {here} / {there}"


def line(row: Row) -> str:
    return ", ".join(str(row.get(name) or "") for name in PLACE)


def accounts_are_equal(evidence: Evidence) -> Findings:
    for espo_id, _person, beteiligter in evidence.pairs():
        here = sorted(str(row.get("iban")) for row in evidence.items(espo_id, "CBankverbindungen"))
        there = sorted(str(row.get("iban")) for row in beteiligter["bankverbindungen"])
        if here != there:
            yield f"{espo_id}: {len(here)} / {len(there)} accounts"


def no_edit_is_lost(evidence: Evidence) -> Findings:
    """Every value that somebody entered last is there, on either side (that both are equal is asked above)."""
    ledger = evidence.people.ledger
    for (espo_id, name), value in ledger.fields.items():
        person = evidence.persons.get(espo_id, {})
        shown = text_of(name, person.get(name))
        if espo_id not in ledger.deleted and (espo_id, name) not in ledger.disputed and shown != value:
            yield f"{espo_id} {name} is {shown!r}, not {value!r}"
    wanted = {"points": ledger.points, "places": ledger.places, "ibans": ledger.ibans}
    for kind, those in wanted.items():
        for espo_id, value in those:
            if espo_id not in ledger.deleted and value not in _shown(evidence, espo_id, kind):
                yield f"{espo_id}: {kind} lack {value}"


def _shown(evidence: Evidence, espo_id: str, kind: str) -> list[str]:
    if kind == "points":
        return numbers(evidence.persons.get(espo_id, {}))
    entity, name = ("CAdressen", "strasse") if kind == "places" else ("CBankverbindungen", "iban")
    return [str(row.get(name)) for row in evidence.items(espo_id, entity)]


def nothing_is_doubled(evidence: Evidence) -> Findings:
    """One Beteiligter a name (each is unique here), one entry a value."""
    names = Counter(
        (row["name"], row["vorname"]) for row in evidence.beteiligte.values() if str(row["name"]).startswith("Neumann")
    )
    yield from (f"{name}: {times} Beteiligte" for name, times in names.items() if times > 1)
    for espo_id, person, beteiligter in evidence.pairs():
        heaps = {
            "EspoCRM": numbers(person),
            "Advoware": entries(beteiligter),
            "addresses": [line(row) for row in beteiligter["adressen"]],
            "items": [line(row) for row in evidence.items(espo_id, "CAdressen")],
            "accounts": [str(row.get("iban")) for row in beteiligter["bankverbindungen"]],
        }
        for where, values in heaps.items():
            yield from (f"{espo_id} {where}: {value} twice" for value, times in Counter(values).items() if times > 1)


def calendars_are_equal(evidence: Evidence) -> Findings:
    """Each appointment of the ledger once on either side at the same time, or nowhere."""
    calendars = dict(CalendarEmployee.objects.filter(kuerzel__in=EMPLOYEES).values_list("kuerzel", "calendar_id"))
    for entry in evidence.desks.entries:
        termine = [row for row in evidence.snapshot["termine"] if row["text"] == entry.text]
        events = [
            one
            for one in evidence.snapshot["google"][calendars[entry.kuerzel]]
            if one.get("summary") == entry.text and one.get("status") != "cancelled"
        ]
        there = [str(row["uhrzeitVon"])[:5] for row in termine]
        here = [str(one["start"].get("dateTime", ""))[11:16] for one in events]
        wanted = [] if entry.gone else [entry.clock]
        if there != wanted or here != wanted:
            yield f"{entry.kuerzel} {entry.text}: {there} / {here}, wanted {wanted}; {_standing(entry)}"


def _standing(entry: Entry) -> str:
    """What our row says of it: whether it waits for somebody, or for another attempt."""
    of_it = {"fr_nr": entry.fr_nr} if entry.fr_nr else {"google_id": entry.event_id}
    return "; ".join(
        f"{row.status} {row.reason or row.fault.get('code', '')} asked {[one.get('code') for one in row.questions]},"
        f" {row.retry_count} attempts, waits until {row.wait_until}"
        for row in Appointment.objects.filter(**of_it)
    )


def programs_wrote_once(evidence: Evidence) -> Findings:
    for espo_id, number in evidence.programs.unknown:
        found = numbers(evidence.persons.get(espo_id, {})).count(number)
        if found > 1:
            yield f"{espo_id}: {number} {found} times"


def nothing_is_open(evidence: Evidence) -> Findings:
    """No lease, no intent, no lock, nothing due, nobody asked."""
    rows = SyncRecord.objects
    unanswered = [row for row in evidence.records.values() if any(one["phase"] == "sent" for one in row.open_intents)]
    counts = {
        "leases": rows.exclude(lease_token="").exclude(REGULAR_LOOK).count()
        + CalendarEmployee.objects.exclude(lease_token="").count(),
        "unanswered writes": len(unanswered),
        "creates under way": rows.filter(create_intent__isnull=False).count(),
        "contact points under way": ContactLink.objects.filter(pending__isnull=False).count(),
        "list entries under way": ChildLink.objects.filter(pending__isnull=False).count(),
        "appointments under way": Appointment.objects.filter(intent__isnull=False).count(),
        "due": rows.filter(due_now(control.switches())).count(),
        "open conflicts": Conflict.objects.filter(open=True).count(),
        "unjudged webhooks": InboxElement.objects.filter(judged_at__isnull=True).count(),
        "answers under way": KeptAnswer.objects.filter(status__isnull=True).count() - len(evidence.programs.unknown),
    }
    yield from (f"{number} {name}" for name, number in counts.items() if number > 0)
    statuses = Counter(_stands(row) for row in evidence.records.values())
    yield from (
        f"{number} records {name}" for name, number in statuses.items() if name not in ("clean", "deleted_in_espocrm")
    )
    yield from (f"lock {name}" for name in sorted(_locks(evidence) & _locks(evidence, after=LOOK_SECONDS))[:3])


def _stands(row: SyncRecord) -> str:
    """Its status; of one that the regular look holds at this moment the status that it returns to."""
    looks = row.status_before in AT_REST and row.requested == row.completed
    return row.status_before if looks and not (row.dirty_since or row.unconfirmed) and row.lease_token else row.status


def _locks(evidence: Evidence, *, after: float = 0) -> set[str]:
    time.sleep(after)
    with evidence.ground.redis.client() as client:
        kept = [name for name in client.scan_iter("sync_lock:*") if client.ttl(name) > 15 or client.ttl(name) == -1]
    return {name.decode() for name in kept}


def counts_agree(evidence: Evidence) -> Findings:
    """What the landing page counts by its indexes is what there is."""
    mode, now = control.switches(), timezone.now()
    told = partition.counted(now=now, switches=mode)
    if sum(told.values()) != SyncRecord.objects.count():
        yield f"the tiles count {sum(told.values())} of {SyncRecord.objects.count()} records"
    for code, condition in partition.conditions(now, mode).items():
        found = SyncRecord.objects.filter(condition).count()
        if found != told[code]:
            yield f"tile {code} says {told[code]}, there are {found}"


def no_bug_was_met(_evidence: Evidence) -> Findings:
    for model in (Attempt, CalendarPass):
        for row in model.objects.filter(kind="bug")[:3]:
            yield f"{model.__name__} {row.started_at:%H:%M:%S} {row.fault} {row.traceback[-600:]}"


LINES: tuple[tuple[str, Callable[[Evidence], Findings]], ...] = (
    ("master data equal on both sides", people_are_equal),
    ("everybody has a counterpart", everybody_has_a_counterpart),
    ("contact points equal", points_are_equal),
    ("addresses equal", addresses_are_equal),
    ("bank accounts equal", accounts_are_equal),
    ("appointments equal", calendars_are_equal),
    ("no edit lost", no_edit_is_lost),
    ("nothing doubled", nothing_is_doubled),
    ("programs wrote once", programs_wrote_once),
    ("nothing open, held or due", nothing_is_open),
    ("kept counts agree", counts_agree),
    ("no error of our own met", no_bug_was_met),
)
