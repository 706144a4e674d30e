"""Acts on conflicts: decide what is open, take back a decision, bring back what lost.

Invariant: a decision holds only for the values that were shown; what is brought back is written to EspoCRM, from where
the next run carries it like any edit.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.beteiligte import entering
from syncapp.core.sides import Side
from syncapp.core.spelling.storable import unsendable
from syncapp.core.states import Event, Status
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.part import NotRestorable
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.restoring import NotSynced, restoring
from syncapp.entities.beteiligte.snapshot import NEITHER
from syncapp.models import Conflict, SyncRecord
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, log_action
from syncapp.operations.actions.syncing import at_rest, request_run, writes_to_espocrm
from syncapp.remotes.http.errors import RemoteError
from syncapp.words import obstacles, reasons, sentences

INSTEAD = "instead"  # neither side's value: the one that was entered


def decide(*, conflict: Conflict, keep: Side, action_context: ActionContext, logged: bool = True) -> None:
    """Settle one field for one side; the next run carries it if both values are still what they were."""
    _settle(conflict, {"keep": keep.value}, action_context, logged=logged)


def decide_instead(*, conflict: Conflict, entered: str, action_context: ActionContext, empties: bool = False) -> None:
    """Neither value is right: this one is written to both sides by the next run. Checked by the field table first.

    empties: the field is to hold nothing on both sides. An empty box alone may be a slip.
    """
    if bool(entered.strip()) is empties:
        words = _("Enter a value, or tick that the field is to be emptied on both sides; not both.")
        raise ActionRefused(words, field=INSTEAD)
    forms = remote_metadata.kept(remote_metadata.RECHTSFORMEN)
    value, fault = entering.read(
        conflict.field,
        entered,
        field_map=remote_metadata.field_map(),
        rechtsformen=frozenset(forms) if forms else None,
        today=timezone.localdate(),
    )
    if fault is not None:
        raise ActionRefused(sentences.fault_sentence({**fault.as_json(), "side": ""}) + ".", field=INSTEAD)
    if value in (conflict.espo, conflict.advo):
        raise ActionRefused(_("One side holds this value already: choose that side."), field=INSTEAD)
    _settle(conflict, {"keep": NEITHER, "value": value}, action_context)


def answer(*, conflict: Conflict, keep: str, entered: str, empties: bool, action_context: ActionContext) -> None:
    """What somebody has chosen on a page: a side, or INSTEAD with the value that was entered."""
    if keep == INSTEAD:
        decide_instead(conflict=conflict, entered=entered[:1000], empties=empties, action_context=action_context)
    elif keep in Side.__members__:
        decide(conflict=conflict, keep=Side(keep), action_context=action_context)
    else:
        raise ActionRefused(_("Nothing was chosen."))


@transaction.atomic
def _settle(
    conflict: Conflict, choice: dict[str, str | None], action_context: ActionContext, *, logged: bool = True
) -> None:
    record = at_rest(conflict.record_id)
    settled = Conflict.objects.filter(pk=conflict.pk, open=True, espo=conflict.espo, advo=conflict.advo).update(
        open=False,
        kept=choice["keep"],
        entered=choice.get("value"),
        decided_at=timezone.now(),
        decided_by_id=action_context.user_id,
        decided_in_id=action_context.bulk_id,
    )
    if settled != 1:
        raise ActionRefused(_("This conflict has been settled already."))
    request_run(
        record,
        action_context,
        code=f"decided {conflict.field}",
        event=Event.DECIDED if record.status == Status.CONFLICT else Event.CHANGED,
        decisions={**record.decisions, conflict.field: {**choice, "espo": conflict.espo, "advo": conflict.advo}},
    )
    if logged:
        result = f"{conflict.field}: {choice['keep']}"
        log_action(action_context=action_context, action="decide_conflict", record=record, result=result)


def is_waiting(conflict: Conflict, record: SyncRecord) -> bool:
    """Whether the decision about it has not been carried by any run yet."""
    choice = record.decisions.get(conflict.field)
    if choice is None or conflict.open:
        return False
    shown = (choice["keep"], choice["espo"], choice["advo"], choice.get("value"))
    return shown == (conflict.kept, conflict.espo, conflict.advo, conflict.entered)


@transaction.atomic
def take_back(*, conflict: Conflict, action_context: ActionContext, logged: bool = True) -> None:
    """The decision is forgotten and the question open again, as long as no run has carried it."""
    record = at_rest(conflict.record_id)
    if not is_waiting(conflict, record):
        raise ActionRefused(_("A run has carried this decision already. The value that lost can be restored."))
    left = {field: choice for field, choice in record.decisions.items() if field != conflict.field}
    SyncRecord.objects.filter(pk=record.pk, fence=record.fence).update(decisions=left)
    Conflict.objects.filter(pk=conflict.pk).update(
        open=True, kept="", entered=None, decided_at=None, decided_by=None, decided_in=None
    )
    if logged:
        log_action(action_context=action_context, action="take_back_decision", record=record, result=conflict.field)


def restorable(conflict: Conflict) -> str:
    """ "" where a value lost that can be brought back, else why not."""
    if conflict.open:
        return _("Decide the conflict first.")
    if conflict.restored_at is not None:
        return _("The value has been restored already.")
    if conflict.kept == NEITHER:
        return _("Another value was entered for both sides. Enter the right one in EspoCRM.")
    return "" if conflict.kept in Side.__members__.values() else _("No value lost here.")


def restore(*, conflict: Conflict, action_context: ActionContext) -> str:
    """Write the value that lost into EspoCRM. Waits for EspoCRM: called by a worker."""
    refusal = restorable(conflict) or _closed_for_writing()
    if refusal:
        raise ActionRefused(refusal)
    write = _restoring(conflict)
    if Conflict.objects.filter(pk=conflict.pk, restored_at__isnull=True).update(restored_at=timezone.now()) != 1:
        raise ActionRefused(_("The value has been restored already."))
    try:
        write()
    except RemoteError as error:
        Conflict.objects.filter(pk=conflict.pk).update(restored_at=None)
        raise ActionRefused(
            _("EspoCRM did not take the value (%(reason)s).") % {"reason": reasons.told(error.reason)}
        ) from error
    request_run(conflict.record, action_context, code=f"restored {conflict.field}", event=Event.CHANGED)
    return conflict.field


def _closed_for_writing() -> str:
    if writes_to_espocrm():
        return ""
    return _("Nothing is written to EspoCRM at the moment. Restore the value when the sync is live again.")


def _restoring(conflict: Conflict) -> Callable[[], object]:
    """What writes the value that lost, or a refusal in words."""
    if unsendable(conflict.lost_value):
        raise ActionRefused(_("The value holds control characters. Enter it in EspoCRM by hand, without them."))
    try:
        return restoring(conflict, clients=configured_clients())
    except RemoteError as error:
        raise ActionRefused(
            _("EspoCRM does not answer (%(reason)s). Try again later.") % {"reason": reasons.told(error.reason)}
        ) from error
    except NotSynced as error:
        raise ActionRefused(_("This field is not synced any more: enter the value in EspoCRM by hand.")) from error
    except NotRestorable as error:
        raise ActionRefused(obstacles.SENTENCES[error.obstacle]) from error
