"""Runs the stories around the rows; their plans are written out in plans.txt."""

from collections.abc import Callable

import pytest

from tests.core.adressen import stories

STORIES = [function for name, function in vars(stories).items() if name.startswith("test_")]


@pytest.mark.parametrize("story", STORIES)
def test_story(story: Callable[[], None]) -> None:
    story()
