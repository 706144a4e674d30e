"""Every recorded delivery verifies, and stops verifying with one byte changed."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from syncapp.core.signatures import sign, verify

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings" / "deliveries-9.2.7.jsonl"
DELIVERIES: list[dict[str, Any]] = [json.loads(line) for line in RECORDINGS.read_text().splitlines()]


def check(delivery: dict[str, Any], **changes: Any) -> str | None:
    given: dict[str, Any] = {
        "raw_body": delivery["raw_body"].encode(),
        "header": delivery["headers"]["Signature"],
        "legacy_header": delivery["headers"]["X-Signature"],
        "secrets": {delivery["webhook_id"]: [delivery["secret_key"]]},
    }
    return verify(**(given | changes))


def flipped(encoded: str, position: int) -> str:
    raw = bytearray(base64.b64decode(encoded))
    raw[position] ^= 1
    return base64.b64encode(bytes(raw)).decode()


def test_there_are_recordings() -> None:
    assert len(DELIVERIES) == 41


@pytest.mark.parametrize("delivery", DELIVERIES)
class TestRecorded:
    def test_verifies_by_either_header(self, delivery: dict[str, Any]) -> None:
        assert check(delivery) == delivery["webhook_id"]
        assert check(delivery, legacy_header=None) == delivery["webhook_id"]
        assert check(delivery, header=None) == delivery["webhook_id"]

    def test_fails_with_one_byte_of_the_body_changed(self, delivery: dict[str, Any]) -> None:
        body = delivery["raw_body"].encode()
        for position in (0, len(body) // 2, len(body) - 1):
            changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
            assert check(delivery, raw_body=changed) is None
            assert check(delivery, raw_body=changed, header=None) is None

    def test_fails_with_one_byte_of_the_signature_changed(self, delivery: dict[str, Any]) -> None:
        for name, header in (("header", "Signature"), ("legacy_header", "X-Signature")):
            for position in (0, 20, -1):
                wrong = {"header": None, name: flipped(delivery["headers"][header], position)}
                assert check(delivery, **wrong) is None

    def test_is_what_sign_makes(self, delivery: dict[str, Any]) -> None:
        made = sign(
            raw_body=delivery["raw_body"].encode(), webhook_id=delivery["webhook_id"], secret=delivery["secret_key"]
        )
        assert made == delivery["headers"]["Signature"]


def test_the_newer_header_decides_where_both_are_present() -> None:
    assert check(DELIVERIES[0], header="", legacy_header=DELIVERIES[0]["headers"]["X-Signature"]) is None


def test_several_secrets_count_during_a_change_of_secrets() -> None:
    secrets = {DELIVERIES[0]["webhook_id"]: ["the old one", DELIVERIES[0]["secret_key"]]}
    assert check(DELIVERIES[0], secrets=secrets) == DELIVERIES[0]["webhook_id"]


def test_a_secret_counts_only_for_its_own_webhook() -> None:
    assert check(DELIVERIES[0], secrets={"another": [DELIVERIES[0]["secret_key"]]}) is None


@pytest.mark.parametrize("header", [None, "", "%%%", "Zm9v", "bm8gY29sb24=", "ÄÖÜ", base64.b64encode(b":").decode()])
def test_rubbish_is_refused(header: str | None) -> None:
    assert check(DELIVERIES[0], header=header, legacy_header=None) is None


def test_an_empty_secret_never_counts() -> None:
    forged = sign(raw_body=b"[]", webhook_id="w", secret="")
    assert verify(raw_body=b"[]", header=forged, legacy_header=None, secrets={"w": [""]}) is None
    assert verify(raw_body=b"[]", header=forged, legacy_header=None, secrets={}) is None
