"""Phones and e-mails of a record: whole sets of points that are shared between records.

A number or address exists once in the installation. A set written for one record replaces the links of that record, and
overwrites type, flags and letter case for everybody who holds the same point, without touching their modifiedAt. Both
kinds follow one procedure; what differs is in the table KINDS.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers

from sandbox.espocrm import clock
from sandbox.espocrm.entities import PLAIN_PHONE_TYPES
from sandbox.models.espocrm import EmailAddress, EspoRecord, PhoneNumber, RecordEmail, RecordPhone
from sandbox.switches import switches

Row = dict[str, Any]
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
NATIONAL = re.compile(r"[+\d][\d\s()./-]*")


@dataclass(frozen=True)
class ContactPointKind:
    """`key` makes of a value what identifies its point, `normal` the spelling in which it is stored."""

    value: str
    point: type[PhoneNumber] | type[EmailAddress]
    link: type[RecordPhone] | type[RecordEmail]
    key_column: str
    key: Callable[[str], str]
    normal: Callable[[str], str]
    row_fault: Callable[[Row], str | None]
    typed: bool

    @property
    def rows(self) -> str:
        return f"{self.value}Data"

    @property
    def opted_out(self) -> str:
        return f"{self.value}IsOptedOut"

    @property
    def invalid(self) -> str:
        return f"{self.value}IsInvalid"


def phone_types() -> tuple[str, ...]:
    return tuple(map(str, switches("espocrm")["phone_types"]))  # type: ignore[call-overload]


def default_phone_type() -> str:
    types = phone_types()
    return PLAIN_PHONE_TYPES[0] if PLAIN_PHONE_TYPES[0] in types else types[0]


def _international(number: str) -> str:
    """E.164, where the installation wants that, its extension only where it keeps them; else left for the check."""
    if not switches("espocrm")["international_only"]:
        return number.strip()
    try:
        parsed = phonenumbers.parse(number.strip(), None)
    except phonenumbers.NumberParseException:
        return number.strip()
    kept = f" ext. {parsed.extension}" if parsed.extension and switches("espocrm")["extensions"] else ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) + kept


def _phone_fault(row: Row) -> str | None:
    number = row["phoneNumber"]
    if not switches("espocrm")["international_only"]:
        good = bool(NATIONAL.fullmatch(number))
    else:
        try:
            good = phonenumbers.is_possible_number(phonenumbers.parse(number, None))
        except phonenumbers.NumberParseException:
            good = False
    known = row.get("type") is None or row["type"] in phone_types()
    return None if good and known else "valid"


def _email_fault(row: Row) -> str | None:
    address = row["emailAddress"]
    good = EMAIL.fullmatch(address) and ".." not in address and not address.startswith(".") and ".@" not in address
    return None if good else "emailAddress"


PHONE = ContactPointKind(
    "phoneNumber", PhoneNumber, RecordPhone, "name", str.strip, _international, _phone_fault, typed=True
)
EMAIL_KIND = ContactPointKind(
    "emailAddress", EmailAddress, RecordEmail, "lower", lambda a: a.strip().lower(), str, _email_fault, typed=False
)
KINDS = {"phone": PHONE, "email": EMAIL_KIND}


def sanitise(kind: ContactPointKind, body: Mapping[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    if kind.rows in body:
        values[kind.rows] = _clean_rows(kind, body[kind.rows])
    if kind.value in body:
        value = body[kind.value]
        values[kind.value] = kind.normal(str(value)) if value else None
    return values


def _clean_rows(kind: ContactPointKind, rows: object) -> object:
    if not isinstance(rows, list):
        return rows
    return [
        {**row, kind.value: kind.normal(row[kind.value])}
        if isinstance(row, dict) and isinstance(row.get(kind.value), str)
        else row
        for row in rows
    ]


def fault(kind: ContactPointKind, values: Mapping[str, object]) -> str | None:
    """The rule that the first bad row breaks, or None."""
    rows = values.get(kind.rows)
    if rows is not None:
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get(kind.value), str) for row in rows
        ):
            return "valid"
        for row in rows:
            if row[kind.value].strip() and (broken := kind.row_fault(row)):
                return broken
        maximum = switches("espocrm")["max_phones" if kind is PHONE else "max_emails"]
        if isinstance(maximum, int) and len(rows) > maximum:
            return "maxCount"
    single = values.get(kind.value)
    return kind.row_fault({kind.value: single}) if single else None


def load(kind: ContactPointKind, records: Sequence[EspoRecord]) -> dict[str, list[Row]]:
    """The rows of each record as a single GET shows them: the primary first, the others in no order to rely on."""
    versions = {record.id: record.modified_at for record in records}
    found: dict[str, list[Row]] = {record.id: [] for record in records}
    links: Iterable[Any] = kind.link._default_manager.filter(record__in=list(versions)).select_related("point")
    for link in links:
        found[link.record_id].append(_row(kind, link.point, primary=link.primary))
    for record_id, rows in found.items():
        rows.sort(key=lambda row: (not row["primary"], _unstable(row[kind.value], versions[record_id])))
    return found


def _unstable(value: str, version: str) -> int:
    """Looks arbitrary, moves with every write, and is the same in every run of a test."""
    return zlib.crc32(f"{version[-2:]}{value}".encode())


def _row(kind: ContactPointKind, point: Any, *, primary: bool) -> Row:
    second = {"type": point.type} if kind.typed else {"lower": point.lower}
    return {kind.value: point.name, **second, "primary": primary, "optOut": point.opt_out, "invalid": point.invalid}


def primary_attributes(kind: ContactPointKind, rows: Sequence[Row]) -> dict[str, object]:
    """The plain attributes that mirror the primary row; all null where there is none."""
    first: Row = rows[0] if rows and rows[0]["primary"] else {}
    return {
        kind.value: first.get(kind.value),
        kind.opted_out: first.get("optOut"),
        kind.invalid: first.get("invalid"),
    }


@dataclass
class _Wanted:
    value: str
    type: str | None
    primary: bool
    opt_out: bool
    invalid: bool


def store_rows(kind: ContactPointKind, record: EspoRecord, rows: Sequence[Row]) -> str | None:
    """Replaces the record's set. Returns the new primary's key if the primary moved, else None.

    A value given twice counts once, with what its last row says; so the doubled number loses its primary flag.
    """
    wanted = _wanted(kind, rows)
    before: dict[str, Any] = {
        getattr(link.point, kind.key_column): link
        for link in kind.link._default_manager.filter(record=record).select_related("point")
    }
    gone = [link.pk for key, link in before.items() if key not in wanted]
    if gone:
        kind.link._default_manager.filter(pk__in=gone).delete()
    known = _points(kind, [key for key in wanted if key not in before])
    primary = _new_primary(wanted, before)
    for key, want in wanted.items():
        point = before[key].point if key in before else known.get(key)
        point = _write_point(kind, key, point, want)
        if key not in before:
            kind.link._default_manager.create(record=record, point=point, primary=key == primary)
        elif primary is not None and before[key].primary != (key == primary):
            kind.link._default_manager.filter(pk=before[key].pk).update(primary=key == primary)
    return primary


def _wanted(kind: ContactPointKind, rows: Sequence[Row]) -> dict[str, _Wanted]:
    nobody = not any(row.get("primary") for row in rows)
    wanted: dict[str, _Wanted] = {}
    for number, row in enumerate(rows):
        key = kind.key(row[kind.value])
        if key:
            wanted[key] = _Wanted(
                value=row[kind.value].strip(),
                type=(row.get("type") or default_phone_type()) if kind.typed else None,
                primary=bool(row.get("primary")) or (nobody and number == 0),
                opt_out=bool(row.get("optOut")),
                invalid=bool(row.get("invalid")),
            )
    return wanted


def _new_primary(wanted: Mapping[str, _Wanted], before: Mapping[str, Any]) -> str | None:
    primary = None
    for key, want in wanted.items():
        if want.primary:
            primary = None if key in before and before[key].primary else key
    return primary


def _points(kind: ContactPointKind, keys: Sequence[str]) -> dict[str, Any]:
    if not keys:
        return {}
    found: Iterable[Any] = kind.point._default_manager.filter(**{f"{kind.key_column}__in": keys})
    return {getattr(point, kind.key_column): point for point in found}


def _write_point(kind: ContactPointKind, key: str, point: Any, want: _Wanted) -> Any:
    facts: dict[str, object] = {"name": want.value, "opt_out": want.opt_out, "invalid": want.invalid}
    facts[kind.key_column] = key
    if kind.typed:
        facts["type"] = want.type
    else:
        facts["name"] = want.value
    if point is None:
        return kind.point._default_manager.create(id=clock.new_id(), **facts)
    if any(getattr(point, name) != value for name, value in facts.items()):
        for name, value in facts.items():
            setattr(point, name, value)
        point.save()
    return point


def store_single(kind: ContactPointKind, record: EspoRecord, value: str | None, old: str | None) -> None:
    """The plain attribute was written: it takes the place of the primary, the other points stay."""
    if value == old:
        return
    links = kind.link._default_manager.filter(record=record)
    if old is not None:
        links.filter(**{f"point__{kind.key_column}": kind.key(old)}).delete()
    if value is None:
        return
    key = kind.key(value)
    point = _points(kind, [key]).get(key)
    if point is None:
        want = _Wanted(value, default_phone_type() if kind.typed else None, primary=True, opt_out=False, invalid=False)
        point = _write_point(kind, key, None, want)
    links.update(primary=False)
    kind.link._default_manager.update_or_create(record=record, point=point, defaults={"primary": True})
