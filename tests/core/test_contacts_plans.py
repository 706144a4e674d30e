"""Row by row of the decision tables: the whole plan, its links and its words, as `plans.md` tells them."""

import pytest

from tests.core.plan_lines import Given, Row, lines_of, rows

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
    """What the preview prints: variant, entry and words of every operation, in order."""
    given = Given()
    given.take("entry  1  0511 10001")
    given.take("item  Fax  +4951110002  primary")
    shown = [(line.variant.value, line.entry_id, line.what) for line in given.planned().describe()]
    assert shown == [("Var1", None, "new in EspoCRM; entry added"), ("Var4", 1, "item added in EspoCRM")]
