"""The way to a system is at fault: names, certificates, connections that nobody answers on any more.

Nothing is lost, no retry is used up for good, people read what is wrong, and once the way is mended all goes on alone.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from syncapp.engine import dispatcher
from syncapp.models import Attempt, Breaker, SyncRecord
from syncapp.operations.monitoring.signs.disturbances import disturbances
from syncapp.remotes import registry
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.nameless import NAME, resolver
from tests.chaos.plant import Plant, Process
from tests.chaos.wire import Authority, Wire, wire

pytestmark = pytest.mark.chaos
RECORDS = 12
SECONDS = 8.0
# Long enough for a busy machine, where nothing is at fault.
ENVIRONMENT = {"ESPOCRM_TIMEOUT_SECONDS": "4", "ADVOWARE_TIMEOUT_SECONDS": "4"}
NAMELESS = [sys.executable, "-m", "tests.chaos.nameless"]


@dataclass
class Way:
    """The way to one system, for the worker and for this process alike."""

    plant: Plant
    wire: Wire
    authority: Authority
    no_names: Path

    def worker(self) -> Process:
        command = [*NAMELESS, str(self.no_names), "worker", "sweep"]
        return self.plant.ready(self.plant.start("worker", command, lambda process: True))


@contextmanager
def way_to(plant: Plant, system: str, settings: Any, monkeypatch: pytest.MonkeyPatch, *, tls: bool) -> Iterator[Way]:
    authority, no_names = Authority(plant.directory), plant.directory / "no-names"
    identity = authority.identity("good") if tls else None
    with wire(plant.sandbox.origin, identity) as line:
        origin = f"https://localhost:{line.port}" if tls else f"http://{NAME}:{line.port}"
        name = f"{system.upper()}_API_BASE_URL"
        address = plant.environment[name].replace(plant.sandbox.origin, origin)
        plant.environment |= {name: address, "REQUESTS_CA_BUNDLE": str(authority.bundle)}
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        monkeypatch.setattr("socket.getaddrinfo", resolver(no_names))
        setattr(settings, name, address)
        settings.BREAKER_OPEN_SECONDS = settings.BREAKER_OPEN_MAX_SECONDS = 1  # as for the plant's own processes
        registry.forget()
        yield Way(plant, line, authority, no_names)
    registry.forget()


@dataclass(frozen=True)
class Trouble:
    """advice: what people read about it, in part. at_once: not even one record counts a failed try."""

    name: str
    begin: Callable[[Way], object]
    end: Callable[[Way], object]
    advice: str = ""
    at_once: bool = False
    tls: bool = False


def swallow(what: str) -> Callable[[Way], object]:
    return lambda way: setattr(way.wire, "swallows", what)


def identity(name: str, **details: Any) -> Callable[[Way], object]:
    return lambda way: way.wire.identify_by(way.authority.identity(name, **details))


def forget_names(way: Way) -> None:
    """An open connection would go on without a name."""
    way.no_names.touch()
    way.wire.drop()


def of_a_stranger(way: Way) -> None:
    strangers = way.plant.directory / "stranger"
    strangers.mkdir()
    way.wire.identify_by(Authority(strangers).identity("stranger"))


RENEWED = identity("renewed")
TROUBLES = (
    Trouble("no names", forget_names, lambda way: way.no_names.unlink(), "Nameserver", True),
    Trouble("certificate expired", identity("old", begins=-9, ends=-1), RENEWED, "Zertifikat", True, True),
    Trouble("certificate for another name", identity("other", host="other.example"), RENEWED, "Zertifikat", True, True),
    Trouble("certificate of a stranger", of_a_stranger, RENEWED, "Zertifikat", True, True),
    Trouble("packets swallowed", swallow("everything"), swallow("")),
    Trouble("answers swallowed", swallow("answers"), swallow("")),
)


def dispatch_until(plant: Plant, *, until: Callable[[], bool], what: str) -> None:
    """The dispatcher, again and again, as if its minutes and all waiting times had passed."""

    def rung() -> bool:
        plant.let_waits_pass()
        dispatcher.dispatch()
        return until()

    plant.until(rung, what)


@pytest.mark.parametrize("system", ["espocrm", "advoware"])
@pytest.mark.parametrize("trouble", [pytest.param(one, id=one.name) for one in TROUBLES])
def test_on_the_way(
    plant: Plant,
    close_books: Close,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    trouble: Trouble,
) -> None:
    with way_to(plant, system, settings, monkeypatch, tls=trouble.tls) as way:
        way.worker()
        plant.pairs(1)  # nobody changes this one: what is known to be well is asked whether the system is back
        pairs = plant.pairs(RECORDS)
        expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
        for espo_id, fields in expected.items():
            plant.sandbox.anna.change(espo_id, **fields)
            plant.ask(espo_id, enqueue=False)
        trouble.begin(way)
        dispatch_until(plant, until=lambda: bool(disturbances(now=timezone.now())), what="the breaker opens")
        over = time.monotonic() + SECONDS
        dispatch_until(plant, until=lambda: time.monotonic() > over, what="it stays so for a while")
        (told,) = (one for one in disturbances(now=timezone.now()) if one.system == system)
        assert trouble.advice in told.advice
        if trouble.at_once:
            assert not SyncRecord.objects.filter(retry_count__gt=0).exists()
        assert not SyncRecord.objects.filter(status="permanently_failed").exists()
        trouble.end(way)
        dispatch_until(plant, until=lambda: not Breaker.objects.filter(failures__gt=0).exists(), what="it is back")
        plant.settle()
        for espo_id in pairs:
            plant.pass_late_look(espo_id)
        plant.settle()
        assert not Attempt.objects.filter(outcome="failed", kind="bug").exists()
        close_books(f"{trouble.name}: {system}", audit(plant, pairs, expected=expected), injected=1)
