"""Acts that keep a record from being synced, let it go again, or take it from a run that does not come back.

Invariant: a held record is never due; requests are kept meanwhile, so that nothing is lost when the hold ends. A
program's write is not taken the record from: a run stops before its next write, that one is under way.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from syncapp.core.requests import Hold
from syncapp.core.states import DELETED, Event
from syncapp.engine.rows import locks
from syncapp.engine.rows.lease import keeps_runs_away
from syncapp.models import SyncRecord
from syncapp.operations.actions.shapes import ActionBody, ActionContext, ActionRefused
from syncapp.operations.actions.syncing import request_run
from syncapp.words import actor_words
from syncapp.words.actions.record_actions import HELD_SOMEHOW, HOLDS
from syncapp.words.time_format import clock

# The act that has set a hold, as the log has it.
SET_BY: Mapping[str, str] = {Hold.PAUSED: "pause", Hold.IGNORED: "ignore", Hold.UNLINKED: "unlink"}


def why_not_free(record: SyncRecord, now: datetime) -> str:
    return _("The record is held by hand already.") if record.hold else ""


def why_not_held(record: SyncRecord, now: datetime) -> str:
    if record.hold == Hold.UNLINKED:
        return _("The record was unlinked: choose “Link to betNr” or “Create after all”.")
    return "" if record.hold else _("Nobody holds this record.")


def why_not_locked(record: SyncRecord, now: datetime) -> str:
    if not record.lease_token:
        return _("No run holds this record.")
    if keeps_runs_away(record, now):
        return _(
            "Another program is writing to it over the proxy and cannot be stopped. It is over within two minutes."
        )
    return ""


def held_words(record: SyncRecord, now: datetime) -> str:
    """By whom it is held, since when and why, as far as the log still knows; "" where nobody holds it."""
    if not record.hold:
        return ""
    what = HOLDS.get(record.hold, HELD_SOMEHOW)
    act, bulk = SET_BY.get(record.hold, ""), record.held_by
    logged = record.operator_log.filter(action=act).order_by("-at").values_list("actor", "at", "reason")
    # An act on many may have set another hold before this one.
    of_many = bulk is not None and bulk.code == act
    found = [(bulk.actor, bulk.created_at, bulk.reason)] if bulk and of_many else list(logged[:1])
    if not found:
        return _("%(what)s by hand") % {"what": what}
    ((actor, since, reason),) = found
    known = {"what": what, "actor": actor_words(actor), "since": clock(since, now=now), "reason": reason}
    if not reason:
        return _("%(what)s by %(actor)s since %(since)s") % known
    return _("%(what)s by %(actor)s since %(since)s: %(reason)s") % known


def why_kept(record: SyncRecord, now: datetime) -> str:
    """That nothing comes of what is asked for or answered before the hold ends; "" where nobody holds it."""
    if not record.hold:
        return ""
    held = {"held": held_words(record, now)}
    if record.hold == Hold.UNLINKED:
        return _("What is asked for takes effect once the record is linked to a betNr or created (%(held)s).") % held
    return _("What is asked for takes effect as soon as somebody lets the record go on (%(held)s).") % held


def holding(kind: str) -> ActionBody:
    @transaction.atomic
    def carry_out(record: SyncRecord, action_context: ActionContext) -> str:
        free = SyncRecord.objects.filter(pk=record.pk, hold="")
        if free.update(hold=kind, held_by_id=action_context.bulk_id) != 1:
            raise ActionRefused(_("The record is held by hand already."))
        return kind

    return carry_out


pause = holding(Hold.PAUSED)
ignore = holding(Hold.IGNORED)


@transaction.atomic
def resume(record: SyncRecord, action_context: ActionContext) -> str:
    """The hold ends; what was asked for meanwhile is due again, and one look more does no harm."""
    if SyncRecord.objects.filter(pk=record.pk, hold=record.hold).exclude(hold="").update(hold="", held_by=None) != 1:
        raise ActionRefused(_("Nobody holds this record."))
    if record.status not in DELETED:
        request_run(record, action_context, code="resume", event=Event.CHANGED)
    return _("goes on")


def release_lock(record: SyncRecord, action_context: ActionContext) -> str:
    """The lease expires now: its holder can write no more, and the next run settles what it may have written."""
    released = SyncRecord.objects.filter(pk=record.pk, fence=record.fence, lease_token=record.lease_token).update(
        lease_expires=Now()
    )
    if released != 1 or not record.lease_token:
        raise ActionRefused(_("The lock has changed hands meanwhile. Reload the page."))
    locks.remove(record.key)
    return record.lease_holder
