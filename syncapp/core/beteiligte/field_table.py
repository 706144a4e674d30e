"""The field table: which Advoware field is which EspoCRM attribute, and how a value crosses.

Purpose: one declarative table (MAPPING) from which mapper, validation, diff view and documentation all come, and its
resolution for one installation (FieldMap): plain or Person entity, renamed attributes, translated values.
Invariant: past `read_espo` and `read_advo` every value is canonical (values.py) and keyed by Advoware's name; a key
that the answer lacks, or that holds no text, is absent. A value that a value map cannot translate is never written.
To extend: a field is a row of MAPPING; a new kind of value is a row of KINDS as well.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import Literal

from syncapp.core import values as normal
from syncapp.core.beteiligte import legal_forms
from syncapp.core.sides import Values
from syncapp.core.spelling.letters import plain

KindName = Literal["text", "date"]

# What Person entities call the name of a company. Not a field of its own: it is read into `name`, and stays in the
# values under this key only so that the company rule can see whether it is filled.
COMPANY_NAME = "firmenname"


class FieldMapError(ValueError):
    """The mapping settings contradict the table or EspoCRM's metadata; the message names the entry at fault."""


@dataclass(frozen=True)
class ValueKind:
    """How values of one kind are read, and how they are spelled for Advoware (None: cleared)."""

    canonical: Callable[[object, tzinfo], str | None]
    espo_empty: str | None
    advo_spelling: Callable[[str], str]


KINDS: Mapping[str, ValueKind] = {
    "text": ValueKind(lambda value, _zone: normal.text(value), "", str),
    "date": ValueKind(normal.date, None, "{}T00:00:00".format),
}


@dataclass(frozen=True)
class FieldRow:
    """One field: its Advoware name, its limits, and where EspoCRM keeps it (first candidate that exists)."""

    key: str
    max_length: int | None
    espo_plain: tuple[str, ...]
    espo_person: tuple[str, ...]
    english: str
    german: str
    kind: KindName = "text"
    group: str = "stammdaten"
    natural_person_only: bool = False
    required: bool = False


MAPPING: tuple[FieldRow, ...] = (
    FieldRow("name", 140, ("name",), ("lastName",), "Name", "Name", required=True),
    FieldRow("vorname", 30, ("vorname",), ("firstName",), "First name", "Vorname", natural_person_only=True),
    FieldRow("rechtsform", 50, ("rechtsform",), ("rechtsform",), "Legal form", "Rechtsform"),
    FieldRow("titel", 50, ("titel",), ("titel",), "Title", "Titel"),
    FieldRow("anrede", 35, ("anrede",), ("salutationName",), "Form of address", "Anrede"),
    FieldRow("bAnrede", 150, ("bAnrede",), ("bAnrede", "briefAnrede"), "Salutation in letters", "Briefanrede"),
    FieldRow("zusatz", 100, ("zusatz",), ("zusatz",), "Addition to the name", "Zusatz"),
    FieldRow(
        "geburtsdatum",
        None,
        ("geburtsdatum",),
        ("dateOfBirth",),
        "Date of birth",
        "Geburtsdatum",
        kind="date",
        natural_person_only=True,
    ),
)

# EspoCRM's own salutations are keys that it shows in everybody's language, no words that Advoware could be given.
STOCK_SALUTATIONS = frozenset({"Mr.", "Ms.", "Mrs.", "Dr.", "Drs."})
# In Advoware's API, but its PUT ignores them: not synced, and the record's page says so.
NOT_SYNCED = ("art", "kurzname", "geburtsname", "familienstand", "handelsRegisterNummer", "registergericht")


@dataclass(frozen=True)
class FieldMap:
    """MAPPING as it holds in one installation."""

    person: bool
    rows: tuple[FieldRow, ...]
    espo_names: Mapping[str, str]
    company_espo_name: str | None
    value_map: Mapping[str, Mapping[str, str]]
    company_rechtsformen: frozenset[str]
    versions: Mapping[str, str]
    empty_date: str | None = None
    # Whose midnight a date with an offset is.
    zone: tzinfo = normal.BERLIN

    @cached_property
    def _by_key(self) -> Mapping[str, FieldRow]:
        return {row.key: row for row in self.rows}

    def row(self, key: str) -> FieldRow:
        return self._by_key[key]

    @property
    def general_rows(self) -> tuple[FieldRow, ...]:
        """The fields that a company has too."""
        return tuple(row for row in self.rows if not row.natural_person_only)

    @property
    def espo_attributes(self) -> tuple[str, ...]:
        """Every EspoCRM attribute that holds a mapped field: what lists select and webhook elements are judged by."""
        company = (self.company_espo_name,) if self.company_espo_name else ()
        return (*self.espo_names.values(), *company)

    def field_of(self, attribute: str) -> str | None:
        """The field that an EspoCRM attribute holds."""
        if attribute == self.company_espo_name:
            return "name"
        return next((key for key, name in self.espo_names.items() if name == attribute), None)

    def read_espo(self, attributes: Mapping[str, object]) -> Values:
        """Canonical values of an EspoCRM answer; translated values in Advoware's spelling, others as they are."""
        values: dict[str, str | None] = {}
        for row in self.rows:
            values |= self._read_espo(row, attributes, self.espo_names[row.key])
        if self.company_espo_name:
            values |= self._read(COMPANY_NAME, "text", attributes, self.company_espo_name)
            self._name_of_company(values)
        return values

    def _name_of_company(self, values: dict[str, str | None]) -> None:
        if not self.person:
            return
        if COMPANY_NAME not in values:
            # Without it nobody can tell whether lastName is the name: the name counts as not answered.
            values.pop("name", None)
        elif values[COMPANY_NAME]:
            values["name"] = values[COMPANY_NAME]

    def read_advo(self, raw: Mapping[str, object]) -> Values:
        """Canonical values of an Advoware object."""
        values: dict[str, str | None] = {}
        for row in self.rows:
            values |= self._read(row.key, row.kind, raw, row.key)
            if row.kind == "date" and self.empty_date and values.get(row.key, "") == normal.date(self.empty_date):
                values[row.key] = None
        return values

    def to_espo(self, values: Values, *, company: bool = False) -> dict[str, object]:
        """Attributes to PATCH for these values; what cannot be translated is left out (see `unmappable`).

        company: the merged record is one (`Comparison.company`), so a Person entity's name goes to firmenname.
        """
        attributes: dict[str, object] = {}
        for key, value in self._writable(values):
            name = self.espo_names[key]
            if key == "name" and company and self.person and self.company_espo_name:
                name = self.company_espo_name
            attributes[name] = (
                KINDS[self.row(key).kind].espo_empty if value is None else self._espo_spelling(key, value)
            )
        return attributes

    def to_advo(self, values: Values) -> dict[str, object]:
        """Fields to lay over Advoware's object, with what this installation sends for "no date"."""
        empty: Mapping[str, object] = {"text": "", "date": self.empty_date}
        return {
            key: empty[self.row(key).kind] if value is None else KINDS[self.row(key).kind].advo_spelling(value)
            for key, value in self._writable(values)
        }

    def unmappable(self, values: Values) -> tuple[str, ...]:
        """Fields with a value map whose value has no counterpart on the other side (either way): left out, reported."""
        return tuple(
            key
            for key, spellings in self.value_map.items()
            if values.get(key) is not None and values[key] not in spellings.values()
        )

    def created_with(self, values: Values) -> Values:
        """Of what EspoCRM holds, what a new Beteiligter is made of: neither what is empty or has no counterpart, nor
        what a company does not have. Runs validate and write this, previews foresee it."""
        left_out = self._without_place(values)
        return {
            row.key: values[row.key]
            for row in self.rows
            if row.key in values and row.key not in left_out and (values[row.key] is not None or row.required)
        }

    def left_empty(self, values: Values) -> Values:
        """The texts beside `created_with`, which a create names as empty: a system that keeps no more than it is sent
        would not show them afterwards, and what is not shown is not compared. How a create spells "none" of a date or
        a legal form is not known."""
        named = {*self.created_with(values), *self._without_place(values), "rechtsform"}
        texts = (row.key for row in self.rows if row.kind == "text" and row.key not in named)
        return {key: None for key in texts if key in values}

    def _without_place(self, values: Values) -> set[str]:
        """What has no counterpart, and what a company does not have."""
        of_persons = {row.key for row in self.rows if row.natural_person_only}
        return {*self.unmappable(values), *(of_persons if self.is_company(values) else ())}

    def is_company(self, values: Values) -> bool:
        """firmenname is filled, or the legal form is one of a company (case, blanks and dots do not count)."""
        rechtsform = values.get("rechtsform")
        return bool(values.get(COMPANY_NAME)) or (
            rechtsform is not None and legal_forms.folded(rechtsform) in self.company_rechtsformen
        )

    def same_as(self, attributes: Mapping[str, object], held: Values) -> bool:
        """Whether each mapped attribute of a part of a record (a webhook element) says what `held` says.

        Attribute by attribute, since a part seldom holds enough to tell whose name lastName is; in doubt False.
        """
        owners = {self.espo_names[row.key]: row for row in self.rows}
        if self.company_espo_name in attributes and not self.person:
            return False  # we never write it, so it is somebody's edit, and may turn the record into a company
        if self.company_espo_name:
            owners[self.company_espo_name] = self.row("name")
        return all(self._says(attributes, name, row, held) for name, row in owners.items() if name in attributes)

    def _says(self, attributes: Mapping[str, object], name: str, row: FieldRow, held: Values) -> bool:
        said = self._read_espo(row, attributes, name)
        return row.key in said and row.key in held and said[row.key] == held[row.key]

    def _read_espo(self, row: FieldRow, attributes: Mapping[str, object], name: str) -> Values:
        """What an attribute says of the field, in Advoware's spelling; what nobody has translated as it is."""
        spellings = self.value_map.get(row.key, {})
        said = self._read(row.key, row.kind, attributes, name)
        return {key: None if value is None else spellings.get(value, value) for key, value in said.items()}

    def _read(self, key: str, kind: KindName, source: Mapping[str, object], name: str) -> Values:
        """Nothing where the key is missing, or an object stands where text belongs."""
        try:
            return {key: KINDS[kind].canonical(source[name], self.zone)} if name in source else {}
        except normal.NotAValue:
            return {}

    def _writable(self, values: Values) -> list[tuple[str, str | None]]:
        left_out = self.unmappable(values)
        return [(row.key, values[row.key]) for row in self.rows if row.key in values and row.key not in left_out]

    def _espo_spelling(self, key: str, value: str) -> str:
        return next((espo for espo, advo in self.value_map.get(key, {}).items() if advo == value), value)


def resolve(
    *,
    person: bool,
    overrides: Mapping[str, str],
    value_map: Mapping[str, Mapping[str, str]],
    company_rechtsformen: frozenset[str],
    known_attributes: frozenset[str] | None,
    options: Mapping[str, Collection[str]] | None = None,
    empty_date: str | None = None,
    zone: tzinfo = normal.BERLIN,
) -> FieldMap:
    """The table for one installation; raises FieldMapError naming the setting's entry that cannot be meant.

    overrides: Advoware name (or firmenname) -> EspoCRM attribute. value_map: EspoCRM attribute or Advoware name ->
    {EspoCRM value: Advoware value}. known_attributes: EspoCRM's metadata, None where it was not read. options: of
    attributes that are lists of them; without a value map those are carried that can be the same word on both sides.
    empty_date: what Advoware shows for "no date", where that is not null. zone: whose midnight a date with an offset
    may be.
    """
    _check_overrides(overrides, known_attributes)
    names = {row.key: overrides.get(row.key) or _candidate(row, person, known_attributes) for row in MAPPING}
    company_name = _company_name(person, overrides, known_attributes)
    _check_distinct(names, company_name)
    translations = _translations(value_map, names)
    return FieldMap(
        person=person,
        rows=MAPPING,
        espo_names=names,
        company_espo_name=company_name,
        # Not in the versions: both sides are read as before, whatever options there are.
        value_map={**_same_words(names, options or {}), **translations},
        company_rechtsformen=frozenset(legal_forms.folded(form) for form in company_rechtsformen),
        versions={
            row.key: _version(row, names, company_name if person else None, translations, (empty_date, str(zone)))
            for row in MAPPING
        },
        empty_date=empty_date or None,
        zone=zone,
    )


def _candidate(row: FieldRow, person: bool, known: frozenset[str] | None) -> str:
    candidates = row.espo_person if person else row.espo_plain
    return next((name for name in candidates if known is not None and name in known), candidates[0])


def _company_name(person: bool, overrides: Mapping[str, str], known: frozenset[str] | None) -> str | None:
    name = overrides.get(COMPANY_NAME, COMPANY_NAME)
    exists = name in known if known is not None else person
    return name if exists else None


def _check_overrides(overrides: Mapping[str, str], known: frozenset[str] | None) -> None:
    keys = {COMPANY_NAME, *(row.key for row in MAPPING)}
    for key, name in overrides.items():
        if key not in keys:
            raise FieldMapError(f"{key}={name}: {key} is not a synced field; these are: {', '.join(sorted(keys))}")
        if not name or (known is not None and name not in known):
            raise FieldMapError(f"{key}={name}: EspoCRM's entity has no attribute of this name")


def _check_distinct(names: Mapping[str, str], company_name: str | None) -> None:
    owners: dict[str, str] = {company_name: COMPANY_NAME} if company_name else {}
    for key, name in names.items():
        if name in owners:
            raise FieldMapError(f"{key}={name}: {owners[name]} is already kept in {name}")
        owners[name] = key


def _translations(value_map: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    keys = {name: key for key, name in names.items()} | {key: key for key in names}
    kinds = {row.key: row.kind for row in MAPPING}
    found: dict[str, dict[str, str]] = {}
    for name, spellings in value_map.items():
        key = keys.get(name)
        if key is None or kinds[key] != "text":
            raise FieldMapError(f"value map {name}: no synced text field of this name")
        for espo, advo in spellings.items():
            if not normal.text(espo) or not normal.text(advo):
                raise FieldMapError(f"value map {name}: {espo!r}={advo!r} has an empty side")
        found[key] = {plain(str(espo)): plain(str(advo)) for espo, advo in spellings.items()}
    return {key: spellings for key, spellings in found.items() if spellings}


def _same_words(names: Mapping[str, str], options: Mapping[str, Collection[str]]) -> Mapping[str, Mapping[str, str]]:
    """How lists of options are read that no value map speaks of: EspoCRM takes nothing else, and would refuse it."""
    words = {key: [plain(option) for option in options[name]] for key, name in names.items() if name in options}
    return {
        key: {word: word for word in found if word and word not in STOCK_SALUTATIONS} for key, found in words.items()
    }


def _version(
    row: FieldRow,
    names: Mapping[str, str],
    company_name: str | None,
    translations: Mapping[str, Mapping[str, str]],
    dates: tuple[str | None, str],
) -> str:
    """A short text that changes when the same remote values would be read as something else."""
    meaning: list[object] = [row.kind, names[row.key], sorted(translations.get(row.key, {}).items())]
    meaning += [company_name] if row.key == "name" else []
    meaning += dates if row.kind == "date" else ()
    return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()[:12]
