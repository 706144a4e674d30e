"""Telling users of EspoCRM: notes in the record's stream, or to the users themselves where the record is gone.

Invariant: a notice that cannot be sent never harms a sync: it is tried again by the dispatcher, and a missing right is
logged once and shown by `doctor`.
"""

import logging

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from syncapp.core.sides import Side
from syncapp.engine import breaker, control
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Mode, Notice, RemoteFact
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.http.errors import Forbidden, Invalid, NotFound, RemoteError
from syncapp.words import sentences

log = logging.getLogger("advosync.notices")

MAX_TRIES = 10
AT_ONCE = 50
# Kept while a right to tell people is missing, as our latest note showed.
NOTES_REFUSED = "espocrm.notes_refused"
MENTIONS_DROPPED = "espocrm.mentions_dropped"
# What stands at a notice that reached nobody; in words of people in syncapp/words/reasons.py.
NOT_NOTIFIED = "posted, and nobody was notified"
NOBODY = "nobody to tell"


def send_unsent(record_id: int | None = None) -> int:
    """Send what waits, oldest first, of one record or of all; how many were sent. A note is a write to EspoCRM."""
    switches = control.switches()
    held = switches.mode != Mode.LIVE or Side.espocrm in switches.held_sides
    if held or breaker.any_open(systems=[Side.espocrm]):
        return 0
    waiting = Notice.objects.filter(sent_at__isnull=True, refused="", tries__lt=MAX_TRIES)
    if record_id is not None:
        waiting = waiting.filter(record_id=record_id)
    espocrm = configured_clients().espocrm
    return sum(_send(notice, espocrm) for notice in waiting.order_by("created_at")[:AT_ONCE])


def _send(notice: Notice, espocrm: EspoClient) -> bool:
    """One note. It is marked before it is sent, so that two processes never send the same."""
    claimed = Notice.objects.filter(pk=notice.pk, tries=notice.tries, sent_at__isnull=True).update(
        tries=F("tries") + 1, sent_at=timezone.now()
    )
    if claimed != 1:
        return False
    try:
        _post(notice, espocrm)
    except (Forbidden, Invalid, NotFound) as refusal:
        _refused(notice, refusal)
        return False
    except RemoteError as error:
        Notice.objects.filter(pk=notice.pk).update(sent_at=None)
        log.warning("notice_not_sent", extra={"notice": notice.pk, "kind": error.kind})
        return False
    return True


def _post(notice: Notice, espocrm: EspoClient) -> None:
    users = [notice.user_id] if notice.user_id else list(settings.ESPOCRM_NOTIFY_USERS)
    text = sentences.notice_text(notice.event, notice.params)
    if notice.record_exists:
        _post_to_stream(notice, text, [name for name in (_user_name(user, espocrm) for user in users) if name], espocrm)
    elif users:
        espocrm.post_note(text=text, user_ids=users)
        right_is_there(NOTES_REFUSED)
    else:
        Notice.objects.filter(pk=notice.pk).update(refused=NOBODY)


def _post_to_stream(notice: Notice, text: str, names: list[str], espocrm: EspoClient) -> None:
    """EspoCRM takes a note whose mentions it drops: only its answer tells that nobody was notified."""
    mentions = " ".join(f"@{name}" for name in names)
    notified = espocrm.post_note(text=f"{text} {mentions}".strip(), record_id=notice.espo_id)
    if names and notified.issuperset(names):
        right_is_there(MENTIONS_DROPPED)
        return
    somebody = notice.user_id or settings.ESPOCRM_NOTIFY_USERS
    Notice.objects.filter(pk=notice.pk).update(refused=NOT_NOTIFIED if somebody else NOBODY)
    if names and remote_metadata.kept(MENTIONS_DROPPED) is None:
        remote_metadata.keep(MENTIONS_DROPPED, NOT_NOTIFIED)
        log.error("mentions_dropped")


def right_is_there(missed: str) -> None:
    """Forget that a right was missed."""
    RemoteFact.objects.filter(pk=missed).delete()


def _user_name(user_id: str, espocrm: EspoClient) -> str:
    """The login name, needed for a mention; "" where we may not read the user. Any other error: told later."""
    key = f"espocrm.user.{user_id}"
    return str(remote_metadata.fresh(key, lambda: espocrm.user_name(user_id) or ""))


def _refused(notice: Notice, refusal: RemoteError) -> None:
    first = remote_metadata.kept(NOTES_REFUSED) is None
    remote_metadata.keep(NOTES_REFUSED, refusal.reason)
    Notice.objects.filter(pk=notice.pk).update(sent_at=None, refused=refusal.reason[:200])
    if first:
        log.error("notes_refused", extra={"kind": refusal.kind, "reason": refusal.reason})
