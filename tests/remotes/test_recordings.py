"""The EspoCRM client against every recorded exchange that it can meet: it reads the answer, or names the right error.

Each recorded answer is given to the client method that asks for such a thing. What the client never asks for stands in
NEVER_ASKED with the reason, so that a new recording has to be placed.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from syncapp.core.spelling.storable import storable_json
from syncapp.remotes.espocrm.client import EspoClient, EspoConfig, auth_headers
from syncapp.remotes.espocrm.lists import where_params
from syncapp.remotes.http.errors import (
    AuthFailed,
    Duplicate,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    RemoteError,
    Transient,
    VersionConflict,
)

BASE = "http://espo.test/api/v1"
FILE = Path(__file__).resolve().parents[1] / "recordings" / "exchanges-9.2.7.jsonl"
EXCHANGES: dict[str, dict[str, Any]] = {}
for _line in FILE.read_text().splitlines():
    _exchange = json.loads(_line)
    EXCHANGES[_exchange["name"]] = _exchange

NEVER_ASKED = {
    "as an administrator or another person, by password": (
        "d9_enable_occ f9b_phone_entity_list_admin g6_get_deleted_admin g9_restore_admin h8_massupdate h9_massdelete "
        "i11_notification_list_as_anna i12_role_with_notification i1b_notification_post_admin i5b_follow_by_anna "
        "j10_admin_after_basic_limit j8_admin_basic_after_limit"
    ),
    "sub-resources and actions of a record": (
        "d8_post_to_id f8_sub_GET_emailAddresses f8_sub_GET_phoneNumber f8_sub_GET_phoneNumbers "
        "f8_sub_POST_phoneNumbers g11_restore_by_api_user i10_stream i5_follow_by_api"
    ),
    "other entities": (
        "f9_phone_entity_list i13_notification_post_api_with_role i1_notification_post_api i7_task_create"
    ),
    "other methods": "c35_HEAD c35_OPTIONS",
}
REFUSED: dict[type[RemoteError], str] = {
    AuthFailed: (
        "a2_app_user_wrong_key a3_app_user_no_auth a4_list_no_auth a5_wrong_key_entity j12_inactive_user "
        "j2b_hmac_query_signed_fails j4_hmac_wrong_path j5_apikey_of_hmac_user j6_wrong_key_after_limit "
        "j7_right_key_after_limit j9_right_key_after_basic_limit"
    ),
    Forbidden: (
        "a6_no_access_scope c9_maxsize_201 h3b_webhook_forbidden_entity h3c_webhook_bad_event h5_assign_user "
        "i9_note_bad_parent"
    ),
    NotFound: (
        "g2_get_deleted g3_put_deleted g4_delete_twice g5_get_nonexistent g5b_put_nonexistent h6_webhook_after_410"
    ),
    Misconfigured: (
        "a7_unknown_entity a8_no_route c13_bad_order_field c14_bad_where_attr c15_bad_where_type "
        "c21_primary_filter_bool c23_order_by_two c24_searchParams_json c25_in_empty c32_bad c36_trailing_slash"
    ),
    Invalid: (
        "a10_empty_body b5_person_name_only e10_int_too_big e11_name_empty e11b_name_null e12_two_errors e16_phone_11 "
        "e19_body_str e1_too_long_varchar e1b_name_too_long e2_invalid_enum e2b_enum_null e2c_enum_empty e2d_enum_case "
        "e3_invalid_email e3b_invalid_email_plain e3c_email_umlaut e4_invalid_phone_type e5_invalid_phone "
        "e5b_national_phone e5c_phone_letters e7b_wrong_type_int_text e7d_int_bool e8_bad_date e8b_bad_date2 "
        "e8c_date_with_time e9c_datetime_micro f11_email_spaces"
    ),
    Duplicate: "k0_dup_default_company k0a k1_dup_by_name k2_dup_by_email k3_dup_case",
    VersionConflict: "d13_put_stale_same_field d14_put_stale_other_field d15_put_version0 d16_put_version_abc",
    Transient: "a9_bad_json j11_maintenance_mode j11b_maintenance_entity",
}


def names(groups: Any) -> dict[str, Any]:
    return {name: group for group, listed in groups.items() for name in listed.split()}


EXPECTED = names(REFUSED)
UNASKED = names(NEVER_ASKED)
ASKED = [name for name in EXCHANGES if name not in UNASKED]


@contextmanager
def replayed(exchange: dict[str, Any]) -> Iterator[EspoClient]:
    """A client to whose every request this answer comes."""
    body = exchange["response"]["body"]
    content = "" if body is None else body if isinstance(body, str) else json.dumps(body)
    parts = urlsplit(exchange["request"]["path"]).path.split("/")
    with responses.RequestsMock() as mock:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            mock.add_callback(
                method,
                re.compile(".*"),
                lambda request: (exchange["response"]["status"], exchange["response"]["headers"], content),
                content_type=None,
            )
        mock.assert_all_requests_are_fired = False
        yield EspoClient(EspoConfig(BASE, "key", entity_type=parts[3]))


def ask(client: EspoClient, exchange: dict[str, Any]) -> Any:
    """Does with the client what the recorded request did."""
    request = exchange["request"]
    parts = urlsplit(request["path"]).path.split("/")[3:]
    body = request["body"] if isinstance(request["body"], dict) and request["body"] else {"name": "x"}
    special: dict[str, Callable[[], Any]] = {
        "GET App": client.current_user,
        "GET Metadata": lambda: client.metadata("x"),
        "GET Webhook": client.webhooks,
        "POST Webhook": lambda: client.create_webhook("x", "y"),
        "POST Note": lambda: client.post_note(text="x", record_id="y"),
    }
    one: dict[str, Callable[[], Any]] = {
        "GET": lambda: client.get(parts[1]),
        "PUT": lambda: client.patch(parts[1], body, version=1),
        "PATCH": lambda: client.patch(parts[1], body),
        "DELETE": lambda: client.delete(parts[1]),
    }
    if parts[0] == "Webhook" and len(parts) == 2:
        return _ask_webhook(client, request["method"], parts[1])
    if (key := f"{request['method']} {parts[0]}") in special:
        return special[key]()
    if len(parts) == 2 and parts[1]:
        return one[request["method"]]()
    return client.create(body) if request["method"] == "POST" else client.list_page()


def _ask_webhook(client: EspoClient, method: str, webhook_id: str) -> Any:
    if method == "DELETE":
        return client.delete_webhook(webhook_id)
    return client.update_webhook(webhook_id, isActive=True) if method == "PUT" else client.get(webhook_id)


def test_each_recording_has_its_place() -> None:
    assert len(EXCHANGES) == 223
    assert not set(EXPECTED) & set(UNASKED)
    assert set(EXPECTED) | set(UNASKED) <= set(EXCHANGES)
    for name in ASKED:
        assert (EXCHANGES[name]["response"]["status"] >= 400) == (name in EXPECTED), name


@pytest.mark.parametrize("name", [name for name in ASKED if name in EXPECTED])
def test_refusal(name: str) -> None:
    exchange = EXCHANGES[name]
    with replayed(exchange) as client, pytest.raises(RemoteError) as caught:
        ask(client, exchange)
    error = caught.value
    if name == "a9_bad_json":  # a 500 after a POST; our JSON is never broken
        assert isinstance(error, Transient)
        return
    assert type(error) is EXPECTED[name]
    assert error.status == exchange["response"]["status"]


@pytest.mark.parametrize("name", [name for name, cls in EXPECTED.items() if cls is Invalid])
def test_refused_field_and_rule(name: str) -> None:
    exchange = EXCHANGES[name]
    with replayed(exchange) as client, pytest.raises(Invalid) as caught:
        ask(client, exchange)
    body = exchange["response"]["body"]
    named = body["messageTranslation"]["data"] if body else {"field": None, "type": None}
    assert (caught.value.field, caught.value.rule) == (named["field"], named["type"])


@pytest.mark.parametrize("name", [name for name in ASKED if name not in EXPECTED])
def test_answer(name: str) -> None:
    exchange = EXCHANGES[name]
    body = exchange["response"]["body"]
    with replayed(exchange) as client:
        found = ask(client, exchange)
    if isinstance(body, dict) and "list" in body and "Webhook" not in exchange["request"]["path"]:
        assert [dict(row.attributes) for row in found.rows] == body["list"]
        assert found.total == (body["total"] if body["total"] >= 0 else None)
    elif hasattr(found, "attributes"):
        assert dict(found.attributes) == storable_json(body)
        assert found.id == body["id"]
        assert found.version == body.get("versionNumber")
        assert (found.modified_at is None) == (body.get("modifiedAt") is None)


def test_times_are_utc() -> None:
    exchange = EXCHANGES["d3_put_no_change"]
    with replayed(exchange) as client:
        record = ask(client, exchange)
    assert record.modified_at.isoformat() == "2026-11-21T20:56:27+00:00"
    assert record.created_at.isoformat() == "2026-11-21T20:55:17+00:00"
    assert record.modified_by_id == "6b020523c2fd7ebe6"
    assert record.assigned_user_id is None
    assert record.version is None


def test_webhooks() -> None:
    exchange = EXCHANGES["h2_webhook_list"]
    with replayed(exchange) as client:
        found = client.webhooks()
    assert len(found) == len(exchange["response"]["body"]["list"])
    assert (found[0].id, found[0].event, found[0].is_active, found[0].skip_own) == (
        "6b02060f2a7f6d0e3",
        "CBeteiligte.create",
        True,
        False,
    )
    assert found[0].secret_key is not None
    assert found[0].secret_key not in repr(found)


@pytest.mark.parametrize(
    "name, where",
    [
        ("c2_where_in_status", [{"type": "in", "attribute": "syncStatus", "value": ["pending_sync", "dirty"]}]),
        ("c3_where_after", [{"type": "after", "attribute": "modifiedAt"}]),
        ("c17_betnr_equals", [{"type": "equals", "attribute": "betnr", "value": 104860}]),
        ("c31_isnotnull", [{"type": "isNotNull", "attribute": "advowareRowId"}]),
        (
            "c6_where_or_isnull",
            [
                {
                    "type": "or",
                    "value": [
                        {"type": "isNull", "attribute": "syncNextRetry"},
                        {"type": "before", "attribute": "syncNextRetry"},
                    ],
                }
            ],
        ),
        (
            "c27_between",
            [
                {
                    "type": "between",
                    "attribute": "modifiedAt",
                    "value": ["2026-11-21 21:01:05", "2026-11-21 21:01:06"],
                }
            ],
        ),
    ],
)
def test_conditions_are_written_as_in_the_recordings(name: str, where: list[dict[str, object]]) -> None:
    sent = parse_qsl(urlsplit(EXCHANGES[name]["request"]["path"]).query)
    recorded = [pair for pair in sent if pair[0].startswith("where")]
    ours = where_params(where)
    assert set(ours) <= set(recorded)
    assert {key for key, _ in recorded} - {key for key, _ in ours} <= {"where[0][value]", "where[0][value][1][value]"}


def test_a_signature_leaves_the_query_out() -> None:
    config = EspoConfig(BASE, "sandbox-hmac-key", "sandbox-hmac-secret")
    # printf 'GET /App/user' | openssl dgst -sha256 -hmac sandbox-hmac-secret
    digest = "8b1fd1a6d36edfd3908250f74cab3de36bbf567d29d36d1f0ee67c3c84093e18"
    expected = base64.b64encode(f"sandbox-hmac-key:{digest}".encode()).decode()
    assert auth_headers(config, "GET", "App/user") == {"X-Hmac-Authorization": expected}
