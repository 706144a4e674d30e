"""Text in and out: storable everywhere, back to the letter, and what must not be sent is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.spelling.storable import (
    NotStorable,
    as_it_came,
    json_as_it_came,
    storable,
    storable_json,
    unsendable,
)

ODD = ["\x00", "a\x00b", "\ud83d", "\ude00x", "\ude00\ud83d", "\U000f0000", "\U000fd83d\U000fde00", "Müller 😀", ""]
TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(ODD) | st.lists(st.sampled_from(ODD)).map("".join)


def is_kept(text: str) -> bool:
    """Whether a database keeps it: UTF-8 without NUL."""
    text.encode()
    return "\x00" not in text


def paired(text: str) -> str:
    """As JSON reads it: two halves that stand together are one character."""
    return str(json.loads(json.dumps(text)))


@given(TEXTS)
def test_whatever_comes_in_can_be_stored_and_goes_back_to_the_letter(text: str) -> None:
    text = paired(text)
    kept = storable(text)
    assert is_kept(kept)
    assert paired(as_it_came(kept)) == text


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8))
def test_json_too(value: object) -> None:
    value = json.loads(json.dumps(value))
    kept = json.dumps(storable_json(value), ensure_ascii=False)
    assert is_kept(kept)
    assert json.loads(json_as_it_came(kept)) == value


def test_text_without_oddities_is_left_as_it_is() -> None:
    text = "Müller-Lüdenscheidt 😀\n\t"
    assert storable(text) == text
    assert not unsendable(text)
    assert not unsendable(None)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\x01", "\x0b", "\x1f", "\x7f", "\x80", "\x9f"])
def test_what_no_system_is_given(text: str) -> None:
    assert unsendable(storable(f"a{text}b"))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none(number: float) -> None:
    with pytest.raises(NotStorable):
        storable_json({"a": [number]})
    assert storable_json({"a": [number]}, lenient=True) == {"a": [None]}


def test_nested_too_deep() -> None:
    value: object = "x"
    for _level in range(300):
        value = [value]
    with pytest.raises(NotStorable):
        storable_json(value)
