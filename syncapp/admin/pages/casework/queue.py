"""One open conflict after another: decide, skip, enter another value, by mouse or by keyboard.

Invariant: what comes next is what the list of conflicts shows with the same filters, oldest first; a decision names
the row that was shown. Nothing is enqueued here: the dispatcher carries what was decided within a minute, so that a
slip can be taken back, and no run comes between the fields of one record.
"""

from copy import copy
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.text import normalize_newlines
from django.utils.translation import gettext as _

from syncapp.admin.finding.numbers import number_in
from syncapp.admin.pages import frame
from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Conflict, FieldChange, InboxElement
from syncapp.operations.actions import ActionRefused, conflicts
from syncapp.operations.actions.holding import why_kept
from syncapp.operations.actions.shapes import still_there
from syncapp.words import sentences

# In the address beside the filters of the list: how far one has come, and what was decided last.
OWN = ("after", "decided")
EARLIER = 3
KINDS = {row.key: row.kind for row in MAPPING}
RIGHTS = ("syncapp.view_conflict", "syncapp.decide_conflict", "syncapp.view_values")


@frame.asks(*RIGHTS)
def queue(request: HttpRequest) -> HttpResponse:
    """The next one, or its decision; what is refused is told with what was entered."""
    if frame.is_sent(request):
        return _decide(request)
    waiting = _waiting(request)
    after, number = number_in(request.GET.get("after", "")), waiting.count()
    conflict = waiting.filter(pk__gt=after).first()
    in_the_way, decided = frame.in_the_way(SYSTEMS), _taken_back(request)
    return frame.page(
        request,
        "ops/casework/queue.html",
        title=_("One after another"),
        conflict=conflict,
        number=number,
        passed=waiting.filter(pk__lte=after).count(),
        **(_about(conflict) if conflict else {}),
        decided=decided,
        # Of what was decided it is told there; of the next one alone what holds its record.
        kept=[*_held(decided["conflict"]), *in_the_way] if decided else [],
        filters=_filters(request.GET).urlencode(),
        entered=_entered(request, conflict),
        skip=_query(request, after=conflict.pk) if conflict else "",
        back=_list_address(request),
        obstacles=[*_held(conflict), *([] if decided else in_the_way)],
    )


def _held(conflict: Conflict | None) -> list[str]:
    """That somebody holds its record, so that no run carries a decision."""
    held = why_kept(conflict.record, timezone.now()) if conflict else ""
    return [held] if held else []


def _decide(request: HttpRequest) -> HttpResponse:
    rows, number = Conflict.objects.select_related("record"), number_in(request.POST.get("conflict", ""))
    conflict = still_there(rows, number, _("The conflict is not there any more."))
    # A browser sends each end of a line as two characters, whatever it was given.
    shown = [normalize_newlines(request.POST.get(name, "")) for name in ("seen_espo", "seen_advo")]
    if shown != [normalize_newlines(value or "") for value in (conflict.espo, conflict.advo)]:
        raise ActionRefused(_("Something was changed meanwhile. Please look at what stands there now, then answer."))
    conflicts.answer(
        conflict=conflict,
        keep=request.POST.get("keep", ""),
        entered=request.POST.get("instead", ""),
        empties="empty" in request.POST,
        action_context=frame.action_context(request),
    )
    return HttpResponseRedirect(_query(request, after=conflict.pk, decided=conflict.pk))


def _entered(request: HttpRequest, conflict: Conflict | None) -> str:
    """What was refused of this conflict, to be put right."""
    same = conflict is not None and request.POST.get("conflict") == str(conflict.pk)
    return request.POST.get("instead", "") if same else ""


@frame.does(*RIGHTS)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The last decision was a slip: the same conflict is shown again."""
    try:
        conflict = still_there(Conflict.objects.all(), pk, _("The conflict is not there any more."))
        conflicts.take_back(conflict=conflict, action_context=frame.action_context(request))
        frame.say(request, _("Taken back: the conflict is open again."))
    except ActionRefused as refused:
        frame.refuse(request, refused)
        return HttpResponseRedirect(_query(request, after=pk))
    return HttpResponseRedirect(_query(request, after=pk - 1))


def _waiting(request: HttpRequest) -> "QuerySet[Conflict]":
    """What the list shows with these filters, and is open."""
    listing = copy(request)
    listing.GET = QueryDict(_filters(request.GET).urlencode())
    chosen = admin.site.get_model_admin(Conflict).get_changelist_instance(listing).queryset
    rows: QuerySet[Conflict] = chosen.filter(open=True).order_by("pk")
    return rows


def _about(conflict: Conflict) -> dict[str, Any]:
    """What is known of who changed the field, and when."""
    record, attribute = conflict.record, remote_metadata.field_map().espo_names.get(conflict.field, "")
    told = InboxElement.objects.filter(record=record, attributes__has_key=attribute).order_by("-received_at")
    return {
        "record": record,
        "kind": KINDS.get(conflict.field, "text"),
        "earlier": FieldChange.objects.filter(record=record, field=conflict.field).order_by("-at")[:EARLIER],
        "told_at": told.values_list("received_at", flat=True).first() if attribute else None,
    }


def _taken_back(request: HttpRequest) -> dict[str, Any] | None:
    """The decision made last, as long as it can be taken back."""
    conflict = Conflict.objects.select_related("record").filter(pk=number_in(request.GET.get("decided", ""))).first()
    if conflict is None or not conflicts.is_waiting(conflict, conflict.record):
        return None
    value = {Side.espocrm.value: conflict.espo, Side.advoware.value: conflict.advo}.get(conflict.kept, conflict.entered)
    return {"conflict": conflict, "value": sentences.field_value(conflict.field, value)}


def _filters(query: QueryDict) -> QueryDict:
    kept = query.copy()
    for name in OWN:
        kept.pop(name, None)
    return kept


def _query(request: HttpRequest, **own: int) -> str:
    query = _filters(request.GET)
    for name, value in own.items():
        query[name] = str(value)
    return f"{reverse('admin:ops_queue')}?{query.urlencode()}"


def _list_address(request: HttpRequest) -> str:
    return f"{reverse('admin:syncapp_conflict_changelist')}?{_filters(request.GET).urlencode()}"
