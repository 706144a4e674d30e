"""EspoCRM's contact lists in a canonical form, so that two of them can be compared.

Invariant: order, missing flags and the letter case of addresses make no difference; type, primary, flags and extensions
do. A list that is longer than any that EspoCRM lets people enter is not read: it equals none.
Canonical: a sorted list of [value, type, primary, optOut, invalid]; the plain attributes hold the primary's value.
"""

from collections.abc import Mapping

from syncapp.core import values
from syncapp.core.kommunikation.shapes import EMAILS, PHONES
from syncapp.core.spelling import emails, phones

# EspoCRM takes 10, unless the installation says otherwise.
LONGEST_LIST = 100
PLAIN = {PHONES: "phoneNumber", EMAILS: "emailAddress"}


def canonical_list(name: str, rows: object, *, region: str) -> list[list[object]] | None:
    """`rows` as EspoCRM gives them; None if it is not a list."""
    if not isinstance(rows, list):
        return None
    if len(rows) > LONGEST_LIST:
        return [["? too long", len(rows)]]
    result = []
    for row in rows:
        if isinstance(row, Mapping):
            flags: list[object] = [bool(row.get(flag)) for flag in ("primary", "optOut", "invalid")]
            result.append([_value(name, row.get(PLAIN[name]), region), str(row.get("type") or ""), *flags])
    return sorted(result, key=repr)


def _value(name: str, value: object, region: str) -> str:
    try:
        text = values.text(value) or ""
    except values.NotAValue:
        return f"? {value!r}"  # no contact point equals it, so the element counts as a change
    if name == PHONES:
        return phones.normal_form(text, region, extensions=True)
    return emails.normal_form(text)


def canonical_lists(attributes: Mapping[str, object], *, region: str) -> dict[str, object]:
    """The contact attributes that are present, canonical. A plain attribute counts only without its list."""
    result: dict[str, object] = {}
    for name, plain in PLAIN.items():
        rows = canonical_list(name, attributes.get(name), region=region)
        if rows is not None:
            result[name] = rows
        elif plain in attributes:
            result[plain] = _value(name, attributes[plain], region)
    return result


def points_in(attributes: Mapping[str, object]) -> int:
    """How many phones and e-mails have to be read to compare them."""
    lists = (attributes.get(name) for name in PLAIN)
    return sum(len(rows) for rows in lists if isinstance(rows, list) and len(rows) <= LONGEST_LIST)


def known_lists(attributes: Mapping[str, object], *, region: str) -> dict[str, object]:
    """Both lists and both plain attributes, for comparing with a webhook element later on."""
    result = canonical_lists(attributes, region=region)
    for name, plain in PLAIN.items():
        rows = result.get(name)
        if isinstance(rows, list):
            result[plain] = next((row[0] for row in rows if row[2:3] == [True]), "")
    return result
