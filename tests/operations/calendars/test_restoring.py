"""What gave way is brought back where it was made, and the next pass carries it."""

import pytest

from syncapp.models import AppointmentConflict
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars import restoring
from tests.support.calendars import Office, office

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
