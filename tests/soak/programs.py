"""Other programs of the firm, which use Advoware through the product: reads, whole objects, and new contact points.

A POST has an Idempotency-Key and is repeated blindly until it is answered; it must have come about once, or not at all
where the answer says that nobody knows.
"""

import itertools
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests
from django.utils import timezone

from demo.people import direct
from tests.soak.people import People

TIMEOUT = 30
TRIES = 8
SETTLED = frozenset({200, 201})


@dataclass
class Programs:
    origin: str
    key: str
    people: People
    http: requests.Session = field(default_factory=direct)
    answers: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    unknown: list[tuple[str, str]] = field(default_factory=list)  # (EspoCRM id, number): once or not at all
    turn: Any = field(default_factory=itertools.count)

    def call(self, method: str, endpoint: str, **options: Any) -> "requests.Response | None":
        headers = {"X-Api-Key": self.key, **options.pop("headers", {})}
        url = f"{self.origin}/advoware/proxy"
        try:
            answer = self.http.request(
                method, url, params={"endpoint": endpoint}, headers=headers, timeout=TIMEOUT, **options
            )
        except requests.RequestException:
            self._note(method, "no answer")
            return None
        self._note(method, str(answer.status_code))
        return answer

    def _note(self, method: str, outcome: str) -> None:
        word = f"{method} {outcome}"
        self.answers[word] = self.answers.get(word, 0) + 1

    def use(self) -> None:
        turn = next(self.turn) % 6
        (self.write, self.add)[turn]() if turn < 2 else self.read()

    def read(self) -> None:
        _espo_id, betnr = self.people.somebody()
        self.call("GET", f"Beteiligte/{betnr}")

    def write(self) -> None:
        """The whole object, as such programs do it."""
        espo_id, betnr = self.people.somebody()
        found = self.call("GET", f"Beteiligte/{betnr}")
        if found is None or found.status_code != 200:
            return
        value = self.people.value()
        body = {**found.json()["result"], "zusatz": value}
        answer = self.call("PUT", f"Beteiligte/{betnr}", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        self.people.ledger.in_advoware[betnr] = timezone.now()
        if answer is not None and answer.status_code in SETTLED:
            self.people.ledger.fields[espo_id, "zusatz"] = value
            self.people.ledger.count("PUT of a program")

    def add(self) -> None:
        espo_id, betnr = self.people.furnished()
        number, key = 50_000_000 + next(self.people.numbers), str(uuid.uuid4())
        body = {"tlf": f"030 / {number}", "kommKz": 10, "bemerkung": "Programm", "online": True}
        self.people.ledger.in_advoware[betnr] = timezone.now()
        for attempt in range(TRIES):
            self.repeated += bool(attempt)
            answer = self.call(
                "POST", f"Beteiligte/{betnr}/Kommunikationen", json=body, headers={"Idempotency-Key": key}
            )
            if answer is not None and answer.status_code in SETTLED:
                self.people.ledger.points.add((espo_id, f"+4930{number}"))
                self.people.ledger.count("POST of a program")
                return
            time.sleep(3)
        self.unknown.append((espo_id, f"+4930{number}"))
