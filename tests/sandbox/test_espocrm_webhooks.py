"""Webhooks of the stand-in EspoCRM: signatures and elements as recorded, portions, and what each status leads to."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses
import time_machine

from sandbox import switches
from sandbox.espocrm import actions, records, sender, webhooks
from sandbox.espocrm.entities import PLAIN
from sandbox.models.espocrm import EspoUser, EspoWebhook, WebhookEvent, WebhookItem
from tests.sandbox import replay
from tests.sandbox.replay import ADMIN, ANNA, BOT

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
TARGET = "http://127.0.0.1:9099"
START = "2026-11-21 20:59:15+00:00"


@pytest.fixture(autouse=True)
def users() -> Iterator[None]:
    replay.reset(optimistic_locking=True)
    yield
    switches.reset()


@pytest.fixture
def received() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def bot() -> EspoUser:
    return EspoUser.objects.get(id=BOT)


def listen(event: str, user: EspoUser, **facts: Any) -> EspoWebhook:
    made = webhooks.create({"event": f"CBeteiligte.{event}", "url": f"{TARGET}/hook/{event}", **facts}, user)
    return EspoWebhook.objects.get(id=made["id"])


def create(user: EspoUser, **attributes: object) -> str:
    return str(records.create(PLAIN, attributes, user, skip_duplicate_check=True)["id"])


def accept_all(mock: responses.RequestsMock, status: int = 200) -> None:
    for event in ("create", "update", "delete", "fieldUpdate.titel", "fieldUpdate.phoneNumber"):
        mock.post(f"{TARGET}/hook/{event}", status=status)
    mock.post(f"{TARGET}/hook/fieldUpdate.emailAddress", status=status)


def elements(mock: responses.RequestsMock, event: str) -> list[list[dict[str, Any]]]:
    """Each delivery to that address, with its elements."""
    return [json.loads(call.request.body) for call in mock.calls if call.request.url == f"{TARGET}/hook/{event}"]


# Signatures


@pytest.mark.parametrize("number", range(len(replay.deliveries())))
def test_recorded_delivery_is_signed_alike(number: int) -> None:
    recorded = replay.deliveries()[number]
    headers = sender.signature_headers(recorded["webhook_id"], recorded["secret_key"], recorded["raw_body"].encode())
    assert headers == recorded["headers"]


@pytest.mark.parametrize("number", range(len(replay.deliveries())))
def test_recorded_body_is_written_alike(number: int) -> None:
    raw = replay.deliveries()[number]["raw_body"]
    assert sender.encoded(json.loads(raw)).decode() == raw


def test_slashes_and_umlauts_are_escaped() -> None:
    assert sender.encoded([{"url": "a/b", "name": "ü"}]) == rb'[{"url":"a\/b","name":"\u00fc"}]'


def test_what_is_posted_carries_signature_of_its_very_bytes(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    webhook = listen("create", bot)
    create(bot, name="Größe")
    sender.send_pending()
    request = received.calls[0].request
    expected = sender.signature_headers(webhook.id, webhook.secret_key, request.body)
    assert {name: request.headers[name] for name in expected} == expected


# Elements


def _recorded(path: str, *numbers: int) -> list[Any]:
    found = [replay.deliveries()[number] for number in numbers]
    assert all(delivery["event_path"] == f"/hook/{path}" for delivery in found)
    return [element for delivery in found for element in json.loads(delivery["raw_body"])]


def test_elements_are_those_of_the_recorded_story(bot: EspoUser, received: responses.RequestsMock) -> None:
    """The requests that led to the first eight recorded deliveries, made again."""
    accept_all(received)
    for event in ("create", "update", "delete", "fieldUpdate.titel"):
        listen(event, bot)
    listen("fieldUpdate.phoneNumber", bot)
    listen("fieldUpdate.emailAddress", bot)
    one, two = "6b020623dbb0b2434", "6b020623ec8ee26ca"
    phone = {"phoneNumber": "+49511400001", "type": "Office", "primary": True}
    story: list[tuple[str, dict[str, object]]] = [
        (one, {"titel": "Prof."}),
        (one, {"titel": "Prof. Dr.", "zusatz": "zz"}),
        (two, {"vorname": "Zwei", "betnr": 7}),
        (one, {"phoneNumberData": [phone, {"phoneNumber": "+49511400002", "type": "Fax"}]}),
        (one, {"phoneNumberData": [phone, {"phoneNumber": "+49511400002", "type": "Mobile"}]}),
        (one, {"emailAddressData": [{"emailAddress": "h1new@example.org", "primary": True}]}),
        (one, {"titel": "before delete"}),
    ]
    with time_machine.travel(START, tick=False):
        for record_id, attributes in (
            (
                one,
                {
                    "name": "Hook Eins",
                    "titel": "Dr.",
                    "emailAddressData": [{"emailAddress": "h1@example.org", "primary": True}],
                    "phoneNumberData": [phone],
                },
            ),
            (two, {"name": "Hook Zwei"}),
        ):
            with replay.next_id(record_id):
                create(bot, **attributes)
        for record_id, attributes in story:
            records.update(PLAIN, record_id, attributes, bot)
        for record_id in (two, one):
            records.delete(PLAIN, record_id, bot)
        sender.send_pending()
    for path, numbers in {
        "create": (0,),
        "update": (1, 6),
        "fieldUpdate.titel": (2, 7),
        "fieldUpdate.phoneNumber": (3,),
        "fieldUpdate.emailAddress": (4,),
        "delete": (5,),
    }.items():
        sent = [element for delivery in elements(received, path) for element in delivery]
        wanted = _recorded(path, *numbers)
        assert sent == wanted, path


def test_mass_update_names_the_user_by_id_only(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    listen("update", bot)
    ids = [create(bot, name=f"Batch {number}") for number in range(3)]
    admin = EspoUser.objects.get(id=ADMIN)
    body = {"entityType": "CBeteiligte", "action": "update", "params": {"ids": ids}, "data": {"zusatz": "mass"}}
    actions.mass_action(body, admin)
    sender.send_pending()
    assert elements(received, "update") == [[{"zusatz": "mass", "modifiedById": ADMIN, "id": one} for one in ids]]


def test_second_update_by_the_same_user_does_not_name_him(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    listen("update", bot)
    record_id = create(bot, name="X")
    for titel in ("a", "b"):
        records.update(PLAIN, record_id, {"titel": titel}, bot)
    sender.send_pending()
    [[first, second]] = elements(received, "update")
    assert first == {"titel": "a", "modifiedById": BOT, "modifiedByName": "syncbot", "id": record_id}
    assert second == {"titel": "b", "id": record_id}


def test_update_without_change_is_told_to_nobody(bot: EspoUser) -> None:
    listen("update", bot)
    record_id = create(bot, name="X")
    records.update(PLAIN, record_id, {"titel": "a"}, bot)
    WebhookEvent.objects.all().delete()
    records.update(PLAIN, record_id, {"titel": "a"}, bot)
    assert not WebhookEvent.objects.exists()


def test_restored_record_is_told_to_nobody(bot: EspoUser) -> None:
    for event in ("create", "update"):
        listen(event, bot)
    record_id = create(bot, name="X")
    records.delete(PLAIN, record_id, bot)
    WebhookEvent.objects.all().delete()
    records.restore(PLAIN, record_id)
    assert not WebhookEvent.objects.exists()


def test_change_of_a_shared_number_is_told_by_its_writer_only(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    shared = {"phoneNumber": "+49511200005", "type": "Office", "primary": True}
    one, two = (create(bot, name=name, phoneNumberData=[shared]) for name in ("A", "B"))
    before = records.read(PLAIN, two, bot)
    listen("update", bot)
    records.update(PLAIN, one, {"phoneNumberData": [{**shared, "type": "Mobile"}]}, bot)
    sender.send_pending()
    assert {element["id"] for [element] in elements(received, "update")} == {one}
    after = records.read(PLAIN, two, bot)
    assert after["phoneNumberData"][0]["type"] == "Mobile"
    assert after["modifiedAt"] == before["modifiedAt"]
    assert after["versionNumber"] == before["versionNumber"]


def test_formula_marks_the_record_in_the_same_event(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    switches.turn("espocrm", {"formula": True})
    linked, new = create(bot, name="L", betnr=5, syncStatus="clean"), create(bot, name="N", syncStatus="clean")
    listen("update", bot)
    anna = EspoUser.objects.get(id=ANNA)
    assert records.update(PLAIN, linked, {"titel": "Dr."}, anna)["syncStatus"] == "dirty"
    assert records.update(PLAIN, new, {"titel": "Dr."}, anna)["syncStatus"] == "pending_sync"
    sender.send_pending()
    [sent] = elements(received, "update")
    assert [element["syncStatus"] for element in sent] == ["dirty", "pending_sync"]


@pytest.mark.parametrize(
    "written",
    [
        {"titel": "Dr.", "advowareLastSync": "2026-11-21 10:00:00"},
        {"kommunikationHash": "abc"},
        {"titel": None},
    ],
    ids=["a sync's own write", "nothing synced", "nothing changed"],
)
def test_formula_leaves_alone(written: dict[str, object], bot: EspoUser) -> None:
    switches.turn("espocrm", {"formula": True})
    record_id = create(bot, name="L", betnr=5, syncStatus="clean")
    assert records.update(PLAIN, record_id, written, bot)["syncStatus"] == "clean"


# Portions and order


def test_sixty_events_go_out_in_three_portions_of_twenty(bot: EspoUser, received: responses.RequestsMock) -> None:
    """As the recorded creation of sixty records did (deliveries 26 to 28)."""
    accept_all(received)
    listen("create", bot)
    for number in range(60):
        create(bot, name=f"Batch {number:03d}")
    assert sender.send_pending() == [200, 200, 200]
    assert [len(delivery) for delivery in elements(received, "create")] == [20, 20, 20]


def test_one_run_takes_no_more_than_its_portion(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    listen("create", bot)
    for number in range(21):
        create(bot, name=f"Batch {number:03d}")
    assert sender.send_pending(everything=False) == [200]
    assert WebhookEvent.objects.count() == 1


def test_no_array_is_longer_than_fifty(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    switches.turn("espocrm", {"webhook_events_per_run": 500})
    listen("create", bot)
    for number in range(51):
        create(bot, name=f"Batch {number:03d}")
    sender.send_pending()
    assert [len(delivery) for delivery in elements(received, "create")] == [50, 1]


def test_with_disorder_a_delete_overtakes_an_update(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    for event in ("update", "delete"):
        listen(event, bot)
    for disorder in (False, True):
        switches.turn("espocrm", {"webhook_disorder": disorder})
        record_id = create(bot, name="X")
        records.update(PLAIN, record_id, {"titel": "a"}, bot)
        records.delete(PLAIN, record_id, bot)
        sender.send_pending()
    paths = [str(call.request.url).rpartition("/")[2] for call in received.calls]
    assert paths == ["update", "delete", "delete", "update"]


def test_own_changes_are_skipped_where_asked_for(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    listen("update", bot, skipOwn=True)
    record_id = create(bot, name="X")
    records.update(PLAIN, record_id, {"titel": "bot"}, bot)
    records.update(PLAIN, record_id, {"titel": "anna"}, EspoUser.objects.get(id=ANNA))
    sender.send_pending()
    assert [element["titel"] for [element] in elements(received, "update")] == ["anna"]


def test_inactive_webhook_hears_nothing(bot: EspoUser, received: responses.RequestsMock) -> None:
    accept_all(received)
    webhook = listen("create", bot)
    create(bot, name="X")
    webhooks.update(webhook.id, {"isActive": False}, bot)
    create(bot, name="Y")
    assert sender.send_pending() == []
    assert not WebhookItem.objects.exists()


# What a status leads to

OUTCOMES = {
    **dict.fromkeys((200, 201, 202, 204, 301, 399), sender.DELIVERED),
    **dict.fromkeys((0, 401, 403, 404, 405, 408, 500, 503), sender.AGAIN),
    **dict.fromkeys((400, 402, 406, 409, 413, 418, 422, 429, 501, 502, 504), sender.LOST),
    410: sender.DROPPED,
}


@pytest.mark.parametrize("status", OUTCOMES)
def test_outcome_of_status(status: int) -> None:
    assert sender.outcome(status) == OUTCOMES[status]


def _refused_with(status: int, bot: EspoUser, mock: responses.RequestsMock) -> EspoWebhook:
    mock.post(f"{TARGET}/hook/create", status=status)
    webhook = listen("create", bot)
    create(bot, name="X")
    return webhook


def test_failed_delivery_comes_four_times_ten_minutes_apart(bot: EspoUser, received: responses.RequestsMock) -> None:
    with time_machine.travel(START, tick=False) as clock:
        _refused_with(503, bot, received)
        sent = []
        for _minute in range(60):
            sent.append(len(sender.send_pending()))
            clock.shift(60)
    assert [minute for minute, deliveries in enumerate(sent) if deliveries] == [0, 10, 20, 30]
    assert not WebhookItem.objects.exists()


def test_repeated_delivery_has_the_same_bytes(bot: EspoUser, received: responses.RequestsMock) -> None:
    with time_machine.travel(START, tick=False) as clock:
        _refused_with(500, bot, received)
        for _attempt in range(2):
            sender.send_pending()
            clock.shift(601)
    first, second = (call.request.body for call in received.calls)
    assert first == second


def test_lost_delivery_never_comes_again(bot: EspoUser, received: responses.RequestsMock) -> None:
    with time_machine.travel(START, tick=False) as clock:
        webhook = _refused_with(429, bot, received)
        assert sender.send_pending() == [429]
        clock.shift(3600)
        assert sender.send_pending() == []
    assert EspoWebhook.objects.filter(id=webhook.id).exists()


def test_410_deletes_the_webhook(bot: EspoUser, received: responses.RequestsMock) -> None:
    webhook = _refused_with(410, bot, received)
    sender.send_pending()
    assert not EspoWebhook.objects.filter(id=webhook.id).exists()
    assert not WebhookItem.objects.exists()


@pytest.mark.parametrize(
    "problem, status",
    [(requests.ReadTimeout(), 408), (requests.ConnectionError(), 0), (requests.exceptions.InvalidURL(), 400)],
    ids=["time-out", "nobody there", "no address"],
)
def test_unanswered_delivery_counts_as(
    problem: Exception, status: int, bot: EspoUser, received: responses.RequestsMock
) -> None:
    received.post(f"{TARGET}/hook/create", body=problem)
    listen("create", bot)
    create(bot, name="X")
    assert sender.send_pending() == [status]


# Senders


def test_second_sender_does_not_send_what_the_first_is_sending(bot: EspoUser, received: responses.RequestsMock) -> None:
    meanwhile: list[list[int]] = []

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        meanwhile.append(sender.send_pending())
        return 200, {}, ""

    received.add_callback(responses.POST, f"{TARGET}/hook/create", callback=answer)
    listen("create", bot)
    create(bot, name="X")
    assert sender.send_pending() == [200]
    assert meanwhile == [[]]


def test_command_ends_cleanly_on_sigterm(tmp_path: Any) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "advosync_project.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/default.sqlite3",
        "SANDBOX_DATABASE_URL": f"sqlite:///{tmp_path}/sandbox.sqlite3",
        "PYTHONUNBUFFERED": "1",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--database", "sandbox", "-v", "0"]
    subprocess.run(migrate, env=environment, check=True)
    command = [sys.executable, "manage.py", "sandbox_sender", "--interval", "0.05"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        timer = threading.Timer(30, process.kill)
        timer.start()
        assert "sending" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        timer.cancel()
