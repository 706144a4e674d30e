"""Lists as somebody wants them again: filters, search and order under a name, of one's own or shared with everybody.

Invariant: a view is an address of the list and nothing more, so it shows nobody what they may not see; only who made
one changes or deletes it.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR
from django.db import transaction
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
class ShownView:
    """One view above its list. by: who shares it, "" for one's own."""

    name: str
    url: str
    shared: bool
    by: str
    active: bool
    delete_url: str


@dataclass(frozen=True, slots=True)
class ShownViews:
    """What stands above a list, and what would be saved of it now."""

    rows: tuple[ShownView, ...]
    query: str
    save_url: str

    @property
    def current(self) -> ShownView | None:
        return next((row for row in self.rows if row.active), None)


def shown(request: HttpRequest, *, place: str) -> ShownViews:
    query = kept(request.GET.urlencode())
    rows = tuple(
        ShownView(
            name=view.name,
            url=f"{list_address(place)}?{view.query}",
            shared=view.shared,
            by="" if view.user == request.user else view.user.get_full_name() or view.user.get_username(),
            active=view.query == query,
            delete_url=reverse("admin:ops_view_delete", args=[view.pk]),
        )
        for view in seen_by(request, place)
    )
    return ShownViews(rows, query, reverse("admin:ops_view_save", args=[place]))


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
        with transaction.atomic():
            SavedView.objects.update_or_create(
                user=user, place=place, name=name, defaults={"query": query, "shared": shared}
            )
        frame.say(request, _("Saved as “%(name)s”.") % {"name": name})
    return HttpResponseRedirect(f"{list_address(place)}?{query}")


@frame.does()
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own."""
    view = get_object_or_404(SavedView, pk=pk, user=frame.person(request))
    view.delete()
    frame.say(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return HttpResponseRedirect(list_address(view.place))
