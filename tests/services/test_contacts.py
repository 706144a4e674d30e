"""Contact points in a run: both directions over HTTP, with the calls that the table allows."""

from typing import Any

from tests.services.conftest import Firm

OFFICE = {"phoneNumber": "+495111234567", "type": "Office", "primary": True}
MOBILE = {"phoneNumber": "+491701234567", "type": "Mobile"}
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
    assert record.fault["params"]["summary"] == "Var1: 1 succeeded, Var1: 1 failed (403)"
    assert len(tlfs(firm, betnr)) == 1
    firm.sandbox.heal()
    firm.sync(espo_id)
    assert firm.record(espo_id).status == "clean"
    assert len(tlfs(firm, betnr)) == 2
    firm.is_silent(espo_id)
