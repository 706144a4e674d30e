"""Changes pouring in: people edit many records in EspoCRM, which tells the web process by its webhooks."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import requests

from demo.people import Refused
from syncapp.entities.beteiligte.clients import configured_clients
from tests.chaos.plant import Plant

FIELDS = ("titel", "zusatz", "bAnrede", "anrede", "vorname")
EVENTS = ("create", "update", "delete")
PEOPLE = 4
SAVES = 100
Edit = tuple[str, str, str]
Expected = dict[str, dict[str, str]]


def webhooks_to(plant: Plant, origin: str, *, deliver: bool = True) -> str:
    """Let EspoCRM send its webhooks there; the pairs for ESPOCRM_WEBHOOK_SECRETS."""
    client = configured_clients().espocrm
    made = [
        client.create_webhook(f"CBeteiligte.{event}", f"{origin}/webhooks/espocrm/beteiligte/{event}")
        for event in EVENTS
    ]
    plant.sandbox.espocrm(webhook_events_per_run=500)
    habits = {"deliver": "auto" if deliver else "manual", "interval_seconds": 0.2}
    plant.sandbox.control.tell("webhooks", **habits)
    return ",".join(f"{webhook.id}:{webhook.secret_key}" for webhook in made)


def edits(ids: list[str], number: int) -> Iterator[Edit]:
    """(id, field, value): record after record, each time the next field, each value once."""
    for turn, espo_id in enumerate(itertools.islice(itertools.cycle(ids), number)):
        yield espo_id, FIELDS[turn // len(ids) % len(FIELDS)], f"Wert {turn}"


def pour(plant: Plant, ids: list[str], number: int, *, at: Mapping[int, Callable[[], object]]) -> Expected:
    """So many edits by several people at once; before the edit of that number something happens, while they go on.

    What both sides have to show in the end. No record is edited by two people at a time: its turns are far apart.
    """
    expected: Expected = {espo_id: {} for espo_id in ids}
    with ThreadPoolExecutor(1) as elsewhere, ThreadPoolExecutor(PEOPLE) as people:

        def change(turn: int, edit: Edit) -> None:
            if turn in at:
                happened.append(elsewhere.submit(at[turn]))
            espo_id, field, value = edit
            save(plant, espo_id, {field: value})
            expected[espo_id][field] = value

        happened: list[Future[object]] = []
        list(people.map(change, itertools.count(), edits(ids, number)))
    for event in happened:
        event.result()
    return expected


def save(plant: Plant, espo_id: str, fields: dict[str, str]) -> None:
    """Whoever gets no answer from a busy system, or meets one that is away, saves once more until it takes."""
    for _attempt in range(SAVES):
        try:
            plant.sandbox.anna.change(espo_id, **fields)
        except (requests.Timeout, Refused):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"EspoCRM took no change in {SAVES} attempts")


def all_equal(plant: Plant, expected: Expected) -> bool:
    """Whether both sides show every value, read from the stand-ins."""
    state = plant.sandbox.state()
    there = {row["betNr"]: row for row in state["advoware"]}
    here = {row["id"]: row for row in state["espocrm"] if row["id"] in expected}
    return all(
        here[espo_id][field] == value and there.get(here[espo_id]["betnr"], {}).get(field) == value
        for espo_id, fields in expected.items()
        for field, value in fields.items()
    )
