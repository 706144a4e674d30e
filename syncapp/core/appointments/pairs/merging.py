"""The merge: group by group, each side against its own base.

Purpose: what becomes of an appointment that both sides still have.
Invariant: a side that did not change never wins over one that did; what gives way is named (`lost`). A group that
Google shows with a loss never goes to Advoware.

| Advoware | Google | group | outcome |
| --- | --- | --- | --- |
| any | shows what it should | any | keep: the bases follow |
| same | same | any | keep |
| changed, visibly | same | any | to_google |
| changed, not visibly | same | any | keep |
| any | changed | lossy, by typing into a private one | keep what was typed, told |
| any | changed | lossy otherwise | to_google, told |
| any | changed | Google may not change it | to_google, told |
| same | changed | a private Termin whose text is not the base's | hold |
| same | changed | free | to_advoware |
| changed | changed | free | by policy: a conflict |

To extend: a new situation is a member of Case, a line in `_case` and its outcome in `_outcome`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncapp.core.appointments.forms.canonical import GROUPS, Canonical, Group, Value
from syncapp.core.appointments.forms.drafts import Shown, Titles, lossy_groups, shown_in_google
from syncapp.core.appointments.plan_shapes import Lost
from syncapp.core.appointments.policy import Conflict, Policy, Side
from syncapp.core.appointments.rows import Pair


class Outcome(StrEnum):
    keep = "keep"
    to_google = "to_google"
    to_advoware = "to_advoware"
    hold = "hold"


class Case(StrEnum):
    same = "same"
    agreed = "agreed"
    advoware_changed = "advoware_changed"
    google_changed = "google_changed"
    both_changed = "both_changed"
    typed_kept = "typed_kept"
    typed_over = "typed_over"
    not_allowed = "not_allowed"
    private_text_differs = "private_text_differs"


@dataclass(frozen=True, slots=True)
class GroupResult:
    group: Group
    case: Case
    outcome: Outcome
    lost: Lost | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """wanted: what Google is to show of Advoware's form. results: none at all where nothing has changed."""

    wanted: Canonical
    results: tuple[GroupResult, ...]

    def groups(self, outcome: Outcome) -> frozenset[Group]:
        return frozenset(result.group for result in self.results if result.outcome is outcome)

    def cases(self, case: Case) -> tuple[GroupResult, ...]:
        return tuple(result for result in self.results if result.case is case)


@dataclass(frozen=True, slots=True)
class Sides:
    """What both sides hold, and what may be done with it.

    writable: changes in Google may go to Advoware. put_allowed: the Termin may be written now (see the module's table).
    """

    advoware: Canonical
    google: Canonical
    shown: Shown
    titles: Titles
    writable: bool
    put_allowed: bool = True


def merge(pair: Pair, sides: Sides, policy: Policy) -> Merge:
    wanted = shown_in_google(sides.advoware, sides.shown, sides.titles)
    if pair.base_advoware == sides.advoware and pair.base_google == sides.google and pair.shown is sides.shown:
        return Merge(wanted, ())
    showed = pair.base_advoware and shown_in_google(pair.base_advoware, pair.shown, sides.titles)
    lossy = lossy_groups(sides.advoware, sides.shown, sides.titles)
    if pair.base_advoware is not None:
        lossy |= lossy_groups(pair.base_advoware, pair.shown, sides.titles)
    results = tuple(_result(group, pair, sides, wanted, showed, group in lossy, policy) for group in GROUPS)
    return Merge(wanted, results)


def _result(
    group: Group, pair: Pair, sides: Sides, wanted: Canonical, showed: Canonical | None, lossy: bool, policy: Policy
) -> GroupResult:
    case = _case(group, pair, sides, wanted, showed, lossy)
    outcome = _outcome(case, group, pair, sides, policy)
    return GroupResult(group, case, outcome, _lost(case, outcome, group, sides, wanted))


def _case(group: Group, pair: Pair, sides: Sides, wanted: Canonical, showed: Canonical | None, lossy: bool) -> Case:
    there, here = wanted.of(group), sides.google.of(group)
    advoware = showed is None or there != showed.of(group)
    google = pair.base_google is None or here != pair.base_google.of(group)
    if there == here:
        return Case.agreed if advoware or google else Case.same
    if not google:
        return Case.advoware_changed if advoware else Case.same
    if lossy:
        typed = sides.shown is Shown.busy and pair.shown is Shown.busy and pair.base_google is not None
        return Case.typed_kept if typed else Case.typed_over
    if not sides.writable:
        return Case.not_allowed
    if not advoware:
        return Case.google_changed if sides.put_allowed else Case.private_text_differs
    return Case.both_changed


_OUTCOMES: Mapping[Case, Outcome] = {
    Case.same: Outcome.keep,
    Case.agreed: Outcome.keep,
    Case.typed_kept: Outcome.keep,
    Case.advoware_changed: Outcome.to_google,
    Case.typed_over: Outcome.to_google,
    Case.not_allowed: Outcome.to_google,
    Case.google_changed: Outcome.to_advoware,
}


def _outcome(case: Case, group: Group, pair: Pair, sides: Sides, policy: Policy) -> Outcome:
    if case in _OUTCOMES:
        return _OUTCOMES[case]
    if case is Case.private_text_differs:
        return Outcome.to_google if pair.decided.get(case.value) == Side.advoware else Outcome.hold
    leader = pair.decided.get(conflict_about(group)) or _leader(pair, policy)
    if leader == Side.advoware:
        return Outcome.to_google
    return Outcome.to_advoware if leader == Side.google and sides.put_allowed else Outcome.hold


def conflict_about(group: Group) -> str:
    """The key under which a person's choice for that group stands."""
    return f"conflict:{group.value}"


def _leader(pair: Pair, policy: Policy) -> str:
    return pair.origin.value if policy.conflict is Conflict.origin else policy.conflict.value


# Cases in which somebody's change does not get through.
_LOSERS = frozenset({Case.both_changed, Case.typed_over, Case.not_allowed, Case.private_text_differs})


def _lost(case: Case, outcome: Outcome, group: Group, sides: Sides, wanted: Canonical) -> Lost | None:
    if case not in _LOSERS or outcome not in (Outcome.to_google, Outcome.to_advoware):
        return None
    advoware: Value = sides.advoware.of(group)
    if outcome is Outcome.to_google:
        return Lost(group, Side.google, sides.google.of(group), wanted.of(group))
    return Lost(group, Side.advoware, advoware, sides.google.of(group))
