"""What is in a Google calendar twice, or without its Termin: looked at first, then removed.

Invariant: what is removed is looked up anew when the page is sent, and only what is provably ours goes; a number that
has changed meanwhile is asked again.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from syncapp.admin.pages import frame
from syncapp.admin.pages.calendars import doors
from syncapp.core.appointments.forms.canonical import read_event
from syncapp.models import CalendarEmployee
from syncapp.operations.actions import ActionRefused
from syncapp.operations.calendars import cleaning
from syncapp.operations.calendars.cleaning import FoundEvent
from syncapp.words.calendars.when import when_words
from syncapp.words.plain_errors import PlainError

MANAGE = "syncapp.manage_calendars"


@require_http_methods(["GET", "POST"])
@doors.needs(MANAGE)
def clean(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(CalendarEmployee, pk=pk)
    fault, groups, orphans = "", [], []
    try:
        groups, orphans = cleaning.duplicates(row), cleaning.orphans(row)
        removable = _removable(groups, orphans)
        if request.method == "POST" and removable:
            if request.POST.get("number") == str(len(removable)):
                return _remove(request, row, removable)
            fault = _("Something has changed meanwhile: please look again.")
    except (ActionRefused, PlainError) as refused:
        fault = str(refused)
    return frame.page(
        request,
        "ops/calendars/clean.html",
        title=_("Clean up in Google"),
        row=row,
        fault=fault,
        groups=[[_shown(one) for one in group] for group in groups],
        orphans=[_shown(one) for one in orphans],
        number=len(_removable(groups, orphans)),
    )


def _removable(groups: list[tuple[FoundEvent, ...]], orphans: list[FoundEvent]) -> list[FoundEvent]:
    """Each event once."""
    found = {one.event.id: one for group in groups for one in group if one.removable}
    return list((found | {one.event.id: one for one in orphans if one.removable}).values())


def _remove(request: HttpRequest, row: CalendarEmployee, removable: list[FoundEvent]) -> HttpResponse:
    context = frame.action_context(request, reason=frame.reason_of(request))
    number = cleaning.remove(row, removable, action_context=context)
    said = ngettext("%(count)s event was removed in Google.", "%(count)s events were removed in Google.", number)
    frame.say(request, said % {"count": number})
    return frame.back_to("admin:syncapp_calendaremployee_change", row.pk)


def _shown(one: FoundEvent) -> dict[str, object]:
    form = read_event(one.event).form
    when = when_words(form.when) if form is not None else "–"
    return {"when": when, "text": one.event.summary, "fr_nr": one.fr_nr, "removable": one.removable}
