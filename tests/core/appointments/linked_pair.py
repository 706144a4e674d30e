"""One appointment that is in both, stated outright: its row, what either side shows of it, and the plan for it.

Purpose: a test of one rule says what was read and looks at the whole plan, without passes before it.
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.drafts import event_change, termin_change
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.pairs.decision_table import decide
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.plan_shapes import CalendarSnapshot, PairPlan, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy
from syncapp.core.appointments.rows import AppointmentPair
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from tests.core.appointments.world import NOON

OWN, FR_NR = "own", 7
OURS = {"advosyncId": OWN, "advosyncFrNr": "7"}
WHEN = When(False, "2026-06-02T09:00", "2026-06-02T10:00")
LATER = When(False, "2026-06-02T15:00", "2026-06-02T16:00")
FORM = Canonical(WHEN, None, "Gericht", "Saal 3", "Akte")
ALL = frozenset(Group)

GONE = SingleRead(ReadOutcome.gone)
EMPTY = SingleRead(ReadOutcome.empty)


def row(**values: Any) -> AppointmentPair:
    """Both sides were FORM when the last pass ended."""
    known = AppointmentPair(
        OWN, id=1, fr_nr=FR_NR, anwalt="SB", base_advoware=FORM, base_google=FORM, etag='"1"', stamp="one"
    )
    return replace(known, **values)


def seen_row(**values: Any) -> AppointmentPair:
    """That row after a pass that was shown the event."""
    return row(**{"etag": '"2"', **values})


def termin(form: Canonical = FORM, **values: Any) -> AdvowareTermin:
    return replace(
        AdvowareTermin(FR_NR, **_said(termin_change(form, Group)), stamp="one"), **{"anwalt": "SB", **values}
    )


def event(form: Canonical = FORM, **values: Any) -> CalendarEvent:
    return replace(CalendarEvent(OWN, **_said(event_change(form, Group)), etag='"2"'), **values)


def tombstone() -> CalendarEvent:
    return CalendarEvent(OWN, status="cancelled")


def _said(change: Any) -> dict[str, Any]:
    values = {one.name: getattr(change, one.name) for one in fields(change)}
    return {name: value for name, value in values.items() if value is not None}


def seen(
    *shown: AdvowareTermin | CalendarEvent,
    pairs: Iterable[AppointmentPair] = (),
    write: bool = True,
    full_content: bool = True,
    policy: CalendarPolicy | None = None,
    **snapshot: Any,
) -> IndexedSnapshot:
    """A pass that was shown these, in a list of changes unless `full_google` is said."""
    owner = CalendarOwner("SB", "sb@calendar", full_content=full_content, write_to_advoware=write)
    termine = [one for one in shown if isinstance(one, AdvowareTermin)]
    events = [one for one in shown if isinstance(one, CalendarEvent)]
    chosen = policy or CalendarPolicy()
    return IndexedSnapshot(CalendarSnapshot(owner, chosen, NOON, termine, events, tuple(pairs), **snapshot))


def decided(pair: AppointmentPair, *shown: AdvowareTermin | CalendarEvent, **circumstances: Any) -> PairPlan:
    return decide(seen(*shown, pairs=[pair], **circumstances), pair)
