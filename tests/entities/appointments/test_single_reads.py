"""What the reading of one Termin proves, where something else than Advoware answers, or Advoware answers badly.

A web page that says 404 may come of a server in front of Advoware, while a service restarts, or in place of every 404:
it neither deletes anything unproved nor blocks for ever. An error about one Termin stops no other.
"""

import json
from collections.abc import Callable

import pytest

from syncapp.entities.appointments import configured
from syncapp.models import Breaker
from syncapp.operations.calendars import cleaning
from syncapp.operations.calendars.sight import sight_of
from syncapp.remotes.http.exchange import Answer
from syncapp.words.plain_errors import PlainError
from tests.support.calendars import Office, day
from tests.support.wire import Bend, Wire, answer, bent, instead, never_sent

HTML = b"<!DOCTYPE HTML><HTML><HEAD><TITLE>Not Found</TITLE></HEAD><BODY>HTTP Error 404.</BODY></HTML>"


def _page(status: int = 404) -> Answer:
    return Answer(status, {"content-type": "text/html; charset=us-ascii"}, HTML)


def _single(wire: Wire) -> bool:
    return wire.is_termin and wire.method == "GET"


def _of(fr_nr: int) -> Callable[[Wire], bool]:
    return lambda wire: _single(wire) and wire.query.get("frnr") == str(fr_nr)


def _times(number: int, then: Answer, which: Callable[[Wire], bool] = _single) -> Bend:
    """So often; then the stand-in answers again."""
    left = [then] * number

    def bend(wire: Wire) -> Answer:
        return left.pop() if left and which(wire) else wire.send()

    return bend


def _no_series(wire: Wire) -> Answer:
    """As if each series had begun before the days asked for."""
    found = wire.send()
    if not wire.lists_termine or found.status != 200:
        return found
    return answer(200, [one for one in json.loads(found.body) if not one["dauertermin"]])


def _series(office: Office, days: int, text: str) -> int:
    return office.enter(days, text=text, dauertermin=1, turnus=1, turnusArt=2, datumBis=day(60))


def _living(office: Office) -> list[str]:
    return sorted(event.summary for event in office.events())


@pytest.fixture
def unlisted(office: Office) -> tuple[int, int]:
    """Two series that no list shows, and a single Termin that it shows."""
    office.hire()
    found = _series(office, 1, "Serie 1"), _series(office, 2, "Serie 2")
    office.enter(3)
    office.sync()
    return found


@pytest.mark.parametrize("status", [404, 410])
def test_web_pages_in_place_of_all_single_answers_delete_nothing(
    office: Office, unlisted: tuple[int, int], status: int
) -> None:
    with bent(_no_series):
        with bent(never_sent(_single, _page(status))):
            office.sync(full=True)
            assert _living(office) == ["Besprechung", "Serie 1", "Serie 2"]
            assert {office.row(number).reason for number in unlisted} == {"not_shown"}
        office.sync(full=True)
        assert {office.row(number).status for number in unlisted} == {"ok"}


def test_a_web_page_that_came_once_is_no_evidence(office: Office, unlisted: tuple[int, int]) -> None:
    with bent(_no_series, _times(1, _page())):
        assert office.sync(full=True).status == "clean"
    assert _living(office) == ["Besprechung", "Serie 1", "Serie 2"]
    assert {office.row(number).status for number in unlisted} == {"ok"}


def test_a_server_that_puts_a_web_page_in_place_of_every_404_blocks_nothing(office: Office) -> None:
    office.hire()
    gone, _other = office.enter(1, text="weg"), office.enter(2)
    office.sync()
    office.remove(gone)
    office.clear()
    with bent(instead(_single, 404, _page())):
        assert office.sync().status == "clean"
    assert (office.row(gone).status, _living(office)) == ("closed", ["Besprechung"])
    assert office.counts()["advoware"] == {"GET": 5}  # the list, the Termin, both again, another Termin


def test_the_last_termin_of_all_can_go_behind_web_pages(office: Office) -> None:
    """There is no other to ask for: the list was answered, and the page came twice."""
    office.hire()
    gone = office.enter(1)
    office.sync()
    office.remove(gone)
    with bent(instead(_single, 404, _page())):
        for _number in range(3):
            office.sync()
            office.due()
    assert (office.row(gone).status, office.events()) == ("closed", [])


def test_others_that_are_hidden_prove_nothing_and_are_passed_over(office: Office) -> None:
    office.hire()
    gone, hidden, shown = office.enter(1, text="weg"), office.enter(2), office.enter(3)
    office.sync()
    office.remove(gone)
    pages = instead(_single, 404, _page())
    with bent(pages, never_sent(lambda wire: _of(hidden)(wire) or _of(shown)(wire), answer(403))):
        office.sync()
        assert office.row(gone).status == "unsupported"
    with bent(pages, never_sent(_of(hidden), answer(403))):
        office.sync(full=True)
    assert office.row(gone).status == "closed"


def test_a_404_without_a_web_page_is_believed_at_once(office: Office) -> None:
    office.hire()
    gone = office.enter(1)
    office.enter(2)
    office.sync()
    office.remove(gone)
    office.clear()
    assert office.sync().status == "clean"
    assert office.counts()["advoware"] == {"GET": 2}


def test_a_list_that_is_refused_while_a_web_page_is_looked_into_ends_the_pass(
    office: Office, unlisted: tuple[int, int]
) -> None:
    lists = []

    def refused(wire: Wire) -> Answer:
        lists.extend([wire] if wire.lists_termine else [])
        return answer(503) if wire.lists_termine and len(lists) > 1 else wire.send()

    with bent(_no_series, refused, never_sent(_single, _page())):
        assert office.sync(full=True).status == "failed"
    assert office.employee().kind == "transient"
    assert len(_living(office)) == 3


def _pages_from(method: str, sent: list[str], *, but_reads: bool = False) -> Bend:
    """From the first such write on everything about one Termin is answered by a web page, and nothing is done."""

    def bend(wire: Wire) -> Answer:
        sent.extend([wire.method] if wire.is_termin and (sent or wire.method == method) else [])
        return _page() if sent and wire.is_termin and not (but_reads and wire.method == "GET") else wire.send()

    return bend


@pytest.fixture
def deleted(office: Office) -> int:
    """A Termin that was made in Google, and whose event has just been deleted there."""
    office.hire()
    own = office.type_in(2)
    office.sync()
    (fr_nr,) = office.termine()
    office.in_google("delete", own)
    return fr_nr


def test_web_pages_to_a_deletion_and_to_its_proof_close_nothing(office: Office, deleted: int) -> None:
    with bent(_pages_from("DELETE", [])):
        office.sync()
    assert list(office.termine()) == [deleted]
    assert (office.row(deleted).status, configured.can_delete()) == ("failed", None)
    assert "web page" in office.row(deleted).fault["params"]["reason"]
    office.due()
    office.sync()
    assert (office.termine(), office.row(deleted).status) == ({}, "closed")


def test_a_deletion_that_a_web_page_answers_once_is_sent_again(office: Office, deleted: int) -> None:
    with bent(_times(1, _page(), lambda wire: wire.is_termin and wire.method == "DELETE")):
        assert office.sync().status == "clean"
    assert (office.termine(), office.row(deleted).status, configured.can_delete()) == ({}, "closed", True)


def test_a_deletion_that_only_web_pages_answer_is_a_task_for_people(office: Office, deleted: int) -> None:
    sent: list[str] = []
    with bent(_pages_from("DELETE", sent, but_reads=True)):
        office.sync()
    assert (list(office.termine()), office.row(deleted).status) == ([deleted], "awaiting_removal")
    assert sent == ["DELETE", "GET", "DELETE", "GET"]


def test_a_termin_that_reads_as_empty_is_looked_for_after_a_web_page_to_its_deletion(
    office: Office, deleted: int
) -> None:
    """Neither proves that it is gone."""
    with bent(_times(1, answer(200, [])), _pages_from("DELETE", [], but_reads=True)):
        office.sync()
    assert (list(office.termine()), office.row(deleted).status) == ([deleted], "awaiting_removal")


@pytest.fixture
def changed(office: Office) -> int:
    """A Termin whose event was changed in Google."""
    office.hire()
    fr_nr = office.enter(1)
    office.sync()
    office.in_google("change", office.row(fr_nr).google_id, summary="neu")
    return fr_nr


def test_web_pages_to_a_change_and_to_its_proof_delete_nothing(office: Office, changed: int) -> None:
    with bent(_pages_from("PUT", [])):
        office.sync()
    assert (office.row(changed).status, _living(office)) == ("failed", ["neu"])
    office.due()
    office.sync()
    assert office.termine()[changed]["text"] == "neu"


def test_a_change_that_a_web_page_answers_once_is_sent_again(office: Office, changed: int) -> None:
    with bent(_times(1, _page(), lambda wire: wire.is_termin and wire.method == "PUT")):
        assert office.sync().status == "clean"
    assert office.termine()[changed]["text"] == "neu"


def test_a_change_that_only_web_pages_answer_names_the_setting(office: Office, changed: int) -> None:
    sent: list[str] = []
    with bent(_pages_from("PUT", sent, but_reads=True)):
        office.sync()
    assert sent == ["PUT", "GET", "PUT"]
    assert "ADVOWARE_TERMIN_NUMBER_IN" in office.row(changed).fault["params"]["reason"]


def test_what_is_spare_is_not_removed_for_a_web_page(office: Office) -> None:
    office.hire()
    fr_nr = office.enter(1, anwalt="SB", text="Rest")
    office.enter(2)
    office.sync()
    office.row(fr_nr).delete()
    with bent(never_sent(_single, _page())):
        (orphan,) = cleaning.find_untidy(office.employee()).orphans
        assert not orphan.removable
    office.remove(fr_nr)
    with bent(instead(_single, 404, _page())):
        (orphan,) = cleaning.find_untidy(office.employee()).orphans
        assert orphan.removable


def test_a_web_page_shows_nobody_an_appointment_as_gone(office: Office) -> None:
    office.hire()
    fr_nr = office.enter(1)
    office.sync()
    with bent(never_sent(_single, _page())), pytest.raises(PlainError):
        sight_of(office.row(fr_nr))


@pytest.mark.parametrize("status", [400, 422, 500, 503])
def test_one_that_advoware_fails_to_show_stops_no_other(office: Office, status: int) -> None:
    office.hire()
    gone, other = office.enter(1), office.enter(2)
    office.sync()
    office.remove(gone)
    office.edit(other, text="neu")
    with bent(instead(_single, 404, answer(status, {"Message": "Termin nicht gefunden"}))):
        for _number in range(6):
            assert office.sync(full=True).status == "clean", office.employee().fault
            office.due()
        assert _living(office) == ["Besprechung", "neu"]
        assert (office.row(gone).status, office.row(gone).reason) == ("unsupported", "not_shown")
        assert not Breaker.objects.filter(failures__gt=0).exists()
    office.sync()
    assert (_living(office), office.row(gone).status) == (["neu"], "closed")


@pytest.mark.parametrize("status", [408, 429])
def test_what_says_later_still_ends_the_pass(office: Office, status: int) -> None:
    office.hire()
    gone = office.enter(1)
    office.enter(2)
    office.sync()
    office.remove(gone)
    with bent(instead(_single, 404, answer(status))):
        assert office.sync().status == "failed"
    assert office.employee().kind == "transient"


def test_an_advoware_that_lists_nothing_either_ends_the_pass(office: Office) -> None:
    office.hire()
    gone = office.enter(1)
    office.enter(2)
    office.sync()
    office.remove(gone)
    asked: list[bool] = []

    def bend(wire: Wire) -> Answer:
        asked.extend([True] if _single(wire) else [])
        return answer(500) if asked and wire.path.endswith("/Termine") else wire.send()

    with bent(bend):
        assert office.sync().status == "failed"
    assert office.employee().kind == "transient"


@pytest.mark.parametrize("status", [400, 422])
def test_one_that_is_not_shown_before_its_change_waits_and_says_so(office: Office, status: int) -> None:
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    office.in_google("change", office.row(fr_nr).google_id, summary="neu")
    office.in_google("change", office.row(other).google_id, summary="auch neu")
    with bent(never_sent(_of(fr_nr), answer(status))):
        office.sync()
        assert office.termine()[other]["text"] == "auch neu"
        row = office.row(fr_nr)
        assert (row.status, row.error_kind) == ("failed", "forbidden")
        assert "refuses to show" in row.fault["params"]["reason"]
        assert not Breaker.objects.filter(failures__gt=0).exists()
