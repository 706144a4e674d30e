"""The database's own upkeep never stands in anybody's way."""

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from syncapp.operations.maintenance import upkeep

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_database_that_somebody_else_writes_to_is_left_for_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Busy:
        def __enter__(self) -> "Busy":
            return self

        def __exit__(self, *_error: object) -> None: ...

        def execute(self, statement: str) -> None:
            asked.append(statement)
            if "optimize" in statement:
                raise OperationalError("database is locked")

    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setattr(connection, "cursor", Busy)
    upkeep.gather_statistics()
    assert any("optimize" in statement for statement in asked)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own")
def test_statistics_are_gathered(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        upkeep.gather_statistics()
