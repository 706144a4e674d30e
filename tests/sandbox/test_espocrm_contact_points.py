"""Phones and e-mails of the stand-in EspoCRM: whole sets, shared points, primaries, spelling, limits."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from sandbox import switches
from tests.sandbox.espocrm_api import Api

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
OFFICE = {"phoneNumber": "+49511123456", "type": "Office"}
MOBILE = {"phoneNumber": "+491701234567", "type": "Mobile"}
FAX = {"phoneNumber": "+49511123457", "type": "Fax"}


@pytest.fixture
def api() -> Iterator[Api]:
    switches.reset()
    yield Api()
    switches.reset()


def phones(record: Any) -> dict[str, tuple[str, bool]]:
    return {row["phoneNumber"]: (row["type"], row["primary"]) for row in record["phoneNumberData"]}


def stored(api: Api, *rows: object) -> dict[str, tuple[str, bool]]:
    record_id = api.create(name="A")["id"]
    api.patch(record_id, phoneNumberData=list(rows))
    return phones(api.get(record_id))


def test_set_replaces_the_one_before(api: Api) -> None:
    record_id = api.create(name="A", phoneNumberData=[OFFICE, MOBILE])["id"]
    api.patch(record_id, phoneNumberData=[FAX])
    assert phones(api.get(record_id)) == {"+49511123457": ("Fax", True)}


def test_empty_set_clears(api: Api) -> None:
    record_id = api.create(name="A", phoneNumberData=[OFFICE])["id"]
    api.patch(record_id, phoneNumberData=[])
    record = api.get(record_id)
    assert record["phoneNumberData"] == []
    assert record["phoneNumber"] is None
    assert record["phoneNumberIsOptedOut"] is None


def test_set_left_out_is_kept(api: Api) -> None:
    record_id = api.create(name="A", phoneNumberData=[OFFICE])["id"]
    api.patch(record_id, titel="Dr.")
    assert phones(api.get(record_id)) == {"+49511123456": ("Office", True)}


def test_flags_left_out_are_reset(api: Api) -> None:
    record_id = api.create(name="A", phoneNumberData=[{**OFFICE, "optOut": True, "invalid": True}])["id"]
    [before] = api.get(record_id)["phoneNumberData"]
    assert (before["optOut"], before["invalid"]) == (True, True)
    api.patch(record_id, phoneNumberData=[OFFICE])
    [after] = api.get(record_id)["phoneNumberData"]
    assert (after["optOut"], after["invalid"]) == (False, False)


def test_without_primary_the_first_is(api: Api) -> None:
    assert stored(api, OFFICE, MOBILE)["+49511123456"] == ("Office", True)


def test_of_two_primaries_the_last_is(api: Api) -> None:
    found = stored(api, {**OFFICE, "primary": True}, {**MOBILE, "primary": True})
    assert found == {"+49511123456": ("Office", False), "+491701234567": ("Mobile", True)}


def test_primary_moves(api: Api) -> None:
    record_id = api.create(name="A", phoneNumberData=[{**OFFICE, "primary": True}, MOBILE])["id"]
    api.patch(record_id, phoneNumberData=[OFFICE, {**MOBILE, "primary": True}])
    record = api.get(record_id)
    assert phones(record) == {"+49511123456": ("Office", False), "+491701234567": ("Mobile", True)}
    assert record["phoneNumber"] == "+491701234567"


def test_number_given_twice_counts_once_and_is_not_primary(api: Api) -> None:
    assert stored(api, {**OFFICE, "primary": True}, {**OFFICE, "type": "Fax"}) == {"+49511123456": ("Fax", False)}


def test_order_of_the_others_is_not_stable(api: Api) -> None:
    rows = [{"phoneNumber": f"+4951112345{number}", "type": "Office"} for number in range(9)]
    record_id = api.create(name="A", phoneNumberData=rows)["id"]
    orders = set()
    for second in range(6):
        with time_machine.travel(f"2026-11-21 10:00:0{second}+00:00", tick=False):
            api.patch(record_id, titel=f"T{second}")
        found = [row["phoneNumber"] for row in api.get(record_id)["phoneNumberData"]]
        assert found[0] == "+49511123450"
        assert set(found) == {str(row["phoneNumber"]) for row in rows}
        orders.add(tuple(found))
    assert len(orders) > 1


def test_plain_number_takes_the_place_of_the_primary(api: Api) -> None:
    record_id = api.create(name="A", phoneNumberData=[{**OFFICE, "primary": True}, MOBILE])["id"]
    api.patch(record_id, phoneNumber="+49 511 99 99 99")
    assert phones(api.get(record_id)) == {"+49511999999": ("Office", True), "+491701234567": ("Mobile", False)}


def test_plain_number_that_another_record_has_keeps_its_type(api: Api) -> None:
    api.create(name="A", phoneNumberData=[FAX])
    record_id = api.create(name="B")["id"]
    api.patch(record_id, phoneNumber="+49511123457")
    assert phones(api.get(record_id)) == {"+49511123457": ("Fax", True)}


@pytest.mark.parametrize(
    "given, kept",
    [
        ("+49 (0) 511 123-456", "+49511123456"),
        (" +49/511/123456 ", "+49511123456"),
        ("+49511123456 ext. 12", "+49511123456"),
        ("+1 202-555-0123", "+12025550123"),
    ],
)
def test_number_is_kept_as_e164(given: str, kept: str, api: Api) -> None:
    assert list(stored(api, {"phoneNumber": given, "type": "Office"})) == [kept]


@pytest.mark.parametrize(
    "number", ["0511123456", "0049511123456", "+49 51112345678901234567", "+1202555", "siehe Akte"]
)
def test_number_refused(number: str, api: Api) -> None:
    answer = api.refused(api.create(name="A")["id"], phoneNumberData=[{"phoneNumber": number, "type": "Office"}])
    assert answer.body["messageTranslation"]["data"] == {"field": "phoneNumber", "type": "valid"}


@pytest.mark.parametrize("rows", ["+49511123456", [1], [{"type": "Office"}], {"phoneNumber": "+49511123456"}])
def test_set_that_is_none_is_refused(rows: object, api: Api) -> None:
    api.refused(api.create(name="A")["id"], phoneNumberData=rows)


def test_national_numbers_where_the_installation_allows_them(api: Api) -> None:
    switches.turn("espocrm", {"international_only": False})
    assert list(stored(api, {"phoneNumber": " 0511/12345 ", "type": "Office"})) == ["0511/12345"]
    fields = api.good("GET", "Metadata", query={"key": "entityDefs.CBeteiligte.fields.phoneNumber"})
    assert fields["international"] is False


def test_types_of_the_installation(api: Api) -> None:
    switches.turn("espocrm", {"phone_types": ["Mobile", "Home"]})
    record_id = api.create(name="A")["id"]
    assert api.refused(record_id, phoneNumberData=[OFFICE]).reason
    api.patch(record_id, phoneNumberData=[{"phoneNumber": "+49511123456"}])
    assert phones(api.get(record_id)) == {"+49511123456": ("Mobile", True)}
    fields = api.good("GET", "Metadata", query={"key": "entityDefs.CBeteiligte.fields.phoneNumber"})
    assert (fields["typeList"], fields["defaultType"]) == (["Mobile", "Home"], "Mobile")


def test_maximum_of_the_installation(api: Api) -> None:
    switches.turn("espocrm", {"max_phones": 1})
    record_id = api.create(name="A")["id"]
    api.patch(record_id, phoneNumberData=[OFFICE])
    answer = api.refused(record_id, phoneNumberData=[OFFICE, FAX])
    assert answer.body["messageTranslation"]["data"]["type"] == "maxCount"
    assert api.good("GET", "Metadata", query={"key": "entityDefs.CBeteiligte.fields.phoneNumber.maxCount"}) == 1


def test_address_is_shared_in_the_letter_case_last_written(api: Api) -> None:
    one = api.create(name="A", emailAddressData=[{"emailAddress": "Max@Example.org", "optOut": True}])["id"]
    two = api.create(name="B")["id"]
    api.patch(two, emailAddressData=[{"emailAddress": "MAX@example.org"}])
    [row] = api.get(one)["emailAddressData"]
    assert (row["emailAddress"], row["lower"], row["optOut"]) == ("MAX@example.org", "max@example.org", False)


def test_address_given_twice_counts_once(api: Api) -> None:
    record_id = api.create(name="A")["id"]
    api.patch(record_id, emailAddressData=[{"emailAddress": "a@example.org"}, {"emailAddress": "A@EXAMPLE.org"}])
    assert [row["lower"] for row in api.get(record_id)["emailAddressData"]] == ["a@example.org"]


@pytest.mark.parametrize(
    "address", ["a b@example.org", "a@b", "a..b@example.org", "@example.org", "jürgen@example.org"]
)
def test_address_refused(address: str, api: Api) -> None:
    answer = api.refused(api.create(name="A")["id"], emailAddressData=[{"emailAddress": address}])
    assert answer.body["messageTranslation"]["data"] == {"field": "emailAddress", "type": "emailAddress"}
