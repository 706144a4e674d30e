"""Before any write: what must not be written, every fault of it, in words that a clerk can act on.

Purpose: our own rules, and what EspoCRM's refusal of a single field means.
Invariant: a fault names field, side, numbers and characters, never the value. Faults of what goes to Advoware stop the
whole write; those of what stands in Advoware hold back their own field alone (entities/beteiligte/passes.py).
To extend: a rule is a member of Rule, a line in `validate`, and a text in words/sentences.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from syncapp.core import values as normal
from syncapp.core.beteiligte import legal_forms
from syncapp.core.beteiligte.field_table import FieldMap, Side, Values

Rule = Literal[
    "required",
    "max_length",
    "unknown_rechtsform",
    "no_real_date",
    "future_date",
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
    """One reason why a value must not be written, for a message that a clerk can act on.

    stands_in: where the value is to be corrected. near: what may have been meant, of a list that is known. characters:
    those at fault. Names, numbers and single characters only, never a value.
    """

    field: str
    rule: Rule
    limit: int | None = None
    near: tuple[str, ...] = ()
    characters: str = ""
    stands_in: Side = Side.espocrm

    def to_json(self) -> dict[str, Any]:
        """As a record keeps it; what says nothing is left out."""
        more: dict[str, Any] = {"near": list(self.near)} if self.near else {}
        more |= {"characters": self.characters} if self.characters else {}
        more |= {"stands_in": self.stands_in.value} if self.stands_in is not Side.espocrm else {}
        return {"field": self.field, "rule": self.rule, "limit": self.limit, **more}


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
        if row.max_length is not None and len(value) > row.max_length:
            faults.append(Fault(row.key, "max_length", row.max_length))
        if row.kind == "date":
            faults += _date_faults(row.key, value, today)
        if row.key == "rechtsform" and side == Side.advoware and rechtsformen is not None:
            faults += _form_faults(row.key, value, rechtsformen)
    return [replace(fault, stands_in=side.other) for fault in faults]


def in_advowares_spelling(values: Values, rechtsformen: frozenset[str] | None) -> Values:
    """What is about to be written to Advoware, with the legal form as its list spells it."""
    form = values.get("rechtsform")
    return (
        values
        if form is None or not rechtsformen
        else {**values, "rechtsform": legal_forms.spelled(form, rechtsformen)}
    )


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
        taken_for = FORBIDDEN.get(pattern or DEFAULT_PATTERN, "")
        characters = "".join(sorted({letter for letter in value or "" if letter in taken_for}))
        found = Fault(field, "bad_characters", characters=characters) if characters else Fault(field, "pattern_there")
    else:
        found = Fault(field, THEIR_RULES.get(rule or "", "refused_there"))
    return replace(found, stands_in=Side.advoware)
