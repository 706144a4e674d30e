"""Acts on calendars that call Google: done by a worker with progress, never while a page waits.

Invariant: each step may be done twice without harm, since a worker can die after it; what a step meets is looked at
anew, so that an old page removes nothing that has become somebody's. Targets of `clean_calendar` are spelled
"calendar event version", those of `share_calendar` are ids of calendars. Registered while the apps are loaded.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from django.utils.translation import gettext as _

from syncapp.models import CalendarEmployee
from syncapp.operations.actions import ActionContext
from syncapp.operations.actions.others import Other, register
from syncapp.operations.actions.shapes import Target, still_there
from syncapp.operations.calendars import cleaning, sharing

SHARE, CLEAN = "share_calendar", "clean_calendar"


def targets_of(row: CalendarEmployee, events: Iterable[tuple[str, str]]) -> list[str]:
    """What a clean-up is asked to remove: (id, etag) of events as they were shown."""
    return [f"{row.pk} {event_id} {etag}" for event_id, etag in events]


def _share(target: Target, action_context: ActionContext) -> str:
    """In whole sentences, since Google says yes to more than it does."""
    row = _calendar(target)
    done = sharing.make_and_share(row, action_context=action_context, logged=False)
    said = [_("The calendar was made in Google.") if done.made else _("The calendar exists in Google.")]
    if not sharing.readers(row):
        said.append(_("It is shared with nobody: there is no Google address yet."))
    elif not done.seen:
        said.append(_("The share does not stand in Google's list: check the address."))
    elif done.listed:
        said.append(_("It is shared and stands in the employee's calendar list."))
    else:
        said.append(_("It is shared; the employee has to add it once by its link (docs/GOOGLE_SETUP.md)."))
    return " ".join(said)


def _remove(target: Target, action_context: ActionContext) -> None:
    row_id, _space, event = str(target).partition(" ")
    event_id, _space, etag = event.partition(" ")
    cleaning.remove_one(_calendar(row_id), event_id=event_id, etag=etag)


def _calendar(target: Target) -> CalendarEmployee:
    return still_there(CalendarEmployee.objects.all(), int(target), _("The calendar is not there any more."))


def _names(targets: Sequence[Target]) -> list[str]:
    """The kuerzel that they belong to, each once."""
    rows = {int(str(target).partition(" ")[0]) for target in targets}
    return list(CalendarEmployee.objects.filter(pk__in=rows).order_by("kuerzel").values_list("kuerzel", flat=True))


def install() -> None:
    of_calendars = partial(Other, right="manage_calendars", model=None, remote=True, names=_names)
    register(of_calendars(code=SHARE, carry_out=_share), of_calendars(code=CLEAN, carry_out=_remove, grave=True))
