"""One installation at several sizes, each in a database of its own, so that they are looked at by turns."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.filling import Filling


class Sizes:
    """The databases by their number of records; the largest one is that of the installation itself."""

    def __init__(self, sizes: Sequence[int]) -> None:
        from django.db import connection

        filling, self._names = Filling(), {}
        for size in sizes:
            filling.grow(size)
            self._names[size] = str(connection.settings_dict["NAME"])
            if size != sizes[-1]:
                self._names[size] = _copied(self._names[size], str(size))

    @contextmanager
    def at(self, size: int) -> Iterator[None]:
        """Everything within reads and writes the database of that size."""
        from django.db import connection

        before = connection.settings_dict["NAME"]
        _use(self._names[size])
        try:
            yield
        finally:
            _use(before)


def _use(name: str) -> None:
    from django.db import connection

    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = name


def _copied(name: str, size: str) -> str:
    """A copy of the database as it is now; its name."""
    from django.db import connection

    copy = f"{name}_{size}"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(name, copy)
        return copy
    _use("template1")
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name
        cursor.execute(f"CREATE DATABASE {quoted(copy)} TEMPLATE {quoted(name)}")
    _use(name)
    return copy
