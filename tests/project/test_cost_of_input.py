"""Nothing that comes from outside costs more than its length: a megabyte of the worst case for everything that reads.

Measured is the processor's time of this process, for a tenth of a megabyte and for a whole one: ten times as much may
take some ten times as long. What takes the square of the length takes a hundred times. Where a tenth takes its time
already, it is compared with a hundredth, and more closely: a square hides behind what is linear for longer there. Only
if they leave a doubt the whole is read as well, since some readers need ten seconds for it.
"""

import importlib
import json
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

import syncapp
from syncapp.admin.finding.numbers import number_as_written
from syncapp.admin.pages.proxy import PERSON
from syncapp.core import signatures, values
from syncapp.core.adressen import markers as address_markers
from syncapp.core.adressen.shapes import Address, LetterBlock
from syncapp.core.adressen.spelling.equality import is_similar
from syncapp.core.adressen.spelling.letter_block import renewed
from syncapp.core.appointments.forms import canonical
from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.beteiligte.validation import validate
from syncapp.core.finding import folding, marking
from syncapp.core.kommunikation import contact_lists, kinds, markers
from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.shapes import Entry, Item
from syncapp.core.proxy import grants, paths, resources
from syncapp.core.proxy.codes import ProxyRefusal
from syncapp.core.sides import Side
from syncapp.core.spelling import emails, iban, letters, phones, storable
from syncapp.entities.beteiligte import intake
from syncapp.operations.exports.tables import harmless
from syncapp.operations.onboarding.links import candidates
from syncapp.proxy import keys as proxy_keys
from syncapp.remotes.advoware import termine
from syncapp.remotes.advoware.beteiligte import local_time
from syncapp.remotes.google_calendar import wording as google_wording
from syncapp.remotes.google_calendar.events import read_event
from syncapp.remotes.http.answers import retry_after
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.http.exchange import Answer, Request, http_date, whole_number_in
from syncapp.remotes.registry import ANSWERS
from syncapp.words import reasons, sentences
from syncapp.words.calendars.logged import logged_words
from syncapp.words.plain_errors import PlainError
from tests.core.fieldmaps import plain as plain_map
from tests.core.kommunikation.planned import plan

MEGABYTE = 1_000_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Measured in seconds: less than this is noise.
NOTHING = 0.05
LINEAR = 40
PLAINLY = 16

Reader = Callable[[str], object]


def repeated(pattern: str) -> Callable[[int], str]:
    return lambda length: (pattern * (length // len(pattern) + 1))[:length]


WORST: Mapping[str, Callable[[int], str]] = {
    "digits": repeated("9"),
    "zeros": repeated("0"),
    "digits and blanks": repeated("5 "),
    "a plus and digits": lambda length: "+49" + "1" * (length - 3),
    "numbers in a row": repeated("0511 12345 / "),
    "extensions": repeated("0511 12345 ext. 1 "),
    "digits and letters": repeated("1a"),
    "plus signs": repeated("+"),
    "brackets": repeated("( 0 "),
    "blanks": lambda length: "x" + " " * (length - 2) + "x",
    "blanks of every kind": repeated("\u00a0\u2009\u202f"),
    "what nobody sees": repeated("\u200b\u00ad"),
    "accents": lambda length: "a" + "\u0301\u0327" * (length // 2),
    "accents in the wrong order": lambda length: "a" + "\u0315" * (length // 2) + "\u0334" * (length // 2),
    "umlauts in two characters": repeated("u\u0308"),
    "ats": repeated("@"),
    "addresses": repeated("a@b.de; "),
    "dots": lambda length: "a@" + "a." * (length // 2),
    "angle brackets": repeated("<"),
    "mailto": repeated("mailto:"),
    "umlaut domain": lambda length: "a@" + "ü" * (length - 2),
    "web address": lambda length: "www." + "a." * (length // 2),
    "web address that ends badly": lambda length: "http://" + "a-" * (length // 2) + " ",
    "marker without an end": lambda length: "[ESPOCRM:" + "A" * (length - 9),
    "marker that does not decode": lambda length: "[ESPOCRM:" + "A" * (length - 12) + "=:1]",
    "beginnings of markers": repeated("[ESPOCRM:"),
    "markers": repeated("[ESPOCRM:QQ==:1] x "),
    "slots": repeated("[ESPOCRM-SLOT:1] x "),
    "beginnings of markers of addresses": repeated("[ESPOCRM-ID:"),
    "marker of an address without an end": lambda length: (
        "[ESPOCRM-ID" + " " * (length // 2) + ":" + "a:" * (length // 4)
    ),
    "streets": repeated("-str. 5 - 7 a/"),
    "house numbers": repeated(" 1-1/2a"),
    "lines of an address": repeated("Wall 1\n"),
    "date": lambda length: "2001-01-05T00:00:00." + "0" * (length - 20),
    "braces": repeated("{a"),
    "reason of a refusal": lambda length: "Field validation failure; entityType: " + "a" * (length - 38),
    "reason of a missing record": lambda length: "Record " + "does not exist" * (length // 14),
    "exception in square brackets": repeated(" [a"),
    "base64": repeated("QUJD"),
    "surrogates": repeated("\ud800"),
    "NUL": repeated("\x00"),
    "commas": repeated(","),
    "quotation marks": repeated('"'),
    "lines": repeated("a,1\n"),
}


def fields() -> FieldMap:
    return plain_map()


def _read_and_validated(text: str) -> object:
    names = fields().espo_attributes
    read = fields().read_espo(dict.fromkeys(names, text))
    faults = validate(
        read, fieldmap=fields(), side=Side.advoware, rechtsformen=frozenset(), today=NOW.date(), complete=True
    )
    return faults, fields().read_advo(dict.fromkeys((row.key for row in fields().rows), text))


def _planned(text: str) -> object:
    items = [Item(Medium.phone, text, "Office", True), Item(Medium.email, text, None, True)]
    return plan(items=items, entries=[Entry(1, "row", text, text, 0, True), Entry(2, "row", "12", text)], links=[])


def _element(text: str) -> object:
    attributes = {
        "id": "1",
        "name": text,
        "phoneNumberData": [{"phoneNumber": text, "primary": True}],
        "emailAddressData": [{"emailAddress": text}],
        "phoneNumber": text,
        "syncStatus": text,
    }
    said = intake.read_element("update", attributes, fields())
    named = intake.USABLE_ID.fullmatch(text)
    return named, intake.compared(said, attributes, fields(), {"name": text}), storable.storable_json(attributes)


def _refused(text: str) -> object:
    headers = {
        "x-status-reason": text,
        "date": text,
        "retry-after": text,
        "content-type": f"text/html; charset={text}",
    }
    found: list[object] = []
    for status, system in product((200, 400, 401, 403, 404, 409, 429, 503), ANSWERS):
        answer = Answer(status, headers, text.encode("utf-8", "replace") + b"\xff")
        try:
            found.append(ANSWERS[system].judge(Request("GET", "CBeteiligte/{id}", {"id": "1"}), answer))
        except RemoteError as error:
            found.append(error)
        found.append(answer.date)
    return found


def _signed(text: str) -> object:
    return signatures.verify(raw_body=text.encode("utf-8", "replace"), header=text, legacy_header=text, secrets={})


def _file(tmp_path: Path) -> Reader:
    path = tmp_path / "links.csv"

    def read(text: str) -> object:
        path.write_bytes(text.encode("utf-8", "replace"))
        try:
            return [one for one in candidates(path) if one[1]]
        except PlainError as refusal:
            return refusal

    return read


def appointment(text: str) -> object:
    """A Termin and an event that hold the text wherever one may."""
    raw = dict.fromkeys(("anwalt", "datum", "datumBis", "uhrzeitVon", "uhrzeitBis", "text", "ort", "notiz"), text)
    termin = termine.termin_of({"frNr": 7, "privat": 1, "dauertermin": text, "turnus": text, **raw})
    event = {"id": text, "recurrence": [text], "start": {"dateTime": text, "timeZone": text}, "end": {"date": text}}
    shown = read_event({**event, "summary": text, "description": text})
    times = {"start": {"dateTime": "2026-11-30T09:00:00Z"}, "end": {"dateTime": "2026-11-30T10:00:00Z"}}
    series = read_event({**event, **times, "id": "abcde", "description": text})
    return canonical.read_termin(termin), canonical.read_event(shown), canonical.read_event(series)


def refusal_of_google(text: str) -> object:
    body = {"error": {"message": text, "status": text, "errors": [{"reason": text, "location": text}]}}
    answer = Answer(400, {}, json.dumps(body).encode())
    return google_wording.codes(answer), google_wording.named_fault(answer), google_wording.login_hint(answer)


def _compared(text: str) -> object:
    """As street, code, city, Postfach and letter block, each against a good one."""
    good = Address("Wall 1", "30159", "Hannover")
    odd = [replace(good, **{part: text}) for part in ("strasse", "plz", "ort", "land", "postfach", "anschrift")]
    return [(is_similar(one, good, home="DE"), renewed(one, good, mode=LetterBlock.lines)) for one in odd]


def _called(text: str) -> object:
    """As path, query, grant, row of the table and key."""
    found: list[object] = []
    for read in (paths.read_path, paths.read_query, grants.parse_grant, resources.read_row, resources.row_of):
        try:
            found.append(read(text))
        except (ProxyRefusal, ValueError) as refused:
            found.append(refused)
    return found, proxy_keys.SHAPE.fullmatch(text), resources.WHOLE_NUMBER.fullmatch(text)


READERS: Mapping[str, Reader] = {
    "appointments": appointment,
    "refusal of Google": refusal_of_google,
    "letters": letters.plain,
    "text": values.text,
    "odd text": lambda text: (storable.as_it_came(storable.storable(text)), storable.unsendable(text)),
    "dates": values.date,
    "web addresses": values.web_address,
    "phones": lambda text: (
        phones.normal_form(text, "DE", extensions=True),
        phones.for_espocrm(text, "DE"),
        phones.readings(text, "DE"),
        phones.is_mobile(text, "DE"),
        phones.is_ordinary(text, "DE"),
        phones.has_extension(text, "DE"),
        phones.is_international(text),
    ),
    "e-mails": lambda text: (emails.normal_form(text), emails.for_espocrm(text), emails.is_ordinary(text)),
    "contact points": lambda text: (
        kinds.form_of(text, "DE"),
        kinds.espo_spelling(text, "DE"),
        kinds.guess_komm_kz(text, own=0, top_level={"mobil": text}, region="DE"),
    ),
    "markers": lambda text: (markers.parse(text), markers.strip(text), markers.same_remark(text, text + "x")),
    "addresses": _compared,
    "markers of addresses": lambda text: (address_markers.named_item(text), address_markers.user_text(text)),
    "accounts": lambda text: (iban.compact(text), iban.is_valid(text), iban.is_valid_bic(text), iban.masked(text)),
    "contact lists": lambda text: contact_lists.known_lists(
        {"phoneNumberData": [{"phoneNumber": text}], "emailAddressData": [{"emailAddress": text}]}, region="DE"
    ),
    "plan of contact points": _planned,
    "fields": _read_and_validated,
    "element of a webhook": _element,
    "signature": _signed,
    "refusal of a system": _refused,
    "headers with times": lambda text: (http_date(text), retry_after(text, now=NOW), local_time(text)),
    "numbers": lambda text: whole_number_in({"expiresin": text}, "expiresin"),
    "choices of a calendar": lambda text: logged_words("calendar_change", f"name={text}"),
    "reasons": lambda text: (reasons.told(text), reasons.field_named(text)),
    "sentences": lambda text: sentences.filled("{value}", {"value": text}),
    "marked": lambda text: marking.marked(text, ["mueller", "511123"]),
    "search": lambda text: (folding.kept_line(text), folding.asked_pieces(text), folding.fold(text)),
    "CSV out": harmless,
    "a number as written": number_as_written,
    "a read that is tried": lambda text: (PERSON.match(text), iban.masked_in(text)),
    "a call of the proxy": _called,
}


def seconds(read: Reader, text: str) -> float:
    begun = time.process_time()
    read(text)
    return time.process_time() - begun


def is_linear(read: Reader, made: Callable[[int], str]) -> bool:
    """A megabyte, unless a tenth of it takes long enough to say the same."""
    tenth = seconds(read, made(MEGABYTE // 10))
    if tenth > NOTHING / 10 and tenth <= PLAINLY * seconds(read, made(MEGABYTE // 100)):
        return True
    whole = seconds(read, made(MEGABYTE))
    return whole <= NOTHING or whole <= LINEAR * tenth


def is_dear(read: Reader, made: Callable[[int], str]) -> bool:
    """Asked twice: something else may have been at work."""
    return not (is_linear(read, made) or is_linear(read, made))


# One test for all of a reader's worst cases: a thousand tests of a few milliseconds cost more than what they measure.
@pytest.mark.parametrize("reader", READERS)
def test_ten_times_as_much_takes_some_ten_times_as_long(reader: str) -> None:
    assert [worst for worst, made in WORST.items() if is_dear(READERS[reader], made)] == []


def test_a_file_that_somebody_hands_in(tmp_path: Path) -> None:
    assert [worst for worst, made in WORST.items() if is_dear(_file(tmp_path), made)] == []


def test_this_test_would_notice_the_square_of_a_length() -> None:
    slow = re.compile(r"\d.*?x")
    assert not is_linear(lambda text: slow.search(text[: len(text) // 100]), repeated("9"))


def test_nor_does_a_square_hide_behind_what_is_linear() -> None:
    slow = re.compile(r"\d.*?x")

    def read(text: str) -> object:
        return [ord(sign) + 1 for sign in text], slow.search(text[: len(text) // 40])

    assert seconds(read, repeated("9")(MEGABYTE // 10)) > NOTHING / 10
    assert not is_linear(read, repeated("9"))


# --- no pattern is forgotten

OUR_OWN_TEXT = {
    "syncapp.operations.exports.forms": "titles of lists, for worksheets",
    "syncapp.admin.pages.guide": "reads our own documents",
}
TRIED = {
    "syncapp.core.proxy.grants": "a call of the proxy",
    "syncapp.core.proxy.paths": "a call of the proxy",
    "syncapp.core.proxy.resources": "a call of the proxy",
    "syncapp.admin.finding.numbers": "a number as written",
    "syncapp.admin.pages.proxy": "a read that is tried",
    "syncapp.proxy.keys": "a call of the proxy",
    "syncapp.core.adressen.spelling.equality": "addresses",
    "syncapp.core.adressen.markers": "markers of addresses",
    "syncapp.core.spelling.iban": "accounts",
    "syncapp.core.spelling.emails": "e-mails",
    "syncapp.core.spelling.letters": "letters",
    "syncapp.core.spelling.phones": "phones",
    "syncapp.core.spelling.storable": "odd text",
    "syncapp.core.values": "dates",
    "syncapp.core.kommunikation.markers": "markers",
    "syncapp.entities.beteiligte.child_events.intake": "element of a webhook",
    "syncapp.entities.beteiligte.intake": "element of a webhook",
    "syncapp.core.finding.folding": "search",
    "syncapp.core.finding.marking": "marked",
    "syncapp.operations.exports.tables": "",
    "syncapp.operations.onboarding.spreadsheet": "",
    "syncapp.core.appointments.forms.berlin": "appointments",
    "syncapp.core.appointments.forms.plain_text": "appointments",
    "syncapp.core.appointments.forms.series": "appointments",
    "syncapp.remotes.advoware.termine": "appointments",
    "syncapp.remotes.google_calendar.wording": "refusal of Google",
    "syncapp.remotes.espocrm.answers": "refusal of a system",
    "syncapp.remotes.http.exchange": "refusal of a system",
    "syncapp.remotes.espocrm.wording": "refusal of a system",
    "syncapp.words.calendars.logged": "choices of a calendar",
    "syncapp.words.reasons": "reasons",
    "syncapp.words.sentences": "sentences",
}


def modules_with_patterns() -> Iterator[str]:
    for found in pkgutil.walk_packages(syncapp.__path__, "syncapp."):
        if ".migrations" not in found.name:
            module = importlib.import_module(found.name)
            if any(isinstance(value, re.Pattern) for value in vars(module).values()):
                yield found.name


def test_every_module_with_a_pattern_is_tried() -> None:
    assert set(modules_with_patterns()) == TRIED.keys() | OUR_OWN_TEXT.keys()
    assert set(filter(None, TRIED.values())) <= READERS.keys()
