"""Normal forms and equality, row by row, and what holds for any text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core import values

ODD_TEXT = st.text(max_size=40)
NUMBER_LIKE = st.text(alphabet="0123456789+-/() x#.;=extabcdefghz٣", max_size=20)


@pytest.mark.parametrize(
    "given_value, canonical",
    [
        pytest.param("  Dr. ", "Dr.", id="trimmed"),
        pytest.param("\t\n", None, id="blank-is-null"),
        pytest.param("", None, id="empty-is-null"),
        pytest.param(None, None, id="null"),
        pytest.param([], None, id="empty-list-is-null"),
        pytest.param(5, "5", id="int-becomes-its-digits"),
        pytest.param(0, "0", id="zero-is-a-value"),
        pytest.param(2.5, "2.5", id="float"),
        pytest.param("a  b", "a  b", id="inner-blanks-stay"),
        pytest.param("ÄÖ", "ÄÖ", id="letter-case-stays"),
    ],
)
def test_text(given_value: object, canonical: str | None) -> None:
    assert values.text(given_value) == canonical


@pytest.mark.parametrize("thing", [{"a": 1}, {}, ["a"], True, False, [[]]], ids=repr)
def test_a_structure_is_no_text(thing: object) -> None:
    with pytest.raises(values.NotAValue):
        values.text(thing)


@pytest.mark.parametrize(
    "spelled, day",
    [
        pytest.param("2001-01-05T00:00:00", "2001-01-05", id="advoware"),
        pytest.param("2001-01-05", "2001-01-05", id="espocrm"),
        pytest.param("2001-01-05 00:00:00", "2001-01-05", id="with-a-blank"),
        pytest.param("2001-01-05T12:30:00.000", "2001-01-05", id="time-of-day-without-zone"),
        pytest.param(" 2001-01-05T00:00 ", "2001-01-05", id="untrimmed-without-seconds"),
        pytest.param("2001-01-05T00:00:00Z", "2001-01-05", id="midnight-with-zone"),
        pytest.param("2001-01-05T00:00:00+01:00", "2001-01-05", id="midnight-with-offset"),
        pytest.param("2000-02-29", "2000-02-29", id="leap-day"),
        pytest.param("0001-01-01T00:00:00", None, id="empty-date-of-dotnet"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param([], None, id="empty-list"),
    ],
)
def test_date(spelled: object, day: str | None) -> None:
    assert values.date(spelled) == day


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param("2001-02-31", id="no-such-day"),
        pytest.param("2001-02-31T00:00:00", id="no-such-day-with-time"),
        pytest.param("1900-02-29", id="no-leap-year"),
        pytest.param("5.1.2001", id="german-spelling"),
        pytest.param("2001-1-5", id="short-numbers"),
        pytest.param("2001-01-04T23:00:00Z", id="another-day-in-another-zone"),
        pytest.param("2001-01-05garbage", id="something-behind-it"),
        pytest.param("20010105", id="without-dashes"),
    ],
)
def test_what_is_no_date_stays_and_is_not_real(spelled: str) -> None:
    assert values.date(spelled) == spelled
    assert not values.is_real_date(spelled)


@given(st.dates(min_value=date(1, 1, 2)))
def test_every_day_survives_either_spelling(day: date) -> None:
    for spelled in (day.isoformat(), f"{day.isoformat()}T00:00:00", f"{day.isoformat()} 00:00:00"):
        assert values.date(spelled) == day.isoformat()
    assert values.is_real_date(day.isoformat())


@given(ODD_TEXT)
def test_canonical_values_are_their_own_canonical_values(given_value: str) -> None:
    for canonical in (values.text, values.date):
        once = canonical(given_value)
        assert canonical(once) == once


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
    assert values.phone_normal_form(first, "DE") == values.phone_normal_form(second, "DE")


def test_what_does_not_parse_is_compared_by_its_digits() -> None:
    assert values.phone_normal_form("0511 12345 abends", "DE") == "051112345"
    assert values.phone_normal_form("999999 999999 999999 abc", "DE") == "9" * 18


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
    assert values.phone_normal_form(first, "DE") != values.phone_normal_form(second, "DE")


def test_letters_are_not_read_as_a_keypad() -> None:
    assert values.phone_e164("0511 12345 abends", "DE") is None
    assert values.phone_e164("0511-CALLME", "DE") is None


def test_region_decides_about_national_numbers() -> None:
    assert values.phone_e164("01 5121234", "AT") == "+4315121234"
    assert values.phone_e164("030 5556667", "DE") == "+49305556667"


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
    assert values.phone_e164(sent, "DE") == stored


@pytest.mark.parametrize("refused", ["0511/12345", "0511 123456"], ids=["e5-slash", "e5b-national"])
def test_a_national_number_that_espocrm_refuses_goes_as_e164(refused: str) -> None:
    assert str(values.phone_e164(refused, "DE")).startswith("+49511")


@given(st.one_of(ODD_TEXT, NUMBER_LIKE))
def test_an_e164_number_is_its_own_normal_form(given_value: str) -> None:
    number = values.phone_e164(given_value, "DE")
    if number is not None:
        assert values.phone_normal_form(number, "DE") == values.phone_normal_form(given_value, "DE") == number
        assert values.phone_e164(number, "AT") == number


@given(st.one_of(ODD_TEXT, NUMBER_LIKE))
def test_no_text_upsets_a_normal_form(given_value: str) -> None:
    assert values.phone_normal_form(f" {given_value} ", "DE") == values.phone_normal_form(given_value, "DE")
    values.is_mobile(given_value, "DE")
    values.web_address(given_value)
    assert values.email_normal_form(f" {given_value} ") == values.email_normal_form(given_value)
    assert values.email_acceptable(given_value) == (values.email_for_espocrm(given_value) is not None)


@pytest.mark.parametrize(
    "number, mobile",
    [("0170 1234567", True), ("+49 151 12345678", True), ("0511 12345", False), ("siehe Akte", False), ("", False)],
)
def test_is_mobile(number: str, mobile: bool) -> None:
    assert values.is_mobile(number, "DE") is mobile


def test_a_number_that_may_be_mobile_is_not_called_one() -> None:
    assert values.is_mobile("+1 202 555 0123", "DE") is False


def test_emails_are_equal_whatever_the_letter_case() -> None:
    assert values.email_normal_form(" SHARED@Example.ORG") == values.email_normal_form("shared@example.org")
    assert values.email_normal_form("straße@example.org") != values.email_normal_form("strasse@example.org")


@pytest.mark.parametrize(
    "address",
    [
        "Max.Mueller@example.org",
        "a+b@sub.example.de",
        "a@firma.local",
        "a@b.test",
        "a@xn--exmple-cua.de",
        pytest.param(" a2@example.org ", id="trimmed-before-it-is-sent"),
    ],
)
def test_addresses_that_espocrm_takes(address: str) -> None:
    assert values.email_acceptable(address)
    assert values.email_for_espocrm(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("not-an-email", id="e3-no-address"),
        pytest.param("müller@exämple.de", id="e3c-umlauts"),
        pytest.param("a@exämple.de", id="umlaut-in-the-host"),
        pytest.param("müller@example.de", id="umlaut-in-front"),
        pytest.param("a b@example.org", id="blank-inside"),
        pytest.param('"a b"@example.org', id="quoted"),
        pytest.param("Max <a@example.org>", id="with-a-name"),
        pytest.param("a..b@example.org", id="two-dots"),
        pytest.param("a@b@example.org", id="two-ats"),
        pytest.param("a@localhost", id="no-dot"),
        pytest.param("@example.org", id="nothing-in-front"),
        pytest.param("x" * 65 + "@example.org", id="too-long-in-front"),
        pytest.param("www.example.org", id="web-address"),
        pytest.param("", id="empty"),
    ],
)
def test_addresses_that_espocrm_refuses(address: str) -> None:
    assert not values.email_acceptable(address)


@pytest.mark.parametrize(
    "address",
    [
        "www.example.de",
        "example.de/impressum",
        "https://example.de",
        "http://intern:8080/x?y=1",
        "HTTPS://EXAMPLE.DE/ü",
    ],
)
def test_web_addresses(address: str) -> None:
    assert values.web_address(f" {address} ")


@pytest.mark.parametrize(
    "other",
    ["", "siehe Akte", "a@example.de", "0511 12345", "3.4.2001", "example", "www.example.de und mehr", "https://"],
)
def test_what_is_no_web_address(other: str) -> None:
    assert not values.web_address(other)
