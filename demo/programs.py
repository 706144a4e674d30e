"""Another program of the firm: it uses Advoware through Advosync, with a key that may read and change Beteiligte."""

from dataclasses import dataclass, field

import requests

from demo.people import TIMEOUT, Json, direct
from demo.world import Unfulfilled, World

GRANT = "GET+PUT Beteiligte/{int}"


@dataclass
class OtherProgram:
    """What n8n or the phone system would be."""

    origin: str
    key: str
    http: requests.Session = field(default_factory=direct)

    def call(self, method: str, endpoint: str, body: Json | None = None) -> requests.Response:
        url, headers = f"{self.origin}/advoware/proxy", {"X-Api-Key": self.key}
        query = {"endpoint": endpoint}
        return self.http.request(method, url, params=query, json=body, headers=headers, timeout=TIMEOUT)


def read(world: World) -> str:
    """A GET gives what stands in Advoware."""
    person = _person(world)
    if person != world.clerk.read(world.bet_nr):
        raise Unfulfilled("the program does not read what stands in Advoware")
    return f"betNr {person['betNr']}"


def refused(world: World) -> str:
    """A DELETE that no grant allows ends here: Advoware never hears of it."""
    before = world.observer.last_call()
    answer = _program(world).call("DELETE", f"Beteiligte/{world.bet_nr}")
    code = answer.json().get("code")
    if (answer.status_code, code) != (405, "method_not_offered"):
        raise Unfulfilled(f"answered with {answer.status_code} {code}")
    if any(call["method"] == "DELETE" for call in world.observer.calls(since=before)):
        raise Unfulfilled("the DELETE reached Advoware")
    return f"{answer.status_code} {code}"


def written(world: World) -> str:
    """A PUT is an edit in Advoware like any other: the sync carries it, and nobody asks it to."""
    wanted = "c/o Telefonzentrale"
    answer = _program(world).call("PUT", f"Beteiligte/{world.bet_nr}", {**_person(world), "zusatz": wanted})
    if not answer.ok:
        raise Unfulfilled(f"the PUT was answered with {answer.status_code} {answer.text[:200]}")
    world.until("zusatz arrives in EspoCRM", lambda: world.in_espocrm(zusatz=wanted) and world.settled())
    return f"zusatz {wanted}"


def _program(world: World) -> OtherProgram:
    return OtherProgram(world.origin, world.proxy_key)


def _person(world: World) -> Json:
    answer = _program(world).call("GET", f"Beteiligte/{world.bet_nr}")
    if not answer.ok:
        raise Unfulfilled(f"the GET was answered with {answer.status_code} {answer.text[:200]}")
    found: Json = answer.json()["result"]
    return found
