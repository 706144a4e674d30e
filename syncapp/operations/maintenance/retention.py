"""Retention: history has an end; what still has to be done has none.

Invariant: open conflicts, open tasks, unsent notices, those of what still fails, intents and bases are never purged;
rows go in small portions, so that nobody waits for a lock. To extend: a new kind of history is a row of RULES.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from syncapp.entities.appointments.rows.store import CLOSED_FOR
from syncapp.entities.beteiligte.finding import texts
from syncapp.models import (
    Alert,
    Appointment,
    AppointmentChange,
    AppointmentConflict,
    Attempt,
    BackfillRun,
    BulkAction,
    BulkState,
    CalendarPass,
    CalendarStatusChange,
    ChildCase,
    Conflict,
    DeletionTask,
    DriftReport,
    Export,
    FieldChange,
    GuardCount,
    InboxElement,
    KeptAnswer,
    Notice,
    OperatorLog,
    ProxyCall,
    StatusChange,
    Sweep,
)
from syncapp.operations.exports import orders

PORTION = 1000
# The inbox is needed only until its elements are judged; a month serves those who ask what came in.
INBOX_DAYS = 30


def _rules(before: datetime) -> Iterator["models.QuerySet[models.Model]"]:
    inbox = max(before, timezone.now() - timedelta(days=INBOX_DAYS))
    yield FieldChange.objects.filter(at__lt=before)
    yield Attempt.objects.filter(started_at__lt=before)
    yield StatusChange.objects.filter(at__lt=before)
    yield Conflict.objects.filter(at__lt=before, open=False)
    yield AppointmentChange.objects.filter(at__lt=before)
    yield CalendarPass.objects.filter(started_at__lt=before)
    yield CalendarStatusChange.objects.filter(at__lt=before)
    yield AppointmentConflict.objects.filter(at__lt=before)
    # For the ids that they burnt: Google may show one again for as long as its trash keeps it.
    yield Appointment.objects.filter(closed_at__lt=min(before, timezone.now() - CLOSED_FOR))
    yield DeletionTask.objects.filter(done_at__lt=before)
    yield ChildCase.objects.filter(closed_at__lt=before)
    yield _notices(before)
    yield OperatorLog.objects.filter(at__lt=before)
    # With its thousands of ids; by one that still holds a record, or makes an error quiet, that can be undone.
    over = models.Q(ended_at__lt=before) | models.Q(state=BulkState.ASKED, created_at__lt=before)
    yield BulkAction.objects.filter(over, holds=None, snoozed=None)
    # One that was told stays until it is told as well that it is over.
    yield Alert.objects.filter(closed_at__lt=before).exclude(told_open_at__isnull=False, told_closed_at=None)
    yield InboxElement.objects.filter(received_at__lt=inbox, judged_at__isnull=False)
    yield Sweep.objects.filter(started_at__lt=before)
    yield DriftReport.objects.filter(started_at__lt=before)
    yield BackfillRun.objects.filter(ended_at__lt=before)
    yield ProxyCall.objects.filter(at__lt=before)
    yield from _brief(timezone.now())
    # Of those who work here: whose login has ended, who mistyped a password from where, who changed which user.
    yield Session.objects.filter(expire_date__lt=timezone.now())
    yield AccessAttempt.objects.filter(attempt_time__lt=before)
    yield LogEntry.objects.filter(action_time__lt=before)


def _notices(before: datetime) -> "models.QuerySet[Notice]":
    """Of what a record still fails with the notice stays: by it the next look knows that somebody has been told."""
    told = Notice.objects.filter(created_at__lt=before).exclude(sent_at__isnull=True, refused="")
    return told.exclude(event="failed", record__kind__gt="")


def _brief(now: datetime) -> Iterator["models.QuerySet[models.Model]"]:
    """What is kept for days at most, whatever the setting says."""
    # Answers for repetitions hold what Advoware said: a day, as callers are promised.
    yield KeptAnswer.objects.filter(begun_at__lt=now - timedelta(days=1))
    # Files that somebody ordered, with their parts: they hold what that person could see then.
    yield Export.objects.filter(created_at__lt=now - orders.KEPT)
    yield GuardCount.objects.filter(at__lt=now - timedelta(days=1))


def purge_due() -> int:
    """What the setting says has had its time; at most one portion a kind, so that a sweep stays short."""
    return purge(before=timezone.now() - timedelta(days=settings.SYNC_HISTORY_DAYS), portions=1)


def purge(*, before: datetime, portions: int | None = None) -> int:
    """Delete history older than `before`, in portions, and what records were called until then; how many rows."""
    texts.forget_former(before=before)
    return sum(_purge(rows, portions) for rows in _rules(before))


def countable(*, before: datetime) -> int:
    """How many rows a purge would delete."""
    return sum(rows.count() for rows in _rules(before))


def purge_by_hand(*, days: int, actor: str) -> int:
    """Delete what is older than so many days, all of it, with a row in the operator log; how many rows."""
    deleted = purge(before=timezone.now() - timedelta(days=days))
    OperatorLog.objects.create(actor=actor, action="purge_history", target=f"> {days} d", count=deleted)
    return deleted


def _purge(rows: "models.QuerySet[models.Model]", portions: int | None) -> int:
    deleted = 0
    while portions is None or deleted < portions * PORTION:
        ids = list(rows.values_list("pk", flat=True)[:PORTION])
        if not ids:
            break
        rows.model._default_manager.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted
