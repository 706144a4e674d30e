"""Termine in Advoware and events in Google, edited on both sides; an appointment rests between two edits of it."""

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from demo.calendars import EMPLOYEES
from sandbox.advoware import termine
from sandbox.google import events
from sandbox.models.google import GoogleCalendar, GoogleEvent

# Longer than two passes: what one side has said is on the other by then, unless something is broken.
REST_SECONDS = 300.0


@dataclass
class Entry:
    """One appointment as people know it. text: unique; gone: nobody may show it any more."""

    kuerzel: str
    text: str
    clock: str
    made_in: str
    fr_nr: int = 0
    event_id: str = ""
    touched: float = field(default_factory=time.monotonic)
    gone: bool = False


class Desks:
    def __init__(self, calendars: dict[str, str], *, seed: int) -> None:
        self.chance = random.Random(seed)
        self.numbers = itertools.count(1)
        self.calendars = {kuerzel: GoogleCalendar.objects.get(pk=calendars[kuerzel]) for kuerzel in EMPLOYEES}
        self.entries: list[Entry] = []
        self.counts: dict[str, int] = {}

    def edit(self) -> None:
        name, _weight, act = self.chance.choices(ACTS, weights=[row[1] for row in ACTS])[0]
        if act(self):
            self.counts[name] = self.counts.get(name, 0) + 1

    def rested(self, made_in: str = "") -> Entry | None:
        now = time.monotonic()
        found = [
            one
            for one in self.entries
            if not one.gone and now - one.touched > REST_SECONDS and one.made_in in (made_in or one.made_in)
        ]
        if not found:
            return None
        chosen = self.chance.choice(found)
        chosen.touched = now
        return chosen

    def times(self) -> tuple[str, str, str]:
        hour = self.chance.randrange(8, 18)
        day = date.today() + timedelta(days=self.chance.randrange(1, 60))
        return day.isoformat(), f"{hour:02}:00", f"{hour:02}:45"

    def event_of(self, entry: Entry) -> GoogleEvent | None:
        """As somebody finds it who looks into the calendar."""
        found = GoogleEvent.objects.filter(calendar=self.calendars[entry.kuerzel], cancelled=False)
        return next((one for one in found if one.body.get("summary") == entry.text), None)


def enter_termin(desks: Desks) -> bool:
    (day, begin, end), kuerzel = desks.times(), desks.chance.choice(EMPLOYEES)
    entry = Entry(kuerzel, f"Termin {next(desks.numbers)}", begin, "advoware")
    fields = {"anwalt": kuerzel, "sb": kuerzel, "datum": day, "text": entry.text}
    entry.fr_nr = termine.create({**fields, "uhrzeitVon": f"{begin}:00", "uhrzeitBis": f"{end}:00"}).pk
    desks.entries.append(entry)
    return True


def enter_event(desks: Desks) -> bool:
    times, kuerzel = desks.times(), desks.chance.choice(EMPLOYEES)
    entry = Entry(kuerzel, f"Ereignis {next(desks.numbers)}", times[1], "google")
    entry.event_id = events.insert(desks.calendars[kuerzel], {"summary": entry.text, **_span(*times)}).event_id
    desks.entries.append(entry)
    return True


def _span(day: str, begin: str, end: str) -> dict[str, object]:
    return {
        side: {"dateTime": f"{day}T{clock}:00", "timeZone": "Europe/Berlin"}
        for side, clock in (("start", begin), ("end", end))
    }


def move_in_advoware(desks: Desks) -> bool:
    entry = desks.rested("advoware")
    if entry is None:
        return False
    day, entry.clock, end = desks.times()
    # Both days, as Advoware's own window has them: a last day that stays behind ends before the start.
    days = {"datum": day, "datumBis": day}
    termine.edit(entry.fr_nr, {**days, "uhrzeitVon": f"{entry.clock}:00", "uhrzeitBis": f"{end}:00"})
    return True


def move_in_google(desks: Desks) -> bool:
    entry = desks.rested()
    event = entry and desks.event_of(entry)
    if not entry or not event:
        return False
    times = desks.times()
    entry.clock = times[1]
    events.change(desks.calendars[entry.kuerzel], event.event_id, _span(*times))
    return True


def remove_in_advoware(desks: Desks) -> bool:
    entry = desks.rested("advoware")
    if entry is None:
        return False
    entry.gone = True
    termine.delete(entry.fr_nr)
    return True


def remove_in_google(desks: Desks) -> bool:
    """What was made there; what was made in Advoware would be put back."""
    entry = desks.rested("google")
    if entry is None:
        return False
    entry.gone = True
    events.delete(desks.calendars[entry.kuerzel], entry.event_id)
    return True


ACTS: tuple[tuple[str, int, Callable[[Desks], bool]], ...] = (
    ("Termin in Advoware", 6, enter_termin),
    ("event in Google", 5, enter_event),
    ("moved in Advoware", 5, move_in_advoware),
    ("moved in Google", 5, move_in_google),
    ("deleted in Advoware", 1, remove_in_advoware),
    ("deleted in Google", 1, remove_in_google),
)
