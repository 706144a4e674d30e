"""EspoCRM's own status fields after a run that did not succeed: what people there see of it.

Invariant: one PATCH, best effort, only if it says something new, and never where a lost answer still has to be proved
by EspoCRM's version. A run that succeeds sends the same attributes with its data (write_espocrm.py).
"""

import logging
from collections.abc import Mapping

from syncapp.core.beteiligte.field_table import FieldMap, Side
from syncapp.engine import breaker
from syncapp.engine.lease import renew
from syncapp.engine.run import Run
from syncapp.entities.beteiligte.apply import awaits_proof, differing, espo_time, patch_tolerantly
from syncapp.remotes.espocrm.client import EspoRecord
from syncapp.remotes.http.errors import RemoteError

log = logging.getLogger("advosync.sync")


def espocrm_status(run: Run, wanted: Mapping[str, object]) -> None:
    """Show `wanted` in EspoCRM; the columns to commit with the ending are added to the run's."""
    shown = run.espo_read
    if shown is None or not run.writes or run.is_held(Side.espocrm) or awaits_proof(run.record, Side.espocrm):
        return
    marks = differing(shown.attributes, wanted)
    if not marks or breaker.is_open(Side.espocrm):
        return
    renew(run.lease)
    try:
        answer = patch_tolerantly(run, data={}, marks=marks, version=None)
    except RemoteError as error:
        log.warning("status_not_mirrored", extra={"record": run.record.pk, "kind": error.kind})
        return
    if answer is None:
        return
    alone = shown.version is not None and answer.version == shown.version + 1
    run.columns |= {"espocrm_status": run.record.espocrm_status, "version": answer.version if alone else None}
    if alone:
        # What the sweep will find there is what this run has read, and our own word on it: no news.
        run.columns["list_seen"] = state_of(answer, run.field_map)
    if alone and run.record.contacts_marker == str(shown.version):
        run.columns["contacts_marker"] = str(answer.version)


def state_of(row: EspoRecord, field_map: FieldMap) -> dict[str, object]:
    """What makes this state of the row unlike another."""
    return {
        "version": row.version,
        "modified": espo_time(row.modified_at),
        "status": row.attributes.get("syncStatus"),
        "values": dict(field_map.read_espo(row.attributes)),
    }
