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
| any | kept what was typed into it while it was private | a text, shown as it is by now | to_google, told |
| any | changed | Google may not change it | to_google, told |
| same | changed | a private Termin whose text is not the base's | hold |
| same | changed | free | to_advoware |
| changed | changed | free | by policy: a conflict |
| same | changed | free, and a person let the other side count, since it went back and forth | as a conflict |
| changed | same | the same | as a conflict |

To extend: a new situation is a member of GroupCase, a line in `_case` and its outcome in `_outcome`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncapp.core.appointments.forms.canonical import GROUPS, Canonical, Group
from syncapp.core.appointments.forms.drafts import Shown, cut_groups, lossy_groups, shown_in_google
from syncapp.core.appointments.plan_shapes import Lost
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, ConflictRule
from syncapp.core.appointments.rows import AppointmentPair


class GroupOutcome(StrEnum):
    keep = "keep"
    to_google = "to_google"
    to_advoware = "to_advoware"
    hold = "hold"


class GroupCase(StrEnum):
    same = "same"
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
    case: GroupCase
    outcome: GroupOutcome
    lost: Lost | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """wanted: what Google is to show of Advoware's form. results: none at all where nothing has changed."""

    wanted: Canonical
    results: tuple[GroupResult, ...]

    def groups(self, outcome: GroupOutcome) -> frozenset[Group]:
        return frozenset(result.group for result in self.results if result.outcome is outcome)

    def cases(self, case: GroupCase) -> tuple[GroupResult, ...]:
        return tuple(result for result in self.results if result.case is case)


@dataclass(frozen=True, slots=True)
class Sides:
    """What both sides hold, and what may be done with it.

    writable: changes in Google may go to Advoware. put_allowed: the Termin may be written now (see the module's table).
    """

    advoware: Canonical
    google: Canonical
    shown: Shown
    writable: bool
    put_allowed: bool = True


def merge(pair: AppointmentPair, sides: Sides, policy: CalendarPolicy) -> Merge:
    wanted = shown_in_google(sides.advoware, sides.shown)
    if pair.base_advoware == sides.advoware and pair.base_google == sides.google and pair.shown is sides.shown:
        return Merge(wanted, ())
    showed = pair.base_advoware and shown_in_google(pair.base_advoware, pair.shown)
    lossy = lossy_groups(sides.advoware, sides.shown)
    if pair.base_advoware is not None:
        lossy |= lossy_groups(pair.base_advoware, pair.shown)
    if showed is not None and pair.base_google is not None:
        lossy |= cut_groups(showed, pair.base_google)
    merging = _Merging(pair, sides, policy, wanted, showed, lossy)
    return Merge(wanted, tuple(map(merging.result, GROUPS)))


# What a person's choice of a side takes back, where a value went back and forth.
_GIVES_WAY: Mapping[str, GroupCase] = {
    CalendarSide.advoware: GroupCase.google_changed,
    CalendarSide.google: GroupCase.advoware_changed,
}
_OUTCOMES: Mapping[GroupCase, GroupOutcome] = {
    GroupCase.same: GroupOutcome.keep,
    GroupCase.typed_kept: GroupOutcome.keep,
    GroupCase.advoware_changed: GroupOutcome.to_google,
    GroupCase.typed_over: GroupOutcome.to_google,
    GroupCase.not_allowed: GroupOutcome.to_google,
    GroupCase.google_changed: GroupOutcome.to_advoware,
}
# Cases in which somebody's change does not get through.
_LOSERS = frozenset(
    {GroupCase.both_changed, GroupCase.typed_over, GroupCase.not_allowed, GroupCase.private_text_differs}
)


@dataclass(frozen=True, slots=True)
class _Merging:
    """What all groups are judged by. showed: what Google was to show by the base, if there is one. lossy: the groups
    that Google shows with a loss, now or by the base."""

    pair: AppointmentPair
    sides: Sides
    policy: CalendarPolicy
    wanted: Canonical
    showed: Canonical | None
    lossy: frozenset[Group]

    def result(self, group: Group) -> GroupResult:
        case = self._case(group)
        chosen = self.pair.decided.get(swing_about(group), "")
        if case is _GIVES_WAY.get(chosen) and self._is_free(group):
            case = GroupCase.both_changed
        outcome = self._outcome(case, group)
        return GroupResult(group, case, outcome, self._lost(case, outcome, group))

    def _case(self, group: Group) -> GroupCase:
        pair, sides, showed, lossy = self.pair, self.sides, self.showed, group in self.lossy
        there, here = self.wanted.of(group), sides.google.of(group)
        if there == here:
            return GroupCase.same
        if lossy and self._was_typed_into(group):
            return GroupCase.typed_over
        advoware = showed is None or there != showed.of(group) or self._became_private(group)
        google = pair.base_google is None or here != pair.base_google.of(group)
        if not google:
            return GroupCase.advoware_changed if advoware else GroupCase.same
        if lossy:
            typed = sides.shown is Shown.busy and pair.shown is Shown.busy and pair.base_google is not None
            return GroupCase.typed_kept if typed else GroupCase.typed_over
        if not sides.writable:
            return GroupCase.not_allowed
        if not advoware:
            return GroupCase.google_changed if sides.put_allowed else GroupCase.private_text_differs
        return GroupCase.both_changed

    def _is_free(self, group: Group) -> bool:
        """Whether what Google shows of a group may go to Advoware now."""
        return self.sides.writable and self.sides.put_allowed and group not in self.lossy

    def _was_typed_into(self, group: Group) -> bool:
        """A private one that is private no more: what was typed into it was promised to go nowhere, and is in the
        way."""
        is_shown_now = self.pair.shown is Shown.busy and self.sides.shown is not Shown.busy
        base, showed = self.pair.base_google, self.showed
        return is_shown_now and showed is not None and base is not None and base.of(group) != showed.of(group)

    def _became_private(self, group: Group) -> bool:
        """A private one is shown as such, whatever its base says; while somebody is asked, so Google showed it."""
        base = self.pair.base_advoware
        return group is Group.privat and base is not None and self.sides.advoware.privat and not base.privat

    def _outcome(self, case: GroupCase, group: Group) -> GroupOutcome:
        pair, policy = self.pair, self.policy
        if case in _OUTCOMES:
            return _OUTCOMES[case]
        if case is GroupCase.private_text_differs:
            is_put_back = pair.decided.get(case.value) == CalendarSide.advoware
            return GroupOutcome.to_google if is_put_back else GroupOutcome.hold
        chosen = pair.decided.get(conflict_about(group)) or pair.decided.get(swing_about(group))
        leader = chosen or (pair.origin.value if policy.conflict is ConflictRule.origin else policy.conflict.value)
        if leader == CalendarSide.advoware:
            return GroupOutcome.to_google
        may_go = leader == CalendarSide.google and self.sides.put_allowed
        return GroupOutcome.to_advoware if may_go else GroupOutcome.hold

    def _lost(self, case: GroupCase, outcome: GroupOutcome, group: Group) -> Lost | None:
        advoware, google = self.sides.advoware.of(group), self.sides.google.of(group)
        if case in _LOSERS and outcome is GroupOutcome.to_google:
            return Lost(group, CalendarSide.google, google, self.wanted.of(group))
        if case in _LOSERS and outcome is GroupOutcome.to_advoware:
            return Lost(group, CalendarSide.advoware, advoware, google)
        return None


def conflict_about(group: Group) -> str:
    """The key under which a person's choice for that group stands."""
    return f"conflict:{group.value}"


def swing_about(group: Group) -> str:
    """The same where the group goes back and forth."""
    return f"oscillates:{group.value}"
