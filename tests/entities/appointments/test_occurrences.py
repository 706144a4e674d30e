"""An occurrence that was moved in Google loses its words with its series, in both stand-ins over HTTP."""

from typing import Any

from syncapp.core.appointments.forms.drafts import ANONYMOUS_TITLE, PRIVATE_TITLE
from syncapp.operations.actions import ActionContext
from syncapp.operations.calendars import drift, employees
from tests.support.calendars import Office, before_write, hours, series_with_a_moved_occurrence
from tests.support.wire import bent, google_says, never_sent

ANNA = ActionContext("anna", "")


def words(event: Any) -> tuple[str, str, str]:
    return event.summary, event.location, event.description


def becomes_private(office: Office, number: int) -> None:
    office.edit(number, privat=1)


def goes_without_texts(office: Office, number: int) -> None:
    employees.change(office.employee(), {"full_content": False}, action_context=ANNA)


def all_is_hidden(event: Any, title: str) -> None:
    assert words(event) == (title, "", "")
    assert event.start.date_time[:16] == hours(8, "14:00")["start"]["dateTime"][:16]


def test_of_a_series_that_becomes_private_its_words_go_and_its_time_stays(office: Office) -> None:
    """A light pass lists changes alone: it says that it is not done, and the next one lists the whole calendar."""
    number, moved = series_with_a_moved_occurrence(office)
    becomes_private(office, number)
    office.sync()
    assert (office.employee().status, office.occurrence(moved).summary) == ("dirty", "Müller ./. Huber")
    office.sync()
    all_is_hidden(office.occurrence(moved), PRIVATE_TITLE)
    assert office.employee().status == "clean"
    office.is_silent()


def test_without_texts_its_words_go_with_the_pass_after_that_of_the_series(office: Office) -> None:
    number, moved = series_with_a_moved_occurrence(office)
    goes_without_texts(office, number)
    office.sync()
    assert (office.employee().status, office.occurrence(moved).summary) == ("dirty", "Müller ./. Huber")
    office.sync()
    all_is_hidden(office.occurrence(moved), ANONYMOUS_TITLE)
    assert office.employee().status == "clean"
    office.is_silent()


def test_of_a_private_series_what_the_employee_typed_there_stays(office: Office) -> None:
    number, moved = series_with_a_moved_occurrence(office)
    office.in_google("change", moved, summary="Mit Frau Meier")
    office.sync()
    office.edit(number, privat=1)
    office.settle()
    found = office.occurrence(moved)
    assert (words(found), found.visibility) == (("Mit Frau Meier", "", ""), "private")


def test_in_a_calendar_without_texts_what_was_typed_is_kept_as_given_way(office: Office) -> None:
    number, moved = series_with_a_moved_occurrence(office)
    office.in_google("change", moved, summary="Mit Frau Meier")
    office.sync()
    goes_without_texts(office, number)
    office.settle()
    assert words(office.occurrence(moved)) == (ANONYMOUS_TITLE, "", "")
    (kept,) = office.row(number).conflicts.all()
    assert (kept.code, kept.field, kept.lost) == ("typed_over", "text", "Mit Frau Meier")


def test_the_drift_report_knows_of_it_first(office: Office) -> None:
    number, _moved = series_with_a_moved_occurrence(office)
    goes_without_texts(office, number)
    report = drift.of(office.employee())
    assert [line.steps for line in report.lines] == [("patch_event",)]
    assert not report.equal
    office.sync()
    assert [line.steps for line in drift.of(office.employee()).lines] == [("reword_event",)]


def test_one_that_is_changed_meanwhile_is_looked_at_again(office: Office) -> None:
    """Nothing is done until its words are gone."""
    number, moved = series_with_a_moved_occurrence(office)
    becomes_private(office, number)
    office.sync()
    with before_write(lambda: office.in_google("change", moved, **hours(8, "16:00", "17:00"))):
        office.sync()
    assert office.employee().fault["code"] == "pass_not_finished"
    office.due()
    office.sync()
    assert words(office.occurrence(moved)) == (PRIVATE_TITLE, "", "")
    assert office.employee().status == "clean"


def test_one_that_is_deleted_meanwhile_has_none_left(office: Office) -> None:
    number, moved = series_with_a_moved_occurrence(office)
    becomes_private(office, number)
    office.sync()
    with before_write(lambda: office.in_google("delete", moved)):
        office.sync()
    office.settle()


def test_one_that_google_refuses_to_change_is_told_and_tried_again(office: Office) -> None:
    number, moved = series_with_a_moved_occurrence(office)
    becomes_private(office, number)
    office.sync()
    refused = never_sent(lambda wire: wire.method == "PATCH" and moved in wire.path, google_says(403, "ofTheFuture"))
    with bent(refused):
        office.sync()
    assert (office.row(number).status, office.employee().fault["code"]) == ("failed", "appointments_failed")
    office.due()
    office.sync()
    assert words(office.occurrence(moved)) == (PRIVATE_TITLE, "", "")
