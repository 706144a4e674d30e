"""Google's sync token and a worker that dies: kept too early a change is missed, kept too late one comes twice.

The token of a pass is stored with its ending, after every write. The worker is killed while it reads Google's list,
before the first write, before the ending and right after it; meanwhile people go on, and afterwards the token may be
worth nothing. Story 9: it is worth nothing from the start, and something was deleted until then.
"""

import sys
from collections.abc import Callable

import psutil
import pytest

from tests.chaos.calendars import ask, books, settings_of, until_equal, worker
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.support.calendars import LEFT, Office, every_kind_of_write

pytestmark = pytest.mark.chaos
HOLD_SECONDS = 30
Hold = Callable[[Plant], None]


def hold_list(plant: Plant) -> None:
    """Its second call: a further page, or, after a token that is worth nothing, the first."""
    plant.sandbox.google(page_size=2)
    plant.sandbox.fault("google", "hold_cut", method="GET", path_contains="/events", skip=1, seconds=HOLD_SECONDS)


def hold_first_write(plant: Plant) -> None:
    """Whichever it is; the POST of a Termin never is."""
    for system, methods in (("google", ("POST", "PATCH", "DELETE")), ("advoware", ("PUT", "DELETE"))):
        for method in methods:
            part = "/events" if system == "google" else "Termine"
            plant.sandbox.fault(system, "hold_cut", method=method, path_contains=part, seconds=HOLD_SECONDS)


# When the worker dies: what is held open, or at which side of its ending it stands still.
HELD: dict[str, Hold] = {"while it reads": hold_list, "before the first write": hold_first_write}
STANDS = {"before the token is stored": "before", "after the token is stored": "after"}
MOMENTS = (*HELD, *STANDS)


def victim(plant: Plant, office: Office, moment: str) -> Process:
    if moment in HELD:
        return worker(plant, office)
    command = [sys.executable, "-m", "tests.chaos.stopping", STANDS[moment], "worker", "calendar"]
    return plant.start("stopping", command, lambda process: True, **settings_of(office))


def until_it_stands(plant: Plant, dying: Process, moment: str) -> None:
    if moment in HELD:
        plant.until_held()
        return
    seen = psutil.Process(dying.popen.pid)
    plant.until(lambda: seen.status() == psutil.STATUS_STOPPED, "the worker stands at its ending")


def expire_tokens(plant: Plant) -> None:
    plant.sandbox.control.tell("google/sync-tokens/expire")


def refused_tokens(plant: Plant) -> int:
    """How many lists Google has refused with 410."""
    calls = plant.sandbox.control.calls()
    return sum(call["status"] == 410 and call["method"] == "GET" for call in calls)


def die(plant: Plant, office: Office, dying: Process, moment: str, meanwhile: Callable[[], None]) -> None:
    """A pass, people who go on while it stands still, and its death."""
    token = office.employee().sync_token
    assert token
    if moment in HELD:
        HELD[moment](plant)
    ask(office)
    until_it_stands(plant, dying, moment)
    meanwhile()
    dying.kill()
    plant.sandbox.heal()
    plant.sandbox.google(page_size=None)
    row = office.employee()
    stored = moment == "after the token is stored"
    assert (row.sync_token != token, row.status != "syncing") == (stored, stored)
    office.expire_lease()


def go_on(office: Office) -> None:
    """What people do while the pass stands still: it has read the lists by then, or is just reading them."""
    first, second = sorted(office.termine())[:2]
    office.in_google("change", office.row(first).google_id, location="Saal 1")
    office.edit(second, ort="Saal 2")
    office.enter(11, text="später dort")
    office.type_in(12, summary="später hier")


@pytest.mark.parametrize("expires", [False, True], ids=["the token is good", "the token expires"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed(plant: Plant, office: Office, close_books: Close, moment: str, expires: bool) -> None:
    dying = victim(plant, office, moment)
    every_kind_of_write(office)
    plant.ready(dying)
    die(plant, office, dying, moment, lambda: go_on(office))
    if expires:
        expire_tokens(plant)
    successor = plant.ready(worker(plant, office))
    ask(office)
    until_equal(plant, office)
    successor.terminate()
    assert bool(refused_tokens(plant)) is expires
    places = {event.summary: event.location for event in office.events() if event.location}
    assert places == {"T0 neu": "Saal 1", "T1 neu": "Saal 2"}
    close_books("kill -9 around the sync token", books(office, (*LEFT, "später dort", "später hier")))
    office.is_silent()


def delete_everywhere(office: Office) -> int:
    """Something is deleted in each way; the number of what the employee may not delete, and which comes back."""
    office.hire()
    theirs, there, both, *_others = (office.enter(number + 1, text=f"T{number}") for number in range(6))
    office.sync()
    own = office.type_in(8, summary="von hier")
    office.sync()
    for event in (own, *(office.row(number).google_id for number in (theirs, both))):
        office.in_google("delete", event)
    for number in (there, both):
        office.remove(number)
    return theirs


@pytest.mark.parametrize("tombstones", [False, True], ids=["absent", "tombstones"])
def test_story_9_the_token_expires_while_something_is_deleted(
    plant: Plant, office: Office, close_books: Close, tombstones: bool
) -> None:
    """Google shows what is deleted in its full list, or does not: both times there is evidence before it counts."""
    plant.sandbox.google(keeps_tombstones=tombstones)
    carrier = worker(plant, office)
    theirs = delete_everywhere(office)
    burnt = office.row(theirs).google_id
    expire_tokens(plant)
    plant.ready(carrier)
    ask(office)
    until_equal(plant, office)
    carrier.terminate()
    deletions_are_carried(plant, office, close_books)
    assert office.row(theirs).google_id != burnt


@pytest.mark.parametrize("moment", MOMENTS)
def test_story_9_and_the_worker_dies(plant: Plant, office: Office, close_books: Close, moment: str) -> None:
    dying = victim(plant, office, moment)
    delete_everywhere(office)
    expire_tokens(plant)
    plant.ready(dying)
    die(plant, office, dying, moment, lambda: None)
    successor = plant.ready(worker(plant, office))
    ask(office)
    until_equal(plant, office)
    successor.terminate()
    deletions_are_carried(plant, office, close_books)


def deletions_are_carried(plant: Plant, office: Office, close_books: Close) -> None:
    assert refused_tokens(plant)
    close_books("deleted while the sync token expired", books(office, ("T0", "T3", "T4", "T5")))
    office.is_silent()
