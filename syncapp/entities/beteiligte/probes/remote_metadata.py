"""What the two systems say about themselves: field names, legal forms, phone types, our own user.

Invariant: a fact is fetched at most once per lifetime for all processes together and kept in the database; a page or
a webhook reads what is kept and never waits for a remote system. A process may remember the fields with the moment at
which they were read, and uses them only where the database names the same moment (`field_map_as_of`).
To extend: a new fact is a key and its fetcher.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, Subquery
from django.utils import timezone

from syncapp.core.beteiligte.field_table import FieldMap, resolve
from syncapp.core.kommunikation.kinds import PHONE_TYPES, Medium
from syncapp.engine.rows.prepared import Prepared
from syncapp.entities.beteiligte.clients import Tools, configured_clients
from syncapp.models import RemoteFact
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.http.errors import Forbidden, RemoteError

LIFETIME = timedelta(hours=24)
# Of what was empty: a right that has been granted meanwhile is seen after that.
NOTHING_READ_LIFETIME = timedelta(minutes=10)
ENTITY_FIELDS = "espocrm.entity_fields"
OWN_USER = "espocrm.own_user"
RECHTSFORMEN = "advoware.rechtsformen"
BOOKKEEPING_REFUSED = "espocrm.bookkeeping_refused"
# How Advoware spells each country, by ISO code.
LAND_SPELLINGS = "advoware.land_spellings"
# Field definitions of an entity whose records belong to ours, by its name.
CHILD_FIELDS = "espocrm.child_fields."
# The longest list of numbers or addresses that EspoCRM takes, by medium, where it has refused a longer one.
MOST = "espocrm.most."
MOST_ASSUMED = 10
ADDRESS_PARTS = {"Street": 255, "City": 100, "State": 100, "Country": 100, "PostalCode": 40}

# What every run asks for; read at once by `at_one_reading`.
OF_A_RUN = frozenset(
    {ENTITY_FIELDS, OWN_USER, RECHTSFORMEN, BOOKKEEPING_REFUSED, LAND_SPELLINGS} | {f"{MOST}{one}" for one in Medium}
)
FACTS_OF_A_RUN = Prepared(
    lambda: RemoteFact.objects.filter(Q(pk__in=sorted(OF_A_RUN)) | Q(pk__startswith=CHILD_FIELDS))
)
ONE_FACT = Prepared(lambda key: RemoteFact.objects.filter(pk=key), "key")
# When EspoCRM's fields were read, for a query that asks for something else.
FIELDS_READ_AT = Subquery(RemoteFact.objects.filter(pk=ENTITY_FIELDS).values("fetched_at"))
_reading: ContextVar[dict[str, RemoteFact] | None] = ContextVar("facts_of_a_run", default=None)


# Each name with the options of its field, where that is a list of them.
Attributes = tuple[tuple[str, tuple[str, ...]], ...]


@contextmanager
def at_one_reading() -> Iterator[None]:
    """Within, the facts of a run cost one query altogether; those of many runs too, where it stands around them all."""
    if _reading.get() is not None:
        yield
        return
    token = _reading.set({fact.key: fact for fact in FACTS_OF_A_RUN.rows()})
    try:
        yield
    finally:
        _reading.reset(token)


def _stored(key: str) -> RemoteFact | None:
    reading = _reading.get()
    if reading is not None and (key in OF_A_RUN or key.startswith(CHILD_FIELDS)):
        return reading.get(key)
    return ONE_FACT.first(key=key)


def kept(key: str) -> Any:
    """The value as last read, of any age; None if it was never read."""
    fact = _stored(key)
    return None if fact is None else fact.value


def keep(key: str, value: object) -> None:
    _remembered.cache_clear()
    fact, _created = RemoteFact.objects.update_or_create(
        pk=key, defaults={"value": value, "fetched_at": timezone.now()}
    )
    reading = _reading.get()
    if reading is not None:
        reading[key] = fact


def fresh(key: str, fetch: Callable[[], object]) -> Any:
    """The value, fetched anew when it is older than its lifetime. An old value serves where fetching fails."""
    fact = _stored(key)
    if fact is not None and fact.fetched_at > timezone.now() - (LIFETIME if fact.value else NOTHING_READ_LIFETIME):
        return fact.value
    try:
        value = fetch()
    except RemoteError:
        if fact is None:
            raise
        return fact.value
    keep(key, value)
    return value


def forget() -> None:
    """Read everything anew at the next need (after a change of the remote systems' configuration)."""
    # How far the sweep has come is no fact of a system: without it, changes that no webhook told of would be missed.
    RemoteFact.objects.exclude(pk__startswith="sweep.").exclude(pk__startswith="calendar.").delete()
    _remembered.cache_clear()
    _resolved.cache_clear()


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """What EspoCRM accepts as phones: `types` in its order, the default type."""

    types: tuple[str, ...]
    default_type: str


def read_all(*, espocrm: EspoClient, advoware: AdvowareClient) -> None:
    """Fetch what is missing or old, before the first sync, so that no sync pays for it."""
    field_map(espocrm=espocrm)
    own_user_id(espocrm=espocrm)
    rechtsformen(advoware=advoware)


def entity_fields(*, espocrm: EspoClient | None = None) -> Mapping[str, Any]:
    """Field definitions of the entity as EspoCRM's metadata give them; {} where they cannot be read.

    Where they could be read before, an empty answer (a right taken away for a while) does not take their place: under
    the names of the other kind of entity everything would be compared and carried anew.
    """
    value = _as_known(ENTITY_FIELDS, None if espocrm is None else partial(_fields_of, espocrm))
    return value if isinstance(value, dict) else {}


def _as_known(key: str, fetch: Callable[[], object] | None) -> Any:
    """Without somebody to ask, what is kept."""
    return kept(key) if fetch is None else fresh(key, fetch)


def _fields_of(espocrm: EspoClient) -> object:
    """An API user may lack the right to read metadata: then what was read before serves, or the defaults."""
    seen: object = None
    with suppress(Forbidden):
        seen = espocrm.metadata(f"entityDefs.{settings.ESPOCRM_ENTITY_TYPE}.fields")
    return seen or kept(ENTITY_FIELDS) or {}


def field_map(*, espocrm: EspoClient | None = None) -> FieldMap:
    """The field table resolved for this installation. Without a client: from what is kept, for pages and webhooks."""
    fields, reading = entity_fields(espocrm=espocrm), _reading.get()
    if reading and ENTITY_FIELDS in reading:
        read_at, attributes = _remembered()
        if read_at == reading[ENTITY_FIELDS].fetched_at:
            return _map_of(attributes)
        _remembered.cache_clear()
    return _map_of(_attributes(fields))


def configured_tools() -> Tools:
    """A client for each side, and the field table as EspoCRM has it now."""
    clients = configured_clients()
    return Tools(clients, field_map(espocrm=clients.espocrm))


def field_map_remembered() -> FieldMap:
    """The same from what this process remembers, without a query; whoever uses it has to ask `field_map_as_of` too."""
    return _map_of(_remembered()[1])


def field_map_as_of(read_at: datetime | None) -> FieldMap:
    """The field table for the fields that were read at this moment: the one remembered, or read anew."""
    seen = _remembered()
    if seen[0] != read_at:
        _remembered.cache_clear()
        seen = _remembered()
    return _map_of(seen[1])


@lru_cache(maxsize=1)
def _remembered() -> tuple[datetime | None, Attributes]:
    """When somebody has asked EspoCRM for the fields, and their attributes; read once by this process."""
    fact = _stored(ENTITY_FIELDS)
    fields = fact.value if fact is not None and isinstance(fact.value, dict) else {}
    return (fact.fetched_at if fact is not None else None), _attributes(fields)


def _map_of(attributes: Attributes) -> FieldMap:
    return _resolved(attributes, tuple(settings.ESPOCRM_FIELD_MAP.items()), repr(settings.ESPOCRM_VALUE_MAP))


def _attributes(fields: Mapping[str, Any]) -> Attributes:
    return tuple((name, _options(fields.get(name))) for name in sorted(attribute_names(fields)))


def _options(definition: object) -> tuple[str, ...]:
    is_list = isinstance(definition, dict) and definition.get("type") == "enum"
    found = definition.get("options") if is_list and isinstance(definition, dict) else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


def attribute_names(fields: Mapping[str, Any]) -> frozenset[str]:
    """Attribute names of the fields; a personName field brings firstName, lastName and salutationName."""
    names = set(fields)
    for name, definition in fields.items():
        if isinstance(definition, dict) and definition.get("type") == "personName":
            capital = name[:1].upper() + name[1:]
            names |= {f"salutation{capital}", f"first{capital}", f"last{capital}"}
    return frozenset(names)


def child_fields(entity_type: str, *, espocrm: EspoClient | None = None) -> Mapping[str, Any] | None:
    """Field definitions of an entity whose records belong to ours; {} where there is no such entity.

    None: not read so far, or EspoCRM shows its metadata to nobody. Without a client: from what is kept.
    """
    fetch = None if espocrm is None else partial(_shown, espocrm, entity_type)
    found = _as_known(f"{CHILD_FIELDS}{entity_type}", fetch)
    fields = found.get("fields") if isinstance(found, dict) else {} if found == [] else None
    return fields if isinstance(fields, dict) else None


def _shown(espocrm: EspoClient, entity_type: str) -> object:
    """An empty list: there is no such entity, which is asked again before a day has passed."""
    try:
        fields = espocrm.metadata(f"entityDefs.{entity_type}.fields")
    except Forbidden:
        return {"refused": True}
    return {"fields": fields} if fields else []


def doubt_child_fields(entity_type: str) -> None:
    """Its rows lack a field that these name: they are read anew by the next run, though not by each of many."""
    now = timezone.now()
    seen = RemoteFact.objects.filter(pk=f"{CHILD_FIELDS}{entity_type}", fetched_at__lt=now - NOTHING_READ_LIFETIME)
    seen.update(fetched_at=now - LIFETIME)


def keep_child_fields(entity_type: str, fields: Mapping[str, Any]) -> None:
    """What somebody has just read of EspoCRM's metadata."""
    keep(f"{CHILD_FIELDS}{entity_type}", {"fields": dict(fields)} if fields else [])


def child_attributes(entity_type: str, *, espocrm: EspoClient | None = None) -> frozenset[str] | None:
    """Its attributes, as a list row carries them; None where nobody knows them."""
    fields = child_fields(entity_type, espocrm=espocrm)
    return None if fields is None else frozenset(attribute_definitions(fields))


def attribute_definitions(fields: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """By attribute: an address field is known by its parts, a link by its key."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, given in fields.items():
        definition = given if isinstance(given, dict) else {}
        if definition.get("type") == "link":
            found[f"{name}Id"] = {"type": "link"}
            continue
        found[name] = definition
        if definition.get("type") == "address":
            parts = {f"{name}{part}": longest for part, longest in ADDRESS_PARTS.items()}
            found |= {
                part: {"type": "varchar", "maxLength": longest} | fields.get(part, {})
                for part, longest in parts.items()
            }
    return found


@lru_cache(maxsize=8)
def _resolved(attributes: Attributes, overrides: tuple[tuple[str, str], ...], _value_map: str) -> FieldMap:
    names = frozenset(name for name, _options in attributes)
    return resolve(
        person="lastName" in names,
        overrides=dict(overrides),
        value_map=settings.ESPOCRM_VALUE_MAP,
        company_rechtsformen=frozenset(settings.COMPANY_RECHTSFORMEN),
        known_attributes=names or None,
        options={name: options for name, options in attributes if options},
        empty_date=settings.ADVOWARE_EMPTY_DATE or None,
        zone=ZoneInfo(settings.ADVOWARE_TIMEZONE),
    )


def own_user_id(*, espocrm: EspoClient) -> str:
    """The id of our API user in EspoCRM."""
    return str(fresh(OWN_USER, lambda: espocrm.current_user().id))


def rechtsformen(*, advoware: AdvowareClient) -> frozenset[str] | None:
    """Advoware's legal forms; None if they cannot be read, which must not stop a sync.

    A list in which no form is found is of a shape that nobody knows: it refuses no form either. That there is none is
    kept too: it raises the alert, and not every run asks again.
    """

    def fetch() -> list[str]:
        try:
            return sorted(advoware.rechtsformen())
        except RemoteError:
            if kept(RECHTSFORMEN):
                raise  # the old list serves
            return []

    return frozenset(fresh(RECHTSFORMEN, fetch)) or None


def _definition(field: str) -> Mapping[str, Any]:
    """What the metadata, as kept, say of a field."""
    found = entity_fields().get(field)
    return found if isinstance(found, dict) else {}


def phone_rules() -> PhoneRules:
    """From the metadata of the phone field; EspoCRM's own defaults where they cannot be read."""
    rules = _definition("phoneNumber")
    types = tuple(rules.get("typeList") or PHONE_TYPES)
    return PhoneRules(types, str(rules.get("defaultType") or types[0]))


def most_of(medium: Medium) -> int:
    """How many numbers, or addresses, EspoCRM takes in one record, as far as anybody knows.

    Its metadata name a maximum only where a field has one of its own; the general one is a setting of EspoCRM's that an
    API user does not see. So EspoCRM's default is assumed, until it refuses a list as too long: that counts for a day.
    """
    named = _definition("phoneNumber" if medium is Medium.phone else "emailAddress").get("maxCount")
    assumed = named if isinstance(named, int) and named > 0 else MOST_ASSUMED
    learned = _stored(f"{MOST}{medium}")
    is_fresh = learned is not None and learned.fetched_at > timezone.now() - LIFETIME
    return min(assumed, learned.value) if learned is not None and is_fresh else assumed


def learn_most(medium: Medium, most: int) -> None:
    """EspoCRM has refused a list of one more than this as too long."""
    keep(f"{MOST}{medium}", most)


def pattern_of(attribute: str) -> str | None:
    """The pattern that EspoCRM's metadata, as kept, name for an attribute; None where they name none."""
    pattern = _definition(attribute).get("pattern")
    return str(pattern) if pattern else None


def bookkeeping_refused() -> frozenset[str]:
    """Our own attributes that EspoCRM refused; they are left out until `doctor` finds them mended."""
    return frozenset(kept(BOOKKEEPING_REFUSED) or ())


def not_writable(attributes: Iterable[str]) -> frozenset[str]:
    """Those of our own attributes that are not to be sent: refused, or read-only by EspoCRM's metadata as kept.

    EspoCRM takes a write of a read-only field and leaves it out, so that sending it would never come to an end.
    """
    fields = entity_fields()
    read_only = (name for name in attributes if isinstance(found := fields.get(name), dict) and found.get("readOnly"))
    return bookkeeping_refused() | frozenset(read_only)


def trust_bookkeeping(attributes: frozenset[str] | None = None) -> None:
    """Send these again (None: all): whoever looked at EspoCRM's fields found nothing wrong with them."""
    refused = bookkeeping_refused()
    left = sorted(refused - attributes) if attributes is not None else []
    if left != sorted(refused):
        keep(BOOKKEEPING_REFUSED, left)


def refuse_bookkeeping(attribute: str) -> None:
    keep(BOOKKEEPING_REFUSED, sorted(bookkeeping_refused() | {attribute}))
