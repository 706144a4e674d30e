"""System checks: settings that parse one by one but do not fit together or do not fit the field table.

Invariant: a check reads settings and tables only, never the network or the database (`doctor` asks those).
To add one, write a function that gives the messages and register it; ids are never reused.
"""

import difflib
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import validate_host
from django.utils.http import is_same_domain

from advosync_project.declarations import SETTINGS
from advosync_project.environment import ENV_FILE, SECRETS
from advosync_project.secret_files import SUFFIX
from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.proxy.resources import rows_of
from syncapp.core.systems import is_in_the_clear
from syncapp.list_checks import unknown

DEFAULT_PORTS = {"http": 80, "https": 443}
OWN_PREFIXES = (
    *("ESPOCRM_", "ADVOWARE_", "GOOGLE_", "SYNC_", "KOMM_", "KOMMKZ_", "ADRESSE", "BANK_", "CHILD_", "CALENDAR_"),
    *("BREAKER_", "SANDBOX_", "PROXY_", "OIDC_"),
)
SECRET_FILES = frozenset(f"{name}{SUFFIX}" for name in SECRETS)
Apps = Sequence[AppConfig] | None


@register()
def unknown_names(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A misspelled setting would otherwise be ignored in silence."""
    return [
        Warning(f"{name} is set, but no setting has that name.", hint=_suggestion(name), id="advosync.W001")
        for name in sorted(os.environ)
        if name.startswith(OWN_PREFIXES) and name not in SETTINGS and name not in SECRET_FILES and name != ENV_FILE
    ]


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, SETTINGS, n=1)
    return f"Did you mean {near[0]}?" if near else "docs/CONFIGURATION.md lists all settings."


@register()
def field_map_names(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    known = {row.key for row in MAPPING}
    return unknown("ESPOCRM_FIELD_MAP", settings.ESPOCRM_FIELD_MAP, known, "E001")


@register()
def policy_groups(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    known = {row.group for row in MAPPING} | {"*"}
    return unknown("SYNC_CONFLICT_POLICY", settings.SYNC_CONFLICT_POLICY, known, "E002")


@register()
def lease_outlives_a_call(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A lease is renewed before a write; one that is shorter than the write itself protects nothing."""
    google = settings.GOOGLE_TIMEOUT_SECONDS if settings.GOOGLE_SERVICE_ACCOUNT_FILE else 0
    longest = max(settings.ESPOCRM_TIMEOUT_SECONDS, settings.ADVOWARE_TIMEOUT_SECONDS, google)
    if 2 * longest < settings.SYNC_LOCK_TTL_SECONDS:
        return []
    return [
        Error(
            f"SYNC_LOCK_TTL_SECONDS is {settings.SYNC_LOCK_TTL_SECONDS}, a remote call may take {longest:g} seconds.",
            hint=f"Set it to more than {2 * longest:g}, or shorten the time-outs.",
            id="advosync.E003",
        )
    ]


@register()
def proxy_resources(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A row that makes no sense offers nothing, which somebody ought to know."""
    return [
        Error(f"PROXY_RESOURCES: {fault}.", hint="docs/PROXY.md shows how a row is written.", id="advosync.E005")
        for fault in rows_of(settings.PROXY_RESOURCES)[1]
    ]


@register()
def public_url_is_answered(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """What EspoCRM sends to an address that is refused (400) or redirected (301, a success to it) is lost for ever."""
    address = urlsplit(settings.PUBLIC_URL)
    if not address.hostname:
        return []
    found: list[CheckMessage] = []
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname.rstrip(".")
    # Where a proxy changes the host, as CSRF_TRUSTED_ORIGINS then says, ours is another one.
    changed = any(_is_origin_of(origin, address) for origin in settings.CSRF_TRUSTED_ORIGINS)
    if not changed and not validate_host(host, settings.ALLOWED_HOSTS):
        said = f"PUBLIC_URL is at {host}, which ALLOWED_HOSTS does not name: webhooks are refused and lost."
        found.append(Error(said, hint=f"Add {host} to ALLOWED_HOSTS.", id="advosync.E017"))
    if settings.SECURE_SSL_REDIRECT and address.scheme != "https":
        said = "PUBLIC_URL is no https address, and SECURE_SSL_REDIRECT is on: webhooks are redirected and lost."
        hint = "Set PUBLIC_URL to the https address, and run setup_espocrm; or set SECURE_SSL_REDIRECT=false."
        found.append(Error(said, hint=hint, id="advosync.E018"))
    return found


@register(Tags.security, deploy=True)
def proxy_headers_are_believed(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """gunicorn believes a web server on its own machine that it was asked by https, and nobody that is elsewhere."""
    if settings.TRUST_PROXY_HEADERS or urlsplit(settings.PUBLIC_URL).scheme != "https":
        return []
    said = "PUBLIC_URL is an https address, and TRUST_PROXY_HEADERS is off: logins and keys count as from one address."
    if settings.SECURE_SSL_REDIRECT:
        said += " Where the web server in front is another machine, webhooks are redirected and lost."
    hint = "Set TRUST_PROXY_HEADERS=true, and have the web server set both headers as deploy/nginx.conf does."
    return [Warning(said, hint=hint, id="advosync.W007")]


def _is_origin_of(origin: str, address: SplitResult) -> bool:
    """As Django compares them: a star stands for any host below."""
    trusted = urlsplit(origin)
    ports = [one.port or DEFAULT_PORTS.get(one.scheme) for one in (trusted, address)]
    hosts = [(one.hostname or "").rstrip(".") for one in (address, trusted)]
    return trusted.scheme == address.scheme and ports[0] == ports[1] and is_same_domain(hosts[0], hosts[1].lstrip("*"))


@register()
def delegation_needs_a_key(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Without the key file nothing of Google is there; half of a set-up is a forgotten half."""
    if settings.GOOGLE_SERVICE_ACCOUNT_FILE or not settings.GOOGLE_DELEGATED_USER:
        return []
    return [
        Warning(
            "GOOGLE_DELEGATED_USER is set, GOOGLE_SERVICE_ACCOUNT_FILE is not: calendars are not synced.",
            hint="Set both, or neither.",
            id="advosync.W004",
        )
    ]


@register()
def key_file_is_named_in_full(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Workers, scheduler and web server start in folders of their own."""
    if not settings.GOOGLE_SERVICE_ACCOUNT_FILE or os.path.isabs(settings.GOOGLE_SERVICE_ACCOUNT_FILE):
        return []
    return [
        Error(
            "GOOGLE_SERVICE_ACCOUNT_FILE is not a full path.",
            hint="Write the path from the root on, such as /etc/advosync/google.json.",
            id="advosync.E004",
        )
    ]


NEEDED_FOR_SIGN_IN = (
    *("OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL", "OIDC_KEYS_URL"),
    *("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
)


@register()
def sign_in_is_whole(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A provider of which half is told lets nobody in, or is a forgotten half."""
    told = [name for name in NEEDED_FOR_SIGN_IN if getattr(settings, name)]
    missing = [name for name in NEEDED_FOR_SIGN_IN if name not in told]
    if settings.OIDC_ISSUER and missing:
        hint = "docs/DEPLOYMENT.md, “Signing in through the firm”, has them for Keycloak and Entra."
        return [Error(f"OIDC_ISSUER is set, {', '.join(missing)} not.", hint=hint, id="advosync.E016")]
    if told and not settings.OIDC_ISSUER:
        hint = "Set OIDC_ISSUER too, or none of them."
        return [Warning(f"{told[0]} has no effect: OIDC_ISSUER is empty.", hint=hint, id="advosync.W006")]
    return []


@register(Tags.security, deploy=True)
def remote_systems_over_tls(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Keys, passwords and personal data must not cross a network in the clear."""
    return [
        Warning(f"{name} is not an https address.", hint="Use https, or a tunnel to loopback.", id="advosync.W002")
        for name in WITH_SECRETS
        if is_in_the_clear(getattr(settings, name))
    ]


# What keys, passwords, tokens or personal data are sent to.
WITH_SECRETS = (
    *("ESPOCRM_API_BASE_URL", "ADVOWARE_API_BASE_URL", "ADVOWARE_AUTH_URL", "GOOGLE_CALENDAR_API_URL"),
    *("OIDC_ISSUER", "OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL", "OIDC_KEYS_URL"),
)


@register(Tags.security, deploy=True)
def no_sandbox_in_production(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if not settings.SANDBOX:
        return []
    return [Warning("SANDBOX is on: the stand-ins have well-known passwords.", hint="Unset it.", id="advosync.W003")]
