"""System checks: settings that parse one by one but do not fit together or do not fit the field tables.

Invariant: a check reads settings and tables only, never the network or the database (`doctor` asks those). With
addresses and bank accounts switched off nothing of theirs is refused but a name that does not exist.
To add one, write a function that yields its messages, under `checked`; ids are never reused.
"""

import difflib
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import validate_host
from django.utils.http import is_same_domain

from advosync_project.declarations import SETTINGS
from advosync_project.environment import ENV_FILE, SECRETS
from advosync_project.secret_files import SUFFIX
from syncapp.core.adressen.fields import ENTITY_FIELDS
from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS
from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.proxy.resources import rows_of
from syncapp.core.systems import is_in_the_clear

DEFAULT_PORTS = {"http": 80, "https": 443}
OWN_PREFIXES = (
    *("ESPOCRM_", "ADVOWARE_", "GOOGLE_", "SYNC_", "KOMM_", "KOMMKZ_", "ADRESSE", "BANK_", "CHILD_", "CALENDAR_"),
    *("BREAKER_", "SANDBOX_", "PROXY_", "OIDC_"),
)
SECRET_FILES = frozenset(f"{name}{SUFFIX}" for name in SECRETS)
# Lists of a Beteiligter that are something else than accounts.
OTHER_LISTS = frozenset({"adressen", "kommunikation"})
NEEDED_FOR_SIGN_IN = (
    *("OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL", "OIDC_KEYS_URL"),
    *("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
)
# What keys, passwords, tokens or personal data are sent to.
WITH_SECRETS = (
    *("ESPOCRM_API_BASE_URL", "ADVOWARE_API_BASE_URL", "ADVOWARE_AUTH_URL", "GOOGLE_CALENDAR_API_URL"),
    *("OIDC_ISSUER", "OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL", "OIDC_KEYS_URL"),
)
Messages = Iterator[CheckMessage]


def checked(*tags: str, deploy: bool = False) -> Callable[[Callable[[], Messages]], Callable[..., list[CheckMessage]]]:
    """Has Django ask the function, which cares neither for apps nor for databases."""

    def registered(find: Callable[[], Messages]) -> Callable[..., list[CheckMessage]]:
        def found(app_configs: Any, **_more: Any) -> list[CheckMessage]:
            return list(find())

        register(found, *tags, deploy=deploy)
        return found

    return registered


@checked()
def unknown_names() -> Messages:
    """A misspelled setting would otherwise be ignored in silence."""
    known = {*SETTINGS, *SECRET_FILES, ENV_FILE}
    for name in sorted(os.environ):
        if name.startswith(OWN_PREFIXES) and name not in known:
            told = f"{name} is set, but no setting has that name."
            yield Warning(told, hint=_suggestion(name), id="advosync.W001")


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, SETTINGS, n=1)
    return f"Did you mean {near[0]}?" if near else "docs/CONFIGURATION.md lists all settings."


def _unknown(setting: str, known: set[str], number: str) -> Messages:
    for name in getattr(settings, setting):
        if name not in known:
            told = f"{setting} names {name!r}, which does not exist."
            yield Error(told, hint=f"Known: {', '.join(sorted(known))}.", id=f"advosync.{number}")


@checked()
def field_map_names() -> Messages:
    yield from _unknown("ESPOCRM_FIELD_MAP", {row.key for row in MAPPING}, "E001")


@checked()
def policy_groups() -> Messages:
    yield from _unknown("SYNC_CONFLICT_POLICY", {row.group for row in MAPPING} | {"*"}, "E002")


@checked()
def child_map_names() -> Messages:
    """Other names are given for fields that there are."""
    addresses, accounts = {row.name for row in ENTITY_FIELDS}, {row.name for row in ACCOUNT_FIELDS}
    yield from _unknown("ESPOCRM_ADRESSEN_MAP", addresses, "E008")
    yield from _unknown("ESPOCRM_BANK_MAP", accounts, "E008")
    yield from _unknown("ADVOWARE_BANK_MAP", accounts, "E008")


@checked()
def lease_outlives_a_call() -> Messages:
    """A lease is renewed before a write; one that is shorter than the write itself protects nothing."""
    google = settings.GOOGLE_TIMEOUT_SECONDS if settings.GOOGLE_SERVICE_ACCOUNT_FILE else 0
    longest = max(settings.ESPOCRM_TIMEOUT_SECONDS, settings.ADVOWARE_TIMEOUT_SECONDS, google)
    lease = settings.SYNC_LOCK_TTL_SECONDS
    if 2 * longest >= lease:
        told = f"SYNC_LOCK_TTL_SECONDS is {lease}, a remote call may take {longest:g} seconds."
        hint = f"Set it to more than {2 * longest:g}, or shorten the time-outs."
        yield Error(told, hint=hint, id="advosync.E003")


@checked()
def a_sweep_comes_before_its_alert() -> Messages:
    """An alert that rings and ends with every round is one that nobody looks at any more."""
    sweep, alert = settings.SYNC_SWEEP_MINUTES, settings.ALERT_NO_SWEEP_MINUTES
    if alert <= sweep:
        told = f"ALERT_NO_SWEEP_MINUTES is {alert}, a sweep runs every {sweep} minutes: the alert rings each time."
        hint = f"Set it to more than {sweep}, such as {2 * sweep}."
        yield Warning(told, hint=hint, id="advosync.W008")


@checked()
def proxy_resources() -> Messages:
    """A row that makes no sense offers nothing, which somebody ought to know."""
    for fault in rows_of(settings.PROXY_RESOURCES)[1]:
        hint = "docs/PROXY.md shows how a row is written."
        yield Error(f"PROXY_RESOURCES: {fault}.", hint=hint, id="advosync.E005")


@checked()
def public_url_is_answered() -> Messages:
    """What EspoCRM sends to an address that is refused (400) or redirected (301, a success to it) is lost for ever."""
    address = urlsplit(settings.PUBLIC_URL)
    if not address.hostname:
        return
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname.rstrip(".")
    # Where a proxy changes the host, as CSRF_TRUSTED_ORIGINS then says, ours is another one.
    changed = any(_is_origin_of(origin, address) for origin in settings.CSRF_TRUSTED_ORIGINS)
    if not changed and not validate_host(host, settings.ALLOWED_HOSTS):
        told = f"PUBLIC_URL is at {host}, which ALLOWED_HOSTS does not name: webhooks are refused and lost."
        yield Error(told, hint=f"Add {host} to ALLOWED_HOSTS.", id="advosync.E017")
    if settings.SECURE_SSL_REDIRECT and address.scheme != "https":
        told = "PUBLIC_URL is no https address, and SECURE_SSL_REDIRECT is on: webhooks are redirected and lost."
        hint = "Set PUBLIC_URL to the https address, and run setup_espocrm; or set SECURE_SSL_REDIRECT=false."
        yield Error(told, hint=hint, id="advosync.E018")


def _is_origin_of(origin: str, address: SplitResult) -> bool:
    """As Django compares them: a star stands for any host below."""
    trusted = urlsplit(origin)
    ports = [one.port or DEFAULT_PORTS.get(one.scheme) for one in (trusted, address)]
    hosts = [(one.hostname or "").rstrip(".") for one in (address, trusted)]
    return trusted.scheme == address.scheme and ports[0] == ports[1] and is_same_domain(hosts[0], hosts[1].lstrip("*"))


@checked(Tags.security, deploy=True)
def proxy_headers_are_believed() -> Messages:
    """gunicorn believes a web server on its own machine that it was asked by https, and nobody that is elsewhere."""
    if settings.TRUST_PROXY_HEADERS or urlsplit(settings.PUBLIC_URL).scheme != "https":
        return
    told = "PUBLIC_URL is an https address, and TRUST_PROXY_HEADERS is off: logins and keys count as from one address."
    if settings.SECURE_SSL_REDIRECT:
        told += " Where the web server in front is another machine, webhooks are redirected and lost."
    hint = "Set TRUST_PROXY_HEADERS=true, and have the web server set both headers as deploy/nginx.conf does."
    yield Warning(told, hint=hint, id="advosync.W007")


@checked()
def delegation_needs_a_key() -> Messages:
    """Without the key file nothing of Google is there; half of a set-up is a forgotten half."""
    if settings.GOOGLE_DELEGATED_USER and not settings.GOOGLE_SERVICE_ACCOUNT_FILE:
        told = "GOOGLE_DELEGATED_USER is set, GOOGLE_SERVICE_ACCOUNT_FILE is not: calendars are not synced."
        yield Warning(told, hint="Set both, or neither.", id="advosync.W004")


@checked()
def key_file_is_named_in_full() -> Messages:
    """Workers, scheduler and web server start in folders of their own."""
    if settings.GOOGLE_SERVICE_ACCOUNT_FILE and not os.path.isabs(settings.GOOGLE_SERVICE_ACCOUNT_FILE):
        hint = "Write the path from the root on, such as /etc/advosync/google.json."
        yield Error("GOOGLE_SERVICE_ACCOUNT_FILE is not a full path.", hint=hint, id="advosync.E004")


@checked()
def sign_in_is_whole() -> Messages:
    """A provider of which half is told lets nobody in, or is a forgotten half."""
    told = [name for name in NEEDED_FOR_SIGN_IN if getattr(settings, name)]
    missing = [name for name in NEEDED_FOR_SIGN_IN if name not in told]
    if settings.OIDC_ISSUER and missing:
        hint = "docs/DEPLOYMENT.md, “Signing in through the firm”, has them for Keycloak and Entra."
        yield Error(f"OIDC_ISSUER is set, {', '.join(missing)} not.", hint=hint, id="advosync.E016")
    if told and not settings.OIDC_ISSUER:
        hint = "Set OIDC_ISSUER too, or none of them."
        yield Warning(f"{told[0]} has no effect: OIDC_ISSUER is empty.", hint=hint, id="advosync.W006")


@checked(Tags.security, deploy=True)
def remote_systems_over_tls() -> Messages:
    """Keys, passwords and personal data must not cross a network in the clear."""
    for name in WITH_SECRETS:
        if is_in_the_clear(getattr(settings, name)):
            told = f"{name} is not an https address."
            yield Warning(told, hint="Use https, or a tunnel to loopback.", id="advosync.W002")


@checked(Tags.security, deploy=True)
def no_sandbox_in_production() -> Messages:
    if settings.SANDBOX:
        told = "SANDBOX is on: the stand-ins have well-known passwords."
        yield Warning(told, hint="Unset it.", id="advosync.W003")


# --- addresses and bank accounts


@checked()
def address_fields_are_named() -> Messages:
    if settings.ESPOCRM_ADRESSEN != "field":
        return
    hint = "Name each once, by its prefix, such as billingAddress."
    fields = settings.ESPOCRM_ADRESSEN_FIELDS
    if not fields:
        told = "ESPOCRM_ADRESSEN is field, but ESPOCRM_ADRESSEN_FIELDS names no address field of the record."
        yield Error(told, hint=hint, id="advosync.E006")
    if len(set(fields)) != len(fields):
        yield Error("ESPOCRM_ADRESSEN_FIELDS names a field twice.", hint=hint, id="advosync.E009")


@checked()
def entities_are_named() -> Messages:
    """A list needs an entity and a link of its own: two lists in one would take each other's records for theirs."""
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


@checked()
def accounts_have_a_first_day() -> Messages:
    """Without a list to read, a blind POST of every account that is here already would double each of them."""
    blind = settings.ESPOCRM_BANK_ENTITY and settings.ADVOWARE_BANK_LIST == "none"
    if blind and not settings.BANK_SINCE:
        told = "Advoware's bank accounts cannot be read (ADVOWARE_BANK_LIST is none), and BANK_SINCE is not set."
        hint = "Set BANK_SINCE to today: accounts that are older are then taken for known in Advoware."
        yield Error(told, hint=hint, id="advosync.E007")


@checked()
def lists_of_advoware_differ() -> Messages:
    """Addresses must not be read as accounts, nor the other way round."""
    key = str(settings.ADVOWARE_BANK_LIST).removeprefix("embedded:")
    if key in OTHER_LISTS:
        told = f"ADVOWARE_BANK_LIST names {key}, which is another list of a Beteiligter."
        yield Error(told, hint="doctor names the keys that look like accounts.", id="advosync.E013")
    if settings.ESPOCRM_BANK_ENTITY and settings.ADVOWARE_BANK_PATH == settings.ADVOWARE_ADRESSEN_PATH:
        told = "ADVOWARE_BANK_PATH and ADVOWARE_ADRESSEN_PATH are the same."
        yield Error(told, hint="New accounts would be sent as addresses.", id="advosync.E014")


@checked()
def settings_without_effect() -> Messages:
    """Somebody meant something by them that does not happen."""
    off, readable = not settings.ESPOCRM_BANK_ENTITY, settings.ADVOWARE_BANK_LIST != "none"
    no_fields = settings.ESPOCRM_ADRESSEN != "field"
    idle = (
        (off and readable, "ADVOWARE_BANK_LIST", "ESPOCRM_BANK_ENTITY names no entity of accounts"),
        (settings.BANK_BLIND_POST and readable, "BANK_BLIND_POST", "Advoware's list of accounts is read"),
        (off and settings.BANK_BLIND_POST, "BANK_BLIND_POST", "ESPOCRM_BANK_ENTITY names no entity of accounts"),
        (no_fields and settings.ESPOCRM_ADRESSEN_FIELDS, "ESPOCRM_ADRESSEN_FIELDS", "ESPOCRM_ADRESSEN is not field"),
    )
    for holds, name, because in idle:
        if holds:
            told = f"{name} has no effect: {because}."
            yield Warning(told, hint="Unset it, or set the other.", id="advosync.W005")
