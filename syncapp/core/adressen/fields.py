"""The field table of addresses, for records of their own and for address fields of the parent.

Invariant: `entry_number` is ours alone: EspoCRM's field for Advoware's number, never sent to Advoware.
To extend: a field is a row here, and one of `Address`.
"""

from collections.abc import Mapping
from dataclasses import replace

from syncapp.core.adressen.shapes import Address, AddressEntry, AddressItem
from syncapp.core.child_lists.fields import ChildField, ChildMap

# The second candidate is EspoCRM's own address type.
ENTITY_FIELDS: tuple[ChildField, ...] = (
    ChildField("strasse", "strasse", ("strasse", "addressStreet"), needed=True),
    ChildField("plz", "plz", ("plz", "addressPostalCode"), needed=True),
    ChildField("ort", "ort", ("ort", "addressCity"), needed=True),
    ChildField("land", "land", ("land", "addressCountry")),
    ChildField("postfach", "postfach", ("postfach",)),
    ChildField("postfach_plz", "postfachPLZ", ("postfachPLZ",)),
    ChildField("anschrift", "anschrift", ()),
    ChildField("standard", "standardAnschrift", ("istStandard",), "flag"),
    ChildField("aktiv", "", ("istAktiv",), "flag"),
    ChildField("gueltig_von", "gueltigVon", ("gueltigVon",), "day"),
    ChildField("gueltig_bis", "gueltigBis", ("gueltigBis",), "day"),
    ChildField("bemerkung", "bemerkung", ("bemerkung",)),
    ChildField("entry_number", "", ("advowareAdresseId",), "number"),
)
# Of an address field of the record, behind its prefix (address, billingAddress, shippingAddress).
RECORD_PARTS: Mapping[str, str] = {"strasse": "Street", "plz": "PostalCode", "ort": "City", "land": "Country"}
RECORD_FIELDS: tuple[ChildField, ...] = tuple(
    replace(row, espo=(RECORD_PARTS[row.name],) if row.name in RECORD_PARTS else ())
    for row in ENTITY_FIELDS
    if row.name != "entry_number"
)


def item_of(
    espo_id: str,
    attributes: Mapping[str, object],
    names: ChildMap,
    *,
    version: str | None = None,
    is_ours: bool = False,
) -> AddressItem:
    """One EspoCRM record, or one address field of the parent (then its id is the field's prefix)."""
    values = names.read_espo(attributes)
    number = values.pop("entry_number", None)
    return AddressItem(
        espo_id, Address.from_json(values), number if isinstance(number, int) else None, version, is_ours
    )


def entry_of(number: int, raw: Mapping[str, object], names: ChildMap, *, row_id: str | None = None) -> AddressEntry:
    values = names.read_advo(raw)
    values["standard"] = bool(values.get("standard"))
    return AddressEntry(number, Address.from_json(values), row_id)
