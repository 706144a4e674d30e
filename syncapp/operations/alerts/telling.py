"""Telling people: by mail and by a message to a chat, one for everything that has changed since the last one.

Invariant: a change of state is told once; what cannot be sent is tried again at the next evaluation. The storm of ten
thousand failures is one alert and so one message.
"""

import logging
from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from syncapp.models import Alert
from syncapp.operations.alerts.rules import BY_CODE
from syncapp.operations.alerts.watch import sentence
from syncapp.remotes.http.outgoing import deliver

log = logging.getLogger("advosync.alerts")

# Where the workflows live that have taken the place of Teams' incoming webhooks; they read nothing but cards.
TEAMS_WORKFLOWS = (".logic.azure.com", ".powerplatform.com", ".powerautomate.com")


def tell() -> int:
    """Tell every change of state that has not been told; how many."""
    opened = list(Alert.objects.filter(told_open_at__isnull=True, closed_at__isnull=True).order_by("opened_at"))
    over = list(Alert.objects.filter(told_open_at__isnull=False, told_closed_at__isnull=True, closed_at__isnull=False))
    opened, over = ([alert for alert in alerts if alert.rule in BY_CODE] for alerts in (opened, over))
    if not opened and not over:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        if not _send(_subject(opened), text_of(opened, over)):
            return 0
    now = timezone.now()
    Alert.objects.filter(pk__in=[alert.pk for alert in opened]).update(told_open_at=now)
    Alert.objects.filter(pk__in=[alert.pk for alert in over]).update(told_closed_at=now)
    return len(opened) + len(over)


def _subject(opened: Sequence[Alert]) -> str:
    if not opened:
        return _("Advosync: all clear")
    return _("Advosync: %(number)d alerts") % {"number": len(opened)} if len(opened) > 1 else sentence(opened[0])


def text_of(opened: Sequence[Alert], over: Sequence[Alert]) -> str:
    """The message in the active language: what is wrong, what to do, where to look; and what is over."""
    lines: list[str] = []
    for alert in opened:
        rule = BY_CODE[alert.rule]
        lines += [f"• {sentence(alert)}", f"  {rule.advice}", f"  {link(rule.link)}"]
    lines += [_("Over: %(what)s") % {"what": sentence(alert)} for alert in over]
    return "\n".join(lines)


def link(path: object) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def _send(subject: str, text: str) -> bool:
    """By every way that is configured; True if at least one took it, or none is configured."""
    configured = [way for way, address in WAYS if getattr(settings, address)]
    taken = [way(subject, text) for way in configured]
    return not configured or any(taken)


def _mail(subject: str, text: str) -> bool:
    return mail(subject, text, list(settings.ALERT_EMAILS))


def mail(subject: str, text: str, to: list[str]) -> bool:
    try:
        send_mail(subject[:150].replace("\n", " "), text, None, to)
    except (SMTPException, OSError, ValueError) as error:  # the last: an address or a subject that is none
        log.error("mail_not_sent", extra={"error": type(error).__name__})
        return False
    return True


def _post(subject: str, text: str) -> bool:
    address = settings.ALERT_WEBHOOK_URL
    answer = deliver(address, body=message(f"{subject}\n{text}", to=address))
    if not answer.taken:
        log.error("alert_not_posted", extra={"status": answer.status, "failure": answer.failure})
    return answer.taken


def message(text: str, *, to: str) -> dict[str, Any]:
    """What the chat at this address reads: `{"text": …}`, and for a workflow of Teams a card with it."""
    host = urlsplit(to).hostname or ""
    if not host.endswith(TEAMS_WORKFLOWS):
        return {"text": text}
    lines = [{"type": "TextBlock", "text": line, "wrap": True} for line in text.splitlines()]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": lines}
    return {
        "type": "message",
        "text": text,
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


# How people are told, and the setting that says whether.
WAYS = ((_mail, "ALERT_EMAILS"), (_post, "ALERT_WEBHOOK_URL"))


def ping_dead_man() -> None:
    """Tell a watcher outside that we are alive; its silence alarm is the only one that a dead installation can ring."""
    if settings.DEADMAN_PING_URL and not deliver(settings.DEADMAN_PING_URL).taken:
        log.warning("dead_man_not_pinged")
