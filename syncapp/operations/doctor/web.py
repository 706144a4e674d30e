"""The way in: whether what answers at PUBLIC_URL is this installation, as EspoCRM's webhooks find it."""

from collections.abc import Iterator

from django.conf import settings

from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.operations.onboarding.espocrm import wanted_webhooks
from syncapp.remotes.http import outgoing
from syncapp.words import reasons

# How an address that takes a POST alone answers a GET; by then host and https have been judged.
OURS = 405
AWAY = (502, 503, 504)
# Nothing of ours answers so: a server in front lets in certain addresses only, EspoCRM's perhaps among them.
CLOSED = 403


def check_way_in(evidence: Evidence) -> Iterator[Found]:
    """That this machine does not get there proves nothing of EspoCRM's: a firm's name may lead in from outside only."""
    if not settings.PUBLIC_URL:
        return  # said above
    address = wanted_webhooks()[0].url
    answer = outgoing.ask(address)
    params = {"address": address, "status": answer.status, "reason": reasons.told(answer.failure)}
    if answer.status is None:
        yield Found("web_unreachable", params)
    elif answer.status // 100 == 3:
        yield Found("web_redirects", params)
    elif answer.status == CLOSED:
        yield Found("web_closed", params)
    elif answer.status in AWAY:
        yield Found("web_away", params)
    elif answer.status != OURS:
        yield Found("web_strange", params)


CHECKS: tuple[Check, ...] = (Check("web", check_way_in),)
