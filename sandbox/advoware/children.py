"""Addresses and bank accounts of a Beteiligter: what the stand-in Advoware takes, keeps and answers.

Invariant: a write gives that entry a new rowId; the Beteiligter's own moves only where the switch says so. An address
is created with every field and changed in four; an account is created and nothing else; a person may do everything.
To extend: a further list is a row of LISTS; a further habit is a switch that is read here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.row_ids import new_row_id
from sandbox.models.advoware import Beteiligter, ListEntry
from sandbox.switches import switches


@dataclass(frozen=True)
class EntryList:
    """`put`: what a PUT changes; None: there is no PUT. `lengths`: longest text; other kinds are in `flags`."""

    kind: str
    lengths: Mapping[str, int]
    flags: tuple[str, ...] = ()
    put: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.lengths, *self.flags)


ADRESSEN = EntryList(
    "adressen",
    {
        "strasse": 100,
        "plz": 20,
        "ort": 100,
        "land": 50,
        "postfach": 50,
        "postfachPLZ": 20,
        "anschrift": 500,
        "bemerkung": 1000,
        "gueltigVon": 19,
        "gueltigBis": 19,
    },
    ("standardAnschrift",),
    ("strasse", "plz", "ort", "anschrift"),
)
BANK = EntryList("bankverbindungen", {"iban": 34, "bic": 11, "kontoinhaber": 100, "bankname": 100})
LISTS = {each.kind: each for each in (ADRESSEN, BANK)}
LETTERS = {"Deutschland": "D", "Österreich": "A", "Schweiz": "CH", "Frankreich": "F", "Niederlande": "NL"}


def checked(which: EntryList, body: Mapping[str, object]) -> dict[str, object]:
    """What of a body is stored, each value checked; raises BadValue."""
    stored: dict[str, object] = {}
    for name, longest in which.lengths.items():
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            raise BadValue(f"{name}: Text erwartet")
        if isinstance(value, str) and len(value) > longest:
            if switches("advoware")["too_long"] != "cut":
                raise BadValue(f"{name}: höchstens {longest} Zeichen")
            value = value[:longest]
        stored[name] = value
    for name in which.flags:
        if body.get(name) not in (None, True, False):
            raise BadValue(f"{name}: true oder false erwartet")
        stored[name] = bool(body.get(name))
    return stored


def _as_kept(which: EntryList, stored: dict[str, object]) -> dict[str, object]:
    """What becomes of a new entry by the habits that nobody knows for certain."""
    habits = switches("advoware")
    cut = habits["cut_remark"]
    if isinstance(cut, int) and isinstance(stored.get("bemerkung"), str):
        stored["bemerkung"] = str(stored["bemerkung"])[:cut]
    if which is ADRESSEN and stored["land"]:
        if habits["land_form"] == "letters" and stored["land"] not in LETTERS.values():
            raise BadValue("land: Länderkennzeichen erwartet")
        if habits["land_form"] == "name":
            names = {letters: name for name, letters in LETTERS.items()}
            stored["land"] = names.get(str(stored["land"]), stored["land"])
    if which is ADRESSEN and habits["anschrift_kind"] != "own" and not stored["anschrift"]:
        stored["anschrift"] = composed(stored)
    return stored


def composed(fields: Mapping[str, object]) -> str:
    """The letter block that Advoware may make of an address."""
    town = " ".join(str(fields[name]) for name in ("plz", "ort") if fields.get(name))
    return "\n".join(line for line in (str(fields.get("strasse") or ""), town) if line)


def create(bet_nr: int, kind: str, body: Mapping[str, object]) -> ListEntry:
    which = LISTS[kind]
    stored = _as_kept(which, checked(which, body))
    with transaction.atomic(using="sandbox"):
        owner = Beteiligter.objects.get(pk=bet_nr)
        if stored.get("standardAnschrift") and switches("advoware")["standard_moves"]:
            _take_standard_from_others(owner)
        last = owner.entries.filter(kind=kind).aggregate(last=Max("position"))["last"] or 0
        row = ListEntry.objects.create(
            beteiligter=owner, kind=kind, row_id=new_row_id(), position=last + 1, fields=stored
        )
        _move_parent(owner)
    return row


def _take_standard_from_others(owner: Beteiligter) -> None:
    for other in owner.entries.filter(kind=ADRESSEN.kind, fields__standardAnschrift=True):
        other.fields = {**other.fields, "standardAnschrift": False}
        other.row_id = new_row_id()
        other.save()


def _move_parent(owner: Beteiligter) -> None:
    if switches("advoware")["child_moves_parent"]:
        owner.row_id, owner.geaendert_am = new_row_id(), timezone.now()
        owner.save(update_fields=("row_id", "geaendert_am"))


def find(bet_nr: int, kind: str, number: int) -> ListEntry:
    """By whatever counts as the number in the address."""
    by_place = kind == ADRESSEN.kind and switches("advoware")["adresse_key"] == "reihenfolgeIndex"
    key = {"position": number} if by_place else {"pk": number}
    return ListEntry.objects.get(beteiligter_id=bet_nr, beteiligter__gone=False, kind=kind, **key)


def replace(bet_nr: int, kind: str, number: int, body: Mapping[str, object]) -> ListEntry:
    """PUT: four fields of an address; what the body lacks of them becomes empty, all else is ignored."""
    which = LISTS[kind]
    row = find(bet_nr, kind, number)
    taken = {name: value for name, value in checked(which, body).items() if name in (which.put or ())}
    if which is ADRESSEN and switches("advoware")["anschrift_kind"] == "follows":
        taken["anschrift"] = composed(taken)
    return _store(row, taken)


def edit(entry: ListEntry, changes: Mapping[str, object]) -> ListEntry:
    """A person's edit in Advoware itself: every field, the given ones."""
    which = LISTS[entry.kind]
    return _store(entry, checked(which, {**entry.fields, **changes}))


def _store(row: ListEntry, changes: Mapping[str, object]) -> ListEntry:
    with transaction.atomic(using="sandbox"):
        row.fields = {**row.fields, **changes}
        row.row_id = new_row_id()
        row.save()
        _move_parent(row.beteiligter)
    return row


def delete(entry: ListEntry) -> None:
    """Only a person can do this; the API has no way."""
    with transaction.atomic(using="sandbox"):
        owner = entry.beteiligter
        entry.delete()
        _move_parent(owner)


def touched_by_parent(owner: Beteiligter, body: Mapping[str, object]) -> None:
    """Where a PUT of the Beteiligter touches its addresses: each is written as the body has it, or goes."""
    carried = body.get(ADRESSEN.kind)
    if not switches("advoware")["parent_put_touches_children"] or not isinstance(carried, list):
        return
    by_id = {entry.get("id"): entry for entry in carried if isinstance(entry, dict)}
    for row in owner.entries.filter(kind=ADRESSEN.kind):
        sent = by_id.get(row.pk)
        if sent is None:
            row.delete()
            continue
        row.fields, row.row_id = {**row.fields, **checked(ADRESSEN, sent)}, new_row_id()
        row.save()


def entry_json(row: ListEntry, *, with_row_id: bool = True) -> dict[str, object]:
    shown = {"id": row.pk, "betNr": row.beteiligter_id, **({"rowId": row.row_id} if with_row_id else {})}
    return {**shown, **row.fields, **({"reihenfolgeIndex": row.position} if row.kind == ADRESSEN.kind else {})}


def embedded(row: Beteiligter, *, everything: bool = False) -> dict[str, object]:
    """The lists inside a Beteiligter, as far as it shows them. `everything`: for whoever compares both systems."""
    habits = switches("advoware")
    entries = list(row.entries.all())
    shown: dict[str, object] = {}
    if everything or not habits["omit_adressen"]:
        hidden = habits["empty_adressen"] and not everything
        shown["adressen"] = [] if hidden else [entry_json(one) for one in entries if one.kind == ADRESSEN.kind]
    if everything or habits["bank_list"] == "embedded":
        shown["bankverbindungen"] = accounts_json((one for one in entries if one.kind == BANK.kind), everything)
    return shown


def accounts_json(rows: Iterable[ListEntry], everything: bool = False) -> list[dict[str, object]]:
    zero = {"id": 0} if switches("advoware")["bank_numbers"] == "zero" and not everything else {}
    return [{**entry_json(row), **zero} for row in rows]


def created_json(row: ListEntry) -> object:
    """The answer to a POST, in the shape that is switched on."""
    habits = switches("advoware")
    whole = entry_json(row, with_row_id=bool(habits["row_id_in_answers"]))
    shapes: dict[str, object] = {
        "object": whole,
        "list": [whole],
        "id": {"id": row.pk},
        "number": row.pk,
        "all": [entry_json(one) for one in row.beteiligter.entries.filter(kind=row.kind)],
    }
    return shapes.get(str(habits["post_answer"]))
