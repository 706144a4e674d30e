"""Row by row of the decision tables: the whole plan, its links and its words, as `plans.md` tells them."""

import pytest

from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.shapes import ContactPlan, Entry, Item, Link, LinkBase, Pending, PutEntry, Stop
from syncapp.core.parts import Direction
from tests.core.kommunikation.plan_lines import Given, Row, lines_of, rows
from tests.core.kommunikation.planned import plan

ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_plan(row: Row) -> None:
    given = Given()
    for line in row.given:
        given.take(line)
    assert lines_of(given.planned()) == list(row.lines)


def test_every_row_has_its_name_and_its_lines() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) > 90
    assert all(row.given and row.lines for row in ROWS)


def test_a_plan_can_be_shown_step_by_step() -> None:
    """What a preview prints: the step of every operation, in order; words/plans.py has a sentence for each."""
    given = Given()
    given.take("entry  1  0511 10001")
    given.take("item  Fax  +4951110002  primary")
    assert given.planned().steps() == ("Var1", "Var4")


@pytest.mark.parametrize("missing", ["items", "entries"])
def test_a_missing_list_is_no_plan_and_leaves_the_record_dirty(missing: str) -> None:
    lists: dict[str, list[object] | None] = {"items": [], "entries": [], missing: None}
    assert plan(**lists, links=[]) == ContactPlan(stopped=Stop.missing_list, skipped=True)  # type: ignore[arg-type]


def test_a_text_that_a_link_knows_is_unchanged_whatever_its_normal_form_is_today() -> None:
    """As after an update of the phone library: the base has the form of then, and both sides their text of then."""
    base = LinkBase(Medium.phone, "form of then", "+4951110001", "0511 10001")
    marked = "[ESPOCRM:KzQ5NTExMTAwMDE=:1]"
    made = plan(
        items=[Item(Medium.phone, "+4951110001", "Office", True), Item(Medium.phone, "+4951110002", "Fax")],
        entries=[Entry(1, "row1", "0511 10001", marked, 0, True), Entry(2, "row2", "+4951110002", "", 0, True)],
        links=[Link(1, 1, base, "Office"), Link(2, 2, None)],
    )
    assert [operation.entry_id for operation in made.operations] == [2]
    assert not made.changes_espocrm
    assert {link.entry_id: link.base for link in made.links_after}[1] == base


def test_a_value_that_stands_among_the_items_is_put_in_no_second_time() -> None:
    """Taken over from an entry that was changed to it: the old item goes, the other one stays as it is."""
    given = Given()
    for line in (
        "item  Office  +4951110001  primary",
        "item  Mobile  +4951110002",
        "entry  1  0511 10002",
        "entry  2  +4951110002  [+4951110002:3]",
        "link  1  kommKz 1  type Office  base +4951110001",
        "link  2  kommKz 3  type Mobile  base +4951110002",
    ):
        given.take(line)
    (operation,) = given.planned().operations
    assert ([item.value for item in operation.takes_out], operation.puts_in) == (["+4951110001"], ())


@pytest.mark.parametrize("online", [True, False, None])
def test_an_emptied_entry_whose_remark_is_put_right_stays_in_use_as_it_was(online: bool | None) -> None:
    base = LinkBase(Medium.phone, "+4951110001", "+4951110001", "+4951110001")
    pending = Pending(base, "+4951110001", "[ESPOCRM:KzQ5NTExMTAwMDE=:1] Zentrale", "Zentrale")
    made = plan(
        items=[Item(Medium.phone, "+4951110001", "Office", True)],
        entries=[Entry(1, "row1", "", "[ESPOCRM:Kz", 0, online)],
        links=[Link(1, 1, base, "Office", pending=pending)],
        direction=Direction.to_advoware,
    )
    (operation,) = made.operations
    assert operation.write == PutEntry(1, "", "Zentrale", bool(online))
