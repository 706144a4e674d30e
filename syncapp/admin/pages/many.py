"""One act on many records: what it is about, the word that starts it, and how far it has come.

Invariant: an act is confirmed by whoever has its right; what it is about was fixed before the page was shown.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.admin.pages import frame
from syncapp.admin.pages.casework import asking
from syncapp.admin.pages.one_action import in_the_way_of
from syncapp.engine import control
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.models import BulkAction, BulkState, CalendarEmployee, ChildCase, DeletionTask, Snooze, SyncRecord
from syncapp.operations.actions import ACTIONS, OfferedAction
from syncapp.operations.actions.bulk import many, undoing
from syncapp.operations.actions.others import OTHERS, Other
from syncapp.operations.monitoring.bulk_outcome import UNDER_WAY, outcome
from syncapp.operations.monitoring.signs.disturbances import obstacles, queue_held
from syncapp.words import html

SAMPLE = 6
LOOKED_THROUGH = 2000


def _allowed(request: HttpRequest, pk: int) -> BulkAction:
    bulk = get_object_or_404(BulkAction, pk=pk)
    if not many.is_known(bulk.code):
        raise Http404
    _may(request, many.act_of(bulk.code))
    return bulk


def _may(request: HttpRequest, act: OfferedAction) -> None:
    if not request.user.has_perm(act.permission) or (
        isinstance(act, Other) and act.sees_values and not html.may_see_values(request)
    ):
        raise PermissionDenied


def propose(request: HttpRequest, code: str, ids: Sequence[int]) -> HttpResponse:
    """From a list: fix the records and show what would happen."""
    _may(request, many.act_of(code))
    bulk = many.propose(code=code, ids=ids, user=frame.person(request))
    return frame.back_to("admin:ops_many", bulk.pk)


def _from_list(code: str, _admin: Any, request: HttpRequest, chosen: "QuerySet[Any]") -> HttpResponse:
    """An action of a list: it fixes the rows, chosen or all that match, and leads to the page that asks."""
    ids = chosen.order_by("pk").values_list("pk", flat=True)[: many.MOST]
    return propose(request, code, list(ids))


def offered(request: HttpRequest, *acts: OfferedAction) -> dict[str, Any]:
    """Those of these acts that this visitor has the right to, as a list of the admin names its actions."""
    allowed = [act for act in acts if request.user.has_perm(act.permission)]
    return {act.code: (partial(_from_list, act.code), act.code, act.many_label) for act in allowed}


@frame.asks()
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a great act, from the question to the result."""
    bulk = _allowed(request, pk)
    act = many.act_of(bulk.code)
    if frame.is_sent(request):
        reason, details = frame.reason_of(request, needed=act.needs_reason), asking.answer(act.asks, request.POST)
        many.start(bulk=bulk, reason=reason, actor=request.user.get_username(), details=details)
        return frame.back_to("admin:ops_many", bulk.pk)
    context = _question(bulk, act, request.POST) if bulk.state == BulkState.ASKED else _result(bulk, act)
    context["cancel"] = _list_behind(act)
    return frame.page(request, "ops/many.html", title=act.many_label, act=act, bulk=bulk, **context)


@frame.does()
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask about the act that undoes this one; nothing happens before somebody confirms."""
    bulk = _allowed(request, pk)
    if not undoing.undoable(bulk):
        frame.refuse(request, _("Nothing is left of this action that could be undone."))
        return frame.back_to("admin:ops_many", bulk.pk)
    return frame.back_to("admin:ops_many", many.propose_undo(bulk=bulk, user=frame.person(request)).pk)


@frame.does()
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    bulk = _allowed(request, pk)
    if many.stop(bulk=bulk):
        frame.say(request, _("Stopped. What was done stays done."))
    return frame.back_to("admin:ops_many", bulk.pk)


@frame.shows()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it has come; asked for every second while it is at work."""
    bulk = _allowed(request, pk)
    act = many.act_of(bulk.code)
    return frame.part(request, "ops/parts/many_progress.html", bulk=bulk, act=act, **_result(bulk, act))


def _result(bulk: BulkAction, act: OfferedAction) -> dict[str, object]:
    """Where the records stand for which a run was asked, and what is in its way; nothing where the act was all."""
    held = _held(bulk)
    undo = {
        "held": held,
        "undone": _undone(bulk),
        "undoable": undoing.undoable(bulk),
        "undone_by": bulk.undone_by.exclude(state=BulkState.ASKED).order_by("pk"),
    }
    if not act.enqueues:
        moving = bulk.state == BulkState.RUNNING
        return {"result": None, "moving": moving, "obstacles": held, **undo, **_way_back(bulk, act)}
    now, switches = timezone.now(), control.switches()
    found = outcome(bulk, now=now, switches=switches)
    waits = any(line.heap in UNDER_WAY for line in found.lines)
    in_the_way = obstacles(control=switches, now=now, systems=SYSTEMS) if waits else []
    rows = [
        (line, *html.heap_look(line.heap), html.listed("syncrecord", asked=str(bulk.pk), group=line.heap))
        for line in found.lines
    ]
    return {"result": found, "rows": rows, "obstacles": _once(held, in_the_way), "moving": found.moving, **undo}


def _held(bulk: BulkAction) -> list[str]:
    """What keeps the workers from it; nothing where none is needed, or it is over."""
    waits = bulk.state == BulkState.RUNNING or (bulk.state == BulkState.ASKED and many.needs_a_worker(bulk))
    return queue_held(many.QUEUE, now=timezone.now()) if waits else []


def _once(*sentences: Sequence[str]) -> list[str]:
    """What keeps the workers from the act may keep them from its runs, too."""
    return list(dict.fromkeys(chain.from_iterable(sentences)))


def _undone(bulk: BulkAction) -> OfferedAction | None:
    """The act that this one undoes."""
    return many.act_of(bulk.undoes.code) if bulk.undoes else None


def _list_behind(act: OfferedAction) -> str:
    """Where the rows were chosen."""
    model: type[Model] = (act.model or CalendarEmployee) if isinstance(act, Other) else SyncRecord
    name = "ops_causes" if model is Snooze else f"syncapp_{model._meta.model_name}_changelist"
    return reverse(f"admin:{name}")


def _way_back(bulk: BulkAction, act: OfferedAction) -> dict[str, object]:
    """To the calendar that it was about, or to their list; to the list of tasks that are no records."""
    if not isinstance(act, Other) or act.model is SyncRecord:
        return {}
    if not act.about_calendars:
        return {"list_url": _list_behind(act)}
    calendars = {str(target).partition(" ")[0] for target in bulk.ids}
    if len(calendars) != 1:
        return {"calendar_url": reverse("admin:syncapp_calendaremployee_changelist")}
    return {
        "calendar_url": reverse("admin:syncapp_calendaremployee_change", args=[calendars.pop()]),
        "one_calendar": True,
    }


def _question(bulk: BulkAction, act: OfferedAction, said: QueryDict) -> dict[str, object]:
    """A sample, and for how many it will be refused, looked up for the first ones."""
    looked = bulk.ids[:LOOKED_THROUGH]
    if bulk.code in OTHERS:
        return _question_of(OTHERS[bulk.code], bulk, looked, said)
    why_not, now = ACTIONS[bulk.code].why_not, timezone.now()
    records: QuerySet[SyncRecord] = SyncRecord.objects.filter(pk__in=looked).select_related("snooze").order_by("pk")
    answers = [why_not(record, now) for record in records]
    refusals = Counter(filter(None, answers))
    return {
        "sample": list(records[:SAMPLE]),
        "refusals": dict(refusals),
        "nothing_left": all(answers) and len(looked) == bulk.total,
        "looked": len(looked),
        "obstacles": _once(_held(bulk), in_the_way_of(act)),
        **asking.question(act.asks, bulk.ids, said),
    }


def _question_of(other: Other, bulk: BulkAction, looked: Sequence[int], said: QueryDict) -> dict[str, object]:
    """Of what is no record; what is known to be left out from the start is told as well."""
    left_out = other.left_out(looked)
    return {
        "undone": _undone(bulk),
        "about_tasks": other.model in (ChildCase, DeletionTask),
        "sample": _others(other, bulk.ids[:SAMPLE]),
        "names": many.names_of(bulk)[:SAMPLE],
        "refusals": dict(Counter(bulk.refused) + left_out),
        "nothing_left": left_out.total() >= bulk.total,
        "looked": len(looked),
        "obstacles": _once(_held(bulk), [] if other.about_calendars else in_the_way_of(other)),
        **asking.question(other.asks, bulk.ids, said),
    }


def _others(other: Other, ids: Sequence[int]) -> list[object]:
    """The records that they are about, each once."""
    if other.model is None:
        return []
    rows = other.model._default_manager.filter(pk__in=ids).order_by("pk")
    return list(dict.fromkeys(getattr(row, "record", None) or row for row in rows))
