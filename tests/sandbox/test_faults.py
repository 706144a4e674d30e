"""Every fault on demand as a client sees it, under the test server and under the demo's gunicorn."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from advosync_project.embedded_redis import free_port
from tests.sandbox.conftest import ROOT, environment
from tests.sandbox.remote import Advoware, Control
from tests.support.processes import is_served, running, wait_until
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def gunicorn_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("gunicorn")
    settings = environment(directory)
    seeding = [sys.executable, "manage.py", "sandbox_seed", "--count", "0"]
    subprocess.run(seeding, cwd=ROOT, env=settings, check=True, stdout=subprocess.DEVNULL)
    origin = f"http://127.0.0.1:{free_port()}"
    options = ["--workers", "1", "--worker-class", "gthread", "--threads", "8"]
    address = ["--bind", origin.removeprefix("http://"), "advosync_project.wsgi"]
    command = [sys.executable, "-m", "gunicorn", *options, *address]

    calls = f"{origin}/sandbox/control/calls"
    with running(command, log=directory / "log", ready=lambda: is_served(calls), environment=settings):
        yield origin


@pytest.fixture(params=["sandbox_server", "gunicorn"])
def origin(request: pytest.FixtureRequest) -> str:
    if request.param == "gunicorn":
        return str(request.getfixturevalue("gunicorn_origin"))
    server: Sandbox = request.getfixturevalue("sandbox_server")
    return server.origin


@pytest.fixture
def control(origin: str) -> Control:
    control = Control(origin)
    control.post("reset", {})
    return control


@pytest.fixture
def advoware(origin: str, control: Control) -> Advoware:
    advoware = Advoware(origin)
    advoware.session.get(f"{origin}/sandbox/control/calls", timeout=5)  # the connection is open before a fault meets it
    assert advoware.token
    return advoware


def names(control: Control) -> list[str]:
    return [row["name"] for row in control.get("state")["advoware"]]


def create(advoware: Advoware, name: str = "Muster") -> requests.Response:
    return advoware.request("POST", "Beteiligte", {"name": name})


def body_of(advoware: Advoware) -> bytes:
    """The raw bytes of a read that goes wrong in the middle."""
    headers = {"Authorization": f"Bearer {advoware.token}"}
    with requests.get(f"{advoware.base}Rechtsformen", headers=headers, stream=True, timeout=5) as answer:
        read = b""
        try:
            for chunk in answer.iter_content(1):
                read += chunk
        except requests.exceptions.ChunkedEncodingError:
            assert len(read) < int(answer.headers["Content-Length"])
            return read
    raise AssertionError("the body was complete")


def test_status_with_reason_and_headers_and_no_effect(advoware: Advoware, control: Control) -> None:
    control.fault("status", status=429, reason="Slow down", headers={"Retry-After": "7"}, body="later")
    answer = create(advoware)
    assert (answer.status_code, answer.reason, answer.headers["Retry-After"], answer.text) == (
        429,
        "Slow down",
        "7",
        "later",
    )
    assert names(control) == []


def test_status_after_the_effect(advoware: Advoware, control: Control) -> None:
    control.fault("status", status=502, after=True)
    assert create(advoware).status_code == 502
    assert names(control) == ["Muster"]


def test_cut_before_closes_without_effect(advoware: Advoware, control: Control) -> None:
    control.fault("cut_before")
    with pytest.raises(requests.ConnectionError):
        create(advoware)
    assert names(control) == []


def test_cut_after_closes_with_effect(advoware: Advoware, control: Control) -> None:
    control.fault("cut_after")
    with pytest.raises(requests.ConnectionError):
        create(advoware)
    assert names(control) == ["Muster"]


def test_cut_shows_no_byte_of_an_answer(advoware: Advoware, control: Control) -> None:
    control.fault("cut_after")
    with pytest.raises(requests.ConnectionError, match=r"RemoteDisconnected|reset"):
        create(advoware)


def test_half_body_ends_before_the_announced_length(advoware: Advoware, control: Control) -> None:
    whole = advoware.request("GET", "Rechtsformen").content
    control.fault("half_body")
    assert body_of(advoware) == whole[: len(whole) // 2]


def test_half_body_of_a_write_has_its_effect(advoware: Advoware, control: Control) -> None:
    control.fault("half_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        create(advoware)
    assert names(control) == ["Muster"]


def test_half_json_is_a_complete_answer(advoware: Advoware, control: Control) -> None:
    control.fault("half_json")
    answer = create(advoware)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert names(control) == ["Muster"]


def test_empty_200(advoware: Advoware, control: Control) -> None:
    control.fault("empty_200")
    answer = create(advoware)
    assert (answer.status_code, answer.content) == (200, b"")
    assert names(control) == ["Muster"]


def test_html_200_is_a_proxy_that_asked_nobody(advoware: Advoware, control: Control) -> None:
    control.fault("html_200")
    answer = create(advoware)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert names(control) == []


def test_wrong_type_is_json_of_another_kind(advoware: Advoware, control: Control) -> None:
    control.fault("wrong_type")
    assert create(advoware).json() == "ok"


def test_delay_has_its_effect_before_the_wait(advoware: Advoware, control: Control) -> None:
    control.fault("delay", seconds=1.0)
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{advoware.base}Beteiligte",
            json={"name": "Muster"},
            headers={"Authorization": f"Bearer {advoware.token}"},
            timeout=0.4,
        )
    assert names(control) == ["Muster"]


def test_delay_before_lands_after_the_client_gave_up(advoware: Advoware, control: Control) -> None:
    control.fault("delay_before", seconds=2.0)
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{advoware.base}Beteiligte",
            json={"name": "Muster"},
            headers={"Authorization": f"Bearer {advoware.token}"},
            timeout=0.3,
        )
    assert names(control) == []
    wait_until(lambda: names(control) != [], seconds=30)
    assert names(control) == ["Muster"]


def test_hold_cut_waits_and_does_nothing(advoware: Advoware, control: Control) -> None:
    control.fault("hold_cut", seconds=0.5)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        create(advoware)
    assert time.monotonic() - started > 0.4
    assert names(control) == []


def test_drip_is_whole_but_slow(advoware: Advoware, control: Control) -> None:
    whole = advoware.request("GET", "Rechtsformen").json()
    control.fault("drip", seconds=0.005)
    started = time.monotonic()
    assert advoware.request("GET", "Rechtsformen").json() == whole
    assert time.monotonic() - started > 0.3


def test_the_next_request_is_served_again(advoware: Advoware, control: Control) -> None:
    for fault in ("cut_before", "cut_after", "half_body"):
        control.fault(fault)
        with pytest.raises(requests.RequestException):
            advoware.request("GET", "Rechtsformen")
        assert advoware.request("GET", "Rechtsformen").status_code == 200


class TestMatching:
    """Which request gets the fault."""

    def statuses(self, advoware: Advoware, *methods: str) -> list[int]:
        made = advoware.create()
        path = f"Beteiligte/{made['betNr']}"
        return [advoware.request(method, path, made if method == "PUT" else None).status_code for method in methods]

    def test_count(self, advoware: Advoware, control: Control) -> None:
        control.fault("status", method="GET", count=2)
        assert self.statuses(advoware, "GET", "GET", "GET") == [500, 500, 200]

    def test_without_count_until_cleared(self, advoware: Advoware, control: Control) -> None:
        control.fault("status", method="GET", count=None)
        assert self.statuses(advoware, "GET", "GET", "GET") == [500, 500, 500]
        control.post("faults/clear", {})
        assert self.statuses(advoware, "GET") == [200]

    def test_skip(self, advoware: Advoware, control: Control) -> None:
        control.fault("status", method="GET", skip=1)
        assert self.statuses(advoware, "GET", "GET", "GET") == [200, 500, 200]

    def test_method(self, advoware: Advoware, control: Control) -> None:
        control.fault("status", method="PUT")
        assert self.statuses(advoware, "GET", "PUT", "PUT") == [200, 500, 200]

    def test_path(self, advoware: Advoware, control: Control) -> None:
        control.fault("status", path_contains="/Kommunikationen")
        made = advoware.create()
        path = f"Beteiligte/{made['betNr']}/Kommunikationen"
        assert [advoware.request("POST", path, {"kommKz": 1}).status_code for _ in range(2)] == [500, 200]

    def test_other_system(self, advoware: Advoware, control: Control) -> None:
        control.post("faults", {"system": "espocrm", "fault": "status", "status": 500})
        assert self.statuses(advoware, "GET") == [200]

    def test_any_system(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create()
        control.post("faults", {"fault": "status", "status": 503})
        assert advoware.request("GET", f"Beteiligte/{made['betNr']}").status_code == 503

    def test_two_faults_one_after_the_other(self, advoware: Advoware, control: Control) -> None:
        for status in (500, 503):
            control.fault("status", method="GET", status=status)
        assert self.statuses(advoware, "GET", "GET", "GET") == [500, 503, 200]

    def test_the_control_api_has_no_faults(self, control: Control) -> None:
        control.post("faults", {"fault": "status", "count": None})
        assert len(control.get("faults/waiting")["faults"]) == 1


def test_log_tells_faults_and_cut_calls(advoware: Advoware, control: Control) -> None:
    control.post("calls/clear", {})
    control.fault("status", status=503)
    control.fault("cut_after")
    create(advoware)
    with pytest.raises(requests.ConnectionError):
        create(advoware)
    create(advoware)
    found: list[Any] = [(call["method"], call["status"], call["fault"]) for call in control.calls()]
    assert found == [("POST", 503, "status"), ("POST", None, "cut_after"), ("POST", 200, None)]


def test_log_tells_which_call_is_under_way(advoware: Advoware, control: Control) -> None:
    control.post("calls/clear", {})
    control.fault("delay", seconds=2.0, method="POST")
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{advoware.base}Beteiligte",
            json={"name": "Muster"},
            headers={"Authorization": f"Bearer {advoware.token}"},
            timeout=0.4,
        )
    assert [call["done_at"] for call in control.calls()] == [None]
    wait_until(lambda: all(call["done_at"] for call in control.calls()), seconds=30)
    (call,) = control.calls()
    assert call["done_at"] - call["at"] > 1.9
