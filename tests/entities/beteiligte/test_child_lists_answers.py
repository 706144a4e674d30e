"""A person's answer to a case: it waits for the next run, is taken up once, and lapses where the case changes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from syncapp.core.adressen.shapes import Address
from syncapp.core.child_lists.decisions import decided, still_meant
from syncapp.core.child_lists.shapes import CaseCode, OpenCase, PairLink
from syncapp.entities.beteiligte.parts.child_lists.cases import decisions_of, keep_cases
from syncapp.entities.beteiligte.parts.child_lists.store import keep_links
from syncapp.models import ChildCase, ChildKind, SyncRecord

pytestmark = pytest.mark.django_db
WALL, RING = Address("Wall 1", "30159", "Hannover"), Address("Wall 1 a", "30159", "Hannover")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ASKED = OpenCase(CaseCode.same_or_different, 2, "i1", 7, {"espo_strasse": "Wall 1"})


@pytest.fixture
def record() -> SyncRecord:
    made = SyncRecord.objects.create(espo_id="e1", betnr=7)
    keep_cases(made, ChildKind.ADRESSEN, [ASKED])
    ChildCase.objects.update(answer="same", done_at=NOW, done_by="anna")
    return made


def links(record: SyncRecord) -> tuple[PairLink[Address], ...]:
    return answered(record, ChildKind.ADRESSEN)


def answered(record: SyncRecord, kind: ChildKind, *, now: OpenCase = ASKED) -> tuple[PairLink[Address], ...]:
    """now: what would be asked, had nobody answered."""
    both: dict[str, Any] = {"items": {"i1": WALL}, "entries": {7: RING}}
    meant = still_meant(decisions_of(record, kind), [now])
    links: tuple[PairLink[Address], ...] = decided((), meant, **both)
    return links


def test_the_next_run_plans_with_it(record: SyncRecord) -> None:
    assert links(record) == (PairLink("i1", 7, WALL, RING),)
    assert answered(record, ChildKind.BANK) == ()


def test_it_says_nothing_of_values_that_came_after_it(record: SyncRecord) -> None:
    edited = replace(ASKED, params={"espo_strasse": "Wall 2"})
    assert answered(record, ChildKind.ADRESSEN, now=edited) == ()


def test_it_is_used_up_with_the_links_that_hold_it(record: SyncRecord) -> None:
    keep_links(record, ChildKind.ADRESSEN, links(record))
    assert decisions_of(record, ChildKind.ADRESSEN) == ()
    case = ChildCase.objects.get()
    assert (case.done_by, case.closed_at) == ("anna", None)


def test_an_answer_of_the_other_kind_stays(record: SyncRecord) -> None:
    keep_links(record, ChildKind.BANK, ())
    assert len(decisions_of(record, ChildKind.ADRESSEN)) == 1


def test_it_lapses_where_the_case_says_something_else(record: SyncRecord) -> None:
    changed = OpenCase(CaseCode.same_or_different, 2, "i1", 7, {"espo_strasse": "Wall 2"})
    keep_cases(record, ChildKind.ADRESSEN, [changed])
    case = ChildCase.objects.get()
    assert (case.closed_at, case.answer, case.done_at, case.done_by) == (None, "", None, "")


def test_a_closed_case_is_answered_no_more(record: SyncRecord) -> None:
    keep_cases(record, ChildKind.ADRESSEN, [])
    assert decisions_of(record, ChildKind.ADRESSEN) == ()


def test_two_cases_of_one_link_and_reason_are_one(record: SyncRecord) -> None:
    """Two accounts that were replaced while nobody can read Advoware's list have no number of their own."""
    twice = [OpenCase(CaseCode.delete_in_advoware, 10, None, None, {"account": tail}) for tail in ("DE…1", "DE…2")]
    keep_cases(record, ChildKind.BANK, twice)
    assert ChildCase.objects.filter(kind="bank").count() == 1


def test_a_place_is_one_line_and_comes_back_from_its_text() -> None:
    there = Address("Hinterhaus\nWall 1", "30159", "Hannover", "Österreich", "12 34", "30001", bemerkung="nicht davon")
    assert there.line == "Hinterhaus, Wall 1, 30159 Hannover, Postfach 12 34 (30001), Österreich"
    assert Address(ort="Hannover", postfach="12 34", postfach_plz="30001").line == "Postfach 12 34, 30001 Hannover"
    again = Address.from_text(there.to_text())
    assert again is not None
    assert (again.line, again.bemerkung) == (there.line, "")
    assert [Address.from_text(text) for text in (None, "", "Wall 1", "[1]", '{"strasse": 7}', "7")] == [None] * 6
