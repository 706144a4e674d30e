"""People in their roles, and records in every state, without the remote systems."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.admin import rooms
from tests.support.roles import client_of, group_of

ROLES = ("Reader", "Clerk", "Operator", "Auditor")


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    """A member of staff with one role; "" for one without any."""

    def make(role: str) -> User:
        user = User.objects.create_user(f"{role or 'nobody'}-{User.objects.count()}", password="geheim", is_staff=True)
        if role:
            user.groups.add(group_of(role))
        return user

    return make


@pytest.fixture
def as_role(person: Callable[[str], User]) -> Callable[[str], Client]:
    """A browser of somebody with this role, German unless told otherwise."""

    def log_in(role: str, language: str = "de") -> Client:
        return client_of(person(role), language)

    return log_in


@pytest.fixture
def clerk(as_role: Callable[[str], Client]) -> Client:
    return as_role("Clerk")


@pytest.fixture
def operator(as_role: Callable[[str], Client]) -> Client:
    return as_role("Operator")


@pytest.fixture
def boss(db: None) -> Client:
    """Somebody who may do everything."""
    return client_of(User.objects.create_superuser("chefin", "chefin@example.org", "geheim"))


@pytest.fixture(autouse=True)
def _redis_answers(redis_url: str) -> None:
    """As in an installation: pages say so where it does not."""


@pytest.fixture(autouse=True)
def _no_jobs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[int], str]]:
    """Nothing is enqueued for real: what would be is written down."""
    rung: list[tuple[list[int], str]] = []

    def enqueue(ids: Any, *, queue_name: str = "webhook", job: str = "syncapp.jobs.sync_records") -> None:
        rung.append((list(ids), job.rpartition(".")[2]))

    monkeypatch.setattr("syncapp.engine.job_queue.enqueue", enqueue)
    monkeypatch.setattr("syncapp.engine.job_queue.enqueue_each", enqueue)
    return rung


@pytest.fixture
def rung(_no_jobs: list[tuple[list[int], str]]) -> list[tuple[list[int], str]]:
    """(record ids, job) of everything that was enqueued."""
    return _no_jobs


@pytest.fixture
def live(db: None) -> None:
    rooms.go_live()
