"""How a list names a record: what tells it from others of its name, and what the search has met.

Invariant: only for those who may see values; the caller asks. To extend: what else tells people apart is a line of
`_telling`.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from syncapp.core.finding import marking
from syncapp.core.finding.folding import asked_pieces
from syncapp.entities.beteiligte.finding import texts
from syncapp.models import SyncRecord
from syncapp.words import html, sentences


def name_cell(record: SyncRecord, *, asked: str) -> SafeString:
    """The name, and below it what tells it from its namesakes, with the words that the search has met."""
    pieces = asked_pieces(asked) if asked.strip() else []
    name = with_marks(record.name, pieces) if record.name else html.name(record, visible=True)
    return format_html(
        '<div class="ops-cell ops-who"><span>{}</span><small>{}</small></div>', name, telling(record, asked=asked)
    )


def telling(record: SyncRecord, *, asked: str) -> SafeString:
    """What tells it from its namesakes: the birthday, and the contact point that the search has met, or the first."""
    pieces = asked_pieces(asked) if asked.strip() else []
    return format_html_join(" · ", "<span>{}</span>", ((one,) for one in _telling(record, pieces)))


def by_name_first(records: Iterable[SyncRecord], *, asked: str) -> list[SyncRecord]:
    """Those whose own name the search has met before those that only have such an address or number."""
    pieces = asked_pieces(asked)
    return sorted(records, key=lambda record: not marking.is_met(record.name, pieces))


def with_marks(text: str, pieces: Sequence[str]) -> SafeString:
    found = marking.marked(text, pieces)
    words = ((format_html("<mark>{}</mark>", word.text) if word.met else word.text,) for word in found)
    return format_html("<bdi>{}</bdi>", format_html_join(" ", "{}", words))


def _telling(record: SyncRecord, pieces: Sequence[str]) -> Iterator[SafeString | str]:
    if day := born_on(record):
        yield _("born %(day)s") % {"day": day}
    contacts = _contacts(record)
    met = next((one for one in contacts if marking.is_met(one, pieces)), None)
    if shown := met or next(iter(contacts), None):
        yield with_marks(shown, pieces)
    if pieces and met is None and not _is_named(record, pieces):
        yield _("found by an earlier value")


def _is_named(record: SyncRecord, pieces: Sequence[str]) -> bool:
    """Whether its present name or its numbers explain why it was found."""
    named = (record.name, record.espo_id, str(record.betnr or ""), *texts.names_of(record))
    return any(marking.is_met(one, pieces) for one in named)


def born_on(record: SyncRecord) -> str:
    """The birthday as people write it; "" where none is known."""
    day = record.base_espo.get("geburtsdatum") or record.base_advo.get("geburtsdatum")
    return str(sentences.field_value("geburtsdatum", str(day))) if day else ""


def first_contact(record: SyncRecord) -> str:
    return next(iter(_contacts(record)), "")


def _contacts(record: SyncRecord) -> list[str]:
    return [text for text in texts.contacts_of(record) if text]
