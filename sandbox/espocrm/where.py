"""Turns EspoCRM's where items into conditions of the ORM.

Invariant: text compares without letter case, as the real database does; no comparison but isNull is true of null;
filters on phoneNumber and emailAddress look at every number or address of a record. A further operator is a row in
OPERATORS.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from sandbox.espocrm import clock
from sandbox.espocrm.answers import EspoRefusal
from sandbox.espocrm.clock import FORMAT
from sandbox.espocrm.contact_points import KINDS
from sandbox.espocrm.entities import CONTACT_TYPES, LINK_TYPES, EntityType, FieldDefinition

Item = Mapping[str, Any]
TEXT_TYPES = frozenset({"varchar", "text"})


def condition(entity: EntityType, items: Sequence[Item]) -> Q:
    combined = Q()
    for item in items:
        combined &= _one(entity, item)
    return combined


def _one(entity: EntityType, item: Item) -> Q:
    kind = item.get("type")
    if kind in GROUPS:
        return GROUPS[kind](entity, item)
    if kind not in OPERATORS and kind not in USER_OPERATORS:
        raise EspoRefusal(400, f"Unknown where item type '{kind}'.")
    row = entity.filterable.get(str(item.get("attribute")))
    if row is None:
        raise EspoRefusal(400, f"Not existing attribute '{item.get('attribute')}' in where.")
    if kind in NEEDS_LIST and not (isinstance(item.get("value"), list) and item["value"]):
        raise EspoRefusal(400, f"Bad where item '{kind}'.")
    value = _converted(row, item)
    if row.type in CONTACT_TYPES:
        return _any_point(row, str(kind), value)
    return OPERATORS[str(kind)](row, value)


def _any_point(row: FieldDefinition, kind: str, value: Any) -> Q:
    contact = KINDS[row.type]
    if kind in ("isNull", "isNotNull"):
        found = Q(id__in=contact.link._default_manager.filter(primary=True).values("record"))
        return found if kind == "isNotNull" else ~found
    negative = kind in NEGATED
    operator = OPERATORS[NEGATED.get(kind, kind)]
    inner = operator(FieldDefinition("point", column=f"point__{contact.key_column}"), _point_key(contact.key, value))
    found = Q(id__in=contact.link._default_manager.filter(inner).values("record"))
    return ~found if negative else found


def _point_key(key: Callable[[str], str], value: Any) -> Any:
    return [key(str(entry)) for entry in value] if isinstance(value, list) else key(str(value))


def _converted(row: FieldDefinition, item: Item) -> Any:
    """Times in any spelling become UTC in EspoCRM's; `dateTime` with `timeZone` says that the value is local time."""
    value = item.get("value")
    if row.type != "datetime" or value is None:
        return value
    zone = ZoneInfo(str(item["timeZone"])) if item.get("dateTime") and item.get("timeZone") else UTC
    return [_utc(entry, zone) for entry in value] if isinstance(value, list) else _utc(value, zone)


def _utc(value: object, zone: Any) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).strftime(FORMAT)


def _path(row: FieldDefinition) -> str:
    return f"{row.store}_id" if row.type in LINK_TYPES else row.store


def _exact(row: FieldDefinition) -> str:
    return f"{_path(row)}__iexact" if row.type in TEXT_TYPES else _path(row)


def _equals(row: FieldDefinition, value: Any) -> Q:
    return Q(**{_exact(row): _typed(row, value)})


def _typed(row: FieldDefinition, value: Any) -> Any:
    if row.type == "int":
        try:
            return int(value)
        except (TypeError, ValueError):
            return 0
    return value


def _in(row: FieldDefinition, value: Sequence[Any]) -> Q:
    if row.type not in TEXT_TYPES:
        return Q(**{f"{_path(row)}__in": [_typed(row, entry) for entry in value]})
    found = Q(pk__in=[])
    for entry in value:
        found |= _equals(row, entry)
    return found


def _is_null(row: FieldDefinition, value: Any) -> Q:
    return Q(**{f"{_path(row)}__isnull": True})


def _is_true(row: FieldDefinition, value: Any) -> Q:
    return Q(**{_path(row): True})


def _is_false(row: FieldDefinition, value: Any) -> Q:
    return Q(**{_path(row): False})


def _lookup(name: str) -> Callable[[FieldDefinition, Any], Q]:
    return lambda row, value: Q(**{f"{_path(row)}__{name}": _typed(row, value)})


def _relative(name: str) -> Callable[[FieldDefinition, Any], Q]:
    def compare(row: FieldDefinition, value: Any) -> Q:
        moment = clock.now()
        return Q(**{f"{_path(row)}__{name}": moment if row.type == "datetime" else moment[:10]})

    return compare


def _like(row: FieldDefinition, value: Any) -> Q:
    pattern = "".join(".*" if sign == "%" else "." if sign == "_" else _escaped(sign) for sign in str(value))
    return Q(**{f"{_path(row)}__iregex": f"^{pattern}$"})


def _escaped(sign: str) -> str:
    return f"\\{sign}" if sign in r".^$*+?{}[]\|()" else sign


def _between(row: FieldDefinition, value: Sequence[Any]) -> Q:
    if len(value) < 2:
        raise EspoRefusal(400, "Bad where item 'between'.")
    return Q(**{f"{_path(row)}__gte": _typed(row, value[0]), f"{_path(row)}__lte": _typed(row, value[1])})


def _not(operator: Callable[[FieldDefinition, Any], Q]) -> Callable[[FieldDefinition, Any], Q]:
    return lambda row, value: Q(**{f"{_path(row)}__isnull": False}) & ~operator(row, value)


OPERATORS: dict[str, Callable[[FieldDefinition, Any], Q]] = {
    "equals": _equals,
    "notEquals": _not(_equals),
    "in": _in,
    "notIn": _not(_in),
    "isNull": _is_null,
    "isNotNull": lambda row, value: ~_is_null(row, value),
    "isTrue": _is_true,
    "isFalse": _is_false,
    "contains": _lookup("icontains"),
    "notContains": _not(_lookup("icontains")),
    "startsWith": _lookup("istartswith"),
    "endsWith": _lookup("iendswith"),
    "like": _like,
    "notLike": _not(_like),
    "greaterThan": _lookup("gt"),
    "lessThan": _lookup("lt"),
    "greaterThanOrEquals": _lookup("gte"),
    "lessThanOrEquals": _lookup("lte"),
    "after": _lookup("gt"),
    "before": _lookup("lt"),
    "on": _equals,
    "notOn": _not(_equals),
    "past": _relative("lt"),
    "future": _relative("gt"),
    "between": _between,
}
NEGATED = {"notEquals": "equals", "notIn": "in", "notContains": "contains", "notLike": "like"}
NEEDS_LIST = frozenset({"in", "notIn", "between"})
USER_OPERATORS = frozenset({"currentUser", "notCurrentUser"})


def _group(entity: EntityType, item: Item) -> list[Q]:
    value = item.get("value")
    if not isinstance(value, list):
        raise EspoRefusal(400, f"Bad where item '{item.get('type')}'.")
    return [_one(entity, part) for part in value]


def _and(entity: EntityType, item: Item) -> Q:
    combined = Q()
    for part in _group(entity, item):
        combined &= part
    return combined


def _or(entity: EntityType, item: Item) -> Q:
    combined = Q(pk__in=[])
    for part in _group(entity, item):
        combined |= part
    return combined


GROUPS: dict[Any, Callable[[EntityType, Item], Q]] = {
    "and": _and,
    "or": _or,
    "not": lambda entity, item: ~_and(entity, item),
}
