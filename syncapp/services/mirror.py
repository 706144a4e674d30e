"""EspoCRM's own status fields after a run that did not succeed: what people there see of it.

Invariant: one PATCH, best effort, only if it says something new, and never where a lost answer still has to be proved
by EspoCRM's version. A run that succeeds sends the same attributes with its data (services/closing.py).
"""

import logging
from collections.abc import Mapping

from syncapp.clients.errors import RemoteError
from syncapp.core.fields import Side
from syncapp.services import breaker
from syncapp.services.apply import awaits_proof, differing, patch_tolerantly
from syncapp.services.lease import renew
from syncapp.services.run import Run

log = logging.getLogger("advosync.sync")


def mirror(run: Run, wanted: Mapping[str, object]) -> None:
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
    run.columns |= {"mirror": run.record.mirror, "version": answer.version if alone else None}
    if alone and run.record.contacts_marker == str(shown.version):
        run.columns["contacts_marker"] = str(answer.version)
