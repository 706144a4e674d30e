"""The morning's mail: what is open, for whom, since when. Counts and links, no values.

Invariant: sent once a day at most, and only where something is open; what the landing page says that somebody has to do
is in it, and what somebody holds or has snoozed is not.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildCase, Conflict, DeletionTask, SyncRecord
from syncapp.operations.alerts.telling import link, mail
from syncapp.operations.alerts.watch import open_alerts, sentence
from syncapp.operations.calendars import overview
from syncapp.operations.monitoring import partition, quiet
from syncapp.operations.monitoring.attention import NEEDS_SOMEBODY, open_cases
from syncapp.words.calendars.looks import pile_words
from syncapp.words.monitoring.heaps import HEAPS

SENT_ON = "digest.sent_on"
# Conflicts are counted by their fields; what is late has an alert, and goes on by itself.
TOLD_OTHERWISE = {"conflict", "late"}


def send_digest_if_due() -> bool:
    """Send today's digest if its hour has come and it was not sent yet."""
    now = timezone.localtime()
    if (
        not settings.ALERT_EMAILS
        or now.hour < settings.DIGEST_HOUR
        or remote_metadata.kept(SENT_ON) == now.date().isoformat()
    ):
        return False
    remote_metadata.keep(SENT_ON, now.date().isoformat())
    with translation.override(settings.LANGUAGE_CODE):
        lines = digest_lines()
        subject = _("Advosync: open on %(day)s") % {"day": now.strftime("%d.%m.%Y")}
        if not lines or mail(subject, "\n".join(lines), list(settings.ALERT_EMAILS)):
            return bool(lines)
    remote_metadata.keep(SENT_ON, "")  # the next sweep tries again
    return False


def digest_lines() -> list[str]:
    """One line for each sort of open work; nothing where nothing is open."""
    lines = [f"• {sentence(alert)}" for alert in open_alerts()]
    lines += _records(timezone.now())
    lines += _open_rows(Conflict.objects.filter(open=True), "at", _("conflicts to decide"))
    lines += _open_rows(
        DeletionTask.objects.filter(done_at__isnull=True), "created_at", _("deletions to do in Advoware")
    )
    lines += _open_rows(
        ChildCase.objects.filter(open_cases()), "opened_at", _("tasks about addresses and bank accounts")
    )
    lines += _appointments()
    lines += _by_person()
    return [*lines, "", link(reverse("admin:index"))] if lines else []


def _records(now: datetime) -> Iterator[str]:
    """A line for each heap of records with something for a person in it, the worst first."""
    conditions = partition.conditions(now, control.switches())
    snoozed = quiet.records(now).values("pk")
    for code in HEAPS:
        if code in NEEDS_SOMEBODY and code not in TOLD_OTHERWISE:
            rows = SyncRecord.objects.filter(conditions[code]).exclude(pk__in=snoozed)
            yield from _open_rows(rows, "dirty_since", str(HEAPS[code]))


def _appointments() -> Iterator[str]:
    """Appointments: calendars that are stopped or given up have an alert."""
    tasks = overview.tasks()
    found = {"ask": tasks.asked, "failed": tasks.failed, "awaiting_removal": tasks.by_hand}
    return (_line(pile_words(pile, number), number, None) for pile, number in found.items() if number)


def _open_rows(rows: "QuerySet[Any]", column: str, name: str) -> list[str]:
    number = rows.count()
    return [_line(name, number, rows.aggregate(at=Min(column))["at"])] if number else []


def _line(name: str, number: int, oldest: datetime | None) -> str:
    if oldest is None:
        return f"• {name}: {number}"
    since = f"{timezone.localtime(oldest):%d.%m. %H:%M}"
    return _("• %(name)s: %(number)d, the oldest since %(since)s") % {"name": name, "number": number, "since": since}


def _by_person() -> list[str]:
    """Open cases by the person who looks after them."""
    cases = SyncRecord.objects.filter(case__assignee__isnull=False).exclude(status=Status.CLEAN)
    people = cases.order_by().values_list("case__assignee__username").annotate(Count("pk"), Min("dirty_since"))
    return [_line(_("with %(name)s") % {"name": name}, number, oldest) for name, number, oldest in sorted(people)]
