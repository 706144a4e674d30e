"""What the heaps of records are called.

To extend: a heap is a row of HEAPS and of `conditions` in operations/monitoring/partition.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.faults.errors import ErrorKind
from syncapp.words import Words, sentences


def kind_code(kind: str) -> str:
    """The heap of what has failed in this way. An unknown kind is treated as `bug`."""
    return f"failed_{kind if kind in sentences.KINDS else ErrorKind.BUG}"


# code, which stands in addresses: what the heap is called; the worst first.
HEAPS: Mapping[str, Words] = {
    "permanently_failed": _("permanently failed"),
    **{kind_code(kind): text.name for kind, text in sentences.KINDS.items()},
    "conflict": _("decision needed"),
    "stuck": _("held by a run for too long"),
    "gone_in_advoware": _("gone in Advoware"),
    "late": _("unsynced for too long"),
    "waiting": _("sync pending"),
    "aside": _("planned only, until the mode changes"),
    "syncing": _("sync under way"),
    "held": _("held by hand"),
    "gone_in_espocrm": _("deleted in EspoCRM"),
    "equal": _("equal on both sides"),
}
