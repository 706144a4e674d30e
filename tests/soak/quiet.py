"""From the last fault until nothing is left to do: time passes, people answer what they are asked, nobody mends.

Times that the product waits for are let pass as an operator cannot do it (a quarter of an hour after a take-over, a day
until the next regular look); everything else is done by the installation itself.
"""

import time
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from syncapp.core.states import AT_REST
from syncapp.engine import control
from syncapp.engine.rows.due import due_for_recheck, due_now
from syncapp.models import Appointment, CalendarEmployee, SyncRecord
from tests.soak.ground import Ground, patient, say
from tests.soak.operators import Operators
from tests.soak.people import Ledger

# At 20,000 records there is one at any moment: they are looked at all day long, the longest unseen first.
REGULAR_LOOK = Q(status_before__in=AT_REST, requested=F("completed"), dirty_since=None, unconfirmed=False)
STEADY = 3  # so many looks in a row have to find nothing left
LOOKS_SECONDS = 5.0


def come_to_rest(ground: Ground, ledger: Ledger, operators: Operators, *, seconds: float) -> list[str]:
    """What is still left when the time is over; nothing where all is done."""
    sandbox = ground.sandbox
    sandbox.heal()
    sandbox.control.tell("webhooks", deliver="auto")
    sandbox.espocrm(webhook_disorder=False)
    sandbox.control.tell("webhooks/flush", retries=True)
    _a_day_passes(ledger)
    deadline, steady, told, left = time.monotonic() + seconds, 0, 0.0, ["not looked yet"]
    while time.monotonic() < deadline and steady < STEADY:
        patient(operators.answer)
        patient(lambda: operators.let_go(after=0))
        patient(_waits_pass)
        left = patient(_left, ledger)
        steady = 0 if left else steady + 1
        if left and time.monotonic() - told > 30:
            told = time.monotonic()
            say(f"quiet: {'; '.join(left)}")
        time.sleep(LOOKS_SECONDS)
    return left


def _a_day_passes(ledger: Ledger) -> None:
    """For what was edited in Advoware, which tells nobody: the regular look comes to it."""
    long_ago = timezone.now() - timedelta(days=2)
    for betnr, at in list(ledger.in_advoware.items()):
        SyncRecord.objects.filter(betnr=betnr, last_check__lt=at + timedelta(seconds=30)).update(last_check=long_ago)
    CalendarEmployee.objects.update(last_full_pass=long_ago)


def _waits_pass() -> None:
    past = timezone.now() - timedelta(hours=1)
    SyncRecord.objects.filter(next_retry_at__gt=timezone.now()).update(next_retry_at=past)
    SyncRecord.objects.filter(late_look_at__gt=timezone.now()).update(late_look_at=past)
    CalendarEmployee.objects.filter(next_retry_at__gt=timezone.now()).update(next_retry_at=past)
    CalendarEmployee.objects.filter(late_look_at__gt=timezone.now()).update(late_look_at=past)
    Appointment.objects.filter(wait_until__gt=timezone.now()).update(wait_until=past)


def _left(ledger: Ledger) -> list[str]:
    """In words, with numbers."""
    mode = control.switches()
    touched = list(ledger.in_advoware)
    looked = Q(betnr__in=touched) & due_for_recheck()
    counts = {
        "due": SyncRecord.objects.filter(due_now(mode)).count(),
        "unsynced": SyncRecord.objects.filter(dirty_since__isnull=False)
        .exclude(status__in=("conflict", "failed"))
        .count(),
        "held by a run": SyncRecord.objects.exclude(lease_token="").exclude(REGULAR_LOOK).count(),
        "not looked at in Advoware": SyncRecord.objects.filter(looked).count(),
        "written and not confirmed": SyncRecord.objects.filter(unconfirmed=True)
        .exclude(status__startswith="deleted")
        .count(),
        "failed": SyncRecord.objects.filter(status__in=("failed", "permanently_failed")).count(),
        "in conflict": SyncRecord.objects.filter(status="conflict").count(),
        "calendars not clean": CalendarEmployee.objects.exclude(status="clean").count(),
        "appointments failed": Appointment.objects.filter(status="failed").count(),
        "appointments under way": Appointment.objects.filter(intent__isnull=False).count(),
    }
    return [f"{number} {name}" for name, number in counts.items() if number]


def writes_when_all_is_equal(ground: Ground, *, seconds: float = 60) -> list[str]:
    """A sweep and a full pass of every calendar: what they still write, of what nobody has edited."""
    ground.sandbox.clear_calls()
    ground.manage("sweep")
    ground.manage("calendar", "sync", "--all", "--full", "--force")
    time.sleep(seconds / 4)
    calls = ground.sandbox.calls()
    return sorted({f"{method} {path}" for _system, method, path in calls if method != "GET" and "token" not in path})
