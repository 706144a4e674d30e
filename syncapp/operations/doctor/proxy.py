"""Checks of the API for other programs: what it offers, whether keys are safe on their way, and who has one."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from syncapp.core.proxy.grants import OWN_ADDRESSES, fixed_in_vain
from syncapp.core.proxy.resources import EVERYTHING, RESOURCES, rows_of
from syncapp.core.systems import is_in_the_clear
from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.operations.monitoring.attention import keys_in_use, keys_missed
from syncapp.words.time_format import exact


def check_what_is_offered(evidence: Evidence) -> Iterator[Found]:
    if not settings.PROXY_ENABLED:
        return
    for row in rows_of(settings.PROXY_RESOURCES)[0]:
        if row.is_everything:
            yield Found("proxy_everything", {"methods": "+".join(row.methods)})
    if is_in_the_clear(settings.PUBLIC_URL):
        yield Found("proxy_plain")


def check_keys(evidence: Evidence) -> Iterator[Found]:
    usable = keys_in_use(timezone.now())
    if settings.PROXY_ENABLED and not usable:
        yield Found("proxy_no_key")
    for row in keys_missed(timezone.now()):
        times = {"at": row.expires_at, "used": row.last_used_at}
        yield Found("proxy_key_ended", {"name": row.name, **{name: exact(at) for name, at in times.items() if at}})
    soon = timezone.now() + timedelta(days=settings.ALERT_PROXY_KEY_DAYS)
    table = (*RESOURCES, *rows_of(settings.PROXY_RESOURCES)[0])
    offered = {row.template for row in table}
    for row in usable:
        if row.expires_at < soon:
            yield Found("proxy_key_ends", {"name": row.name, "until": exact(row.expires_at)})
        for grant in row.parsed_grants if settings.PROXY_ENABLED else ():
            if grant.template not in offered | OWN_ADDRESSES | {EVERYTHING}:
                yield Found("proxy_key_useless", {"name": row.name, "grant": grant})
            elif fixed_in_vain(grant, table):
                yield Found("proxy_key_limitless", {"name": row.name, "grant": grant})


CHECKS: tuple[Check, ...] = (
    Check("proxy", check_what_is_offered),
    Check("proxy_keys", check_keys, ("migrations",)),
)
