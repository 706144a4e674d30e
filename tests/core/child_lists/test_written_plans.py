"""The plans of the row tests are to the letter what the pages say; see `written_plans`."""

import pytest

from tests.core.child_lists.written_plans import PAGES, page


@pytest.mark.parametrize("name", list(PAGES))
def test_every_plan_is_as_written(name: str) -> None:
    assert page(name) == PAGES[name][0].read_text()
