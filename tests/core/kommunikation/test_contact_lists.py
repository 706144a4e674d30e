"""Contact lists in their canonical form: what makes two of them equal, and what does not."""

import random
from typing import Any

import pytest

from syncapp.core.kommunikation.contact_lists import (
    LONGEST_LIST,
    canonical_list,
    canonical_lists,
    known_lists,
    points_in,
)

MOBILE = {"phoneNumber": "+49170123456", "type": "Mobile", "primary": True, "optOut": False, "invalid": False}
OFFICE = {"phoneNumber": "+49511400001", "type": "Office", "primary": False, "optOut": False, "invalid": False}
MAIL = {"emailAddress": "Jo@Example.org", "lower": "jo@example.org", "primary": True, "optOut": False, "invalid": False}


def phones(*rows: object) -> Any:
    return canonical_list("phoneNumberData", list(rows), region="DE")


def emails(*rows: object) -> object:
    return canonical_list("emailAddressData", list(rows), region="DE")


def test_order_makes_no_difference() -> None:
    rows = [MOBILE, OFFICE, {**OFFICE, "phoneNumber": "+49511400002"}]
    shuffled = random.Random(1).sample(rows, 3)
    assert phones(*shuffled) == phones(*rows)


def test_missing_flags_are_false() -> None:
    assert phones({"phoneNumber": "+49511400001", "type": "Office"}) == phones(OFFICE)


def test_the_letter_case_of_addresses_makes_no_difference() -> None:
    assert emails(MAIL) == emails({**MAIL, "emailAddress": "jo@example.org"})


@pytest.mark.parametrize("spelled", ["0170 123456", "0049 170 123456", "+49 (0) 170 123-456"])
def test_the_spelling_of_a_number_makes_no_difference(spelled: str) -> None:
    assert phones({**MOBILE, "phoneNumber": spelled}) == phones(MOBILE)


@pytest.mark.parametrize(
    "change",
    [{"type": "Fax"}, {"primary": False}, {"optOut": True}, {"invalid": True}, {"phoneNumber": "+49170123457"}],
    ids=lambda change: next(iter(change)),
)
def test_type_primary_flags_and_number_make_a_difference(change: dict[str, object]) -> None:
    assert phones({**MOBILE, **change}) != phones(MOBILE)


def test_an_empty_list_is_not_a_missing_one() -> None:
    assert canonical_lists({"phoneNumberData": []}, region="DE") == {"phoneNumberData": []}
    assert canonical_lists({"phoneNumberData": None}, region="DE") == {}
    assert canonical_lists({}, region="DE") == {}


def test_a_value_that_is_no_text_equals_no_contact_point() -> None:
    assert phones({**MOBILE, "phoneNumber": ["+49170123456"]}) != phones(MOBILE)
    assert phones("nonsense") == []


def test_a_plain_attribute_counts_only_without_its_list() -> None:
    both = {"phoneNumberData": [MOBILE], "phoneNumber": "+49511400001"}
    assert canonical_lists(both, region="DE") == {"phoneNumberData": phones(MOBILE)}
    assert canonical_lists({"phoneNumber": "0170 123456"}, region="DE") == {"phoneNumber": "+49170123456"}


def test_the_plain_attribute_of_what_is_known_is_the_primary() -> None:
    known = known_lists({"phoneNumberData": [OFFICE, MOBILE], "emailAddressData": [MAIL]}, region="DE")
    assert (known["phoneNumber"], known["emailAddress"]) == ("+49170123456", "jo@example.org")
    assert known_lists({"phoneNumberData": []}, region="DE") == {"phoneNumberData": [], "phoneNumber": ""}


def test_a_plain_attribute_that_is_emptied_equals_a_known_empty_list() -> None:
    known = known_lists({"emailAddressData": []}, region="DE")
    assert canonical_lists({"emailAddress": None}, region="DE") == {"emailAddress": known["emailAddress"]}


def test_extensions_make_a_difference() -> None:
    with_extension = {**OFFICE, "phoneNumber": "+49511400001 ext. 12"}
    assert phones(with_extension) != phones(OFFICE)
    assert phones(with_extension) == phones({**OFFICE, "phoneNumber": "0511 400001 ext. 12"})


def test_no_type_is_an_empty_one() -> None:
    assert phones({**MOBILE, "type": None}) == phones({**MOBILE, "type": ""})


@pytest.mark.parametrize("length, is_read", [(LONGEST_LIST, True), (LONGEST_LIST + 1, False)])
def test_a_list_longer_than_any_is_not_read(length: int, is_read: bool) -> None:
    rows = [{**OFFICE, "phoneNumber": f"+4951140{number:04}"} for number in range(length)]
    found = phones(*rows)
    assert found == ([one for row in rows for one in phones(row)] if is_read else [["? too long", length]])
    assert points_in({"phoneNumberData": rows}) == (length if is_read else 0)


def test_the_points_of_both_lists_are_counted() -> None:
    assert points_in({"phoneNumberData": [MOBILE, OFFICE], "emailAddressData": [MAIL]}) == 3
    assert points_in({"phoneNumberData": "nonsense", "emailAddressData": None}) == points_in({}) == 0


def test_numbers_are_read_by_the_installation_s_own_region() -> None:
    shown = {"phoneNumberData": [{**MOBILE, "phoneNumber": "0170 123456"}]}
    assert canonical_lists(shown, region="DE") == {"phoneNumberData": phones(MOBILE)}
    assert known_lists(shown, region="DE")["phoneNumber"] == "+49170123456"
