"""Whole contact plans as lines: what is given, and everything that comes of it.

Purpose: `plans.md` shows the decision tables row by row, each plan complete; people read it, the test compares it.
Invariant: every field of a plan, its operations and its links has its place in a line, so that no change of a plan
goes unseen. Cells are two spaces apart, `–` is an empty text, `[value:kommKz]` and `[slot:kommKz]` are markers.
To extend: a new fact is a row of FACTS, a new field a part of the line of its class.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import Medium, form_of
from syncapp.core.kommunikation.shapes import (
    ContactPlan,
    Entry,
    Facts,
    Item,
    KommPolicy,
    Link,
    LinkBase,
    ListName,
    OnConflict,
    Operation,
    Pending,
    PostEntry,
    PutEntry,
    TypeChange,
)
from syncapp.core.parts import Direction
from tests.core.kommunikation.planned import plan

FILE = Path(__file__).with_name("plans.md")
EMPTY = "–"
SHORT_MARKER = re.compile(r"\[([^\[\]]+):(\d+)\]")
LONG_MARKER = re.compile(r"\[ESPOCRM[^\]]*\]")
FLAGS = {"primary": "primary", "opt_out": "opted out", "invalid": "invalid"}
FACTS: dict[str, dict[str, Any]] = {
    "untouched": {"espo_untouched": True},
    "version moved": {"version_moved": True},
    "empty lists seen": {"empty_seen": frozenset(ListName)},
    "three phones at most": {"max_phones": 3},
    "one phone at most": {"max_phones": 1},
    "one e-mail at most": {"max_emails": 1},
    "no type Home": {"phone_types": ("Mobile", "Office", "Fax", "Other")},
    "a firm's types": {"phone_types": ("Festnetz", "Handy"), "default_phone_type": "Handy"},
    "links known": {"links_known": True},
    "links unknown": {"links_known": False},
    "Swiss": {"region": "CH"},
}


@dataclass(frozen=True)
class Row:
    """One heading of the file: the lines above `->` and those below."""

    name: str
    given: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def rows(file: Path = FILE) -> tuple[Row, ...]:
    found: list[Row] = []
    below = False
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append(Row(line.removeprefix("## ")))
            below = False
        elif line.strip() == "->":
            below = True
        elif line.startswith("    "):
            row = found[-1]
            new = "  ".join(cells(line))
            found[-1] = replace(row, lines=(*row.lines, new)) if below else replace(row, given=(*row.given, new))
    return tuple(found)


def cells(line: str) -> list[str]:
    return re.split(r" {2,}", line.strip())


# --- what is given


@dataclass
class Given:
    """The arguments of `plan`, line by line."""

    items: list[Item] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    direction: Direction = Direction.both
    policy: KommPolicy = field(default_factory=KommPolicy)
    stored_hash: str | None = None

    def planned(self) -> ContactPlan:
        return plan(
            items=self.items,
            entries=self.entries,
            links=self.links,
            facts=self.facts,
            direction=self.direction,
            policy=self.policy,
            stored_hash=self.stored_hash,
        )

    def take(self, line: str) -> None:
        verb, *rest = cells(line)
        getattr(self, f"_{verb}")(*rest)

    def _item(self, kind: str, value: str, flags: str = "") -> None:
        medium = Medium.email if kind == "email" else Medium.phone
        type = None if kind in ("email", EMPTY) else kind
        self.items.append(Item(medium, value, type, **{name: word in flags for name, word in FLAGS.items()}))

    def _entry(self, number: str, tlf: str, remark: str = "", more: str = "") -> None:
        komm_kz = int(more.removeprefix("kommKz ")) if more.startswith("kommKz") else 0
        online = None if more == "online unknown" else more != "offline" and tlf != EMPTY
        self.entries.append(Entry(int(number), f"row{number}", text(tlf), long(remark), komm_kz, online))

    def _link(self, number: str, komm_kz: str, *parts: str) -> None:
        link = Link(None if number == "new" else int(number), int(komm_kz.removeprefix("kommKz ")))
        self.links.append(_with_parts(link, parts))

    def _sends(self, number: str, tlf: str, remark: str, *parts: str) -> None:
        told = dict(part.split(" ", 1) for part in parts)
        pending = Pending(
            base_from(told.get("base")),
            text(tlf),
            long(remark),
            told.get("text", ""),
            long(told["cut"]) if "cut" in told else None,
        )
        self.links[-1] = replace(self.links[-1], pending=pending)

    def _fact(self, name: str) -> None:
        self.facts = replace(self.facts, **FACTS[name])

    def _refused(self, number: str, tlf: str) -> None:
        self.facts = replace(self.facts, refused=self.facts.refused | {(int(number), tlf)})

    def _shows(self, name: str, value: str) -> None:
        self.facts = replace(self.facts, top_level={**self.facts.top_level, name: value})

    def _direction(self, name: str) -> None:
        self.direction = Direction(name)

    def _policy(self, name: str) -> None:
        changes: dict[str, Any] = {
            "slot": {"new_in_advoware_on_conflict": OnConflict.slot},
            "recreate": {"type_change": TypeChange.recreate},
        }
        self.policy = replace(self.policy, **changes[name])

    def _hash(self, value: str) -> None:
        self.stored_hash = value


PARTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "type": lambda rest: {"item_type": rest},
    "base": lambda rest: {"base": base_from(rest)},
    "alias": lambda _: {"alias": True},
    "cannot-hold": lambda rest: {"refused_remark": long(rest)},
    "cannot-take": lambda rest: {"refused_value": rest},
    "no-room-told": lambda _: {"no_room_told": True},
    "told": lambda rest: {"type_change_told": rest},
}


def _with_parts(link: Link, parts: Sequence[str]) -> Link:
    for part in parts:
        word, _, rest = part.partition(" ")
        link = replace(link, **PARTS[word](rest))
    return link


def base_from(line: str | None) -> LinkBase | None:
    """`espo = advo`, or one spelling for both sides."""
    if line is None or line == "none":
        return None
    espo, _, advo = line.partition(" = ")
    form = form_of(espo, "DE")
    assert form
    return LinkBase(form.medium, form.key, espo, advo or espo)


def text(cell: str) -> str:
    return "" if cell == EMPTY else cell


def long(remark: str) -> str:
    def marker(match: re.Match[str]) -> str:
        if match[1] == "slot":
            return markers.SlotMarker(int(match[2])).text
        return markers.Marker(match[1], int(match[2])).text

    return SHORT_MARKER.sub(marker, text(remark))


# --- what comes of it


def short(remark: str) -> str:
    def marker(match: re.Match[str]) -> str:
        found = markers.parse(match[0]).found
        if isinstance(found, markers.SlotMarker):
            return f"[slot:{found.komm_kz}]"
        return f"[{found.value}:{found.komm_kz}]" if found else match[0]

    return LONG_MARKER.sub(marker, remark) or EMPTY


def lines_of(made: ContactPlan) -> list[str]:
    return list(_lines(made))


def _lines(made: ContactPlan) -> Iterator[str]:
    for operation in made.operations:
        yield from _operation(operation)
        assert operation.intent is None or operation.intent in made.links_before
        assert operation.done is None or operation.done in made.links_after
    for name, items in (("phones", made.phones), ("emails", made.emails)):
        if items is not None:
            yield from [f"{name}  {_item(one)}" for one in items] or [f"{name}  none"]
    for report in made.reports:
        told = [f"{name} {value}" for name, value in report.params.items()]
        yield "  ".join(["report", report.code.value, *([str(report.entry_id)] if report.entry_id else []), *told])
    yield from _links(made)
    assert all(one.removes == (one.variant.value in ("Var2", "Var3", "emptied")) for one in made.operations)
    if made.skipped:
        yield "skipped"
    if made.stopped:
        yield f"stopped  {made.stopped.value}"
    for list_name in sorted(made.empty_lists):
        yield f"suddenly empty  {list_name.value}"


def _operation(operation: Operation) -> Iterator[str]:
    where = [] if operation.entry_id is None else [str(operation.entry_id)]
    phase = {1: "now", 2: "with EspoCRM"}[operation.settles]
    yield "  ".join([operation.variant.value, *where, phase])
    write = operation.write
    if isinstance(write, PostEntry):
        yield _written("POST", f"kommKz {write.komm_kz}", write)
    elif isinstance(write, PutEntry):
        yield _written("PUT", str(write.entry_id), write)
    if operation.needs:
        yield f"needs  {', '.join(map(str, sorted(operation.needs)))}"


def _written(verb: str, where: str, write: PostEntry | PutEntry) -> str:
    assert isinstance(write.online, bool)
    return "  ".join([verb, where, write.tlf or EMPTY, short(write.bemerkung), "online" if write.online else "offline"])


def _item(item: Item) -> str:
    flags = [word for name, word in FLAGS.items() if getattr(item, name)]
    return "  ".join(filter(None, [item.type or ("email" if item.medium is Medium.email else EMPTY), item.value])) + (
        f"  {', '.join(flags)}" if flags else ""
    )


def _links(made: ContactPlan) -> Iterator[str]:
    """`link`: as it is committed first and last; `first` and `then` where these differ."""
    before, after = list(made.links_before), list(made.links_after)
    for link in before:
        yield from _link("link" if link in after else "first", link)
    for link in after:
        if link not in before:
            yield from _link("then", link)


def _link(word: str, link: Link) -> Iterator[str]:
    assert isinstance(link.alias, bool)
    parts = [
        word,
        "new" if link.entry_id is None else str(link.entry_id),
        f"kommKz {link.komm_kz}",
        f"type {link.item_type}" if link.item_type is not None else "",
        f"base {_base(link.base)}" if link.base else "",
        "alias" if link.alias else "",
        f"cannot-hold {short(link.refused_remark)}" if link.refused_remark is not None else "",
        f"cannot-take {link.refused_value}" if link.refused_value is not None else "",
        f"told {link.type_change_told}" if link.type_change_told is not None else "",
        "no-room-told" if link.no_room_told else "",
        *(f"late {one.tlf or EMPTY}{' along ' + (one.base or EMPTY) if one.along else ''}" for one in link.late),
    ]
    yield "  ".join(filter(None, parts))
    if link.pending:
        yield _pending(parts[1], link.pending)


def _pending(where: str, pending: Pending) -> str:
    told = [f"base {_base(pending.base) if pending.base else 'none'}"]
    if pending.remark_before:
        told.append(f"text {pending.remark_before}")
    if pending.cut_remark is not None:
        told.append(f"cut {short(pending.cut_remark)}")
    return "  ".join(["sends", where, pending.tlf or EMPTY, short(pending.bemerkung), *told])


def _base(base: LinkBase) -> str:
    assert base.form == form_of(base.espo, "DE"), "a base holds the normal form of what EspoCRM held"
    return base.espo if base.espo == base.advo else f"{base.espo} = {base.advo or EMPTY}"
