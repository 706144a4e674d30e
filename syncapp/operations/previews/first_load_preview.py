"""What the next sync would do for one record, in a word, in lines and in values: for previews and dry runs.

Invariant: decided by the run's own code, so a preview and a run that follows it without an edit between agree.
`lines` and the JSON carry no personal values; only `changes` and `points` do, for the file that a person checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from syncapp.core.beteiligte.plan import BETNR_HIDDEN, RecordPlan
from syncapp.core.child_lists.tally import ListCount
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.three_way_merge import MergeOutcome, Verdict
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.snapshot import Reading
from syncapp.operations.previews.bulk_preview import BulkPreview, Pair
from syncapp.words import sentences
from syncapp.words.plain_errors import PlainError


class FirstLoadAction(StrEnum):
    """What would become of a record. The order is that of the summary."""

    create = "create"
    unlinked = "unlinked"
    betnr_hidden = "betnr_hidden"
    link = "link"
    equal = "equal"
    to_advoware = "to_advoware"
    to_espocrm = "to_espocrm"
    merged = "merged"
    conflict = "conflict"
    invalid = "invalid"
    duplicate = "duplicate"
    gone_in_advoware = "gone_in_advoware"
    gone_in_espocrm = "gone_in_espocrm"
    held = "held"
    unreadable = "unreadable"


MEANINGS: dict[FirstLoadAction, str] = {
    FirstLoadAction.create: "would be created in Advoware",
    FirstLoadAction.unlinked: "have no betNr and would be left alone (--create makes them, --links ties them)",
    FirstLoadAction.betnr_hidden: "would be left alone: EspoCRM does not show the API user whether they have a betNr",
    FirstLoadAction.link: "would be linked, nothing to carry",
    FirstLoadAction.equal: "are linked and equal",
    FirstLoadAction.to_advoware: "would be updated in Advoware",
    FirstLoadAction.to_espocrm: "would be updated in EspoCRM",
    FirstLoadAction.merged: "would be updated on both sides",
    FirstLoadAction.conflict: "differ in a field that both sides may have changed: settled by the policy, and logged",
    FirstLoadAction.invalid: "would be refused: content that the other side does not take",
    FirstLoadAction.duplicate: "carry a betNr that another record has",
    FirstLoadAction.gone_in_advoware: "carry a betNr that Advoware does not know",
    FirstLoadAction.gone_in_espocrm: "are gone in EspoCRM",
    FirstLoadAction.held: "are held by hand",
    FirstLoadAction.unreadable: "could not be read",
}
# What an element of a part is called in a line; else by the part's name.
ELEMENTS = {"kommunikation": "contact point", "adressen": "address", "bankverbindungen": "bank account"}
LIST_MEANINGS: dict[str, str] = {
    ListCount.matched: "equal on both sides, would be linked",
    ListCount.similar: "look alike: people would be asked whether they are the same",
    ListCount.only_in_espocrm: "stand in EspoCRM alone",
    ListCount.only_in_advoware: "stand in Advoware alone",
    ListCount.double: "stand there twice",
    ListCount.stopped: "records whose list one side did not show",
}
VERDICTS = {
    Verdict.espocrm_newer: FirstLoadAction.to_advoware,
    Verdict.advoware_newer: FirstLoadAction.to_espocrm,
    Verdict.merged: FirstLoadAction.merged,
    Verdict.conflict: FirstLoadAction.conflict,
}


@dataclass(frozen=True, slots=True)
class FirstLoadChange:
    """One value that would be carried or held. `where`: to_advoware, to_espocrm or hold."""

    field: str
    espo: str | None
    advo: str | None
    where: str
    case: str


@dataclass(frozen=True, slots=True)
class FirstLoadPreview:
    espo_id: str
    betnr: int | None
    name: str
    action: FirstLoadAction
    changes: tuple[FirstLoadChange, ...] = ()
    contacts: tuple[str, ...] = ()
    points: tuple[FirstLoadChange, ...] = ()
    faults: tuple[str, ...] = ()
    verdict: str = ""
    words: str = ""
    lists: Mapping[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """In words, without personal values."""
        head = f"{self.action}" if not self.verdict else f"verdict {self.verdict}"
        lines = [f"create in Advoware: {head}" if self.action is FirstLoadAction.create else head]
        lines += [f"{change.field}: {change.where} ({change.case})" for change in self.changes]
        lines += self.contacts
        lines += [f"{name}: {number}" for name, number in self.lists.items()]
        lines += [f"refused: {fault}" for fault in self.faults]
        return lines + ([self.words] if self.words else [])

    def as_duplicate(self) -> "FirstLoadPreview":
        """The same betNr was seen with another record before."""
        return replace(self, action=FirstLoadAction.duplicate, words="the same betNr stands in another record too")

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "betnr": self.betnr,
            "action": self.action.value,
            "verdict": self.verdict,
            "fields": [{"field": c.field, "where": c.where, "case": c.case} for c in self.changes],
            "contacts": list(self.contacts),
            "lists": dict(self.lists),
            "faults": list(self.faults),
            "detail": self.words,
        }


def first_load_preview_of(espo_id: str) -> FirstLoadPreview:
    """One record. Raises PlainError where a side cannot be read."""
    pair = BulkPreview(parallel=1).pair(espo_id)
    if pair.trouble == "unreadable":
        raise PlainError(pair.words)
    return foresee(pair, create=True)


def foresee(pair: Pair, *, create: bool) -> FirstLoadPreview:
    """create: whether records without betNr would be created."""
    record, plan, reading = pair.record, pair.plan, pair.reading
    known = FirstLoadPreview(record.espo_id, pair.betnr, record.name, FirstLoadAction.equal, words=pair.words)
    if pair.trouble or plan is None or reading is None:
        return replace(known, action=FirstLoadAction(pair.trouble))
    named = replace(known, name=str(reading.columns["name"]))
    if record.hold:
        return replace(named, action=FirstLoadAction.held, words=record.hold)
    if plan.refusal is not None and plan.refusal.code == BETNR_HIDDEN:
        return replace(named, action=FirstLoadAction.betnr_hidden, words=_waits_for(plan))
    if plan.create is not None and not create:
        return replace(named, action=FirstLoadAction.unlinked)
    faults = tuple(sentences.fault_sentence(fault.as_json()) for fault in plan.all_faults)
    return replace(
        named,
        action=FirstLoadAction.invalid if faults else _action(plan, linked=record.linked),
        changes=tuple(_field_changes(plan)),
        contacts=tuple(name for part in PARTS for name in _part_steps(plan, part.name)),
        points=tuple(_part_changes(plan, reading)),
        faults=faults,
        verdict=plan.verdict if plan.create is None else "",
        lists=_tallies(plan, reading),
        words=_waits_for(plan),
    )


def _action(plan: RecordPlan, *, linked: bool) -> FirstLoadAction:
    if _waits_for(plan):
        return FirstLoadAction.held
    if plan.create is not None:
        return FirstLoadAction.create
    if Verdict(plan.verdict) in VERDICTS:
        return VERDICTS[Verdict(plan.verdict)]
    if any(not part.is_empty for part in plan.parts.values()):
        return FirstLoadAction.merged
    return FirstLoadAction.equal if linked else FirstLoadAction.link


def _waits_for(plan: RecordPlan) -> str:
    """What only a person can settle; the creates of a first load are released by it."""
    refusal = plan.refusal
    if refusal is None or refusal.kind is ErrorKind.NEEDS_CONFIRMATION:
        return ""
    return sentences.sentence({"code": refusal.code, "params": refusal.params})


def _field_changes(plan: RecordPlan) -> list[FirstLoadChange]:
    created = [
        FirstLoadChange(key, value, None, "to_advoware", "new") for key, value in (plan.create or {}).items() if value
    ]
    results = plan.fields.comparison.results if plan.fields else ()
    return created + [
        FirstLoadChange(result.field, result.espo, result.advo, str(result.outcome), str(result.case))
        for result in results
        if result.outcome is not MergeOutcome.keep
    ]


def _part_steps(plan: RecordPlan, name: str) -> tuple[str, ...]:
    part, what = plan.parts[name], ELEMENTS.get(name, name)
    writes = (*part.advoware_writes(), *part.espocrm_writes())
    return tuple(f"{what}: {step}" for step in (*(write.reason for write in writes), *part.espocrm_values()))


def _tallies(plan: RecordPlan, reading: Reading) -> dict[str, int]:
    return {
        f"{part.name}.{code}": number
        for part in PARTS
        for code, number in part.tally(reading.snapshot.parts[part.name], plan.parts[part.name]).items()
    }


def _part_changes(plan: RecordPlan, reading: Reading) -> list[FirstLoadChange]:
    """What would be carried, and what waits for people, with both sides beside each other."""
    moved = [
        FirstLoadChange(one.what, one.espocrm, one.advoware, f"to_{one.to}", one.step)
        for part in PARTS
        for one in part.changes(reading.snapshot.parts[part.name], plan.parts[part.name])
    ]
    asked = [
        FirstLoadChange(part.name, line.espocrm, line.advoware, "hold", case)
        for part in PARTS
        for line in part.describe(reading.snapshot.parts[part.name], plan.parts[part.name])
        for case in line.cases
    ]
    return moved + asked
