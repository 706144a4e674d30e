"""Whose an address or an account is, asked of EspoCRM; and the sweep, which finds what no webhook told."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from syncapp.core.adressen.shapes import Address
from syncapp.engine.runs.sync_record import Order, sync_record
from syncapp.entities.beteiligte.child_events import records
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildCase, ChildLink, Control, InboxElement, SyncRecord
from syncapp.operations.maintenance.sweep import sweep
from syncapp.remotes.http.errors import RemoteError
from tests.entities.beteiligte.test_child_events import ACCOUNT, PLACE, SECRET, WEBHOOK, results
from tests.support.firm import Firm
from tests.support.installation import Installation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(firm: Firm) -> Firm:
    """An installation that keeps addresses equal, in records of their own."""
    firm.settings.ESPOCRM_ADRESSEN = "entity"
    firm.settings.ESPOCRM_WEBHOOK_SECRETS = [(WEBHOOK, SECRET)]
    remote_metadata.forget()
    return firm


def item(firm: Firm, parent: str, **values: Any) -> str:
    """Anna enters an address; its id."""
    return str(_staff(firm, "POST", "CAdressen", {"beteiligteId": parent, "name": "Büro", **PLACE, **values})["id"])


def _staff(firm: Firm, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    answer = requests.request(
        method,
        f"{firm.sandbox.espocrm_url}/{path}",
        json=body,
        headers={"X-Api-Key": "sandbox-espo-key" if path == "Webhook" else "sandbox-staff-key"},
        timeout=10,
    )
    assert answer.ok, answer.text
    return answer.json()


def in_espocrm(firm: Firm) -> list[tuple[str, str]]:
    return [
        (method, path.rsplit("/v1/", 1)[-1]) for system, method, path in firm.sandbox.calls() if system == "espocrm"
    ]


def settled() -> list[str]:
    return list(InboxElement.objects.order_by("pk").values_list("result", flat=True))


def test_an_update_that_names_no_record_is_looked_up_and_leads_to_a_run(house: Firm) -> None:
    espo_id, _betnr = house.pair()
    address = item(house, espo_id)
    assert results([{"id": address, "ort": "Hamburg"}]) == {"seeking": 1}
    house.sandbox.clear_calls()
    assert records.find_records() == 1
    assert in_espocrm(house) == [("GET", "CAdressen")]
    assert settled() == ["counted"]
    assert (house.record(espo_id).status, InboxElement.objects.get().record) == ("dirty", house.record(espo_id))


def test_several_are_looked_up_in_one_request(house: Firm) -> None:
    espo_id, _betnr = house.pair()
    ids = [item(house, espo_id, strasse=f"Weg {n}") for n in range(3)]
    assert results([{"id": one, "ort": "Hamburg"} for one in ids]) == {"seeking": 3}
    house.sandbox.clear_calls()
    assert records.find_records() == 3
    assert in_espocrm(house) == [("GET", "CAdressen")]
    assert house.record(espo_id).requested == house.record(espo_id).completed + 3


def test_what_espocrm_does_not_know_either_is_closed_and_its_values_are_not_kept(house: Firm) -> None:
    results([{"id": "6b0206ffffffffff0", "ort": "Hamburg"}])
    assert records.find_records() == 1
    element = InboxElement.objects.get()
    assert (element.result, element.record, element.attributes) == ("unknown", None, {})


def test_while_espocrm_does_not_answer_it_waits_and_the_next_sweep_makes_it_good(house: Firm) -> None:
    espo_id, _betnr = house.pair()
    address = item(house, espo_id)
    results([{"id": address, "ort": "Hamburg"}])
    house.sandbox.fault("espocrm", "status", status=503, method="GET", count=9)
    with pytest.raises(Exception, match="503"):
        records.find_records()
    assert settled() == ["seeking"]
    house.sandbox.heal()
    sweep()
    assert settled() == ["counted"]


def test_nothing_is_asked_while_paused(house: Firm) -> None:
    results([{"id": "6b0206ffffffffff0", "ort": "Hamburg"}])
    Control.objects.update(mode="paused")
    house.sandbox.clear_calls()
    assert records.find_records() == 0
    assert in_espocrm(house) == []


def test_what_waited_when_the_list_was_switched_off_is_closed(house: Firm) -> None:
    results([{"id": "6b0206ffffffffff0", "ort": "Hamburg"}])
    house.settings.ESPOCRM_ADRESSEN = "off"
    house.sandbox.clear_calls()
    records.find_records()
    assert (settled(), InboxElement.objects.get().attributes, in_espocrm(house)) == (["irrelevant"], {}, [])


def test_an_item_of_a_record_that_espocrm_does_not_know_leaves_no_record_and_no_values(house: Firm) -> None:
    said = {"id": "6b0206ffffffffff0", "beteiligteId": "6b0206ffffffffff1", **PLACE}
    assert results([said], "create") == {"counted": 1}
    sync_record(Order(SyncRecord.objects.get().pk))
    assert not SyncRecord.objects.exists()
    element = InboxElement.objects.get()
    assert (element.result, element.attributes) == ("unknown", {})


# --- the sweep


def test_switched_off_the_sweep_asks_for_no_item(firm: Firm) -> None:
    firm.pair()
    records.discover_items()
    assert firm.counts() == {"espocrm": {}, "advoware": {}}


def test_a_lost_webhook_of_an_address_is_made_good_by_the_sweep_with_one_request(house: Firm) -> None:
    espo_id, _betnr = house.pair()
    records.discover_items()
    item(house, espo_id)
    house.sandbox.clear_calls()
    assert records.discover_items() == 1
    assert in_espocrm(house) == [("GET", "CAdressen")]
    assert house.record(espo_id).status == "dirty"


def test_a_mark_of_the_future_hides_no_address(house: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """As left by an item that was changed while EspoCRM's clock was ahead."""
    espo_id, _betnr = house.pair()
    sweep()
    remote_metadata.keep(records.MARK + "adressen", {"mark": "2099-01-01T00:00:00+00:00", "rows": {}})
    item(house, espo_id)
    in_an_hour = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: in_an_hour)
    assert records.discover_items() == 1
    assert remote_metadata.kept(records.MARK + "adressen")["mark"] < "2099"


def test_a_state_that_was_seen_before_is_no_finding(house: Firm) -> None:
    espo_id, _betnr = house.pair()
    item(house, espo_id)
    assert records.discover_items() == 1
    requested = house.record(espo_id).requested
    assert records.discover_items() == 0
    assert house.record(espo_id).requested == requested


def test_an_item_as_our_last_run_left_it_is_no_finding(house: Firm) -> None:
    espo_id, _betnr = house.pair()
    address = item(house, espo_id)
    ChildLink.objects.create(
        record=house.record(espo_id),
        kind="adressen",
        espo_id=address,
        entry_id=1,
        state="linked",
        base_espo=Address(**PLACE, standard=False, aktiv=True).to_json(),
    )
    assert records.discover_items() == 0
    assert house.record(espo_id).status == "clean"


def test_a_change_during_a_run_asks_for_another_one(house: Firm) -> None:
    """Nobody but the sweep knows of it, and the run may have read the list before."""
    espo_id, _betnr = house.pair()
    item(house, espo_id)
    SyncRecord.objects.filter(espo_id=espo_id).update(status="syncing")
    before = house.record(espo_id).requested
    assert records.discover_items() == 1
    assert house.record(espo_id).requested == before + 1


def test_an_entity_that_does_not_exist_is_told_in_the_sweeps_row_and_stops_nothing(house: Firm) -> None:
    house.settings.ESPOCRM_ADRESSEN_ENTITY = "CNirgends"
    row = sweep()
    assert set(row.fault) == {"items_discovered"}
    assert "picked" in row.counts


def test_a_list_that_espocrm_refuses_does_not_keep_the_other_from_being_looked_at(house: Firm) -> None:
    house.settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    espo_id, _betnr = house.pair()
    account = _staff(house, "POST", "CBankverbindungen", {"beteiligteId": espo_id, "name": "Konto", **ACCOUNT})
    assert results([{"id": "6b0206ffffffffff0", "ort": "Hamburg"}]) == {"seeking": 1}
    assert results([{"id": account["id"], "bankname": "Commerzbank"}], name="bankverbindungen") == {"seeking": 1}
    house.settings.ESPOCRM_ADRESSEN_ENTITY = "CNirgends"
    with pytest.raises(RemoteError):
        records.find_records()
    assert settled() == ["seeking", "counted"]
    SyncRecord.objects.update(status="clean", requested=1)
    assert set(sweep().fault) == {"items_discovered"}
    assert house.record(espo_id).status == "dirty"


def test_a_stamp_of_a_clock_that_is_ahead_does_not_hide_what_comes_until_then(
    house: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id, _betnr = house.pair()
    item(house, espo_id)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: an_hour_ago)
    assert records.discover_items() == 1
    assert datetime.fromisoformat(remote_metadata.kept(f"{records.MARK}adressen")["mark"]) <= an_hour_ago
    assert records.discover_items() == 0


def test_the_metadata_of_the_entity_are_read_once_a_day(house: Firm) -> None:
    records.discover_items()
    house.sandbox.clear_calls()
    records.discover_items()
    assert in_espocrm(house) == [("GET", "CAdressen")]


# --- all the way, by webhooks


def subscribe(firm: Firm, web: Any, *events: tuple[str, str]) -> Installation:
    """EspoCRM tells our web server of these (its event, our address); nothing is sent before somebody says so."""
    firm.sandbox.control.tell("webhooks", deliver="manual")
    made = [
        _staff(firm, "POST", "Webhook", {"event": event, "url": f"{web.url}/webhooks/espocrm/{address}"})
        for event, address in events
    ]
    firm.settings.ESPOCRM_WEBHOOK_SECRETS = [(webhook["id"], webhook["secretKey"]) for webhook in made]
    return Installation(web.url)


@pytest.fixture
def subscribed(house: Firm, live_server: Any) -> Installation:
    """EspoCRM tells of records and addresses."""
    house.settings.ADRESSEN_INITIAL = "both"
    entities = (("CBeteiligte", "beteiligte"), ("CAdressen", "adressen"))
    events = [
        (f"{one}.{event}", f"{name}/{event}") for one, name in entities for event in ("create", "update", "delete")
    ]
    return subscribe(house, live_server, *events)


def deliver(firm: Firm, installation: Installation) -> None:
    """Until nothing more is told: each run's own writes come back as webhooks."""
    for _round in range(4):
        firm.sandbox.deliver_webhooks()
        installation.work()


def test_an_address_goes_round_by_webhooks_and_comes_to_rest(house: Firm, subscribed: Installation) -> None:
    espo_id, betnr = house.pair()
    deliver(house, subscribed)
    address = item(house, espo_id)
    deliver(house, subscribed)
    (entry,) = house.advo(betnr)["adressen"]
    assert (entry["strasse"], entry["plz"], entry["ort"]) == tuple(PLACE.values())
    _staff(house, "PATCH", f"CAdressen/{address}", {"strasse": "Uferstraße 1"})
    deliver(house, subscribed)
    assert house.advo(betnr)["adressen"][0]["strasse"] == "Uferstraße 1"
    record = house.record(espo_id)
    assert (record.status, record.requested) == ("clean", record.completed)
    house.sandbox.clear_calls()
    deliver(house, subscribed)
    assert house.counts() == {"espocrm": {}, "advoware": {}}, "its own writes started another run"


def test_an_edit_that_a_webhook_has_carried_is_no_finding_of_the_next_sweep(
    house: Firm, subscribed: Installation
) -> None:
    espo_id, betnr = house.pair()
    address = item(house, espo_id)
    deliver(house, subscribed)
    _staff(house, "PATCH", f"CAdressen/{address}", {"strasse": "Uferstraße 1"})
    deliver(house, subscribed)
    assert house.advo(betnr)["adressen"][0]["strasse"] == "Uferstraße 1"
    assert records.discover_items() == 0
    assert house.record(espo_id).unconfirmed, "the look at Advoware is owed all the same"


def test_a_deleted_address_is_told_by_its_id_alone_and_becomes_a_task(house: Firm, subscribed: Installation) -> None:
    espo_id, _betnr = house.pair()
    address = item(house, espo_id)
    deliver(house, subscribed)
    _staff(house, "DELETE", f"CAdressen/{address}", None)
    deliver(house, subscribed)
    assert list(ChildCase.objects.filter(closed_at=None).values_list("code", flat=True)) == ["delete_in_advoware"]
    assert house.record(espo_id).status == "clean"


def test_with_the_item_s_script_it_comes_to_rest_too_and_says_that_it_is_clean(
    house: Firm, subscribed: Installation
) -> None:
    house.sandbox.espocrm(formula=True)
    espo_id, betnr = house.pair()
    address = item(house, espo_id)
    deliver(house, subscribed)
    assert _staff(house, "GET", f"CAdressen/{address}")["syncStatus"] == "clean"
    assert _staff(house, "PATCH", f"CAdressen/{address}", {"strasse": "Uferstraße 1"})["syncStatus"] == "unclean"
    deliver(house, subscribed)
    assert house.advo(betnr)["adressen"][0]["strasse"] == "Uferstraße 1"
    assert _staff(house, "GET", f"CAdressen/{address}")["syncStatus"] == "clean"
    house.sandbox.clear_calls()
    deliver(house, subscribed)
    assert house.counts() == {"espocrm": {}, "advoware": {}}


def test_an_address_field_of_the_record_goes_round_by_the_record_s_own_webhook(house: Firm, live_server: Any) -> None:
    house.settings.ESPOCRM_ADRESSEN = "field"
    house.settings.ESPOCRM_ADRESSEN_FIELDS = ["billingAddress"]
    house.settings.ADRESSEN_INITIAL = "both"
    installation = subscribe(house, live_server, ("CBeteiligte.update", "beteiligte/update"))
    espo_id, betnr = house.pair()
    deliver(house, installation)
    house.sandbox.anna.change(
        espo_id,
        billingAddressStreet="Lindenallee 4",
        billingAddressPostalCode="30159",
        billingAddressCity="Hannover",
    )
    deliver(house, installation)
    (entry,) = house.advo(betnr)["adressen"]
    assert (entry["strasse"], entry["ort"]) == ("Lindenallee 4", "Hannover")
    house.sandbox.anna.change(espo_id, billingAddressCity="Hamburg")
    deliver(house, installation)
    assert house.advo(betnr)["adressen"][0]["ort"] == "Hamburg"
    record = house.record(espo_id)
    assert (record.status, record.requested) == ("clean", record.completed)
    house.sandbox.clear_calls()
    deliver(house, installation)
    assert house.counts() == {"espocrm": {}, "advoware": {}}
