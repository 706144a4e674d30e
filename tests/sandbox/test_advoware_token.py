"""Who may speak to the stand-in Advoware: signature, nonce, time, credentials, and the end of a token."""

import base64
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from sandbox.advoware.tokens import signature
from tests.sandbox.remote import Advoware, Control, token_request


def test_signature_equals_the_published_vector() -> None:
    found = signature(
        product=64,
        app_id="app-123",
        nonce="nonce-abc",
        timestamp="2026-08-30T00:00:00.000Z",
        api_key_base64=base64.b64encode(b"test-secret-key").decode(),
    )
    assert found == "o7rz9KmoXZs550HfzO6ffiG17XwiPmlBHlksUYKZ3jcfolELow51Fw5KlrQqCK5y41aIValDjrh1iQ2GZ2WtqQ=="


class TestToken:
    def test_answer_has_all_parts(self, advoware: Advoware) -> None:
        answer = advoware.ask_for_token(token_request()).json()
        assert set(answer) == {"token_type", "expires_in", "expiration_utc", "access_token", "refresh_token"}
        assert answer["expires_in"] == 3300
        assert answer["expiration_utc"].endswith("Z")

    def test_minimal_answer_has_the_token_alone(self, advoware: Advoware, control: Control) -> None:
        control.advoware(token_minimal=True)
        assert set(advoware.ask_for_token(token_request()).json()) == {"access_token"}

    def test_wrong_signature_is_401(self, advoware: Advoware) -> None:
        body = {**token_request(), "HMAC512Signature": "AAAA"}
        assert advoware.ask_for_token(body).status_code == 401

    def test_signature_covers_the_time_stamp(self, advoware: Advoware) -> None:
        body = {**token_request(), "RequestTimeStamp": "2020-01-01T00:00:00.0000000Z"}
        assert advoware.ask_for_token(body).status_code == 401

    def test_nonce_is_taken_once(self, advoware: Advoware) -> None:
        body = token_request()
        assert [advoware.ask_for_token(body).status_code for _ in range(2)] == [200, 401]

    def test_a_refused_request_does_not_use_up_its_nonce(self, advoware: Advoware) -> None:
        good = token_request()
        assert advoware.ask_for_token({**good, "HMAC512Signature": "AAAA"}).status_code == 401
        assert advoware.ask_for_token(good).status_code == 200

    def test_time_stamp_with_seven_digits_is_taken(self, advoware: Advoware) -> None:
        body = token_request(RequestTimeStamp="2021-01-29T14:04:26.7955547Z")
        assert advoware.ask_for_token(body).status_code == 200

    @pytest.mark.parametrize("stamp", ["yesterday", "2021-01-29T14:04:26"])
    def test_time_stamp_without_zone_or_sense_is_400(self, advoware: Advoware, stamp: str) -> None:
        assert advoware.ask_for_token(token_request(RequestTimeStamp=stamp)).status_code == 400

    def test_old_time_stamp_is_refused_when_switched_on(self, advoware: Advoware, control: Control) -> None:
        control.advoware(clock_tolerance_seconds=120)
        old = (datetime.now(ZoneInfo("UTC")) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert advoware.ask_for_token(token_request(RequestTimeStamp=old)).status_code == 401
        assert advoware.ask_for_token(token_request()).status_code == 200

    @pytest.mark.parametrize(
        "changes, status, words",
        [
            ({"AppID": "other"}, 403, "nicht registriert"),
            ({"Kanzlei": "2"}, 403, "freigeschaltet"),
            ({"Database": "other"}, 403, "nicht angemeldet"),
            ({"User": "other"}, 401, "Falscher Name oder falsches Kennwort"),
            ({"Password": "other"}, 401, "Falscher Name oder falsches Kennwort"),
            ({"Role": 1}, 403, "freigeschaltet"),
            ({"Product": 1}, 403, "freigeschaltet"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
    )
    def test_wrong_credentials(self, advoware: Advoware, changes: dict[str, Any], status: int, words: str) -> None:
        answer = advoware.ask_for_token(token_request(**changes))
        assert (answer.status_code, words in answer.text) == (status, True)

    def test_missing_key_is_400_and_named(self, advoware: Advoware) -> None:
        body = token_request()
        del body["Nonce"]
        answer = advoware.ask_for_token(body)
        assert answer.status_code == 400
        assert "Nonce" in answer.text

    def test_also_at_the_address_of_the_real_gateway(self, advoware: Advoware) -> None:
        answer = requests.post(f"{advoware.root}api/v1/Token", json=token_request(), timeout=5)
        assert answer.status_code == 200

    def test_no_token_is_401(self, advoware: Advoware) -> None:
        assert requests.get(f"{advoware.base}Rechtsformen", timeout=5).status_code == 401

    def test_made_up_token_is_401(self, advoware: Advoware) -> None:
        advoware.token = "made-up"
        assert advoware.request("GET", "Rechtsformen").status_code == 401

    def test_expired_token_is_401(self, advoware: Advoware, control: Control) -> None:
        control.advoware(token_lifetime_seconds=0)
        assert advoware.request("GET", "Rechtsformen").status_code == 401

    def test_revoked_token_is_401_and_a_new_one_serves(self, advoware: Advoware, control: Control) -> None:
        assert advoware.request("GET", "Rechtsformen").status_code == 200
        control.post("advoware/tokens/revoke", {})
        assert advoware.request("GET", "Rechtsformen").status_code == 401
        del advoware.token
        assert advoware.request("GET", "Rechtsformen").status_code == 200
