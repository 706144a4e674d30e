"""Calendars of the stand-in Google: who may do what in them, shares, and everybody's own list."""

import secrets
import threading
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q, QuerySet

from sandbox.google import quotas
from sandbox.google.reasons import GoogleRefusal
from sandbox.models.google import GoogleCalendar, GoogleListEntry, GoogleShare
from sandbox.switches import switches

ROLES = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
WRITERS = frozenset(ROLES[3:])
_lock = threading.Lock()
_mails: list[str] = []


def make(account: str, body: Mapping[str, Any]) -> GoogleCalendar:
    summary = body.get("summary")
    if not isinstance(summary, str) or not summary:
        raise GoogleRefusal("required", "summary")
    quotas.count_made(account, "new_calendars")
    calendar = GoogleCalendar.objects.create(
        id=f"c_{secrets.token_hex(16)}@group.calendar.google.com",
        owner=account,
        summary=summary,
        description=str(body.get("description") or ""),
        time_zone=str(body.get("timeZone") or "UTC"),
    )
    GoogleShare.objects.create(calendar=calendar, scope="user", address=account, role="owner")
    GoogleListEntry.objects.create(account=account, calendar=calendar)
    return calendar


def find(account: str, calendar_id: str, *, role: str = "reader") -> GoogleCalendar:
    """The calendar, if the account may do that in it; who may not even read it learns nothing of it."""
    calendar = GoogleCalendar.objects.filter(pk=calendar_id, deleted=False).first()
    held = calendar and calendar.shares.filter(address=account).values_list("role", flat=True).first()
    if calendar is None or held in (None, "none"):
        raise GoogleRefusal("notFound")
    if ROLES.index(str(held)) < ROLES.index(role):
        raise GoogleRefusal("requiredAccessLevel" if role in WRITERS else "forbidden")
    return calendar


def remove(calendar: GoogleCalendar) -> None:
    calendar.deleted = True
    calendar.save()


def share(calendar: GoogleCalendar, body: Mapping[str, Any], *, mails: bool) -> GoogleShare:
    scope, role = body.get("scope") or {}, body.get("role")
    address = scope.get("value")
    if role not in ROLES or scope.get("type") != "user" or not isinstance(address, str) or "@" not in address:
        raise GoogleRefusal("invalid", "scope")
    foreign = address.rpartition("@")[2] != calendar.owner.rpartition("@")[2]
    if foreign and not switches("google")["external_sharing"]:
        raise GoogleRefusal("notFound")
    made, _new = GoogleShare.objects.update_or_create(
        calendar=calendar, scope="user", address=address, defaults={"role": role}
    )
    rights_changed(calendar)
    if mails:
        mail(f"share {address}")
    return made


def unshare(calendar: GoogleCalendar, rule_id: str) -> None:
    scope, _, address = rule_id.partition(":")
    gone, _rows = calendar.shares.filter(scope=scope, address=address).delete()
    if not gone:
        raise GoogleRefusal("notFound")
    rights_changed(calendar)


def rights_changed(calendar: GoogleCalendar) -> None:
    if switches("google")["rights_end_sync_tokens"]:
        expire_sync_tokens(calendar.pk)


def expire_sync_tokens(calendar_id: str | None = None) -> None:
    """Every sync token handed out so far, of one calendar or of all, is answered with 410 from now on."""
    chosen = GoogleCalendar.objects.filter(pk=calendar_id) if calendar_id else GoogleCalendar.objects.all()
    chosen.update(token_age=F("token_age") + 1)


def in_list(account: str) -> QuerySet[GoogleCalendar]:
    return GoogleCalendar.objects.filter(Q(listed__account=account), deleted=False).order_by("id")


def add_to_list(account: str, calendar_id: object) -> GoogleCalendar:
    calendar = find(account, str(calendar_id), role="freeBusyReader")
    GoogleListEntry.objects.get_or_create(account=account, calendar=calendar)
    return calendar


def mail(what: str) -> None:
    """Somebody would have got a mail now."""
    with _lock:
        _mails.append(what)


def mails() -> list[str]:
    with _lock:
        return list(_mails)


def forget_mails() -> None:
    with _lock:
        _mails.clear()


def calendar_json(calendar: GoogleCalendar) -> dict[str, object]:
    return {
        "kind": "calendar#calendar",
        "etag": f'"{calendar.pk[:12]}"',
        "id": calendar.pk,
        "summary": calendar.summary,
        "description": calendar.description,
        "timeZone": calendar.time_zone,
    }


def share_json(share: GoogleShare) -> dict[str, object]:
    return {
        "kind": "calendar#aclRule",
        "id": share.rule_id,
        "scope": {"type": share.scope, "value": share.address},
        "role": share.role,
    }
