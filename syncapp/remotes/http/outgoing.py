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
from urllib3 import exceptions as urllib3_errors

from syncapp.remotes.http import session
from syncapp.remotes.http.failures import Failure
from syncapp.remotes.http.session import NoAnswer, RemoteConnection
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
    delivery = _sent(address, body)
    if not delivery.taken:
        log.warning("not_delivered", extra={"status": delivery.status, "failure": delivery.failure})
    return delivery


def ask(address: str) -> DeliveryResult:
    """GET, for the status alone: whoever asks says himself what a refusal means."""
    return _sent(address, None)


def _sent(address: str, body: object) -> DeliveryResult:
    try:
        prepared = _prepared(address, body)
        limits = CallProgress(time.monotonic() + session.CONNECT_TIMEOUT + TIMEOUT, TIMEOUT, WRITE_MAX_IDLE)
        return DeliveryResult(RemoteConnection(address).send(prepared, limits).status)
    except NoAnswer as silence:
        return DeliveryResult(None, str(silence.failure))


def _prepared(address: str, body: object) -> requests.PreparedRequest:
    if not address.startswith(("http://", "https://")):
        raise NoAnswer(Failure.bad_address, "scheme")
    headers = {"Accept": "*/*", "User-Agent": session.USER_AGENT}
    try:
        return requests.Request("GET" if body is None else "POST", address, headers, json=body).prepare()
    except (requests.RequestException, urllib3_errors.HTTPError, ValueError) as error:
        raise NoAnswer(Failure.bad_address, type(error).__name__) from None
