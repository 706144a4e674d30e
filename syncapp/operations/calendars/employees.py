"""Who has a calendar: read from Advoware, added by hand, and what is chosen for each.

Invariant: a calendar is found by its kuerzel, whatever its case. A new one starts in shadow. Advoware's list sets aside
only whom it has named before: what a person has added or switched on stays. A change is never made from under a pass;
another calendar in Google is another world, so what was linked in the old one is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.appointments.plan_shapes import HoldReason
from syncapp.core.appointments.policy import FIRM_WIDE_NAMES, CalendarSide
from syncapp.core.appointments.rows import Closed, PairStatus
from syncapp.core.requests import Source
from syncapp.core.states import Event, Status
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import control
from syncapp.entities.appointments import due_passes
from syncapp.entities.appointments.rows import search_text
from syncapp.models import Appointment, CalendarEmployee, CalendarMode, Mode, OperatorLog
from syncapp.operations.actions import ActionContext, ActionRefused, log_action
from syncapp.remotes.registry import advoware_client
from syncapp.words.calendars.logged import LISTED_AGAIN, NOT_LISTED
from syncapp.words.plain_errors import in_words

CHOICES = frozenset(
    {"mode", "active", "full_content", "write_to_advoware", "calendar_id", "google_address", "name", "firm_wide"}
)
LONGEST_KUERZEL = 32


@dataclass(frozen=True, slots=True)
class ImportedEmployees:
    """What reading the employees from Advoware came to, by kuerzel. twice: named more than once there; back: set aside
    by an earlier reading, and listed again."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    left: tuple[str, ...]
    twice: tuple[str, ...]
    back: tuple[str, ...] = ()


def find(kuerzel: str) -> CalendarEmployee:
    row = CalendarEmployee.objects.filter(kuerzel__iexact=kuerzel.strip()).first()
    if row is None:
        raise ActionRefused(
            _("There is no calendar for %(kuerzel)s: read the employees from Advoware.") % {"kuerzel": kuerzel}
        )
    return row


def chosen(kuerzel: Sequence[str]) -> list[CalendarEmployee]:
    """The calendars of these kuerzel; without any, all active ones that CALENDAR_ONLY leaves."""
    if kuerzel:
        return [find(one) for one in kuerzel]
    return list(due_passes.chosen(CalendarEmployee.objects.filter(active=True)).order_by("kuerzel"))


def left_out() -> list[str]:
    """Whose calendars CALENDAR_ONLY leaves out, by kuerzel."""
    active = CalendarEmployee.objects.filter(active=True)
    out = active.exclude(pk__in=due_passes.chosen(active).values("pk"))
    return list(out.order_by("kuerzel").values_list("kuerzel", flat=True))


class PassGoingOn(ActionRefused):
    """A pass holds the row; what was asked can be asked again when it is over."""


def add(
    *, kuerzel: str, name: str = "", address: str = "", actor: str, reason: str = "", listed: bool = False
) -> CalendarEmployee:
    """One more calendar, in shadow. listed: Advoware names the employee."""
    kuerzel = kuerzel.strip()
    if not kuerzel or len(kuerzel) > LONGEST_KUERZEL:
        raise ActionRefused(_("A kuerzel has 1 to 32 letters."), field="kuerzel")
    if CalendarEmployee.objects.filter(kuerzel__iexact=kuerzel).exists():
        raise ActionRefused(_("%(kuerzel)s has a calendar already.") % {"kuerzel": kuerzel}, field="kuerzel")
    row = CalendarEmployee.objects.create(
        kuerzel=kuerzel,
        name=name[:200],
        google_address=_address(address),
        firm_wide=kuerzel.casefold() in FIRM_WIDE_NAMES,
        write_to_advoware=settings.CALENDAR_WRITE_TO_ADVOWARE,
        left_at=None if listed else timezone.now(),
    )
    OperatorLog.objects.create(actor=actor, action="calendar_add", target=kuerzel, reason=reason)
    return row


def read_from_advoware(*, actor: str) -> ImportedEmployees:
    """Add who is new, set aside who is not there any more, and take up again whom an earlier list lacked; an empty list
    says nothing about anybody."""
    with in_words():
        found = advoware_client().employees()
    listed: dict[str, Any] = {}
    twice = []
    for one in found:
        if one.kuerzel.casefold() in listed:
            twice.append(one.kuerzel)
        listed.setdefault(one.kuerzel.casefold(), one)
    known = {row.kuerzel.casefold(): row for row in CalendarEmployee.objects.order_by("kuerzel")}
    fits = [one for one in listed.values() if one.active and len(one.kuerzel) <= LONGEST_KUERZEL]
    new = [one for one in fits if one.kuerzel.casefold() not in known]
    for one in new:
        add(kuerzel=one.kuerzel, name=one.name, address=_address_or_none(one.email), actor=actor, listed=True)
    there = tuple(row.kuerzel for key, row in known.items() if key in listed)
    back = _back(known, listed, actor)
    return ImportedEmployees(tuple(one.kuerzel for one in new), there, _left(known, listed, actor), tuple(twice), back)


def _left(known: Mapping[str, CalendarEmployee], listed: Mapping[str, Any], actor: str) -> tuple[str, ...]:
    """Whom a list has named before; who is on without having been named is so by a person's word."""
    synced = [row for row in known.values() if row.active and not row.firm_wide and row.left_at is None]
    left = [row for row in synced if listed and _gone(listed.get(row.kuerzel.casefold()))]
    for row in left:
        with transaction.atomic():
            change(row, {"active": False}, action_context=ActionContext(actor, NOT_LISTED))
            CalendarEmployee.objects.filter(pk=row.pk, active=False).update(left_at=timezone.now())
    return tuple(row.kuerzel for row in left)


def _back(known: Mapping[str, CalendarEmployee], listed: Mapping[str, Any], actor: str) -> tuple[str, ...]:
    """Only whom a list had set aside: what a person has chosen stays. Whom the list names, it may set aside again."""
    named = [row for key, row in known.items() if row.left_at and not _gone(listed.get(key))]
    back = [row for row in named if not row.active]
    for row in back:
        change(row, {"active": True}, action_context=ActionContext(actor, LISTED_AGAIN))
    CalendarEmployee.objects.filter(pk__in=[row.pk for row in named], active=True).update(left_at=None)
    return tuple(row.kuerzel for row in back)


def _gone(employee: Any) -> bool:
    return employee is None or not employee.active


def change(row: CalendarEmployee, choices: Mapping[str, Any], *, action_context: ActionContext) -> CalendarEmployee:
    """Set what was chosen, log it, and have the calendar read whole: what is shown may be another from now on."""
    unknown = choices.keys() - CHOICES
    if unknown:
        raise ActionRefused(_("A calendar has no %(name)s.") % {"name": ", ".join(sorted(unknown))})
    values = {name: _checked(row, name, value) for name, value in choices.items()}
    if "active" in values:
        # On by a person's word, whatever the list says. Who goes by the list says so afterwards.
        values["left_at"] = timezone.now() if values["active"] else None
    with transaction.atomic():
        locked = CalendarEmployee.objects.select_for_update().get(pk=row.pk)
        if locked.lease_token:
            raise PassGoingOn(_("A pass over this calendar is going on: try again in a minute."))
        if values.get("calendar_id", locked.calendar_id) != locked.calendar_id:
            if values["calendar_id"]:
                values["calendar_made_at"] = None  # of the one before; who makes one says so afterwards
            values |= {"sync_token": "", "token_of": "", "shared_role": "", "last_full_pass": None}
            close_all(locked)
        CalendarEmployee.objects.filter(pk=row.pk).update(**values, updated_at=timezone.now())
        told = ", ".join(f"{name}={choices[name]}" for name in sorted(choices))
        log(row, "calendar_change", action_context, result=told[:500])
        # What failed for want of this begins anew; what a brake has stopped waits for its release.
        begins = locked.status == Status.FAILED and locked.fault.get("code") not in frozenset(HoldReason)
        event = Event.RESET if begins else Event.CHANGED
        ask_for_pass(row, action_context, code="changed", event=event, full=True)
    row.refresh_from_db()
    return row


def _checked(row: CalendarEmployee, name: str, value: Any) -> Any:
    if name == "google_address":
        return _address(str(value))
    if name == "mode":
        if value not in CalendarMode.values:
            raise ActionRefused(_("The mode is off, shadow or live."))
        if value == CalendarMode.LIVE and not row.calendar_id:
            raise ActionRefused(_("There is no calendar in Google yet: make and share it."))
    if name == "calendar_id" and value:
        taken = CalendarEmployee.objects.filter(calendar_id=value).exclude(pk=row.pk).first()
        if taken is not None:
            raise ActionRefused(_("That is the calendar of %(kuerzel)s.") % {"kuerzel": taken.kuerzel})
    return value


def close_all(row: CalendarEmployee) -> None:
    """What was linked in a calendar that is ours no more is over; should the same one come back, the rows know what was
    agreed on, and which POST had no answer."""
    rows = Appointment.objects.filter(employee=row).exclude(status=PairStatus.closed)
    rows.filter(fr_nr__isnull=False).update(intent=None)
    over = {"status": PairStatus.closed, "closed": Closed.detached, "closed_at": timezone.now()}
    rows.update(**over, waiting=None, told=[], decided={}, questions=[])
    search_text.rewrite(Appointment.objects.filter(employee=row))


def needs_open_side(side: CalendarSide, *, live: bool = False) -> None:
    """The installation's switches hold for what people write by hand too. live: also that it writes at all, which
    setting up a calendar does not need.
    """
    if why := _closed(side, live=live):
        raise ActionRefused(f"{why} {_('Ask somebody who may use the page “Switches”, or try again later.')}")


def _closed(side: CalendarSide, *, live: bool) -> str:
    switches = control.switches()
    if switches.mode == Mode.PAUSED:
        return _("The installation is paused: nothing is written.")
    if live and switches.mode != Mode.LIVE:
        return _("The installation is in shadow: nothing is written.")
    if side.value in switches.held_sides:
        return _("Writes to %(side)s are stopped at the moment.") % {"side": SYSTEM_NAMES[side]}
    return ""


def log(row: CalendarEmployee, action: str, action_context: ActionContext, *, result: str = "") -> None:
    log_action(action_context=action_context, action=action, target=row.kuerzel, result=result)


def ask_for_pass(row: CalendarEmployee, action_context: ActionContext, *, code: str, **how: Any) -> None:
    """A pass that somebody waits for; `how` as due_passes.request_passes takes it."""
    cause = action_context.cause(code)
    due_passes.request_passes([row.pk], source=Source(action_context.source), cause=cause, urgent=True, **how)


def _address(text: str) -> str:
    address = text.strip()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        raise ActionRefused(_("That is no e-mail address."), field="address") from None
    return address


def _address_or_none(text: str) -> str:
    try:
        return _address(text)
    except ActionRefused:
        return ""
