"""Contact points in a run: both directions over HTTP, with the calls that the table allows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.entities.beteiligte.probes import confirm
from syncapp.models import Conflict, GuardCount
from syncapp.models.finding import index
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.advoware.client import AdvowareClient
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

OFFICE = {"phoneNumber": "+495111234567", "type": "Office", "primary": True}
MOBILE = {"phoneNumber": "+491701234567", "type": "Mobile"}
FAX = {"phoneNumber": "+495111234568", "type": "Fax"}
MAIL = {"emailAddress": "erika@example.org", "primary": True}


def tlfs(firm: Firm, betnr: int) -> list[str]:
    return sorted(entry["tlf"] for entry in firm.advo(betnr)["kommunikation"] if entry["tlf"])


def phones(firm: Firm, espo_id: str) -> list[str]:
    return sorted(row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"])


def entry(firm: Firm, betnr: int, tlf: str) -> dict[str, Any]:
    return next(e for e in firm.advo(betnr)["kommunikation"] if e["tlf"] == tlf)


def test_create_with_contacts(firm: Firm) -> None:
    espo_id = firm.new(phoneNumberData=[OFFICE, MOBILE], emailAddressData=[MAIL])
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"POST": 4}}
    betnr = firm.record(espo_id).betnr or 0
    assert tlfs(firm, betnr) == ["+491701234567", "+495111234567", "erika@example.org"]
    assert firm.espo(espo_id)["kommunikationHash"] == firm.record(espo_id).kommunikation_hash != ""
    firm.is_silent(espo_id)


@pytest.mark.parametrize("shown", [None, 0, 1], ids=["no list", "none", "one of two"])
def test_a_put_whose_answer_shows_fewer_contacts_removes_none(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, shown: int | None
) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE])
    put = AdvowareClient.update

    def update(
        client: AdvowareClient, current: AdvowareBeteiligter, changes: Mapping[str, object]
    ) -> AdvowareBeteiligter:
        after = put(client, current, changes)
        return replace(after, kommunikation=None if shown is None else (after.kommunikation or ())[:shown])

    monkeypatch.setattr(AdvowareClient, "update", update)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1, "PUT": 1}}
    assert "contact_empty_list" not in {report["code"] for report in firm.record(espo_id).reports}
    assert phones(firm, espo_id) == ["+491701234567", "+495111234567"]
    assert firm.advo(betnr)["titel"] == "Prof."
    firm.is_silent(espo_id)


def test_a_put_that_shows_nothing_leaves_what_betrays_a_new_entry_s_kind(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    put = AdvowareClient.update

    def update(
        client: AdvowareClient, current: AdvowareBeteiligter, changes: Mapping[str, object]
    ) -> AdvowareBeteiligter:
        return replace(put(client, current, changes), raw={}, kommunikation=None)

    monkeypatch.setattr(AdvowareClient, "update", update)
    firm.sandbox.clerk.add_contact(betnr, tlf="0511 1234568", kommKz=2, online=True)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert {row["phoneNumber"]: row["type"] for row in firm.espo(espo_id)["phoneNumberData"]} == {
        "+495111234567": "Office",
        "+495111234568": "Fax",
    }
    firm.is_silent(espo_id)


def test_six_variants_at_once(firm: Firm) -> None:
    numbers = [f"+4951112345{n:02d}" for n in range(4)]
    rows = [{"phoneNumber": n, "type": "Office", "primary": n == numbers[0]} for n in numbers]
    espo_id, betnr = firm.pair(phoneNumberData=rows)
    keep, gone, changed, advo_changed = numbers
    new = {"phoneNumber": "+491709999999", "type": "Mobile"}
    other = {"phoneNumber": "+4951177777", "type": "Office"}
    firm.sandbox.anna.change(espo_id, phoneNumberData=[rows[0], other, rows[3], new])  # Var2 (gone), Var5, Var1
    firm.sandbox.clerk.change_contact(betnr, entry(firm, betnr, advo_changed)["id"], tlf="0511 88888", online=True)
    firm.sandbox.clerk.add_contact(betnr, tlf="neu@example.org", kommKz=4, online=True)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert firm.counts()["espocrm"] == {"GET": 1, "PATCH": 1}
    assert phones(firm, espo_id) == sorted([keep, "+4951177777", "+4951188888", "+491709999999"])
    assert [row["emailAddress"] for row in firm.espo(espo_id)["emailAddressData"]] == ["neu@example.org"]
    assert set(tlfs(firm, betnr)) == {keep, "+4951177777", "0511 88888", "+491709999999", "neu@example.org"}
    assert gone not in tlfs(firm, betnr)
    assert changed not in tlfs(firm, betnr)
    firm.is_silent(espo_id)


def test_an_entry_that_is_refused_fails_alone(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, phoneNumberData=[OFFICE, MOBILE], titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=403, method="POST", path_contains="Kommunikationen")
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert record.kind == "forbidden"
    (point,) = record.fault["params"]["points"]
    assert (point["system"], point["point"], point["cause"]) == ("advoware", "phone", "no_right")
    assert len(tlfs(firm, betnr)) == 1
    firm.sandbox.heal()
    firm.sync(espo_id)
    assert firm.record(espo_id).status == "clean"
    assert len(tlfs(firm, betnr)) == 2
    firm.is_silent(espo_id)


def test_the_time_that_advoware_names_is_waited_for_contact_points_too(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, phoneNumberData=[OFFICE])
    after = {"Retry-After": "1200"}
    firm.sandbox.fault("advoware", "status", status=503, path_contains="Kommunikationen", headers=after)
    assert firm.sync(espo_id).status == "failed"
    waits = firm.record(espo_id).next_retry_at
    assert waits is not None
    assert timedelta(minutes=19) < waits - timezone.now() < timedelta(minutes=21)


def test_a_removal_counts_once_however_often_the_run_looks(firm: Firm, meanwhile: Meanwhile) -> None:
    """Two numbers go, one on each side; EspoCRM has moved when the lists are sent, and the run plans again."""
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE, FAX])
    firm.sandbox.anna.change(espo_id, phoneNumberData=[OFFICE, MOBILE])
    firm.sandbox.clerk.change_contact(betnr, entry(firm, betnr, "+491701234567")["id"], tlf="", online=False)
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, titel="Prof."))
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["espocrm"]["PATCH"] == 2
    assert sum(GuardCount.objects.filter(sort="removals").values_list("number", flat=True)) == 2


def test_a_field_that_is_emptied_counts_once_however_often_the_run_looks(firm: Firm, meanwhile: Meanwhile) -> None:
    """Emptied in Advoware; EspoCRM has moved when it is to be emptied there, and the run plans again."""
    espo_id, betnr = firm.pair(zusatz="c/o Meier")
    confirm.confirm_writes([firm.record(espo_id).pk])
    firm.sandbox.clerk.change(betnr, zusatz="")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, vorname="Jörg"))
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["espocrm"]["PATCH"] == 2
    assert not firm.espo(espo_id)["zusatz"]
    assert sum(GuardCount.objects.filter(sort="removals").values_list("number", flat=True)) == 1


def test_removals_of_a_run_that_is_tried_again_count_once_against_other_records(firm: Firm) -> None:
    many = [{"phoneNumber": f"+4951110000{n:02}", "type": "Office", "primary": n == 0} for n in range(8)]
    espo_id, betnr = firm.pair(phoneNumberData=many)
    other, _betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE])
    firm.sandbox.anna.change(espo_id, phoneNumberData=many[:1])
    for _try in range(3):
        firm.sandbox.fault("advoware", "status", status=503, method="PUT", path_contains="Kommunikationen")
        assert firm.sync(espo_id).status == "failed"
    firm.sandbox.heal()
    assert GuardCount.objects.filter(sort="removals").values_list("number", flat=True).get() == 7
    firm.sandbox.anna.change(other, phoneNumberData=[OFFICE])
    assert firm.sync(other).status == "clean", firm.record(other).fault
    assert firm.sync(espo_id).status == "clean"
    assert tlfs(firm, betnr) == [many[0]["phoneNumber"]]


def test_a_contact_point_that_goes_back_and_forth_is_stopped(firm: Firm) -> None:
    """Three conflicts in a quarter of an hour may be people; the fourth is held for one to look at."""
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    entry_id = firm.advo(betnr)["kommunikation"][0]["id"]
    for turn in range(4):
        firm.sandbox.anna.change(espo_id, phoneNumberData=[{**OFFICE, "phoneNumber": f"+49511111000{turn}"}])
        firm.sandbox.clerk.change_contact(betnr, entry_id, tlf=f"0511 222000{turn}", online=True)
        status = firm.sync(espo_id).status
        assert status == ("clean" if turn < 3 else "failed")
    record = firm.record(espo_id)
    assert (record.kind, record.fault["code"]) == ("blocked", "oscillation_conflicts")
    assert tlfs(firm, betnr) == ["0511 2220003"], "nothing of the fourth was written"
    assert Conflict.objects.filter(field__startswith="kommunikation.").count() == 3


SHARED = [
    ("emailAddressData", {"emailAddress": "familie@example.org", "primary": True}, "Familie@example.org", 4),
    ("phoneNumberData", {"phoneNumber": "+495111234567", "type": "Office", "primary": True}, "0511/1234567", 1),
]


@pytest.mark.parametrize("flag", ["optOut", "invalid"])
@pytest.mark.parametrize("name, point, tlf, komm_kz", SHARED, ids=["an address", "a number"])
@pytest.mark.parametrize("typed_over", [False, True], ids=["added", "changed"])
def test_what_is_added_keeps_the_flags_that_others_gave_it(
    firm: Firm, name: str, point: dict[str, Any], tlf: str, komm_kz: int, flag: str, typed_over: bool
) -> None:
    """EspoCRM has it once for everybody: who does not want mail does not get any because of somebody else's record."""
    other = firm.new(**{name: [{**point, flag: True}]})
    assert firm.sync(other).status == "clean"
    espo_id, betnr = firm.pair(phoneNumberData=[MOBILE], emailAddressData=[MAIL])
    if typed_over:
        before = "erika@example.org" if "@" in tlf else "+491701234567"
        firm.sandbox.clerk.change_contact(betnr, entry(firm, betnr, before)["id"], tlf=tlf, online=True)
    else:
        firm.sandbox.clerk.add_contact(betnr, tlf=tlf, kommKz=komm_kz, online=True)
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    (shown,) = firm.espo(other)[name]
    assert shown[flag] is True
    assert len(firm.espo(espo_id)[name]) == (1 if typed_over else 2)
    firm.is_silent(espo_id)


@pytest.mark.parametrize("name, point, tlf, komm_kz", SHARED, ids=["an address", "a number"])
def test_an_opt_out_that_no_run_has_seen_yet_outlives_the_other_record_s_addition(
    firm: Firm, name: str, point: dict[str, Any], tlf: str, komm_kz: int
) -> None:
    """The record at which it was entered has failed for days, or waits in a pause: what we remember of it is old."""
    other, _betnr = firm.pair(**{name: [point]})
    firm.sandbox.anna.change(other, **{name: [{**point, "optOut": True}]})
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.add_contact(betnr, tlf=tlf, kommKz=komm_kz, online=True)
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["espocrm"] == {"GET": 2, "PATCH": 1}, "this record, and the one that holds it"
    assert [row["optOut"] for row in (*firm.espo(other)[name], *firm.espo(espo_id)[name])] == [True, True]
    firm.is_silent(espo_id)


@pytest.mark.parametrize("flag", [True, False])
def test_of_a_record_that_is_deleted_by_now_what_is_remembered_counts(firm: Firm, flag: bool) -> None:
    other, _betnr = firm.pair(phoneNumberData=[{**OFFICE, "optOut": flag}])
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.add_contact(betnr, tlf="0511/1234567", kommKz=1, online=True)
    firm.sandbox.anna.delete(other)
    assert firm.sync(espo_id).status == "clean"
    assert [row["optOut"] for row in firm.espo(espo_id)["phoneNumberData"]] == [flag]


def test_a_record_in_step_asks_nobody_about_flags(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    firm.sandbox.clerk.add_contact(betnr, tlf="siehe Akte", kommKz=10, online=True)
    firm.sync(espo_id)

    def asked(*_: object) -> None:
        raise AssertionError("nothing new is to be entered in EspoCRM")

    monkeypatch.setattr(index, "containing", asked)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
