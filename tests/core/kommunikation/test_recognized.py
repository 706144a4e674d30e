"""Numbers without their plus or their zero: which number an entry is, where its text alone does not say."""

import pytest

from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.shapes import ContactPlan, Entry, Facts, Item, Link, LinkBase, ReportCode, Variant
from tests.core.kommunikation.test_tables import codes, entry, item, link, link_of, phones, planned, variants

VIENNA, BARE_VIENNA = "+436641234567", "436641234567"
# Duesseldorf's, or one of a town whose area code begins with the digits of Germany's own code.
WITH_CODE, WITH_ZERO, BARE = "+492112345", "+49492112345", "492112345"
TOLD = (ReportCode.read_as_international, 1)


def held_by_the_entry(made: ContactPlan, entry_id: int = 1) -> str:
    base = link_of(made, entry_id).base
    assert base is not None
    assert base.key == base.espo
    return base.key


@pytest.mark.parametrize(
    "shown, tlf, number",
    [
        ([VIENNA], BARE_VIENNA, VIENNA),
        ([WITH_CODE], BARE, WITH_CODE),
        ([WITH_ZERO], BARE, WITH_ZERO),
        ([VIENNA], f"{BARE_VIENNA:>250}", VIENNA),
    ],
    ids=["no number of this country", "as a number with its code", "as a number without its zero", "as long as a text"],
)
def test_the_number_that_espocrm_shows_is_meant(shown: list[str], tlf: str, number: str) -> None:
    made = planned([item(one) for one in shown], [entry(1, tlf)], [])
    assert (variants(made), codes(made), phones(made)) == ([(Variant.match, 1)], [], None)
    assert held_by_the_entry(made) == number


def test_by_the_digits_of_the_installation_s_own_region() -> None:
    made = planned([item("+41442112345")], [entry(1, "41442112345")], [], facts=Facts(region="CH"))
    assert variants(made) == [(Variant.match, 1)]


def test_of_two_that_are_shown_the_first_reading_counts_and_the_other_gets_an_entry() -> None:
    made = planned([item(WITH_CODE), item(WITH_ZERO)], [entry(1, BARE)], [])
    assert variants(made) == [(Variant.add_entry, None), (Variant.match, 1)]
    assert held_by_the_entry(made) == WITH_CODE


def test_an_entry_that_names_its_country_tells_what_the_other_is() -> None:
    made = planned([], [entry(1, BARE_VIENNA), entry(2, "+43 664 1234567")], [])
    assert (phones(made), codes(made)) == ([VIENNA], [])
    assert [held_by_the_entry(made, number) for number in (1, 2)] == [VIENNA, VIENNA]


def test_an_entry_of_this_country_tells_nothing_of_another() -> None:
    made = planned([], [entry(1, BARE), entry(2, "0492112345")], [])
    assert (phones(made), codes(made)) == ([WITH_CODE, WITH_ZERO], [TOLD])


def test_what_espocrm_shows_comes_before_what_an_entry_names() -> None:
    made = planned([item("0211 2345")], [entry(1, BARE), entry(2, WITH_CODE)], [])
    base = link_of(made, 1).base
    assert base is not None
    assert (base.espo, base.key) == ("0211 2345", WITH_CODE)


def test_nothing_known_it_is_read_and_somebody_is_told() -> None:
    made = planned([], [entry(1, BARE)], [])
    assert (phones(made), codes(made)) == ([WITH_CODE], [TOLD])
    (report,) = made.reports
    assert report.params == {"carried": WITH_CODE}


@pytest.mark.parametrize(
    "other", [entry(2, "erika@example.org"), entry(2, "0211 777777")], ids=["an address", "a number of one reading"]
)
def test_only_the_doubtful_one_is_told_of(other: Entry) -> None:
    assert codes(planned([], [entry(1, BARE), other], [])) == [TOLD]


def test_the_digits_of_an_address_are_no_number() -> None:
    made = planned([item(f"{BARE}@example.org")], [entry(1, BARE)], [])
    assert (phones(made), codes(made)) == ([WITH_CODE], [TOLD])


@pytest.mark.parametrize(
    "tlf", [f"{BARE_VIENNA} abends", f"{BARE_VIENNA:>251}"], ids=["with words", "longer than any number"]
)
def test_a_text_that_is_more_than_a_number_is_nobody_s(tlf: str) -> None:
    made = planned([item(VIENNA)], [entry(1, tlf)], [])
    assert variants(made) == [(Variant.add_entry, None)]
    assert codes(made) == [(ReportCode.not_representable, 1)]


def test_an_entry_that_is_what_it_was_is_not_taken_for_another() -> None:
    """EspoCRM's item was changed to the other reading: its change is carried, not seen in the old text."""
    made = planned([item(WITH_ZERO)], [entry(1, BARE)], [link(1, WITH_CODE)])
    assert variants(made) == [(Variant.change_entry, 1)]


def test_an_item_that_a_link_calls_by_another_item_s_number_stays_itself() -> None:
    """Whatever the link says, two values never become one."""
    spelled = Link(
        1, 1, base=LinkBase(Medium.phone, WITH_CODE, espo="0211 99999", advo="0211 99999"), item_type="Office"
    )
    for items in (
        [item(WITH_CODE, primary=True), item("0211 99999")],
        [item(WITH_CODE), item("0211 99999", primary=True)],
    ):
        made = planned(items, [entry(1, "0211 99999")], [spelled])
        assert Variant.add_entry in [variant for variant, _entry in variants(made)]


def test_no_marker_is_no_marker_of_an_empty_number() -> None:
    assert planned([], [entry(1, None)], [], facts=Facts(links_known=False)).links_after[0].base is None


def test_email_items_have_no_reading() -> None:
    shown = Item(Medium.email, "a@example.org")
    made = planned([shown], [entry(1, "A@EXAMPLE.ORG")], [])
    assert variants(made) == [(Variant.match, 1)]
