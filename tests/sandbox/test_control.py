"""The control API: reset, call log, switches, state, webhooks, and who may use it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.test import Client

from sandbox import checks, exposure, hooks
from tests.sandbox.conftest import start, stop
from tests.sandbox.remote import Advoware, Control
from tests.support.sandbox import Sandbox

EVERYBODY = "0.0.0.0"  # noqa: S104 - the address that must be refused
ALL_SWITCHES = {"advoware": "too_long", "espocrm": "max_phones", "google": "per_minute"}


class TestReset:
    def test_empties_both_systems_and_the_log(
        self, sandbox_server: Sandbox, advoware: Advoware, control: Control
    ) -> None:
        advoware.create()
        sandbox_server.anna.create(name="Muster")
        control.post("reset", {})
        assert control.get("state") == {"espocrm": [], "advoware": [], "termine": [], "google": {}}
        assert control.calls() == []

    def test_puts_switches_back_and_lifts_faults(self, advoware: Advoware, control: Control) -> None:
        control.advoware(post_answers_list=True)
        control.fault("status", count=None)
        control.post("reset", {})
        assert advoware.create()["betNr"]

    def test_numbers_start_again(self, advoware: Advoware, control: Control) -> None:
        first = advoware.create()["betNr"]
        control.post("reset", {})
        assert advoware.create()["betNr"] == first

    def test_staff_can_still_log_in(self, sandbox_server: Sandbox, control: Control) -> None:
        assert sandbox_server.anna.create(name="Muster")["id"]

    def test_with_seed(self, control: Control) -> None:
        answer = control.post("reset", {"seed": True, "count": 5})
        state = control.get("state")
        assert (len(state["espocrm"]), len(state["advoware"])) == (answer["espocrm"], answer["advoware"]) == (5, 4)


class TestCalls:
    def test_log_has_system_method_path_and_status(
        self, sandbox_server: Sandbox, advoware: Advoware, control: Control
    ) -> None:
        number = advoware.create()["betNr"]
        control.post("calls/clear", {})
        advoware.get(number)
        sandbox_server.anna.http.get(
            f"{sandbox_server.espocrm_url}/CBeteiligte?maxSize=5",
            headers={"X-Api-Key": "sandbox-staff-key"},
            timeout=5,
        )
        first, second = control.calls()
        assert first["path"] == f"/sandbox/advoware/api/v1/advonet/Beteiligte/{number}"
        assert (first["system"], first["method"], first["status"], first["fault"]) == ("advoware", "GET", 200, None)
        assert (second["system"], second["path"]) == ("espocrm", "/sandbox/espocrm/api/v1/CBeteiligte")
        assert first["n"] < second["n"]
        assert first["at"] <= second["at"]

    def test_log_has_names_but_no_values_of_a_query(self, sandbox_server: Sandbox, control: Control) -> None:
        requests.get(f"{sandbox_server.espocrm_url}/CBeteiligte?maxSize=5&q=geheim", timeout=5)
        (call,) = control.calls()
        assert call["query"] == ["maxSize", "q"]
        assert "geheim" not in str(call)

    def test_since(self, advoware: Advoware, control: Control) -> None:
        advoware.create()
        last = control.calls()[-1]["n"]
        advoware.create()
        assert [call["n"] > last for call in control.get(f"calls?since={last}")["calls"]] == [True]

    def test_control_calls_are_not_logged(self, control: Control) -> None:
        control.get("state")
        assert control.calls() == []

    def test_unknown_addresses_are_logged(self, sandbox_server: Sandbox, control: Control) -> None:
        requests.get(f"{sandbox_server.advoware_url}/api/v1/wrong", timeout=5)
        assert [call["status"] for call in control.calls()] == [404]


class TestSwitches:
    @pytest.mark.parametrize("group", ALL_SWITCHES)
    def test_answer_is_the_present_state(self, control: Control, group: str) -> None:
        assert ALL_SWITCHES[group] in control.post(f"{group}/settings", {})

    @pytest.mark.parametrize("group", ALL_SWITCHES)
    def test_unknown_switch_is_named(self, control: Control, group: str) -> None:
        assert "colour" in control.post(f"{group}/settings", {"colour": "red"}, status=400)["error"]

    @pytest.mark.parametrize(
        "wrong",
        [{"too_long": "shorten"}, {"bemerkung_max": "20"}, {"put_answers_list": 1}, {"token_lifetime_seconds": True}],
        ids=lambda wrong: next(iter(wrong)),
    )
    def test_wrong_value_changes_nothing(self, control: Control, wrong: dict[str, Any]) -> None:
        before = control.post("advoware/settings", {})
        control.post("advoware/settings", {"omit_geaendertAm": True, **wrong}, status=400)
        assert control.post("advoware/settings", {}) == before

    def test_unknown_fault_is_named(self, control: Control) -> None:
        assert "earthquake" in control.post("faults", {"fault": "earthquake"}, status=400)["error"]

    def test_unknown_key_of_a_fault_is_named(self, control: Control) -> None:
        assert "methods" in control.post("faults", {"fault": "delay", "methods": "PUT"}, status=400)["error"]

    def test_wrong_method_is_405(self, control: Control) -> None:
        control.post("state", {}, status=405)

    def test_broken_json_is_400(self, control: Control) -> None:
        answer = requests.post(f"{control.base}reset", data=b"{", timeout=5)
        assert answer.status_code == 400


class TestState:
    def test_shows_the_real_number_of_an_entry(self, advoware: Advoware, control: Control) -> None:
        advoware.add_entry(advoware.create()["betNr"], kommKz=7, tlf="1")
        assert control.get("state")["advoware"][0]["kommunikation"][0]["kommKz"] == 7

    def test_shows_contact_points_of_espocrm(self, sandbox_server: Sandbox, control: Control) -> None:
        sandbox_server.anna.create(name="Muster", phoneNumberData=[{"phoneNumber": "+493023125001", "type": "Office"}])
        (record,) = control.get("state")["espocrm"]
        assert [row["phoneNumber"] for row in record["phoneNumberData"]] == ["+493023125001"]


class Receiver:
    """Somebody who takes webhooks and answers with the statuses given, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.taken: list[str] = []
        waiting = list(statuses)
        taken = self.taken

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                taken.append(self.path)
                self.send_response(waiting.pop(0) if len(waiting) > 1 else waiting[0])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def listen_to(self, sandbox: Sandbox, event: str = "create") -> None:
        requests.post(
            f"{sandbox.espocrm_url}/Webhook",
            json={"event": f"CBeteiligte.{event}", "url": f"{self.url}/{event}"},
            headers={"X-Api-Key": "sandbox-espo-key"},
            timeout=5,
        ).raise_for_status()


class TestWebhooks:
    def test_manual_until_flushed(self, sandbox_server: Sandbox, control: Control) -> None:
        receiver = Receiver(202)
        receiver.listen_to(sandbox_server)
        sandbox_server.anna.create(name="Muster")
        assert receiver.taken == []
        assert control.post("webhooks/flush", {}) == {"sent": 1, "statuses": [202]}
        assert control.post("webhooks/flush", {}) == {"sent": 0, "statuses": []}
        assert receiver.taken == ["/create"]

    def test_refused_ones_wait_unless_retries_are_asked_for(self, sandbox_server: Sandbox, control: Control) -> None:
        receiver = Receiver(503, 202)
        receiver.listen_to(sandbox_server)
        sandbox_server.anna.create(name="Muster")
        assert control.post("webhooks/flush", {})["statuses"] == [503]
        assert control.post("webhooks/flush", {})["statuses"] == []
        assert control.post("webhooks/flush", {"retries": True})["statuses"] == [202]

    def test_auto_sends_by_itself(self, sandbox_server: Sandbox, control: Control) -> None:
        receiver = Receiver(202)
        receiver.listen_to(sandbox_server)
        control.post("webhooks", {"deliver": "auto", "interval_seconds": 0.1})
        sandbox_server.anna.create(name="Muster")
        for _attempt in range(100):
            if receiver.taken:
                break
            requests.get(f"{control.base}calls", timeout=5)
        assert receiver.taken == ["/create"]


class TestWhoMay:
    """In-process, because a test cannot come from another machine."""

    @pytest.fixture
    def client(self, settings: Any) -> Client:
        settings.DEBUG = True
        settings.ALLOWED_HOSTS = ["*"]
        settings.ROOT_URLCONF = "sandbox.server"
        settings.MIDDLEWARE = []
        return Client(headers={"host": "127.0.0.1:8000"})

    def test_this_machine(self, client: Client) -> None:
        assert client.get("/sandbox/control/faults/waiting").status_code == 200

    @pytest.mark.parametrize("address", ["192.168.1.20", "2001:db8::1", ""])
    def test_no_other_machine(self, client: Client, settings: Any, address: str) -> None:
        settings.SANDBOX_ALLOW_ANYWHERE = True
        assert client.get("/sandbox/control/faults/waiting", REMOTE_ADDR=address).status_code == 403

    @pytest.mark.parametrize("header", ["x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip", "via"])
    def test_nobody_behind_a_proxy(self, client: Client, header: str) -> None:
        assert client.get("/sandbox/control/faults/waiting", headers={header: "127.0.0.1"}).status_code == 403

    @pytest.mark.parametrize("path", ["control/state", "advoware/token", "espocrm/api/v1/App/user"])
    def test_no_other_host_name(self, client: Client, path: str) -> None:
        answer = client.get(f"/sandbox/{path}", headers={"host": "crm.example.org"})
        assert answer.status_code == 403
        assert b"crm.example.org" in answer.content

    @pytest.mark.parametrize("path", ["control/state", "advoware/token", "espocrm/api/v1/App/user"])
    def test_nothing_where_debug_is_off(self, client: Client, settings: Any, path: str) -> None:
        settings.DEBUG = False
        assert client.get(f"/sandbox/{path}").status_code == 403

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:8000"])
    def test_loopback_names(self, client: Client, host: str) -> None:
        assert client.get("/sandbox/advoware/token", headers={"host": host}).status_code == 405

    def test_other_host_name_if_allowed(self, client: Client, settings: Any) -> None:
        settings.SANDBOX_ALLOW_ANYWHERE = True
        settings.DEBUG = False
        answer = client.get("/sandbox/advoware/token", headers={"host": "crm.example.org"})
        assert answer.status_code == 405


class TestStart:
    @pytest.mark.parametrize(
        "debug, anywhere, host, good",
        [
            (True, False, "127.0.0.1", True),
            (True, False, "::1", True),
            (True, False, EVERYBODY, False),
            (True, False, "192.168.1.20", False),
            (False, False, "127.0.0.1", False),
            (False, True, EVERYBODY, True),
        ],
    )
    def test_rule(self, settings: Any, debug: bool, anywhere: bool, host: str, good: bool) -> None:
        settings.DEBUG, settings.SANDBOX_ALLOW_ANYWHERE = debug, anywhere
        assert (exposure.start_problem(host) is None) is good

    def test_system_check_where_debug_is_off(self, settings: Any) -> None:
        settings.DEBUG, settings.SANDBOX_ALLOW_ANYWHERE = False, False
        assert [found.id for found in checks.stand_ins_stay_private(None)] == ["sandbox.E001"]
        settings.DEBUG = True
        assert checks.stand_ins_stay_private(None) == []

    @pytest.mark.parametrize("command", [["sandbox_seed"], ["sandbox_server", "--host", "127.0.0.1"]])
    def test_commands_refuse_where_debug_is_off(self, settings: Any, command: list[str]) -> None:
        settings.DEBUG, settings.SANDBOX_ALLOW_ANYWHERE = False, False
        with pytest.raises(CommandError, match="SANDBOX_ALLOW_ANYWHERE"):
            call_command(*command)

    def test_server_refuses_an_address_that_others_reach(self, settings: Any) -> None:
        settings.DEBUG, settings.SANDBOX_ALLOW_ANYWHERE = True, False
        with pytest.raises(CommandError, match=r"0\.0\.0\.0"):
            call_command("sandbox_server", "--host", EVERYBODY)

    def test_server_with_seed_serves_and_ends_on_sigterm(self, tmp_path: Path) -> None:
        process, origin = start(tmp_path, "--seed", "--deliver", "auto")
        try:
            control = Control(origin)
            assert len(control.get("state")["advoware"]) > 30
            assert control.post("webhooks", {})["deliver"] == "auto"
            control.post("reset", {})
            assert control.post("webhooks", {})["deliver"] == "auto"
        finally:
            code = stop(process)
        assert code == 0

    def test_server_serves_nothing_else(self, sandbox_server: Sandbox) -> None:
        assert requests.get(f"{sandbox_server.origin}/admin/", timeout=5).status_code == 404

    def test_server_keeps_connections_open(self, sandbox_server: Sandbox) -> None:
        with requests.Session() as session:
            answers = [session.get(f"{sandbox_server.origin}/sandbox/control/calls", timeout=5) for _ in range(3)]
        assert {answer.headers.get("Connection", "keep-alive").lower() for answer in answers} == {"keep-alive"}


def test_webhook_ids_have_the_length_of_espocrm() -> None:
    made = (hooks.WEBHOOKS | hooks.CHILD_WEBHOOKS).values()
    assert {(len(webhook_id), len(secret)) for webhook_id, secret in made} == {(17, 32)}
    assert len({webhook_id for webhook_id, _secret in made}) == 9
