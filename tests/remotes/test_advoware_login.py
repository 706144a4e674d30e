"""How the Advoware client logs in: the request for a token, what comes back, and what a 401 brings."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.advoware.tokens import signature
from syncapp.remotes.http.errors import AuthFailed, Misconfigured, NotSent, RemoteError, Transient
from syncapp.remotes.http.exchange import Call
from tests.remotes.scripted import Step, answer, serving
from tests.remotes.test_advoware import API_KEY, MAX, TOKEN, client_of, config_of, current


class TestLogin:
    def test_the_request_for_a_token(self) -> None:
        with serving(TOKEN, answer([])) as script:
            client_of(script).rechtsformen()
        exchange = script.seen[0]
        body = exchange.json
        assert exchange.line == "POST /api/login/Token HTTP/1.1"
        assert "authorization" not in exchange.headers
        expected = signature(
            product_id=64,
            app_id="app",
            nonce=body["Nonce"],
            timestamp=body["RequestTimeStamp"],
            api_key_base64=API_KEY,
        )
        assert body.pop("HMAC512Signature") == expected
        assert body.pop("RequestTimeStamp").endswith("Z")
        assert len(body.pop("Nonce")) == 36
        assert body == {
            "AppID": "app",
            "Kanzlei": "1",
            "Database": "db",
            "User": "sync",
            "Role": 2,
            "Product": 64,
            "Password": "geheim",
        }

    @pytest.mark.parametrize(
        "body",
        [
            {"access_token": "tok"},
            {"Access_Token": "tok", "Expires_In": 3600.0},
            {"accessToken": "tok", "expiresIn": "3600"},
            {"access_token": "tok", "expires_in": None, "expiration_utc": "2026-11-21 10:00:00Z", "scope": []},
            {"access_token": "tok", "expires_in": "soon", "expiration_utc": 5, "refresh_token": None},
        ],
    )
    def test_spellings_of_a_token(self, body: object) -> None:
        with serving(answer(body, 201), answer([])) as script:
            client_of(script).rechtsformen()
        assert script.seen[1].headers["authorization"] == "Bearer tok"

    def test_a_life_that_comes_as_text_or_as_a_decimal_counts(self) -> None:
        for life in (100, "100", 100.0):
            with serving(TOKEN) as script:
                token = client_of(script)._read_token({"access_token": "tok", "expires_in": life})
            assert token.lifetime == 90

    @pytest.mark.parametrize(
        "step", [answer(b"", 401), answer(b"<html>401", 401, headers="Content-Type: text/html\r\n")]
    )
    def test_whatever_a_401_says_brings_a_new_token(self, step: Step) -> None:
        with serving(TOKEN, step, answer({"access_token": "second"}), answer(MAX)) as script:
            assert client_of(script).create({}).bet_nr == 7
        assert script.methods == ["POST"] * 4

    def test_one_token_for_many_calls(self) -> None:
        with serving(TOKEN, answer([])) as script:
            client = client_of(script)
            for _ in range(3):
                client.rechtsformen()
        assert script.methods == ["POST", "GET", "GET", "GET"]

    @pytest.mark.parametrize(
        "act", [lambda c: c.get(7), lambda c: c.create({}), lambda c: c.update(current(), {"a": 1})]
    )
    def test_a_401_brings_one_new_token_and_one_repetition(self, act: Callable[[AdvowareClient], Any]) -> None:
        second = answer({"access_token": "second"})
        with serving(TOKEN, answer(b"", 401), second, answer(MAX)) as script:
            assert act(client_of(script)).bet_nr == 7
        assert [exchange.headers.get("authorization") for exchange in script.seen] == [
            None,
            "Bearer tok",
            None,
            "Bearer second",
        ]

    def test_a_second_401_is_an_auth_error(self) -> None:
        with serving(TOKEN, answer(b"", 401), TOKEN, answer(b"", 401)) as script, pytest.raises(AuthFailed):
            client_of(script).create({})
        assert script.methods == ["POST"] * 4

    def test_a_login_text_brings_no_new_token(self) -> None:
        with (
            serving(TOKEN, answer("Kanzlei ist nicht angemeldet", 500)) as script,
            pytest.raises(AuthFailed) as caught,
        ):
            client_of(script).get(7)
        assert script.methods == ["POST", "GET"]
        assert "manager" in caught.value.hint

    @pytest.mark.parametrize(
        "step, cls",
        [
            (answer(b"", 401), AuthFailed),
            (answer(b"", 403), AuthFailed),
            (answer("Falscher Name oder falsches Kennwort", 400), AuthFailed),
            (answer(b"App ist nicht registriert", 200), AuthFailed),
            (answer(b"", 500), Transient),
            (answer(b"", 404), Misconfigured),
            (answer(b"<html>", 200), Misconfigured),
            (answer({"token_type": "bearer"}), Misconfigured),
            (answer({"access_token": ""}), Misconfigured),
            (answer(b'{"access', 200), Transient),
        ],
    )
    def test_a_refused_token(self, step: Step, cls: type[RemoteError]) -> None:
        with serving(step) as script, pytest.raises(RemoteError) as caught:
            client_of(script).create({})
        assert type(caught.value) is cls
        assert script.methods == ["POST"]
        assert "geheim" not in f"{caught.value}{caught.value.detail}"

    def test_an_api_key_that_is_not_base64(self) -> None:
        with serving(TOKEN) as script, pytest.raises(Misconfigured, match="not base64"):
            client_of(script, api_key_base64="§§").get(7)
        assert script.seen == []

    def test_nobody_at_the_token_s_address(self) -> None:
        with serving(TOKEN) as script, pytest.raises(NotSent):
            client_of(script, auth_url="http://127.0.0.1:1/Token").create({})
        assert script.seen == []

    @pytest.mark.parametrize("change", ["password", "user", "kanzlei", "database", "app_id", "auth_url"])
    def test_other_credentials_have_another_key(self, change: str) -> None:
        with serving(TOKEN) as script:
            assert config_of(script).token_key != config_of(script, **{change: "another"}).token_key

    def test_secrets_are_in_no_repr_and_no_report(self, caplog: pytest.LogCaptureFixture) -> None:
        calls: list[Call] = []
        with serving(TOKEN, answer(MAX)) as script:
            client = client_of(script).with_observer(calls.append)
            client.get(7)
        assert [(call.method, call.path) for call in calls] == [("POST", "Token"), ("GET", "Beteiligte/{betNr}")]
        everything = f"{calls} {[vars(record) for record in caplog.records]} {client.config!r}"
        assert "geheim" not in everything
        assert API_KEY not in everything
        assert "tok'" not in everything
