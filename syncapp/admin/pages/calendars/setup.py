"""Who has a calendar: employees from Advoware, one more by hand, and the Google address of one.

Invariant: nothing happens on GET; what was read and what was added is said in names and numbers.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from syncapp.admin.pages import frame
from syncapp.admin.pages.calendars import doors
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars import employees

MANAGE = "syncapp.manage_calendars"
LIST = "admin:syncapp_calendaremployee_changelist"


@doors.asks(MANAGE)
def from_advoware(request: HttpRequest) -> HttpResponse:
    """Read Advoware's employees: new ones get a calendar in shadow, those who left are set aside, who is back is taken
    up again."""
    if frame.is_sent(request):
        _say(request, employees.read_from_advoware(actor=frame.person(request).get_username()))
        return frame.back_to(LIST)
    return frame.page(request, "ops/calendars/import.html", title=_("Read the employees from Advoware"))


def _say(request: HttpRequest, found: employees.ImportedEmployees) -> None:
    new = ngettext("%(count)s new: %(names)s.", "%(count)s new: %(names)s.", len(found.new))
    frame.say(request, new % {"count": len(found.new), "names": ", ".join(found.new) or "–"})
    if found.back:
        frame.say(request, _("Back in Advoware, synced again: %(names)s.") % {"names": ", ".join(found.back)})
    if found.left:
        frame.warn(request, _("Not in Advoware any more, set aside: %(names)s.") % {"names": ", ".join(found.left)})
    if found.twice:
        frame.warn(request, _("Named twice in Advoware, taken once: %(names)s.") % {"names": ", ".join(found.twice)})


@doors.asks(MANAGE)
def add(request: HttpRequest) -> HttpResponse:
    """One more calendar by hand: an employee whom Advoware does not list, or the whole firm's."""
    given = {name: request.POST.get(name, "").strip()[:200] for name in ("kuerzel", "name", "address")}
    if frame.is_sent(request):
        row = employees.add(
            kuerzel=given["kuerzel"],
            name=given["name"],
            address=given["address"],
            actor=frame.person(request).get_username(),
            reason=frame.reason_of(request),
        )
        frame.say(request, _("%(kuerzel)s has a calendar now, in shadow.") % {"kuerzel": row.kuerzel})
        return frame.back_to("admin:syncapp_calendaremployee_change", row.pk)
    return frame.page(request, "ops/calendars/add.html", title=_("One more calendar"), given=given)


@doors.asks(MANAGE)
def address(request: HttpRequest, pk: int) -> HttpResponse:
    """With which Google address the calendar is shared."""
    row = get_object_or_404(CalendarEmployee, pk=pk)
    given = request.POST.get("address", row.google_address).strip()[:254]
    if frame.is_sent(request):
        context = frame.action_context(request, reason=frame.reason_of(request))
        employees.change(row, {"google_address": given}, action_context=context)
        frame.say(request, _("The address is set. “Make and share the calendar” shares with it."))
        return frame.back_to("admin:syncapp_calendaremployee_change", row.pk)
    about, title = row.name or row.kuerzel, _("Google address")
    return frame.page(request, "ops/calendars/address.html", title=title, about=about, row=row, given=given)
