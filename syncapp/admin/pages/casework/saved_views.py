"""Lists as somebody wants them again: filters, search and order under a name, of one's own or shared with everybody.

Invariant: a view is an address of the list and nothing more, so it shows nobody what they may not see; only who made
one changes or deletes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from syncapp.admin.finding.counting import COUNT_VAR, SIZE_VAR
from syncapp.admin.pages import frame
from syncapp.models import SavedView

MOST = 50
# Where one stands in a list, and how much of it is shown, is no part of a view.
PASSING = (PAGE_VAR, ALL_VAR, COUNT_VAR, SIZE_VAR, ERROR_FLAG)


def seen_by(request: HttpRequest, place: str) -> "QuerySet[SavedView]":
    """One's own first, then those that others share."""
    mine = Q(user=frame.person(request))
    rows = SavedView.objects.filter(mine | Q(shared=True), place=place).select_related("user")
    return rows.order_by("shared", "name", "pk")


@dataclass(frozen=True, slots=True)
class ShownViews:
    """What stands above a list, which of it is shown now, and what would be saved."""

    rows: Sequence[SavedView]
    current: SavedView | None
    query: str
    address: str


def shown(request: HttpRequest, *, place: str) -> ShownViews:
    query, rows = kept(request.GET.urlencode()), list(seen_by(request, place))
    current = next((row for row in rows if row.query == query), None)
    return ShownViews(rows, current, query, list_address(place))


def list_address(place: str) -> str:
    """Users and roles have lists of ours too, though their tables are Django's."""
    return reverse(_list_of(place).list_address)


def _list_of(place: str) -> Any:
    """The list of that name, which has to be one of ours; else there is no such page."""
    ours = (one for model, one in admin.site._registry.items() if model._meta.model_name == place)
    found = next((one for one in ours if hasattr(one, "list_address")), None)
    if found is None:
        raise Http404
    return found


def kept(query: str) -> str:
    """What of an address is kept: filters, search and order."""
    values = QueryDict(query, mutable=True)
    for name in PASSING:
        values.pop(name, None)
    return values.urlencode()


@frame.does()
def save(request: HttpRequest, place: str) -> HttpResponse:
    """Keep the list as it is shown. A name of one's own that exists already is written over."""
    if not _list_of(place).has_view_permission(request):
        raise Http404
    name, query = request.POST.get("name", "").replace("\x00", "").strip()[:60], kept(request.POST.get("query", ""))
    user, shared = frame.person(request), "shared" in request.POST
    fits = SavedView._meta.get_field("query").max_length or 0
    if not name:
        frame.refuse(request, _("Please give the view a name."))
    elif len(query) > fits:
        frame.refuse(request, _("So many filters cannot be kept. Please choose fewer."))
    elif SavedView.objects.filter(user=user, place=place).exclude(name=name).count() >= MOST:
        frame.refuse(request, _("You have as many views as there may be. Please delete one first."))
    else:
        kept_so = {"query": query, "shared": shared}
        SavedView.objects.update_or_create(user=user, place=place, name=name, defaults=kept_so)
        frame.say(request, _("Saved as “%(name)s”.") % {"name": name})
    return HttpResponseRedirect(f"{list_address(place)}?{query}")


@frame.does()
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own."""
    view = get_object_or_404(SavedView, pk=pk, user=frame.person(request))
    view.delete()
    frame.say(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return HttpResponseRedirect(list_address(view.place))
