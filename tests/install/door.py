"""What an installation answers from outside: over TLS by its name, the certificate checked, and without TLS."""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.install import page


class Failed(Exception):
    """A line did not do what the page promises."""


def say(text: str) -> None:
    print(text, flush=True)


def expect(what: str, holds: bool, shown: object) -> None:
    say(f"{'ok' if holds else 'NOT OK'}  {what}")
    if not holds:
        raise Failed(f"{what}: {shown}")


@dataclass(frozen=True)
class Door:
    """Both ports of nginx on this machine; `trusted`: the certificate that was made on the spot."""

    tls_port: int
    plain_port: int
    trusted: Path

    def over_tls(self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """(status, text) of a page as a browser gets it."""
        context = ssl.create_default_context(cafile=str(self.trusted))
        raw = socket.create_connection(("127.0.0.1", self.tls_port), timeout=20)
        connection = http.client.HTTPSConnection(page.NAME, timeout=20)
        connection.sock = context.wrap_socket(raw, server_hostname=page.NAME)
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")

    def healthy(self) -> tuple[bool, str]:
        """Whether the page of health says that scheduler and workers have done their rounds; what it says."""
        try:
            status, text = self.over_tls("/health/ready")
            parts = json.loads(text)["parts"]
        except (OSError, ValueError, http.client.HTTPException) as error:
            return False, repr(error)
        return status == 200 and all(parts[name]["ok"] for name in ("database", "redis", "dispatcher")), text

    def until_healthy(self, *, seconds: float, given_up: Callable[[], bool]) -> tuple[bool, str]:
        deadline = time.monotonic() + seconds
        while not (found := self.healthy())[0] and time.monotonic() < deadline and not given_up():
            time.sleep(1)
        return found

    def check_pages(self) -> None:
        """Pages, static files, and what is not for everybody."""
        german = self.over_tls("/admin/login/", headers={"Accept-Language": "de"})[1]
        expect("the login page, in German", "Anmelden" in german, german[:300])
        expect("static files", self.over_tls("/static/syncapp/ops.css")[0] == 200, "/static/syncapp/ops.css")
        refused = self.over_tls("/webhooks/espocrm/beteiligte/update", method="POST")[0]
        expect("an unsigned webhook is refused", refused in (401, 403), refused)
        expect("metrics are not for everybody", self.over_tls("/metrics")[0] == 403, "")
        plain = http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=10)
        plain.request("GET", "/admin/", headers={"Host": page.NAME})
        expect("http leads to https", plain.getresponse().status == 301, "")
