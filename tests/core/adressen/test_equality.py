"""When two addresses are one: equal pairs, unequal pairs, and those that only people can tell."""

import pytest

from syncapp.core.adressen.markers import marked, named_item, user_text
from syncapp.core.adressen.shapes import Address, AddressFacts
from syncapp.core.adressen.sight import Sight
from syncapp.core.adressen.spelling.countries import COUNTRIES, country_code, german_name
from syncapp.core.adressen.spelling.equality import AddressForm, form_of, is_similar
from tests.core.adressen.world import TODAY

A = Address


def of(text: str) -> Address:
    strasse, plz, ort, *land = text.split("|")
    return Address(strasse, plz, ort, land[0] if land else "")


EQUAL = (
    ("Hauptstraße 5|30159|Hannover", "Hauptstr. 5|30159|Hannover"),
    ("HAUPTSTRASSE 5|30159|HANNOVER", "Hauptstr 5|30 159|hannover"),
    ("Große Berg-Straße 5 a|30159|Hannover", "Grosse Berg-Str.5a|D-30159|Hannover"),
    ("Wallstr. 5 - 7|30159|Hannover|Deutschland", "Wallstraße 5–7|30159|Hannover"),
    ("Goethepl. 1|60311|Frankfurt (Main)", "Goetheplatz 1|60311|Frankfurt Main"),
    ("Straße des 17. Juni 135|10623|Berlin", "Str. des 17. Juni 135|DE-10623|Berlin"),
    ("Postfach 12 34|30001|Hannover", "Postfach 1234|30001|Hannover"),
    ("c/o Meier\nHauptstr. 5|30159|Hannover", "c/o Meier, Hauptstr. 5|30159|Hannover"),
    ("Packstation 123|30159|Hannover", "PACKSTATION  123|30159|Hannover"),
    ("Ring 1|A-1010|Wien|Austria", "Ring 1|1010|Wien|Österreich"),
    ("Bahn\u00adhofstr. 3|8001|Zürich|CH", "Bahnhofstrasse 3.|CH-8001|Zürich|Schweiz"),
    ("Weg 5 / 1|30159|Hannover", "Weg 5/1|30159|Hannover"),
    ("Ｗall 1|30159|Hannover", "Wall 1|30159|Hannover"),
    ("Mu\u0308hlenweg 1|30159|Hannover", "Mühlenweg 1|30159|Hannover"),
)
UNEQUAL = (
    ("Q 1, 4|68161|Mannheim", "Q 14|68161|Mannheim"),
    ("Weg 5/1|30159|Hannover", "Weg 5 1|30159|Hannover"),
    ("Weg 5|30159|Hannover", "Weg 5a|30159|Hannover"),
    ("Ring 1|1010|Wien|AT", "Ring 1|1010|Wien"),
    ("Müllerweg 1|30159|Hannover", "Muellerweg 1|30159|Hannover"),
    ("Weg 5|30159|Hannover", "Weg 5|30161|Hannover"),
    ("Weg 5|60311|Frankfurt a. M.", "Weg 5|60311|Frankfurt"),
    ("Postfach 1|30159|Hannover", "Weg 1|30159|Hannover"),
    ("Straßenbahnring 5|20251|Hamburg", "Strenbahnring 5|20251|Hamburg"),
    ("Weg 5|30159|Hannover", "Weg 5|30159|Hamburg"),
    ("Weg 5-7|30159|Hannover", "Weg 57|30159|Hannover"),
    ("Weg 5|D-30159|Hannover|Frankreich", "Weg 5|30159|Hannover"),
)
SIMILAR = (
    ("Weg 5|30159|Hannover", "Weg 7|30159|Hannover"),
    ("Weg|30159|Hannover", "Weg 7-9|30159|Hannover"),
    ("Weg 5|30159|Hannover", "Weg 5||Hannover"),
    ("Weg 5|30159|Hannover", "Weg 5|30161|Hannover"),
    ("Müllerweg 1|30159|Köln", "Muellerweg 1|30159|Koeln"),
    ("Ring 1|1010|Wien|AT", "Ring 1|1010|Wien"),
    ("Postfach 1234|30001|Hannover", "Postfach 1234|30159|Hannover"),
    ("Ring 1|1010|Wien|AT", "Ring 1|1010|Wien|CH"),
)
STRANGE = (
    ("Weg 5|30159|Hannover", "Allee 5|30159|Hannover"),
    ("Weg 5|30159|Hannover", "Weg 5|30159|Hannover"),
    ("|30159|Hannover", "|30159|Hamburg"),
    ("Weg 5||Hannover", "Weg 7||Hannover"),
    ("Ring 1|1010|Wien|AT", "Gasse 1|1010|Wien"),
)


@pytest.mark.parametrize("one, other", EQUAL)
def test_equal(one: str, other: str) -> None:
    assert form_of(of(one), home="DE") == form_of(of(other), home="DE")


@pytest.mark.parametrize("one, other", UNEQUAL)
def test_unequal(one: str, other: str) -> None:
    assert form_of(of(one), home="DE") != form_of(of(other), home="DE")


@pytest.mark.parametrize("one, other", SIMILAR)
def test_similar(one: str, other: str) -> None:
    assert is_similar(of(one), of(other), home="DE")
    assert is_similar(of(other), of(one), home="DE")


@pytest.mark.parametrize("one, other", STRANGE)
def test_not_similar(one: str, other: str) -> None:
    assert not is_similar(of(one), of(other), home="DE")


def test_form() -> None:
    assert form_of(of("Haupt-Straße 5 a|D-30 159|Frankfurt (Oder)|"), home="AT") == AddressForm(
        "haupt str 5a", "30159", "frankfurt oder", "AT"
    )


def test_postfach_of_its_own_field_is_the_one_of_the_street_line() -> None:
    own = A(postfach="12 34", postfach_plz="30001", plz="30159", ort="Hannover")
    assert form_of(own, home="DE") == form_of(A("Postfach 1234", "30001", "Hannover"), home="DE")
    beside = A("Weg 5", "30159", "Hannover", postfach="Postfach 1234", postfach_plz="30001")
    assert form_of(beside, home="DE") == AddressForm("weg 5", "30159", "hannover", "DE", "1234", "30001")
    assert form_of(A("Weg 5", "30159", postfach_plz="30001"), home="DE").postfach_code == ""


@pytest.mark.parametrize(
    "text, code",
    [
        ("", "DE"),
        ("  ", "DE"),
        ("Germany", "DE"),
        ("D", "DE"),
        ("deu", "DE"),
        ("ÖSTERREICH", "AT"),
        ("Vereinigtes  Königreich", "GB"),
        ("A.", "AT"),
        ("Atlantis", "atlantis"),
    ],
)
def test_country(text: str, code: str) -> None:
    assert country_code(text, home="DE") == code


def test_each_word_means_one_country() -> None:
    words = [word.casefold() for iso, names in COUNTRIES.items() for word in (iso, *names)]
    doubled = {word for word in words if words.count(word) > 1}
    assert doubled == set()
    assert all(len(iso) == 2 and len(names[0]) == 3 for iso, names in COUNTRIES.items())
    assert (german_name("AT"), german_name("XX")) == ("Österreich", None)


@pytest.mark.parametrize(
    "remark, item, text",
    [
        ("[ESPOCRM-ID:5a0] oben links", "5a0", "oben links"),
        ("EspoCRM-ID: 5a0", "5a0", ""),
        ("vorher espocrm-id:5a0 nachher", "5a0", "vorher nachher"),
        ("[ EspoCRM-Id : rec:billingAddress ]", "rec:billingAddress", ""),
        ("ohne  Marke", None, "ohne  Marke"),
        ("", None, ""),
        ("[ESPOCRM-ID:]", None, "[ESPOCRM-ID:]"),
    ],
)
def test_markers(remark: str, item: str | None, text: str) -> None:
    assert (named_item(remark), user_text(remark)) == (item, text)


def test_a_marker_stands_first() -> None:
    assert marked("5a0", "oben") == "[ESPOCRM-ID:5a0] oben"
    assert marked("5a0", "") == "[ESPOCRM-ID:5a0]"


def test_one_line() -> None:
    assert A("c/o Meier \n\n Weg 5").street_line == "c/o Meier, Weg 5"


class TestSight:
    def sight(self, *names: str) -> Sight:
        return Sight(AddressFacts(today=TODAY, carried=frozenset(names)))

    def test_a_hidden_postfach_is_not_moved_by_a_new_street(self) -> None:
        sight = self.sight("strasse", "plz", "ort")
        entry = A("Weg 5", "30159", "Hannover", postfach="1234", postfach_plz="30001")
        assert sight.place(entry) == A("Weg 5", "30159", "Hannover")
        assert not sight.mixes(A("Allee 9", "30159", "Hannover"), entry)

    def test_a_postfach_shown_as_street_cannot_become_a_street(self) -> None:
        sight = self.sight("strasse", "plz", "ort")
        entry = A(postfach="1234", postfach_plz="30001", ort="Hannover")
        assert sight.place(entry) == A("Postfach 1234", "30001", "Hannover")
        assert sight.mixes(A("Allee 9", "30159", "Hannover"), entry)

    def test_a_country_that_espocrm_has_no_field_for_is_not_compared(self) -> None:
        sight = self.sight("strasse", "plz", "ort")
        assert sight.same(A("Ring 1", "1010", "Wien", "AT"), A("Ring 1", "1010", "Wien"))

    def test_what_an_item_would_hold(self) -> None:
        from syncapp.core.adressen.shapes import AddressEntry

        sight = self.sight("strasse", "plz", "ort", "aktiv", "bemerkung", "gueltig_bis")
        entry = A("Weg 5", gueltig_bis="2026-11-27", standard=True, bemerkung="[ESPOCRM-ID:x] oben", anschrift="Block")
        shown = A("Weg 5", aktiv=False, gueltig_bis="2026-11-27", bemerkung="oben")
        assert sight.visible(AddressEntry(1, entry)) == shown
        assert not sight.is_expired(A(gueltig_bis="2026-11-28"))
