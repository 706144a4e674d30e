"""Normal forms and equality, row by row, and what holds for any text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core import values

ODD_TEXT = st.text(max_size=40)


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
        pytest.param("Mu\u0308ller", "Müller", id="decomposed-becomes-composed"),
        pytest.param("M\u00adül\u200bler\ufeff", "Müller", id="what-nobody-sees"),
        pytest.param("Dr.\u00a0Blum\u202f", "Dr. Blum", id="blanks-of-every-kind"),
        pytest.param("\u200e", None, id="nothing-but-what-nobody-sees"),
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
        pytest.param("2001-01-04T23:00:00Z", "2001-01-05", id="midnight-of-berlin-in-utc"),
        pytest.param("2001-07-04T22:00:00Z", "2001-07-05", id="the-same-in-summer"),
        pytest.param("2001-07-04T23:00:00Z", "2001-07-05", id="by-a-program-that-knows-no-summer-time"),
        pytest.param("2001-01-04T22:00:00.000Z", "2001-01-05", id="by-a-program-that-knows-no-winter"),
        pytest.param("1946-06-30T22:00:00Z", "1946-07-01", id="summer-time-long-ago"),
        pytest.param("2001-01-05T01:00:00+02:00", "2001-01-05", id="midnight-of-berlin-in-helsinki"),
        pytest.param("2001-01-04T18:00-0500", "2001-01-05", id="midnight-of-berlin-in-new-york"),
        pytest.param("2001-01-05T00:00:00-05:00", "2001-01-05", id="midnight-of-its-own-clock"),
        pytest.param("0001-01-01T00:00:00Z", None, id="empty-date-of-dotnet-with-zone"),
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
        pytest.param("2001-01-04T20:00:00Z", id="a-moment-that-began-no-day"),
        pytest.param("2001-01-04T23:00:01Z", id="a-second-into-the-day"),
        pytest.param("0001-01-01T00:30:00+14:00", id="before-the-calendar-begins"),
        pytest.param("2001-01-04T25:00:00Z", id="no-such-hour"),
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
