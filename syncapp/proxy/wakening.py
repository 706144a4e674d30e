"""A write of another program to something that is synced here: its record is looked at again, as after any edit.

Invariant: what was written over the proxy is an edit in Advoware like any other; no base and no echo knows of it, so
the next run carries it to EspoCRM or merges it. To extend: a synced kind is a row of KINDS.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.db.models import Q

from syncapp.core.proxy.paths import Pairs
from syncapp.core.proxy.resources import Match
from syncapp.core.requests import Source, Trigger
from syncapp.engine import job_queue
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.appointments import due_passes
from syncapp.models import SyncRecord
from syncapp.remotes.registry import google_calendar_in_use

log = logging.getLogger("advosync.proxy")
LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class ProxyWrite:
    """What another program wrote to, and what stood in its request."""

    match: Match
    parameters: Pairs
    body: object


def _beteiligter(written: ProxyWrite) -> bool:
    named = next(iter(written.match.segments[1:]), "")
    bet_nr = int(named) if named.isdecimal() and len(named) <= LONGEST_NUMBER else None
    record_id = SyncRecord.objects.filter(betnr=bet_nr).values_list("pk", flat=True).first() if bet_nr else None
    if record_id is None or not request_sync(
        SyncRecord, record_id=record_id, trigger=Trigger.UPDATE, source=Source.PROXY, cause="written over the proxy"
    ):
        return False
    job_queue.enqueue_each([record_id])
    return True


def _termin(written: ProxyWrite) -> bool:
    """The calendars that hold the Termin, and that of the employee whose it is by now."""
    if not google_calendar_in_use():
        return False
    body = written.body if isinstance(written.body, Mapping) else {}
    named = {name.lower(): str(value) for name, value in (*body.items(), *written.parameters)}
    number = next((text for text in (*written.match.segments[1:], named.get("frnr", "")) if text.isdecimal()), "")
    whose = Q(kuerzel__iexact=named.get("anwalt", "").strip()) if named.get("anwalt", "").strip() else Q(pk__in=())
    if number and len(number) <= LONGEST_NUMBER:
        whose |= Q(appointments__fr_nr=int(number))
    ids = list(due_passes.synced().filter(whose).values_list("pk", flat=True).distinct())
    return bool(due_passes.request_passes(ids, source=Source.PROXY, cause="written over the proxy", urgent=True))


# By the first part of the path, in lower case: a row of the installation may spell it in another way.
KINDS: Mapping[str, Callable[[ProxyWrite], bool]] = {"beteiligte": _beteiligter, "termine": _termin}


def wake(match: Match, *, parameters: Pairs = (), body: object = None) -> bool:
    """Ask for a sync of what was written, if it is synced here; whether it was asked for.

    Lost, it is made up for by the regular look at Advoware, so it never spoils the answer to the write.
    """
    kind = KINDS.get(match.segments[0].lower())
    try:
        return kind is not None and kind(ProxyWrite(match, parameters, body))
    except (DatabaseError, ValueError) as error:  # the latter: a text that no database can be asked for
        log.error("proxy_write_not_told", extra={"error": type(error).__name__})
        return False
