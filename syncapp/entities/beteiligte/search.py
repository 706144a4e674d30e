"""Finding a record by what people have in hand: a name, a betNr, an EspoCRM id, a phone number, an e-mail address.

Invariant: names and contact points are kept folded (no case, no accents, numbers as digits) in a table of their own, so
that looking through all records reads a narrow table; betNr and EspoCRM id are found by their own indexes.
To extend: a further thing to be found by is a part of `text_of`.
"""

import re
import unicodedata

from django.db.models import Q

from syncapp.core.bankverbindungen.iban import compact, found_by_iban, is_valid
from syncapp.core.spelling.letters import plain
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.models import SearchText, SyncRecord

GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
NO_DIGITS = re.compile(r"\D+")
NUMBER = re.compile(r"[\d\s()+/.\-]{3,}")
TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")  # +49 (0)511: dialled at home only
MOST = 500
# Longer than anything that people look for, or are to be found by.
LONGEST_QUERY = 200
LONGEST_PART = 500


def fold(text: str) -> str:
    """Small letters without accents or what nobody sees: Müller, MÜLLER and Mueller become the same."""
    composed = plain(text[:LONGEST_PART]).casefold().translate(GERMAN)
    decomposed = unicodedata.normalize("NFKD", composed)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def text_of(record: SyncRecord) -> str:
    """Everything a record is found by except its numbers, one thing a line."""
    return "\n".join(dict.fromkeys(fold(part) for part in parts_of(record) if part))[:8000]


def parts_of(record: SyncRecord) -> list[str]:
    """The same as it is spelled."""
    parts = [record.name, str(record.base_advo.get("name") or ""), str(record.base_espo.get("name") or "")]
    return parts + [text for part in PARTS for text in part.found_by(record)]


def refresh(record: SyncRecord, *, before: list[str]) -> None:
    """Keep the search text in step with the row; called in the transaction that changes it.

    before: `parts_of` the row as the run found it. Where they are the same, the text is that of an earlier run, or
    missing, which `fill_gaps` mends.
    """
    if parts_of(record) == before:
        return
    text = text_of(record)
    if SearchText.objects.filter(pk=record.pk).values_list("text", flat=True).first() != text:
        _write([SearchText(record=record, text=text)])


def fill_gaps(*, limit: int = 2000) -> int:
    """Search texts for records that have none, such as after an upgrade; how many."""
    missing = SyncRecord.objects.filter(search_text__isnull=True).exclude(name="")[:limit]
    return len(_write([SearchText(record=record, text=text_of(record)) for record in missing]))


def _write(rows: list[SearchText]) -> list[SearchText]:
    return SearchText.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["text"], unique_fields=["record"], batch_size=500
    )


def matching(query: str, *, values: bool) -> Q:
    """The condition for a search; without `values` only numbers and ids are looked at."""
    wanted = plain(query[:LONGEST_QUERY])
    condition = Q(espo_id=wanted)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        condition |= Q(betnr=int(wanted))
    if not values:
        return condition
    texts = Q()
    for part in _parts(wanted):
        texts &= Q(text__contains=part)
    found = SearchText.objects.filter(texts).values_list("record_id", flat=True)[:MOST] if texts else []
    return condition | Q(pk__in=list(found))


def _parts(query: str) -> list[str]:
    """What has to occur: the digits of a phone number without its zeros, the end of an IBAN, else every word."""
    if is_valid(compact(query)):
        return [fold(found_by_iban(query))]
    if NUMBER.fullmatch(query):
        digits = NO_DIGITS.sub("", TRUNK_ZERO.sub("", query))
        return [digits.removeprefix("00").lstrip("0") or digits]
    return fold(query).split()[:8]
