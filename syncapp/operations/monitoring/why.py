"""One sentence on why a record is not synced at the moment.

Invariant: it reads rows that the caller has loaded, and asks once what holds up the queues, for a record that waits
for nothing else; no sentence holds a personal value. What stops a record is looked for in the order in which it stops
it: a person's word, the switches, the systems, the record itself.
To extend: a further reason is a function of REASONS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _

from syncapp.core.faults.errors import WAITS_FOR_CHANGE, WAITS_FOR_PERSON
from syncapp.core.requests import RECORD_QUEUES, Hold, QueueName
from syncapp.core.states import DELETED, Status
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import dispatcher, queue_pauses
from syncapp.engine.control import current_epoch, in_pilot
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.models import Breaker, Control, Heartbeat, Mode, SyncRecord
from syncapp.words import actor_words, sentences
from syncapp.words.queues import paused_words
from syncapp.words.time_format import clock, relative


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for all records at a moment. `breakers`: the open ones, by system, of those that a run calls.
    `held_up`: why no turn comes."""

    control: Control
    now: datetime
    breakers: Mapping[str, Breaker] = field(default_factory=dict)
    held_up: Callable[[], str] = str


def situation(*, control: Control, now: datetime) -> Situation:
    """The situation as the database has it: one query besides the switches, which the caller has read."""
    rows = Breaker.objects.filter(open_until__isnull=False, system__in=SYSTEMS)
    return Situation(control, now, {row.system: row for row in rows}, cache(lambda: _held_up(now)))


def _held_up(now: datetime) -> str:
    """Why nothing that waits for its turn gets it: nobody takes it from the queues, or nobody puts it there."""
    paused = queue_pauses.paused()
    if paused.keys() >= RECORD_QUEUES:
        return paused_words(paused[QueueName.URGENT], now=now)
    beat = Heartbeat.last("dispatcher")
    if beat is None or now - beat < dispatcher.late():
        return ""
    return _(
        "Waits: nothing has been handed to the workers since %(since)s. The start page shows what is missing; after "
        "that it goes on by itself."
    ) % {"since": clock(beat, now=now)}


def why_not_synced(record: SyncRecord, at: Situation) -> str:
    """The sentence, "" where both sides are equal, nobody asked for anything, and somebody looks."""
    if record.status == Status.CLEAN:
        return _held(record, at)  # nobody looks whether it is equal still
    return next((sentence for reason in REASONS if (sentence := reason(record, at))), "")


def _gone(record: SyncRecord, at: Situation) -> str:
    if record.status not in DELETED:
        return ""
    changed = " " + _("It has been changed since.") if record.requested > record.completed else ""
    if record.status == Status.DELETED_IN_ESPOCRM:
        return _("Deleted in EspoCRM: there is nothing left to sync.") + changed
    return (
        _("betNr %(betnr)s is gone in Advoware. Link the record to another betNr, or choose “Try again”.")
        % {"betnr": record.betnr or "–"}
        + changed
    )


def _held(record: SyncRecord, at: Situation) -> str:
    if record.hold == Hold.PAUSED:
        return _("This record was paused by hand.")
    if record.hold == Hold.UNLINKED:
        return _("Unlinked by hand: link it to a betNr, or allow a create.")
    return _("This record is ignored on purpose.") if record.hold else ""


def _running(record: SyncRecord, at: Situation) -> str:
    if record.status != Status.SYNCING:
        return ""
    if record.lease_expires is not None and record.lease_expires <= at.now:
        return _("A run broke off (%(holder)s); its lock ended %(when)s, and the next run takes over.") % {
            "when": relative(record.lease_expires, now=at.now),
            "holder": record.lease_holder or "–",
        }
    since = clock(record.lease_since or at.now, now=at.now)
    lease = timedelta(seconds=settings.SYNC_LOCK_TTL_SECONDS)
    if record.lease_since is not None and at.now - record.lease_since > lease:
        words = {"when": since, "holder": record.lease_holder or "–"}
        return _("A run has held it for longer than a run should last, since %(when)s: %(holder)s.") % words
    return _("A run is at work on it, since %(when)s.") % {"when": since}


def _waits_for_person(record: SyncRecord, at: Situation) -> str:
    if record.status == Status.CONFLICT:
        return _("Waits for a decision: both sides were changed.")
    if record.status != Status.FAILED or record.kind not in WAITS_FOR_PERSON:
        return ""
    return _("Waits for a person: %(meaning)s") % {"meaning": sentences.kind_text(record.kind, record.fault).meaning}


def _paused(record: SyncRecord, at: Situation) -> str:
    if at.control.mode != Mode.PAUSED:
        return ""
    until = clock(at.control.until, now=at.now) if at.control.until else ""
    template = _("Everything is paused by %(by)s until %(until)s.") if until else _("Everything is paused by %(by)s.")
    return template % {"by": actor_words(at.control.by) or "–", "until": until}


def _breaker(record: SyncRecord, at: Situation) -> str:
    for row in at.breakers.values():
        ahead = row.open_until is not None and row.open_until > at.now
        template = (
            _("%(system)s does not work since %(since)s; it is tried again at %(until)s.")
            if ahead
            else _("%(system)s does not work since %(since)s; it is being tried again.")
        )
        return template % {
            "system": SYSTEM_NAMES.get(row.system, row.system),
            "since": clock(row.open_since or at.now, now=at.now),
            "until": clock(row.open_until, now=at.now) if row.open_until else "–",
        }
    return ""


def _refused(record: SyncRecord, at: Situation) -> str:
    if record.status == Status.FAILED and record.kind in WAITS_FOR_CHANGE:
        return _("Refused; tried again when it is corrected, or when somebody asks for it.")
    return ""


def _backoff(record: SyncRecord, at: Situation) -> str:
    count = {"count": record.retry_count, "most": settings.SYNC_MAX_RETRIES}
    if record.status == Status.PERMANENTLY_FAILED:
        when = clock(record.auto_reset_at, now=at.now) if record.auto_reset_at else "–"
        return _("All %(most)s attempts failed; it is tried again by itself on %(when)s.") % {**count, "when": when}
    if record.status != Status.FAILED or _is_set_aside(record, at):
        return ""
    if record.next_retry_at is None or record.next_retry_at <= at.now:
        return _("Attempt %(count)s of %(most)s failed; the next one is due.") % count
    return _("Attempt %(count)s of %(most)s failed; the next one follows %(when)s.") % {
        **count,
        "when": relative(record.next_retry_at, now=at.now),
    }


def _shadow(record: SyncRecord, at: Situation) -> str:
    if at.control.mode == Mode.SHADOW:
        return _("Shadow mode: everything is planned, nothing is written.")
    return _("Not part of the pilot: planned only.") if _is_outside_pilot(record, at) else ""


def _is_set_aside(record: SyncRecord, at: Situation) -> bool:
    """Planned only, and not again until it changes or the switches do."""
    return record.deferred == record.requested and record.deferred_epoch == current_epoch(at.control)


def _is_outside_pilot(record: SyncRecord, at: Situation) -> bool:
    """As the latest look has found it, by the name that EspoCRM shows; before the first, by what we know of names.

    Ours has the first name before the name, by which the pilot goes.
    """
    if not settings.SYNC_ONLY:
        return False  # nor are the values read, which a list has not loaded for everybody
    if _is_set_aside(record, at) and not at.control.held_sides:
        return True
    words = record.name.split()
    endings = (" ".join(words[place:]) for place in range(len(words)))
    return not in_pilot(identity=record.espo_id, names=(*endings, record.base_espo.get("name") or ""))


def _side_held(record: SyncRecord, at: Situation) -> str:
    """The rest of the record has been carried: what is left waits for that side."""
    if not at.control.held_sides or not record.deferred or record.deferred != record.requested:
        return ""
    return _("Nothing is written to %(system)s, by order of %(by)s; the rest follows when that is over.") % {
        "system": ", ".join(SYSTEM_NAMES.get(side, side) for side in at.control.held_sides),
        "by": actor_words(at.control.by) or "–",
    }


def _waiting(record: SyncRecord, at: Situation) -> str:
    if held_up := at.held_up():
        return held_up
    if record.status == Status.PENDING_SYNC:
        return _("Waits for its first sync, which comes within a minute or two.")
    return _("Waits for its turn, which comes within a minute or two.")


REASONS: tuple[Callable[[SyncRecord, Situation], str], ...] = (
    _gone,
    _held,
    _running,
    _waits_for_person,
    _paused,
    _breaker,
    _refused,
    _backoff,
    _shadow,
    _side_held,
    _waiting,
)
