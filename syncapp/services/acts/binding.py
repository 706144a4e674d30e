"""Acts on the tie between a record and its Beteiligter: create after all, link, unlink.

Invariant: one betNr belongs to one record; a Beteiligter is created only after somebody has said that there is none.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from syncapp import reasons, texts
from syncapp.clients.errors import NotFound, RemoteError
from syncapp.core.fields import FieldMap, Side
from syncapp.core.status import Event, Status
from syncapp.models import SyncRecord
from syncapp.services import facts
from syncapp.services.acts.shapes import Doing, Refused
from syncapp.services.acts.syncing import ask
from syncapp.services.failure import classify
from syncapp.services.linking import FORGOTTEN, refuse_duplicate
from syncapp.services.look import Look
from syncapp.services.run import Stop
from syncapp.services.sync_record import configured_clients

UNLINKED = "unlinked"


def may_create(record: SyncRecord, now: datetime) -> str:
    if record.betnr is not None:
        return _("The record is linked to betNr %(betnr)s already: there is nothing to create.") % {
            "betnr": record.betnr
        }
    if record.status == Status.DELETED_IN_ESPOCRM:
        return _("The record is deleted in EspoCRM.")
    return _not_running(record)


def may_link(record: SyncRecord, now: datetime) -> str:
    return _not_running(record)


def may_unlink(record: SyncRecord, now: datetime) -> str:
    return _not_running(record) if record.linked else _("The record has no betNr.")


def _not_running(record: SyncRecord) -> str:
    return _("A run is at work on the record. Try again in a moment.") if record.status == Status.SYNCING else ""


@transaction.atomic
def create_after_all(record: SyncRecord, doing: Doing) -> str:
    """Allow the create: somebody has made sure that the Beteiligter does not exist in Advoware."""
    ask(record, doing, code="create_after_all", trigger="create", create_intent=None, create_released=True, hold="")
    return _("create allowed")


def look_at(*, record: SyncRecord, betnr: int) -> tuple[Look, FieldMap]:
    """Both sides as they are, for comparing before a link; raises Refused where there is nothing to link to."""
    clients = configured_clients()
    field_map = facts.field_map(espocrm=clients.espocrm)
    try:
        refuse_duplicate(record=record, betnr=betnr)
        found = clients.advoware.get(betnr)
        espo = clients.espocrm.get(record.espo_id)
    except NotFound as missing:
        if missing.system == Side.advoware:
            raise Refused(_("Advoware has no betNr %(betnr)s. Check the number.") % {"betnr": betnr}) from None
        raise Refused(_("The record is gone in EspoCRM.")) from None
    except RemoteError as error:
        raise Refused(texts.sentence(classify(error).fault)) from error
    except Stop as stop:
        raise Refused(texts.sentence({"code": stop.code, "params": stop.params})) from None
    return Look(espo, found, field_map.read_espo(espo.attributes), field_map.read_advo(found.raw)), field_map


@transaction.atomic
def link(record: SyncRecord, doing: Doing) -> str:
    """Tie the record to a Beteiligter that has been looked at; the next run compares without a base.

    Details: betnr, and `in_espocrm`, the betNr that EspoCRM showed: it is not taken for somebody's newer wish.
    """
    betnr = int(doing.detail("betnr"))
    record.links.all().delete()
    columns = {**FORGOTTEN, "mirror": {**record.mirror, "betnr": doing.detail("in_espocrm")}}
    try:
        refuse_duplicate(record=record, betnr=betnr)
        ask(
            record,
            doing,
            code=f"link {betnr}",
            event=Event.RELINKED,
            trigger="update",
            betnr=betnr,
            create_intent=None,
            hold="",
            **columns,
        )
    except Stop as stop:
        raise Refused(texts.sentence({"code": stop.code, "params": stop.params})) from None
    except IntegrityError:
        raise Refused(_("betNr %(betnr)s has just been given to another record.") % {"betnr": betnr}) from None
    return f"betNr {betnr}"


def unlink(record: SyncRecord, doing: Doing) -> str:
    """Forget the betNr on our side and in EspoCRM, and hold the record: else the next run would link or create it."""
    before = record.betnr
    with transaction.atomic():
        taken = SyncRecord.objects.filter(pk=record.pk, lease_token="", hold=record.hold).update(hold=UNLINKED)
    if taken != 1:
        raise Refused(_("A run is at work on the record. Try again in a moment."))
    try:
        configured_clients().espocrm.patch(record.espo_id, {"betnr": None})
    except NotFound:
        pass
    except RemoteError as error:
        SyncRecord.objects.filter(pk=record.pk, hold=UNLINKED).update(hold=record.hold)
        raise Refused(_("EspoCRM did not take it (%(reason)s).") % {"reason": reasons.told(error.reason)}) from error
    with transaction.atomic():
        record.links.all().delete()
        ask(
            record,
            doing,
            code="unlink",
            event=Event.RELINKED,
            betnr=None,
            create_released=False,
            mirror={**record.mirror, "betnr": None},
            **FORGOTTEN,
        )
    return f"betNr {before}"
