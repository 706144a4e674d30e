"""Advoware's Beteiligte with their Kommunikation, and the list of Rechtsformen, between JSON and values.

Invariant: an answer counts only if it is recognisably the object asked for; what cannot be told is None, not empty.
To extend: a further field is read from `raw`; another list has a module of its own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncapp.core.child_lists.fields import FLAGS
from syncapp.core.spelling.letters import plain
from syncapp.remotes.http.exchange import (
    WrongShape,
    is_of_a_calendar,
    list_of,
    marker_in,
    object_of,
    only_object_of,
    says_done,
    text_in,
    whole_number_in,
    words_in,
)

RECHTSFORM_KEYS = ("name", "bezeichnung", "text")
LARGEST_KOMM_KZ = 32_767
NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True)
class AdvowareKommunikation:
    """One entry. A GET answers komm_kz 0 always; only the answer to a create has the real one.

    `online` None: the answer does not say, which is not "out of use".
    """

    id: int
    row_id: str | None
    tlf: str | None = field(repr=False)
    bemerkung: str | None = field(repr=False)
    komm_kz: int
    online: bool | None


@dataclass(frozen=True)
class AdvowareBeteiligter:
    """`raw` is the whole object as read.

    `kommunikation` None: the answer had no such key, or an entry that cannot be read, which is not "no entry".
    """

    bet_nr: int
    row_id: str | None
    raw: Mapping[str, object] = field(repr=False)
    kommunikation: tuple[AdvowareKommunikation, ...] | None = field(default=None, repr=False)

    @property
    def changed_at(self) -> datetime | None:
        return local_time(text_in(self.raw, "geaendertAm"))

    @property
    def changed_by(self) -> str | None:
        """Who changed it last, where Advoware says so; its description does not promise it."""
        return text_in(self.raw, "geaendertVon")


def local_time(text: str | None) -> datetime | None:
    """Advoware's time, which has no zone; fractions beyond microseconds are cut. None for one with a zone."""
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text or ""))
    except ValueError:
        return None
    return moment if moment.tzinfo is None and is_of_a_calendar(moment) else None


def read_beteiligter(value: object) -> AdvowareBeteiligter:
    raw = only_object_of(value)
    bet_nr = whole_number_in(raw, "betNr")
    if bet_nr is None or bet_nr <= 0:
        raise WrongShape("a Beteiligter without betNr")
    return AdvowareBeteiligter(bet_nr, marker_in(raw, "rowId"), raw, _entries(raw))


def beteiligter_with(bet_nr: int) -> Callable[[object], AdvowareBeteiligter]:
    def read(value: object) -> AdvowareBeteiligter:
        found = read_beteiligter(value)
        if found.bet_nr != bet_nr:
            raise WrongShape("another Beteiligter than the one asked for")
        return found

    return read


def beteiligter_if_any(bet_nr: int) -> Callable[[object], AdvowareBeteiligter | None]:
    """The one asked for; None for nothing, an empty list or object, or the number 0 of an object that nobody filled."""

    def read(value: object) -> AdvowareBeteiligter | None:
        held = value[0] if isinstance(value, list) and len(value) == 1 else value
        unfilled = isinstance(held, dict) and (
            whole_number_in(held, "betNr") == 0 or not any(value for value in held.values())
        )
        return None if held in (None, [], {}) or unfilled else beteiligter_with(bet_nr)(held)

    return read


def updated(bet_nr: int) -> Callable[[object], AdvowareBeteiligter]:
    def read(value: object) -> AdvowareBeteiligter:
        return AdvowareBeteiligter(bet_nr, None, {}) if says_done(value, bet_nr) else beteiligter_with(bet_nr)(value)

    return read


def _entries(raw: Mapping[str, object]) -> tuple[AdvowareKommunikation, ...] | None:
    if "kommunikation" not in raw:
        return None
    entries = raw["kommunikation"]
    if entries is None:
        return ()
    found = list_of(entries)
    # An entry that nobody can address: without it the list would look as if it had been deleted.
    return tuple(read_entry(item) for item in found) if all(_is_entry(item) for item in found) else None


def _is_entry(item: object) -> bool:
    if not isinstance(item, Mapping) or whole_number_in(item, "id") is None:
        return False
    return item.get("tlf") is None or words_in(item, "tlf") is not None


def read_entry(value: object, *, sent: Mapping[str, object] = NOTHING) -> AdvowareKommunikation:
    """`sent`: what a write carried. It counts where the answer to that write lacks a key, which is no value."""
    raw = {**sent, **only_object_of(value)}
    number = whole_number_in(raw, "id")
    if number is None:
        raise WrongShape("a Kommunikation without id")
    return AdvowareKommunikation(
        id=number,
        row_id=marker_in(raw, "rowId"),
        tlf=words_in(raw, "tlf"),
        bemerkung=words_in(raw, "bemerkung"),
        komm_kz=_komm_kz(raw),
        online=FLAGS.get(str(raw.get("online")).strip().lower()),
    )


def _komm_kz(raw: Mapping[str, object]) -> int:
    """0 where it is not told, as every GET does, or not one of the numbers that kinds have."""
    number = whole_number_in(raw, "kommKz") or 0
    return number if 0 < number <= LARGEST_KOMM_KZ else 0


def entry_after(before: AdvowareKommunikation, sent: Mapping[str, object]) -> Callable[[object], AdvowareKommunikation]:
    """The entry that an update answered; without content what was sent, with an unknown rowId.

    A body that names no entry is about this one where it shows a number, as where what was sent comes back.
    """
    known = {"id": before.id, "kommKz": before.komm_kz, **sent}

    def read(value: object) -> AdvowareKommunikation:
        shown = sent if says_done(value, before.id) else only_object_of(value)
        found = read_entry(shown, sent=known if "tlf" in shown else sent)
        if found.id != before.id:
            raise WrongShape("another Kommunikation than the one written")
        return found

    return read


def read_rechtsformen(value: object) -> frozenset[str]:
    names = (_rechtsform(item) for item in list_of(value))
    return frozenset(plain(name) for name in names if name and plain(name))


def _rechtsform(item: object) -> str | None:
    if isinstance(item, str):
        return item
    raw = object_of(item)
    return next((text for key in RECHTSFORM_KEYS if (text := text_in(raw, key))), None)
