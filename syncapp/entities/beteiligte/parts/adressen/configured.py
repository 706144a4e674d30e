"""Addresses as the settings describe them.

Invariant: nothing here asks a remote system; what EspoCRM's metadata says is given. Switched off, nothing else of this
part is used. To extend: a setting is declared in advosync_project/declarations/children.py and read here.
"""

from collections.abc import Iterable

from django.conf import settings

from syncapp.core.adressen.fields import ENTITY_FIELDS, RECORD_FIELDS
from syncapp.core.adressen.shapes import (
    AddressPolicy,
    FixedChange,
    LandForm,
    LetterBlock,
    Remove,
    Representation,
)
from syncapp.core.child_lists.fields import ChildMap, resolved
from syncapp.remotes.advoware.children import ChildList


def representation() -> Representation | None:
    """None: addresses are not kept equal."""
    return None if settings.ESPOCRM_ADRESSEN == "off" else Representation(settings.ESPOCRM_ADRESSEN)


def entity_type() -> str:
    return str(settings.ESPOCRM_ADRESSEN_ENTITY)


def link_attribute() -> str:
    return str(settings.ESPOCRM_ADRESSEN_LINK)


def prefixes() -> tuple[str, ...]:
    """The address fields of the record, in the order in which they are filled."""
    return tuple(settings.ESPOCRM_ADRESSEN_FIELDS)


def entity_map(known: Iterable[str] | None) -> ChildMap:
    """`known`: what Metadata names as fields of the entity. An address field is one there, its parts are attributes."""
    return resolved(ENTITY_FIELDS, espo=settings.ESPOCRM_ADRESSEN_MAP, known=known)


def record_map(prefix: str) -> ChildMap:
    return resolved(RECORD_FIELDS, prefix=prefix)


def entry_list() -> ChildList:
    return ChildList(settings.ADVOWARE_ADRESSEN_PATH, "adressen", settings.ADVOWARE_ADRESSE_KEY)


def home_country() -> str:
    return str(settings.HOME_COUNTRY)


def policy() -> AddressPolicy:
    return AddressPolicy(
        only_match=settings.ADRESSEN_INITIAL == "match",
        fixed_change=FixedChange(settings.ADRESSE_FIXED_CHANGE),
        remove=Remove(settings.ADRESSE_REMOVE),
        letter_block=LetterBlock(settings.ADRESSE_ANSCHRIFT),
        land_form=LandForm(settings.ADVOWARE_LAND_FORM),
        carry_expired=settings.ADRESSE_CARRY_EXPIRED,
    )
