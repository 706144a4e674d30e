"""Makes what a request carries into values, or refuses the first that cannot be one.

Two steps as in EspoCRM: `sanitise` trims and coerces (PHP's habits: a list becomes "Array"), `validate` checks what is
left, in the order of the field table. A further field type is a row in SANITISERS and one in RULES.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from sandbox.espocrm import contact_points
from sandbox.espocrm.answers import InvalidField
from sandbox.espocrm.clock import FORMAT
from sandbox.espocrm.entities import CONTACT_TYPES, LINK_TYPES, EntityType, FieldDefinition

Body = Mapping[str, object]
Values = dict[str, object]
INT_MAX = 2**31 - 1
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATETIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?")


def sanitise(entity: EntityType, body: Body) -> Values:
    """The writable attributes of the body, coerced. Unknown and read-only ones are left out without a word."""
    values: Values = {}
    for row in entity.writable():
        if row.type in CONTACT_TYPES:
            values.update(contact_points.sanitise(contact_points.KINDS[row.type], body))
        elif row.type in LINK_TYPES:
            if f"{row.name}Id" in body:
                values[f"{row.name}Id"] = body[f"{row.name}Id"] or None
        elif row.name in body:
            values[row.name] = SANITISERS[row.type](body[row.name])
    return values


def validate(entity: EntityType, values: Values, *, creating: bool) -> None:
    for row in entity.writable():
        if row.type in CONTACT_TYPES:
            rule = contact_points.fault(contact_points.KINDS[row.type], values)
        elif row.name in values or creating:
            rule = _fault(row, values.get(row.name), present=row.name in values)
        else:
            continue
        if rule:
            raise InvalidField(entity.name, row.name, rule)


def _fault(row: FieldDefinition, value: object, *, present: bool) -> str | None:
    if row.required and value is None:
        return "required"
    if not present:
        return None
    return RULES[row.type](row, value)


def text(value: object) -> str | None:
    """PHP's conversion to a string, trimmed; nothing left is null."""
    return as_string(value).strip() or None


def as_string(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, list):
        return "Array"
    if isinstance(value, dict):
        return "Object"
    return str(value)


def _long_text(value: object) -> str | None:
    return as_string(value) or None


def _integer(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", value):
        return int(value)
    if isinstance(value, float):
        return int(value)
    return None if value == "" else value


def _datetime(value: object) -> object:
    """ISO 8601 with a zone becomes UTC in EspoCRM's spelling; all else is left for the rule to judge."""
    if isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.astimezone(UTC).strftime(FORMAT) if moment.tzinfo else value
    return None if value == "" else value


def _same(value: object) -> object:
    return value


# Fields with the pattern $noBadCharacters.
NAMES = frozenset({"name", "firstName", "lastName"})
BAD_CHARACTERS = frozenset("<>=")
SANITISERS: dict[str, Callable[[object], object]] = {
    "varchar": text,
    "text": _long_text,
    "int": _integer,
    "datetime": _datetime,
    "date": _same,
    "enum": _same,
    "bool": _same,
}


def _check_text(row: FieldDefinition, value: object) -> str | None:
    if row.max_length and len(str(value or "")) > row.max_length:
        return "maxLength"
    return "pattern" if row.name in NAMES and BAD_CHARACTERS.intersection(str(value or "")) else None


def _check_integer(row: FieldDefinition, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        return "valid"
    return None if -INT_MAX - 1 <= value <= INT_MAX else "rangeInternal"


def _check_datetime(row: FieldDefinition, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not DATETIME.fullmatch(value):
        return "valid"
    return None if real_moment(value if len(value) > 16 else f"{value}:00") else "valid"


def _check_date(row: FieldDefinition, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return "valid"
    try:
        date.fromisoformat(value)
    except ValueError:
        return "valid"
    return None


def _check_enum(row: FieldDefinition, value: object) -> str | None:
    return None if ("" if value is None else value) in row.options else "valid"


def _no_check(row: FieldDefinition, value: object) -> str | None:
    return None


RULES: dict[str, Callable[[FieldDefinition, object], str | None]] = {
    "varchar": _check_text,
    "text": _check_text,
    "int": _check_integer,
    "datetime": _check_datetime,
    "date": _check_date,
    "enum": _check_enum,
    "bool": _no_check,
}


def real_moment(value: str) -> bool:
    try:
        datetime.strptime(value, FORMAT)
    except ValueError:
        return False
    return True
