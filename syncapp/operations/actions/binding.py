"""Acts on the tie between a record and its Beteiligter: create after all, link, unlink.

Invariant: one betNr belongs to one record; a Beteiligter is created only after somebody has said that there is none.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.parts import Obstacle
from syncapp.core.requests import Hold, Trigger
from syncapp.core.sides import Values
from syncapp.core.states import Event, Status
from syncapp.core.systems import System
from syncapp.engine.rows.due import free
from syncapp.engine.runs.failures import classify
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.links import claims
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import betnr_in, is_in_pilot
from syncapp.models import SyncRecord
from syncapp.operations.actions.shapes import ActionContext, ActionRefused
from syncapp.operations.actions.syncing import request_run, writes_to_espocrm
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.http.errors import NotFound, RemoteError
from syncapp.words import obstacles, reasons, sentences

NUMBER_TAKEN = gettext_lazy("betNr {betnr} is linked with {other} already.")


def why_not_create(record: SyncRecord, now: datetime) -> str:
    if record.betnr is not None:
        return _("The record is linked to betNr %(betnr)s already: there is nothing to create.") % {
            "betnr": record.betnr
        }
    if record.status == Status.DELETED_IN_ESPOCRM:
        return _("The record is deleted in EspoCRM.")
    return why_not_link(record, now)


def why_not_unlink(record: SyncRecord, now: datetime) -> str:
    return why_not_link(record, now) if record.linked else _("The record has no betNr.")


def why_not_link(record: SyncRecord, now: datetime) -> str:
    return _("A run is at work on the record. Try again in a moment.") if record.status == Status.SYNCING else ""


@transaction.atomic
def create_after_all(record: SyncRecord, action_context: ActionContext) -> str:
    """Allow the create: somebody has made sure that the Beteiligter does not exist in Advoware."""
    request_run(
        record,
        action_context,
        code="create_after_all",
        trigger=Trigger.CREATE,
        create_intent=None,
        create_released=True,
        hold="",
    )
    return _("create allowed")


class NumberTaken(ActionRefused):
    """Another record is linked to the betNr; `holder`, for whoever may see more of it than its id."""

    def __init__(self, betnr: int, holder: SyncRecord) -> None:
        super().__init__(NUMBER_TAKEN.format(betnr=betnr, other=holder.espo_id))
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides as they are, before a link."""

    espo_values: Values
    advo_values: Values
    betnr_in_espocrm: int | None


def read_both(*, record: SyncRecord, betnr: int) -> tuple[Compared, FieldMap]:
    """Both sides as they are, for comparing before a link; raises ActionRefused where there is nothing to link to."""
    clients = configured_clients()
    field_map = remote_metadata.field_map(espocrm=clients.espocrm)
    try:
        _refuse_duplicate(record, betnr, clients.espocrm)
        found = clients.advoware.get(betnr)
        espo = clients.espocrm.get(record.espo_id)
    except NotFound as missing:
        if missing.system == System.ADVOWARE:
            raise ActionRefused(_("Advoware has no betNr %(betnr)s. Check the number.") % {"betnr": betnr}) from None
        raise ActionRefused(_("The record is gone in EspoCRM.")) from None
    except RemoteError as error:
        raise ActionRefused(sentences.sentence(classify(error).fault)) from error
    seen = Compared(field_map.read_espo(espo.attributes), field_map.read_advo(found.raw), betnr_in(espo))
    return seen, field_map


def _refuse_duplicate(record: SyncRecord, betnr: int, espocrm: EspoClient) -> None:
    """One betNr belongs to one record; EspoCRM is asked who holds it."""
    refused = claims.refused(record=record, betnr=betnr, espocrm=espocrm)
    if refused is None:
        return
    holder = claims.remembered_holder(record, betnr)
    if refused.kind is not ErrorKind.DUPLICATE_LINK or holder is None:
        raise ActionRefused(sentences.sentence(refused.fault))
    raise NumberTaken(betnr, holder)


def link(record: SyncRecord, action_context: ActionContext) -> str:
    """Tie the record to a Beteiligter that has been looked at; the next run compares without a base.

    Details: betnr, and `in_espocrm`, the betNr that EspoCRM showed: it is not taken for somebody's newer wish.
    """
    before, betnr = record.betnr, int(action_context.detail("betnr"))
    try:
        _refuse_duplicate(record, betnr, configured_clients().espocrm)
        _tie(record, action_context, betnr)
    except RemoteError as error:
        raise ActionRefused(sentences.sentence(classify(error).fault)) from error
    except IntegrityError:
        raise ActionRefused(_("betNr %(betnr)s has just been given to another record.") % {"betnr": betnr}) from None
    if before is not None:
        claims.look_again_at_refused(before)
    return f"betNr {betnr}"


@transaction.atomic
def _tie(record: SyncRecord, action_context: ActionContext, betnr: int) -> None:
    claims.forget_beteiligter(record, betnr, before=record.betnr)
    shown = action_context.detail("in_espocrm")
    request_run(
        record,
        action_context,
        code=f"link {betnr}",
        event=Event.RELINKED,
        trigger=Trigger.UPDATE,
        betnr=betnr,
        create_intent=None,
        hold="",
        espocrm_status={**record.espocrm_status, "betnr": shown},
        **claims.forgotten(record, betnr, shown=shown),
    )


def _writable_espocrm(record: SyncRecord) -> EspoClient:
    """EspoCRM, where it may be written for this record: a pilot goes by the name that it shows now, as for a run."""
    if not writes_to_espocrm():
        raise ActionRefused(
            _("Nothing is written to EspoCRM at the moment. Unlink the record when the sync is live again.")
        )
    espocrm = configured_clients().espocrm
    if settings.SYNC_ONLY:
        _refuse_outside_pilot(record, espocrm)
    return espocrm


def _refuse_outside_pilot(record: SyncRecord, espocrm: EspoClient) -> None:
    try:
        espo = espocrm.get(record.espo_id)
    except NotFound:
        return  # nor is there anything to be written
    except RemoteError as error:
        raise ActionRefused(sentences.sentence(classify(error).fault)) from error
    if not is_in_pilot(espo, remote_metadata.field_map()):
        raise ActionRefused(obstacles.SENTENCES[Obstacle.OUTSIDE_PILOT])


def unlink(record: SyncRecord, action_context: ActionContext) -> str:
    """Forget the betNr on our side and in EspoCRM, and hold the record: else the next run would link or create it."""
    espocrm, before = _writable_espocrm(record), record.betnr
    with transaction.atomic():
        taken = SyncRecord.objects.filter(free(), pk=record.pk, hold=record.hold).update(hold=Hold.UNLINKED)
    if taken != 1:
        raise ActionRefused(_("A run is at work on the record. Try again in a moment."))
    try:
        espocrm.patch(record.espo_id, {"betnr": None})
    except NotFound:
        pass
    except RemoteError as error:
        SyncRecord.objects.filter(pk=record.pk, hold=Hold.UNLINKED).update(hold=record.hold)
        raise ActionRefused(
            _("EspoCRM did not take it (%(reason)s).") % {"reason": reasons.told(error.reason)}
        ) from error
    with transaction.atomic():
        claims.forget_beteiligter(record, None, before=before)
        request_run(
            record,
            action_context,
            code="unlink",
            event=Event.RELINKED,
            betnr=None,
            espocrm_status={**record.espocrm_status, "betnr": None},
            **claims.forgotten(record, None),
        )
    if before is not None:
        claims.look_again_at_refused(before)
    return f"betNr {before}"
