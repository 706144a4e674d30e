"""The morning's mail: what is open, for whom, since when. Counts and links, no values.

Invariant: sent once a day at most, and only where something is open.
"""

from collections import Counter
from datetime import date

from django.conf import settings
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from syncapp.core.faults.errors import WAITS_FOR_CHANGE, WAITS_FOR_PERSON
from syncapp.core.states import FAILING, Status
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildCase, Conflict, DeletionTask, SyncRecord
from syncapp.operations.alerts.telling import link, mail
from syncapp.operations.alerts.watch import open_alerts, sentence
from syncapp.operations.monitoring.attention import open_cases
from syncapp.words import sentences

SENT_ON = "digest.sent_on"


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
        if not lines or mail(_subject(now.date()), "\n".join(lines), list(settings.ALERT_EMAILS)):
            return bool(lines)
    remote_metadata.keep(SENT_ON, "")  # the next sweep tries again
    return False


def _subject(today: date) -> str:
    return _("Advosync: open on %(day)s") % {"day": today.strftime("%d.%m.%Y")}


def digest_lines() -> list[str]:
    """One line for each sort of open work; nothing where nothing is open."""
    lines = [f"• {sentence(alert)}" for alert in open_alerts()]
    failing = SyncRecord.objects.filter(status__in=FAILING)
    for kind, number in sorted(Counter(failing.values_list("kind", flat=True)).items()):
        if kind in WAITS_FOR_PERSON | WAITS_FOR_CHANGE:
            oldest = failing.filter(kind=kind).aggregate(at=Min("dirty_since"))["at"]
            lines.append(_line(str(sentences.kind_text(kind).name), number, oldest))
    lines += _open_rows(Conflict.objects.filter(open=True), "at", _("conflicts to decide"))
    lines += _open_rows(
        DeletionTask.objects.filter(done_at__isnull=True), "created_at", _("deletions to do in Advoware")
    )
    lines += _open_rows(
        ChildCase.objects.filter(open_cases()), "opened_at", _("tasks about addresses and bank accounts")
    )
    lines += _by_person()
    return [*lines, "", link(reverse("admin:index"))] if lines else []


def _open_rows(rows: object, column: str, name: str) -> list[str]:
    number = rows.count()  # type: ignore[attr-defined]
    return [_line(name, number, rows.aggregate(at=Min(column))["at"])] if number else []  # type: ignore[attr-defined]


def _line(name: str, number: int, oldest: object) -> str:
    if oldest is None:
        return f"• {name}: {number}"
    since = timezone.localtime(oldest).strftime("%d.%m. %H:%M")  # type: ignore[arg-type]
    return _("• %(name)s: %(number)d, the oldest since %(since)s") % {"name": name, "number": number, "since": since}


def _by_person() -> list[str]:
    """Open cases by the person who looks after them."""
    cases = SyncRecord.objects.filter(case__assignee__isnull=False).exclude(status=Status.CLEAN)
    people = cases.order_by().values_list("case__assignee__username").annotate(Count("pk"), Min("dirty_since"))
    return [_line(_("with %(name)s") % {"name": name}, number, oldest) for name, number, oldest in sorted(people)]
