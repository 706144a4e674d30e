"""Story 16: a remote system does what it is told, and its answer is lost, ten times in a row; then it heals.

Each kind of write by itself, of ten appointments, and then one side with all its answers, those to reads included.
Nothing is made twice, nothing is lost, and nobody is asked: what became of a write is seen by looking.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.chaos.calendars import ask, books, lost_calls, until_equal, worker
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant
from tests.support.calendars import LEFT, Office, every_kind_of_write

pytestmark = pytest.mark.chaos
FAULT = "cut_after"
NAMES = [f"T{number}" for number in range(10)]
RENAMED = [f"{name} neu" for name in NAMES]
# Beside them, so that no list looks half empty.
OTHERS = [f"bleibt {number}" for number in range(12)]


def termin_of(office: Office, name: str) -> int:
    return next(number for number, row in office.termine().items() if row["text"] == name)


def event_of(office: Office, name: str) -> str:
    return office.row(termin_of(office, name)).google_id


def enter(office: Office, name: str) -> None:
    office.enter(1 + NAMES.index(name), text=name)


def type_in(office: Office, name: str) -> None:
    office.type_in(1 + NAMES.index(name), summary=name)


def edit(office: Office, name: str) -> None:
    office.edit(termin_of(office, name), text=f"{name} neu")


def change(office: Office, name: str) -> None:
    office.in_google("change", event_of(office, name), summary=f"{name} neu")


def remove(office: Office, name: str) -> None:
    office.remove(termin_of(office, name))


def delete(office: Office, name: str) -> None:
    office.in_google("delete", event_of(office, name))


def nothing(office: Office, name: str) -> None:
    return None


@dataclass(frozen=True)
class Write:
    """`before`: what each appointment has gone through already; `act`: what the write then carries, `at_once` of them
    between two equal moments; `left`: the texts in the end."""

    system: str
    method: str
    part: str
    before: Callable[[Office, str], None]
    act: Callable[[Office, str], None]
    left: list[str]
    at_once: int = len(NAMES)


WRITES = {
    "insert": Write("google", "POST", "/events", nothing, enter, NAMES),
    "patch": Write("google", "PATCH", "/events", enter, edit, RENAMED),
    # More than five removals at once would be held for a person.
    "delete": Write("google", "DELETE", "/events", enter, remove, [], at_once=5),
    "post": Write("advoware", "POST", "Termine", nothing, type_in, NAMES),
    "put": Write("advoware", "PUT", "Termine", enter, change, RENAMED),
    # Only what was made in Google is deleted in Advoware.
    "delete_termin": Write("advoware", "DELETE", "Termine", type_in, delete, [], at_once=5),
}


@pytest.mark.parametrize("name", WRITES)
def test_story_16_ten_writes_without_an_answer(plant: Plant, office: Office, close_books: Close, name: str) -> None:
    write = WRITES[name]
    carrier = worker(plant, office)
    office.hire()
    for number, text in enumerate(OTHERS):
        office.enter(20 + number, text=text)
    for text in NAMES:
        write.before(office, text)
    office.sync()
    plant.ready(carrier)
    plant.sandbox.clear_calls()
    plant.sandbox.fault(write.system, FAULT, method=write.method, path_contains=write.part, count=len(NAMES))
    for first in range(0, len(NAMES), write.at_once):
        for text in NAMES[first : first + write.at_once]:
            write.act(office, text)
        ask(office)
        until_equal(plant, office)
    carrier.terminate()
    assert lost_calls(plant, FAULT) == len(NAMES)
    close_books(f"answers of {write.system} lost", books(office, [*OTHERS, *write.left]), injected=len(NAMES))
    office.is_silent()


@pytest.mark.parametrize("system, part", [("google", "/events"), ("advoware", "Termine")])
def test_story_16_ten_answers_lost_to_reads_and_writes(
    plant: Plant, office: Office, close_books: Close, system: str, part: str
) -> None:
    """In a row, after the first list: whatever comes, and whoever looks what has become of it."""
    carrier = worker(plant, office)
    every_kind_of_write(office)
    plant.ready(carrier)
    plant.sandbox.clear_calls()
    plant.sandbox.fault(system, FAULT, path_contains=part, skip=1, count=len(NAMES))
    ask(office)
    until_equal(plant, office)
    carrier.terminate()
    assert lost_calls(plant, FAULT) == len(NAMES)
    close_books(f"all answers of {system} lost", books(office, LEFT), injected=len(NAMES))
    office.is_silent()
