"""Does a pooler stand before PostgreSQL, and is it known of?"""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.shapes import Found


def look_at_pooling(evidence: Evidence) -> Iterator[Found]:
    """A pooler between gives itself away: the server process is not the one that was named when connecting."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pooled = cursor.fetchone()[0] != connection.connection.info.backend_pid
    if pooled and not settings.DATABASE_TRANSACTION_POOLING:
        yield Found("pooler_unknown")
    if pooled and connection.connection.prepare_threshold is not None:
        yield Found("pooler_prepares")
