"""The plan of a record: what a run would do, decided once for everybody who asks.

Purpose: `plan_record` turns a snapshot into one value. The live run applies it; the shadow, the dry run, the record's
page, the bulk preview, the first load's preview and the drift report render it.
Invariant: pure, and the only place that compares both sides, validates what is about to be written and asks the parts
for their plans; so what a preview says is what a run does.
To extend: a further reason to stop is a line in `_create_refusal` or in `_faults`, a further thing to tell people a
line in `_reports`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from syncapp.core.base import Base
from syncapp.core.beteiligte.ancestor import Ancestor, ancestor_of
from syncapp.core.beteiligte.next_base import seen_base
from syncapp.core.beteiligte.snapshot import AdvowareSide, Snapshot, StoredState
from syncapp.core.beteiligte.validation import Fault, in_advowares_spelling, validate
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.guards import emptied
from syncapp.core.intents import Intent
from syncapp.core.parts import Around, Direction, PartPlan, PartSnapshot, PlannedWrite
from syncapp.core.requests import Override
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import (
    BothSides,
    Comparison,
    FieldResult,
    Instead,
    MergeCase,
    Verdict,
    compare,
    holding_back,
)

NOTHING: Values = {}
BETNR_HIDDEN = "betnr_hidden"  # the code of a refusal


@dataclass(frozen=True)
class Refusal:
    """Why a run would stop before it writes anything: the kind of error, what people are told, and its details."""

    kind: ErrorKind
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """Something for the record's page that stops nothing."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldsPlan:
    """The master data of a linked pair.

    base: what the look proved of earlier writes, where both sides show the same, and what is in doubt; it is committed
    before the first write, since a write without an answer must not take back what both had agreed on, nor our own
    mark what the signals say. intents: those that still wait.
    """

    comparison: Comparison
    base: Base
    intents: tuple[Intent, ...] = ()


@dataclass(frozen=True)
class RecordPlan:
    """What one run does with one record.

    create: the values of the Beteiligter that is made (None: there is one). fields: the master data of a linked pair.
    refusal, faults: why nothing would be written. held_back: faults of what stands in Advoware; each keeps back its own
    field alone, all else is carried, and the run fails with them. removals: fields that would be emptied; the parts
    count their own.
    may_write: False where everything is only planned (shadow, outside the pilot).
    """

    create: Values | None = None
    fields: FieldsPlan | None = None
    parts: Mapping[str, PartPlan] = field(default_factory=dict)
    around: Around = field(default_factory=Around)
    refusal: Refusal | None = None
    faults: tuple[Fault, ...] = ()
    held_back: tuple[Fault, ...] = ()
    reports: tuple[Told, ...] = ()
    removals: int = 0
    may_write: bool = True

    @property
    def verdict(self) -> str:
        """As the history and the figures name it; a create that is stopped has none."""
        if self.fields is not None:
            return str(self.fields.comparison.verdict)
        return str(Verdict.espocrm_newer) if self.create and not (self.refusal or self.faults) else ""

    @property
    def all_faults(self) -> tuple[Fault, ...]:
        """Everything that somebody has to correct, on either side."""
        return (*self.faults, *self.held_back)

    @property
    def direction(self) -> str:
        """Which way the parts go, for the history."""
        return str(self.around.direction)

    @property
    def to_advoware(self) -> Values:
        """Changed fields of the Beteiligter that there is."""
        return NOTHING if self.fields is None else self.fields.comparison.to_advo

    @property
    def to_espocrm(self) -> Values:
        return NOTHING if self.fields is None else self.fields.comparison.to_espo

    @property
    def to_both(self) -> Values:
        """Of these, a person's own value that goes to both sides."""
        return {name: value for name, value in self.to_advoware.items() if name in self.to_espocrm}

    @property
    def conflicts(self) -> tuple[FieldResult, ...]:
        return () if self.fields is None else self.fields.comparison.conflicts

    @property
    def held(self) -> tuple[FieldResult, ...]:
        """Conflicts that wait for a person."""
        return () if self.fields is None else self.fields.comparison.held

    @property
    def company(self) -> bool:
        return self.fields is not None and self.fields.comparison.company

    @property
    def field_names(self) -> list[str]:
        """`side.field` of each field that changes on a linked pair."""
        names = [f"advoware.{name}" for name in self.to_advoware]
        return names + [f"espocrm.{name}" for name in self.to_espocrm]

    @property
    def lines(self) -> list[str]:
        """What would be carried, by name, without values."""
        created = [f"advoware.{name}" for name in self.create or ()]
        return created + self.field_names + [step for part in self.parts.values() for step in part.steps()]

    @property
    def is_empty(self) -> bool:
        """Whether no data would be written anywhere."""
        return not self.remote_writes()

    def remote_writes(self) -> tuple[PlannedWrite, ...]:
        """Every write of data that a run would make, in its order; bookkeeping rides along with the last."""
        writes: list[PlannedWrite] = []
        if self.create is not None:
            writes.append(PlannedWrite(Side.advoware, "create", "record", self.create))
        if self.to_advoware:
            writes.append(PlannedWrite(Side.advoware, "change", "record", self.to_advoware))
        for part in self.parts.values():
            writes.extend(part.advoware_writes())
            writes.extend(part.espocrm_writes())
        data = {
            **self.to_espocrm,
            **{name: v for part in self.parts.values() for name, v in part.espocrm_values().items()},
        }
        if data:
            writes.append(PlannedWrite(Side.espocrm, "change", "record", data))
        return tuple(writes)

    def with_part(self, name: str, snapshot: PartSnapshot) -> "RecordPlan":
        """The same plan, with one part planned anew from what it knows by now."""
        return replace(self, parts={**self.parts, name: snapshot.plan(self.around)})


def plan_record(snapshot: Snapshot) -> RecordPlan:
    if snapshot.betnr_of_other:
        return RecordPlan(refusal=_duplicate(snapshot), may_write=snapshot.may_write)
    planned = _created(snapshot) if snapshot.advo is None else _compared(snapshot, snapshot.advo)
    return replace(
        planned,
        parts={name: part.plan(planned.around) for name, part in snapshot.parts.items()},
        may_write=snapshot.may_write,
    )


def _duplicate(snapshot: Snapshot) -> Refusal:
    params = {"betnr": snapshot.espo.betnr, "record": "", "other": snapshot.betnr_of_other}
    return Refusal(ErrorKind.DUPLICATE_LINK, "duplicate_link", params)


# --- a record without a Beteiligter


def _created(snapshot: Snapshot) -> RecordPlan:
    field_map, values = snapshot.rules.field_map, snapshot.espo.values
    create = in_advowares_spelling(field_map.created_with(values), snapshot.rules.rechtsformen)
    left_out = _of_fields("no_counterpart", field_map.unmappable(values))
    return RecordPlan(
        create=create,
        around=Around(created=True),
        refusal=_create_refusal(snapshot),
        faults=(*_betnr_faults(snapshot), *_faults(snapshot, Side.advoware, create, complete=True)),
        reports=(*_hidden(snapshot), *left_out, *_rechtsform(snapshot, create)),
    )


def _create_refusal(snapshot: Snapshot) -> Refusal | None:
    """A create whose outcome is unknown is never repeated; a betNr that is not shown may be there; an old record
    without betNr needs somebody's word."""
    stored, created, live_since = snapshot.stored, snapshot.espo.created_at, snapshot.rules.live_since
    if stored.create_since is not None:
        return Refusal(ErrorKind.CREATE_OUTCOME_UNKNOWN, "create_outcome_unknown", {"since": stored.create_since})
    if snapshot.espo.betnr_is_hidden:
        return Refusal(ErrorKind.FORBIDDEN, BETNR_HIDDEN)
    is_older = created is None or (live_since is not None and created < live_since.replace(microsecond=0))
    if snapshot.may_write and is_older and not stored.create_released:
        params = {"created": created.isoformat() if created else ""}
        return Refusal(ErrorKind.NEEDS_CONFIRMATION, "needs_confirmation", params)
    return None


# --- a linked pair


def _compared(snapshot: Snapshot, advo: AdvowareSide) -> RecordPlan:
    known = ancestor_of(snapshot, advo)
    fields = _fields(snapshot, advo, known)
    held_back = _held_back(snapshot, fields.comparison.to_espo)
    comparison = holding_back(fields.comparison, {fault.field for fault in held_back})
    fields = replace(fields, comparison=comparison)
    removals = emptied(advo.values, comparison.to_advo) + emptied(snapshot.espo.values, comparison.to_espo)
    return RecordPlan(
        fields=fields,
        around=Around(
            direction=_direction(snapshot.stored, comparison),
            stale_base=known.is_stale,
            espo_untouched=not known.signals.espo_touched,
        ),
        faults=(*_betnr_faults(snapshot), *_faults(snapshot, Side.advoware, comparison.to_advo)),
        held_back=held_back,
        reports=_reports(snapshot, comparison, stale_base=known.is_stale),
        removals=removals,
    )


def _direction(stored: StoredState, comparison: Comparison) -> Direction:
    """EspoCRM won a field: nothing of Advoware's is carried in this run. Everything from Advoware: the other way."""
    if stored.override is Override.FROM_ADVOWARE:
        return Direction.to_espocrm
    return Direction.to_advoware if comparison.espo_won or stored.contacts_to_advoware else Direction.both


def _fields(snapshot: Snapshot, advo: AdvowareSide, known: Ancestor) -> FieldsPlan:
    """Compare with what both were when they were last equal, as far as that is known."""
    stored, rules = snapshot.stored, snapshot.rules
    sides = BothSides(
        espo=snapshot.espo.values,
        advo=advo.values,
        base=known.base,
        fieldmap=rules.field_map,
        no_base=known.signals,
        forced_conflicts=known.conflicts,
        set_back=known.set_back,
        late=known.late,
        decided=_valid_choices(snapshot, advo),
    )
    comparison = compare(sides, replace(rules.policy, override=stored.override))
    spelled = in_advowares_spelling(comparison.to_advo, rules.rechtsformen)
    alike = {name: spelled[name] for name in comparison.to_espo if name in spelled}
    return FieldsPlan(
        comparison=replace(comparison, to_advo=spelled, to_espo={**comparison.to_espo, **alike}),
        base=seen_base(sides, comparison),
        intents=known.open_intents,
    )


def _valid_choices(snapshot: Snapshot, advo: AdvowareSide) -> dict[str, Side | Instead]:
    """Decisions of a person that hold: only for the very values that were shown."""
    return {
        name: choice.keep
        for name, choice in snapshot.stored.choices.items()
        if choice.holds(espo=snapshot.espo.values.get(name), advo=advo.values.get(name))
    }


# --- what both kinds share


def _faults(snapshot: Snapshot, side: Side, values: Values, *, complete: bool = False) -> list[Fault]:
    rules = snapshot.rules
    return validate(
        values,
        fieldmap=rules.field_map,
        side=side,
        rechtsformen=rules.rechtsformen if side is Side.advoware else None,
        today=rules.today,
        complete=complete,
    )


def _held_back(snapshot: Snapshot, to_espocrm: Values) -> tuple[Fault, ...]:
    """By our own rules, and what EspoCRM has said of the very same value."""
    refused = snapshot.stored.refused
    known = [
        refused[name].fault for name, value in to_espocrm.items() if name in refused and refused[name].value == value
    ]
    return (*_faults(snapshot, Side.espocrm, to_espocrm), *known)


def _betnr_faults(snapshot: Snapshot) -> tuple[Fault, ...]:
    """A betnr that is neither empty nor a number: creating a Beteiligter for it would make a double."""
    return (Fault("betnr", "no_betnr"),) if snapshot.espo.betnr_is_no_number else ()


def _reports(snapshot: Snapshot, comparison: Comparison, *, stale_base: bool) -> tuple[Told, ...]:
    late = [result.field for result in comparison.cases(MergeCase.late_writer)]
    return (
        *_hidden(snapshot),
        *_of_fields("missing_in_advoware", comparison.missing_advo),
        *_of_fields("late_write_corrected", late),
        *((Told("stale_base"),) if stale_base else ()),
        *_of_fields("no_counterpart", comparison.unmappable),
        *_rechtsform(snapshot, comparison.to_advo),
    )


def _of_fields(code: str, names: Sequence[str]) -> tuple[Told, ...]:
    return (Told(code, {"fields": list(names)}),) if names else ()


def _hidden(snapshot: Snapshot) -> tuple[Told, ...]:
    names, values = snapshot.rules.field_map.espo_names, snapshot.espo.values
    return _of_fields("hidden_in_espocrm", [key for key in names if key not in values])


def _rechtsform(snapshot: Snapshot, to_advoware: Values) -> Iterator[Told]:
    """A legal form that is carried in Advoware's own spelling, or that could not be checked."""
    form = to_advoware.get("rechtsform")
    if form and snapshot.rules.rechtsformen is None:
        yield Told("rechtsformen_unreadable")
    if form and form != snapshot.espo.values.get("rechtsform"):
        yield Told("rechtsform_respelled", {"value": form})
