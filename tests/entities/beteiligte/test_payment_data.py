"""Where an address or an account may stand, and where not: every table, log line, key of Redis and note is read."""

import json
import logging
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers

from syncapp.engine.rows import notices
from syncapp.entities.beteiligte.child_events import intake
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildCase, ChildLink, SyncRecord
from syncapp.operations.maintenance.erasure import purge_person
from syncapp.operations.monitoring.metrics import exposition
from tests.support.firm import Firm
from tests.support.redis_reading import stored

pytestmark = pytest.mark.django_db(transaction=True)

IBAN, OTHER_IBAN, WRONG_IBAN = "DE89370400440532013000", "DE02120300000000202051", "DE00370400440532013999"
HOLDER, BANK = "Zacharias Quendelmann", "Quendelsche Privatbank"
STREET, CITY = "Quendelallee 4", "Quendelburg"
# Every spelling in which they could turn up; of an IBAN also what the last four signs alone do not give away.
PAYMENT = ("37040044", "12030000", "0532013", "0000202051", "Quendelmann", "Quendelsche", "3704 0044", "532013999")
PLACES = (STREET, CITY)


@pytest.fixture
def house(firm: Firm) -> Firm:
    firm.settings.ESPOCRM_ADRESSEN = "entity"
    firm.settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    firm.settings.ADVOWARE_BANK_LIST = "embedded:bankverbindungen"
    firm.settings.ADRESSEN_INITIAL = "both"
    firm.sandbox.advoware(bank_list="embedded")
    firm.sandbox.espocrm(bank_hook=False)
    remote_metadata.forget()
    return firm


def in_espocrm(firm: Firm, method: str, path: str, **body: object) -> dict[str, Any]:
    found = firm.sandbox.anna._call(method, path, json=body)
    return dict(found) if isinstance(found, dict) else {}


def entry(firm: Firm, betnr: int, which: str, **values: object) -> None:
    firm.sandbox.clerk._call("POST", f"Beteiligte/{betnr}/{which}", json=values)


def lived(firm: Firm) -> str:
    """A record that has met everything: accounts and addresses of both sides, edits, refusals, deletions, webhooks."""
    espo_id, betnr = firm.pair()
    account = {"iban": IBAN, "kontoinhaber": HOLDER, "bankname": BANK, "beteiligteId": espo_id, "name": BANK}
    own = in_espocrm(firm, "POST", "CBankverbindungen", **account)
    entry(firm, betnr, "Bankverbindungen", iban=OTHER_IBAN, kontoinhaber=HOLDER, bankname=BANK)
    home = in_espocrm(firm, "POST", "CAdressen", strasse=STREET, plz="99999", ort=CITY, beteiligteId=espo_id, name="x")
    firm.sync(espo_id)
    in_espocrm(
        firm,
        "PATCH",
        f"CBankverbindungen/{own['id']}",
        iban=OTHER_IBAN.replace("51", "51"),
        kontoinhaber=f"{HOLDER} jun.",
    )
    in_espocrm(firm, "PATCH", f"CAdressen/{home['id']}", land="Österreich", strasse=f"{STREET} a")
    in_espocrm(firm, "POST", "CBankverbindungen", **{**account, "iban": WRONG_IBAN})
    firm.sync(espo_id)
    firm.sandbox.fault(
        "advoware", "status", status=400, method="POST", body='{"message": "' + WRONG_IBAN + '"}', count=1
    )
    in_espocrm(firm, "POST", "CBankverbindungen", **{**account, "iban": "GB82WEST12345698765432"})
    firm.sync(espo_id)
    in_espocrm(firm, "DELETE", f"CBankverbindungen/{own['id']}")
    firm.sync(espo_id)
    told = [{"id": own["id"], **account}, {"id": "6b0206ffffffffff0", "iban": IBAN}]
    intake._store(intake.list_named("bankverbindungen"), action="create", webhook_id="x", elements=told)
    assert ChildCase.objects.filter(kind="bank").exists()
    assert ChildCase.objects.filter(kind="adressen").exists()
    return espo_id


def database(*, without: tuple[type, ...] = ()) -> str:
    """Every row of ours, as text."""
    models = [model for model in apps.get_app_config("syncapp").get_models() if model not in without]
    return "\n".join(serializers.serialize("json", model._default_manager.all()) for model in models)


def leaked(text: str, words: tuple[str, ...]) -> list[str]:
    unescaped = text.encode().decode("unicode_escape", errors="ignore") if "\\u" in text else text
    return [word for word in words if word in text or word in unescaped]


@pytest.mark.parametrize("keep", ["plain", "hash"])
def test_an_account_stands_in_no_log_metric_key_note_or_table_but_the_links(
    house: Firm, redis_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], keep: str
) -> None:
    house.settings.BANK_KEEP = keep
    caplog.set_level(logging.DEBUG)
    house.settings.ESPOCRM_NOTIFY_USERS = [house.sandbox.anna.own_id()]
    espo_id = lived(house)
    notices.send()
    said = capfd.readouterr()
    assert leaked(caplog.text + said.out + said.err, PAYMENT + PLACES) == []
    assert leaked(exposition().decode(), PAYMENT + PLACES) == []
    assert leaked(stored(redis_url), PAYMENT + PLACES) == []
    addresses = [call["path"] + json.dumps(call.get("query") or "") for call in house.sandbox.control.calls()]
    assert leaked("\n".join(addresses), PAYMENT + PLACES) == []
    stream = json.dumps(house.sandbox.anna._call("GET", f"CBeteiligte/{espo_id}/stream"))
    assert "Der Abgleich mit Advoware" in stream
    assert leaked(stream + json.dumps(house.espo(espo_id)), PAYMENT) == []
    assert leaked(database(without=(ChildLink, SyncRecord)), PAYMENT) == []
    kept = leaked(database(), ("37040044", "12030000", "Quendelmann".casefold()))
    assert bool(kept) is (keep == "plain")


def test_erasing_a_person_leaves_no_address_and_no_account_in_any_table(house: Firm) -> None:
    espo_id = lived(house)
    assert leaked(database(), PLACES) == list(PLACES)
    in_espocrm(house, "DELETE", f"CBeteiligte/{espo_id}")
    house.sync(espo_id)
    assert house.record(espo_id).status == "deleted_in_espocrm"
    assert purge_person(espo_id=espo_id, actor="anna") > 0
    assert leaked(database(), PAYMENT + PLACES) == []


def test_erasing_the_history_of_a_living_person_leaves_only_what_the_sync_needs(house: Firm) -> None:
    espo_id = lived(house)
    purge_person(espo_id=espo_id, actor="anna")
    needed = (ChildLink, ChildCase, SyncRecord)
    search = next(model for model in apps.get_app_config("syncapp").get_models() if model.__name__ == "SearchText")
    assert leaked(database(without=(*needed, search)), PAYMENT + PLACES) == []
    assert ChildLink.objects.exists()
