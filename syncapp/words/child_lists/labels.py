"""What the parts of an address or account are called, and how a value of one is written.

Invariant: of an account nothing is written here but what it is given; who gives, masks.
To extend: a further field is a row of FIELDS.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.core.adressen.shapes import Address
from syncapp.models import ChildKind
from syncapp.words import Words

# The names of the parts of a record that are child lists, as plans, conflicts and histories give them.
PARTS: Mapping[str, Words] = {
    "adressen": gettext_lazy("Address"),
    "bankverbindungen": gettext_lazy("Bank account"),
}
LISTS: Mapping[str, Words] = {
    "adressen": gettext_lazy("Addresses"),
    "bankverbindungen": gettext_lazy("Bank accounts"),
}
KINDS: Mapping[str, Words] = {
    ChildKind.ADRESSEN: PARTS["adressen"],
    ChildKind.BANK: PARTS["bankverbindungen"],
}
_LISTS_OF: Mapping[str, Words] = {ChildKind.ADRESSEN: LISTS["adressen"], ChildKind.BANK: LISTS["bankverbindungen"]}


def list_of(kind: str) -> Words:
    """What the list of that kind is called; a kind that only a newer version knows as it is."""
    return _LISTS_OF.get(kind, kind)


FIELDS: Mapping[str, Words] = {
    "strasse": gettext_lazy("Street"),
    "plz": gettext_lazy("Postal code"),
    "ort": gettext_lazy("City"),
    "land": gettext_lazy("Country"),
    "postfach": gettext_lazy("PO box"),
    "postfach_plz": gettext_lazy("Postal code of the PO box"),
    "anschrift": gettext_lazy("Letter block"),
    "standard": gettext_lazy("Default address"),
    "aktiv": gettext_lazy("In use"),
    "gueltig_von": gettext_lazy("Valid from"),
    "gueltig_bis": gettext_lazy("Valid until"),
    "bemerkung": gettext_lazy("Remark"),
    "iban": "IBAN",
    "bic": "BIC",
    "kontoinhaber": gettext_lazy("Account holder"),
    "bankname": gettext_lazy("Bank"),
    "account": gettext_lazy("Account"),
    "name": gettext_lazy("Label"),
    "entry_number": gettext_lazy("Number of the entry in Advoware"),
}
# Where the same name means something else in an account.
OF_ACCOUNTS: Mapping[str, Words] = {"standard": gettext_lazy("Default account")}
FLAGS: Mapping[str, Words] = {
    "True": gettext_lazy("yes"),
    "False": gettext_lazy("no"),
    "None": gettext_lazy("not said"),
}


def search_hint(*, children: bool, values: bool = True) -> str:
    """What a record is found by. children: addresses and accounts are kept equal here; values: may be seen."""
    if not values:
        return _("betNr or EspoCRM id")
    if children:
        return _("Name, betNr, EspoCRM id, phone number, e-mail address, street, city, last four of the IBAN")
    return _("Name, betNr, EspoCRM id, phone number or e-mail address")


def part_label(name: str, kind: str = ChildKind.ADRESSEN) -> str:
    """The field's name; the name itself where it is none of these."""
    own = OF_ACCOUNTS if kind == ChildKind.BANK else {}
    return str(own.get(name) or FIELDS.get(name, name))


def part_value(text: str) -> str:
    return str(FLAGS.get(text, text))


def element_label(key: str) -> str:
    """What a conflict or a change was about: “address (entry 17)”; "" for what is no element of a child list."""
    part, _sign, number = key.partition(".")
    if part not in PARTS:
        return ""
    if not number.isdigit():
        return str(PARTS[part])
    return _("%(what)s (entry %(entry)s)") % {"what": PARTS[part], "entry": number}


def element_value(key: str, value: str | None) -> str | None:
    """An address as the conflict log keeps it, in one line; anything else as it is."""
    if not key.startswith("adressen"):
        return value
    address = Address.from_text(value)
    return value if address is None else address.line
