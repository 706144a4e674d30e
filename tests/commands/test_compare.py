"""The drift report: what is equal, what differs, and what explains it. One test for each reason."""

import re
from pathlib import Path
from typing import Any

import pytest

from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import DriftReport, DriftRow, SyncRecord
from syncapp.words.monitoring.drift import REASONS
from tests.commands.conftest import Firm, Said, manage

pytestmark = pytest.mark.django_db(transaction=True)


def reasons(said: Said) -> list[tuple[str, str]]:
    return [(row["field"], row["reason"]) for row in said.json["findings"]]


def compared(*arguments: object) -> list[tuple[str, str]]:
    return reasons(manage("compare", "--json", *arguments))


class TestReport:
    def test_equal_records(self, firm: Firm):
        firm.pair()
        said = manage("compare", "--all")
        assert (said.code, said.out.strip()) == (0, "1 records, 1 equal, 0 expected, 0 unexpected, 0 unread")

    def test_changes_nothing(self, firm: Firm):
        espo_id, betnr = firm.pair()
        firm.sandbox.clerk.change(betnr, titel="Prof.")
        firm.sandbox.clear_calls()
        before = SyncRecord.objects.values().get()
        manage("compare", espo_id)
        assert {method for _system, method, _path in firm.sandbox.calls()} == {"GET"}
        assert SyncRecord.objects.values().get() == before

    def test_is_kept_without_values(self, firm: Firm):
        espo_id, betnr = firm.pair()
        firm.sandbox.clerk.change(betnr, titel="Prof. Geheim")
        manage("compare", "--all")
        report = DriftReport.objects.get()
        assert (report.records, report.expected, report.scope) == (1, 1, "all")
        assert report.finished_at is not None
        row = DriftRow.objects.values().get()
        assert (row["espo_id"], row["field"], row["reason"]) == (espo_id, "titel", "changed_since")
        assert "Geheim" not in str(row)

    def test_sample(self, firm: Firm):
        for _number in range(3):
            firm.pair()
        assert manage("compare", "--sample", 2, "--json").json["records"] == 2

    @pytest.mark.parametrize("arguments", [(), ("--all", "--sample", 3), ("--all", "x")])
    def test_wrong_use(self, db: None, arguments: tuple[object, ...]):
        assert manage("compare", *arguments).code == 2


class TestReasons:
    def test_changed_since(self, firm: Firm):
        espo_id, betnr = firm.pair()
        firm.sandbox.clerk.change(betnr, titel="Prof.")
        assert compared(espo_id) == [("titel", "changed_since")]

    def test_contact_points_changed_since(self, firm: Firm):
        espo_id, betnr = firm.pair()
        firm.sandbox.clerk.add_contact(betnr, tlf="0511 12345", kommKz=1, online=True)
        assert compared(espo_id) == [("kommunikation", "changed_since")]

    def test_sync_due(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.ask(espo_id)
        assert compared(espo_id) == [("titel", "sync_due")]

    @pytest.mark.parametrize("by", ["shadow", "pilot"])
    def test_planned_only(self, firm: Firm, settings: Any, by: str):
        """No sync that is due will settle it."""
        espo_id, _betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.ask(espo_id)
        if by == "shadow":
            control.set_mode(mode="shadow", by="tests")
        else:
            settings.SYNC_ONLY = ["TEST-"]
        assert compared(espo_id) == [("titel", "planned_only")]

    def test_seen_once(self, firm: Firm):
        espo_id, _betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+4951112345", "type": "Office"}])
        firm.sandbox.anna.change(espo_id, phoneNumberData=[])
        assert compared(espo_id) == [("kommunikation", "seen_once")]

    def test_failed(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        SyncRecord.objects.update(status=Status.FAILED, kind="forbidden")
        assert compared(espo_id) == [("titel", "failed")]

    def test_decision(self, firm: Firm, settings: Any):
        settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
        espo_id, betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.sandbox.clerk.change(betnr, titel="Dr. Dr.")
        firm.sync(espo_id)
        assert compared(espo_id) == [("titel", "decision")]

    def test_held(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        SyncRecord.objects.update(hold="paused")
        assert compared(espo_id) == [("titel", "held")]

    def test_as_taken(self, firm: Firm):
        firm.sandbox.advoware(put_ignores=["zusatz"])
        espo_id, _betnr = firm.pair()
        firm.sandbox.anna.change(espo_id, zusatz="c/o Kanzlei")
        firm.sync(espo_id)
        assert compared(espo_id) == [("zusatz", "as_taken")]

    def test_company(self, firm: Firm):
        espo_id, betnr = firm.pair(rechtsform="GmbH", vorname=None, geburtsdatum=None)
        firm.sandbox.clerk.change(betnr, vorname="Ada")
        assert compared(espo_id) == [("vorname", "company")]

    def test_no_counterpart(self, firm: Firm, settings: Any):
        espo_id, _betnr = firm.pair()
        settings.ESPOCRM_VALUE_MAP = {"anrede": {"Mr.": "Herr"}}
        firm.sandbox.anna.change(espo_id, anrede="Exzellenz")
        assert ("anrede", "no_counterpart") in compared(espo_id)

    def test_only_in_advoware(self, firm: Firm):
        espo_id, betnr = firm.pair()
        firm.sandbox.clerk.add_contact(betnr, tlf="siehe Akte", kommKz=10, online=True)
        firm.sync(espo_id)
        assert compared(espo_id) == [("kommunikation", "only_in_advoware")]

    def test_not_linked(self, firm: Firm):
        assert compared(firm.new()) == [("", "not_linked")]

    def test_gone(self, firm: Firm):
        firm.pair()
        espo_id, betnr = firm.pair()
        firm.sandbox.control.tell(f"advoware/beteiligte/{betnr}/delete")
        assert compared(espo_id) == [("", "gone_unseen")]
        firm.sync(espo_id)
        assert compared(espo_id) == [("", "gone")]

    def test_hidden(self, firm: Firm):
        espo_id, _betnr = firm.pair()
        firm.sandbox.advoware(omit_fields=["titel"])
        said = manage("compare", "--json", espo_id)
        assert reasons(said) == [("titel", "hidden")]
        assert said.code == 1

    def test_duplicate(self, firm: Firm):
        _espo_id, betnr = firm.pair()
        other = firm.new(betnr=betnr)
        assert compared(other) == [("", "duplicate")]

    def test_unreadable(self, firm: Firm):
        espo_id, betnr = firm.pair()
        firm.sandbox.fault("advoware", "status", path_contains=f"/{betnr}", status=500, count=None)
        said = manage("compare", "--json", espo_id)
        assert (reasons(said), said.json["unread"], said.code) == ([("", "unreadable")], 1, 1)

    def test_lists_wait_for_people(self, firm: Firm, settings: Any):
        espo_id, betnr = _pair_with_addresses(firm, settings)
        assert compared(espo_id) == []
        firm.sandbox.clerk._call("POST", f"Beteiligte/{betnr}/Adressen", json={**PLACE, "strasse": "Lindenallee 4 a"})
        firm.sandbox.anna._call(
            "POST", "CAdressen", json={**ITEM, "beteiligteId": espo_id, "strasse": "Lindenallee 4b"}
        )
        firm.sync(espo_id)
        assert ("adressen", "by_hand") in compared(espo_id)
        assert manage("compare", espo_id).code == 0

    def test_a_list_of_which_a_field_is_read_from_elsewhere(self, firm: Firm, settings: Any):
        espo_id, _betnr = _pair_with_addresses(firm, settings)
        settings.ESPOCRM_ADRESSEN_MAP = {"strasse": "bemerkung", "bemerkung": ""}
        assert compared(espo_id) == [("adressen", "list_waits")]

    def test_lists_with_a_double(self, firm: Firm, settings: Any):
        espo_id, betnr = _pair_with_addresses(firm, settings)
        firm.sandbox.clerk._call("POST", f"Beteiligte/{betnr}/Adressen", json=PLACE)
        firm.sync(espo_id)
        assert compared(espo_id) == [("adressen", "double")]

    def test_an_account_without_an_iban(self, firm: Firm, settings: Any):
        settings.ESPOCRM_BANK_ENTITY, settings.ADVOWARE_BANK_LIST = "CBankverbindungen", "embedded:bankverbindungen"
        firm.sandbox.advoware(bank_list="embedded")
        espo_id, _betnr = firm.pair()
        account = {"name": "x", "bankname": "Sandbank", "beteiligteId": espo_id}
        firm.sandbox.anna._call("POST", "CBankverbindungen", json=account)
        firm.sync(espo_id)
        assert compared(espo_id) == [("bankverbindungen", "only_in_espocrm")]

    def test_unexplained(self, firm: Firm):
        espo_id, betnr = firm.pair()
        firm.sandbox.clerk.change(betnr, titel="Prof.")
        row_id = firm.advo(betnr)["rowId"]
        # No base, and no side says that it was changed: as after a write that went past both systems.
        SyncRecord.objects.update(base_espo={}, base_advo={}, base_versions={}, last_synced_at=None)
        firm.sandbox.anna.change(espo_id, advowareRowId=row_id, advowareLastSync="2099-01-01 00:00:00")
        said = manage("compare", "--json", espo_id)
        assert ("titel", "unexplained") in reasons(said)
        assert said.code == 1


PLACE = {"strasse": "Lindenallee 4", "plz": "30159", "ort": "Hannover"}
ITEM = {**PLACE, "name": "x"}


def _pair_with_addresses(firm: Firm, settings: Any) -> tuple[str, int]:
    """A record with one address, which is equal on both sides."""
    settings.ESPOCRM_ADRESSEN, settings.ADRESSEN_INITIAL = "entity", "both"
    remote_metadata.forget()
    espo_id, betnr = firm.pair()
    firm.sandbox.anna._call("POST", "CAdressen", json={**ITEM, "beteiligteId": espo_id})
    assert firm.sync(espo_id).status == "clean"
    return espo_id, betnr


def test_every_reason_has_a_test():
    """By the text of this file: the tests of one file may run in several processes."""
    named = set(re.findall(r'"(\w+)"\)', Path(__file__).read_text()))
    assert set(REASONS) - named == set()
