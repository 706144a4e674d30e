"""One act on many records: what it is about, the word that starts it, and how far it has come.

Invariant: an act is confirmed by whoever has its right; what it is about was fixed before the page was shown.
"""

from collections import Counter
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from syncapp.admin.pages import frame, home
from syncapp.admin.pages.one_action import in_the_way
from syncapp.engine import control
from syncapp.models import BulkAction, BulkState, ChildCase, Conflict, DeletionTask, SyncRecord
from syncapp.operations.actions import ACTIONS, RecordAction
from syncapp.operations.actions.bulk import many
from syncapp.operations.actions.others import OTHERS, Other
from syncapp.operations.monitoring.bulk_outcome import UNDER_WAY, outcome
from syncapp.operations.monitoring.signs.disturbances import obstacles
from syncapp.words import html

SAMPLE = 6
LOOKED_THROUGH = 2000


def _allowed(request: HttpRequest, pk: int) -> BulkAction:
    bulk = get_object_or_404(BulkAction, pk=pk)
    if not many.is_known(bulk.code):
        raise Http404
    if not request.user.has_perm(many.act_of(bulk.code).permission):
        raise PermissionDenied
    return bulk


def propose(request: HttpRequest, code: str, ids: Sequence[int]) -> HttpResponse:
    """From a list: fix the records and show what would happen."""
    if not request.user.has_perm(many.act_of(code).permission):
        raise PermissionDenied
    bulk = many.propose(code=code, ids=ids, user=frame.person(request))
    return frame.back_to("admin:ops_many", bulk.pk)


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a great act, from the question to the result."""
    bulk = _allowed(request, pk)
    act = many.act_of(bulk.code)
    fault = ""
    if request.method == "POST":
        if act.needs_reason and not frame.reason_of(request):
            fault = _("Please give a reason: others will want to know it later.")
        else:
            many.start(bulk=bulk, reason=frame.reason_of(request), actor=request.user.get_username())
            return frame.back_to("admin:ops_many", bulk.pk)
    context = _question(bulk, act) if bulk.state == BulkState.ASKED else _result(bulk, act)
    return frame.page(request, "ops/many.html", title=act.many_label, act=act, bulk=bulk, fault=fault, **context)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    bulk = _allowed(request, pk)
    if many.stop(bulk=bulk):
        frame.say(request, _("Stopped. What was done stays done."))
    return frame.back_to("admin:ops_many", bulk.pk)


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it has come; asked for every second while it is at work."""
    bulk = _allowed(request, pk)
    act = many.act_of(bulk.code)
    return frame.part(request, "ops/parts/many_progress.html", bulk=bulk, act=act, **_result(bulk, act))


def _result(bulk: BulkAction, act: RecordAction | Other) -> dict[str, object]:
    """Where the records stand for which a run was asked, and what is in its way; nothing where the act was all."""
    if not act.enqueues:
        return {"result": None, "moving": bulk.state == BulkState.RUNNING}
    now, switches = timezone.now(), control.switches()
    found = outcome(bulk, now=now, switches=switches)
    waits = any(line.heap in UNDER_WAY for line in found.lines)
    in_the_way = obstacles(control=switches, now=now) if waits else []
    rows = [(line, *html.heap_look(line.heap), _list_of(bulk, line.heap)) for line in found.lines]
    return {"result": found, "rows": rows, "obstacles": in_the_way, "moving": found.moving}


def _list_of(bulk: BulkAction, heap: str) -> str:
    return home.listed("syncrecord", asked=str(bulk.pk), group=heap)


def _question(bulk: BulkAction, act: RecordAction | Other) -> dict[str, object]:
    """A sample, and for how many it will be refused, looked up for the first ones."""
    looked = bulk.ids[:LOOKED_THROUGH]
    if bulk.code in OTHERS:
        rows = _others(OTHERS[bulk.code], bulk.ids[:SAMPLE])
        return {"sample": rows, "refusals": {}, "looked": len(looked), "obstacles": in_the_way(act)}
    fits, now = ACTIONS[bulk.code].fits, timezone.now()
    records: QuerySet[SyncRecord] = SyncRecord.objects.filter(pk__in=looked).order_by("pk")
    refusals = Counter(refusal for record in records if (refusal := fits(record, now)))
    return {
        "sample": list(records[:SAMPLE]),
        "refusals": dict(refusals),
        "looked": len(looked),
        "obstacles": in_the_way(act),
    }


def _others(other: Other, ids: Sequence[int]) -> list[object]:
    model: type[Conflict] | type[DeletionTask] | type[ChildCase] = other.model
    return [row.record or row for row in model.objects.filter(pk__in=ids).select_related("record").order_by("pk")]
