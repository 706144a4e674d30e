"""Webhooks of addresses and accounts: whose they are, what they mean, and what of them is kept."""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from syncapp.core.adressen.shapes import Address
from syncapp.core.bankverbindungen.shapes import Account
from syncapp.core.signatures import sign
from syncapp.entities.beteiligte.clients import Tools
from syncapp.entities.beteiligte.entity import Beteiligte
from syncapp.entities.beteiligte.parts.bankverbindungen import configured as bank
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildCase, ChildLink, InboxElement, SyncRecord
from syncapp.operations.maintenance.erasure import purge_person
from tests.entities.beteiligte.test_intake import clean_record

WEBHOOK, SECRET = "6b020605f2a7f6d0e", "secret"
ITEM, RECORD, OTHER = "6b0206aaaaaaaaaaa", "6b020623dbb0b2434", "6b020623ec8ee26ca"
PLACE = {"strasse": "Lindenallee 4", "plz": "30159", "ort": "Hannover"}
IBAN, HOLDER = "DE89370400440532013000", "Erika Mustermann"
ACCOUNT = {"iban": IBAN, "bic": "COBADEFFXXX", "kontoinhaber": HOLDER, "bankname": "Commerzbank"}


@pytest.fixture(autouse=True)
def _switched_on(settings: Any, db: None) -> Iterator[None]:
    settings.ESPOCRM_WEBHOOK_SECRETS = [(WEBHOOK, SECRET)]
    settings.ESPOCRM_ADRESSEN = "entity"
    settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    remote_metadata._resolved.cache_clear()
    yield
    remote_metadata._resolved.cache_clear()


def post(body: object, action: str = "update", name: str = "adressen", start: str = "webhooks/espocrm") -> Any:
    raw = json.dumps(body).encode()
    return Client().post(
        f"/{start}/{name}/{action}",
        data=raw,
        content_type="application/json",
        headers={"Signature": sign(raw_body=raw, webhook_id=WEBHOOK, secret=SECRET)},
    )


def results(*args: Any, **kwargs: Any) -> dict[str, int]:
    answer = post(*args, **kwargs)
    assert answer.status_code == 202, answer.content
    return dict(answer.json()["results"])


def pair(record: SyncRecord | None = None, **columns: Any) -> ChildLink:
    place = Address(**PLACE, aktiv=True).to_json()
    given = {"kind": "adressen", "espo_id": ITEM, "entry_id": 17, "state": "linked", "base_espo": place}
    return ChildLink.objects.create(record=record or clean_record(), **{**given, **columns})


def account_pair(record: SyncRecord, **columns: Any) -> ChildLink:
    kept = bank.keeper().keep(Account(**ACCOUNT)).to_json()
    return pair(record, **{"kind": "bank", "entry_id": 3, "base_espo": kept, **columns})


# --- whose it is


def test_an_address_only_webhook_leads_to_a_run_of_its_record() -> None:
    clean_record()
    assert results([{"id": ITEM, "beteiligteId": RECORD, **PLACE}], "create") == {"counted": 1}
    record = SyncRecord.objects.get()
    assert (record.status, record.requested, record.trigger) == ("dirty", 1, "create")
    element = InboxElement.objects.get()
    assert (element.record, element.espo_id, element.kind) == (record, ITEM, "adressen")


def test_an_update_finds_its_record_by_our_link() -> None:
    pair()
    assert results([{"id": ITEM, "ort": "Hamburg"}]) == {"counted": 1}
    assert SyncRecord.objects.get().status == "dirty"


def test_a_delete_carries_the_id_alone_and_finds_its_record_by_our_link() -> None:
    pair()
    assert results([{"id": ITEM}], "delete") == {"counted": 1}
    assert SyncRecord.objects.get().status == "dirty"


def test_a_delete_of_what_no_link_knows_is_ignored() -> None:
    assert results([{"id": ITEM}], "delete") == {"irrelevant": 1}
    assert not SyncRecord.objects.exists()


def test_a_delete_of_what_is_known_to_be_deleted_costs_no_run() -> None:
    pair(state="tombstone")
    assert results([{"id": ITEM}], "delete") == {"irrelevant": 1}
    assert SyncRecord.objects.get().status == "clean"


def test_a_record_that_we_have_never_heard_of_gets_a_row_and_a_run() -> None:
    assert results([{"id": ITEM, "beteiligteId": RECORD, **PLACE}], "create") == {"counted": 1}
    assert SyncRecord.objects.get().status == "pending_sync"


def test_row_19_a_moved_item_leads_to_a_run_of_both_records() -> None:
    pair()
    clean_record(espo_id=OTHER, betnr=2)
    assert results([{"id": ITEM, "beteiligteId": OTHER}]) == {"counted": 2}
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {"dirty"}


def test_an_item_that_belongs_to_nobody_any_more_leads_to_a_run_of_the_record_that_had_it() -> None:
    pair()
    assert results([{"id": ITEM, "beteiligteId": None}]) == {"counted": 1}


def test_an_item_that_belonged_to_nobody_is_told_by_its_new_record_alone() -> None:
    clean_record()
    assert results([{"id": ITEM, "beteiligteId": RECORD}]) == {"counted": 1}
    assert SyncRecord.objects.get().status == "dirty"


def test_an_item_that_comes_back_to_where_it_is_to_be_deleted_by_hand_leads_to_a_run() -> None:
    pair(state="tombstone")
    assert results([{"id": ITEM, "beteiligteId": RECORD}]) == {"counted": 1}


@pytest.mark.parametrize("before", [{"state": "tombstone"}, {"record": {"status": "deleted_in_espocrm"}}])
def test_row_19_where_an_item_has_gone_from_is_not_asked_again(before: dict[str, Any]) -> None:
    """To be deleted by hand there, or merged into the other record: what is written and edited now is no concern of
    it."""
    pair(**{**before, "record": clean_record(**before.get("record", {}))})
    pair(clean_record(espo_id=OTHER, betnr=2))
    assert results([{"id": ITEM, **PLACE}]) == {"echo": 1}
    assert results([{"id": ITEM, "beteiligteId": OTHER, **PLACE}]) == {"echo": 1}
    assert results([{"id": ITEM, "ort": "Hamburg"}]) == {"counted": 1}
    assert SyncRecord.objects.get(espo_id=RECORD).requested == 0
    assert SyncRecord.objects.get(espo_id=OTHER).status == "dirty"


def test_whose_it_is_nobody_says_so_it_waits_to_be_looked_up() -> None:
    assert results([{"id": ITEM, "ort": "Hamburg"}]) == {"seeking": 1}
    assert InboxElement.objects.get().judged_at is None


@pytest.mark.parametrize("parent", [7, "", "../x", "x" * 40, ["a"], True], ids=str)
def test_a_parent_that_is_no_id_is_looked_up_too(parent: object) -> None:
    assert results([{"id": ITEM, "beteiligteId": parent, "ort": "Hamburg"}]) == {"seeking": 1}


def test_elements_without_an_id_are_named_and_cost_no_other() -> None:
    clean_record()
    answer = post([{"beteiligteId": RECORD}, {"id": ITEM, "beteiligteId": RECORD}], "create").json()
    assert (answer["accepted"], answer["rejected"]) == (1, ["element 0: no usable id"])


def test_the_addresses_of_the_former_system_are_kept() -> None:
    pair()
    assert results([{"id": ITEM, "ort": "Hamburg"}], start="vmh/webhook") == {"counted": 1}


@pytest.mark.parametrize("name", ["adressen", "bankverbindungen"])
def test_a_list_that_is_off_takes_the_delivery_and_keeps_nothing(settings: Any, name: str) -> None:
    settings.ESPOCRM_ADRESSEN, settings.ESPOCRM_BANK_ENTITY = "off", ""
    clean_record()
    assert results([{"id": ITEM, "beteiligteId": RECORD}], "create", name) == {"switched_off": 1}
    assert SyncRecord.objects.get().requested == 0
    assert not InboxElement.objects.exists()


def test_a_wrong_signature_is_401_and_nothing_is_kept() -> None:
    answer = Client().post("/webhooks/espocrm/adressen/update", data=b"[]", content_type="application/json")
    assert answer.status_code == 401
    assert not InboxElement.objects.exists()


# --- what it means


def test_what_the_links_base_says_is_our_own_write_coming_back() -> None:
    pair()
    said = {"id": ITEM, **PLACE, "istAktiv": True, "advowareAdresseId": 17, "modifiedById": "bot"}
    assert results([said]) == {"echo": 1}
    assert results([{**said, "beteiligteId": RECORD}], "create") == {"echo": 1}
    assert SyncRecord.objects.get().requested == 0


@pytest.mark.parametrize("change", [{"ort": "Hamburg"}, {"istAktiv": False}, {"land": "AT"}, {"advowareAdresseId": 4}])
def test_anything_that_the_base_does_not_say_counts(change: dict[str, Any]) -> None:
    pair()
    assert results([{"id": ITEM, **PLACE, **change}]) == {"counted": 1}


@pytest.mark.parametrize("columns", [{"sent": [{"side": "espocrm"}]}, {"pending": {"at": "espocrm"}}])
def test_while_a_write_is_unanswered_nothing_is_taken_for_an_echo(columns: dict[str, Any]) -> None:
    pair(**columns)
    assert results([{"id": ITEM, **PLACE}]) == {"counted": 1}


def test_what_is_not_kept_equal_costs_nothing() -> None:
    pair()
    assert results([{"id": ITEM, "name": "Büro", "description": "x"}]) == {"irrelevant": 1}


def test_our_status_field_alone_is_an_echo_and_unclean_without_our_stamp_asks_for_a_run() -> None:
    pair()
    assert results([{"id": ITEM, "syncStatus": "clean"}]) == {"echo": 1}
    assert results([{"id": ITEM, "syncStatus": "unclean", "advowareLastSync": "2026-01-01 00:00:00"}]) == {"echo": 1}
    assert results([{"id": ITEM, "syncStatus": "unclean"}]) == {"counted": 1}


def test_during_a_run_it_waits_and_is_judged_against_what_the_run_leaves() -> None:
    record = clean_record(status="syncing")
    link = pair(record)
    assert results([{"id": ITEM, "ort": "Hamburg"}, {"id": ITEM, "ort": "Bremen"}]) == {"waiting": 2}
    link.base_espo = {**link.base_espo, "ort": "Hamburg"}
    link.save()
    record.status = "clean"
    found = Beteiligte().judge_waiting(record, Tools(mock.Mock(), remote_metadata.field_map()))
    assert [str(judged) for _element, judged in found] == ["echo", "counted"]


def test_an_element_that_nobody_can_judge_counts_and_costs_neither_delivery_nor_run() -> None:
    pair(base_espo={"ort": "Hannover"}, kind="bank")
    assert results([{"id": ITEM, "iban": IBAN}], name="bankverbindungen") == {"counted": 1}


# --- accounts: payment data


def test_of_an_account_the_inbox_keeps_nothing_that_could_be_read() -> None:
    clean_record()
    spelled = {"ibanAnzeige": "DE89 3704 0044 0532 0130 00", "name": f"Konto {HOLDER}"}
    results([{"id": ITEM, "beteiligteId": RECORD, **ACCOUNT, **spelled}], "create", "bankverbindungen")
    kept = json.dumps(InboxElement.objects.get().attributes)
    for secret in (IBAN, "532013000", "0130 00", HOLDER, "Commerzbank", "COBADEFF"):
        assert secret not in kept


@pytest.mark.parametrize("keep", ["plain", "hash"])
def test_the_echo_of_an_account_is_known_by_its_seals(settings: Any, keep: str) -> None:
    settings.BANK_KEEP = keep
    account_pair(clean_record())
    assert results([{"id": ITEM, **ACCOUNT, "istAktiv": True}], name="bankverbindungen") == {"echo": 1}
    assert results([{"id": ITEM, "iban": "DE02120300000000202051"}], name="bankverbindungen") == {"counted": 1}


def test_row_10_an_account_put_out_of_use_counts_unless_it_was_we_who_did_it() -> None:
    link = account_pair(clean_record())
    assert results([{"id": ITEM, "istAktiv": False}], name="bankverbindungen") == {"counted": 1}
    SyncRecord.objects.update(status="clean")
    ChildLink.objects.filter(pk=link.pk).update(state="gone")
    assert results([{"id": ITEM, "istAktiv": True}], name="bankverbindungen") == {"counted": 1}


def test_row_12_label_and_default_are_espocrms_alone() -> None:
    account_pair(clean_record())
    assert results([{"id": ITEM, "name": "Hauptkonto"}], name="bankverbindungen") == {"irrelevant": 1}


def test_what_a_delivery_costs_does_not_grow_with_its_elements(django_assert_max_num_queries: Any) -> None:
    record = clean_record()
    for number in range(50):
        pair(record, espo_id=f"{ITEM[:-2]}{number:02}", entry_id=number + 1)
    body = [{"id": f"{ITEM[:-2]}{number:02}", "ort": "Hamburg"} for number in range(50)]
    with django_assert_max_num_queries(14):
        assert results(body) == {"counted": 50}
    assert SyncRecord.objects.get().requested == 50


def test_a_thousand_elements_are_taken_and_one_more_is_413() -> None:
    body = [{"id": f"6b02{number:013d}", "beteiligteId": RECORD, "ort": "x" * 300} for number in range(1001)]
    assert post(body).status_code == 413
    assert results(body[1:], "create") == {"counted": 1000}


@pytest.mark.parametrize(
    "said",
    [
        {"strasse": "x" * 300},
        {"strasse": "   "},
        {"strasse": "Weg 1\nHinterhaus"},
        {"plz": "D-30159"},
        {"plz": 30159},
        {"ort": ["Hannover"]},
        {"land": {"a": 1}},
        {"istAktiv": "ja"},
        {"advowareAdresseId": "17 "},
        {"strasse": None, "plz": None, "ort": None},
    ],
    ids=str,
)
def test_bad_values_are_taken_and_lead_to_a_look(said: dict[str, Any]) -> None:
    pair()
    assert sum(results([{"id": ITEM, **said}]).values()) == 1
    assert InboxElement.objects.get().result in ("counted", "echo", "irrelevant")


@pytest.mark.parametrize("iban", ["DE00 3704", "", None, 7, ["DE"], "de89 3704 0044 0532 0130 00", "x" * 5000], ids=str)
def test_bad_ibans_are_taken_and_kept_as_seals_alone(iban: object) -> None:
    account_pair(clean_record())
    answer = results([{"id": ITEM, "iban": iban}], name="bankverbindungen")
    same = isinstance(iban, str) and iban.startswith("de89")
    assert answer == ({"echo": 1} if same else {"counted": 1})
    assert "3704" not in json.dumps(InboxElement.objects.get().attributes)


# --- address fields of the record itself


@pytest.fixture
def in_fields(settings: Any) -> SyncRecord:
    """The billing address is kept equal, and was so at the last sync."""
    settings.ESPOCRM_ADRESSEN = "field"
    settings.ESPOCRM_ADRESSEN_FIELDS = ["billingAddress", "shippingAddress"]
    record = clean_record()
    base = Address(strasse="Lindenallee 4\nHinterhaus", plz="30159", ort="Hannover").to_json()
    pair(record, espo_id=f"{RECORD}:billingAddress", base_espo=base)
    return record


@pytest.mark.parametrize(
    "said, result",
    [
        ({"billingAddressCity": "Hamburg"}, "counted"),
        ({"billingAddressCity": " Hannover ", "billingAddressStreet": "Lindenallee 4\nHinterhaus"}, "echo"),
        ({"billingAddressCity": "Hannover", "billingAddressState": "Niedersachsen"}, "echo"),
        ({"billingAddressState": "Niedersachsen"}, "irrelevant"),
        ({"billingAddressCountry": None}, "echo"),
        ({"billingAddressStreet": None}, "counted"),
        ({"shippingAddressCity": None}, "echo"),
        ({"shippingAddressCity": "Hamburg"}, "counted"),
        ({"billingAddressCity": 7}, "counted"),
        ({"addressCity": "Hamburg"}, "irrelevant"),
    ],
)
def test_an_address_field_of_the_record_comes_with_the_record_s_own_webhook(
    in_fields: SyncRecord, said: dict[str, Any], result: str
) -> None:
    assert results([{"id": RECORD, **said}], name="beteiligte") == {result: 1}


def test_switched_off_an_address_field_of_the_record_is_irrelevant(settings: Any) -> None:
    settings.ESPOCRM_ADRESSEN = "off"
    settings.ESPOCRM_ADRESSEN_FIELDS = ["billingAddress"]
    clean_record()
    assert results([{"id": RECORD, "billingAddressCity": "Hamburg"}], name="beteiligte") == {"irrelevant": 1}


def test_the_entity_of_addresses_has_webhooks_only_where_addresses_are_records(in_fields: SyncRecord) -> None:
    assert results([{"id": ITEM, "beteiligteId": RECORD, **PLACE}], "create") == {"switched_off": 1}


# --- erasing


def test_erasing_a_person_finds_what_webhooks_brought_of_addresses_and_accounts() -> None:
    record = clean_record(status="deleted_in_espocrm")
    link = pair(record)
    for judged in (None, "2026-01-01T00:00:00Z"):
        InboxElement.objects.create(
            delivery=uuid.uuid4(), record=record, espo_id=ITEM, kind="adressen", attributes=PLACE, judged_at=judged
        )
    purge_person(espo_id=RECORD, actor="anna")
    assert list(InboxElement.objects.values_list("attributes", flat=True)) == [{}, {}]
    assert not ChildLink.objects.filter(pk=link.pk).exists()


def test_erasing_the_history_of_a_living_person_leaves_links_and_open_tasks() -> None:
    record = clean_record()
    pair(record)
    given = {"record": record, "kind": "adressen", "code": "change_in_advoware", "row": 12, "params": PLACE}
    for entry, closed in ((1, None), (2, "2026-01-01T00:00:00Z")):
        ChildCase.objects.create(**given, entry_id=entry, opened_at="2026-01-01T00:00:00Z", closed_at=closed)
    purge_person(espo_id=RECORD, actor="anna")
    assert ChildLink.objects.exists()
    assert [case.params for case in ChildCase.objects.order_by("entry_id")] == [PLACE, {}]
