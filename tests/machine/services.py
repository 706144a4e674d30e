"""The real services for the state machines: on the model of a story's world, with its leases watched.

Invariant: nothing is replaced but the clients, Redis, threads, and the brakes that would stop a wild story. To extend:
a machine puts its world into `NOW`, which says by which clients it is reached.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.utils import timezone
from greenlet import getcurrent

from syncapp.engine import breaker, control, guards, job_queue
from syncapp.engine.rows.lease import Lease
from syncapp.engine.runs import sync_record
from syncapp.entities.beteiligte import entity, read
from syncapp.entities.beteiligte.child_events import records
from syncapp.entities.beteiligte.clients import Clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Control, SyncRecord
from syncapp.operations.notifications import notify


class AtOnce:
    """Reads in the same greenlet, so that they are stops like every other call."""

    def submit(self, function: Any, *arguments: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


class NoLock:
    """Redis is away: the lease alone has to serve."""

    def __init__(self, espo_id: str) -> None:
        self.espo_id = espo_id

    def acquire(self) -> bool:
        return True

    def renew(self) -> None: ...

    def release(self) -> None: ...


class Leases:
    """Who took which lease, by greenlet."""

    def __init__(self) -> None:
        self.held: dict[Any, Lease] = {}

    def referee(self) -> None:
        """Called when a worker has come to a write, which is just after it has renewed: the row must be its own."""
        lease = self.held[getcurrent()]
        row = SyncRecord.objects.get(pk=lease.record_id)
        assert (row.fence, row.lease_token) == (lease.fence, lease.token), "a write without holding the record"
        assert row.lease_expires is not None
        assert row.lease_expires > timezone.now(), "a write under a lease that has run out"


NOW: dict[str, Any] = {}
# What all stories share: the switches, and what is known of the two systems.
SHARED = frozenset({"Control", "RemoteFact"})


def empty() -> None:
    """Forget the story before: what it left, and what its dead workers did when they were buried."""
    for model in apps.get_app_config("syncapp").get_models():
        if model.__name__ not in SHARED and model._default_manager.exists():
            model._default_manager.all().delete()


@pytest.fixture
def services(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real services on models of both systems; brakes that would stop a wild story are off."""
    monkeypatch.setattr(django_settings, "SYNC_MAX_RETRIES", 10**6)
    control.set_mode(mode="live", by="tests")
    Control.objects.update(live_since=timezone.now() - timedelta(days=3650))
    real_acquire = sync_record.acquire

    def acquire(*model: Any, **what: Any) -> Any:
        taken = real_acquire(*model, **what)
        if taken is not None:
            NOW["leases"].held[getcurrent()] = taken[0]
        return taken

    def clients() -> Clients:
        return Clients(*NOW["world"].clients())

    monkeypatch.setattr(sync_record, "acquire", acquire)
    monkeypatch.setattr(entity, "configured_clients", clients)
    monkeypatch.setattr(remote_metadata, "configured_clients", clients)
    monkeypatch.setattr(notify, "configured_clients", clients)
    monkeypatch.setattr(records, "configured_clients", clients)
    monkeypatch.setattr(sync_record, "RecordLock", NoLock)
    monkeypatch.setattr(read, "READERS", AtOnce())
    monkeypatch.setattr(guards, "oscillation", lambda *_run, **_fields: None)
    monkeypatch.setattr(breaker, "failed", lambda **_error: False)
    monkeypatch.setattr(job_queue, "enqueue_each", lambda *_records, **_where: None)
    monkeypatch.setattr(job_queue, "enqueue_call", lambda *_job, **_where: None)
    remote_metadata.forget()
    yield
    remote_metadata.forget()
