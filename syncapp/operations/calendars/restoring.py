"""Bringing back a change that gave way: written where it was made, so that the next pass carries it like any edit.

Invariant: only where Google shows the whole appointment and may change it, and both sides still have it; one write
under the version that was just read, in Advoware counted by what is read afterwards; what stands there now gives way,
in its turn.
"""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.appointments.forms.canonical import Canonical, Group, living_form, read_termin
from syncapp.core.appointments.forms.drafts import SHOWS_ALL, event_change, less_in_google, termin_change
from syncapp.core.appointments.policy import CalendarSide, is_copy
from syncapp.core.appointments.rows import Kind, PairStatus
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.rows.stored import agreed_forms, form_of
from syncapp.entities.appointments.write import alone
from syncapp.models import Appointment, AppointmentConflict
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars.employees import ask_for_pass, log, needs_open_side
from syncapp.remotes.registry import advoware_client, google_calendar_client
from syncapp.words.plain_errors import in_words


def refusal(conflict: AppointmentConflict) -> str:
    """Why it cannot be brought back; "" where it can."""
    appointment = conflict.appointment
    if conflict.restored_at is not None:
        return _("It has been brought back already.")
    # That there was no series is a value too.
    if not conflict.field or (conflict.value is None and conflict.field != Group.rule):
        return _("Nothing of it was kept that could be brought back.")
    if appointment.status == PairStatus.closed or appointment.fr_nr is None:
        return _("The appointment is not linked any more.")
    if appointment.shown not in SHOWS_ALL:
        return _("Google shows less of this appointment than there is; change it in Advoware.")
    return _why_not_in_google(conflict) if conflict.side == CalendarSide.google else ""


def _why_not_in_google(conflict: AppointmentConflict) -> str:
    """What the next pass would put back at once."""
    appointment, agreed = conflict.appointment, agreed_forms(conflict.appointment)
    if not conflict.record.write_to_advoware:
        return _("This calendar does not write to Advoware; change it in Advoware.")
    if appointment.kind == Kind.special or is_copy(appointment.anwalt, configured.owner(conflict.record)):
        return _("Google only shows this appointment; change it in Advoware.")
    if agreed is not None and conflict.field in less_in_google(*agreed, appointment.shown):
        return _("Google shows less of this appointment than there is; change it in Advoware.")
    return ""


def restore(conflict: AppointmentConflict, *, action_context: ActionContext) -> None:
    """Write it again where it was made, and ask for a pass."""
    needs_open_side(CalendarSide(conflict.side), live=True)
    if said := refusal(conflict):
        raise ActionRefused(said)
    with in_words():
        if conflict.side == CalendarSide.google:
            _in_google(conflict)
        else:
            _in_advoware(conflict)
    AppointmentConflict.objects.filter(pk=conflict.pk).update(restored_at=timezone.now())
    log(conflict.record, "calendar_restore", action_context, result=f"frNr {conflict.appointment.fr_nr}")
    ask_for_pass(conflict.record, action_context, code="restored")


def _in_google(conflict: AppointmentConflict) -> None:
    row = conflict.record
    google = google_calendar_client().for_employee(row.kuerzel)
    event = google.event(row.calendar_id, conflict.appointment.google_id)
    form = living_form(event)
    if form is None:
        raise ActionRefused(_("The appointment is not there any more."))
    group = Group(conflict.field)
    google.patch(row.calendar_id, event, event_change(_with_value(form, group, conflict), {group}, was=form))


def _in_advoware(conflict: AppointmentConflict) -> None:
    """A PUT sends the whole object: what a pass, or another program, wrote after our look would be set back."""
    appointment, group, advoware = conflict.appointment, Group(conflict.field), advoware_client()
    fr_nr = appointment.fr_nr or 0
    with alone(fr_nr) as is_alone:
        if not is_alone:
            raise ActionRefused(_("The appointment is being written just now. Try again in a moment."))
        termin = advoware.termin(fr_nr)
        form = read_termin(termin, settings.CALENDAR_MISSING_TIME).form
        if form is None or termin.masked or termin.several_rows or (termin.privat and _hides(appointment, form)):
            raise ActionRefused(_("Advoware does not show this appointment as it is; change it there."))
        wanted = _with_value(form, group, conflict)
        advoware.update_termin(termin, termin_change(wanted, {group}))
        taken = read_termin(advoware.termin(fr_nr), settings.CALENDAR_MISSING_TIME).form
    if taken is None or taken.of(group) != wanted.of(group):
        raise ActionRefused(_("Advoware did not take it as it was sent; look at the appointment there."))


def _hides(appointment: Appointment, form: Canonical) -> bool:
    """A PUT sends the whole object: what a private Termin shows in place of its text would become its text."""
    base = form_of(appointment.base_advoware)
    return base is None or base.text != form.text


def _with_value(form: Canonical, group: Group, conflict: AppointmentConflict) -> Canonical:
    """`value` is spelled as Canonical.to_json spells that group."""
    return Canonical.from_json({**form.to_json(), group.value: conflict.value})
