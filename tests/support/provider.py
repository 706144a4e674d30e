"""A small identity provider: OpenID Connect's code flow with PKCE, and tokens that are really signed (RS256).

It lets in whoever is set in `person`; `faults` bends what the next token says, `key` what it is signed with.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET, KEY_ID = "advosync", "the-clients-secret", "key-1"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """What it knows, and what it has been asked."""

    origin: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    signs_with: rsa.RSAPrivateKey | None = None
    away: bool = False
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"{self.origin}/realms/kanzlei"

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes on to: back, with a code."""
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """A signed token for a code, once; None for whoever cannot prove that it is theirs."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if asked is None or not known or proof != asked["code_challenge"]:
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**claims, **self.person, **self.faults}.items() if value is not None}
        key: Any = (
            (self.signs_with or self.key) if self.algorithm == "RS256" else "a secret of thirty-two signs at least"
        )
        signed = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": KEY_ID})
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}

    def keys(self) -> dict[str, Any]:
        return {"keys": [{**RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": KEY_ID, "alg": "RS256"}]}


@contextmanager
def provider() -> Iterator[Provider]:
    """Serves until the block ends."""
    made = Provider()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/auth":
                self.send_response(302)
                self.send_header("Location", made.authorize(query))
                self.end_headers()
            else:
                self._answer(made.keys())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(made.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _answer(self, told: dict[str, Any] | None) -> None:
            status = 503 if made.away else 400 if told is None else 200
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told or {"error": "invalid_grant"}).encode())

        def log_message(self, format: str, *told: Any) -> None:
            """Nothing: the test says what is wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    made.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def configure(settings: Any, made: Provider, **other: Any) -> None:
    """The installation knows this provider."""
    addresses = {"AUTHORIZATION": "auth", "TOKEN": "token", "KEYS": "keys"}
    for name, path in addresses.items():
        setattr(settings, f"OIDC_{name}_URL", f"{made.origin}/{path}")
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = settings.OIDC_AUTHORIZATION_URL
    settings.OIDC_OP_TOKEN_ENDPOINT, settings.OIDC_OP_JWKS_ENDPOINT = settings.OIDC_TOKEN_URL, settings.OIDC_KEYS_URL
    settings.OIDC_ISSUER = made.issuer
    settings.OIDC_CLIENT_ID = settings.OIDC_RP_CLIENT_ID = CLIENT
    settings.OIDC_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET = SECRET
    settings.AUTHENTICATION_BACKENDS = [
        "axes.backends.AxesStandaloneBackend",
        "django.contrib.auth.backends.ModelBackend",
        "syncapp.operations.people.sign_in.FirmBackend",
    ]
    for name, value in other.items():
        setattr(settings, name, value)
