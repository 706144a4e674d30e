"""Every write to the stand-in Advoware's Termine, by the API, by a person, by the seed; and which of them a list holds.

Invariant: each write gives a Termin a new rowId and time; numbers are never given out twice.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.records import new_row_id
from sandbox.advoware.termin_shape import DEFAULTS, stored
from sandbox.models.advoware import Mitarbeiter, Termin
from sandbox.switches import switches

FIRST_FR_NR = 501
FIRM_WIDE = frozenset({"", "alle", "allgemein"})


def create(body: Mapping[str, object], *, at: datetime | None = None) -> Termin:
    fields = {**DEFAULTS, **stored(body)}
    if not fields["datum"]:
        raise BadValue("datum: darf nicht leer sein")
    with transaction.atomic(using="sandbox"):
        last = Termin.objects.aggregate(last=Max("fr_nr"))["last"]
        return Termin.objects.create(
            fr_nr=FIRST_FR_NR if last is None else last + 1,
            row_id=new_row_id(),
            geaendert_am=at or timezone.now(),
            fields=fields,
        )


def replace(fr_nr: int, body: Mapping[str, object], *, by_person: bool = False) -> Termin:
    """PUT: the whole object; what the body lacks becomes empty, what PUT ignores stays."""
    ignored = () if by_person else switches("advoware")["termin_put_ignores"]
    with transaction.atomic(using="sandbox"):
        row = find(fr_nr)
        kept = {key: row.fields[key] for key in ignored if key in row.fields} if isinstance(ignored, list) else {}
        row.fields = {**DEFAULTS, **stored(body, by_person=by_person), **kept}
        row.row_id = new_row_id()
        row.geaendert_am = timezone.now()
        row.save()
    return row


def edit(fr_nr: int, changes: Mapping[str, object]) -> Termin:
    """A person's edit in Advoware itself: the given fields, all others as they are."""
    return replace(fr_nr, {**find(fr_nr).fields, **changes}, by_person=True)


def damage(fr_nr: int, fields: Mapping[str, object]) -> None:
    """As nobody could enter it."""
    row = find(fr_nr)
    row.fields = {**row.fields, **fields}
    row.row_id, row.geaendert_am = new_row_id(), timezone.now()
    row.save()


def delete(fr_nr: int) -> None:
    row = find(fr_nr)
    row.gone = True
    row.save()


def find(fr_nr: int) -> Termin:
    return Termin.objects.get(pk=fr_nr, gone=False)


def employ(*, kuerzel: str, name: str = "", vorname: str = "", email: str = "", aktiv: bool = True) -> Mitarbeiter:
    return Mitarbeiter.objects.create(kuerzel=kuerzel, name=name or kuerzel, vorname=vorname, email=email, aktiv=aktiv)


def listed(kuerzel: str | None, first: date | None, last: date | None) -> Iterator[Termin]:
    for row in Termin.objects.filter(gone=False):
        if (kuerzel is None or _belongs(row, kuerzel)) and _in_range(row, first, last):
            yield row


def _belongs(row: Termin, kuerzel: str) -> bool:
    named = str(row.fields.get("anwalt") or "").strip().lower()
    if named in FIRM_WIDE:
        return kuerzel.lower() in FIRM_WIDE or bool(switches("advoware")["termin_lists_firm_wide"])
    return kuerzel.lower() in named.replace(";", ",").split(",")


def _in_range(row: Termin, first: date | None, last: date | None) -> bool:
    try:
        begins = date.fromisoformat(str(row.fields["datum"]))
        ends = date.fromisoformat(str(row.fields["datumBis"])) if row.fields.get("datumBis") else begins
    except ValueError:
        return True  # a damaged one is in every list
    if row.fields.get("dauertermin") and not switches("advoware")["termin_lists_old_series"]:
        ends = begins
    return (last is None or begins <= last) and (first is None or ends >= first)
