"""The landing page: what needs me, and whether everything is well."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp import texts
from syncapp.core.status import Status
from syncapp.services import attention, control


@dataclass(frozen=True, slots=True)
class Tile:
    """One count that leads to the list of what was counted."""

    count: int
    label: object
    icon: str
    tone: str
    url: str


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the page shows at once; everything slow is loaded after it."""
    now = timezone.now()
    counts = attention.counted(now=now)
    return context | {"counts": counts, "tiles": tiles(counts), "switches": control.switches(), "now": now}


def listed(model: str, **filters: str) -> str:
    """The address of a list with these filters."""
    address = reverse(f"admin:syncapp_{model}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def tiles(counts: attention.Counts) -> list[Tile]:
    """Everything that is not in order, the worst first; nothing that is zero."""
    permanently = counts.by_status.get(Status.PERMANENTLY_FAILED, 0)
    rows = [
        Tile(
            permanently, _("permanently failed"), "dangerous", "bad", listed("syncrecord", state="permanently_failed")
        ),
        *(
            Tile(number, texts.kind_text(kind).name, "error", "bad", listed("syncrecord", kind=kind))
            for kind, number in sorted(counts.by_kind.items())
        ),
        Tile(counts.conflicts, _("conflicts to decide"), "call_split", "warn", listed("conflict", open__exact="1")),
        Tile(
            counts.deletions, _("deletions to do by hand in Advoware"), "delete_sweep", "warn", listed("deletiontask")
        ),
        Tile(
            counts.late,
            _("unsynced for more than 30 minutes"),
            "hourglass_top",
            "warn",
            listed("syncrecord", age="30m"),
        ),
    ]
    return [row for row in rows if row.count]
