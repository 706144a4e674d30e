"""Reading a child list: EspoCRM's records of one parent, and what its metadata says of their fields.

Invariant: one request to EspoCRM a kind and run. What refuses this list alone (no right, no such entity) stops this
list alone; an outage or a refused login is that of the whole system and ends the run as any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.faults.errors import ErrorKind
from syncapp.engine.runs.failures import of_remote
from syncapp.engine.runs.run import Failed
from syncapp.entities.beteiligte.clients import Clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.children import Child
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Forbidden, Invalid, Misconfigured, NotFound, RemoteError

OF_THIS_LIST = (Forbidden, Invalid, Misconfigured, NotFound)
# What EspoCRM names the pattern that refuses these signs.
NO_BAD_CHARACTERS = "noBadCharacters"


@dataclass(frozen=True)
class EspoList:
    """records None: not to be had (`trouble`)."""

    records: Mapping[str, EspoEntity] | None = field(default_factory=dict)
    trouble: Failed | None = None


def espocrm_list(row: SyncRecord, clients: Clients, *, entity_type: str, link: str, names: ChildMap) -> EspoList:
    """All items of this record; a list whose rows lack a field says nothing: read as empty, it would empty Advoware."""
    try:
        found = clients.espocrm.of_type(entity_type).children(link=link, parent_id=row.espo_id)
    except OF_THIS_LIST as error:
        return EspoList(None, of_this_list(error))
    hidden = names.hidden_in((one.attributes for one in found), known=_shown_attributes(entity_type, clients))
    if hidden:
        remote_metadata.doubt_child_fields(entity_type)
        about = {"field": hidden, "entity": entity_type}
        return EspoList(None, Failed(ErrorKind.TRANSIENT, "child_hidden_field", about))
    return EspoList({one.id: one for one in found})


def _shown_attributes(entity_type: str, clients: Clients) -> list[str]:
    """Those that a row has to carry: what is switched off in EspoCRM stands in its metadata all the same."""
    fields = remote_metadata.child_fields(entity_type, espocrm=clients.espocrm) or {}
    definitions = remote_metadata.attribute_definitions(fields)
    return [name for name, definition in definitions.items() if not definition.get("disabled")]


def of_this_list(error: RemoteError) -> Failed:
    """What one system answered about this list alone: a matter of the record, not of the connection."""
    failed = of_remote(error)
    kind = ErrorKind.FORBIDDEN if failed.kind is ErrorKind.FORBIDDEN else ErrorKind.VALIDATION
    return replace(failed, kind=kind, system="")


def is_ours(entity: EspoEntity) -> bool:
    """Whether our own user has created it."""
    own = remote_metadata.kept(remote_metadata.OWN_USER)
    return own is not None and entity.attributes.get("createdById") == own


@dataclass(frozen=True)
class FieldBounds:
    """limits: longest text of a field, by our own name. plain: fields that refuse `<`, `>` and `=`."""

    limits: Mapping[str, int] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()


def bounds_of(entity_type: str, names: ChildMap) -> FieldBounds:
    """As kept of EspoCRM's metadata; nothing where they were never read."""
    definitions = remote_metadata.attribute_definitions(remote_metadata.child_fields(entity_type) or {})
    known = {name: definitions.get(attribute, {}) for name, attribute in names.attributes.items()}
    limits = {name: longest for name, one in known.items() if isinstance(longest := one.get("maxLength"), int)}
    plain = (name for name, one in known.items() if NO_BAD_CHARACTERS in str(one.get("pattern") or ""))
    return FieldBounds(limits, frozenset(plain))


def by_number(children: tuple[Child, ...] | None) -> Mapping[int, Child] | None:
    """None: there is no list, or an entry in it that nobody can address, as where two bear one number."""
    found = {child.id: child for child in children or () if child.id is not None}
    return None if children is None or len(found) < len(children) else found


def shows_less(before: Mapping[int, object], after: Mapping[int, object] | None) -> bool:
    """Whether an answer lacks entries that were read a moment ago: then it says nothing of them."""
    return after is None or not set(before) <= set(after)


def fingerprint(values: Mapping[int, str]) -> str:
    """Of a list's entries, by number; no value can be read from it."""
    text = "\n".join(f"{number} {values[number]}" for number in sorted(values))
    return sha256(text.encode()).hexdigest()[:32]
