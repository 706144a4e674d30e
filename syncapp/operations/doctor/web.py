"""The way in: whether what answers at PUBLIC_URL is this installation, as EspoCRM's webhooks find it."""

from collections.abc import Iterator, Mapping

from django.conf import settings

from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.operations.onboarding.espocrm import wanted_webhooks
from syncapp.remotes.http import outgoing
from syncapp.words import reasons

# How an address that takes a POST alone answers a GET; by then host and https have been judged.
OURS = 405
FAULTS: Mapping[int, str] = {
    # Nothing of ours answers so: a server in front lets in certain addresses only, EspoCRM's perhaps among them.
    403: "web_closed",
    **dict.fromkeys((502, 503, 504), "web_away"),
}


def check_way_in(evidence: Evidence) -> Iterator[Found]:
    """That this machine does not get there proves nothing of EspoCRM's: a firm's name may lead in from outside only."""
    if not settings.PUBLIC_URL:
        return  # said above
    address = wanted_webhooks()[0].url
    answer = outgoing.ask(address)
    if answer.status != OURS:
        params = {"address": address, "status": answer.status, "reason": reasons.told(answer.failure)}
        yield Found(_fault(answer.status), params)


def _fault(status: int | None) -> str:
    if status is None:
        return "web_unreachable"
    return "web_redirects" if status // 100 == 3 else FAULTS.get(status, "web_strange")


CHECKS: tuple[Check, ...] = (Check("web", check_way_in),)
