"""What is in a Google calendar twice, or without its Termin: looked at first, then removed by a worker.

Invariant: the page itself asks no remote system; what does is loaded after it. What is removed is what was shown, and
the worker looks at each event once more: only what is provably ours goes.
"""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from syncapp.admin.pages import frame
from syncapp.admin.pages.calendars import doors
from syncapp.core.appointments.forms.canonical import read_event
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars import background, cleaning
from syncapp.operations.calendars.cleaning import FoundEvent
from syncapp.words.calendars.when import when_words
from syncapp.words.plain_errors import PlainError

MANAGE = "syncapp.manage_calendars"
LOOKED_UP = 100  # events without an appointment: for each Advoware is asked


@doors.asks(MANAGE)
def clean(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(CalendarEmployee, pk=pk)
    if frame.is_sent(request):
        chosen = _chosen(request.POST.get("events", ""))
        if not chosen:
            raise PlainError(_("Nothing was chosen: please look again."))
        return frame.hand_over(request, background.CLEAN, background.targets_of(row, chosen))
    about = row.name or row.kuerzel
    return frame.page(request, "ops/calendars/clean.html", title=_("Clean up in Google"), about=about, row=row)


@doors.shows(MANAGE)
def found(request: HttpRequest, pk: int) -> HttpResponse:
    """Google is asked now, and Advoware about what no appointment is linked to."""
    row = get_object_or_404(CalendarEmployee, pk=pk)
    try:
        untidy = cleaning.find_untidy(row, most=LOOKED_UP)
    except PlainError as trouble:
        return frame.part(request, "ops/calendars/parts/untidy.html", row=row, fault=str(trouble))
    removable = untidy.removable
    return frame.part(
        request,
        "ops/calendars/parts/untidy.html",
        row=row,
        groups=[[_shown(one) for one in group] for group in untidy.groups],
        orphans=[_shown(one) for one in untidy.orphans],
        later=untidy.later,
        number=len(removable),
        events=json.dumps([[event.id, event.etag] for event in removable]),
    )


def _chosen(text: str) -> list[tuple[str, str]]:
    """(id, etag) as they were shown; nothing of what is spelled otherwise."""
    try:
        pairs = json.loads(text)
    except ValueError:
        return []
    fits = isinstance(pairs, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) and " " not in part for part in pair)
        for pair in pairs
    )
    return [(event_id, etag) for event_id, etag in pairs] if fits else []


def _shown(one: FoundEvent) -> dict[str, object]:
    form = read_event(one.event).form
    when = when_words(form.when) if form is not None else "–"
    return {"when": when, "text": one.event.summary, "fr_nr": one.fr_nr, "removable": one.removable}
