"""What each answer of Google's (its client's table) makes of a pass: the appointment, the calendar, all of them."""

import pytest

from syncapp.models import Breaker
from tests.support.calendars import Office
from tests.support.wire import bent, google_says, never_sent

# reason -> (status of the calendar, its kind, status of the appointment, is the breaker of Google open)
ON_PATCH: dict[str, tuple[str, str, str, bool]] = {
    "invalid": ("failed", "validation", "failed", False),
    "timeRangeEmpty": ("failed", "validation", "failed", False),
    "rateLimitExceeded": ("failed", "transient", "failed", False),
    "userRateLimitExceeded": ("failed", "transient", "failed", False),
    "tooManyRequests": ("failed", "transient", "failed", False),
    "backendError": ("failed", "transient", "failed", False),
    "backendUnavailable": ("failed", "transient", "failed", False),
    "forbiddenForNonOrganizer": ("failed", "forbidden", "failed", False),
    "requiredAccessLevel": ("failed", "forbidden", "ok", False),
    "forbidden": ("failed", "forbidden", "ok", False),
    "accessNotConfigured": ("dirty", "", "ok", True),
    "insufficientPermissions": ("dirty", "", "ok", True),
    "conditionNotMet": ("clean", "", "ok", False),
    "conflict": ("failed", "transient", "failed", False),
}


@pytest.mark.parametrize("reason", ON_PATCH)
def test_a_patch_refused(office: Office, reason: str) -> None:
    status, kind, of_row, opens = ON_PATCH[reason]
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    office.edit(fr_nr, text="neu")
    office.edit(other, text="auch neu")
    own = office.row(fr_nr).google_id
    office.sandbox.refuse_google(reason, method="PATCH", path_contains=own)
    office.sync()
    row = office.employee()
    assert (row.status, row.kind, office.row(fr_nr).status) == (status, kind, of_row), row.fault
    assert Breaker.objects.filter(system="google_calendar", open_until__isnull=False).exists() is opens
    if of_row == "failed":
        assert office.event(other).summary == "auch neu"  # the others go on
        assert office.row(fr_nr).wait_until is not None
    office.sandbox.heal()
    Breaker.objects.all().delete()
    office.due()
    office.sync()
    assert (office.event(fr_nr).summary, office.event(other).summary) == ("neu", "auch neu")
    office.is_silent()


def test_a_refusal_for_a_reason_of_the_future_stops_no_other_appointment(office: Office) -> None:
    office.hire()
    made = [office.enter(1), office.enter(2)]
    office.sync()
    for fr_nr in made:
        office.edit(fr_nr, text="neu")
    first = min(made, key=lambda fr_nr: office.row(fr_nr).google_id)
    own = office.row(first).google_id
    refused = never_sent(lambda wire: wire.method == "PATCH" and own in wire.path, google_says(403, "ofTheFuture"))
    with bent(refused):
        office.sync()
    assert {office.row(fr_nr).status: office.event(fr_nr).summary for fr_nr in made} == {
        "failed": "Besprechung",
        "ok": "neu",
    }
    office.due()
    office.sync()
    assert office.event(first).summary == "neu"
    office.is_silent()


def test_three_of_them_in_a_row_are_about_the_calendar(office: Office) -> None:
    office.hire()
    made = [office.enter(number + 1) for number in range(5)]
    office.sync()
    for fr_nr in made:
        office.edit(fr_nr, text="neu")
    office.clear()
    with bent(never_sent(lambda wire: wire.method == "PATCH", google_says(403, "ofTheFuture"))):
        office.sync()
    row = office.employee()
    assert (row.status, row.kind) == ("failed", "forbidden")
    assert sum(office.row(fr_nr).status == "failed" for fr_nr in made) == 3
    office.due()
    office.sync()
    assert {event.summary for event in office.events()} == {"neu"}
    office.is_silent()


@pytest.mark.parametrize("count", [1, 2])
def test_login_refused(office: Office, count: int) -> None:
    """401: a new token once; then it is the connection that is at fault, and no retry is used up."""
    office.hire()
    office.sync()
    office.sandbox.refuse_google("authError", count=count)
    office.sync()
    row = office.employee()
    assert (row.status, row.retry_count) == (("clean", 0) if count == 1 else ("dirty", 0))


def test_refused_content_is_not_repeated_before_it_changes(office: Office) -> None:
    office.hire()
    fr_nr = office.enter(1)
    office.sync()
    office.edit(fr_nr, text="neu")
    office.sandbox.refuse_google("invalid", method="PATCH")
    office.sync()
    office.clear()
    office.sync()
    assert office.writes() == 0
    office.edit(fr_nr, text="neuer")
    office.sync()
    assert office.event(fr_nr).summary == "neuer"
    assert (office.row(fr_nr).status, office.row(fr_nr).error_kind) == ("ok", "")
    office.is_silent()


def test_the_third_silence_in_a_row_ends_the_pass(office: Office) -> None:
    office.hire()
    made = [office.enter(number + 1) for number in range(6)]
    office.sync()
    for fr_nr in made:
        office.edit(fr_nr, text="neu")
    office.sandbox.refuse_google("backendError", method="PATCH", count=None)
    office.clear()
    office.sync()
    assert office.counts()["google"]["PATCH"] == 3
    office.sandbox.heal()
    office.due()
    office.sync()
    assert {event.summary for event in office.events()} == {"neu"}
    office.is_silent()
