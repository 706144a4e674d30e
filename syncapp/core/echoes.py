"""Is a webhook element a change, or the echo of our own write?

Invariant: only what equals what we know to be there is dropped; deliveries are never compared with one another, since
the same body can be a second edit. To extend: a new bookkeeping attribute is a row of `BOOKKEEPING`.

| element | result |
| --- | --- |
| create, delete | counted |
| update without any judged attribute | irrelevant |
| update while a run goes on | waits for that run's commit |
| another betnr, or one that is emptied though we know none | counted as a relink |
| any betnr, while the record waits for a person over its betnr | counted as a relink |
| syncStatus dirty or pending_sync, and no data | counted as a person's reset |
| syncStatus dirty or pending_sync, with data | counted: the work of a formula |
| bookkeeping alone, equal to what we wrote last, or the `syncing` of a run that shows it | echo, in every status |
| with data, all equal to base or bookkeeping, record clean, no open intent | echo |
| anything else | counted |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import Status

# The time of sync, which each PATCH of ours carries.
LAST_SYNC = "advowareLastSync"
BOOKKEEPING = (
    "betnr",
    "syncStatus",
    LAST_SYNC,
    "advowareRowId",
    "kommunikationHash",
    "syncRetryCount",
    "syncNextRetry",
    "syncAutoResetAt",
    "syncErrorMessage",
)
# Those of them that are numbers, whatever type of field an installation has made for them.
WHOLE_NUMBERS = ("betnr", "syncRetryCount")
LONGEST_NUMBER = 18
ASKS_FOR_RUN = ("dirty", "pending_sync")
# What a betnr typed into EspoCRM, or emptied there, may settle.
WAITS_OVER_BETNR = frozenset({ErrorKind.DUPLICATE_LINK, ErrorKind.CREATE_OUTCOME_UNKNOWN, ErrorKind.NEEDS_CONFIRMATION})


def with_numbers(attributes: Mapping[str, object]) -> Mapping[str, object]:
    """EspoCRM's attributes with numbers of ours as numbers: a field of type varchar shows them as text, and nothing as
    "". What is no number stays as it came."""
    texts = {name: value.strip() for name in WHOLE_NUMBERS if isinstance(value := attributes.get(name), str)}
    if not texts:
        return attributes
    return {**attributes, **{name: _number(text) for name, text in texts.items()}}


def _number(text: str) -> object:
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else (text or None)


class Judged(StrEnum):
    COUNTED = "counted"
    RESET = "reset"
    RELINK = "relink"
    ECHO = "echo"
    IRRELEVANT = "irrelevant"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """What we know of the record. `espocrm_status`: bookkeeping as we wrote it last; `lists`: canonical contact lists.

    shows_syncing: every run writes `syncing` before it writes how it ended, so that the echo of it comes too late to be
    what we wrote last; counted, it would start the next run, without end.
    """

    status: str
    betnr: int | None
    has_open_intent: bool
    kind: str = ""
    espocrm_status: Mapping[str, object] = field(default_factory=dict)
    lists: Mapping[str, object] = field(default_factory=dict)
    shows_syncing: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """One element. `has_fields`: it carries mapped fields; `fields_are_base`: each says what the base says;
    `lists`: canonical contact lists; `bookkeeping` as it came."""

    action: str
    has_fields: bool = False
    fields_are_base: bool = False
    lists: Mapping[str, object] = field(default_factory=dict)
    bookkeeping: Mapping[str, object] = field(default_factory=dict)


def judge(element: Element, known: KnownRecord, *, in_commit: bool = False) -> Judged:
    """One row of the table above. `in_commit` judges an element that came while the run went on."""
    if element.action != "update":
        return Judged.COUNTED
    has_data = element.has_fields or bool(element.lists)
    if not has_data and not element.bookkeeping:
        return Judged.IRRELEVANT
    if known.status == Status.SYNCING and not in_commit:
        return Judged.WAITING
    if _relinks(element, known):
        return Judged.RELINK
    if element.bookkeeping.get("syncStatus") in ASKS_FOR_RUN:
        return Judged.COUNTED if has_data else Judged.RESET
    if not _bookkeeping_is_ours(element, known):
        return Judged.COUNTED
    if not has_data:
        return Judged.ECHO
    at_rest = known.status == Status.CLEAN and not known.has_open_intent
    return Judged.ECHO if at_rest and _data_is_base(element, known) else Judged.COUNTED


def waits_over_betnr(status: str, kind: str) -> bool:
    """Whether somebody has to set the betnr right before anything goes on."""
    return status == Status.FAILED and kind in WAITS_OVER_BETNR


def _relinks(element: Element, known: KnownRecord) -> bool:
    """We never empty a betnr; emptied on a linked record it is written again, so nothing is relinked by that.

    Where the betnr itself is what is wrong, the old number and none at all are the repair, however well we know them.
    """
    if "betnr" not in element.bookkeeping:
        return False
    if waits_over_betnr(known.status, known.kind):
        return True
    value = element.bookkeeping["betnr"]
    return known.betnr is None if value is None else value != known.betnr


def _bookkeeping_is_ours(element: Element, known: KnownRecord) -> bool:
    return all(
        (key in known.espocrm_status and known.espocrm_status[key] == value)
        or (known.shows_syncing and (key, value) == ("syncStatus", Status.SYNCING))
        for key, value in element.bookkeeping.items()
    )


def _data_is_base(element: Element, known: KnownRecord) -> bool:
    fields = element.fields_are_base or not element.has_fields
    return fields and all(key in known.lists and known.lists[key] == value for key, value in element.lists.items())
