"""Making calendars in Google, sharing them, and looking whether the shares are there.

Google says yes to a share with an address that does not exist, so the access list is read back. The calendar of the
whole firm is shared with every employee. Google allows about sixty new calendars and then shuts the account out for
hours, so at most NEW_A_DAY are made; the next day goes on. One that was deleted in Google is made anew.
Invariant: making a calendar is not repeatable, so before one is made the account's list is looked through for one that
an earlier attempt has left behind; its description names installation and kuerzel. Nobody is mailed.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.appointments.policy import CalendarSide
from syncapp.engine import control
from syncapp.entities.appointments import configured
from syncapp.models import CalendarEmployee
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars.employees import change, log, needs_open_side
from syncapp.remotes.google_calendar.calendars import Calendar, Role
from syncapp.remotes.google_calendar.client import GoogleCalendarClient
from syncapp.remotes.http.errors import CalendarGone, Forbidden, QuotaExceeded, RemoteError, SyncTokenExpired
from syncapp.remotes.registry import google_calendar_client
from syncapp.words.plain_errors import in_words
from syncapp.words.time_format import exact

NEW_A_DAY = 20
DAY = timedelta(hours=24)
ENOUGH = {
    Role.READER: frozenset({Role.READER, Role.WRITER_WITHOUT_PRIVATE, Role.WRITER, Role.OWNER}),
    Role.WRITER: frozenset({Role.WRITER, Role.OWNER}),
}


@dataclass(frozen=True, slots=True)
class SharedCalendar:
    """made: just now. seen: all shares stand in the access list. listed: it is in everybody's own list by now."""

    kuerzel: str
    made: bool
    seen: bool
    listed: bool


def make_and_share(row: CalendarEmployee, *, action_context: ActionContext, logged: bool = True) -> SharedCalendar:
    """Whatever of this is missing. Raises PlainError. logged: not by somebody else."""
    needs_open_side(CalendarSide.google)
    with in_words():
        client = google_calendar_client()
        made = not row.calendar_id or _is_gone(row, client)
        if made:
            _make(row, client, action_context)
        wanted = readers(row)
        seen = _share(row, wanted, client)
        listed = seen and bool(client.config.delegated_user) and _list(row, wanted, client)
    if logged:
        log(row, "calendar_share", action_context, result="made" if made else "shared" if seen else "")
    return SharedCalendar(row.kuerzel, made, seen, listed)


def _is_gone(row: CalendarEmployee, client: GoogleCalendarClient) -> bool:
    """Google has answered that there is no such calendar: 404, or 410, which elsewhere says that a list has to be read
    again. A new one takes its place; what was linked in it is over (`employees.change`).

    Only of calendars that were made here: 404 is also the answer where somebody else's is not shared with us.
    """
    if row.calendar_made_at is None:
        return False
    try:
        client.calendar(row.calendar_id)
    except (CalendarGone, SyncTokenExpired):
        _needs_our_account(row, client)
        return True
    return False


def _needs_our_account(row: CalendarEmployee, client: GoogleCalendarClient) -> None:
    """Another account than the one that made them is shown none of our calendars: they are not gone, and all of them
    would be made a second time."""
    made = CalendarEmployee.objects.exclude(pk=row.pk).exclude(calendar_made_at=None).exclude(calendar_id="")
    ids = set(made.values_list("calendar_id", flat=True))
    if ids and not ids & {one.id for one in client.calendars()}:
        raise ActionRefused(
            _("Google shows this account none of the calendars that were made here. Check GOOGLE_DELEGATED_USER.")
        )


def _make(row: CalendarEmployee, client: GoogleCalendarClient, action_context: ActionContext) -> None:
    if CalendarEmployee.objects.filter(calendar_made_at__gt=timezone.now() - DAY).count() >= NEW_A_DAY:
        raise ActionRefused(
            _("%(number)s calendars were made today, and Google does not like more: go on tomorrow.")
            % {"number": NEW_A_DAY}
        )
    marker = f"Advosync {control.switches().installation} {row.kuerzel}"
    others = (one for one in client.calendars() if one.id != row.calendar_id)
    left_behind = next((one for one in others if one.description == marker), None)
    made = left_behind or _created(title(row), marker, client)
    change(row, {"calendar_id": made.id}, action_context=action_context)
    CalendarEmployee.objects.filter(pk=row.pk).update(calendar_made_at=timezone.now())


def _created(named: str, marker: str, client: GoogleCalendarClient) -> Calendar:
    """Under the same breaker as new events: each further try would keep the account shut out for longer."""
    until = configured.creates_stopped_until()
    if until is not None:
        raise ActionRefused(_("Google takes nothing new until %(until)s: go on then.") % {"until": exact(until)})
    try:
        return client.create_calendar(named, description=marker)
    except QuotaExceeded:
        configured.stop_creates()
        raise


def title(row: CalendarEmployee) -> str:
    """What people see in Google."""
    return f"Advoware {row.name or row.kuerzel}"


def role_for(row: CalendarEmployee) -> Role:
    return Role.WRITER if row.write_to_advoware and not row.firm_wide else Role.READER


def readers(row: CalendarEmployee) -> list[str]:
    """With which addresses the calendar is shared: the employee's; of the whole firm's, with that of every employee who
    is active too."""
    own = [row.google_address] if row.google_address else []
    if not row.firm_wide:
        return own
    others = CalendarEmployee.objects.filter(active=True, firm_wide=False).exclude(google_address="")
    found: dict[str, str] = {}
    for address in (*own, *others.order_by("kuerzel").values_list("google_address", flat=True)):
        found.setdefault(address.casefold(), address)
    return list(found.values())


def _share(row: CalendarEmployee, wanted: list[str], client: GoogleCalendarClient) -> bool:
    """Whether everybody who is to see it stands in the access list afterwards."""
    role = role_for(row)
    if not wanted:
        return False
    shown = _roles(row, client)
    # An owner's own rights cannot be changed.
    missing = [one for one in wanted if shown.get(one.casefold(), "") not in (role.value, Role.OWNER)]
    for address in missing:
        try:
            client.share(row.calendar_id, address, role)
        except Forbidden:
            if not row.firm_wide:
                raise
            # One address that Google refuses keeps the calendar of the firm from nobody else.
    if missing:
        shown = _roles(row, client)
    roles = [shown.get(address.casefold(), "") for address in wanted]
    enough = all(one in ENOUGH[role] for one in roles)
    told = roles[0] if enough or not row.firm_wide else ""
    CalendarEmployee.objects.filter(pk=row.pk).update(shared_role=told)
    return enough


def _roles(row: CalendarEmployee, client: GoogleCalendarClient) -> dict[str, str]:
    """address -> role, as the access list shows it."""
    return {one.address.casefold(): one.role for one in client.shares(row.calendar_id)}


def unshared(row: CalendarEmployee, client: GoogleCalendarClient) -> list[str]:
    """The addresses that should see the calendar, and that the access list does not name with the right they need."""
    shown, enough = _roles(row, client), ENOUGH[role_for(row)]
    return [address for address in readers(row) if shown.get(address.casefold(), "") not in enough]


def _list(row: CalendarEmployee, wanted: list[str], client: GoogleCalendarClient) -> bool:
    """Into everybody's own list, in their name; where that is refused they click it themselves."""
    listed = True
    for address in wanted:
        try:
            client.acting_as(address).add_to_list(row.calendar_id)
        except RemoteError:
            listed = False
    return listed
