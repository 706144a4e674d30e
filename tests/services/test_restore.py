"""Backup and restore: yesterday's database put back, and the database lost wholly. Both sides agree in the end."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection

from syncapp.models import Control, SyncRecord
from syncapp.services import control
from syncapp.services.onboarding.backfill import Load
from tests.services.conftest import Firm

pytestmark = pytest.mark.django_db(transaction=True)  # the load works in several threads
OFFICE, MOBILE, FAX = "+4951112345", "+491701234567", "+4951112346"


def models() -> list[Any]:
    return list(apps.get_app_config("syncapp").get_models())


def backup() -> str:
    rows: Iterator[Any] = (row for model in models() for row in model.objects.order_by("pk"))
    return serializers.serialize("json", rows)


def restore(kept: str) -> None:
    """As pg_restore or a copied file would leave it: exactly the rows of then."""
    lose()
    with connection.constraint_checks_disabled():
        for row in serializers.deserialize("json", kept):
            row.save()
    connection.check_constraints()


def lose() -> None:
    with connection.constraint_checks_disabled():
        for model in models():
            model.objects.all().delete()


def phones(*numbers: str) -> list[dict[str, str]]:
    return [{"phoneNumber": number, "type": "Office"} for number in numbers]


def numbers_in_espocrm(firm: Firm, espo_id: str) -> list[str]:
    return sorted(row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"])


def numbers_in_advoware(firm: Firm, betnr: int) -> list[str]:
    return sorted(entry["tlf"] for entry in firm.advo(betnr)["kommunikation"] if entry["tlf"])


def settle(firm: Firm, *espo_ids: str) -> None:
    """Runs until everything is clean; one more writes nothing."""
    for espo_id in espo_ids:
        for _again in range(3):
            firm.sync(espo_id)
        assert firm.record(espo_id).status == "clean", (firm.record(espo_id).fault, firm.record(espo_id).reports)
    firm.sandbox.clear_calls()
    for espo_id in espo_ids:
        firm.sync(espo_id)
    assert {method for _system, method, _path in firm.sandbox.calls()} == {"GET"}


class TestYesterday:
    """What was synced after the backup is not believed to be an edit, and what was edited is not lost."""

    def test_values_that_were_synced_after_the_backup_stay(self, firm: Firm):
        espo_id, betnr = firm.pair(titel="Dr.")
        kept = backup()
        time.sleep(1.1)
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.sync(espo_id)
        restore(kept)
        settle(firm, espo_id)
        assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["titel"]) == ("Prof.", "Prof.")

    def test_edits_on_both_sides_after_that_are_carried(self, firm: Firm):
        espo_id, betnr = firm.pair(titel="Dr.")
        kept = backup()
        time.sleep(1.1)
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.sync(espo_id)
        time.sleep(1.1)
        firm.sandbox.clerk.change(betnr, zusatz="c/o Kanzlei")
        restore(kept)
        settle(firm, espo_id)
        for side in (firm.espo(espo_id), firm.advo(betnr)):
            assert (side["titel"], side["zusatz"]) == ("Prof.", "c/o Kanzlei")

    def test_contact_points_are_neither_doubled_nor_brought_back(self, firm: Firm):
        espo_id, betnr = firm.pair(phoneNumberData=phones(OFFICE, MOBILE))
        kept = backup()
        time.sleep(1.1)
        firm.sandbox.anna.change(espo_id, phoneNumberData=phones(MOBILE, FAX))
        firm.sync(espo_id)
        restore(kept)
        settle(firm, espo_id)
        assert numbers_in_espocrm(firm, espo_id) == sorted([MOBILE, FAX])
        assert numbers_in_advoware(firm, betnr) == sorted([MOBILE, FAX])

    def test_records_that_were_made_after_the_backup_are_found_and_not_made_twice(self, firm: Firm):
        kept = backup()
        espo_id, betnr = firm.pair()
        restore(kept)
        assert not SyncRecord.objects.exists()
        Load(by="tests", per_minute=0).run()
        settle(firm, espo_id)
        assert firm.record(espo_id).betnr == betnr
        assert len(firm.sandbox.state()["advoware"]) == 1

    def test_what_was_under_way_is_settled(self, firm: Firm):
        """The backup was taken while a run had sent something and waited for the answer."""
        espo_id, betnr = firm.pair(titel="Dr.")
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.sandbox.fault("advoware", "cut_after", method="PUT")
        firm.sync(espo_id)
        assert firm.record(espo_id).open_intents
        kept = backup()
        time.sleep(1.1)
        firm.sync(espo_id)
        restore(kept)
        settle(firm, espo_id)
        assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["titel"]) == ("Prof.", "Prof.")


class TestLostWholly:
    """Rebuilt from EspoCRM's fields and the markers in Advoware, by the first load."""

    def rebuilt(self, firm: Firm) -> None:
        lose()
        assert not Control.objects.exists()
        control.go_live(by="tests")
        firm.sandbox.clear_calls()
        row = Load(by="tests", per_minute=0).run()
        assert row.ended_at is not None
        created = [
            call
            for call in firm.sandbox.calls("advoware")
            if call[1] == "POST" and call[2].rstrip("/").endswith("Beteiligte")
        ]
        assert created == []

    def test_records_are_linked_again_and_nothing_is_made(self, firm: Firm):
        pairs = [firm.pair(phoneNumberData=phones(f"+495111234{number}")) for number in range(5)]
        before = firm.sandbox.state()
        self.rebuilt(firm)
        settle(firm, *(espo_id for espo_id, _betnr in pairs))
        assert {espo_id: firm.record(espo_id).betnr for espo_id, _betnr in pairs} == dict(pairs)
        after = firm.sandbox.state()
        assert len(after["advoware"]) == len(before["advoware"])
        for old, new in zip(before["advoware"], after["advoware"], strict=True):
            assert [entry["tlf"] for entry in old["kommunikation"]] == [entry["tlf"] for entry in new["kommunikation"]]

    def test_edits_that_were_not_synced_are_carried(self, firm: Firm):
        first, first_betnr = firm.pair(titel="Dr.")
        second, second_betnr = firm.pair(titel="Dr.")
        time.sleep(1.1)
        firm.sandbox.anna.change(first, titel="Prof.")
        firm.sandbox.clerk.change(second_betnr, titel="Dr. Dr.")
        self.rebuilt(firm)
        settle(firm, first, second)
        assert (firm.espo(first)["titel"], firm.advo(first_betnr)["titel"]) == ("Prof.", "Prof.")
        assert (firm.espo(second)["titel"], firm.advo(second_betnr)["titel"]) == ("Dr. Dr.", "Dr. Dr.")

    def test_numbers_that_were_not_synced_arrive_and_none_is_doubled(self, firm: Firm):
        espo_id, betnr = firm.pair(phoneNumberData=phones(OFFICE))
        time.sleep(1.1)
        firm.sandbox.anna.change(espo_id, phoneNumberData=phones(OFFICE, MOBILE))
        firm.sandbox.clerk.add_contact(betnr, tlf="0511 12346", kommKz=2, online=True)
        self.rebuilt(firm)
        settle(firm, espo_id)
        assert numbers_in_espocrm(firm, espo_id) == sorted([OFFICE, MOBILE, FAX])
        assert len(numbers_in_advoware(firm, betnr)) == 3

    def test_old_records_without_a_betnr_are_not_created(self, firm: Firm):
        espo_id = firm.new()
        self.rebuilt(firm)
        assert firm.espo(espo_id)["betnr"] is None
