"""A part of the record: a child list or a group of fields that is carried in the same run, under the same lease.

Purpose: the run, relinking, erasing, echoes, the sweep, the search and the drift report ask every part of `PARTS` and
know none by name.
Invariant: a part plans by a pure function of core from a snapshot of its own; nothing of it is written but by `write`
and by the record's one PATCH.
To extend: a folder in parts/ with a class that derives from `Part`, its pure plan in core, and a row in
parts/__init__.py.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

from django.db.models import Model, QuerySet

from syncapp.core.parts import Around, Obstacle, PartPlan, PartSnapshot
from syncapp.core.sides import Side
from syncapp.engine.runs.run import Failed, RunLog, Written
from syncapp.engine.runs.steps import Step
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Invalid

# Where values of a person are, and what is put in their place; without a replacement the rows themselves go.
Place = tuple[Callable[[str], "QuerySet[Model]"], Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """What the writes of one part have come to.

    attributes: for the record's PATCH. bookkeeping: of ours, shown in EspoCRM with it. columns: for the row at the end.
    written: what the PATCH changes, for the history. left_over: something is owed to the next run. has_rest: something
    good may have been left out for a bad one, and is to be tried in this run. set_aside: a side may not be written.
    unfinished: the next run is to do what this one was to: nothing was written, or what failed is not remembered.
    """

    attributes: Mapping[str, object] = field(default_factory=dict)
    bookkeeping: Mapping[str, object] = field(default_factory=dict)
    columns: Mapping[str, object] = field(default_factory=dict)
    reports: tuple[Mapping[str, Any], ...] = ()
    written: tuple[Written, ...] = ()
    wrote: bool = False
    left_over: bool = False
    has_rest: bool = False
    set_aside: bool = False
    unfinished: bool = False
    failure: Failed | None = None


@dataclass(frozen=True, slots=True)
class PartLine:
    """One element of a part on both sides, for a page: codes and plain values, no words.

    step: the plan's step for it, "" where it stays. report: why it is not carried, or what else is to be told of it.
    cases: what people have to do about it. state: of the link, where that is no plain pair. `whole_…`: what stands
    there in full where the other two show only a part of it (an account); for who has the right of its own to see it.
    """

    espocrm: str | None = None
    espocrm_kind: str = ""
    advoware: str | None = None
    advoware_kind: str = ""
    remark: str = ""
    base_espocrm: str | None = None
    base_advoware: str | None = None
    step: str = ""
    report: str = ""
    cases: tuple[str, ...] = ()
    state: str = ""
    whole_espocrm: str | None = field(default=None, repr=False)
    whole_advoware: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PartChange:
    """One value of a part that would be written to a side: what stands on both sides after and before it."""

    what: str
    espocrm: str | None
    advoware: str | None
    to: Side
    step: str


# What a guard counts: a step, the element it is about, and which of several.
Counted = tuple[str, int | None, int]


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guards count of one plan: each removal and each create by a name of its own, and how many values give
    way to the other side."""

    removals: frozenset[Counted] = frozenset()
    creates: frozenset[Counted] = frozenset()
    lost: int = 0


@dataclass(frozen=True, slots=True)
class KnownLine:
    """One element as it is remembered, or as the one side that answers shows it, beside what is known of the other.

    what: the code of its label. entry: Advoware's id of it, kinds: what each system calls its type; "" where unknown.
    """

    what: str
    espocrm: str | None = None
    advoware: str | None = None
    entry: str = ""
    espocrm_kind: str = ""
    advoware_kind: str = ""


@dataclass(frozen=True, slots=True)
class HandTask:
    """What only a person can do about one element: its texts are those of `code`, filled with `params`."""

    part: str
    code: str
    entry_id: int
    params: Mapping[str, str]
    value: str | None = None


@dataclass(frozen=True, slots=True)
class LostValue:
    """What a conflict has lost. field: of the conflict log, `<name of the part>.<entry>`. stands: the value that won.

    espo: the record as EspoCRM shows it now.
    """

    field: str
    value: str | None
    stands: str | None
    espo: EspoEntity


class NotRestorable(Exception):
    """Nothing is brought back; `obstacle` says why, words/obstacles.py in which sentence."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


def differing(*, carried: bool, left: Mapping[str, bool]) -> tuple[tuple[str, bool], ...]:
    """What `Part.differences` tells: whether a sync will carry something, and which things it will leave."""
    will_be = (("changed_since", True),) if carried else ()
    return (*will_be, *((code, False) for code, holds in left.items() if holds))


SNAPSHOT = TypeVar("SNAPSHOT", bound=PartSnapshot)
PLAN_contra = TypeVar("PLAN_contra", bound=PartPlan, contravariant=True)
RESULT = TypeVar("RESULT", bound=PartResult)


class Part(Protocol[SNAPSHOT, PLAN_contra, RESULT]):
    """All that is asked of a child list. A snapshot, plan or result goes back only to the part that made it.

    Where an answer stands here already, it is that of a part which is not concerned.
    """

    name: str
    # The record's columns that speak of one Beteiligter, and what they become with another.
    forgotten: ClassVar[Mapping[str, object]]
    # Those that hold a person's values, and what they become when the person is erased.
    personal: ClassVar[Mapping[str, object]]

    # --- the run up to the record's PATCH: what is read, what the guards count, what is written

    def read(
        self, row: SyncRecord, *, espo: EspoEntity, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> SNAPSHOT:
        """All that the plan needs."""

    def updated(self, before: SNAPSHOT, *, advo: AdvowareBeteiligter | None) -> SNAPSHOT:
        """The same after an answer of Advoware, which may show more than was read."""

    def guarded(self, plan: PLAN_contra) -> Guarded:
        """What the guards count."""

    def write(
        self, context: Context, log: RunLog, snapshot: SNAPSHOT, plan: PLAN_contra, around: Around
    ) -> RESULT | Step:
        """Carry the plan out in Advoware, each write after a renewal of the lease and before a committed answer."""

    def attributes_for_patch(self, result: RESULT) -> Mapping[str, object]:
        """What the record's one PATCH carries of this part."""
        return result.attributes

    def about_to_patch(self, context: Context, result: RESULT, *, before: EspoEntity, at: str) -> None:
        """Within the renewal before that PATCH: keep what it is about to make of this part. before: the record as it
        was read. at: the time of sync by which EspoCRM shows that the PATCH has arrived."""
        return None

    def refused(self, refusal: Invalid, result: RESULT, snapshot: SNAPSHOT, row: SyncRecord) -> SNAPSHOT | None:
        """What to plan from after EspoCRM refused the PATCH; None if the refusal speaks of something else."""

    def not_kept(
        self, answer: EspoEntity, before: EspoEntity, result: RESULT, snapshot: SNAPSHOT, row: SyncRecord
    ) -> SNAPSHOT | None:
        """What to plan from after EspoCRM took the PATCH and shows that it left something out; None if it did not."""
        return None

    def edited_besides(self, before: EspoEntity, answer: EspoEntity, sent: Collection[str]) -> bool:
        """Whether the answer to our PATCH shows this part otherwise than we had read it, in what we did not send."""
        return False

    # --- what a run keeps and tells, where it fails, goes on or is over

    def columns_when_made(self) -> Mapping[str, object]:
        """The row's columns once a run has made the Beteiligter: nothing is there that a first meeting could find."""
        return {}

    def keep_what_worked(self, context: Context, log: RunLog, result: RESULT) -> None:
        """Commit what is proven by now, where the run fails or goes on."""

    def tell(self, log: RunLog, result: RESULT) -> None:
        """For notices and the history: what the end of the run brings, beside what was told on the way."""

    def commit(self, context: Context, log: RunLog, result: RESULT) -> None:
        """Within the closing transaction: everything as it is proven now."""

    def columns_at_rest(self, result: RESULT, latest: EspoEntity, marker: str | None) -> Mapping[str, object]:
        """The row's columns. marker: EspoCRM's version (or time of change) as a success leaves it; None: no success."""
        return result.columns

    # --- relinking and erasing: what goes with the Beteiligter, and what with the person

    def forget(self, row: SyncRecord) -> None:
        """Drop what is known of the Beteiligter that the record was tied to."""

    def erase(self) -> tuple[Place, ...]:
        """Where this part keeps a person's values, beside the row's columns in `personal`."""
        return ()

    # --- webhooks, the sweep and the looks without a run: whether there is a reason for one

    def judge_event(self, attributes: Mapping[str, object]) -> Mapping[str, object]:
        """What a webhook's element says of this part, in the canonical form of `held`."""
        return {}

    def held(self, row: SyncRecord) -> Mapping[str, object]:
        """What EspoCRM held of this part after the last sync, in the form of `judge_event`."""
        return {}

    def listed(self) -> tuple[str, ...]:
        """Attributes that a list row has to carry, so that it can stand for the record."""
        return ()

    def as_left(self, row: SyncRecord, advo: AdvowareBeteiligter) -> bool:
        """Whether Advoware shows this part as the last sync left it; what cannot be told is no reason for a run."""

    def confirmed(self, row: SyncRecord) -> None:
        """Within the transaction that says so: the confirming look saw Advoware as our writes had left it."""
        return None

    def count_in(self, attributes: Mapping[str, object]) -> int:
        """How many elements of this part such an element carries: a delivery is read within bounds."""
        return 0

    def stand_in(self, row: SyncRecord) -> Mapping[str, object] | None:
        """What list rows lack of this part, as EspoCRM gave it last; None if that is not known."""
        return {}

    # --- search, previews, the drift report and the record's page; nothing is written

    def found_by(self, row: SyncRecord) -> list[str]:
        """What the record is found by."""

    def describe(self, snapshot: SNAPSHOT, plan: PLAN_contra) -> tuple[PartLine, ...]:
        """Every element, for the record's page."""

    def changes(self, snapshot: SNAPSHOT, plan: PLAN_contra) -> tuple[PartChange, ...]:
        """Value by value, for the file that a person checks."""

    def tally(self, snapshot: SNAPSHOT, plan: PLAN_contra) -> Mapping[str, int]:
        """The plan in numbers, by codes of this part's own; nothing where it has none."""
        return {}

    def differences(self, snapshot: SNAPSHOT, plan: PLAN_contra) -> tuple[tuple[str, bool], ...]:
        """For the drift report: what is not equal, by code, and whether a sync will settle it."""

    def known(self, row: SyncRecord) -> tuple[KnownLine, ...]:
        """Every element as both sides held it after the last sync; no remote call."""

    def beside(
        self, row: SyncRecord, *, espo: EspoEntity | None = None, advo: AdvowareBeteiligter | None = None
    ) -> tuple[KnownLine, ...]:
        """One system is away: every element as the other one (the argument given) shows it, beside what is known.

        What is known alone, of a list that would have to be read for a page while a system is disturbed.
        """
        return self.known(row)

    # --- what people do: bring a value back, settle by hand what no program can

    def restoring(self, row: SyncRecord, lost: LostValue, *, clients: Clients) -> Callable[[], object]:
        """The one write to EspoCRM that brings a value back which lost. Raises NotRestorable."""
        raise NotRestorable(Obstacle.NOT_KEPT)

    def hand_tasks(self, row: SyncRecord) -> tuple[HandTask, ...]:
        """What waits for a person to do it by hand."""
        return ()

    def hand_task_done(self, row: SyncRecord, *, code: str, entry_id: int) -> str:
        """A person says that it is done: what to note of it; "" where nothing of the kind waits. No run is at work."""
        return ""
