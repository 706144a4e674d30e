"""A process that ran short of memory ends; whatever else goes wrong, it goes on."""

from collections.abc import Iterator

import pytest

from syncapp.engine import memory


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    memory.IS_SHORT.clear()


@pytest.mark.parametrize(
    "error, short",
    [
        (MemoryError(), True),
        (RuntimeError("can't start new thread"), True),
        (RuntimeError("something else"), False),
        (OSError(12, "Cannot allocate memory"), True),
        (OSError(28, "No space left on device"), False),
        (ValueError(), False),
    ],
)
def test_what_says_that_memory_is_short(error: Exception, short: bool) -> None:
    memory.notice(error)
    assert memory.IS_SHORT.is_set() == short
