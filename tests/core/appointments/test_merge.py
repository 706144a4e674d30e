"""The merge by itself: what becomes of each group, and who is told what was lost. Each row of its table by name."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.pairs.merging import GroupCase, GroupOutcome, GroupResult, Merge, Sides, merge
from syncapp.core.appointments.plan_shapes import Lost
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, ConflictRule
from syncapp.core.appointments.rows import AppointmentPair
from tests.core.appointments.linked_pair import FORM, LATER, WHEN, row

BUSY = Canonical(WHEN, None, "Privat", "", "", True)
ANONYMOUS = Canonical(WHEN, None, "Termin")
PRIVATE = replace(FORM, privat=True)
LONG = replace(FORM, notiz="x" * 9000)
CUT = replace(FORM, notiz="x" * 7999 + "…")
TYPED = "von Hand"


def merged(
    advoware: Canonical,
    google: Canonical,
    *,
    pair: AppointmentPair | None = None,
    shown: Shown = Shown.full,
    writable: bool = True,
    put_allowed: bool = True,
    **policy: Any,
) -> Merge:
    sides = Sides(advoware, google, shown, writable, put_allowed)
    return merge(pair or row(), sides, CalendarPolicy(**policy))


def result(found: Merge, group: Group) -> GroupResult:
    return next(one for one in found.results if one.group is group)


@pytest.mark.parametrize(
    "shown, google", [(Shown.full, PRIVATE), (Shown.busy, BUSY), (Shown.anonymous, replace(ANONYMOUS, privat=True))]
)
def test_where_nothing_has_changed_there_is_nothing_to_merge(shown: Shown, google: Canonical) -> None:
    """But for what Google is to show: whoever asks is told it all the same."""
    known = row(base_advoware=PRIVATE, base_google=google, shown=shown)
    assert merged(PRIVATE, google, pair=known, shown=shown) == Merge(google, ())


def test_where_nothing_can_be_seen_of_a_change_nothing_is_written() -> None:
    """Google keeps only the beginning of this title; that the place changes makes it no change of the title."""
    long = replace(FORM, text="x" * 900)
    known = row(base_advoware=long, base_google=replace(long, text="x" * 600))
    found = merged(replace(long, ort="Saal 4"), replace(long, text="x" * 600), pair=known)
    assert found.groups(GroupOutcome.to_google) == {Group.ort}
    assert result(found, Group.text) == GroupResult(Group.text, GroupCase.same, GroupOutcome.keep)


@pytest.mark.parametrize(
    "had, kept, lossy",
    [
        ("x" * 900, "x" * 600, True),
        ("x" * 900, "x" * 500, True),
        ("x" * 900, "x" * 499, False),
        ("x" * 900, "x" * 900, False),
        ("y" * 900, "x" * 600, False),
        ("x" * 20, "x" * 10, False),
    ],
    ids=["cut", "cut as far as it can be", "somebody left so little", "whole", "another text", "short"],
)
def test_a_text_that_google_cut_is_a_loss_whatever_its_limit_is(had: str, kept: str, lossy: bool) -> None:
    """What stays of it and is then edited in Google must not become the Termin's text."""
    known = row(base_advoware=replace(FORM, text=had), base_google=replace(FORM, text=kept))
    found = merged(replace(FORM, text=had), replace(FORM, text=f"{kept} {TYPED}"), pair=known)
    assert (result(found, Group.text).case is GroupCase.typed_over) is lossy


@pytest.mark.parametrize("unknown", ["base_advoware", "base_google"])
def test_a_text_of_which_one_base_is_unknown_was_not_cut(unknown: str) -> None:
    long = replace(FORM, text="x" * 900)
    known = replace(row(base_advoware=long, base_google=long), **{unknown: None})
    found = merged(long, replace(long, text="x" * 900 + TYPED), pair=known)
    assert result(found, Group.text).case in (GroupCase.both_changed, GroupCase.google_changed)


TYPED_WHERE_IT_IS_LOSSY: dict[str, tuple[Canonical, Canonical, Canonical, Shown, Shown, Group]] = {
    "too long by now": (LONG, FORM, FORM, Shown.full, Shown.full, Group.notiz),
    "too long until now": (FORM, LONG, CUT, Shown.full, Shown.full, Group.notiz),
    "anonymous from now on": (FORM, FORM, FORM, Shown.full, Shown.anonymous, Group.text),
    "anonymous until now": (FORM, FORM, ANONYMOUS, Shown.anonymous, Shown.full, Group.text),
    "private from now on": (PRIVATE, FORM, FORM, Shown.full, Shown.busy, Group.text),
    "private until now": (FORM, PRIVATE, BUSY, Shown.busy, Shown.full, Group.text),
}


@pytest.mark.parametrize("name", TYPED_WHERE_IT_IS_LOSSY)
def test_what_was_typed_where_google_shows_a_loss_never_goes_to_advoware(name: str) -> None:
    """Whether the loss is that of now or that of when it was typed; Google is put back, told."""
    advoware, base, base_google, was_shown, shown, group = TYPED_WHERE_IT_IS_LOSSY[name]
    known = row(base_advoware=base, base_google=base_google, shown=was_shown)
    found = merged(
        advoware, base_google.with_values({group: TYPED}), pair=known, shown=shown, conflict=ConflictRule.google
    )
    told = Lost(group, CalendarSide.google, TYPED, found.wanted.of(group))
    assert result(found, group) == GroupResult(group, GroupCase.typed_over, GroupOutcome.to_google, told)
    assert Group.text not in found.groups(GroupOutcome.to_advoware)


def test_what_was_typed_into_a_private_event_stays_there() -> None:
    known = row(base_advoware=PRIVATE, base_google=BUSY, shown=Shown.busy)
    found = merged(PRIVATE, replace(BUSY, text=TYPED), pair=known, shown=Shown.busy)
    assert result(found, Group.text) == GroupResult(Group.text, GroupCase.typed_kept, GroupOutcome.keep)


@pytest.mark.parametrize("group", [Group.text, Group.notiz])
@pytest.mark.parametrize("notiz", ["", "Akte 7"], ids=["Advoware has none", "Advoware has one"])
def test_what_was_kept_in_a_private_event_gives_way_told_once_the_termin_is_shown(group: Group, notiz: str) -> None:
    """It was promised to go nowhere, and both sides would differ for good."""
    kept = BUSY.with_values({group: TYPED})
    known = row(base_advoware=replace(PRIVATE, notiz=notiz), base_google=kept, shown=Shown.busy)
    found = merged(replace(FORM, notiz=notiz), kept, pair=known, conflict=ConflictRule.google)
    told = Lost(group, CalendarSide.google, TYPED, found.wanted.of(group))
    assert result(found, group) == GroupResult(group, GroupCase.typed_over, GroupOutcome.to_google, told)
    others = {one.group: one.case for one in found.results if one.group is not group}
    assert GroupCase.typed_over not in others.values()


def test_what_google_was_given_to_show_is_no_change_of_advowares() -> None:
    """A masked Termin is shown as private without being so: who makes its event public contradicts nobody."""
    known = row(base_google=BUSY, shown=Shown.busy)
    found = merged(FORM, replace(BUSY, privat=False), pair=known, shown=Shown.busy)
    assert result(found, Group.privat) == GroupResult(Group.privat, GroupCase.google_changed, GroupOutcome.to_advoware)


def test_whether_it_is_private_is_contested_also_where_it_is_shown_as_private_by_now() -> None:
    """While somebody is asked, each side's base is what the other one showed; the texts were hidden meanwhile."""
    known = row(base_advoware=replace(FORM, privat=False), base_google=BUSY, shown=Shown.busy)
    found = merged(replace(FORM, privat=True), replace(BUSY, privat=False), pair=known, shown=Shown.busy)
    assert result(found, Group.privat).case is GroupCase.both_changed


def test_a_time_typed_into_an_anonymous_event_goes_to_advoware() -> None:
    known = row(base_google=ANONYMOUS, shown=Shown.anonymous)
    found = merged(FORM, replace(ANONYMOUS, when=LATER), pair=known, shown=Shown.anonymous)
    assert found.groups(GroupOutcome.to_advoware) == {Group.when}


@pytest.mark.parametrize(
    "leader, outcome, lost",
    [
        (ConflictRule.advoware, GroupOutcome.to_google, Lost(Group.text, CalendarSide.google, "G", "A")),
        (ConflictRule.google, GroupOutcome.to_advoware, Lost(Group.text, CalendarSide.advoware, "A", "G")),
        (ConflictRule.origin, GroupOutcome.to_google, Lost(Group.text, CalendarSide.google, "G", "A")),
        (ConflictRule.ask, GroupOutcome.hold, None),
    ],
)
def test_a_conflict_names_what_gives_way_once_something_does(
    leader: ConflictRule, outcome: GroupOutcome, lost: Lost | None
) -> None:
    found = merged(replace(FORM, text="A"), replace(FORM, text="G"), conflict=leader)
    assert result(found, Group.text) == GroupResult(Group.text, GroupCase.both_changed, outcome, lost)


@pytest.mark.parametrize(
    "chosen, outcome", [("advoware", GroupOutcome.to_google), ("google", GroupOutcome.to_advoware)]
)
def test_what_a_person_chose_for_a_group_counts_for_that_group(chosen: str, outcome: GroupOutcome) -> None:
    known = row(decided={"conflict:text": chosen})
    both = replace(FORM, text="A", ort="A"), replace(FORM, text="G", ort="G")
    found = merged(*both, pair=known, conflict=ConflictRule.ask)
    assert (result(found, Group.text).outcome, result(found, Group.ort).outcome) == (outcome, GroupOutcome.hold)


def test_what_may_not_be_changed_in_google_is_put_back_and_told() -> None:
    found = merged(FORM, replace(FORM, text="G"), writable=False)
    lost = Lost(Group.text, CalendarSide.google, "G", "Gericht")
    assert result(found, Group.text) == GroupResult(Group.text, GroupCase.not_allowed, GroupOutcome.to_google, lost)


def test_what_may_not_be_put_now_waits_and_nothing_is_lost() -> None:
    found = merged(FORM, replace(FORM, when=LATER), put_allowed=False)
    held = GroupResult(Group.when, GroupCase.private_text_differs, GroupOutcome.hold)
    assert result(found, Group.when) == held
    given_up = row(decided={"private_text_differs": "advoware"})
    lost = Lost(Group.when, CalendarSide.google, LATER, WHEN)
    assert result(merged(FORM, replace(FORM, when=LATER), pair=given_up, put_allowed=False), Group.when) == replace(
        held, outcome=GroupOutcome.to_google, lost=lost
    )
