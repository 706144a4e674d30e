"""`POST /advoware/calendar/sync`: the trigger of the earlier system, behind a key."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from syncapp.models import CalendarEmployee, ProxyCall
from syncapp.proxy import brakes, calendar_trigger, keys
from tests.support.calendars import Office

ADDRESS = "/advoware/calendar/sync"


@pytest.fixture
def key(office: Office) -> str:
    brakes.forget()
    office.hire()
    _row, text = keys.make(name="trigger", grants=["calendar:sync"], by="tests")
    return text


def post(key: str, body: Any = None, **headers: str) -> Any:
    content = "" if body is None else body if isinstance(body, str) else json.dumps(body)
    given = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if key else {}
    return Client().post(ADDRESS, data=content, content_type="application/json", **given, **headers)


@pytest.mark.parametrize("body", [None, {}, {"kuerzel": "ALL"}, {"kuerzel": "ALL", "full_content": True}])
def test_all(key: str, office: Office, body: Any) -> None:
    answer = post(key, body)
    said = {"status": "triggered", "kuerzel": "ALL", "message": "Calendar sync triggered for ALL"}
    assert (answer.status_code, answer.json()) == (202, said)
    row = office.employee()
    assert row.requested > row.completed


def test_one(key: str, office: Office) -> None:
    assert post(key, {"kuerzel": "sb"}).json()["kuerzel"] == "SB"
    assert ProxyCall.objects.get(template="calendar:sync").outcome == "done"


@pytest.mark.parametrize("columns, only", [({}, ["AI"]), ({"active": False}, []), ({"mode": "off"}, [])])
def test_one_that_is_not_synced(key: str, office: Office, columns: dict[str, Any], only: list[str]) -> None:
    """CALENDAR_ONLY holds for a named one as for all."""
    CalendarEmployee.objects.update(**columns)
    office.settings.CALENDAR_ONLY = only
    answer = post(key, {"kuerzel": "SB"})
    assert (answer.status_code, "not synced" in answer.text) == (404, True)
    assert post(key, {"kuerzel": "ALL"}).status_code == 202
    assert office.employee().requested == 0


def test_one_that_is_running(key: str, office: Office) -> None:
    later = timezone.now() + timedelta(minutes=5)
    CalendarEmployee.objects.update(status="syncing", lease_token="x", lease_expires=later)
    answer = post(key, {"kuerzel": "SB"})
    assert (answer.status_code, answer.json()["status"]) == (200, "already_running")


def test_without_texts_for_one_pass(key: str, office: Office) -> None:
    fr_nr = office.enter(text="Geheim")
    post(key, {"kuerzel": "SB", "full_content": False})
    from syncapp.engine.runs.sync_record import Order, sync_record

    sync_record(Order(office.employee().pk, entity_name="calendars"))
    assert office.event(fr_nr).summary == "Termin"
    office.sync()
    assert office.event(fr_nr).summary == "Geheim"
    office.is_silent()


@pytest.mark.parametrize(
    "body, status",
    [
        ({"kuerzel": "ZZ"}, 404),
        ({"kuerzel": "\ud800"}, 404),
        ({"kuerzel": "S\0B"}, 404),
        ({"kuerzel": 7}, 400),
        ({"full_content": "no"}, 400),
        ({"other": 1}, 400),
        ("[]", 400),
        ("{", 400),
        ("{" + " " * 5000 + "}", 413),
    ],
)
def test_bad_bodies(key: str, body: Any, status: int) -> None:
    answer = post(key, body)
    assert answer.status_code == status
    assert "PROXY_MAX" not in answer.text, "that is the limit of other bodies"


def test_a_body_in_pieces_is_refused_and_not_taken_for_none(key: str, office: Office) -> None:
    """Nobody here reads it: what asked for one calendar without texts would ask for all of them with theirs."""
    office.hire("AI")
    told = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    answer = post(key, {"kuerzel": "AI", "full_content": False}, **told)
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
    assert [office.employee(one).requested for one in ("SB", "AI")] == [0, 0]


@pytest.mark.parametrize("came", [b"", b"{}"])
def test_a_body_that_was_cut_off_is_refused_and_not_taken_for_none(came: bytes, key: str, office: Office) -> None:
    """gunicorn tells nobody: what it has is handed in, and asked for all calendars with their texts."""
    told = {"wsgi.input": BytesIO(came), "CONTENT_LENGTH": "50", "HTTP_AUTHORIZATION": f"Bearer {key}"}
    answer = Client().generic("POST", ADDRESS, **told)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")
    assert office.employee().requested == 0


def test_a_database_that_is_away_is_told_in_json(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(keys, "find", refuse)
    answer = post(key, {"kuerzel": "SB"})
    assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
    assert int(answer["Retry-After"]) > 0


def test_a_fault_of_ours_is_told_in_json(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_trigger, "_trigger", lambda *given: 1 // 0)
    answer = post(key, {"kuerzel": "SB"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")


def test_it_is_there_while_the_proxy_is_switched_off(key: str, settings: Any) -> None:
    settings.PROXY_ENABLED = False
    assert post(key).status_code == 202


def test_the_door(key: str, office: Office) -> None:
    assert post("").status_code == 401
    assert post("advo_wrong").status_code == 401
    _row, other = keys.make(name="reader", grants=["GET Termine"], by="tests")
    assert post(other).status_code == 403
    assert Client().get(ADDRESS, HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 405


def test_without_google_the_address_is_none(key: str, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = ""
    assert post(key).status_code == 404
