"""Both clients against the stand-ins over real HTTP: what they promise each other, and each fault on demand."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient, EspoConfig
from syncapp.remotes.http import session
from syncapp.remotes.http.errors import (
    AuthFailed,
    Duplicate,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RemoteError,
    Transient,
    VersionConflict,
)
from syncapp.remotes.registry import advoware_client, forget
from tests.support.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _impatient(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ESPOCRM_TIMEOUT_SECONDS = settings.ADVOWARE_TIMEOUT_SECONDS = 1
    monkeypatch.setattr(session, "CONNECT_TIMEOUT", 0.5)


class TestEspocrm:
    def test_a_record_s_life(self, espocrm: EspoClient) -> None:
        made = espocrm.create({"name": "Müller", "titel": " Dr. "})
        assert made.attributes["titel"] == "Dr."
        read = espocrm.get(made.id)
        assert read.version is not None
        changed = espocrm.patch(made.id, {"titel": "Prof."}, version=read.version)
        assert changed.version == read.version + 1
        assert changed.modified_by_id == espocrm.current_user().id
        with pytest.raises(VersionConflict):
            espocrm.patch(made.id, {"titel": "Dr."}, version=read.version)
        espocrm.delete(made.id)
        for act in (lambda: espocrm.get(made.id), lambda: espocrm.patch(made.id, {"titel": "x"})):
            with pytest.raises(NotFound):
                act()

    def test_refusals(self, espocrm: EspoClient, sandbox: Sandbox) -> None:
        made = espocrm.create({"name": "Müller"})
        with pytest.raises(Invalid) as caught:
            espocrm.patch(made.id, {"titel": "x" * 51})
        assert (caught.value.field, caught.value.rule) == ("titel", "maxLength")
        with pytest.raises(Duplicate):
            espocrm.create({"name": "Müller"})
        assert espocrm.create({"name": "Müller"}, skip_duplicate_check=True).id != made.id
        with pytest.raises(Misconfigured):
            EspoClient(EspoConfig(sandbox.espocrm_url, "sandbox-espo-key", entity_type="NoSuchEntity")).get("x")
        with pytest.raises(Misconfigured):
            EspoClient(EspoConfig(f"{sandbox.espocrm_url}/v2", "sandbox-espo-key")).list_page()

    def test_logins(self, sandbox: Sandbox) -> None:
        signed = EspoConfig(sandbox.espocrm_url, "sandbox-hmac-key", "sandbox-hmac-secret")
        assert EspoClient(signed).list_page(where=[{"type": "isNotNull", "attribute": "name"}]).rows == ()
        with pytest.raises(AuthFailed):
            EspoClient(EspoConfig(sandbox.espocrm_url, "wrong")).current_user()
        with pytest.raises(AuthFailed):
            EspoClient(EspoConfig(sandbox.espocrm_url, "sandbox-hmac-key")).current_user()

    def test_lists(self, espocrm: EspoClient) -> None:
        ids = [espocrm.create({"name": f"Liste {n}"}).id for n in range(25)]
        found = [row.id for row in espocrm.iterate(select=["name"], max_size=4)]
        assert sorted(found) == sorted(ids)
        page = espocrm.list_page(where=[{"type": "equals", "attribute": "name", "value": "Liste 7"}])
        assert (page.total, [row.id for row in page.rows]) == (1, [ids[7]])

    def test_what_else_is_asked(self, espocrm: EspoClient, sandbox: Sandbox) -> None:
        user = espocrm.current_user()
        assert espocrm.user_name(user.id) in (user.user_name, None)
        assert isinstance(espocrm.metadata("entityDefs.CBeteiligte.fields.phoneNumber"), dict)
        record = espocrm.create({"name": "Müller"})
        espocrm.post_note(text="Hallo", record_id=record.id)
        espocrm.post_note(text="Hallo", user_ids=[sandbox.anna.own_id()])
        with pytest.raises(Forbidden):
            espocrm.post_note(text="Hallo", record_id="nonexistent")
        assert espocrm.last_server_date is not None
        assert abs((espocrm.last_server_date - datetime.now(UTC)).total_seconds()) < 60

    def test_webhooks(self, espocrm: EspoClient) -> None:
        made = espocrm.create_webhook("CBeteiligte.create", "http://127.0.0.1:9/webhooks")
        assert made.secret_key
        assert made.is_active
        assert made.id in {webhook.id for webhook in espocrm.webhooks()}
        assert not espocrm.update_webhook(made.id, isActive=False).is_active
        espocrm.delete_webhook(made.id)
        assert made.id not in {webhook.id for webhook in espocrm.webhooks()}


class TestAdvoware:
    def test_a_record_s_life(self, advoware: AdvowareClient) -> None:
        made = advoware.create({"name": "Müller"})
        assert made.row_id
        read = advoware.get(made.bet_nr)
        assert (read.row_id, read.kommunikation) == (made.row_id, ())
        changed = advoware.update(read, {"vorname": "Max"})
        assert changed.row_id not in (None, read.row_id)
        again = advoware.get(made.bet_nr)
        assert again.raw["vorname"] == "Max"
        assert again.raw["name"] == "Müller"
        assert again.row_id == changed.row_id

    def test_contacts(self, advoware: AdvowareClient) -> None:
        number = advoware.create({"name": "Müller"}).bet_nr
        entry = advoware.create_kommunikation(number, tlf="0511", bemerkung=None, komm_kz=4, online=True)
        assert entry.komm_kz == 4
        before = advoware.get(number)
        assert before.kommunikation is not None
        assert [(one.id, one.tlf, one.komm_kz) for one in before.kommunikation] == [(entry.id, "0511", 0)]
        changed = advoware.update_kommunikation(number, entry, tlf="0512", bemerkung="privat", online=False)
        assert changed.row_id not in (None, entry.row_id)
        assert advoware.get(number).row_id == before.row_id

    def test_refusals(self, advoware: AdvowareClient, settings: Any) -> None:
        with pytest.raises(NotFound):
            advoware.get(999_999)
        with pytest.raises(Invalid):
            advoware.create({"vorname": "Max"})
        number = advoware.create({"name": "Müller"}).bet_nr
        settings.ADVOWARE_API_PREFIX = "api/v2"
        with pytest.raises(NotFound):
            advoware_client().get(number)  # which is why the caller probes another number
        with pytest.raises(Misconfigured):
            advoware_client().rechtsformen()
        settings.ADVOWARE_API_PREFIX, settings.ADVOWARE_PASSWORD = "api/v1/advonet", "wrong"
        with pytest.raises(AuthFailed):
            advoware_client().get(number)

    @pytest.mark.parametrize("shape", ["strings", "name", "bezeichnung", "text"])
    def test_rechtsformen(self, advoware: AdvowareClient, sandbox: Sandbox, shape: str) -> None:
        sandbox.advoware(rechtsformen_shape=shape)
        assert "GmbH" in advoware.rechtsformen()

    @pytest.mark.parametrize(
        "habits",
        [
            {"post_answers_list": True, "put_answers_list": True},
            {"put_answer_echoes": True},
            {"row_id_in_answers": False},
            {"omit_geaendertAm": True, "top_level_contacts": False},
            {"token_minimal": True},
        ],
    )
    def test_habits_that_the_real_one_may_have(
        self, advoware: AdvowareClient, sandbox: Sandbox, habits: dict[str, object]
    ) -> None:
        sandbox.advoware(**habits)
        made = advoware.create({"name": "Müller"})
        changed = advoware.update(advoware.get(made.bet_nr), {"vorname": "Max"})
        assert changed.bet_nr == made.bet_nr
        assert (changed.row_id is None) == ("row_id_in_answers" in habits)

    def test_a_missing_contact_list(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        number = advoware.create({"name": "Müller"}).bet_nr
        sandbox.advoware(omit_kommunikation=True)
        assert advoware.get(number).kommunikation is None

    def test_a_lost_token_is_replaced_once(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        number = advoware.create({"name": "Müller"}).bet_nr
        for _ in range(2):
            sandbox.fault("advoware", "status", status=401, method="PUT", count=1)
            sandbox.clear_calls()
            current = advoware.get(number)
            advoware.update(current, {"vorname": "Max"})
            assert [call["method"] for call in sandbox.control.calls()] == ["GET", "PUT", "POST", "PUT"]

    def test_parallel_reads_share_one_token(self, advoware: AdvowareClient, sandbox: Sandbox) -> None:
        number = advoware.create({"name": "Müller"}).bet_nr
        forget()
        sandbox.clear_calls()
        clients = [advoware_client() for _ in range(10)]
        with ThreadPoolExecutor(10) as pool:
            found = list(pool.map(lambda client: client.get(number).bet_nr, clients))
        assert found == [number] * 10
        tokens = [call for call in sandbox.control.calls() if call["path"].endswith("token")]
        assert tokens == []  # the one of before still counts, in Redis


# fault, its details -> what a read makes of it, what a write makes of it
FAULTS: list[tuple[str, dict[str, object], type[RemoteError] | None, type[RemoteError]]] = [
    ("status", {"status": 500}, Transient, OutcomeUnknown),
    ("status", {"status": 503, "headers": {"Retry-After": "7"}}, Transient, OutcomeUnknown),
    ("status", {"status": 429, "headers": {"Retry-After": "7"}}, Transient, Transient),
    ("delay", {"seconds": 3}, Transient, OutcomeUnknown),
    ("cut_before", {}, None, OutcomeUnknown),
    ("cut_after", {}, None, OutcomeUnknown),
    ("half_body", {}, Transient, OutcomeUnknown),
    ("empty_200", {}, Transient, OutcomeUnknown),
    ("html_200", {}, Misconfigured, OutcomeUnknown),
    ("wrong_type", {}, Misconfigured, OutcomeUnknown),
    ("drip", {"seconds": 0.2}, Transient, OutcomeUnknown),
]


@pytest.mark.parametrize("fault, details, read, write", FAULTS)
@pytest.mark.parametrize("system", ["espocrm", "advoware"])
def test_faults(
    system: str,
    fault: str,
    details: dict[str, object],
    read: type[RemoteError] | None,
    write: type[RemoteError],
    sandbox: Sandbox,
    espocrm: EspoClient,
    advoware: AdvowareClient,
) -> None:
    reads: dict[str, Callable[[], Any]]
    if system == "espocrm":
        record = espocrm.create({"name": "Müller"})
        reads = {"GET": lambda: espocrm.get(record.id), "PATCH": lambda: espocrm.patch(record.id, {"titel": "Dr."})}
    else:
        current = advoware.create({"name": "Müller"})
        reads = {"GET": lambda: advoware.get(current.bet_nr), "PUT": lambda: advoware.update(current, {"titel": "Dr."})}
    for (method, act), expected in zip(reads.items(), (read, write), strict=True):
        sandbox.fault(system, fault, **{"method": method, "count": 1, **details})
        sandbox.clear_calls()
        started = time.monotonic()
        if expected is None:
            act()
        else:
            with pytest.raises(RemoteError) as caught:
                act()
            assert type(caught.value) is expected
            if "headers" in details:
                assert isinstance(caught.value, Transient)
                assert caught.value.retry_after == 7.0
        assert time.monotonic() - started < 10
        assert len(sandbox.calls(system)) == (2 if expected is None else 1)
        sandbox.heal()
