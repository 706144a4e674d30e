"""Addresses and bank accounts in previews of many records: counts, lines of the file, the drift report."""

import csv
from pathlib import Path
from typing import Any

import pytest

from syncapp.engine import control
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildCase, ChildLink, SyncRecord
from tests.commands.conftest import Firm, manage

# Several threads read: each sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
QUICK = ("--per-minute", 100000)
HERE = {"strasse": "Lindenallee 4", "plz": "30159", "ort": "Hannover"}
THERE = {"strasse": "Uferstraße 1", "plz": "20095", "ort": "Hamburg"}
IBAN, HOLDER = "DE89370400440532013000", "Erika Mustermann"


@pytest.fixture
def house(firm: Firm, settings: Any) -> Firm:
    settings.ESPOCRM_ADRESSEN = "entity"
    settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    settings.ADVOWARE_BANK_LIST = "embedded:bankverbindungen"
    firm.sandbox.advoware(bank_list="embedded")
    remote_metadata.forget()
    return firm


def item(firm: Firm, parent: str, entity: str = "CAdressen", **values: object) -> str:
    body = {"beteiligteId": parent, "name": "x", **values}
    return str(firm.sandbox.anna._call("POST", entity, json=body)["id"])


def entry(firm: Firm, betnr: int, which: str = "Adressen", **values: object) -> None:
    firm.sandbox.clerk._call("POST", f"Beteiligte/{betnr}/{which}", json=values)


def linked(firm: Firm, settings: Any) -> tuple[str, int]:
    """A record that an earlier version has linked, without its lists."""
    settings.ESPOCRM_ADRESSEN, settings.ESPOCRM_BANK_ENTITY = "off", ""
    found = firm.pair()
    settings.ESPOCRM_ADRESSEN, settings.ESPOCRM_BANK_ENTITY = "entity", "CBankverbindungen"
    return found


@pytest.fixture
def mixed(house: Firm, settings: Any) -> tuple[str, int]:
    """One address on both sides, one alike, one in EspoCRM alone; an account in Advoware alone."""
    espo_id, betnr = linked(house, settings)
    item(house, espo_id, **HERE)
    entry(house, betnr, **HERE)
    item(house, espo_id, strasse="Kapellenweg 9", plz="48143", ort="Münster")
    entry(house, betnr, strasse="Kapellenweg 9 a", plz="48143", ort="Münster")
    item(house, espo_id, **THERE)
    entry(house, betnr, "Bankverbindungen", iban=IBAN, kontoinhaber=HOLDER)
    control.set_mode(mode="shadow", by="tests")
    house.sandbox.clear_calls()
    return espo_id, betnr


def test_the_preview_counts_matches_similar_ones_and_those_on_one_side(mixed: tuple[str, int], house: Firm) -> None:
    said = manage("backfill", "--preview", "--json", *QUICK).json
    assert {name: number for name, number in said["counts"].items() if "." in name} == {
        "adressen.matched": 1,
        "adressen.similar": 1,
        "adressen.only_in_espocrm": 1,
        "bankverbindungen.only_in_advoware": 1,
    }
    assert not [call for call in house.sandbox.calls() if call[1] != "GET"]
    assert not ChildLink.objects.exists()
    assert not ChildCase.objects.exists()


def test_each_count_says_what_it_means(mixed: tuple[str, int]) -> None:
    said = manage("backfill", "--preview", *QUICK).out
    assert "1 adressen.similar: look alike: people would be asked whether they are the same" in said


def test_the_file_has_a_line_for_each_question_and_no_account_in_full(mixed: tuple[str, int], tmp_path: Path) -> None:
    manage("backfill", "--preview", "--report", tmp_path / "preview.csv", *QUICK)
    text = (tmp_path / "preview.csv").read_text(encoding="utf-8-sig")
    rows = [row for row in csv.DictReader(text.splitlines(), delimiter=";") if row["field"]]
    asked = {(row["field"], row["detail"]) for row in rows}
    assert ("adressen", "hold (same_or_different)") in asked
    assert ("adressen", "hold (waiting)") in asked
    alike = next(row for row in rows if row["detail"] == "hold (same_or_different)")
    assert ("Kapellenweg 9" in alike["espocrm"], "Kapellenweg 9 a" in alike["advoware"]) == (True, True)
    assert IBAN not in text
    assert HOLDER not in text


def test_carried_at_once_they_are_changes_with_both_sides(
    mixed: tuple[str, int], settings: Any, tmp_path: Path
) -> None:
    settings.ADRESSEN_INITIAL = "both"
    manage("backfill", "--preview", "--report", tmp_path / "preview.csv", *QUICK)
    text = (tmp_path / "preview.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert {(row["field"], row["detail"]) for row in rows} >= {
        ("adressen", "to_advoware (post_entry)"),
        ("bankverbindungen", "to_espocrm (create_item)"),
    }


def test_one_record_s_dry_run_names_the_steps_and_no_value(mixed: tuple[str, int], settings: Any) -> None:
    settings.ADRESSEN_INITIAL = "both"
    said = manage("sync", mixed[0], "--dry-run").out
    assert "address: row 3" in said
    assert "bank account: row 5" in said
    for value in ("Uferstraße", "20095", IBAN, HOLDER):
        assert value not in said


def test_calls_of_a_preview_are_one_more_a_list_and_record_and_none_when_off(
    mixed: tuple[str, int], house: Firm, settings: Any
) -> None:
    def asked() -> dict[str, int]:
        house.sandbox.clear_calls()
        manage("backfill", "--preview", "--restart", *QUICK)
        paths = [path for system, _method, path in house.sandbox.calls() if system == "espocrm"]
        return {name: sum(path.endswith(f"/{name}") for path in paths) for name in ("CAdressen", "CBankverbindungen")}

    asked()  # the metadata are read with the first one
    assert asked() == {"CAdressen": 1, "CBankverbindungen": 1}
    settings.ESPOCRM_ADRESSEN, settings.ESPOCRM_BANK_ENTITY = "off", ""
    assert asked() == {"CAdressen": 0, "CBankverbindungen": 0}


def test_a_list_that_cannot_be_read_stops_no_other_record(mixed: tuple[str, int], house: Firm, settings: Any) -> None:
    control.set_mode(mode="live", by="tests")
    second, _betnr = linked(house, settings)
    control.set_mode(mode="shadow", by="tests")
    house.sandbox.fault("espocrm", "status", path_contains="CAdressen", status=503, method="GET", count=4)
    said = manage("backfill", "--preview", "--json", "--restart", *QUICK).json
    assert said["records"] == 2
    assert sum(said["counts"].get(name, 0) for name in ("unreadable", "merged", "equal")) == 2
    assert SyncRecord.objects.filter(espo_id=second).exists()


def test_the_drift_report_names_the_list_and_no_value(mixed: tuple[str, int]) -> None:
    said = manage("compare", "--all")
    assert "adressen" in said.out
    for value in ("Lindenallee", "Kapellenweg", "Uferstraße", IBAN, HOLDER):
        assert value not in said.out


def test_equal_lists_are_no_drift(house: Firm, settings: Any) -> None:
    settings.ADRESSEN_INITIAL = "both"
    espo_id, betnr = linked(house, settings)
    item(house, espo_id, **HERE)
    entry(house, betnr, **HERE)
    assert house.sync(espo_id).status == "clean"
    assert "adressen" not in manage("compare", "--all").out
