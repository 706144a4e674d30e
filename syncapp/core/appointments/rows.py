"""Our knowledge of one appointment in one calendar: the row that links a Termin and an event.

Purpose: what is stored between two passes, as a value that the plan reads and gives back changed.
Invariant: the row is the link; without it neither number nor property connects anything. A base is what that side
held after the last write or agreement, Google's from its own answer. What Google showed and nobody has settled yet is
kept in `waiting`: its feed shows each change once.
To extend: a further part needs a default, since old rows lack it.

| status | what it means |
| --- | --- |
| ok | both sides are as they should be, or will be after this pass |
| failed | the last write failed; tried again by the retry table |
| ask | a person has to decide; nothing of what is asked about is written |
| unsupported | one side holds what the other cannot; both untouched |
| only_in_google | an event without a Termin |
| awaiting_removal | gone in Google; somebody has to delete the Termin by hand |
| closed | over; kept for 90 days |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.shapes import CalendarEvent, EventChange, TerminChange


class Kind(StrEnum):
    single = "single"
    series = "series"
    special = "special"


class PairStatus(StrEnum):
    ok = "ok"
    failed = "failed"
    ask = "ask"
    unsupported = "unsupported"
    only_in_google = "only_in_google"
    awaiting_removal = "awaiting_removal"
    closed = "closed"


class Closed(StrEnum):
    """Why a row is over."""

    gone = "gone"  # on both sides
    moved = "moved"  # the Termin is in another calendar now
    withheld = "withheld"  # the Termin is private by now, and private ones are left out
    unlinked = "unlinked"  # an event that never had a Termin is gone
    detached = "detached"  # the calendar is not the employee's any more; it may come back, with its events


class AppointmentAction(StrEnum):
    """One write. The order of the members is that in which a pass carries them out: nothing goes before all else is."""

    post_termin = "post_termin"
    put_termin = "put_termin"
    patch_event = "patch_event"
    insert_event = "insert_event"
    reword_event = "reword_event"  # of an occurrence that differs from its series: its words alone
    delete_event = "delete_event"
    delete_termin = "delete_termin"

    @property
    def side(self) -> CalendarSide:
        return CalendarSide.google if self.value.endswith("_event") else CalendarSide.advoware


@dataclass(frozen=True, slots=True)
class AppointmentIntent:
    """A write that is committed before it is sent, so that its answer may be lost.

    sent: what the written side is to hold, `groups` of it. carried: what the other side held when it was planned.
    shown: how a written event shows its Termin from then on.
    """

    action: AppointmentAction
    groups: frozenset[Group] = frozenset()
    sent: Canonical | None = None
    carried: Canonical | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class SeriesException:
    """One occurrence that was moved or deleted in Google; it stays there. when: where it is now, as far as that can be
    read; None for one that was deleted."""

    original_start: str
    cancelled: bool = False
    when: When | None = None


@dataclass(frozen=True, slots=True)
class AppointmentPair:
    """The row. id: of our database, None until it is saved; unique are (calendar, google_id) and (employee, fr_nr).

    burnt: ids of its events of earlier generations. shown: how its event shows the Termin. told: what people have been
    told of and still holds, so that it is told once. decided: question -> what a person chose. empty_since: when a
    single read of the Termin first came back empty. reopened: its event came back from Google's trash after its Termin
    had gone too, or was moved here from the calendar that it had gone with: somebody wants it, and its properties count
    no more. read_at: when its Termin or event was last
    read singly; None where Google has shown something of it since. wait_until: before that a failed row is left alone.
    """

    google_id: str
    id: int | None = None
    fr_nr: int | None = None
    anwalt: str = ""
    generation: int = 0
    burnt: tuple[str, ...] = ()
    origin: CalendarSide = CalendarSide.advoware
    kind: Kind = Kind.single
    base_advoware: Canonical | None = None
    base_google: Canonical | None = None
    etag: str = ""
    stamp: str = ""
    shown: Shown = Shown.full
    resting: bool = False
    status: PairStatus = PairStatus.ok
    closed: Closed | None = None
    reason: FormReason | None = None
    notes: frozenset[SilentNote] = frozenset()
    intent: AppointmentIntent | None = None
    waiting: CalendarEvent | None = None
    exceptions: tuple[SeriesException, ...] = ()
    told: frozenset[str] = frozenset()
    decided: Mapping[str, str] = field(default_factory=dict)
    empty_since: datetime | None = None
    reopened: bool = False
    read_at: datetime | None = None
    wait_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status is not PairStatus.closed

    @property
    def is_linked(self) -> bool:
        return self.fr_nr is not None

    def over(self, why: Closed) -> "AppointmentPair":
        return replace(
            self, status=PairStatus.closed, closed=why, intent=None, waiting=None, told=frozenset(), decided={}
        )


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One write of a plan, with everything that it needs.

    intent: to be committed with the row before the write. etag: for If-Match, "" where there is none. expects: the form
    that the Termin must still have right before a PUT or a deletion, else the pair is decided anew. removes: counts for
    the brake. closes: why the row is over once it is done. earlier: an insert of the same event that got no answer, and
    may be what this one meets there.
    """

    intent: AppointmentIntent
    google_id: str = ""
    etag: str = ""
    fr_nr: int | None = None
    event: EventChange | None = None
    termin: TerminChange | None = None
    expects: Canonical | None = None
    removes: bool = False
    closes: Closed | None = None
    earlier: AppointmentIntent | None = None

    @property
    def action(self) -> AppointmentAction:
        return self.intent.action

    @property
    def groups(self) -> frozenset[Group]:
        return self.intent.groups
