"""Both decision tables: numbered without a gap, and each row with a test that bears its number."""

import re

import pytest

from syncapp.core.adressen.rows import ROWS as ADRESSEN
from syncapp.core.bankverbindungen.rows import ROWS as BANK
from syncapp.core.child_lists.rows import TableRow
from tests.core.adressen import test_rows as adressen
from tests.core.bankverbindungen import test_rows as bank


@pytest.mark.parametrize("rows, tests", [(ADRESSEN, adressen), (BANK, bank)])
def test_each_row_has_its_test(rows: tuple[TableRow, ...], tests: object) -> None:
    tested = {int(found[1]) for name in dir(tests) if (found := re.match(r"test_row_(\d+)_", name))}
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert tested == {row.number for row in rows}


def test_how_many() -> None:
    assert (len(ADRESSEN), len(BANK)) == (22, 14)
