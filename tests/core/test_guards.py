"""Back and forth: what counts is a value that returns, not how often somebody writes."""

from datetime import UTC, datetime, timedelta

import pytest

from syncapp.core.guards import Change, swinging

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
A, B, C = "Dr.", "Prof.", None


def story(*values: str | None, field: str = "titel") -> list[Change]:
    """The values that a field had one after the other, a minute apart, the last one a minute ago."""
    times = [NOW - timedelta(minutes=len(values) - place) for place in range(len(values))]
    steps = zip(values, values[1:], times[1:], strict=False)
    return [Change(field, before, after, at) for before, after, at in steps]


@pytest.mark.parametrize(
    "had, planned",
    [
        pytest.param(["1", "2", "3", "4", "5"], "6", id="five-corrections-and-a-sixth"),
        pytest.param([A, B], A, id="one-undo"),
        pytest.param([A, B, A, B], "PD", id="two-undos-then-something-new"),
        pytest.param([A, B, A, B], A, id="the-third-return"),
        pytest.param([A, C, A, C], A, id="emptied-and-filled-three-times"),
        pytest.param([], A, id="first-write"),
    ],
)
def test_at_work(had: list[str | None], planned: str | None) -> None:
    assert swinging(story(*had), {"titel": planned}, now=NOW) is None


@pytest.mark.parametrize(
    "had, planned",
    [
        pytest.param([A, B, A, B, A], B, id="A-B-A-B-A-B"),
        pytest.param([A, C, A, C, A], C, id="emptied-and-filled"),
        pytest.param([A, B, "PD", A, B, "PD"], A, id="round-in-three-values"),
    ],
)
def test_the_fourth_return_is_stopped(had: list[str | None], planned: str | None) -> None:
    assert swinging(story(*had), {"titel": planned, "zusatz": "c/o"}, now=NOW) == "titel"


def test_one_side_that_always_sets_back_is_stopped() -> None:
    """Each sync writes A where somebody's program keeps putting B."""
    changes = [Change("titel", B, A, NOW - timedelta(minutes=minute)) for minute in (8, 6, 4, 2)]
    assert swinging(changes, {"titel": A}, now=NOW) == "titel"
    assert swinging(changes[:3], {"titel": A}, now=NOW) is None


def test_an_hour_later_it_is_forgotten_and_other_fields_do_not_count() -> None:
    swung = story(A, B, A, B, A)
    assert swinging(swung, {"titel": B}, now=NOW + timedelta(hours=1)) is None
    assert swinging(swung, {"zusatz": B}, now=NOW) is None
