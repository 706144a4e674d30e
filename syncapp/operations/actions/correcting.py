"""What a person says about a single contact point.

Invariant: nothing is changed under a run's hands: while a run holds the record its links are the run's, and the person
is asked to come back in a minute. To extend: each correction is one function that changes one link and asks for a run.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.kommunikation import Medium
from syncapp.core.requests import Source, Trigger
from syncapp.core.states import Event
from syncapp.engine import job_queue
from syncapp.engine.rows.requests import request_sync
from syncapp.entities.beteiligte.parts.kommunikation.reading import kinds
from syncapp.models import ContactLink, SyncRecord
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, log_action


@transaction.atomic
def type_corrected(*, record: SyncRecord, entry_id: int, actor: str, reason: str = "") -> int:
    """The kommKz was corrected by hand in Advoware after the type had changed in EspoCRM; the new kommKz.

    The next run puts it into the marker. Raises Refused where there is nothing to correct.
    """
    locked = SyncRecord.objects.select_for_update().get(pk=record.pk)
    if locked.lease_token and locked.lease_expires and locked.lease_expires > timezone.now():
        raise ActionRefused(_("The record is being synced. Try again in a minute."))
    link = ContactLink.objects.filter(record=locked, entry_id=entry_id).first()
    if link is None or not link.type_change_told:
        raise ActionRefused(_("Nobody changed the type of this contact point. Reload the page."))
    komm_kz = kinds().new_komm_kz(Medium.phone, link.type_change_told)
    ContactLink.objects.filter(pk=link.pk).update(komm_kz=komm_kz, type_change_told="")
    action_context = ActionContext(actor, reason)
    cause = action_context.cause("type_corrected")
    request_sync(
        SyncRecord,
        record_id=locked.pk,
        event=Event.RESET,
        trigger=Trigger.SYNC_CHECK,
        source=Source.PERSON,
        cause=cause,
    )
    log_action(action_context=action_context, action="type_corrected", record=locked, result=f"kommKz {komm_kz}")
    job_queue.enqueue_each([locked.pk])
    return komm_kz
