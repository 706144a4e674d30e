"""The answers of Ctrl+K and "/": rows of every list that takes part, and pages of the menu.

Invariant: nothing is kept between two questions, so that a record just created is found and no value stays in a cache;
each list is asked only for those who may open it, and hides what they may not see. Lists ask their own index, and
answer in the order of the menu.
To extend: a list takes part with `command_icon` and `command_hit`, and names what comes near with `near`
(admin/base.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from syncapp.admin.base import CommandHit, ReadOnlyAdmin
from syncapp.admin.navigation import place_of, sidebar
from syncapp.core.finding.folding import LONGEST_QUERY, fold
from syncapp.words import Words

# Of each list; the last line of a list leads to all of them.
MOST = 5


@dataclass(frozen=True, slots=True)
class CommandLine:
    icon: str
    hit: CommandHit
    group: Words


def answer(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """Takes the place of the theme's own search, which knows menus only."""
    asked = request.GET.get("s", "")[:LONGEST_QUERY].strip()
    if not asked:
        return HttpResponse()
    taking_part = _taking_part(request)
    found = [line for model_admin in taking_part for line in _of_list(model_admin, request, asked)]
    lines = [*found, *_pages(request, asked)]
    missed = not lines
    if missed:
        near = ((one, hit) for one in taking_part for hit in one.near_hits(request, asked))
        lines = [CommandLine(one.command_icon, hit, one.list_title) for one, hit in near]
    hints = [hint for hint in (one.unfound_hint(request) for one in taking_part) if hint] if not lines else []
    context = {"lines": lines, "missed": missed, "asked": asked, "hints": hints}
    response = render(request, "ops/command.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _taking_part(request: HttpRequest) -> list[ReadOnlyAdmin]:
    lists = (one for one in admin.site._registry.values() if isinstance(one, ReadOnlyAdmin) and one.command_icon)
    allowed = (one for one in lists if one.has_view_permission(request))
    return sorted(allowed, key=lambda one: place_of(one.list_address))


def _of_list(model_admin: ReadOnlyAdmin, request: HttpRequest, asked: str) -> Iterator[CommandLine]:
    group = model_admin.list_title
    rows = model_admin.command_rows(request, asked)
    for hit in model_admin.command_hits(request, rows[:MOST], asked=asked):
        yield CommandLine(model_admin.command_icon, hit, group)
    if len(rows) > MOST:
        link = reverse(model_admin.list_address, query={"q": asked})
        yield CommandLine("list", CommandHit(_("Show all"), "", link), group)


def _pages(request: HttpRequest, asked: str) -> Iterator[CommandLine]:
    """The menu's own entries, which show only what this visitor may open."""
    wanted = fold(asked)
    for group in sidebar(request):
        for item in group["items"]:
            if wanted in fold(str(item["title"])):
                yield CommandLine(item["icon"], CommandHit(str(item["title"]), "", item["link"]), _("Page"))
