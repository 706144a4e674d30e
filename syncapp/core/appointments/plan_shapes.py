"""What goes into the plan for one employee, and what comes out.

Purpose: the words that shadow, preview, page, dry run and live run share.
Invariant: a plan is a value; nothing here decides or does anything. Texts of appointments stand in `Lost` alone, for
the conflict log and the page, never for logs.
To extend: a new row of the decision table is a member of PairRow (and of `decision_table.TABLE`), a new thing to tell
people a PairReportCode or a QuestionCode; both have their sentences in words/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from syncapp.core.appointments.forms.canonical import Group, Value
from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy, CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, PlannedStep
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from syncapp.core.guards import Change


class PairRow(StrEnum):
    """The rows of the decision table, by name."""

    new_in_advoware = "new_in_advoware"
    new_in_google = "new_in_google"
    only_in_google = "only_in_google"
    first_meeting = "first_meeting"
    same = "same"
    changed_in_advoware = "changed_in_advoware"
    changed_in_google = "changed_in_google"
    changed_in_both = "changed_in_both"
    gone_in_advoware = "gone_in_advoware"
    gone_and_changed = "gone_and_changed"
    deleted_in_google = "deleted_in_google"
    changed_and_deleted = "changed_and_deleted"
    gone_on_both = "gone_on_both"
    moved = "moved"
    withheld = "withheld"
    unsupported = "unsupported"
    unseen = "unseen"
    returned_from_trash = "returned_from_trash"


class PairReportCode(StrEnum):
    """What people are told; each once, as long as it holds."""

    conflict = "conflict"  # one side's change gave way
    conflict_between_copies = "conflict_between_copies"  # the same, and the other change came from another calendar
    put_back = "put_back"  # changed in Google, not allowed there
    typed_over = "typed_over"  # changed in Google where Google shows less than there is
    typed_kept = "typed_kept"  # typed into a private appointment's event: stays in Google
    not_taken = "not_taken"  # Advoware did not keep what was written
    restored = "restored"  # deleted in Google, made again
    delete_by_hand = "delete_by_hand"  # Advoware does not delete Termine
    unsupported = "unsupported"
    only_in_google = "only_in_google"
    orphan = "orphan"  # an event of ours whose Termin is gone
    exceptions = "exceptions"  # single occurrences that differ in Google alone
    exceptions_lost = "exceptions_lost"  # and that went, since the series itself had to change
    moved = "moved"
    withheld = "withheld"  # private by now, and private ones are left out
    adopted = "adopted"  # a write whose answer was lost had arrived


class OnlyInGoogle(StrEnum):
    """Why an event stays without a Termin."""

    not_allowed = "not_allowed"
    has_guests = "has_guests"
    other_organiser = "other_organiser"
    private = "private"
    not_representable = "not_representable"
    elsewhere = "elsewhere"
    rest_of_series = "rest_of_series"  # split off a series that runs on in Advoware
    text_not_known = "text_not_known"  # Google shows our words in place of its text
    orphan = "orphan"


class QuestionCode(StrEnum):
    """What a person has to decide; the answer goes into `Pair.decided` under this code."""

    conflict = "conflict"  # advoware or google, as `conflict:<group>`
    gone_and_changed = "gone_and_changed"  # advoware or google
    ambiguous = "ambiguous"  # a frNr, or `new`
    first_meeting_far_away = "first_meeting_far_away"  # a frNr, or `new`: nothing to compare it with was read
    post_outcome_unknown = "post_outcome_unknown"  # a frNr, or `new`
    many_new = "many_new"  # released for the employee
    private_text_differs = "private_text_differs"  # advoware: Google is put back
    oscillates = "oscillates"  # advoware or google, for each group: `swing_about`


NEW = "new"


@dataclass(frozen=True, slots=True)
class Lost:
    """A change that gave way; kept so that it can be restored."""

    group: Group
    side: CalendarSide
    value: Value
    kept: Value


@dataclass(frozen=True, slots=True)
class PairReport:
    """again: people have been told of it before; for the log alone."""

    code: PairReportCode
    detail: str = ""
    groups: frozenset[Group] = frozenset()
    lost: tuple[Lost, ...] = ()
    count: int = 0
    again: bool = False

    @property
    def key(self) -> str:
        return f"{self.code.value}:{self.detail}"


@dataclass(frozen=True, slots=True)
class Question:
    """candidates: the numbers of the Termine that come into question. cannot: why it cannot be as Google has it (an
    OnlyInGoogle or FormReason); "" where it can."""

    code: QuestionCode
    groups: frozenset[Group] = frozenset()
    candidates: tuple[int, ...] = ()
    cannot: str = ""


@dataclass(frozen=True, slots=True)
class PairPlan:
    """What becomes of one pair.

    pair: the row to be committed first (where it differs from `before`). steps: its writes in order; before each the
    row is committed with its intent, after each as `answers` says; the first that fails ends them.
    put_off: the row instead, where the steps have to wait for a later pass; None: then nothing is committed.
    """

    row: PairRow
    before: AppointmentPair | None
    pair: AppointmentPair
    steps: tuple[PlannedStep, ...] = ()
    reports: tuple[PairReport, ...] = ()
    questions: tuple[Question, ...] = ()
    put_off: AppointmentPair | None = None

    @property
    def changes_row(self) -> bool:
        return self.pair != self.before


class HoldReason(StrEnum):
    """Why a whole employee waits for a person."""

    too_many_removals = "too_many_removals"
    advoware_list_small = "advoware_list_small"
    google_list_small = "google_list_small"


@dataclass(frozen=True, slots=True)
class HeldEmployee:
    """Why nothing of a whole pass is written. planned, of: the numbers that people are told."""

    reason: HoldReason
    planned: int
    of: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one pass does for one employee.

    pairs: in the order in which they are carried out. read_again: that side's list looks too short: read it once more
    after a minute, and plan with `second_reading`. held: nothing is written and nothing committed, the sync token
    neither. deferred: how many creations are left for the next pass, which may follow at once. list_whole: the next one
    may too, and has to list the whole calendar, for what a list of changes does not show.
    """

    pairs: tuple[PairPlan, ...] = ()
    held: HeldEmployee | None = None
    read_again: CalendarSide | None = None
    many_new: int = 0
    deferred: int = 0
    list_whole: bool = False

    @property
    def steps(self) -> tuple[PlannedStep, ...]:
        return tuple(step for pair in self.pairs for step in pair.steps)

    def count(self, action: AppointmentAction) -> int:
        return sum(step.action is action for step in self.steps)


class ReadOutcome(StrEnum):
    """What reading a single item said."""

    found = "found"
    gone = "gone"  # 404 (Google: or cancelled), while its list is readable
    empty = "empty"  # Advoware: 200 with nothing in it
    refused = "refused"  # Advoware: of this one alone, no answer that proves anything


@dataclass(frozen=True, slots=True)
class SingleRead:
    outcome: ReadOutcome
    termin: AdvowareTermin | None = None
    event: CalendarEvent | None = None


@dataclass(frozen=True)
class CalendarSnapshot:
    """One employee, both sides, as read for this pass, and the choices that it is planned by.

    now: with its zone. daily: the full pass, which lists the whole calendar too, so that nothing that one list left out
    stays unseen. events: the whole calendar (`full_google`), or what has changed since the token, with tombstones; the
    newest `updated` of each id alone. closed: rows that are over, for the ids they burnt. termin_reads, event_reads:
    what `evidence.needed` asked for. whole: False for a single pair that is decided anew. written_by_copies: numbers
    whose Termin was last written from another calendar. moved_here: ids of events that were moved here in Google, and
    whose Termin the calendar where they stood before has deleted, or lets people delete. named: rows of other calendars
    whose Termin an event here bears the number of, the one written last at the end; of each only its ids, its origin,
    its bases and how it is shown. changes: google id -> what the sync gave to its fields lately.
    """

    employee: CalendarOwner
    policy: CalendarPolicy
    now: datetime
    termine: Sequence[AdvowareTermin]
    events: Sequence[CalendarEvent]
    pairs: Sequence[AppointmentPair]
    closed: Sequence[AppointmentPair] = ()
    full_google: bool = False
    daily: bool = False
    termin_reads: Mapping[int, SingleRead] = field(default_factory=dict)
    event_reads: Mapping[str, SingleRead] = field(default_factory=dict)
    released: frozenset[str] = frozenset()
    held_sides: frozenset[CalendarSide] = frozenset()
    second_reading: bool = False
    whole: bool = True
    force: bool = False
    written_by_copies: frozenset[int] = frozenset()
    moved_here: frozenset[str] = frozenset()
    named: Sequence[AppointmentPair] = ()
    changes: Mapping[str, Sequence[Change]] = field(default_factory=dict)
