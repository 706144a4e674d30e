"""An office with calendars whose passes run in real workers, and the books of its calendars."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.requests import Source
from syncapp.core.states import Status
from syncapp.engine import dispatcher
from syncapp.engine.rows import locks
from syncapp.entities.appointments import due_passes
from syncapp.models import Appointment, PairStatusChoice
from syncapp.remotes.registry import forget
from tests.chaos.audit import Books
from tests.chaos.plant import Plant, Process
from tests.support.calendars import USER, Office

# A light pass comes every 15 minutes.
QUARTER = timedelta(minutes=16)
SETTINGS = ("GOOGLE_SERVICE_ACCOUNT_FILE", "GOOGLE_CALENDAR_API_URL", "GOOGLE_DELEGATED_USER")
AT_REST = (PairStatusChoice.OK, PairStatusChoice.CLOSED)
# Text, start, end, place.
Entry = tuple[str, str, str, str]


@pytest.fixture
def office(plant: Plant, settings: Any, tmp_path: Path) -> Office:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = plant.sandbox.google_key(tmp_path)
    settings.GOOGLE_CALENDAR_API_URL = plant.sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    forget()
    return Office(plant.sandbox, settings)


def settings_of(office: Office) -> dict[str, str]:
    """The environment in which a process works for this office."""
    return {name: getattr(office.settings, name) for name in SETTINGS}


def worker(plant: Plant, office: Office) -> Process:
    return plant.begin_worker("calendar", **settings_of(office))


def ask(office: Office) -> None:
    """A person wants a pass now."""
    due_passes.request_passes([office.employee().pk], source=Source.PERSON, cause="tests", urgent=True)


def move_on(plant: Plant, office: Office) -> None:
    """The clock goes on: what waits for its next minute, or for the next pass of all, is asked for at once."""
    row, now = office.employee(), timezone.now()
    dispatcher.dispatch()
    plant.let_brief_locks_end()  # that on a frNr, which a dead worker has left
    if row.next_retry_at is not None and row.next_retry_at > now:
        office.due()
        due_passes.enqueue([row.pk])
    elif row.status == Status.PERMANENTLY_FAILED:
        due_passes.request_due_passes(now + QUARTER)


def equal_by_the_clock(plant: Plant, office: Office) -> bool:
    """Whether the calendar is equal, or will be by the clock alone."""
    move_on(plant, office)
    return office.employee().status == Status.CLEAN and not locks.names()


def until_equal(plant: Plant, office: Office) -> None:
    """Raises AssertionError with what is not: the calendar, and its appointments that wait for something."""
    try:
        plant.until(lambda: equal_by_the_clock(plant, office), "the calendar is equal")
    except AssertionError as never:
        row = office.employee()
        left = [
            (pair.fr_nr, pair.status, pair.fault, pair.questions) for pair in office.rows().values() if in_hand(pair)
        ]
        raise AssertionError((row.status, row.kind, row.fault, left, locks.names())) from never


def lost_calls(plant: Plant, fault: str) -> int:
    """How many calls this fault has met."""
    return sum(call["fault"] == fault for call in plant.sandbox.control.calls())


def in_advoware(office: Office) -> list[Entry]:
    return [
        (
            row["text"],
            f"{row['datum'][:10]}T{row['uhrzeitVon'][:5]}",
            f"{(row['datumBis'] or row['datum'])[:10]}T{row['uhrzeitBis'][:5]}",
            row["ort"] or "",
        )
        for row in office.termine().values()
    ]


def in_google(office: Office) -> list[Entry]:
    return [
        (event.summary, event.start.date_time[:16], event.end.date_time[:16], event.location)
        for event in office.events()
    ]


def books(office: Office, expected: Iterable[str]) -> Books:
    """Both sides as they are, against the texts that people have left there; and what our rows still have in hand."""
    there, here = Counter(in_advoware(office)), Counter(in_google(office))
    lost = [f"only in Advoware: {entry}" for entry in (there - here)]
    lost += [f"only in Google: {entry}" for entry in (here - there)]
    doubled, wanted = [], Counter(expected)
    for side, found in (("Advoware", there), ("Google", here)):
        texts = Counter(text for text, *_rest in found.elements())
        lost += [f"{side} lacks {text!r}" for text in (wanted - texts)]
        doubled += [f"{side} has {text!r} {texts[text]} times" for text in (texts - wanted)]
    row = office.employee()
    stuck = [] if (row.status, row.lease_token) == (Status.CLEAN, "") else [f"{row}: {row.status}, {row.lease_holder}"]
    stuck += locks.names()
    stuck += [
        f"frNr {pair.fr_nr}: {pair.status}, {pair.error_kind}" for pair in office.rows().values() if in_hand(pair)
    ]
    return Books(wanted.total(), tuple(lost), tuple(doubled), tuple(stuck))


def in_hand(pair: Appointment) -> bool:
    """Whether it waits for an answer, a second try or a person."""
    return bool(pair.status not in AT_REST or pair.intent or pair.error_kind or pair.questions)
