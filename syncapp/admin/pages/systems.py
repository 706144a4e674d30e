"""A remote system that is disturbed: since when, why, what waits for it, and the button that has it asked now.

Invariant: the page asks no remote system itself; a worker does, and the page shows what it found.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from syncapp.admin.pages import frame
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.engine import control
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.models import Mode
from syncapp.operations.actions import ActionRefused
from syncapp.operations.actions.systems import try_again
from syncapp.operations.monitoring import attention
from syncapp.operations.monitoring.signs.disturbances import disturbances
from syncapp.words import html

RIGHT = "syncapp.sync_now"
# As long as a worker, or else the dispatcher, may take to begin and to get no answer.
PATIENCE = timedelta(minutes=3)


@frame.asks("syncapp.view_syncrecord")
def system(request: HttpRequest, name: str) -> HttpResponse:
    """The page; a POST asks the system now."""
    _known(name)
    if request.method == "POST":
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        try:
            try_again(system=name, action_context=frame.action_context(request))
        except ActionRefused as refused:
            frame.refuse(request, refused)
            return frame.back_to("admin:ops_system", name)
        asked = timezone.now().isoformat()
        return frame.back_to("admin:ops_system", name, query={"asked": asked})
    return frame.page(request, "ops/system.html", title=SYSTEM_NAMES[name], **_state(request, name))


@frame.shows("syncapp.view_syncrecord")
def state(request: HttpRequest, name: str) -> HttpResponse:
    """The part that moves; asked for every few seconds while the system is disturbed."""
    _known(name)
    return frame.part(request, "ops/parts/system_state.html", **_state(request, name))


def _known(name: str) -> None:
    if name not in set(System):
        raise Http404


def _state(request: HttpRequest, name: str) -> dict[str, object]:
    now, switches = timezone.now(), control.switches()
    records = attention.counted(now=now, switches=switches).waiting
    one = next((found for found in disturbances(now=now) if found.system == name), None)
    asked = frame.moment_in(request.GET, "asked")
    answered = one is not None and asked is not None and one.tried_at is not None and one.tried_at >= asked
    return {
        "system": name,
        "name": SYSTEM_NAMES[name],
        "disturbance": one,
        "next_try": one.next_try_words(now) if one else "",
        "waits": frame.waits_for(name, records=records),
        "waiting_url": html.listed("syncrecord", group="system") if records and name in SYSTEMS else "",
        "asked": asked,
        "being_asked": one is not None and asked is not None and not answered and now - asked < PATIENCE,
        "in_vain": answered,
        "paused": switches.mode == Mode.PAUSED,
    }
