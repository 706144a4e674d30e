"""Making calendars in Google, sharing them, and looking whether the shares are there.

Google says yes to a share with an address that does not exist, so the access list is read back. It allows about sixty
new calendars and then shuts the account out for hours, so at most NEW_A_DAY are made; the next day goes on.
Invariant: making a calendar is not repeatable, so before one is made the account's list is looked through for one that
an earlier attempt has left behind; its description names installation and kuerzel. Nobody is mailed.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.engine import control
from syncapp.models import CalendarEmployee
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars.employees import change, log, needs_live_installation
from syncapp.remotes.google_calendar.calendars import Role
from syncapp.remotes.google_calendar.client import GoogleCalendarClient
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.registry import google_calendar_client
from syncapp.words.plain_errors import in_words

NEW_A_DAY = 20
DAY = timedelta(hours=24)
ENOUGH = {Role.READER: frozenset({"reader", "writerWithoutPrivateAccess", "writer", "owner"})}
ENOUGH[Role.WRITER] = frozenset({"writer", "owner"})


@dataclass(frozen=True, slots=True)
class SharedCalendar:
    """made: just now. seen: the share stands in the access list. listed: it is in the employee's own list by now."""

    kuerzel: str
    made: bool
    seen: bool
    listed: bool


def make_and_share(row: CalendarEmployee, *, action_context: ActionContext, logged: bool = True) -> SharedCalendar:
    """Whatever of this is missing. Raises ActionRefused, and RemoteTrouble in words. logged: not by somebody else."""
    needs_live_installation()
    with in_words():
        client = google_calendar_client()
        made = not row.calendar_id
        if made:
            _make(row, client, action_context)
        seen = bool(row.google_address) and _share(row, client)
        listed = seen and bool(client.config.delegated_user) and _list(row, client)
    if logged:
        log(row, "calendar_share", action_context, result="made" if made else "shared" if seen else "")
    return SharedCalendar(row.kuerzel, made, seen, listed)


def made_today() -> int:
    return CalendarEmployee.objects.filter(calendar_made_at__gt=timezone.now() - DAY).count()


def _make(row: CalendarEmployee, client: GoogleCalendarClient, action_context: ActionContext) -> None:
    if made_today() >= NEW_A_DAY:
        raise ActionRefused(
            _("%(number)s calendars were made today, and Google does not like more: go on tomorrow.")
            % {"number": NEW_A_DAY}
        )
    marker = f"Advosync {control.switches().installation} {row.kuerzel}"
    left_behind = next((one for one in client.calendars() if one.description == marker), None)
    made = left_behind or client.create_calendar(title(row), description=marker)
    change(row, {"calendar_id": made.id}, action_context=action_context)
    CalendarEmployee.objects.filter(pk=row.pk).update(calendar_made_at=timezone.now())


def title(row: CalendarEmployee) -> str:
    """What people see in Google."""
    return f"Advoware {row.name or row.kuerzel}"


def role_for(row: CalendarEmployee) -> Role:
    return Role.WRITER if row.write_to_advoware and not row.firm_wide else Role.READER


def _share(row: CalendarEmployee, client: GoogleCalendarClient) -> bool:
    role = role_for(row)
    shown = share_in_google(row, client)
    if shown not in (role.value, Role.OWNER):  # an owner's own rights cannot be changed
        client.share(row.calendar_id, row.google_address, role)
        shown = share_in_google(row, client)
    CalendarEmployee.objects.filter(pk=row.pk).update(shared_role=shown, shared_at=timezone.now())
    return shown in ENOUGH[role]


def share_in_google(row: CalendarEmployee, client: GoogleCalendarClient) -> str:
    """The employee's role as the access list shows it; "" where it does not name them."""
    address = row.google_address.casefold()
    return next((one.role for one in client.shares(row.calendar_id) if one.address.casefold() == address), "")


def _list(row: CalendarEmployee, client: GoogleCalendarClient) -> bool:
    """Into the employee's own list, in their name; where that is refused they click it themselves."""
    try:
        client.acting_as(row.google_address).add_to_list(row.calendar_id)
    except RemoteError:
        return False
    return True
