"""The parts of the installation in words for people: its systems, Redis, workers, the clock, the sweep, webhooks.

Invariant: rows of ours are read at once (`from_rows`); what asks Redis (`from_redis`) is loaded after the page, and a
Redis that is silent costs two seconds, once, and a sentence. To extend: a further part is a Vital in one of the two.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import job_queue, registry, worker_signs
from syncapp.engine.dispatcher import late as dispatcher_late
from syncapp.engine.rows import locks
from syncapp.models import Breaker, Heartbeat, InboxElement
from syncapp.operations.monitoring.signs import health
from syncapp.operations.monitoring.signs.disturbances import Disturbance, disturbances
from syncapp.words.queues import QUEUES
from syncapp.words.time_format import clock, relative


@dataclass(frozen=True, slots=True)
class Vital:
    """One part: whether it is well (None: nothing can be said), and a word on it."""

    name: str
    well: bool | None
    words: str
    icon: str


def from_rows(*, now: datetime, breakers: Iterable[Breaker]) -> list[Vital]:
    """Two queries. breakers: all of them."""
    disturbed = {one.system: one for one in disturbances(now=now, breakers=breakers)}
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    newest = InboxElement.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    return [
        *(_system(system, disturbed.get(system), now, known="sweep" in beats) for system in registry.systems_in_use()),
        _beat(_("Dispatcher"), beats.get("dispatcher"), dispatcher_late(), now, "schedule"),
        _beat(_("Regular sweep"), beats.get("sweep"), health.sweep_late(), now, "cleaning_services"),
        Vital(_("Last webhook"), None, relative(newest, now=now) if newest else _("none yet"), "inbox"),
    ]


def _system(system: str, found: Disturbance | None, now: datetime, *, known: bool) -> Vital:
    """known: a sweep has called it. On a new installation perhaps nothing is set up yet, and nothing is well."""
    name = SYSTEM_NAMES[system]
    if found is None and not known:
        return Vital(name, None, _("known after the first sweep"), "dns")
    if found is None:
        return Vital(name, True, _("works"), "dns")
    told = {"since": clock(found.since, now=now), "reason": found.because}
    return Vital(name, False, _("disturbed since %(since)s: %(reason)s") % told, "dns")


def _beat(name: str, at: datetime | None, late: timedelta, now: datetime, icon: str) -> Vital:
    if at is None:
        return Vital(name, False, _("has not run yet"), icon)
    return Vital(name, abs(now - at) < late, _("last run %(when)s") % {"when": relative(at, now=now)}, icon)


def from_redis() -> list[Vital]:
    """Redis itself, the workers of each queue, and what waits on it."""
    try:
        connection = locks.connection(settings.REDIS_URL)
        connection.ping()
        workers = worker_signs.living(connection)
    except redis.RedisError:
        away = _("does not answer; webhooks are kept and synced as soon as it is back")
        return [*_storage(), Vital("Redis", False, away, "memory")]
    return [*_storage(), Vital("Redis", True, _("works"), "memory"), *_queues(workers)]


def _storage() -> Iterator[Vital]:
    """Said only where there is no room, since nothing else can be done then."""
    if not health.storage().ok:
        words = _("no room left: nothing can be stored. Make room; webhooks come again, and all goes on by itself")
        yield Vital(_("Disk of the database"), False, words, "hard_drive")


def _queues(workers: Tally[str]) -> Iterator[Vital]:
    for queue, row in QUEUES.items():
        if not row.workers or queue not in settings.QUEUE_NAMES:
            continue  # without calendars nobody has to serve theirs
        number, waiting = workers[queue], job_queue.waiting(queue) or 0
        words = ngettext("%(count)s worker", "%(count)s workers", number) % {"count": number}
        if waiting:
            words += ", " + ngettext("%(count)s job waits", "%(count)s jobs wait", waiting) % {"count": waiting}
        yield Vital(str(row.workers), number > 0, words if number else _("no worker runs"), "engineering")
