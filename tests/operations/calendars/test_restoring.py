"""What gave way is brought back where it was made, and the next pass carries it."""

import pytest
from django.utils import translation

from syncapp.engine import control
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
