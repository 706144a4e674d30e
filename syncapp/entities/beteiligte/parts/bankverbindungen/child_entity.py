"""Bank accounts as records of their own in EspoCRM, for webhooks, sweep, set-up and doctor.

Invariant: the inbox never holds an IBAN, a BIC, a holder or a bank: of these it keeps a seal (HMAC) each, which is
enough to tell whether a link holds the same. Label and default are EspoCRM's alone (row 12), and are not judged.
"""

from collections.abc import Mapping
from typing import Any

from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS
from syncapp.core.bankverbindungen.shapes import FIELDS, Account, BankKeep, Keeper, Kept
from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.child_lists.shapes import LinkState
from syncapp.entities.beteiligte.parts.bankverbindungen import configured
from syncapp.entities.beteiligte.parts.child_lists.child_entity import ChildEntity, carried_in
from syncapp.entities.beteiligte.parts.child_lists.marks import STAMP, STATUS
from syncapp.models import ChildKind, ChildLink

SEALED = "sealed"
# Not payment data: kept as they are.
PLAIN = ("aktiv", "entry_number")


def _sealer() -> Keeper:
    """Seals whatever the installation keeps in its links."""
    return Keeper(configured.keeper().key, BankKeep.hash)


def _keeps(attributes: Mapping[str, Any], names: ChildMap) -> Mapping[str, Any]:
    """Nothing else of the element: a firm's own fields may hold the IBAN in another spelling."""
    said = carried_in(attributes, names)
    account = Account(**{name: str(said[name] or "") for name in FIELDS if name in said})
    seals = {name: seal for name, seal in _sealer().keep(account).values if name in said}
    plain = ("id", configured.link_attribute(), STATUS, STAMP)
    kept = {name: attributes[name] for name in plain if name in attributes}
    kept |= {names.attributes[name]: said[name] for name in PLAIN if name in said}
    return {**kept, SEALED: seals}


def _says(kept: Mapping[str, Any], names: ChildMap) -> Mapping[str, object]:
    said = {name: value for name, value in carried_in(kept, names).items() if name in PLAIN}
    return {**said, **(kept.get(SEALED) or {})}


def _is_base(name: str, value: object, link: ChildLink) -> bool:
    if name == "entry_number":
        return value is None or value == link.entry_id
    if name == "aktiv":
        return (value is not False) == (link.state == LinkState.linked)
    return link.base_espo is not None and value == _sealer().resealed(Kept.from_json(link.base_espo)).value(name)


CHILD_ENTITY = ChildEntity(
    name="bankverbindungen",
    kind=ChildKind.BANK,
    fields=ACCOUNT_FIELDS,
    is_on=configured.is_on,
    entity_type=configured.entity_type,
    link_attribute=configured.link_attribute,
    names=configured.account_map,
    keeps=_keeps,
    says=_says,
    is_base=_is_base,
)
