"""Every code that a child list gives the drift report has its words there."""

import pytest

from syncapp.core.child_lists.shapes import CaseCode, ChildPlan, ChildReport, ListStop, Mention, OpenCase
from syncapp.entities.beteiligte.parts.adressen.part import AdressenPart
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.words.monitoring.drift import REASONS

PART = AdressenPart()


@pytest.mark.parametrize(
    "plan",
    [
        *(ChildPlan(cases=(OpenCase(code, 1),)) for code in CaseCode),
        *(ChildPlan(reports=(ChildReport(code, 1),)) for code in Mention),
        *(ChildPlan(stopped=stop) for stop in ListStop),
    ],
)
def test_every_reason_has_its_words(plan: ChildPlan) -> None:
    assert {reason for reason, _settles in PART.differences(ListSnapshot("adressen"), plan)} <= set(REASONS)


@pytest.mark.parametrize("code", CaseCode)
def test_what_people_have_to_do_with_is_explained(code: CaseCode) -> None:
    ((reason, _settles),) = PART.differences(ListSnapshot("adressen"), ChildPlan(cases=(OpenCase(code, 1),)))
    assert REASONS[reason].expected


def test_equal_lists_give_none() -> None:
    assert PART.differences(ListSnapshot("adressen"), ChildPlan()) == ()
