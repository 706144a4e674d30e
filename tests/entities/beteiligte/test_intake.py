"""Webhooks in: the table of bad input row by row, and what is stored and counted of good input."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from structlog.contextvars import bound_contextvars

from syncapp.core.kommunikation.contact_lists import canonical_lists
from syncapp.core.signatures import sign
from syncapp.engine.rows import counters
from syncapp.entities.beteiligte import intake
from syncapp.entities.beteiligte.clients import Tools
from syncapp.entities.beteiligte.entity import Beteiligte
from syncapp.entities.beteiligte.parts.kommunikation import part
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Counter, InboxElement, SyncRecord
from syncapp.views.webhooks import webhook

WEBHOOK, SECRET, OLD_SECRET = "6b020605f2a7f6d0e", "new-secret", "old-secret"
ID = "6b020623dbb0b2434"
BASE = {"name": "Müller", "titel": "Dr.", "geburtsdatum": "1961-04-12"}


@pytest.fixture(autouse=True)
def _secrets(settings: Any, db: None) -> Iterator[None]:
    settings.ESPOCRM_WEBHOOK_SECRETS = [(WEBHOOK, SECRET), (WEBHOOK, OLD_SECRET)]
    remote_metadata._resolved.cache_clear()
    yield
    remote_metadata._resolved.cache_clear()


def post(body: object, *, action: str = "update", secret: str = SECRET, **headers: str) -> Any:
    """A delivery as EspoCRM sends it; `body` as bytes is sent as it is."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Signature": sign(raw_body=raw, webhook_id=WEBHOOK, secret=secret), **headers}
    return Client(enforce_csrf_checks=True).post(
        f"/webhooks/espocrm/beteiligte/{action}", data=raw, content_type="application/json", headers=given
    )


def counted(**labels: str) -> int:
    counters.BUFFER.flush()
    key = ",".join(f"{name}={labels[name]}" for name in sorted(labels))
    return sum(Counter.objects.filter(name="webhook_deliveries", labels=key).values_list("value", flat=True))


def nothing_stored() -> None:
    assert not InboxElement.objects.exists()
    assert not SyncRecord.objects.exists()


def clean_record(**columns: Any) -> SyncRecord:
    """A record that is equal on both sides, as the last sync left it."""
    versions = remote_metadata.field_map().versions
    return SyncRecord.objects.create(
        **{
            "espo_id": ID,
            "betnr": 104860,
            "status": "clean",
            "base_espo": BASE,
            "base_advo": BASE,
            "base_versions": {name: versions[name] for name in BASE},
            "espocrm_status": {"syncStatus": "clean", "betnr": 104860},
            **columns,
        }
    )


# --- bad input


@pytest.mark.parametrize(
    "headers",
    [
        {"Signature": ""},
        {"Signature": "nonsense"},
        {"Signature": "äöü"},
        {"Signature": sign(raw_body=b"[]", webhook_id=WEBHOOK, secret="wrong")},
        {"Signature": sign(raw_body=b"[]", webhook_id="unknown", secret=SECRET)},
        {"Signature": sign(raw_body=b"[ ]", webhook_id=WEBHOOK, secret=SECRET)},
    ],
    ids=["empty", "no base64", "no ASCII", "wrong secret", "unknown webhook", "another body"],
)
def test_a_wrong_signature_is_401_counted_and_not_stored(headers: dict[str, str]) -> None:
    before = counted(action="update", result="401")
    assert post(b"[]", **headers).status_code == 401
    assert counted(action="update", result="401") == before + 1
    nothing_stored()


def test_no_signature_is_401(client: Client) -> None:
    answer = client.post("/webhooks/espocrm/beteiligte/update", data=b"[]", content_type="application/json")
    assert answer.status_code == 401
    nothing_stored()


def test_without_configured_secrets_nothing_is_let_in(settings: Any) -> None:
    settings.ESPOCRM_WEBHOOK_SECRETS = []
    assert post([{"id": ID}]).status_code == 401


@pytest.mark.parametrize(
    "raw",
    [b"", b"not json", b'[{"id": ', b"\xff\xfe", b'"text"', b"7", b"null", b"[1, 2]", b'["a"]', b"[" * 100_000],
    ids=["empty", "words", "half", "no UTF-8", "text", "number", "null", "numbers", "texts", "a deep hole"],
)
def test_not_json_or_not_of_the_shape_is_400_with_a_reason(raw: bytes) -> None:
    answer = post(raw)
    assert answer.status_code == 400
    assert answer.json()["error"]
    nothing_stored()


def test_over_the_size_is_413() -> None:
    raw = b"[" + b" " * (1024 * 1024) + b"]"
    assert post(raw).status_code == 413
    nothing_stored()


@pytest.mark.parametrize("number, status", [(1000, 202), (1001, 413)])
def test_more_elements_than_espocrm_ever_sends_are_413(number: int, status: int) -> None:
    answer = post([{"id": f"6b02{n:013d}"} for n in range(number)])
    assert answer.status_code == status
    if status == 413:
        assert answer.json() == {"error": "more than 1000 elements"}
        assert counted(action="update", result="413") == 1
        nothing_stored()


def test_what_is_costly_to_read_is_read_before_the_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the rows are locked every other answer of the process waits, on SQLite every other writer too."""
    clean_record()
    outside: list[bool] = []

    def read(attributes: Any, *, region: str) -> Any:
        outside.append(len(connection.savepoint_ids) == savepoints)
        return canonical_lists(attributes, region=region)

    savepoints = len(connection.savepoint_ids)
    monkeypatch.setattr(part, "canonical_lists", read)
    assert post([{"id": ID, "phoneNumberData": [{"phoneNumber": "+4951112345"}]}] * 2).status_code == 202
    assert outside == [True, True]


def test_contact_points_beyond_any_real_delivery_count_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = {"phoneNumberData": [["+4951112345", "", False, False, False]], "phoneNumber": ""}
    clean_record(lists=lists)
    monkeypatch.setattr(intake, "MAX_POINTS", 2)
    answer = post([{"id": ID, "phoneNumberData": [{"phoneNumber": "+4951112345"}]}] * 3)
    assert answer.json()["results"] == {"echo": 2, "counted": 1}


def test_elements_that_came_during_a_run_are_read_within_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several deliveries wait for one record; the transaction that ends the run reads no more than one of them."""
    lists = {"phoneNumberData": [["+4951112345", "", False, False, False]], "phoneNumber": ""}
    record = clean_record(lists=lists)
    said = {"id": ID, "phoneNumberData": [{"phoneNumber": "+4951112345"}]}
    for _time in range(3):
        record.elements.create(espo_id=ID, action="update", attributes=said, delivery=uuid.uuid4(), result="waiting")
    monkeypatch.setattr(intake, "MAX_POINTS", 2)
    found = Beteiligte().judge_waiting(record, Tools(mock.Mock(), remote_metadata.field_map()))
    assert [str(judged) for _element, judged in found] == ["echo", "echo", "counted"]


@pytest.mark.parametrize(
    "numbers",
    [["9" * 900_000], ["+4951112345"] * 20_000, [f"05111{n}" for n in range(20_000)]],
    ids=["long", "same", "many"],
)
def test_numbers_that_are_none_are_a_change_and_cost_nothing(numbers: list[str]) -> None:
    clean_record()
    begun = time.process_time()
    answer = post([{"id": ID, "phoneNumberData": [{"phoneNumber": number} for number in numbers]}])
    assert answer.json()["results"] == {"counted": 1}
    assert time.process_time() - begun < 5, "it took 26 s when a number of 40,000 digits was parsed"


def test_exactly_the_size_is_taken() -> None:
    raw = b"[" + b" " * (1024 * 1024 - 2) + b"]"
    assert post(raw).status_code == 202


@pytest.mark.parametrize(
    "element",
    [{}, {"id": ""}, {"id": None}, {"id": 7}, {"id": ["x"]}, {"id": "x" * 37}, {"id": "../Webhook"}, {"id": "é"}, 7],
    ids=["none", "empty", "null", "number", "list", "too long", "a path", "no ASCII", "no object"],
)
def test_elements_without_an_id_the_good_ones_are_accepted_the_bad_ones_named(element: object) -> None:
    answer = post([{"id": ID, "name": "a"}, element])
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1
    (named,) = answer.json()["rejected"]
    assert re.fullmatch(r"element 1: (?:no usable id|not an object)", named), "a word on it, and nothing that it holds"
    assert InboxElement.objects.get().espo_id == ID


@pytest.mark.parametrize("espo_id", ["5f1e0000000000001", "0f8fad5b-d9cb-469f-a165-70867728950e"])
def test_both_forms_of_espocrms_ids_are_taken(espo_id: str) -> None:
    answer = post([{"id": espo_id, "name": "a"}])
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (1, [])


def test_all_bad_is_202_accepted_0() -> None:
    answer = post([{"name": "a"}, {"id": ""}])
    assert (answer.status_code, answer.json()["accepted"], len(answer.json()["rejected"])) == (202, 0, 2)
    nothing_stored()


def test_an_element_that_is_nested_too_deep_costs_no_other() -> None:
    deep: object = 1
    for _level in range(40):
        deep = [deep]
    answer = post([{"id": ID, "x": deep}, {"id": ID, "name": "a"}])
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_any_other_method_is_405(client: Client, method: str) -> None:
    assert getattr(client, method)("/webhooks/espocrm/beteiligte/update").status_code == 405


@pytest.mark.parametrize("path", ["", "restore", "update/x"])
def test_there_are_three_addresses(client: Client, path: str) -> None:
    assert client.post(f"/webhooks/espocrm/beteiligte/{path}").status_code == 404


@pytest.mark.parametrize(
    "text",
    [b'"a\\u0000b"', b'"\\ud800"', b"NaN", b"1e999", b"-Infinity"],
    ids=["NUL", "half a pair", "NaN", "too large", "infinite"],
)
def test_what_a_database_refuses_in_json_is_taken_all_the_same(text: bytes) -> None:
    """EspoCRM gives a delivery up at once on 4xx, so no element may cost the others their way in."""
    answer = post(b'[{"id": "' + ID.encode() + b'", "name": ' + text + b"}]")
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert InboxElement.objects.get().result == "counted"


# --- good input


def test_an_array_of_entities_is_202_with_the_number_accepted() -> None:
    answer = post([{"id": ID, "name": "a"}, {"id": "6b020623ec8ee26ca", "name": "b"}], action="create")
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    assert SyncRecord.objects.filter(status="pending_sync", requested=1).count() == 2
    assert counted(action="create", result="accepted") >= 1


def test_one_entity_instead_of_an_array_is_taken() -> None:
    assert post({"id": ID, "name": "a"}).json()["accepted"] == 1


def test_several_elements_of_one_record_are_several_requests_and_one_run() -> None:
    clean_record()
    post([{"id": ID, "titel": "a"}, {"id": ID, "titel": "b"}, {"id": ID, "titel": "c"}])
    record = SyncRecord.objects.get()
    assert (record.requested, record.status) == (3, "dirty")
    assert InboxElement.objects.filter(record=record).count() == 3


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_several_secrets_count_at_once_for_rotation(secret: str) -> None:
    assert post([{"id": ID}], secret=secret).status_code == 202


def test_the_older_signature_header_alone_is_enough(client: Client) -> None:
    import base64
    import hashlib
    import hmac

    raw = b"[]"
    digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()
    value = base64.b64encode(WEBHOOK.encode() + b":" + digest).decode()
    answer = client.post(
        "/webhooks/espocrm/beteiligte/update",
        data=raw,
        content_type="application/json",
        headers={"X-Signature": value},
    )
    assert answer.status_code == 202


def test_the_same_delivery_again_is_202_and_at_most_one_more_look() -> None:
    body = [{"id": ID, "titel": "Prof."}]
    post(body)
    post(body)
    record = SyncRecord.objects.get()
    assert (record.requested, InboxElement.objects.count()) == (2, 2)


def test_an_echo_costs_nothing() -> None:
    clean_record()
    answer = post([{"id": ID, "titel": "Dr.", "syncStatus": "clean", "modifiedById": "bot"}])
    assert answer.json()["results"] == {"echo": 1}
    assert SyncRecord.objects.get().requested == 0


def test_the_echo_of_a_number_in_a_text_field_costs_nothing() -> None:
    clean_record()
    assert post([{"id": ID, "betnr": "104860", "syncStatus": "clean"}]).json()["results"] == {"echo": 1}
    assert post([{"id": ID, "betnr": "7"}]).json()["results"] == {"counted": 1}


@pytest.mark.parametrize("shown, result", [(True, "echo"), (False, "counted")])
def test_the_echo_of_a_shown_syncing_costs_nothing(settings: Any, shown: bool, result: str) -> None:
    """It comes after the run has written how it ended, and each run writes it: counted, none would be the last."""
    settings.ESPOCRM_SHOW_SYNCING = shown
    clean_record()
    answer = post([{"id": ID, "syncStatus": "syncing"}, {"id": ID, "syncStatus": "clean"}])
    assert answer.status_code == 202
    assert [element.result for element in InboxElement.objects.order_by("pk")] == [result, "echo"]


def test_what_is_not_synced_costs_nothing() -> None:
    clean_record()
    answer = post([{"id": ID, "description": "x", "modifiedById": "anna", "assignedUserId": "anna"}])
    assert answer.json()["results"] == {"irrelevant": 1}
    assert SyncRecord.objects.get().status == "clean"


def test_a_field_update_webhook_is_accepted_at_update() -> None:
    clean_record()
    assert post([{"id": ID, "titel": "Prof."}]).json()["results"] == {"counted": 1}
    assert SyncRecord.objects.get().status == "dirty"


def test_a_persons_reset_starts_over() -> None:
    clean_record(status="failed", kind="transient", retry_count=3, next_retry_at="2099-01-01T00:00:00Z")
    post([{"id": ID, "syncStatus": "dirty"}])
    record = SyncRecord.objects.get()
    assert (record.status, record.retry_count, record.next_retry_at, record.kind) == ("dirty", 0, None, "")


def test_the_work_of_a_formula_is_a_plain_change() -> None:
    clean_record(status="failed", kind="transient", retry_count=3, next_retry_at="2099-01-01T00:00:00Z")
    post([{"id": ID, "titel": "Prof.", "syncStatus": "dirty"}])
    record = SyncRecord.objects.get()
    assert (record.status, record.retry_count) == ("dirty", 3)
    assert record.next_retry_at is not None


@pytest.mark.parametrize("status", ["failed", "deleted_in_advoware", "permanently_failed"])
def test_another_betnr_starts_over_from_every_status(status: str) -> None:
    clean_record(status=status, kind="duplicate_link", retry_count=2)
    post([{"id": ID, "betnr": 7}])
    record = SyncRecord.objects.get()
    assert (record.status, record.kind, record.retry_count) == ("dirty", "", 0)


def test_a_reset_wakes_a_record_that_is_gone_in_advoware() -> None:
    clean_record(status="deleted_in_advoware")
    post([{"id": ID, "syncStatus": "pending_sync"}])
    assert SyncRecord.objects.get().status == "dirty"


def test_a_word_on_a_record_deleted_in_espocrm_is_kept() -> None:
    clean_record(status="deleted_in_espocrm")
    post([{"id": ID, "syncStatus": "dirty"}])
    record = SyncRecord.objects.get()
    assert (record.status, record.requested) == ("deleted_in_espocrm", 1)


@pytest.mark.parametrize("kind", ["create_outcome_unknown", "duplicate_link", "blocked", "needs_confirmation"])
def test_a_change_of_a_record_that_waits_for_a_person_is_kept(kind: str) -> None:
    clean_record(status="failed", kind=kind)
    post([{"id": ID, "titel": "Prof."}])
    record = SyncRecord.objects.get()
    assert (record.status, record.kind, record.requested) == ("failed", kind, 1)


def test_while_syncing_elements_wait() -> None:
    clean_record(status="syncing", lease_token="x")
    assert post([{"id": ID, "titel": "Prof."}]).json()["results"] == {"waiting": 1}
    assert SyncRecord.objects.get().requested == 0


def test_settings_that_contradict_espocrm_lose_no_delivery(settings: Any) -> None:
    remote_metadata.keep(remote_metadata.ENTITY_FIELDS, {"name": {"type": "varchar"}})
    settings.ESPOCRM_FIELD_MAP = {"zusatz": "noSuchAttribute"}
    clean_record_without_map = SyncRecord.objects.create(espo_id=ID, betnr=1, status="clean")
    assert post([{"id": ID, "titel": "Prof."}]).status_code == 202
    clean_record_without_map.refresh_from_db()
    assert clean_record_without_map.status == "dirty"


# --- Redis and the database


@pytest.mark.django_db(transaction=True)
def test_with_redis_down_it_is_still_202(settings: Any) -> None:
    """The settings of the tests name a Redis that nobody serves."""
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    assert post([{"id": ID, "titel": "Prof."}]).status_code == 202
    assert SyncRecord.objects.get().status == "pending_sync"


@pytest.mark.django_db(transaction=True)
def test_the_job_is_enqueued_after_the_commit(redis_client: Any) -> None:
    from rq import Queue

    post([{"id": ID, "titel": "Prof."}, {"id": ID, "zusatz": "c/o"}])
    (job,) = Queue("webhook", connection=redis_client, serializer="rq.serializers.JSONSerializer").jobs
    assert (job.func_name, job.args) == ("syncapp.jobs.sync_records", [[SyncRecord.objects.get().pk]])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("child", ["", "adressen"])
def test_the_sender_has_its_answer_before_redis_hears_of_it(child: str, redis_client: Any, settings: Any) -> None:
    from rq import Queue

    settings.ESPOCRM_ADRESSEN = "entity"
    raw = json.dumps([{"id": ID, "titel": "Prof.", "beteiligteId": ID}]).encode()
    headers = {"Signature": sign(raw_body=raw, webhook_id=WEBHOOK, secret=SECRET)}
    request = RequestFactory().post("/", raw, content_type="application/json", headers=headers)
    queue = Queue("webhook", connection=redis_client, serializer="rq.serializers.JSONSerializer")
    with bound_contextvars(request_id="of this delivery"):
        answer = webhook(request, "create", child)
    assert answer.status_code == 202
    record = SyncRecord.objects.get()
    assert (record.requested, queue.count) == (1, 0), "committed, and Redis not asked yet"
    answer.close()
    (job,) = queue.jobs
    assert (job.args, job.meta) == ([[record.pk]], {"request_id": "of this delivery"})
    answer.close()
    assert queue.count == 1


@pytest.mark.django_db(transaction=True)
def test_whatever_goes_wrong_afterwards_is_logged_and_left_to_the_dispatcher(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("syncapp.engine.job_queue.queue", mock.Mock(side_effect=RuntimeError("Müller")))
    assert post([{"id": ID, "titel": "Prof."}]).status_code == 202
    assert "webhook_not_enqueued" in [record.message for record in caplog.records]
    assert "Müller" not in caplog.text
    assert SyncRecord.objects.get().status == "pending_sync"


def test_with_the_database_down_it_is_503() -> None:
    with mock.patch("syncapp.entities.beteiligte.intake.records_of", side_effect=OperationalError("down")):
        answer = post([{"id": ID, "titel": "Prof."}])
    assert answer.status_code == 503
    assert "down" not in answer.content.decode()
