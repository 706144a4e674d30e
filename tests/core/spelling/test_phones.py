"""Phone numbers: what tells two apart, and what EspoCRM takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core import values
from syncapp.core.spelling import emails, phones

ODD_TEXT = st.text(max_size=40)
NUMBER_LIKE = st.text(alphabet="0123456789+-/() x#.;=extabcdefghz٣\u200b\u00a0", max_size=20)


@pytest.mark.parametrize(
    "first, second",
    [
        pytest.param("0511/12345", "+49 511 12345", id="national-and-international"),
        pytest.param("0049 511 12345", "+4951112345", id="double-zero"),
        pytest.param("+49 (0) 511 123-456", "+49511123456", id="zero-in-brackets"),
        pytest.param("Tel. 0511 12345", "0511-12345", id="label-in-front"),
        pytest.param("0511 12345 ext. 3", "0511 12345", id="extension-does-not-count"),
        pytest.param("+49511123456;ext=12", "+49511123456", id="extension-of-a-tel-uri"),
        pytest.param(" siehe Akte ", "siehe Akte", id="no-digits-so-trimmed-text"),
    ],
)
def test_phones_that_are_equal(first: str, second: str) -> None:
    assert phones.normal_form(first, "DE") == phones.normal_form(second, "DE")


def test_what_does_not_parse_is_compared_by_its_digits() -> None:
    assert phones.normal_form("0511 12345 abends", "DE") == "051112345"
    assert phones.normal_form("999999 999999 999999 abc", "DE") == "9" * 18


@pytest.mark.parametrize(
    "first, second",
    [
        pytest.param("0511 12345", "0511 12346", id="another-number"),
        pytest.param("0511/123456", "0511/123456-12", id="direct-dialling"),
        pytest.param("siehe Akte", "Siehe Akte", id="letter-case-of-plain-text"),
        pytest.param("0511 12345", "+43 511 12345", id="another-country"),
    ],
)
def test_phones_that_differ(first: str, second: str) -> None:
    assert phones.normal_form(first, "DE") != phones.normal_form(second, "DE")


def test_letters_are_not_read_as_a_keypad() -> None:
    assert phones.for_espocrm("0511 12345 abends", "DE") is None
    assert phones.for_espocrm("0511-CALLME", "DE") is None


def test_region_decides_about_national_numbers() -> None:
    assert phones.for_espocrm("01 5121234", "AT") == "+4315121234"
    assert phones.for_espocrm("030 5556667", "DE") == "+49305556667"


@pytest.mark.parametrize(
    "sent, stored",
    [
        pytest.param("+49 511 123 456", "+49511123456", id="e5d-spaces-international"),
        pytest.param("+49511123456 ext. 12", "+49511123456", id="e5e-extension-dropped"),
        pytest.param("+4911", "+4911", id="e5f-possible-though-not-valid"),
        pytest.param("abc", None, id="e5c-letters"),
        pytest.param("", None, id="empty"),
        pytest.param("+49", None, id="country-alone"),
        pytest.param("+491234567890123456", None, id="too-long"),
        pytest.param("1", None, id="too-short"),
        pytest.param("siehe Akte", None, id="text"),
        pytest.param("0511 12345 / 0170 1234567", None, id="two-numbers-in-one"),
    ],
)
def test_what_espocrm_stores_of_a_number(sent: str, stored: str | None) -> None:
    assert phones.for_espocrm(sent, "DE") == stored


@pytest.mark.parametrize("refused", ["0511/12345", "0511 123456"], ids=["e5-slash", "e5b-national"])
def test_a_national_number_that_espocrm_refuses_goes_as_e164(refused: str) -> None:
    assert str(phones.for_espocrm(refused, "DE")).startswith("+49511")


@given(st.one_of(ODD_TEXT, NUMBER_LIKE))
def test_an_e164_number_is_its_own_normal_form(given_value: str) -> None:
    number = phones.for_espocrm(given_value, "DE")
    if number is not None:
        assert phones.normal_form(number, "DE") == phones.normal_form(given_value, "DE") == number
        assert phones.for_espocrm(number, "AT") == number


@given(st.one_of(ODD_TEXT, NUMBER_LIKE))
def test_no_text_upsets_a_normal_form(given_value: str) -> None:
    assert phones.normal_form(f" {given_value} ", "DE") == phones.normal_form(given_value, "DE")
    phones.is_mobile(given_value, "DE")
    values.web_address(given_value)
    emails.for_espocrm(given_value)
    assert emails.normal_form(f" {given_value} ") == emails.normal_form(given_value)


@pytest.mark.parametrize(
    "number, mobile",
    [("0170 1234567", True), ("+49 151 12345678", True), ("0511 12345", False), ("siehe Akte", False), ("", False)],
)
def test_is_mobile(number: str, mobile: bool) -> None:
    assert phones.is_mobile(number, "DE") is mobile


def test_a_number_that_may_be_mobile_is_not_called_one() -> None:
    assert phones.is_mobile("+1 202 555 0123", "DE") is False
