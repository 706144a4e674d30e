"""Three-way merge, per field and per side: which side changed, and what is carried where.

Purpose: one pure decision for the real run, the dry run, the admin's preview and the tests.
Invariant: a side's value is compared with what that same side held after the last sync, never with the other side's
spelling; after applying a comparison and storing `next_base`, the next comparison carries nothing.

| EspoCRM's value | Advoware's value | case         | carried               |
| as its base     | as its base      | unchanged    | nothing               |
| changed         | as its base      | espo_changed | to Advoware           |
| as its base     | changed          | advo_changed | to EspoCRM            |
| the same as Advoware, changed or not | the same as EspoCRM | agreed | nothing, base moves on |
| changed         | changed, otherwise | both_changed | by policy: a conflict |
| what was sent   | what it held before our write, at the first look after it | set_back | by policy: a conflict |

| no base, and the values          | case                | carried |
| are the same                     | adopted             | nothing |
| differ, one side touched         | espo_changed / advo_changed | that side's value |
| differ, both touched, one empty  | filled              | the value there is |
| differ, both touched             | both_changed        | by policy: a conflict |
| differ, neither touched          | differs_unsignalled | by policy, though no value yields to emptiness: a conflict |

A field without a base of a record that has one (hidden until now, a company's first name) counts as touched on both
sides: what the last sync says of the record says nothing of it.

What the next comparison starts from is core/beteiligte/next_base.py.
To extend: a new situation is a member of Case, a line in `_case` and one in `_natural_outcome`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from syncapp.core.base import Base, NoBase
from syncapp.core.fields import Field, Fields
from syncapp.core.requests import Override
from syncapp.core.sides import Side, Values


class MergeCase(StrEnum):
    unchanged = "unchanged"
    espo_changed = "espo_changed"
    advo_changed = "advo_changed"
    agreed = "agreed"
    both_changed = "both_changed"
    set_back = "set_back"
    adopted = "adopted"
    filled = "filled"
    differs_unsignalled = "differs_unsignalled"
    decided = "decided"
    late_writer = "late_writer"
    unmappable = "unmappable"
    missing = "missing"
    not_compared = "not_compared"


class MergeOutcome(StrEnum):
    keep = "keep"
    to_advoware = "to_advoware"
    to_espocrm = "to_espocrm"
    to_both = "to_both"
    hold = "hold"


class Verdict(StrEnum):
    no_change = "no_change"
    espocrm_newer = "espocrm_newer"
    advoware_newer = "advoware_newer"
    merged = "merged"
    conflict = "conflict"


# Cases that leave no agreed ancestor behind: such a field keeps the base it had.
UNSETTLED = frozenset({MergeCase.missing, MergeCase.not_compared, MergeCase.unmappable})

# An edit of one side alone; overruled, it is logged like a conflict.
_ONE_SIDED = frozenset({MergeCase.espo_changed, MergeCase.advo_changed, MergeCase.filled})
# No edit can be told to be the one that counts: the policy is asked.
_CONTESTED = frozenset({MergeCase.both_changed, MergeCase.set_back, MergeCase.differs_unsignalled})
# Already settled by a person or by what we know of our own writes.
_NOT_OPEN_TO_POLICY = frozenset({MergeCase.missing, MergeCase.decided, MergeCase.late_writer})

_TOWARDS = {Side.advoware: MergeOutcome.to_advoware, Side.espocrm: MergeOutcome.to_espocrm}
_BY_POLICY = {
    "espocrm_wins": MergeOutcome.to_advoware,
    "advoware_wins": MergeOutcome.to_espocrm,
    "manual": MergeOutcome.hold,
}
_BY_ORDER = {Override.FROM_ESPOCRM: MergeOutcome.to_advoware, Override.FROM_ADVOWARE: MergeOutcome.to_espocrm}
_BY_CHANGE = {
    (False, False): MergeCase.unchanged,
    (True, False): MergeCase.espo_changed,
    (False, True): MergeCase.advo_changed,
    (True, True): MergeCase.both_changed,
}
_VERDICTS = {
    (False, False): Verdict.no_change,
    (True, False): Verdict.espocrm_newer,
    (False, True): Verdict.advoware_newer,
    (True, True): Verdict.merged,
}


@dataclass(frozen=True)
class Policy:
    """Who wins where both sides changed a field.

    by_group: field group (or a single field's key) -> rule; "*" stands for all that are not named.
    scope "record": as soon as both sides changed anything, every changed field goes by its rule; `manual` still holds
    only what changed on both sides.
    override: a person's order for this one run that everything that differs comes from one side.
    """

    scope: Literal["field", "record"] = "field"
    by_group: Mapping[str, str] = field(default_factory=lambda: {"*": "espocrm_wins"})
    override: Override | None = None

    def outcome(self, row: Field) -> MergeOutcome:
        named = (self.by_group[name] for name in (row.key, row.group, "*") if name in self.by_group)
        return _BY_POLICY[next(named, "espocrm_wins")]


@dataclass(frozen=True)
class Instead:
    """A person found neither side's value right: this one is written to both."""

    value: str | None


@dataclass(frozen=True)
class FieldResult:
    """One field: what both sides and both bases hold, what that means and what becomes of it.

    instead: a person's own value, which goes to whichever side does not hold it yet.
    """

    field: str
    case: MergeCase
    espo: str | None
    advo: str | None
    base_espo: str | None
    base_advo: str | None
    outcome: MergeOutcome = MergeOutcome.keep
    # An edit that lost, waits, or was found without a signal: logged, and the loser can be restored.
    conflict: bool = False
    instead: str | None = None


@dataclass(frozen=True)
class Comparison:
    """The plan for the master data of one pair."""

    verdict: Verdict
    results: tuple[FieldResult, ...]
    to_advo: Values
    to_espo: Values
    conflicts: tuple[FieldResult, ...]
    held: tuple[FieldResult, ...]
    missing_advo: tuple[str, ...]
    # A conflict that EspoCRM won: Kommunikation runs towards Advoware only.
    espo_won: bool
    # The merged record is a company: pass it to the field table's `to_espo`.
    company: bool
    # Values without a counterpart on the other side, to be shown on the record's page.
    unmappable: tuple[str, ...]

    def cases(self, case: MergeCase) -> tuple[FieldResult, ...]:
        return tuple(result for result in self.results if result.case is case)


@dataclass(frozen=True)
class BothSides:
    """Everything that is known about a pair before anybody is asked who wins.

    forced_conflicts: fields whose last write cannot be told from an edit (intents.py): both sides count as changed.
    set_back: those of them that show what was there before our write.
    late: field -> side whose value a late worker of ours wrote; the other side's value is carried over it.
    decided: field -> side whose value a person chose for a held conflict, or the value that is to stand on both.
    """

    espo: Values
    advo: Values
    base: Base
    fieldmap: Fields
    no_base: NoBase
    forced_conflicts: frozenset[str] = frozenset()
    set_back: frozenset[str] = frozenset()
    late: Mapping[str, Side] = field(default_factory=dict)
    decided: Mapping[str, Side | Instead] = field(default_factory=dict)

    def result(self, row: Field) -> FieldResult:
        key = row.key
        based, choice = self.base.holds(key, self.fieldmap), self.decided.get(key)
        return FieldResult(
            field=key,
            case=self._case(key, based),
            espo=self.espo.get(key),
            advo=self.advo.get(key),
            base_espo=self.base.espo[key] if based else None,
            base_advo=self.base.advo[key] if based else None,
            instead=choice.value if isinstance(choice, Instead) else None,
        )

    def _case(self, key: str, based: bool) -> MergeCase:
        if key not in self.espo or key not in self.advo:
            return MergeCase.missing
        changed = self._changed(key) if based else None
        if self.espo[key] == self.advo[key]:
            return MergeCase.adopted if changed is None else MergeCase.agreed if any(changed) else MergeCase.unchanged
        if key in self.decided:
            return MergeCase.decided
        if key in self.late:
            return MergeCase.late_writer
        if key in self.forced_conflicts:
            return MergeCase.set_back if key in self.set_back else MergeCase.both_changed
        return self._case_without_base(key) if changed is None else _BY_CHANGE[changed]

    def _changed(self, key: str) -> tuple[bool, bool]:
        return self.espo[key] != self.base.espo[key], self.advo[key] != self.base.advo[key]

    def _case_without_base(self, key: str) -> MergeCase:
        touched = self.base.touched_without(key, self.no_base)
        if touched == (False, False):
            return MergeCase.differs_unsignalled
        if touched == (True, True) and None in (self.espo[key], self.advo[key]):
            return MergeCase.filled
        return _BY_CHANGE[touched]


def compare(sides: BothSides, policy: Policy) -> Comparison:
    """Decide every field; see the module's tables."""
    company = _is_company(_decide(sides.fieldmap.general_rows, sides, policy), sides)
    compared = sides.fieldmap.general_rows if company else sides.fieldmap.rows
    by_key = {result.field: result for result in _decide(compared, sides, policy)}
    results = tuple(by_key.get(row.key) or _set_aside(sides.result(row)) for row in sides.fieldmap.rows)
    return _comparison(results, sides, company)


def _decide(rows: Sequence[Field], sides: BothSides, policy: Policy) -> list[FieldResult]:
    """Give each field its outcome; only here do policy, scope and a person's order count."""
    results = [sides.result(row) for row in rows]
    disputed = policy.scope == "record" and _both_sides_changed(results, sides.fieldmap, policy)
    return [_with_outcome(result, sides, policy, disputed) for result in results]


def _both_sides_changed(results: list[FieldResult], fieldmap: Fields, policy: Policy) -> bool:
    """Whether the record as a whole is in dispute. Fields under `manual` wait for themselves alone: else a conflict
    that somebody has yet to decide would cost every later edit of the other fields."""
    cases = {result.case for result in results if policy.outcome(fieldmap.row(result.field)) is not MergeOutcome.hold}
    return (
        bool({MergeCase.both_changed, MergeCase.set_back} & cases)
        or {MergeCase.espo_changed, MergeCase.advo_changed} <= cases
    )


def _with_outcome(result: FieldResult, sides: BothSides, policy: Policy, disputed: bool) -> FieldResult:
    natural = _natural_outcome(result, sides)
    rule = policy.outcome(sides.fieldmap.row(result.field))
    outcome = _outcome(result, natural, rule, policy, disputed)
    if sides.fieldmap.unmappable({result.field: _carried(result, outcome)}):
        return replace(result, case=MergeCase.unmappable)
    overruled = result.case in _ONE_SIDED and outcome is not natural
    return replace(result, outcome=outcome, conflict=overruled or result.case in _CONTESTED)


def _carried(result: FieldResult, outcome: MergeOutcome) -> str | None:
    """The value that is written, if any."""
    values = {
        MergeOutcome.to_advoware: result.espo,
        MergeOutcome.to_espocrm: result.advo,
        MergeOutcome.to_both: result.instead,
    }
    return values.get(outcome)


def _natural_outcome(result: FieldResult, sides: BothSides) -> MergeOutcome:
    """Where the value goes if nobody has to be asked; `keep` for a contested one too."""
    match result.case:
        case MergeCase.espo_changed:
            return MergeOutcome.to_advoware
        case MergeCase.advo_changed:
            return MergeOutcome.to_espocrm
        case MergeCase.filled:
            return _fill(result)
        case MergeCase.late_writer:
            return _TOWARDS[sides.late[result.field]]
        case MergeCase.decided:
            return _as_decided(result, sides.decided[result.field])
        case _:
            return MergeOutcome.keep


def _as_decided(result: FieldResult, choice: Side | Instead) -> MergeOutcome:
    """Towards the side that gives way; a person's own value goes where it is not yet, be it after a lost answer."""
    if isinstance(choice, Side):
        return _TOWARDS[choice.other]
    if choice.value == result.advo:
        return MergeOutcome.to_espocrm
    return MergeOutcome.to_advoware if choice.value == result.espo else MergeOutcome.to_both


def _outcome(
    result: FieldResult, natural: MergeOutcome, rule: MergeOutcome, policy: Policy, disputed: bool
) -> MergeOutcome:
    if result.espo == result.advo or result.case in _NOT_OPEN_TO_POLICY:
        return natural
    if policy.override:
        return _BY_ORDER[policy.override]
    if (
        result.case is MergeCase.differs_unsignalled
        and rule is not MergeOutcome.hold
        and None in (result.espo, result.advo)
    ):
        # Nobody is known to have emptied it, so no rule may give up the only value there is.
        return _fill(result)
    edited = result.case in (MergeCase.espo_changed, MergeCase.advo_changed)
    asked = result.case in _CONTESTED or (disputed and edited and rule is not MergeOutcome.hold)
    return rule if asked else natural


def _fill(result: FieldResult) -> MergeOutcome:
    return MergeOutcome.to_espocrm if result.espo is None else MergeOutcome.to_advoware


def _set_aside(result: FieldResult) -> FieldResult:
    """A company's first name and date of birth; that one is missing from an answer is still worth reporting."""
    return result if result.case is MergeCase.missing else replace(result, case=MergeCase.not_compared)


def _is_company(results: list[FieldResult], sides: BothSides) -> bool:
    """The company rule on the merged record; where the sides will still differ, either value makes it a company."""
    merged: dict[str, str | None] = dict(sides.espo)
    also: dict[str, str | None] = {}
    for result in results:
        from_advo = result.outcome is MergeOutcome.to_espocrm or result.field not in sides.espo
        kept = result.advo if from_advo else result.espo
        merged[result.field] = result.instead if result.outcome is MergeOutcome.to_both else kept
        if result.outcome in (MergeOutcome.hold, MergeOutcome.keep) and result.field in sides.advo:
            also[result.field] = result.advo
    return sides.fieldmap.is_company(merged) or sides.fieldmap.is_company({**merged, **also})


def _comparison(results: tuple[FieldResult, ...], sides: BothSides, company: bool) -> Comparison:
    both = {result.field: result.instead for result in results if result.outcome is MergeOutcome.to_both}
    to_advo = {result.field: result.espo for result in results if result.outcome is MergeOutcome.to_advoware} | both
    to_espo = {result.field: result.advo for result in results if result.outcome is MergeOutcome.to_espocrm} | both
    conflicts = tuple(result for result in results if result.conflict)
    missing = (result.field for result in results if result.case is MergeCase.missing)
    untranslated = {*sides.fieldmap.unmappable(sides.espo), *sides.fieldmap.unmappable(sides.advo)}
    return Comparison(
        verdict=Verdict.conflict if conflicts else _VERDICTS[bool(to_advo), bool(to_espo)],
        results=results,
        to_advo=to_advo,
        to_espo=to_espo,
        conflicts=conflicts,
        held=tuple(result for result in results if result.outcome is MergeOutcome.hold),
        missing_advo=tuple(key for key in missing if key not in sides.advo),
        espo_won=any(result.outcome is MergeOutcome.to_advoware for result in conflicts),
        company=company,
        unmappable=tuple(result.field for result in results if result.field in untranslated),
    )


def holding_back(comparison: Comparison, fields: Collection[str]) -> Comparison:
    """The same with these fields not carried to EspoCRM. Their base stays, so that they still count as changed."""
    left_out = set(comparison.to_espo) & set(fields)
    results = tuple(
        replace(result, outcome=MergeOutcome.hold) if result.field in left_out else result
        for result in comparison.results
    )
    # Of a value for both sides neither gets half.
    to_espo, to_advo = (
        {name: value for name, value in values.items() if name not in left_out}
        for values in (comparison.to_espo, comparison.to_advo)
    )
    return replace(comparison, results=results, to_espo=to_espo, to_advo=to_advo)
