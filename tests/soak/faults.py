"""What breaks: one thing a minute, all of them in turn, in another order each time. A further one is a row of FAULTS.

Each function breaks something and returns when it is whole again; what it leaves behind is the product's to mend.
"""

import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psutil

from sandbox.models.espocrm import WebhookEvent, WebhookItem
from tests.soak.ground import Ground, say

LASTS = 20.0
STOPS_WITHIN = 120  # what systemd gives a worker to finish what it has in hand
WRITES = ("POST", "PUT", "PATCH")


@dataclass
class Breaker:
    """Whoever breaks things, and when a page could have been hit by it."""

    ground: Ground
    chance: random.Random
    counts: dict[str, int] = field(default_factory=dict)
    rolled: int = 0
    web_touched: float = 0.0

    @property
    def excuses_pages(self) -> bool:
        return time.monotonic() - self.web_touched < 45

    def endless(self) -> Iterator["KindOfFault"]:
        while True:
            row = list(FAULTS)
            self.chance.shuffle(row)
            yield from row

    def break_one(self, fault: "KindOfFault") -> None:
        say(f"fault: {fault.name}")
        if fault.hits_pages:
            self.web_touched = time.monotonic()
        fault.make(self)
        if fault.hits_pages:
            self.web_touched = time.monotonic()
        self.counts[fault.name] = self.counts.get(fault.name, 0) + 1

    def kill(self, role: str) -> None:
        found = [one for name, those in self.ground.processes().items() if name.startswith(role) for one in those]
        if found:
            self.chance.choice(found).kill()

    def roll(self) -> None:
        """SIGTERM to each process in turn, the next when this one's successor is there."""
        say("rolling restart")
        for role, those in sorted(self.ground.processes().items()):
            self.web_touched = time.monotonic() if role == "web" else self.web_touched
            before = {one.pid for one in those}
            parents = [one for one in those if _parent(one) not in before]
            for one in parents:
                one.terminate()
            self._until_replaced(role, before)
            self.web_touched = time.monotonic() if role == "web" else self.web_touched
        self.rolled += 1

    def _until_replaced(self, role: str, before: set[int]) -> None:
        deadline = time.monotonic() + STOPS_WITHIN
        while time.monotonic() < deadline:
            now = {one.pid for one in self.ground.processes().get(role, ())}
            if now and not now & before:
                time.sleep(3)
                return
            time.sleep(0.5)
        raise AssertionError(f"{role} did not come back within {STOPS_WITHIN} seconds")


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.Error:
        return 0


def _answers(system: str, fault: str, **details: object) -> Callable[[Breaker], None]:
    """Requests to one system get that answer for a while."""

    def make(breaker: Breaker) -> None:
        breaker.ground.sandbox.fault(system, fault, count=None, lasts=LASTS, **details)
        time.sleep(LASTS)

    return make


def _cut_after_effect(breaker: Breaker) -> None:
    """Every other write of either system is done and never answered."""
    for system in ("espocrm", "advoware", "google"):
        for method in WRITES:
            breaker.ground.sandbox.fault(system, "cut_after", method=method, count=2, lasts=LASTS)
    time.sleep(LASTS)


def _flush(breaker: Breaker) -> None:
    with breaker.ground.redis.client() as client:
        client.flushall()


def _restart_redis(how: int) -> Callable[[Breaker], None]:
    def make(breaker: Breaker) -> None:
        breaker.ground.redis.stop(how)
        time.sleep(3)
        breaker.ground.redis.start()

    return make


def _webhooks(breaker: Breaker, spoil: Callable[[], object]) -> None:
    """None is sent for a while; what has gathered is spoiled, and the sending goes on."""
    control = breaker.ground.sandbox.control
    control.tell("webhooks", deliver="manual")
    time.sleep(LASTS)
    spoil()
    control.tell("webhooks", deliver="auto")


def _lost(breaker: Breaker) -> None:
    _webhooks(breaker, lambda: (WebhookEvent.objects.all().delete(), WebhookItem.objects.all().delete()))


def _twice(breaker: Breaker) -> None:
    def double() -> None:
        events = list(WebhookEvent.objects.all())
        WebhookEvent.objects.bulk_create(
            WebhookEvent(event=one.event, user_id=one.user_id, payload=one.payload) for one in events
        )

    _webhooks(breaker, double)


def _out_of_order(breaker: Breaker) -> None:
    def turn_round() -> None:
        events = list(WebhookEvent.objects.order_by("-pk"))
        WebhookEvent.objects.filter(pk__in=[one.pk for one in events]).delete()
        WebhookEvent.objects.bulk_create(
            WebhookEvent(event=one.event, user_id=one.user_id, payload=one.payload) for one in events
        )

    breaker.ground.sandbox.espocrm(webhook_disorder=True)
    _webhooks(breaker, turn_round)
    breaker.ground.sandbox.espocrm(webhook_disorder=False)


def _tokens(breaker: Breaker) -> None:
    for path in ("advoware/tokens/revoke", "google/tokens/revoke", "google/sync-tokens/expire"):
        breaker.ground.sandbox.control.tell(path)


def _too_many(breaker: Breaker) -> None:
    headers = {"Retry-After": "5"}
    for system in ("espocrm", "advoware"):
        breaker.ground.sandbox.fault(system, "status", status=429, headers=headers, count=10, lasts=LASTS)
    breaker.ground.sandbox.refuse_google("rateLimitExceeded", count=5, lasts=LASTS)
    time.sleep(LASTS)


@dataclass(frozen=True)
class KindOfFault:
    """hits_pages: a page that breaks in that moment is no fault of the page."""

    name: str
    make: Callable[[Breaker], None]
    hits_pages: bool = False


FAULTS = (
    KindOfFault("kill -9 of a worker", lambda breaker: breaker.kill("worker")),
    KindOfFault("kill -9 of the web process", lambda breaker: breaker.kill("web"), hits_pages=True),
    KindOfFault("kill -9 of the scheduler", lambda breaker: breaker.kill("scheduler")),
    KindOfFault("Redis flushed", _flush),
    KindOfFault("Redis restarted", _restart_redis(signal.SIGTERM), hits_pages=True),
    KindOfFault("Redis killed", _restart_redis(signal.SIGKILL), hits_pages=True),
    KindOfFault("PostgreSQL restarted", lambda breaker: breaker.ground.restart_database(), hits_pages=True),
    KindOfFault("PostgreSQL crashed", lambda breaker: breaker.ground.restart_database("immediate"), hits_pages=True),
    KindOfFault("EspoCRM answers 503", _answers("espocrm", "status", status=503)),
    KindOfFault("Advoware answers 503", _answers("advoware", "status", status=503)),
    KindOfFault("Google answers 503", _answers("google", "status", status=503)),
    KindOfFault("EspoCRM slow", _answers("espocrm", "delay", seconds=2.0)),
    KindOfFault("Advoware slow", _answers("advoware", "delay", seconds=2.0)),
    KindOfFault("Advoware answers half a JSON", _answers("advoware", "half_json", method="GET")),
    KindOfFault("cut after the effect", _cut_after_effect),
    KindOfFault("429 with Retry-After", _too_many),
    KindOfFault("webhooks lost", _lost),
    KindOfFault("webhooks twice", _twice),
    KindOfFault("webhooks out of order", _out_of_order),
    KindOfFault("tokens expired", _tokens),
)
