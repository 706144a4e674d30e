"""What gave way is brought back where it was made, and the next pass carries it."""

import pytest
from django.utils import translation

from syncapp.engine import control
from syncapp.entities.appointments.write import lock_of
from syncapp.models import AppointmentConflict
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars import restoring
from tests.support.calendars import Office, day, office

__all__ = ["office"]

ANNA = ActionContext("anna", "checked")


def lost(office: Office, policy: str) -> AppointmentConflict:
    """Subject changed on both sides; the change of one of them gave way."""
    office.settings.CALENDAR_CONFLICT_POLICY = policy
    office.hire()
    fr_nr = office.enter()
    office.sync()
    office.edit(fr_nr, text="in Advoware")
    office.in_google("change", office.row(fr_nr).google_id, summary="in Google")
    office.sync()
    return AppointmentConflict.objects.select_related("record", "appointment").get()


@pytest.mark.parametrize("policy, wanted", [("advoware", "in Google"), ("google", "in Advoware")])
def test_the_other_version_is_on_both_sides_again(office: Office, policy: str, wanted: str) -> None:
    conflict = lost(office, policy)
    fr_nr = conflict.appointment.fr_nr
    assert fr_nr is not None
    restoring.restore(conflict, action_context=ANNA)
    office.sync()
    assert (office.termine()[fr_nr]["text"], office.event(fr_nr).summary) == (wanted, wanted)
    office.is_silent()


def test_only_once(office: Office) -> None:
    conflict = lost(office, "advoware")
    restoring.restore(conflict, action_context=ANNA)
    conflict.refresh_from_db()
    with pytest.raises(ActionRefused):
        restoring.restore(conflict, action_context=ANNA)


def test_not_from_a_calendar_that_may_not_write(office: Office) -> None:
    conflict = lost(office, "advoware")
    conflict.record.write_to_advoware = False
    assert "Advoware" in restoring.refusal(conflict)


@pytest.mark.parametrize("mode", ["shadow", "paused"])
def test_not_while_the_installation_writes_nothing(office: Office, mode: str) -> None:
    conflict = lost(office, "advoware")
    control.set_mode(mode=mode, by="tests")
    with translation.override("en"), pytest.raises(ActionRefused, match=r"nothing is written\. Ask somebody"):
        restoring.restore(conflict, action_context=ANNA)
    control.set_mode(mode="live", by="tests")


@pytest.mark.parametrize("policy, side", [("advoware", "google"), ("google", "advoware")])
def test_not_while_writes_to_that_side_are_stopped(office: Office, policy: str, side: str) -> None:
    conflict = lost(office, policy)
    control.hold_side(side=side, held=True, by="tests")
    with translation.override("en"), pytest.raises(ActionRefused, match=r"stopped at the moment\. Ask somebody"):
        restoring.restore(conflict, action_context=ANNA)
    control.hold_side(side=side, held=False, by="tests")


def test_what_a_private_termin_shows_in_place_of_its_text_is_never_written(office: Office) -> None:
    conflict = lost(office, "google")
    fr_nr = conflict.appointment.fr_nr or 0
    office.edit(fr_nr, privat=1, text="Belegt")
    with pytest.raises(ActionRefused):
        restoring.restore(conflict, action_context=ANNA)
    assert office.termine()[fr_nr]["text"] == "Belegt"
    office.edit(fr_nr, privat=0, text="in Google")


def test_that_it_was_no_series_can_be_brought_back(office: Office) -> None:
    office.settings.CALENDAR_CONFLICT_POLICY = "advoware"
    office.hire()
    fr_nr = office.enter(1, datumBis=day(60), dauertermin=1, turnus=1, turnusArt=2)
    office.sync()
    office.edit(fr_nr, turnus=2)
    office.in_google("change", office.row(fr_nr).google_id, recurrence=[])
    office.sync()
    conflict = AppointmentConflict.objects.select_related("record", "appointment").get(field="rule")
    assert conflict.value is None
    restoring.restore(conflict, action_context=ANNA)
    office.sync()
    assert (office.termine()[fr_nr]["dauertermin"], office.event(fr_nr).recurrence) == (0, ())
    office.is_silent()


def test_it_is_brought_back_only_where_advoware_took_it(office: Office) -> None:
    """A PUT is answered well whatever becomes of it; what is read afterwards counts, here as in a pass."""
    conflict = lost(office, "google")
    office.sandbox.advoware(termin_put_ignores=["text"])
    with translation.override("en"), pytest.raises(ActionRefused, match="did not take it"):
        restoring.restore(conflict, action_context=ANNA)
    conflict.refresh_from_db()
    assert conflict.restored_at is None
    office.sandbox.advoware(termin_put_ignores=[])
    restoring.restore(conflict, action_context=ANNA)
    office.sync()
    assert office.event(conflict.appointment.fr_nr or 0).summary == "in Advoware"


def test_not_while_somebody_else_writes_the_termin(office: Office) -> None:
    """A PUT sends the whole object: it would set back what the other one is writing."""
    conflict = lost(office, "google")
    lock = lock_of(conflict.appointment.fr_nr or 0)
    assert lock.acquire()
    office.clear()
    with translation.override("en"), pytest.raises(ActionRefused, match="being written just now"):
        restoring.restore(conflict, action_context=ANNA)
    assert office.writes() == 0
    conflict.refresh_from_db()
    assert conflict.restored_at is None
    lock.release()
    restoring.restore(conflict, action_context=ANNA)
    assert lock.acquire(), "given back"
    lock.release()


def typed_into(office: Office, fr_nr: int, **body: str) -> AppointmentConflict:
    """Somebody types into its event, and the next pass puts that back."""
    office.sync()
    office.in_google("change", office.row(fr_nr).google_id, **body)
    office.sync()
    return AppointmentConflict.objects.select_related("record", "appointment").get()


def test_not_into_a_text_of_which_google_has_the_beginning_alone(office: Office) -> None:
    """The next pass would put it back once more."""
    office.hire()
    conflict = typed_into(office, office.enter(notiz="x" * 9000), description="in Google")
    assert (conflict.code, conflict.side) == ("typed_over", "google")
    with translation.override("en"):
        assert "Google shows less" in restoring.refusal(conflict)


def test_not_into_what_google_only_shows(office: Office) -> None:
    """A copy of what is for the whole firm: the next pass would put it back once more."""
    office.settings.CALENDAR_FIRM_WIDE = "copy"
    office.hire()
    conflict = typed_into(office, office.enter(anwalt="Allgemein"), summary="in Google")
    assert (conflict.code, conflict.side) == ("put_back", "google")
    with translation.override("en"):
        assert "Google only shows this appointment" in restoring.refusal(conflict)
