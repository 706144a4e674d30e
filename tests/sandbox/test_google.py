"""The stand-in Google, asked without the product's client: token endpoint, rights, lists, quotas."""

import base64
import json
import time
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.google import keys
from sandbox.google.reasons import REASONS, body_of
from sandbox.google.tokens import GRANT
from tests.sandbox.remote import Control
from tests.support.sandbox import Sandbox

SCOPE = "https://www.googleapis.com/auth/calendar"
USER = "kalender@kanzlei.example"


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def assertion(
    key: dict[str, str], *, alg: str = "RS256", signed_by: dict[str, str] | None = None, **changes: Any
) -> str:
    now = int(time.time())
    claims = {
        "iss": key["client_email"],
        "aud": key["token_uri"],
        "scope": SCOPE,
        "iat": now,
        "exp": now + 3600,
        "sub": USER,
        **changes,
    }
    content = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(claims)}"
    private: Any = load_pem_private_key((signed_by or key)["private_key"].encode(), None)
    signature = private.sign(content.encode(), padding.PKCS1v15(), SHA256())
    return f"{content}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


class Google:
    def __init__(self, origin: str, key: dict[str, str]) -> None:
        self.base, self.key = f"{origin}/sandbox/google/calendar/v3/", key
        self.token = ""

    def ask(self, signed: str) -> requests.Response:
        return requests.post(self.key["token_uri"], data={"grant_type": GRANT, "assertion": signed}, timeout=10)

    def log_in(self, **claims: Any) -> None:
        self.token = self.ask(assertion(self.key, **claims)).json()["access_token"]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        return requests.request(method, self.base + path, json=body, headers=sent, timeout=10)

    def calendar(self, **body: Any) -> str:
        answer = self.call("POST", "calendars", {"summary": "SB", **body})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])


@pytest.fixture
def google(sandbox_server: Sandbox, control: Control) -> Google:
    made = Google(sandbox_server.origin, sandbox_server.google_account())
    made.log_in()
    return made


def reason_of(answer: requests.Response) -> str:
    return str(answer.json()["error"]["errors"][0]["reason"])


class TestToken:
    def test_a_good_assertion_brings_a_token(self, google: Google) -> None:
        answer = google.ask(assertion(google.key)).json()
        assert answer["token_type"] == "Bearer"
        assert answer["expires_in"] == 3599

    @pytest.mark.parametrize(
        "changes, words",
        [
            ({"iss": "nobody@x"}, "account not found"),
            ({"aud": "https://oauth2.googleapis.com/token"}, "audience"),
            ({"exp": 0}, "reasonable timeframe"),
            ({"iat": 0}, "reasonable timeframe"),
            ({"exp": int(time.time()) + 7200}, "reasonable timeframe"),
            ({"sub": "x@example.org"}, "Invalid email or User ID"),
            ({"alg": "none"}, "Signature"),
            ({"scope": ""}, "scope"),
        ],
    )
    def test_each_claim_is_checked(self, google: Google, changes: dict[str, Any], words: str) -> None:
        answer = google.ask(assertion(google.key, **changes))
        assert answer.status_code == 400
        assert words in answer.json()["error_description"]

    def test_so_is_the_signature(self, google: Google) -> None:
        private, _public = keys.new_pair()
        answer = google.ask(assertion(google.key, signed_by={"private_key": private}))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        assert google.ask("a.b.c").status_code == 400
        assert google.ask("").status_code == 400

    def test_delegation_has_to_be_granted(self, google: Google, control: Control) -> None:
        control.post("google/settings", {"delegation": False})
        answer = google.ask(assertion(google.key))
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")
        assert google.ask(assertion(google.key, sub="")).status_code == 200

    def test_tokens_end(self, google: Google, control: Control) -> None:
        assert google.call("GET", "users/me/calendarList").status_code == 200
        control.post("google/tokens/revoke", {})
        assert reason_of(google.call("GET", "users/me/calendarList")) == "authError"


class TestRights:
    @pytest.mark.parametrize(
        "scope, allowed",
        [("calendar.app.created", "events"), ("calendar.acls", "acl"), ("calendar.calendarlist", "list")],
    )
    def test_a_scope_opens_its_part_alone(self, google: Google, scope: str, allowed: str) -> None:
        calendar = google.calendar()
        google.log_in(scope=f"{SCOPE.removesuffix('calendar')}{scope}")
        paths = {
            "events": f"calendars/{calendar}/events",
            "acl": f"calendars/{calendar}/acl",
            "list": "users/me/calendarList",
        }
        for name, path in paths.items():
            answer = google.call("GET", path)
            assert answer.status_code == (200 if name == allowed else 403)
            assert name == allowed or reason_of(answer) == "insufficientPermissions"

    def test_a_reader_does_not_write(self, google: Google) -> None:
        calendar = google.calendar()
        body = {"role": "reader", "scope": {"type": "user", "value": "anna@kanzlei.example"}}
        google.call("POST", f"calendars/{calendar}/acl?sendNotifications=false", body)
        google.log_in(sub="anna@kanzlei.example")
        event = {"start": {"date": "2026-11-30"}, "end": {"date": "2026-12-01"}}
        assert google.call("GET", f"calendars/{calendar}/events").status_code == 200
        assert reason_of(google.call("POST", f"calendars/{calendar}/events", event)) == "requiredAccessLevel"
        google.log_in(sub="bernd@kanzlei.example")
        assert reason_of(google.call("GET", f"calendars/{calendar}/events")) == "notFound"

    def test_who_is_mailed_is_told(self, google: Google, control: Control) -> None:
        calendar = google.calendar()
        share = {"role": "reader", "scope": {"type": "user", "value": "anna@kanzlei.example"}}
        google.call("POST", f"calendars/{calendar}/acl", share)
        guests = {"start": {"date": "2026-11-30"}, "end": {"date": "2026-12-01"}, "attendees": [{"email": "x@y.de"}]}
        google.call("POST", f"calendars/{calendar}/events?sendUpdates=all", guests)
        assert control.get("google/mails")["mails"] == ["share anna@kanzlei.example", "guests"]
        google.log_in(sub="")
        own = google.calendar()
        answer = google.call("POST", f"calendars/{own}/events", guests)
        assert reason_of(answer) == "forbiddenForServiceAccounts"

    def test_a_changed_share_can_end_sync_tokens(self, google: Google, control: Control) -> None:
        control.post("google/settings", {"rights_end_sync_tokens": True})
        calendar = google.calendar()
        token = google.call("GET", f"calendars/{calendar}/events").json()["nextSyncToken"]
        share = {"role": "reader", "scope": {"type": "user", "value": "anna@kanzlei.example"}}
        google.call("POST", f"calendars/{calendar}/acl", share)
        answer = google.call("GET", f"calendars/{calendar}/events?syncToken={token}")
        assert (answer.status_code, reason_of(answer)) == (410, "fullSyncRequired")


class TestLists:
    @pytest.mark.parametrize(
        "query",
        [
            "timeMin=2026-01-01T00:00:00Z",
            "q=x",
            "orderBy=updated",
            "showDeleted=false",
            "privateExtendedProperty=a%3Db",
        ],
    )
    def test_what_may_not_stand_beside_a_sync_token(self, google: Google, query: str) -> None:
        calendar = google.calendar()
        token = google.call("GET", f"calendars/{calendar}/events").json()["nextSyncToken"]
        answer = google.call("GET", f"calendars/{calendar}/events?syncToken={token}&{query}")
        assert (answer.status_code, reason_of(answer)) == (400, "invalid")

    def test_a_token_belongs_to_its_query(self, google: Google) -> None:
        calendar = google.calendar()
        token = google.call("GET", f"calendars/{calendar}/events?showDeleted=true").json()["nextSyncToken"]
        assert google.call("GET", f"calendars/{calendar}/events?syncToken={token}").status_code == 400
        assert google.call("GET", f"calendars/{calendar}/events?showDeleted=true&syncToken={token}").status_code == 200

    @pytest.mark.parametrize("query", ["maxResults=0", "maxResults=2501", "maxResults=x", "singleEvents=true", "odd=1"])
    def test_odd_queries(self, google: Google, query: str) -> None:
        assert google.call("GET", f"calendars/{google.calendar()}/events?{query}").status_code == 400


class TestQuotas:
    def test_a_minute_has_its_measure(self, google: Google, control: Control) -> None:
        control.post("google/settings", {"per_minute": 3})
        answers = [google.call("GET", "users/me/calendarList") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 403, 403]
        assert reason_of(answers[-1]) == "rateLimitExceeded"
        google.log_in(sub="another@kanzlei.example")
        assert google.call("GET", "users/me/calendarList").status_code == 200

    def test_new_calendars_are_counted(self, google: Google, control: Control) -> None:
        control.post("google/settings", {"new_calendars": 1})
        google.calendar()
        assert reason_of(google.call("POST", "calendars", {"summary": "x"})) == "quotaExceeded"


def test_every_reason_has_a_body_like_google_s() -> None:
    for reason, row in REASONS.items():
        error: Any = body_of(reason, location="x")["error"]
        assert error["code"] == row.status
        assert {"domain", "reason", "message", "location", "locationType"} == set(error["errors"][0])
