"""JSON of callers."""

import json

import pytest

from syncapp.core.proxy.bodies import MAX_DEPTH, read_body
from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.spelling.storable import json_as_it_came

BAD = {
    "nothing": b"",
    "half": b'{"a":',
    "not UTF-8": b'{"a": "\xff"}',
    "not a number": b'{"a": NaN}',
    "endless": b'{"a": Infinity}',
    "larger than any number": b'{"a": 1e999}',
    "thousands of digits": b'{"a": ' + b"9" * 5000 + b"}",
    "a text": b'"text"',
    "null": b"null",
    "too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "so deep that the reader gives up": b"[" * 100_000,
    "two objects": b"{}{}",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_body(name):
    with pytest.raises(ProxyRefusal) as refused:
        read_body(BAD[name])
    assert refused.value.code == Code.BAD_BODY


@pytest.mark.parametrize("body", [{}, [], {"a": [1, 2.5, None, True, "ü"]}, {"ä": {"b": {}}}])
def test_good_body(body):
    assert read_body(json.dumps(body).encode()) == body


def test_half_a_character_is_in_its_storable_form_and_goes_out_as_it_came():
    raw = rb'{"tlf": "x \ud83d", "a\u0000": "\udc00"}'
    body = read_body(raw)
    json.dumps(body, ensure_ascii=False).encode()
    assert json.loads(json_as_it_came(json.dumps(body, ensure_ascii=False))) == json.loads(raw)


def test_as_deep_as_may_be():
    raw = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert read_body(raw) == json.loads(raw)


def test_a_name_that_stands_twice_counts_once():
    assert read_body(b'{"anwalt": "SB", "anwalt": "RO"}') == {"anwalt": "RO"}
