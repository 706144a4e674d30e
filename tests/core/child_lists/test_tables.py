"""Both decision tables: numbered without a gap, and each row with a test that bears its number."""

import re
from types import ModuleType

import pytest

from syncapp.core import adressen, bankverbindungen
from tests.core.adressen import test_rows as of_adressen
from tests.core.bankverbindungen import test_rows as of_bank


@pytest.mark.parametrize("package, tests, rows", [(adressen, of_adressen, 22), (bankverbindungen, of_bank, 14)])
def test_each_row_has_its_test(package: ModuleType, tests: ModuleType, rows: int) -> None:
    tested = {int(found[1]) for name in dir(tests) if (found := re.match(r"test_row_(\d+)_", name))}
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", package.__doc__ or "", re.MULTILINE)]
    assert numbers == list(range(1, rows + 1))
    assert tested == set(numbers)
