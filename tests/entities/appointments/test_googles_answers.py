"""What each answer of Google's (its client's table) makes of a pass: the appointment, the calendar, all of them."""

import json

import pytest

from syncapp.models import Breaker
from syncapp.remotes.http.exchange import Answer
from tests.support.calendars import Office
from tests.support.wire import Wire, answer, bent, google_says, never_sent

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


def test_an_event_that_moves_on_and_on(office: Office) -> None:
    """412: read and decided anew, three times at most; the others go on, and this one does in a minute."""
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    for number in (fr_nr, other):
        office.edit(number, text="neu")
    own, tried = office.row(fr_nr).google_id, []

    def moves_on(wire: Wire) -> bool:
        return wire.method == "PATCH" and own in wire.path and not tried.append(wire)  # type: ignore[func-returns-value]

    with bent(never_sent(moves_on, google_says(412, "conditionNotMet"))):
        office.sync()
    assert (len(tried), office.event(other).summary) == (4, "neu")
    assert office.employee().fault["code"] == "pass_not_finished"
    office.due()
    office.sync()
    assert office.event(fr_nr).summary == "neu"


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


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_web_page_is_no_answer_of_google_s(office: Office, status: int) -> None:
    """A proxy or Google's own front answers in the API's place: the DELETE counted as done, and the event that stayed
    came back to Advoware as a new one with the next full pass."""
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    office.remove(fr_nr)
    page = answer(status, body=b"<!DOCTYPE html><title>Error</title>")
    with bent(never_sent(lambda wire: wire.method == "DELETE" and wire.is_event, page)):
        office.sync()
    assert office.row(fr_nr).status == "ok"
    assert Breaker.objects.filter(system="google_calendar", open_until__isnull=False).exists()
    Breaker.objects.all().delete()
    office.due()
    office.sync()
    office.sync(full=True)
    assert (list(office.termine()), len(office.events())) == ([other], 1)
    office.is_silent()


def test_a_web_page_closes_no_calendar(office: Office) -> None:
    """The address in the settings is wrong, say: no calendar is told to be gone, and none has to be made anew."""
    office.hire()
    office.sync()
    page = answer(404, body=b"<!DOCTYPE html><title>Error 404 (Not Found)</title>")
    with bent(never_sent(lambda wire: wire.lists_events, page)):
        office.sync()
    assert office.employee().status == "dirty"
    Breaker.objects.all().delete()
    office.sync()
    office.is_silent()


def test_a_page_of_the_whole_list_that_google_shows_no_more(office: Office) -> None:
    """It is about this one list: the other calendars do not wait for it."""
    office.hire()
    office.sync()
    refused = google_says(400, "invalid")
    with bent(_first_page_ends_early, never_sent(lambda wire: "pageToken" in wire.query, refused)):
        office.sync(full=True)
    assert (office.employee().status, office.employee().kind) == ("failed", "transient")
    assert not Breaker.objects.filter(open_until__isnull=False).exists()
    office.due()
    office.sync()
    office.is_silent()


def _first_page_ends_early(wire: Wire) -> Answer:
    found = wire.send()
    if not wire.lists_events or found.status != 200:
        return found
    page = json.loads(found.body)
    page.pop("nextSyncToken")
    return answer(200, {**page, "nextPageToken": "p2"})
