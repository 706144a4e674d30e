"""What the next sync would do for one record, in a word, in lines and in values: for previews and dry runs.

Invariant: decided by the run's own code, so a forecast and a run that follows it without an edit between agree.
`lines` and the JSON carry no personal values; only `changes` and `points` do, for the file that a person checks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils import timezone

from syncapp.core.beteiligte.field_table import Side
from syncapp.core.beteiligte.validation import Fault, validate
from syncapp.core.three_way_merge import Comparison, FieldResult, Outcome, Verdict
from syncapp.operations.previews.bulk_preview import BulkPreview, Pair
from syncapp.operations.previews.contact_changes import Change, contact_changes
from syncapp.words import sentences
from syncapp.words.plain_errors import PlainError


class Action(StrEnum):
    """What would become of a record. The order is that of the summary."""

    create = "create"
    unlinked = "unlinked"
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


MEANINGS: dict[Action, str] = {
    Action.create: "would be created in Advoware",
    Action.unlinked: "have no betNr and would be left alone (--create makes them, --links ties them)",
    Action.link: "would be linked, nothing to carry",
    Action.equal: "are linked and equal",
    Action.to_advoware: "would be updated in Advoware",
    Action.to_espocrm: "would be updated in EspoCRM",
    Action.merged: "would be updated on both sides",
    Action.conflict: "differ in a field that both sides may have changed: settled by the policy, and logged",
    Action.invalid: "would be refused: content that the other side does not take",
    Action.duplicate: "carry a betNr that another record has",
    Action.gone_in_advoware: "carry a betNr that Advoware does not know",
    Action.gone_in_espocrm: "are gone in EspoCRM",
    Action.held: "are held by hand",
    Action.unreadable: "could not be read",
}
VERDICTS = {
    Verdict.espocrm_newer: Action.to_advoware,
    Verdict.advoware_newer: Action.to_espocrm,
    Verdict.merged: Action.merged,
    Verdict.conflict: Action.conflict,
}


@dataclass(frozen=True, slots=True)
class FirstLoadPreview:
    espo_id: str
    betnr: int | None
    name: str
    action: Action
    changes: tuple[Change, ...] = ()
    contacts: tuple[str, ...] = ()
    points: tuple[Change, ...] = ()
    faults: tuple[str, ...] = ()
    verdict: str = ""
    words: str = ""
    stale_base: bool = False

    @property
    def lines(self) -> list[str]:
        """In words, without personal values."""
        head = f"{self.action}" if not self.verdict else f"verdict {self.verdict}"
        lines = [f"create in Advoware: {head}" if self.action is Action.create else head]
        lines += [f"{change.field}: {change.where} ({change.case})" for change in self.changes]
        lines += [f"contact point: {step}" for step in self.contacts]
        lines += [f"refused: {fault}" for fault in self.faults]
        return lines + ([self.words] if self.words else [])

    def as_duplicate(self) -> "FirstLoadPreview":
        """The same betNr was seen with another record before."""
        return replace(self, action=Action.duplicate, words="the same betNr stands in another record too")

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "betnr": self.betnr,
            "action": self.action.value,
            "verdict": self.verdict,
            "fields": [{"field": c.field, "where": c.where, "case": c.case} for c in self.changes],
            "contacts": list(self.contacts),
            "faults": list(self.faults),
            "detail": self.words,
        }


def first_load_preview_of(espo_id: str) -> FirstLoadPreview:
    """One record. Raises PlainError where a side cannot be read."""
    survey = BulkPreview(parallel=1)
    pair = survey.pair(espo_id)
    if pair.trouble == "unreadable":
        raise PlainError(pair.words)
    return foresee(pair, survey, create=True)


def foresee(pair: Pair, survey: BulkPreview, *, create: bool) -> FirstLoadPreview:
    """create: whether records without betNr would be created."""
    record = pair.record
    known = FirstLoadPreview(record.espo_id, pair.betnr, record.name, Action.equal, words=pair.words)
    if pair.trouble:
        return replace(known, action=Action(pair.trouble))
    assert pair.look is not None  # noqa: S101 - a pair without trouble has been read
    values = pair.look.espo_values
    named = replace(known, name=" ".join(part for part in (values.get("vorname"), values.get("name")) if part))
    if record.hold:
        return replace(named, action=Action.held, words=record.hold)
    if pair.decision is None or pair.contacts is None:
        return _created(named, pair, survey, create=create)
    comparison = pair.decision.comparison
    contacts = tuple(str(operation.variant) for operation in pair.contacts.operations if operation.write)
    contacts += tuple(
        name for name, after in (("phones", pair.contacts.phones), ("emails", pair.contacts.emails)) if after
    )
    faults = tuple(_sentences(_faults(comparison, survey)))
    return replace(
        named,
        action=Action.invalid if faults else _action(pair, comparison, bool(contacts)),
        changes=tuple(_change(result) for result in comparison.results if result.outcome is not Outcome.keep),
        contacts=contacts,
        points=contact_changes(pair.contacts, pair.look),
        faults=faults,
        verdict=str(comparison.verdict),
        stale_base=pair.decision.stale_base,
    )


def _action(pair: Pair, comparison: Comparison, contacts: bool) -> Action:
    if comparison.verdict in VERDICTS:
        return VERDICTS[comparison.verdict]
    if contacts:
        return Action.merged
    return Action.equal if pair.record.linked else Action.link


def _created(known: FirstLoadPreview, pair: Pair, survey: BulkPreview, *, create: bool) -> FirstLoadPreview:
    if not create:
        return replace(known, action=Action.unlinked)
    values = survey.field_map.created_with(pair.look.espo_values if pair.look else {})
    faults = validate(
        values,
        fieldmap=survey.field_map,
        side=Side.advoware,
        rechtsformen=survey.rechtsformen,
        today=timezone.localdate(),
        complete=True,
    )
    changes = tuple(Change(key, value, None, "to_advoware", "new") for key, value in values.items() if value)
    named = tuple(_sentences([*(pair.look.faults if pair.look else ()), *faults]))
    action = Action.invalid if named else Action.create
    points = contact_changes(pair.contacts, pair.look) if pair.contacts and pair.look else ()
    return replace(known, action=action, changes=changes, points=points, faults=named)


def _change(result: FieldResult) -> Change:
    return Change(result.field, result.espo, result.advo, str(result.outcome), str(result.case))


def _faults(comparison: Comparison, survey: BulkPreview) -> Iterator[Fault]:
    today = timezone.localdate()
    for side, values in ((Side.advoware, comparison.to_advo), (Side.espocrm, comparison.to_espo)):
        forms = survey.rechtsformen if side is Side.advoware else None
        yield from validate(values, fieldmap=survey.field_map, side=side, rechtsformen=forms, today=today)


def _sentences(faults: "Iterator[Fault] | list[Fault]") -> Iterator[str]:
    for fault in faults:
        yield sentences.fault_sentence(fault.as_json())
