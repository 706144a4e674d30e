"""Keys of other programs: making one, which is shown once; limiting and revoking it; and trying a read as they would.

Invariant: a key's text is on the one page that made it and nowhere else: no message, no address, no log. What a read
shows may be personal, so trying needs the right to see values beside its own. A bank account in it is masked as on
every page, or, for whoever may see it in full, each such look is logged.
"""

import json
import re
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from structlog.contextvars import get_contextvars

from syncapp.admin.pages import frame
from syncapp.core.bankverbindungen.fields import masked_accounts
from syncapp.core.spelling.iban import masked_in
from syncapp.models import ProxyKey, SyncRecord
from syncapp.operations.actions import log_action
from syncapp.proxy import exchange, keys
from syncapp.proxy.answers import Reply
from syncapp.proxy.callers import address_of
from syncapp.words import html
from syncapp.words.proxy import CODES

MAKE = "syncapp.manage_proxy_keys"
SEE_ACCOUNTS = "syncapp.see_accounts"
PERSON = re.compile(r"Beteiligte/(\d{1,9})(?!\d)")
LONGEST = 100_000
LONGEST_TARGET = 200


class LimitForm(forms.Form):
    """How long, how often, from where."""

    expires_at = forms.DateField(label=gettext_lazy("Ends on"), required=False)
    rate_per_minute = forms.IntegerField(label=gettext_lazy("Calls per minute"), min_value=1, max_value=100_000)
    networks = forms.CharField(label=gettext_lazy("Only from these networks"), required=False, max_length=1000)

    def clean_expires_at(self) -> datetime | None:
        day = self.cleaned_data["expires_at"]
        return timezone.make_aware(datetime(day.year, day.month, day.day, 23, 59)) if day else None

    def clean_networks(self) -> list[str]:
        return self.cleaned_data["networks"].replace(",", " ").split()


class KeyForm(LimitForm):
    """A new key: for whom, and what it may."""

    field_order = ("name", "owner", "grants")  # as on the page: the first fault there is the first that is told

    name = forms.CharField(label=gettext_lazy("Name of the program"), max_length=100)
    owner = forms.CharField(label=gettext_lazy("Who answers for it"), required=False, max_length=150)
    grants = forms.CharField(label=gettext_lazy("What it may"), max_length=4000)

    def clean_grants(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["grants"].splitlines() if line.strip()]


@frame.asks("syncapp.view_proxykey", MAKE)
@sensitive_variables("text")
def make(request: HttpRequest) -> HttpResponse:
    """The form, and after it the key: once."""
    if frame.is_sent(request):
        row, text = keys.make(by=frame.person(request).get_username(), **frame.given(KeyForm(request.POST)))
        return _shown_once(request, row, text)
    suggested = {"rate_per_minute": settings.PROXY_RATE_PER_MINUTE, "grants": "\n".join(keys.read_only_grants())}
    return frame.page(
        request,
        "ops/proxy_make.html",
        title=_("New key"),
        given=request.POST or suggested,
        table=keys.table(),
        enabled=settings.PROXY_ENABLED,
    )


def _shown_once(request: HttpRequest, row: ProxyKey, text: str) -> HttpResponse:
    base = settings.PUBLIC_URL.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
    curl = f'curl -H "Authorization: Bearer {text}" {base}/advoware/proxy/whoami'
    answer = frame.page(request, "ops/proxy_made.html", title=_("The new key"), row=row, key=text, curl=curl)
    answer["Cache-Control"] = "no-store"
    return answer


@frame.asks("syncapp.view_proxykey", MAKE)
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    """How long, how often and from where an existing key may be used."""
    row = get_object_or_404(ProxyKey, pk=pk)
    if frame.is_sent(request):
        given = frame.given(LimitForm(request.POST))
        given["expires_at"] = given["expires_at"] or row.expires_at
        keys.limit(row=row, by=frame.person(request).get_username(), reason=frame.reason_of(request), **given)
        frame.say(request, _("The limits of “%(name)s” are changed.") % {"name": row.name})
        return frame.back_to("admin:syncapp_proxykey_changelist")
    shown = request.POST or {
        "expires_at": f"{timezone.localtime(row.expires_at):%Y-%m-%d}",
        "rate_per_minute": row.rate_per_minute,
        "networks": ", ".join(row.networks),
    }
    return frame.page(request, "ops/proxy_limit.html", title=_("Limits of a key"), row=row, given=shown)


@frame.asks("syncapp.view_proxykey", MAKE)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then revoke."""
    row = get_object_or_404(ProxyKey, pk=pk)
    if frame.is_sent(request):
        keys.revoke(row=row, by=frame.person(request).get_username(), reason=frame.reason_of(request))
        frame.say(request, _("The key “%(name)s” is revoked.") % {"name": row.name})
        return frame.back_to("admin:syncapp_proxykey_changelist")
    return frame.page(request, "ops/proxy_revoke.html", title=_("Revoke the key"), row=row)


@frame.asks("syncapp.try_proxy", html.VALUES)
def try_read(request: HttpRequest) -> HttpResponse:
    """A GET as a program would make it. By POST, so that no value of it stands in an address or a log."""
    endpoint, query = request.POST.get("endpoint", "").strip(), request.POST.get("query", "").strip()
    answer = _tried(request, endpoint, query) if request.method == "POST" else None
    page = frame.page(
        request,
        "ops/proxy_try.html",
        title=_("Try a read of Advoware"),
        endpoint=endpoint,
        query=query,
        answer=answer,
        table=[row for row in keys.table() if "GET" in row.methods],
        enabled=settings.PROXY_ENABLED,
    )
    page["Cache-Control"] = "no-store"
    return page


def _tried(request: HttpRequest, endpoint: str, query: str) -> dict[str, object]:
    found, reply = exchange.try_read(
        username=frame.person(request).get_username(),
        address=address_of(request.META),
        # Typed by a person: letters outside ASCII are encoded for them, nothing else is.
        endpoint=quote(endpoint, safe="".join(map(chr, range(128)))),
        raw_query=quote(query.removeprefix("?"), safe="".join(map(chr, range(128)))),
        request_id=str(get_contextvars().get("request_id", "")),
    )
    whole, masked = _readable(reply, masks=False), _readable(reply, masks=True)
    hides = whole != masked and not request.user.has_perm(SEE_ACCOUNTS)
    if whole != masked and not hides:
        _log_look(request, endpoint)
    text = masked if hides else whole
    body = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
    return {"found": found, "reply": reply, "meaning": CODES[found.code].meaning, "body": body, "hides": hides}


def _log_look(request: HttpRequest, endpoint: str) -> None:
    """As on the record's page, where there is such a record."""
    named = PERSON.search(endpoint)
    record = SyncRecord.objects.filter(betnr=int(named[1])).first() if named else None
    target = endpoint[:LONGEST_TARGET]
    log_action(action_context=frame.action_context(request), action="see_accounts", record=record, target=target)


def _readable(reply: Reply, *, masks: bool) -> str:
    text = reply.body.decode(errors="replace")
    with suppress(ValueError, RecursionError):  # an answer without a body is none
        value = json.loads(text)
        shown = masked_accounts(value, settings.ADVOWARE_BANK_MAP) if masks else value
        return json.dumps(shown, indent=2, ensure_ascii=False)
    return masked_in(text) if masks else text
