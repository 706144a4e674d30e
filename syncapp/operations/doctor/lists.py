"""Checks of addresses and bank accounts: EspoCRM's entities, fields and rights, and Advoware's lists.

Invariant: with both lists switched off nothing is asked and nothing is found. Of a Beteiligter that is looked at, names
of keys and numbers are told, never a value. To extend: what Advoware shows of another list is a function beside
`check_addresses`, with its row of CHECKS.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from syncapp.core.adressen.fields import RECORD_PARTS
from syncapp.core.bankverbindungen.fields import (
    Unreadable,
    iban_key,
    looks_like_accounts,
    names_an_iban,
    unreadable,
)
from syncapp.core.child_lists.fields import ChildMapError
from syncapp.entities.beteiligte.parts import AnyList, child_entities_in_use
from syncapp.entities.beteiligte.parts.bankverbindungen import configured as bank
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.operations.doctor.evidence import Evidence, asked
from syncapp.operations.doctor.reaching import in_words
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.operations.onboarding import child_entities
from syncapp.remotes.advoware.children import Child, children_in
from syncapp.remotes.http.errors import Forbidden
from syncapp.remotes.registry import advoware_client, espocrm_client

NEEDED_PARTS = ("strasse", "plz", "ort")


def check_entities(evidence: Evidence) -> Iterator[Found]:
    for child in child_entities_in_use():
        yield from _entity_faults(child)


def _entity_faults(child: AnyList) -> Iterator[Found]:
    name, what = child.entity_type(), child.kind.label
    answer = asked(lambda: espocrm_client().metadata(f"entityDefs.{name}.fields"))
    if isinstance(answer.error, Forbidden):
        return  # said by espocrm_entity; the defaults of the field table serve
    fields = answer.value if isinstance(answer.value, Mapping) else {}
    if answer.error is None:
        remote_metadata.keep_child_fields(name, fields)
    try:
        for fault in child_entities.faults(child, fields):
            params = {"name": fault.name, "found": fault.found, "wanted": fault.wanted}
            yield Found(f"list_{fault.problem}", {"entity": name, "list": what, **params})
    except ChildMapError as error:
        yield Found("list_map_wrong", {"list": what, "error": error})


def check_prefixes(evidence: Evidence) -> Iterator[Found]:
    """Address fields of the record itself."""
    if settings.ESPOCRM_ADRESSEN != "field" or not evidence.fields:
        return
    known = remote_metadata.attribute_definitions(evidence.fields)
    for prefix in settings.ESPOCRM_ADRESSEN_FIELDS:
        if any(f"{prefix}{RECORD_PARTS[name]}" not in known for name in NEEDED_PARTS):
            yield Found("list_no_prefix", {"entity": settings.ESPOCRM_ENTITY_TYPE, "name": prefix})


def check_rights(evidence: Evidence) -> Iterator[Found]:
    for child in child_entities_in_use():
        name = child.entity_type()
        for right in ("read", "create", "edit"):
            if evidence.denied(name, right):
                yield Found("list_no_right", {"right": right, "entity": name})
            elif limit := evidence.limited(name, right):
                yield Found("rights_limited", {"right": right, "level": limit, "entity": name})
        if child.name == "adressen" and settings.ADRESSE_REMOVE == "delete" and evidence.denied(name, "delete"):
            yield Found("list_no_delete", {"entity": name})


def check_addresses(evidence: Evidence) -> Iterator[Found]:
    """What Advoware shows of addresses, in the Beteiligter that was read."""
    if settings.ESPOCRM_ADRESSEN == "off" or evidence.read.value is None:
        return
    entries = evidence.read.value.raw.get("adressen", ())
    if "adressen" not in evidence.read.value.raw or not isinstance(entries, list | tuple | None):
        yield Found("list_not_shown", {"key": "adressen", "list": _("addresses")})
        return
    key, rows = settings.ADVOWARE_ADRESSE_KEY, [row for row in entries or () if isinstance(row, Mapping)]
    without = [row for row in rows if not isinstance(row.get(key), int) or isinstance(row.get(key), bool)]
    if without:
        keys = ", ".join(sorted({str(name) for row in without for name in row}))
        yield Found("list_no_number", {"number": len(without), "of": len(rows), "key": key, "keys": keys})


def check_accounts(evidence: Evidence) -> Iterator[Found]:
    """Where Advoware's accounts may be read, by the Beteiligter that was read."""
    if not settings.ESPOCRM_BANK_ENTITY or evidence.read.value is None:
        return
    raw, where = evidence.read.value.raw, str(settings.ADVOWARE_BANK_LIST)
    found = looks_like_accounts(raw)
    chosen = where.removeprefix("embedded:") if where.startswith("embedded:") else ""
    children = children_in(raw, bank.entry_list()) if chosen else ()
    if children is None:
        yield Found("list_not_shown", {"key": chosen, "list": _("bank accounts")})
    yield from _entry_faults(children or ())
    if found and chosen not in found and where != "get":
        yield Found("bank_list_found", {"keys": ", ".join(found), "first": found[0], "now": where})
    elif where == "none":
        yield Found("bank_blind")
    elif where == "get":
        yield from _own_list_faults(evidence.read.value.bet_nr)


def _own_list_faults(betnr: int) -> Iterator[Found]:
    answer = asked(lambda: advoware_client().children(betnr, bank.entry_list()))
    if answer.error is not None:
        yield Found("list_not_readable", {"list": _("bank accounts"), **in_words(answer.error)})
        return
    yield from _entry_faults(answer.value or ())


def _entry_faults(children: Iterable[Child]) -> Iterator[Found]:
    """Why these accounts could not be read."""
    found = tuple(children)
    try:
        names = bank.account_map(None)
    except ChildMapError:
        return  # said by list_entities
    why = unreadable(((child.id, child.raw) for child in found), names)
    keys = sorted({str(name) for child in found for name in child.raw})
    if why is Unreadable.same_number:
        counts = Counter(child.id for child in found if child.id is not None)
        alike = sum(count for count in counts.values() if count > 1)
        about = {"key": bank.entry_list().number, "keys": ", ".join(keys)}
        yield Found("bank_same_number", {"number": alike, "of": len(found), **about})
    elif why is Unreadable.no_iban:
        likely = [key for key in keys if names_an_iban([key])] or keys
        yield Found("bank_no_iban", {"key": iban_key(names), "keys": ", ".join(likely)})


INSIDE = ("espocrm_address", "espocrm_login", "migrations")
READ = ("advoware_token", "advoware_address")
CHECKS: tuple[Check, ...] = (
    Check("list_entities", check_entities, INSIDE),
    Check("list_prefixes", check_prefixes, (*INSIDE, "espocrm_entity")),
    Check("list_rights", check_rights, INSIDE),
    Check("list_addresses", check_addresses, READ),
    Check("list_accounts", check_accounts, READ),
)
