"""What EspoCRM's refusal of one field means for whoever has to correct it; our own rules are in test_field_table.py."""

import pytest

from syncapp.core.beteiligte.field_table import Side
from syncapp.core.beteiligte.validation import THEIR_RULES, Fault, refused_by_espocrm


@pytest.mark.parametrize(
    "value, pattern, rule, characters",
    [
        pytest.param("Meyer <Nord>", None, "bad_characters", "<>", id="brackets"),
        pytest.param("a=b=c", "$noBadCharacters", "bad_characters", "=", id="each-named-once"),
        pytest.param("a & b.", "$noAsciiSpecialCharacters", "bad_characters", "&.", id="by-the-metadata"),
        pytest.param("Meyer", None, "pattern_there", "", id="none-of-those-that-are-known"),
        pytest.param("<b>", "[a-z]+", "pattern_there", "", id="a-pattern-of-the-installation"),
        pytest.param(None, None, "pattern_there", "", id="empty"),
    ],
)
def test_pattern(value: str | None, pattern: str | None, rule: str, characters: str) -> None:
    found = refused_by_espocrm("name", value, rule="pattern", pattern=pattern)
    assert (found.rule, found.characters, found.side) == (rule, characters, Side.advoware)


@pytest.mark.parametrize(
    "theirs, ours",
    [*THEIR_RULES.items(), ("valid", "refused_there"), ("anything", "refused_there"), (None, "refused_there")],
)
def test_other_rules(theirs: str | None, ours: str) -> None:
    assert refused_by_espocrm("titel", "x", rule=theirs) == Fault("titel", ours, side=Side.advoware)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fault, kept",
    [
        (Fault("name", "required"), {"field": "name", "rule": "required", "limit": None, "side": "espocrm"}),
        (
            Fault("rechtsform", "unknown_rechtsform", near=("GmbH",)),
            {"field": "rechtsform", "rule": "unknown_rechtsform", "limit": None, "side": "espocrm", "near": ["GmbH"]},
        ),
        (
            refused_by_espocrm("name", "<", rule="pattern"),
            {"field": "name", "rule": "bad_characters", "limit": None, "characters": "<", "side": "advoware"},
        ),
    ],
)
def test_as_a_record_keeps_it(fault: Fault, kept: dict[str, object]) -> None:
    assert fault.as_json() == kept
