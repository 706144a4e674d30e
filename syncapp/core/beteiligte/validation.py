"""Why a value must not be written: every fault of the master data, with the field and the side that it stands on.

Purpose: one list of rules for runs and previews; and what EspoCRM's refusal of a single field means.
Invariant: pure; all faults are found at once, in the order of the field table; nothing is cut to fit. A fault names
field, side, numbers and characters, never the value. Faults of what stands in EspoCRM stop the whole write; those of
what stands in Advoware hold back their own field alone (entities/beteiligte/check.py).
To extend: a rule is a member of Rule, a line in `validate`, and a sentence in `syncapp/words/sentences.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from syncapp.core import values as normal
from syncapp.core.beteiligte import legal_forms
from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.sides import Side, Values
from syncapp.core.spelling.storable import unsendable

Rule = Literal[
    "required",
    "max_length",
    "unsendable",
    "unknown_rechtsform",
    "no_real_date",
    "future_date",
    "no_betnr",
    "bad_characters",
    "pattern_there",
    "too_long_there",
    "required_there",
    "refused_there",
]
# EspoCRM's rules by the type that its refusal names; any other is told without its reason.
THEIR_RULES: Mapping[str, Rule] = {"maxLength": "too_long_there", "required": "required_there"}
# What its patterns for names forbid, by their names in its metadata.
DEFAULT_PATTERN = "$noBadCharacters"
FORBIDDEN = {
    DEFAULT_PATTERN: "<>=",
    "$noAsciiSpecialCharacters": "`~!@#$%^&*()_+={}[]|\\:;\"'<,>.?",
}


@dataclass(frozen=True)
class Fault:
    """One reason why a value must not be written, for a message that a clerk can act on."""

    field: str
    rule: Rule
    limit: int | None = None
    # What may have been meant, of a list that is known.
    near: tuple[str, ...] = ()
    # Those at fault, each once.
    characters: str = ""
    # Where the value stands, and so has to be corrected; not where it was to go.
    side: Side = Side.espocrm

    def as_json(self) -> dict[str, object]:
        """As records keep it and sentences tell it; what says nothing is left out."""
        more: dict[str, object] = {"near": list(self.near)} if self.near else {}
        more |= {"characters": self.characters} if self.characters else {}
        return {"field": self.field, "rule": self.rule, "limit": self.limit, "side": self.side.value, **more}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Fault":
        return cls(**{**kept, "near": tuple(kept.get("near", ())), "side": Side(kept["side"])})


def validate(
    values: Values,
    *,
    fieldmap: FieldMap,
    side: Side,
    rechtsformen: frozenset[str] | None,
    today: date,
    complete: bool = False,
) -> list[Fault]:
    """Every fault of what is about to be written to `side`, in the order of the table.

    rechtsformen: Advoware's list, None where it could not be read (then the rule is skipped; the caller alerts).
    complete: the values are a whole new record, so that an absent required field is a fault too.
    """
    faults: list[Fault] = []
    for row in fieldmap.rows:
        value = values.get(row.key)
        if value is None:
            if row.required and (complete or row.key in values):
                faults.append(Fault(row.key, "required"))
            continue
        if unsendable(value):
            faults.append(Fault(row.key, "unsendable"))
        if row.max_length is not None and len(value) > row.max_length:
            faults.append(Fault(row.key, "max_length", row.max_length))
        if row.kind == "date":
            faults += _date_faults(row.key, value, today)
        if row.key == "rechtsform" and side == Side.advoware and rechtsformen is not None:
            faults += _form_faults(row.key, value, rechtsformen)
    return [replace(fault, side=side.other) for fault in faults]


def in_advowares_spelling(values: Values, rechtsformen: frozenset[str] | None) -> Values:
    """What is about to be written to Advoware, with the legal form as its list spells it."""
    form = values.get("rechtsform")
    if form is None or not rechtsformen:
        return values
    return {**values, "rechtsform": legal_forms.spelled(form, rechtsformen)}


def _form_faults(key: str, value: str, known: frozenset[str]) -> list[Fault]:
    if legal_forms.spelled(value, known) in known:
        return []
    return [Fault(key, "unknown_rechtsform", near=legal_forms.nearest(value, known))]


def _date_faults(key: str, value: str, today: date) -> list[Fault]:
    if not normal.is_real_date(value):
        return [Fault(key, "no_real_date")]
    return [Fault(key, "future_date")] if value > today.isoformat() else []


def refused_by_espocrm(field: str, value: str | None, *, rule: str | None, pattern: str | None = None) -> Fault:
    """The fault of a value that stands in Advoware and that EspoCRM refused. rule, pattern: as EspoCRM calls them."""
    if rule == "pattern":
        forbidden = FORBIDDEN.get(pattern or DEFAULT_PATTERN, "")
        characters = "".join(sorted({letter for letter in value or "" if letter in forbidden}))
        if characters:
            return Fault(field, "bad_characters", characters=characters, side=Side.advoware)
        return Fault(field, "pattern_there", side=Side.advoware)
    return Fault(field, THEIR_RULES.get(rule or "", "refused_there"), side=Side.advoware)
