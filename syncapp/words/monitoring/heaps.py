"""What the heaps of records are called, what is to be known of each, and the short cuts to them above the list.

To extend: a heap is a row of HEAPS (of HINTS too, where its name does not say enough) and of `conditions` in
operations/monitoring/partition.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.faults.errors import MENDS_ITSELF, ErrorKind
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
    "aside": _("planned only"),
    "syncing": _("sync under way"),
    "held": _("held by hand"),
    "gone_in_espocrm": _("deleted in EspoCRM"),
    "equal": _("equal on both sides"),
}
# Why a heap waits and until when, or that nobody has to do a thing.
HINTS: Mapping[str, Words] = {
    **{kind_code(kind): _("is tried again by itself") for kind in MENDS_ITSELF},
    "waiting": _("until a worker is free"),
    "syncing": _("a worker is at it"),
    "held": _("somebody paused, ignored or unlinked them; until somebody ends that"),
}
# Above the list of records: (filter in the address, words, icon, tone).
QUICK_FILTERS: tuple[tuple[str, Words, str, str], ...] = (
    ("", _("All"), "", "off"),
    ("status__exact=open", _("Not in order"), "rule", "off"),
    ("status__exact=failing", _("Failed"), "error", "bad"),
    ("group=person", _("Waits for a person"), "person_alert", "warn"),
    ("status__exact=conflict", _("Conflict"), "call_split", "warn"),
    ("status__exact=waiting", _("Waits for a sync"), "schedule", "wait"),
)
