"""The kommKz table: Advoware's twelve kinds of contact points and what they are in EspoCRM.

Purpose: one place that says which EspoCRM type an entry maps to, which kommKz a new entry gets, and how the kommKz of
an entry without a marker is guessed (Advoware answers 0).
Invariant: the medium of a value is decided by the value, not by its kommKz: people type addresses over numbers.
To extend: a row in KOMM_KINDS, TYPE_TO_KOMM_KZ or TOP_LEVEL_FIELDS; a firm's own phone types go through `overrides`
(setting KOMMKZ_MAP), never through code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from syncapp.core import values
from syncapp.core.spelling import emails, phones
from syncapp.core.spelling.letters import plain

FALLBACK_TYPE = "Other"
FALLBACK_KOMM_KZ = 10


class Medium(StrEnum):
    phone = "phone"
    email = "email"


class Form(NamedTuple):
    """What two spellings of one contact point have in common."""

    medium: Medium
    key: str


class KommKind(NamedTuple):
    komm_kz: int
    name: str
    espo_type: str | None  # the phone type in EspoCRM; None: by nature no phone
    note: str = ""


KOMM_KINDS = (
    KommKind(1, "TelGesch", "Office"),
    KommKind(2, "FaxGesch", "Fax"),
    KommKind(3, "Mobil", "Mobile"),
    KommKind(4, "MailGesch", None),
    KommKind(5, "Internet", None, "a web address, which no EspoCRM e-mail can hold"),
    KommKind(6, "TelPrivat", "Home"),
    KommKind(7, "FaxPrivat", "Fax"),
    KommKind(8, "MailPrivat", None),
    KommKind(9, "AutoTelefon", "Other"),
    KommKind(10, "Sonstige", "Other", "by its value: a phone number or an address"),
    KommKind(11, "EPost", None),
    KommKind(12, "Bea", None, "only if the value is an address"),
)

# EspoCRM's own types of a phone number, in its order: the first is what it takes where none is said.
PHONE_TYPES = ("Mobile", "Office", "Home", "Fax", "Other")
TYPE_TO_KOMM_KZ: Mapping[str, int] = {"Office": 1, "Fax": 2, "Mobile": 3, "Home": 6, "Other": 10}
EMAIL_KOMM_KZ = 4

# Fields of the Beteiligter itself that repeat one of its contact points, and so betray that entry's kommKz.
TOP_LEVEL_FIELDS: Mapping[str, int] = {
    "mobil": 3,
    "telGesch": 1,
    "faxGesch": 2,
    "emailGesch": 4,
    "internet": 5,
    "telPrivat": 6,
    "faxPrivat": 7,
    "emailPrivat": 8,
    "autotelefon": 9,
    "ePost": 11,
    "bea": 12,
}

KNOWN_KOMM_KZ = frozenset(kind.komm_kz for kind in KOMM_KINDS)


class UnknownKommKz(ValueError):
    """An override names a kommKz that Advoware does not have."""


@dataclass(frozen=True)
class KindTable:
    """The table of one installation: `types` by kommKz for the way to EspoCRM, `komm_kz` by type for the way back."""

    types: Mapping[int, str] = field(
        default_factory=lambda: {k.komm_kz: k.espo_type for k in KOMM_KINDS if k.espo_type}
    )
    komm_kz: Mapping[str, int] = field(default_factory=lambda: dict(TYPE_TO_KOMM_KZ))

    def espo_type(self, komm_kz: int, *, phone_types: Sequence[str], default_type: str) -> str:
        """The EspoCRM type of a phone entry; what the installation lacks becomes Other, else its default type."""
        wanted = self.types.get(komm_kz, FALLBACK_TYPE)
        return next((known for known in (wanted, FALLBACK_TYPE) if known in phone_types), default_type)

    def new_komm_kz(self, medium: Medium, item_type: str | None) -> int:
        """The kommKz of a new entry for an EspoCRM item."""
        if medium is Medium.email:
            return EMAIL_KOMM_KZ
        return self.komm_kz.get(item_type or FALLBACK_TYPE, FALLBACK_KOMM_KZ)


def kind_table(*, types: Mapping[int, str] | None = None, komm_kz: Mapping[str, int] | None = None) -> KindTable:
    """The default table with an installation's own rows laid over it."""
    table = KindTable()
    unknown = (set(types or {}) | set((komm_kz or {}).values())) - KNOWN_KOMM_KZ
    if unknown:
        raise UnknownKommKz(f"kommKz must be 1 to 12, not {sorted(unknown)}")
    return KindTable(types={**table.types, **(types or {})}, komm_kz={**table.komm_kz, **(komm_kz or {})})


def form_of(value: str | None, region: str, *, extensions: bool = False) -> Form | None:
    """The normal form of a contact point; None for an empty one. An @ makes it an address.

    extensions: whether this EspoCRM keeps them, so that they tell two numbers apart.
    """
    text = plain(value or "")
    if not text:
        return None
    return item_form(Medium.email if "@" in text else Medium.phone, text, region, extensions=extensions)


def item_form(medium: Medium, value: str, region: str, *, extensions: bool = True) -> Form:
    """The normal form of an EspoCRM item, whose medium is given by the list it stands in."""
    if medium is Medium.email:
        return Form(medium, emails.normal_form(value))
    return Form(medium, phones.normal_form(value, region, extensions=extensions))


def espo_spelling(value: str | None, region: str, *, extensions: bool = False) -> str | None:
    """The spelling that EspoCRM can be given for this value, or None where it would refuse it."""
    text = plain(value or "")
    if not text:
        return None
    return emails.for_espocrm(text) if "@" in text else phones.for_espocrm(text, region, extensions=extensions)


def shows_extension(values_of_espocrm: Iterable[str], region: str) -> bool:
    """Whether one of EspoCRM's spellings has an extension: then this EspoCRM keeps them."""
    return any(phones.has_extension(value, region) for value in values_of_espocrm if "@" not in value)


def is_ordinary(value: str, region: str) -> bool:
    """Whether nothing about the value is odd; EspoCRM may refuse odd ones that `espo_spelling` lets pass."""
    return emails.is_ordinary(value) if "@" in value else phones.is_ordinary(value, region)


def guess_komm_kz(value: str | None, *, own: int | None, top_level: Mapping[str, str], region: str) -> int:
    """The kommKz of an entry that has neither marker nor link: its own, a field of the Beteiligter, its pattern."""
    if own in KNOWN_KOMM_KZ:
        return int(own or FALLBACK_KOMM_KZ)
    form = form_of(value, region)
    if form is None:
        return FALLBACK_KOMM_KZ
    for name, komm_kz in TOP_LEVEL_FIELDS.items():
        if form_of(top_level.get(name), region) == form:
            return komm_kz
    return _komm_kz_by_pattern(form, plain(value or ""), region)


def _komm_kz_by_pattern(form: Form, value: str, region: str) -> int:
    if form.medium is Medium.email and emails.for_espocrm(value):
        return EMAIL_KOMM_KZ
    if phones.for_espocrm(value, region):
        return 3 if phones.is_mobile(value, region) else 1
    return 5 if values.web_address(value) else FALLBACK_KOMM_KZ
