"""What leaves the product for addresses that are no remote system of ours: alerts to a chat, the sign of life.

Invariant: as careful as the clients of the two systems. Nothing is followed (a redirect turns a POST into a GET that
says nothing), nothing lasts longer than TIMEOUT and a connection, no cookie and no ~/.netrc takes part; and delivered
means a 2xx. The log gets the host's answer as a number: the address itself may be a secret.
To extend: whatever else goes out goes through `deliver` or `ask`; requests is imported nowhere but in this package.
"""

import logging
import time
from dataclasses import dataclass

import requests

from syncapp.remotes.http import session
from syncapp.remotes.http.session import NoAnswer, RemoteConnection, prepared
from syncapp.remotes.http.wire import WRITE_MAX_IDLE, CallProgress

TIMEOUT = 10.0
log = logging.getLogger("advosync.outgoing")


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of it. `status` None: no answer; `failure`: why not, "" where one came."""

    status: int | None
    failure: str = ""

    @property
    def taken(self) -> bool:
        return self.status is not None and self.status // 100 == 2


def deliver(address: str, *, body: object = None) -> DeliveryResult:
    """POST the body as JSON, or GET where there is none. Never raises; who has to know looks at `taken`."""
    delivery = ask(address, body=body)
    if not delivery.taken:
        log.warning("not_delivered", extra={"status": delivery.status, "failure": delivery.failure})
    return delivery


def ask(address: str, *, body: object = None) -> DeliveryResult:
    """POST or GET as `deliver` does, and log nothing: whoever asks says himself what a refusal means."""
    headers = {"Accept": "*/*", "User-Agent": session.USER_AGENT}
    try:
        request = prepared(requests.Request("GET" if body is None else "POST", address, headers, json=body))
        limits = CallProgress(time.monotonic() + session.CONNECT_TIMEOUT + TIMEOUT, TIMEOUT, WRITE_MAX_IDLE)
        return DeliveryResult(RemoteConnection(address).send(request, limits).status)
    except NoAnswer as silence:
        return DeliveryResult(None, str(silence.failure))
