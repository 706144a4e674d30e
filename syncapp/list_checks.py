"""System checks of addresses and bank accounts: settings that contradict one another, or that do nothing.

Invariant: reads settings and tables only; with both lists off nothing is refused but a name that does not exist, and
what has no effect is a warning. To add one, see checks.py; ids are never reused.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from syncapp.core.adressen.fields import ENTITY_FIELDS
from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS

Apps = Sequence[AppConfig] | None
# Lists of a Beteiligter that are something else.
OTHER_LISTS = frozenset({"adressen", "kommunikation"})


def unknown(setting: str, given: Iterable[str], known: set[str], number: str) -> list[CheckMessage]:
    return [
        Error(
            f"{setting} names {name!r}, which does not exist.",
            hint=f"Known: {', '.join(sorted(known))}.",
            id=f"advosync.{number}",
        )
        for name in given
        if name not in known
    ]


@register()
def child_map_names(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Other names are given for fields that there are."""
    addresses, accounts = {row.name for row in ENTITY_FIELDS}, {row.name for row in ACCOUNT_FIELDS}
    return [
        *unknown("ESPOCRM_ADRESSEN_MAP", settings.ESPOCRM_ADRESSEN_MAP, addresses, "E008"),
        *unknown("ESPOCRM_BANK_MAP", settings.ESPOCRM_BANK_MAP, accounts, "E008"),
        *unknown("ADVOWARE_BANK_MAP", settings.ADVOWARE_BANK_MAP, accounts, "E008"),
    ]


@register()
def address_fields_are_named(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if settings.ESPOCRM_ADRESSEN != "field":
        return []
    hint = "Name each once, by its prefix, such as billingAddress."
    fields = settings.ESPOCRM_ADRESSEN_FIELDS
    if not fields:
        told = "ESPOCRM_ADRESSEN is field, but ESPOCRM_ADRESSEN_FIELDS names no address field of the record."
        return [Error(told, hint=hint, id="advosync.E006")]
    if len(set(fields)) != len(fields):
        return [Error("ESPOCRM_ADRESSEN_FIELDS names a field twice.", hint=hint, id="advosync.E009")]
    return []


@register()
def entities_are_named(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A list needs an entity and a link of its own: two lists in one would take each other's records for theirs."""
    return list(_entity_faults())


def _entity_faults() -> Iterator[CheckMessage]:
    used = [("ESPOCRM_ENTITY_TYPE", settings.ESPOCRM_ENTITY_TYPE, "id")]
    if settings.ESPOCRM_ADRESSEN == "entity":
        used.append(("ESPOCRM_ADRESSEN_ENTITY", settings.ESPOCRM_ADRESSEN_ENTITY, settings.ESPOCRM_ADRESSEN_LINK))
    if settings.ESPOCRM_BANK_ENTITY:
        used.append(("ESPOCRM_BANK_ENTITY", settings.ESPOCRM_BANK_ENTITY, settings.ESPOCRM_BANK_LINK))
    for place, (setting, entity, link) in enumerate(used):
        if not entity or not link:
            told = f"{setting} or its link is empty, but the list is switched on."
            yield Error(told, hint="Name both, or switch the list off.", id="advosync.E010")
        elif not link.endswith("Id") and setting != "ESPOCRM_ENTITY_TYPE":
            told = f"The link of {setting} ({link}) is no attribute of a link: those end in Id."
            yield Error(told, hint="EspoCRM calls the attribute of a link beteiligte beteiligteId.", id="advosync.E011")
        same = [other for other, its_entity, _link in used[:place] if entity and its_entity == entity]
        if same:
            told = f"{setting} and {same[0]} name the same entity."
            yield Error(told, hint="Each of them needs an entity of its own.", id="advosync.E012")


@register()
def accounts_have_a_first_day(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Without a list to read, a blind POST of every account that is here already would double each of them."""
    blind = settings.ESPOCRM_BANK_ENTITY and settings.ADVOWARE_BANK_LIST == "none"
    if not blind or settings.BANK_SINCE:
        return []
    return [
        Error(
            "Advoware's bank accounts cannot be read (ADVOWARE_BANK_LIST is none), and BANK_SINCE is not set.",
            hint="Set BANK_SINCE to today: accounts that are older are then taken for known in Advoware.",
            id="advosync.E007",
        )
    ]


@register()
def lists_of_advoware_differ(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Addresses must not be read as accounts, nor the other way round."""
    found: list[CheckMessage] = []
    key = str(settings.ADVOWARE_BANK_LIST).removeprefix("embedded:")
    if key in OTHER_LISTS:
        told = f"ADVOWARE_BANK_LIST names {key}, which is another list of a Beteiligter."
        found.append(Error(told, hint="doctor names the keys that look like accounts.", id="advosync.E013"))
    if settings.ESPOCRM_BANK_ENTITY and settings.ADVOWARE_BANK_PATH == settings.ADVOWARE_ADRESSEN_PATH:
        told = "ADVOWARE_BANK_PATH and ADVOWARE_ADRESSEN_PATH are the same."
        found.append(Error(told, hint="New accounts would be sent as addresses.", id="advosync.E014"))
    return found


@register()
def settings_without_effect(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Somebody meant something by them that does not happen."""
    off, readable = not settings.ESPOCRM_BANK_ENTITY, settings.ADVOWARE_BANK_LIST != "none"
    idle = (
        (off and readable, "ADVOWARE_BANK_LIST", "ESPOCRM_BANK_ENTITY names no entity of accounts"),
        (settings.BANK_BLIND_POST and readable, "BANK_BLIND_POST", "Advoware's list of accounts is read"),
        (off and settings.BANK_BLIND_POST, "BANK_BLIND_POST", "ESPOCRM_BANK_ENTITY names no entity of accounts"),
        (
            settings.ESPOCRM_ADRESSEN != "field" and bool(settings.ESPOCRM_ADRESSEN_FIELDS),
            "ESPOCRM_ADRESSEN_FIELDS",
            "ESPOCRM_ADRESSEN is not field",
        ),
    )
    return [
        Warning(f"{name} has no effect: {because}.", hint="Unset it, or set the other.", id="advosync.W005")
        for holds, name, because in idle
        if holds
    ]
