"""The marker grammar: what is written, what is read back, and what is nobody's marker but the user's own text."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.markers import Marker, Marks, SlotMarker
from syncapp.core.spelling.storable import storable


def render_marker(value: str, komm_kz: int, user_text: str) -> str:
    """A remark for a value: the marker first, the user's text after it."""
    return Marks(after=user_text).rewritten(Marker(value, komm_kz))


def render_slot(komm_kz: int, user_text: str) -> str:
    return Marks(after=user_text).rewritten(SlotMarker(komm_kz))


def packed(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


A = f"[ESPOCRM:{packed('+4951112345')}:3]"
B = f"[ESPOCRM:{packed('b@example.org')}:4]"

# Within the system every value is storable: what comes in from outside is made so before it is anything else.
values = st.text(min_size=1).filter(str.strip).map(storable)
komm_kzs = st.integers(1, 12)
# Brackets are left out only where a text could itself be a marker; the malformed ones have tests of their own below.
user_texts = st.text().filter(lambda text: markers.parse(text).found is None)


# --- writing and reading


def test_marker_is_written_as_the_earlier_system_did() -> None:
    assert render_marker("+4951112345", 3, "") == "[ESPOCRM:KzQ5NTExMTIzNDU=:3]"
    assert render_slot(7, "") == "[ESPOCRM-SLOT:7]"


def test_marker_stands_first_and_the_users_text_after_it() -> None:
    assert render_marker("+4951112345", 3, "Sekretariat") == f"{A} Sekretariat"
    assert render_slot(3, "Sekretariat") == "[ESPOCRM-SLOT:3] Sekretariat"


@given(values, komm_kzs, user_texts)
def test_marker_round_trip(value: str, komm_kz: int, text: str) -> None:
    marks = markers.parse(render_marker(value, komm_kz, text))
    assert marks.marker == Marker(value, komm_kz)
    assert marks.user_text == text


@given(komm_kzs, user_texts)
def test_slot_round_trip(komm_kz: int, text: str) -> None:
    marks = markers.parse(render_slot(komm_kz, text))
    assert marks.slot == SlotMarker(komm_kz)
    assert marks.user_text == text


@given(st.text())
def test_any_text_can_be_read_and_what_is_no_marker_is_kept_to_the_letter(text: str) -> None:
    marks = markers.parse(text)
    if marks.found is None:
        assert marks.user_text == text
        assert markers.strip(text) == text


@given(user_texts, user_texts, values, values)
def test_rewriting_changes_nothing_but_the_marker(before: str, after: str, old: str, new: str) -> None:
    remark = before + Marker(old, 3).text + after
    marks = markers.parse(remark)
    if marks.found == Marker(old, 3) and marks.before == before:
        assert marks.rewritten(Marker(new, 3)) == before + Marker(new, 3).text + after


# --- what a marker may hold


@pytest.mark.parametrize(
    "value", ["müller@bücher.example", "☎ 0511", "x" * 5000, "zwei\nZeilen", " +49 511 1 ", "\ud800", "a\x00b"]
)
def test_odd_values_survive(value: str) -> None:
    assert markers.parse(render_marker(value, 10, "Text")).marker == Marker(storable(value), 10)


def test_half_a_character_in_an_older_marker_can_be_stored_and_stays_what_it_is() -> None:
    packed = base64.b64encode("a\ud800".encode("utf-8", "surrogatepass")).decode()
    remark = f"[ESPOCRM:{packed}:10] Text"
    found = markers.parse(remark).marker
    assert found is not None
    found.value.encode()
    assert render_marker(found.value, 10, "Text") == remark


def test_empty_and_missing_remarks() -> None:
    assert markers.parse(None) == markers.parse("") == Marks()
    assert markers.strip(None) == ""


# --- what is no marker


@pytest.mark.parametrize(
    "remark",
    [
        "[ESPOCRM:***:3]",  # no base64
        "[ESPOCRM:KzQ5NTExMTIzNDU:3]",  # base64 cut short
        "[ESPOCRM:Kz=Q:3]",  # padding in the middle
        f"[ESPOCRM:{base64.b64encode(bytes([0xFF, 0xFE])).decode()}:3]",  # no UTF-8
        f"[ESPOCRM:{packed('  ')}:3]",  # nothing in it
        "[ESPOCRM::3]",
        f"[ESPOCRM:{packed('a')}:0]",
        f"[ESPOCRM:{packed('a')}:13]",
        f"[ESPOCRM:{packed('a')}:drei]",
        f"[ESPOCRM:{packed('a')}:]",
        f"[ESPOCRM:{packed('a')}:-1]",
        f"[ESPOCRM:{packed('a')}:03]",
        f"[ESPOCRM:{packed('a')}]",
        f"[espocrm:{packed('a')}:3]",
        f"(ESPOCRM:{packed('a')}:3)",
        f"{{ESPOCRM:{packed('a')}:3}}",
        f"[ESPOCRM: {packed('a')}:3]",
        f"[ESPOCRM:{packed('a')}\n:3]",
        f"[ESPOCRM:{packed('a')[:2]}\n{packed('a')[2:]}:3]",
        f"[ESPOCRM:{packed('a')}:3",
        "[ESPOCRM-SLOT:0]",
        "[ESPOCRM-SLOT:13]",
        "[ESPOCRM-SLOT:x]",
        "[ESPOCRM-SLOT]",
        "[espocrm-slot:3]",
    ],
)
def test_malformed_marker_is_the_users_text(remark: str) -> None:
    marks = markers.parse(f"vor {remark} nach")
    assert marks.found is None
    assert marks.user_text == f"vor {remark} nach"
    assert marks.rewritten(Marker("+4951112345", 3)) == f"{A} vor {remark} nach"


# --- several markers, and markers where people put them


def test_marker_in_the_middle_of_user_text_stays_in_its_place() -> None:
    marks = markers.parse(f"nur {A} vormittags")
    assert marks.marker == Marker("+4951112345", 3)
    assert marks.user_text == "nur vormittags"
    assert marks.rewritten(Marker("b@example.org", 4)) == f"nur {B} vormittags"


def test_of_two_markers_the_first_counts_and_a_rewrite_drops_the_other() -> None:
    marks = markers.parse(f"vor {A} zwischen {B} nach")
    assert marks.marker == Marker("+4951112345", 3)
    assert marks.rewritten(SlotMarker(3)) == "vor [ESPOCRM-SLOT:3] zwischen nach"
    assert marks.user_text == "vor zwischen nach"


def test_of_two_markers_the_first_decodable_counts() -> None:
    broken = "[ESPOCRM:***:3]"
    marks = markers.parse(f"{broken} {B} Text")
    assert marks.marker == Marker("b@example.org", 4)
    assert marks.user_text == f"{broken} Text"


def test_slot_marker_before_a_marker_counts() -> None:
    marks = markers.parse(f"[ESPOCRM-SLOT:2] {A}")
    assert marks.slot == SlotMarker(2)
    assert marks.marker is None


def test_line_breaks_of_the_user_are_kept() -> None:
    remark = render_marker("+4951112345", 3, "erste\r\n\r\nzweite  Zeile \n")
    assert markers.strip(remark) == "erste\r\n\r\nzweite  Zeile \n"


# --- did the remark arrive


@pytest.mark.parametrize(
    "sent, kept, same",
    [
        (f"{A} Text", f"{A} Text", True),
        (f"{A} Text  ", f"{A} Text", True),
        ("erste\nzweite", "erste\r\nzweite", True),
        (f"{A} B\u00fcro", f"{A} Bu\u0308ro", True),
        ("", None, True),
        (f"{A} Text", f"{A} Te", False),
        (f"{A} Text", "", False),
        (f"{A} Text", None, False),
    ],
)
def test_same_remark(sent: str, kept: str | None, same: bool) -> None:
    assert markers.same_remark(sent, kept) is same


def test_a_long_remark_is_read_in_linear_time() -> None:
    remark = "[ESPOCRM:" * 20_000 + "A" * 100_000
    assert markers.parse(remark).found is None


# --- several marks in one remark

BROKEN = "[ESPOCRM:AAA:1]"
SEVERAL = {
    "one": (f"vor {A} nach", "vor nach"),
    "two": (f"{A} eins {B} zwei", "eins zwei"),
    "three, and the text between all of them": (f"{A} eins {B} zwei {B} drei", "eins zwei drei"),
    "one that cannot be decoded before one that can": (f"{BROKEN} {A} eins", f"{BROKEN} eins"),
    "one that cannot be decoded between two that can": (f"{A} eins {BROKEN} {B} zwei", f"eins {BROKEN} zwei"),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_the_first_that_can_be_decoded_counts_and_all_text_around_is_kept(name: str) -> None:
    remark, text = SEVERAL[name]
    marks = markers.parse(remark)
    assert marks.found == Marker("+4951112345", 3)
    assert marks.user_text == text
