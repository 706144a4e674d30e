"""What each record is found by, kept in a narrow table of its own, in step with the record.

Invariant: written in the transaction that changes the record. What it is not called any more stays findable for as long
as history is kept. betNr and EspoCRM id are found by their own indexes.
To extend: a further thing to be found by is a part of `parts_of`, or comes from a part of the record.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from syncapp.entities.beteiligte.parts import PARTS
from syncapp.models import SearchText, SyncRecord
from syncapp.models.finding.search_text import PORTION, kept, lines_of, put

MOST_FORMER = 40


def parts_of(record: SyncRecord) -> list[str]:
    """Everything a record is found by except its numbers, as it is spelled."""
    return [*names_of(record), *contacts_of(record)]


def names_of(record: SyncRecord) -> list[str]:
    """What it is called, here and on either side."""
    return [record.name, *(str(base.get("name") or "") for base in (record.base_advo, record.base_espo))]


def contacts_of(record: SyncRecord) -> list[str]:
    """What its parts are found by: numbers, addresses, accounts."""
    return [text for part in PARTS for text in part.found_by(record)]


def refresh(record: SyncRecord, *, before: list[str]) -> None:
    """Keep the search text in step with the row; called in the transaction that changes it.

    before: `parts_of` the row as the run found it. Where they are the same, the text is that of an earlier run, or
    missing, which `fill_gaps` mends. The first run finds none.
    """
    parts = parts_of(record)
    if parts == before:
        return
    known = None if record.is_of_first_run else SearchText.objects.filter(pk=record.pk).first()
    lines = lines_of(parts)
    row = _row(record, lines, _former(known.former if known else [], gone=lines_of(before), now=lines))
    if known is None or known.text != row.text:
        put([row])


def fill_gaps(*, limit: int = 2000) -> int:
    """Search texts for records that have none, such as after an upgrade; how many."""
    missing = SyncRecord.objects.filter(search_text__isnull=True).exclude(name="")[:limit]
    return put([_row(record, lines_of(parts_of(record)), []) for record in missing])


def forget_former(*, before: datetime) -> int:
    """What records have not been called since `before` finds them no more; how many were changed."""
    limit, changed = timezone.localdate(before).isoformat(), []
    for row in SearchText.objects.exclude(former=[]).select_related("record").iterator(chunk_size=PORTION):
        still = [one for one in row.former if one[0] >= limit]
        if still != row.former:
            changed.append(_row(row.record, lines_of(parts_of(row.record)), still))
    return put(changed)


def _former(known: list[list[str]], *, gone: Iterable[str], now: Iterable[str]) -> list[list[str]]:
    """[[day, line]]: what it was called until that day, the latest first; what it is called again is none."""
    today: date = timezone.localdate()
    again = set(now)
    fresh = [[today.isoformat(), line] for line in gone if line not in again]
    names = {line for _day, line in fresh}
    return (fresh + [one for one in known if one[1] not in again | names])[:MOST_FORMER]


def _row(record: SyncRecord, lines: Iterable[str], former: list[list[str]]) -> SearchText:
    return SearchText(record=record, former=former, **kept([*lines, *(one[1] for one in former)]))
