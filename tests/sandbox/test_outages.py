"""The page on which somebody makes a stand-in fail: every way to fail, each system, on and off, and for how long."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from sandbox import faults
from sandbox.admin.outages import MINUTES, OUTAGES, SYSTEMS
from tests.support.roles import client_of

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture(autouse=True)
def _whole() -> Iterator[None]:
    faults.clear()
    yield
    faults.clear()


@pytest.fixture
def admin(settings: Any) -> Client:
    settings.UNFOLD = {}
    return client_of(User.objects.create_superuser("chefin", password="x"))


def page(client: Client) -> str:
    return " ".join(client.get(reverse("sandbox_outages")).text.split())


def switch(client: Client, **sent: str) -> str:
    answer = client.post(reverse("sandbox_outages"), sent, follow=True)
    return " ".join(answer.text.split())


def test_every_fault_that_the_stand_ins_know_can_be_shown() -> None:
    assert {one.fault for one in OUTAGES} == set(faults.SORTS)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: outage.code)
def test_each_is_switched_on_and_off_for_each_system(admin: Client, system: str, outage: Any) -> None:
    others = [name for name in SYSTEMS if name != system]
    text = switch(admin, system=system, outage=outage.code, minutes="")
    (fault,) = faults.waiting()
    assert (fault.system, fault.fault) == (system, outage.fault)
    assert {name: getattr(fault, name) for name in outage.details} == outage.details
    assert re.search(rf"<strong>{SYSTEMS[system]} [^<]+</strong>, bis es ausgeschaltet wird", text)
    for _request in range(3):
        assert faults.take(system, "GET", "/x") is fault
        assert [faults.take(other, "GET", "/x") for other in others] == [None] * len(others)
    assert page(admin).count("Arbeitet wie gewohnt.") == len(others)
    switch(admin, off=str(fault.id))
    assert faults.waiting() == []
    assert faults.take(system, "GET", "/x") is None


@pytest.mark.parametrize("minutes", MINUTES)
def test_it_ends_by_itself(admin: Client, monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    text = switch(admin, system="advoware", outage="503", minutes=str(minutes))
    assert ("noch eine Minute" if minutes == 1 else f"noch {minutes} Minuten") in text
    (fault,) = faults.waiting()
    monkeypatch.setattr("sandbox.faults.time.monotonic", lambda: fault.since + minutes * 60 - 1)
    assert faults.take("advoware", "GET", "/x") is fault
    monkeypatch.setattr("sandbox.faults.time.monotonic", lambda: fault.since + minutes * 60 + 1)
    assert faults.take("advoware", "GET", "/x") is None
    assert faults.waiting() == []


@pytest.mark.parametrize(
    "sent",
    [
        {"system": "advoware", "outage": "nonsense", "minutes": "5"},
        {"system": "nobody", "outage": "503", "minutes": "5"},
        {"system": "advoware", "outage": "503", "minutes": "7"},
        {"off": "x"},
    ],
)
def test_nonsense_switches_nothing(admin: Client, sent: dict[str, str]) -> None:
    switch(admin, **sent)
    assert faults.waiting() == []


def test_what_a_test_has_switched_on_is_shown_too(admin: Client) -> None:
    faults.add({"system": "espocrm", "fault": "status", "count": 3})
    assert "noch für 3 Anfragen" in page(admin)


def test_only_for_those_who_may_play_with_the_stand_ins(settings: Any) -> None:
    settings.UNFOLD = {}
    client = Client()
    client.force_login(User.objects.create_user("ole", is_staff=True))
    assert client.get(reverse("sandbox_outages")).status_code == 403
    assert Client().get(reverse("sandbox_outages")).status_code == 302


def test_it_speaks_german(admin: Client) -> None:
    options = re.findall(r"<option[^>]*>([^<]+)</option>", page(admin))
    assert len(options) >= 2 * (len(OUTAGES) + len(MINUTES) + 1)
    assert not [option for option in options if re.search(r"\b(the|answers?|sends|error)\b", option)]
