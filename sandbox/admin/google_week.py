"""A week of a Google calendar as its owner sees it on the phone: what is there, and all that a person does to it.

Invariant: every act goes through `sandbox.google.events`, so it has the etag, the place in the feed and the traces that
the same act has at Google. To extend: a further act is a row of ACTIONS and a button of the template.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sandbox.google import events, times
from sandbox.google.reasons import GoogleRefusal
from sandbox.models.google import GoogleCalendar, GoogleEvent

BERLIN = ZoneInfo(times.BERLIN)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
Sent = Mapping[str, str]


@dataclass(frozen=True)
class WeekEntry:
    """One line of the week."""

    event: GoogleEvent
    start: datetime
    end: datetime

    @property
    def id(self) -> str:
        return self.event.event_id

    @property
    def of_series(self) -> bool:
        return bool(self.event.master_id)

    @property
    def all_day(self) -> bool:
        return times.is_all_day(self.event.body)

    @property
    def last_day(self) -> date:
        """The last day on which something of it happens: the end of an all-day one is the day after."""
        return (self.end - DAY if self.all_day else self.end).date()


@dataclass(frozen=True)
class Column:
    day: date
    entries: list[WeekEntry]


@require_http_methods(["GET", "POST"])
def week(request: HttpRequest) -> HttpResponse:
    if not request.user.has_module_perms("sandbox"):
        raise PermissionDenied
    calendars = list(GoogleCalendar.objects.filter(deleted=False))
    sent = request.POST if request.method == "POST" else request.GET
    calendar = next((one for one in calendars if one.pk == sent.get("calendar")), calendars[0] if calendars else None)
    monday = _monday(sent.get("week", ""))
    if request.method == "POST":
        if calendar is None:
            raise Http404
        _do(request, calendar)
        place = urlencode({"calendar": calendar.pk, "week": monday.isoformat()})
        return HttpResponseRedirect(f"{reverse('sandbox_google_week')}?{place}")
    context = {
        "title": _("A week in Google"),
        "calendars": calendars,
        "calendar": calendar,
        "monday": monday,
        "before": monday - WEEK,
        "after": monday + WEEK,
        "columns": _columns(calendar, monday) if calendar else [],
    }
    return TemplateResponse(request, "sandbox/google_week.html", admin.site.each_context(request) | context)


def entries(calendar: GoogleCalendar, first: datetime, last: datetime) -> list[WeekEntry]:
    """What happens in a calendar between two moments, series by their instances, exceptions as they were left."""
    found = []
    for event in GoogleEvent.objects.filter(calendar=calendar, cancelled=False).select_related("calendar"):
        if event.body.get("recurrence"):
            touched = set(
                GoogleEvent.objects.filter(calendar=calendar, master_id=event.event_id).values_list(
                    "event_id", flat=True
                )
            )
            instances = events.untouched(event, first - WEEK, last)
            found += [_entry(one) for one in instances if one.event_id not in touched]
        else:
            found.append(_entry(event))
    inside = (one for one in found if one.start < last and (one.end > first or one.start >= first))
    return sorted(inside, key=lambda one: (one.start, one.id))


def _entry(event: GoogleEvent) -> WeekEntry:
    start, end = (times.moment(event.body[side]).astimezone(BERLIN) for side in ("start", "end"))
    return WeekEntry(event, start, end)


def _columns(calendar: GoogleCalendar, monday: date) -> list[Column]:
    first = datetime.combine(monday, time(), BERLIN)
    found = entries(calendar, first, datetime.combine(monday + WEEK, time(), BERLIN))
    days = (monday + n * DAY for n in range(7))
    return [Column(day, [one for one in found if one.start.date() <= day <= one.last_day]) for day in days]


def _monday(given: str) -> date:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = datetime.now(BERLIN).date()
    return day - timedelta(days=day.weekday())


# --- acts


def _insert(calendar: GoogleCalendar, sent: Sent) -> None:
    body = _written(sent)
    rule = sent.get("rule", "")
    events.insert(calendar, {**body, "recurrence": [f"RRULE:FREQ={rule}"]} if rule else body)


def _change(calendar: GoogleCalendar, sent: Sent) -> None:
    events.change(calendar, sent["event"], _written(sent))


def _split(calendar: GoogleCalendar, sent: Sent) -> None:
    events.split(calendar, sent["event"], _written(sent))


def _delete(calendar: GoogleCalendar, sent: Sent) -> None:
    events.delete(calendar, sent["event"])


def _delete_series(calendar: GoogleCalendar, sent: Sent) -> None:
    events.delete(calendar, events.get(calendar, sent["event"]).master_id)


def _copy(calendar: GoogleCalendar, sent: Sent) -> None:
    events.copy(calendar, sent["event"])


ACTIONS: Mapping[str, Callable[[GoogleCalendar, Sent], None]] = {
    "insert": _insert,
    "change": _change,
    "split": _split,
    "delete": _delete,
    "delete_series": _delete_series,
    "copy": _copy,
}


def _do(request: HttpRequest, calendar: GoogleCalendar) -> None:
    sent: Sent = request.POST.dict()
    act = ACTIONS.get(sent.get("act", ""))
    try:
        if act is None:
            raise GoogleRefusal("invalid", "act")
        act(calendar, sent)
    except GoogleRefusal as refused:
        messages.error(request, _("Google refuses that: %(reason)s.") % {"reason": refused.reason})
    except (KeyError, ValueError):
        messages.error(request, _("Please give a day and the times."))
    else:
        messages.success(request, _("Done in Google."))


def _written(sent: Sent) -> dict[str, Any]:
    """The body that the form says: without times it is all-day."""
    first = date.fromisoformat(sent["day"])
    last = date.fromisoformat(sent["last_day"]) if sent.get("last_day") else first
    texts = {"summary": sent.get("summary", ""), "location": sent.get("location", "")}
    if not sent.get("start"):
        nothing = {"dateTime": None, "timeZone": None}
        start, end = {"date": first.isoformat(), **nothing}, {"date": (last + DAY).isoformat(), **nothing}
        return {**texts, "start": start, "end": end}
    begins = time.fromisoformat(sent["start"])
    ends = time.fromisoformat(sent["end"]) if sent.get("end") else begins
    zone = {"date": None, "timeZone": times.BERLIN}
    return {
        **texts,
        "start": {"dateTime": datetime.combine(first, begins).isoformat(), **zone},
        "end": {"dateTime": datetime.combine(last, ends).isoformat(), **zone},
    }
