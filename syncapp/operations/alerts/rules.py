"""The rules: what is looked at, from when on it is too much, and what people are told.

Invariant: a rule reads indexed rows only and answers with figures, or None where all is well.
To extend: a function and its row in RULES, its texts with it; a threshold is a setting. The table in docs/METRICS.md is
rendered from the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet
from django.urls import reverse_lazy
from django.utils.functional import lazy

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import Status
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import control
from syncapp.engine.rows.due import unsynced
from syncapp.entities.beteiligte.probes import other_installation as others
from syncapp.entities.beteiligte.probes import recheck
from syncapp.entities.beteiligte.probes.remote_metadata import LIFETIME, RECHTSFORMEN
from syncapp.models import (
    Attempt,
    Breaker,
    CalendarEmployee,
    CallOutcome,
    Control,
    Heartbeat,
    Mode,
    Outcome,
    ProxyCall,
    RecordCount,
    RemoteFact,
    SyncRecord,
)
from syncapp.operations.calendars import passes as calendar_passes
from syncapp.operations.monitoring.attention import keys_in_use, keys_missed, lost_writes
from syncapp.operations.monitoring.metrics import given_up
from syncapp.operations.monitoring.signs import regular_jobs
from syncapp.words import Words, html
from syncapp.words.monitoring.alerts import ALERTS
from syncapp.words.monitoring.jobs import job_name
from syncapp.words.time_format import exact

Figures = dict[str, Any]
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
HALF_AN_HOUR = timedelta(minutes=30)
# So many names stand in a sentence.
SOME = 10
SEVERAL = 3
LANDING_PAGE = reverse_lazy("admin:index")


@dataclass(frozen=True, slots=True)
class Rule:
    """`measure` answers figures for the texts where the rule is broken; its name is the rule's code, which stands in
    rows and is never another. `link`: the admin page that shows it.

    urgent: looked at every minute by the dispatcher; the others by the sweep. words: codes among the figures, in words.
    when: for the documents, with the settings that it depends on in braces. prometheus: the alert of
    deploy/prometheus-rules.yml that says the same, empty where no metric tells it. becomes: the rule, earlier in the
    table, that is broken once what this one warns of has happened; while it is, the end of this one is no all-clear.
    all_clear: whether its end is one at all, and not merely the end of the time for which it is told.
    """

    measure: Callable[[datetime], Figures | None]
    link: Words = LANDING_PAGE
    urgent: bool = False
    words: Callable[[Figures], Figures] = dict
    when: str = ""
    prometheus: str = ""
    becomes: str = ""
    all_clear: bool = True

    @property
    def code(self) -> str:
        return self.measure.__name__

    @property
    def text(self) -> Words:
        return ALERTS[self.code].text

    @property
    def advice(self) -> Words:
        return ALERTS[self.code].advice


def _above(limit: int, number: int) -> Figures | None:
    return {"number": number, "limit": limit} if number > limit else None


def permanently_failed(now: datetime) -> Figures | None:
    return _above(settings.ALERT_PERMANENTLY_FAILED, given_up(now))


def slow_sync(now: datetime) -> Figures | None:
    since = now - 2 * settings.SYNC_SWEEP_MINUTES * MINUTE
    slowest = Attempt.objects.filter(started_at__gt=since).aggregate(ms=Max("duration_ms"))["ms"] or 0
    limit = settings.ALERT_SYNC_SECONDS
    return {"seconds": slowest // 1000, "limit": limit} if slowest > limit * 1000 else None


def many_errors(now: datetime) -> Figures | None:
    failed = Attempt.objects.filter(started_at__gt=now - HOUR, outcome=Outcome.FAILED)
    return _above(settings.ALERT_ERRORS_PER_HOUR, failed.count())


def no_sweep(now: datetime) -> Figures | None:
    started = Control.objects.filter(pk=1).values_list("changed_at", flat=True)
    last = Heartbeat.last("sweep") or started.first()
    lasts = now - last if last else timedelta()
    return {"minutes": lasts // MINUTE} if lasts > settings.ALERT_NO_SWEEP_MINUTES * MINUTE else None


def oldest_unsynced(now: datetime) -> Figures | None:
    since = now - settings.ALERT_UNSYNCED_MINUTES * MINUTE
    number = SyncRecord.objects.filter(unsynced(control.switches()), dirty_since__lt=since).count()
    return {"number": number, "limit": settings.ALERT_UNSYNCED_MINUTES} if number else None


def breaker_open(now: datetime) -> Figures | None:
    since = now - settings.ALERT_BREAKER_MINUTES * MINUTE
    systems = Breaker.objects.filter(open_until__isnull=False, open_since__lt=since).order_by("system")
    names = [SYSTEM_NAMES.get(row.system, row.system) for row in systems]
    return {"systems": ", ".join(names)} if names else None


def long_pause(now: datetime) -> Figures | None:
    switches = control.switches()
    paused = switches.mode == Mode.PAUSED or switches.held_sides
    lasts = now - switches.changed_at
    return {"hours": lasts // HOUR} if paused and lasts > settings.ALERT_PAUSE_HOURS * HOUR else None


def guard_stopped(now: datetime) -> Figures | None:
    # Without what somebody holds: an alarm that is open for ever would never tell of the next stop.
    number = RecordCount.objects.number(status=Status.FAILED, kind=ErrorKind.BLOCKED, hold="")
    return {"number": number} if number else None


def other_installation(now: datetime) -> Figures | None:
    """One such stamp may be a person's; several within an hour are a program's."""
    found = others.moments(after=now - HOUR)
    return {"number": len(found), "at": exact(found[-1])} if len(found) >= SEVERAL else None


def long_round(now: datetime) -> Figures | None:
    length = recheck.round_length()
    return {"hours": length // HOUR} if length > settings.SYNC_RECHECK_HOURS * HOUR else None


def rechtsformen_unread(now: datetime) -> Figures | None:
    """Legal forms are checked against the last list: none that could be read, or one that is two days old."""
    fact = RemoteFact.objects.filter(pk=RECHTSFORMEN).first()
    return {} if fact and (not fact.value or now - fact.fetched_at > 2 * LIFETIME) else None


def proxy_wrong_keys(now: datetime) -> Figures | None:
    calls = ProxyCall.objects.filter(outcome=CallOutcome.UNAUTHORIZED, at__gt=now - HOUR)
    return _above(settings.ALERT_PROXY_WRONG_KEYS, calls.count())


def proxy_key_ends(now: datetime) -> Figures | None:
    soon = now + timedelta(days=settings.ALERT_PROXY_KEY_DAYS)
    number = sum(row.expires_at < soon for row in keys_in_use(now))
    return {"number": number, "days": settings.ALERT_PROXY_KEY_DAYS} if number else None


def proxy_key_ended(now: datetime) -> Figures | None:
    number = len(keys_missed(now)) if settings.ALERT_PROXY_KEY_DAYS else 0
    return {"number": number} if number else None


def proxy_unknown(now: datetime) -> Figures | None:
    number = lost_writes(now).count()
    return {"number": number} if number else None


def calendar_stopped(now: datetime) -> Figures | None:
    """Calendars that a brake has stopped, or that cannot be reached: nobody but a person lets them go on."""
    return _named(calendar_passes.stopped())


def calendar_given_up(now: datetime) -> Figures | None:
    """Calendars that go wrong with each pass. One is enough: nothing of an employee's is carried any more."""
    return _named(calendar_passes.given_up())


def _named(calendars: "QuerySet[CalendarEmployee]") -> Figures | None:
    names = list(calendars.order_by("kuerzel").values_list("kuerzel", flat=True))
    return {"number": len(names), "kuerzel": ", ".join(names[:SOME])} if names else None


def calendar_late(now: datetime) -> Figures | None:
    """Calendars that nobody has looked at for much longer than there is between two passes."""
    limit = 2 * (settings.CALENDAR_SYNC_MINUTES * MINUTE or DAY) + HALF_AN_HOUR
    number = calendar_passes.late(now - limit).count()
    return {"number": number, "minutes": limit // MINUTE} if number else None


def calendar_quota(now: datetime) -> Figures | None:
    until = calendar_passes.creates_stopped_until()
    return {"until": exact(until)} if until else None


def job_failing(now: datetime) -> Figures | None:
    """A job that runs again and again and fails each time: nobody waits for it, so nobody would notice."""
    rows = regular_jobs.keep_failing()
    return {"jobs": [row.name for row in rows], "failures": max(row.failures for row in rows)} if rows else None


def _job_names(figures: Figures) -> Figures:
    names = dict.fromkeys(job_name(job) for job in figures.get("jobs", ()))
    return {**figures, "jobs": "; ".join(names) or "–"}


_listed = lazy(html.listed, str)
RULES: tuple[Rule, ...] = (
    Rule(
        permanently_failed,
        _listed("syncrecord", status__exact="permanently_failed"),
        when="more than {ALERT_PERMANENTLY_FAILED} records",
        prometheus="AdvosyncPermanentlyFailed",
    ),
    Rule(
        slow_sync,
        when="a run of the last half hour took more than {ALERT_SYNC_SECONDS} s",
        prometheus="AdvosyncSlowSync",
    ),
    Rule(
        many_errors,
        _listed("syncrecord", status__exact="failed"),
        when="more than {ALERT_ERRORS_PER_HOUR} failed runs within an hour",
        prometheus="AdvosyncManyErrors",
    ),
    Rule(
        no_sweep,
        urgent=True,
        when="none for {ALERT_NO_SWEEP_MINUTES} minutes",
        prometheus="AdvosyncNoSweep",
    ),
    Rule(
        job_failing,
        reverse_lazy("admin:ops_jobs"),
        urgent=True,
        words=_job_names,
        when="a regular job, or a step of the sweep, has failed {ALERT_JOB_FAILURES} times in a row",
    ),
    Rule(
        other_installation,
        urgent=True,
        when="three records within an hour show a sync that is not ours, of a time at which we were at work",
    ),
    Rule(
        oldest_unsynced,
        _listed("syncrecord", status__exact="dirty"),
        when="a change waits for more than {ALERT_UNSYNCED_MINUTES} minutes",
        prometheus="AdvosyncOldestUnsynced",
    ),
    Rule(
        breaker_open,
        urgent=True,
        when="for more than {ALERT_BREAKER_MINUTES} minutes",
        prometheus="AdvosyncBreakerOpen",
    ),
    Rule(
        long_pause,
        when="a pause, or writes to one side held, for more than {ALERT_PAUSE_HOURS} hours",
    ),
    Rule(
        guard_stopped,
        _listed("syncrecord", kind__exact="blocked"),
        when="a guard has stopped a mass change, or what goes back and forth",
    ),
    Rule(
        long_round,
        when="to read all records in Advoware once takes more than {SYNC_RECHECK_HOURS} hours",
    ),
    Rule(
        rechtsformen_unread,
        when="Advoware's list could never be read, shows no form, or is two days old",
    ),
    Rule(
        calendar_stopped,
        _listed("calendaremployee", state="stopped"),
        when="a brake has stopped a calendar, or it cannot be reached",
        prometheus="AdvosyncCalendarStopped",
    ),
    Rule(
        calendar_given_up,
        _listed("calendaremployee", state="given_up"),
        when="a calendar has failed for good, until a pass over it goes well",
        prometheus="AdvosyncCalendarGivenUp",
    ),
    Rule(
        calendar_late,
        when="a calendar was not looked at for twice {CALENDAR_SYNC_MINUTES} and half an hour",
        prometheus="AdvosyncCalendarLate",
    ),
    Rule(
        calendar_quota,
        when="Google has refused new appointments for hours",
        prometheus="AdvosyncCalendarQuota",
    ),
    Rule(
        proxy_wrong_keys,
        _listed("proxycall", outcome="unauthorized"),
        when="more than {ALERT_PROXY_WRONG_KEYS} calls of the proxy with a wrong key within an hour",
        prometheus="AdvosyncProxyWrongKeys",
    ),
    Rule(
        proxy_key_ended,
        _listed("proxykey", state="missed"),
        when="a key of the proxy has ended, and a program has sent it within 35 days, before or since",
    ),
    Rule(
        proxy_key_ends,
        _listed("proxykey", state="ending"),
        when="a key of the proxy ends within {ALERT_PROXY_KEY_DAYS} days",
        becomes="proxy_key_ended",
    ),
    Rule(
        proxy_unknown,
        _listed("proxycall", outcome="unknown"),
        when="a write of another program within a day of which nobody knows whether Advoware carried it out",
        prometheus="AdvosyncProxyOutcomeUnknown",
        all_clear=False,
    ),
)
BY_CODE = {rule.code: rule for rule in RULES}
