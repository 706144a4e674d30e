"""What the next run would do for one record: the same look and the same decision, and nothing written.

Invariant: no row of ours and no remote system changes; the call log of a preview holds GETs only.
"""

from django.utils import timezone

from syncapp.core.beteiligte.field_table import FieldMap, Side
from syncapp.core.beteiligte.validation import validate
from syncapp.core.three_way_merge import Comparison
from syncapp.engine.run import Clients, GoneInAdvoware, GoneInEspocrm
from syncapp.engine.sync_record import configured_clients
from syncapp.entities.beteiligte import remote_metadata
from syncapp.entities.beteiligte.decide import decide
from syncapp.entities.beteiligte.linking import forget_link
from syncapp.entities.beteiligte.read import Snapshot, read_advoware, read_espocrm, relinked_to
from syncapp.models import SyncRecord
from syncapp.words import sentences


def preview(*, espo_id: str) -> list[str]:
    """The plan in words, without personal values. Raises RemoteError where a side cannot be read."""
    record = SyncRecord.objects.filter(espo_id=espo_id).first() or SyncRecord(espo_id=espo_id)
    clients = configured_clients()
    field_map = remote_metadata.field_map(espocrm=clients.espocrm)
    try:
        look = look_ahead(record, clients, field_map)
    except GoneInEspocrm:
        return ["gone in EspoCRM: a task to delete it by hand in Advoware" if record.betnr else "unknown in EspoCRM"]
    except GoneInAdvoware:
        return ["gone in Advoware: the user would be told"]
    if look.advo is None:
        return _create_lines(look, field_map)
    own = remote_metadata.own_user_id(espocrm=clients.espocrm)
    return describe(decide(record=record, look=look, field_map=field_map, own_user_id=own).comparison, field_map)


def look_ahead(record: SyncRecord, clients: Clients, field_map: FieldMap) -> Snapshot:
    """Both sides as the next run will see them; `record` is changed in memory only, where a new betNr would count."""
    espo = read_espocrm(clients, record.espo_id)
    first = Snapshot(espo, None, field_map.read_espo(espo.attributes), {})
    relinked = relinked_to(record, first)
    betnr = relinked or record.betnr
    if betnr is None:
        return first
    advo = read_advoware(clients, record, betnr)
    if relinked is not None:
        forget_link(record)
    return Snapshot(espo, advo, first.espo_values, field_map.read_advo(advo.raw))


def _create_lines(look: Snapshot, field_map: FieldMap) -> list[str]:
    lines = ["create in Advoware"]
    faults = validate(
        field_map.created_with(look.espo_values),
        fieldmap=field_map,
        side=Side.advoware,
        rechtsformen=None,
        today=timezone.localdate(),
        complete=True,
    )
    return lines + [f"refused: {sentences.field_label(fault.field)} ({fault.rule})" for fault in faults]


def describe(comparison: Comparison, field_map: FieldMap) -> list[str]:
    """One line for the verdict and one a field that would be carried or held."""
    lines = [f"verdict {comparison.verdict}"]
    for result in comparison.results:
        if result.outcome != "keep":
            lines.append(f"{result.field}: {result.outcome} ({result.case})")
    if comparison.unmappable:
        lines.append(f"no counterpart: {', '.join(comparison.unmappable)}")
    return lines
