"""The disk full: nothing is stored by half, EspoCRM sends again, pages say what to do, and with room all goes on."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from syncapp.models import FieldChange, InboxElement, SyncRecord
from tests.chaos import postgres
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, free_origin
from tests.chaos.postgres import Postgres
from tests.chaos.whole import Ground, until_equal, whole_installation

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="a small disk is mounted by root alone"),
]
RECORDS = 6


class SmallDisk:
    """A disk of some megabytes, which can be filled to the last byte."""

    def __init__(self, place: Path, megabytes: int) -> None:
        self.place, self.filler = place, place / "filler"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "tmpfs", place], check=True)

    def fill(self) -> None:
        with self.filler.open("ab", buffering=0) as file:
            for size in (1024 * 1024, 4096):
                block = b"x" * size
                while True:
                    try:
                        if file.write(block) < size:
                            break
                    except OSError:
                        break

    def make_room(self) -> None:
        self.filler.unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", self.place], check=True)
        shutil.rmtree(self.place, ignore_errors=True)


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[SmallDisk]:
    place.mkdir(exist_ok=True)
    disk = SmallDisk(place, megabytes)
    try:
        yield disk
    finally:
        disk.remove()


def copied(file: Path, to: Path) -> Path:
    with sqlite3.connect(file) as source:
        source.execute("VACUUM INTO ?", (str(to),))
    return to


def ready(origin: str) -> tuple[int, dict[str, Any]]:
    answer = requests.get(f"{origin}/health/ready", timeout=10)
    return answer.status_code, answer.json()["parts"]


def edited_until_refused(plant: Plant, ids: list[str]) -> dict[str, dict[str, str]]:
    """What both sides have to show in the end. The first webhooks may find room in a page that is in use already."""
    for turn in range(50):
        expected = {espo_id: {"titel": f"Prof. {turn}.{number}"} for number, espo_id in enumerate(ids)}
        for espo_id, fields in expected.items():
            plant.sandbox.anna.change(espo_id, **fields)
        answers = set(plant.sandbox.deliver_webhooks()["statuses"])
        assert answers <= {202, 503}
        if 503 in answers:
            return expected
    raise AssertionError("a full disk took every webhook")


def full_and_free_again(plant: Plant, disk: SmallDisk, origin: str, close: Close, fault: str) -> None:
    """Edits of both sides while there is no room: for a webhook, a run's rows, its ending, and the log."""
    processes = whole_installation(plant, origin, SYNC_SWEEP_MINUTES="1")
    plant.sandbox.control.tell("webhooks", deliver="manual")
    ids = [plant.new() for _ in range(RECORDS)]
    plant.sandbox.deliver_webhooks()
    plant.until(lambda: SyncRecord.objects.filter(status="clean").count() == RECORDS, "all records are linked")
    disk.fill()
    expected = edited_until_refused(plant, ids)
    status, parts = ready(origin)
    assert (status, parts["storage"]["ok"]) == (503, False)
    assert "make room" in parts["storage"]["detail"]
    time.sleep(3.0)
    disk.make_room()
    until_equal(plant, expected)
    assert not InboxElement.objects.filter(record__isnull=True).exists()
    plant.until(lambda: ready(origin)[1]["storage"]["ok"], "the probe knows of the room")
    assert not processes.ended
    close(fault, audit(plant, ids, expected=expected))


def test_full_disk_of_sqlite(ground: Ground, empty_file: Path, close_books: Close, tmp_path: Path) -> None:
    """The log of all processes lies there too."""
    with small_disk(tmp_path / "small", 48) as disk:
        file = copied(empty_file, disk.place / "default.sqlite3")
        with ground.plant(f"sqlite:///{file}", disk.place) as plant:
            full_and_free_again(plant, disk, free_origin(), close_books, "disk full: SQLite and the log")


def test_full_disk_of_postgresql(ground: Ground, cluster: Postgres, close_books: Close, tmp_path: Path) -> None:
    """Its log of writes lies elsewhere, as is usual: it stays, and refuses what needs room."""
    place = postgres.folder()
    with small_disk(place, 160) as disk:
        postgres.folder(place)
        server = cluster.copy(place)
        try:
            server.start()
            with ground.plant(server.url) as plant:
                full_and_free_again(plant, disk, free_origin(), close_books, "disk full: PostgreSQL")
        finally:
            server.remove()


def test_full_while_a_run_writes_its_history(
    ground: Ground, empty_file: Path, close_books: Close, tmp_path: Path
) -> None:
    """Advoware has taken the edit; what was to be kept of it here found no room. The next look finds it carried."""
    with small_disk(tmp_path / "small", 48) as disk:
        file = copied(empty_file, disk.place / "default.sqlite3")
        with ground.plant(f"sqlite:///{file}") as plant:
            worker = plant.worker("sweep")
            espo_id, _number = plant.pair()
            plant.sandbox.anna.change(espo_id, titel="Prof.")
            plant.sandbox.fault("advoware", "delay", method="PUT", seconds=1.5)
            plant.ask(espo_id, queue="sweep")
            plant.until_held()
            disk.fill()
            plant.until(lambda: "run_not_stored" in worker.said(), "the run found no room")
            disk.make_room()
            begin = time.monotonic()
            plant.until(lambda: plant.record(espo_id).status == "clean", "taken up again by itself", seconds=45)
            assert time.monotonic() - begin < 45
            assert not worker.ended
            assert FieldChange.objects.filter(record__espo_id=espo_id, field="titel").count() <= 2
            close_books("disk full: a run's ending", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))
