"""A plugin of pytest for a second database: only the tests that ask one, and of each a few cases.

All others would say the same once more: what asks no database, and the many cases of a table that ask it alike.
Invariant: what uses a database does so through a fixture or a mark, since pytest-django lets nobody else near it. Where
the cases are values that a database has to keep, every one is asked for (OF_VALUES).
"""

from collections import Counter

import pytest

FIXTURES = frozenset({"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"})
CASES = 2
OF_VALUES = ("test_odd_text.py", "test_child_lists_search.py", "test_finding.py")


def asks_a_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or bool(FIXTURES & set(getattr(item, "fixturenames", ())))


def chosen(items: list[pytest.Item]) -> list[pytest.Item]:
    """Of each test that asks a database the first cases, in the order in which they stand."""
    cases: Counter[str] = Counter()
    kept = []
    for item in filter(asks_a_database, items):
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        if cases[test] <= CASES or item.nodeid.partition("::")[0].endswith(OF_VALUES):
            kept.append(item)
    return kept


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = chosen(items)
    left_out = set(items) - set(kept)
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = kept
