"""The table of what is offered of Advoware's API. What is not here does not exist for callers.

Invariant: matched segment by segment, exactly as written; a path that no row fits is never sent. Of the rows that fit,
the most exact one that has the method counts: a name before a number, a number before any part, `*` last, and ours
before an installation's (PROXY_RESOURCES), so that what holds for a row of ours goes on holding. `NEVER` counts more
than any row. What belongs to owners is theirs in whatever row it is offered (OWNED).
To extend: a row. `{int}` is a whole number without leading zeros, `{id}` any one segment; `*` stands for everything
and is only to be had by an explicit row.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.paths import SEGMENT

METHODS = ("GET", "POST", "PUT", "DELETE")
READS = frozenset({"GET"})
WITH_BODY = frozenset({"POST", "PUT"})
EVERYTHING = "*"
INT, ID = "{int}", "{id}"
BLANKS: Mapping[str, int] = {INT: 1, ID: 2}  # and how vague each is
WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
# The login, the vendor's licences, the gateway: nothing that a caller could ever need, in any spelling.
NEVER = frozenset({"token", "license", "lizenz", "security", "securitygateway", "advonetconfigurator"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an object is, where a grant may be limited to one owner.

    parameter: of a list; key: in the object, in lower case; single: what names one object, in the query and in the
    object, in lower case; read_at: the path at which one is read by `single`.
    """

    parameter: str
    key: str
    single: str
    read_at: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One row. `parameters`: the known ones; empty: none are known, so nothing is said of any."""

    template: str
    methods: tuple[str, ...]
    note: str = ""
    parameters: tuple[str, ...] = ()
    owner: Owner | None = None

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.template.split("/"))

    @property
    def is_everything(self) -> bool:
        return self.template == EVERYTHING

    @property
    def vagueness(self) -> tuple[bool, tuple[int, ...]]:
        """Less for a more exact row."""
        return self.is_everything, tuple(BLANKS.get(part, 0) for part in self.segments)


@dataclass(frozen=True, slots=True)
class Match:
    """A row and what stood in its blanks, in order. `path`: the row's template with a name for each blank; `segments`:
    what was asked for."""

    resource: Resource
    ids: tuple[str, ...]
    path: str
    segments: tuple[str, ...]

    @property
    def values(self) -> Mapping[str, str]:
        return {f"id{number}": value for number, value in enumerate(self.ids, start=1)}


TERMINE = Owner(parameter="kuerzel", key="anwalt", single="frnr", read_at="Termine")
# By the template in lower case: also where an installation offers them (ADVOWARE_TERMIN_NUMBER_IN=path).
OWNED: Mapping[str, Owner] = {"termine": TERMINE, f"termine/{INT}": TERMINE, f"termine/{ID}": TERMINE}
RESOURCES: tuple[Resource, ...] = (
    Resource("Beteiligte", ("POST",), "A new Beteiligter; the answer has its betNr."),
    Resource("Beteiligte/{int}", ("GET", "PUT"), "One Beteiligter by betNr. A PUT needs the whole object as read."),
    Resource("Beteiligte/{int}/Kommunikationen", ("POST",), "A new phone number, e-mail address or the like."),
    Resource("Beteiligte/{int}/Kommunikationen/{int}", ("PUT",), "Changes one; its kommKz cannot be changed."),
    Resource("Beteiligte/{int}/Adressen", ("POST",), "A new address."),
    Resource("Beteiligte/{int}/Adressen/{int}", ("PUT",), "Changes street, postcode, town and address block."),
    Resource("Beteiligte/{int}/Bankverbindungen", ("POST",), "A new bank account; it cannot be changed by program."),
    Resource("Rechtsformen", ("GET",), "The legal forms that Advoware allows."),
    Resource(
        "Termine",
        METHODS,
        "Appointments: a list by from, to and kuerzel; one by frnr (in lower case).",
        ("from", "to", "kuerzel", "frnr"),
        OWNED["termine"],
    ),
    Resource("Mitarbeiter", ("GET",), "The people who work in the firm.", ("aktiv",)),
    Resource("Akten", ("GET",), "Files of cases."),
    Resource("Akten/{id}", ("GET",), "One file."),
)


def matches(table: Iterable[Resource], segments: tuple[str, ...]) -> tuple[Match, ...]:
    """The rows that a path is, the most exact one first; at least one."""
    found = []
    if segments[0].lower() not in NEVER:
        for resource in sorted(table, key=lambda row: row.vagueness):
            ids = _ids(resource, segments)
            if ids is not None:
                parts = (ID,) * len(segments) if resource.is_everything else resource.segments
                found.append(Match(resource, ids, numbered(parts), segments))
    if not found:
        raise ProxyRefusal(Code.NOT_OFFERED)
    return tuple(found)


def is_read_after(found: Match, method: str) -> bool:
    """Whether nobody knows what such a write is answered with, so that a good status is all there is to tell by.

    As the sync itself takes it, which reads a Termin after each write (remotes/advoware/termine.py).
    """
    return method in ("PUT", "DELETE") and found.segments[0].lower() == TERMINE.read_at.lower()


def methods_of(found: Iterable[Match]) -> tuple[str, ...]:
    """What these rows offer together."""
    given = {method for row in found for method in row.resource.methods}
    return tuple(method for method in METHODS if method in given)


def offered(found: Sequence[Match], method: str) -> Match:
    """The first row that has the method."""
    for row in found:
        if method in row.resource.methods:
            return row
    there = methods_of(found)
    raise ProxyRefusal(Code.METHOD_NOT_OFFERED, f"offered: {', '.join(there)}", offers=there)


def _ids(resource: Resource, segments: tuple[str, ...]) -> tuple[str, ...] | None:
    if resource.is_everything:
        return segments
    wanted = resource.segments
    if len(wanted) != len(segments) or not all(map(_fits, wanted, segments)):
        return None
    return tuple(segment for want, segment in zip(wanted, segments, strict=True) if want in BLANKS)


def _fits(wanted: str, segment: str) -> bool:
    if wanted == INT:
        return WHOLE_NUMBER.fullmatch(segment) is not None
    return wanted in (ID, segment)


def numbered(parts: Iterable[str]) -> str:
    """The path that these parts of a template are, with a name of its own for each blank."""
    number = count(1)
    return "/".join(f"{{id{next(number)}}}" if part in BLANKS else part for part in parts)


def blanks_behind(template: str, name: str) -> tuple[int, ...]:
    """Which of a row's blanks, counted from 0, stand right behind this name, in whatever spelling."""
    parts = template.split("/")
    blanks = [place for place, part in enumerate(parts) if part in BLANKS]
    return tuple(number for number, place in enumerate(blanks) if place and parts[place - 1].lower() == name.lower())


def note_on(resource: Resource, names: Iterable[str]) -> str:
    """A word on parameters that Advoware will not know: it ignores those, and then lists everything."""
    if not resource.parameters:
        return ""
    unknown = sorted({name for name in names if name not in resource.parameters})
    meant = {known.lower(): known for known in resource.parameters}
    words = [f"{name} (meant: {meant[name.lower()]})" if name.lower() in meant else name for name in unknown]
    return f"unknown parameters are ignored by Advoware: {', '.join(words)}" if words else ""


def row_of(text: str) -> Resource:
    """A row as an installation writes it: `GET+PUT Sachgebiete/{int}`."""
    methods, template = read_row(text)
    return Resource(template, methods, "added by this installation", owner=OWNED.get(template.lower()))


def read_row(text: str) -> tuple[tuple[str, ...], str]:
    """Methods and template of such a text; ValueError says what is wrong."""
    words = text.split()
    if len(words) != 2:
        raise ValueError("methods and a template, such as GET+PUT Sachgebiete/{int}")
    methods, template = tuple(words[0].split("+")), words[1]
    if not set(methods) <= set(METHODS) or len(set(methods)) != len(methods):
        raise ValueError(f"methods are {', '.join(METHODS)}")
    if template != EVERYTHING:
        _check_template(template)
    return tuple(method for method in METHODS if method in methods), template


def rows_of(texts: Iterable[str]) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """An installation's rows, and what is wrong with the others, which offer nothing."""
    rows, faults = [], []
    for text in texts:
        try:
            rows.append(row_of(text))
        except ValueError as fault:
            faults.append(f"{text!r}: {fault}")
    return tuple(rows), tuple(faults)


def _check_template(template: str) -> None:
    segments = template.split("/")
    if segments[0].lower() in NEVER:
        raise ValueError(f"{segments[0]} is never offered")
    if segments[0] in BLANKS:
        raise ValueError("the first part has to be a name")
    for segment in segments:
        if segment not in BLANKS and not (SEGMENT.fullmatch(segment) and segment.strip(".")):
            raise ValueError(f"a template has names, {INT} and {ID}, with single slashes between")
