"""Links and cases of addresses and accounts in the database, and what the settings make of both kinds."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from syncapp.core.adressen.shapes import Address, Representation
from syncapp.core.bankverbindungen.shapes import Account, BankKeep, Kept
from syncapp.core.child_lists.settling import intent_for
from syncapp.core.child_lists.shapes import (
    AliasOf,
    CaseCode,
    DeclinedValue,
    LinkState,
    OpenCase,
    PairLink,
    PendingCreate,
)
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.parts.adressen import configured as adressen
from syncapp.entities.beteiligte.parts.bankverbindungen import configured as bank
from syncapp.entities.beteiligte.parts.child_lists.cases import keep_cases
from syncapp.entities.beteiligte.parts.child_lists.store import keep_links, stored_links
from syncapp.models import ChildCase, ChildKind, ChildLink, SyncRecord
from syncapp.operations.maintenance.erasure import purge_person

pytestmark = pytest.mark.django_db
WALL, RING = Address("Wall 1", "30159", "Hannover", standard=True), Address("Ring 3", aktiv=False)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
INTENT = intent_for(side=Side.advoware, sent=WALL, before=RING, other=WALL, marker="r1")
LINKS = (
    PairLink("i1", 1, WALL, RING, sent=(INTENT,), late=(INTENT,), missing=True, letter_block="Block"),
    PairLink("i2", None, pending=PendingCreate(Side.advoware, WALL, ("1", "2"))),
    PairLink("i3", 1, WALL, WALL, alias_of=AliasOf.item),
    PairLink("i4", None, state=LinkState.refused, refused=DeclinedValue(Side.advoware, RING)),
    PairLink(None, 5, state=LinkState.waiting),
    PairLink(None, 6, base_advo=WALL, state=LinkState.tombstone),
)


@pytest.fixture
def record() -> SyncRecord:
    return SyncRecord.objects.create(espo_id="e1", betnr=7)


def test_links_come_back_as_they_were(record: SyncRecord) -> None:
    keep_links(record, ChildKind.ADRESSEN, LINKS)
    assert stored_links(record, ChildKind.ADRESSEN, Address) == LINKS
    assert stored_links(record, ChildKind.BANK, Kept) == ()


def test_only_what_differs_is_written(record: SyncRecord) -> None:
    keep_links(record, ChildKind.ADRESSEN, LINKS)
    before = set(ChildLink.objects.values_list("pk", flat=True))
    changed = (replace(LINKS[0], missing=False), *LINKS[1:-1])
    keep_links(record, ChildKind.ADRESSEN, changed)
    assert set(stored_links(record, ChildKind.ADRESSEN, Address)) == set(changed)
    assert len(before & set(ChildLink.objects.values_list("pk", flat=True))) == len(LINKS) - 2


def test_a_number_may_pass_from_one_pair_to_another(record: SyncRecord) -> None:
    keep_links(record, ChildKind.ADRESSEN, [PairLink("i1", 1), PairLink("i2", 2)])
    swapped = [PairLink[Address]("i1", 2), PairLink[Address]("i2", 1)]
    keep_links(record, ChildKind.ADRESSEN, swapped)
    assert set(stored_links(record, ChildKind.ADRESSEN, Address)) == set(swapped)


@pytest.mark.parametrize("link", [PairLink("i1", 9), PairLink("i9", 1)])
def test_a_pair_is_one(record: SyncRecord, link: PairLink[Address]) -> None:
    keep_links(record, ChildKind.ADRESSEN, [PairLink("i1", 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        ChildLink.objects.create(
            record=record, kind=ChildKind.ADRESSEN, espo_id=link.espo_id, entry_id=link.entry_id, state="linked"
        )


@pytest.mark.parametrize("how", list(BankKeep))
def test_accounts_are_kept_as_the_setting_says(record: SyncRecord, settings: Any, how: BankKeep) -> None:
    settings.BANK_KEEP = how.value
    kept = bank.keeper().keep(Account("DE89370400440532013000", kontoinhaber="Käthe Müller"))
    links = (PairLink[Kept]("i1", 1, kept, kept, pending=None),)
    keep_links(record, ChildKind.BANK, links)
    assert stored_links(record, ChildKind.BANK, Kept) == links
    stored = str(ChildLink.objects.values())
    assert ("370400440532013000" in stored) == (how is BankKeep.plain)


def case(code: CaseCode = CaseCode.change_in_advoware, **params: str) -> OpenCase:
    return OpenCase(code, 12, "i1", 1, params)


def test_a_case_is_opened_once_renewed_and_closes_by_itself(record: SyncRecord) -> None:
    keep_cases(record, ChildKind.ADRESSEN, [case(land="A")])
    (row,) = ChildCase.objects.all()
    assert (row.code, row.closed_at, row.told_at) == ("change_in_advoware", None, None)
    ChildCase.objects.update(done_at=NOW, done_by="jan", told_at=NOW)
    keep_cases(record, ChildKind.ADRESSEN, [case(land="A")])
    row.refresh_from_db()
    assert (row.done_by, row.told_at) == ("jan", NOW)
    keep_cases(record, ChildKind.ADRESSEN, [case(land="CH")])
    (row,) = ChildCase.objects.all()
    assert (row.params, row.done_at, row.told_at, row.closed_at) == ({"land": "CH"}, None, None, None)
    keep_cases(record, ChildKind.ADRESSEN, [case(land="DE")], told=[case(land="DE")])
    row.refresh_from_db()
    assert (row.params, row.told_at is not None) == ({"land": "DE"}, True)
    keep_cases(record, ChildKind.ADRESSEN, [])
    row.refresh_from_db()
    assert row.closed_at is not None
    keep_cases(record, ChildKind.ADRESSEN, [case(land="A")])
    assert ChildCase.objects.count() == 2


def test_the_kinds_do_not_close_each_other_s_cases(record: SyncRecord) -> None:
    keep_cases(record, ChildKind.ADRESSEN, [case()])
    keep_cases(record, ChildKind.BANK, [])
    assert ChildCase.objects.get().closed_at is None


def test_one_open_case_a_reason_also_without_numbers(record: SyncRecord) -> None:
    columns: dict[str, Any] = {"record": record, "kind": "bank", "code": "refused", "row": 2, "opened_at": NOW}
    ChildCase.objects.create(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChildCase.objects.create(**columns)


def test_a_person_who_is_gone_is_erased_with_addresses_and_accounts(record: SyncRecord) -> None:
    keep_links(record, ChildKind.ADRESSEN, LINKS)
    keep_cases(record, ChildKind.ADRESSEN, [case(land="A")])
    SyncRecord.objects.update(status="deleted_in_espocrm")
    purge_person(espo_id="e1", actor="jan")
    assert not ChildLink.objects.exists()
    assert not ChildCase.objects.exists()


def test_off_by_default() -> None:
    assert adressen.representation() is None
    assert not bank.is_on()
    assert not bank.is_readable()


def test_addresses_as_the_settings_say(settings: Any) -> None:
    settings.ESPOCRM_ADRESSEN = "field"
    settings.ESPOCRM_ADRESSEN_FIELDS = ["billingAddress"]
    settings.ADVOWARE_ADRESSE_KEY = "reihenfolgeIndex"
    assert adressen.representation() is Representation.field
    assert adressen.prefixes() == ("billingAddress",)
    assert adressen.record_map("billingAddress").attributes["ort"] == "billingAddressCity"
    assert adressen.entry_list().number == "reihenfolgeIndex"
    assert (adressen.entity_type(), adressen.link_attribute()) == ("CAdressen", "beteiligteId")
    assert (adressen.home_country(), adressen.policy().max_posts) == ("DE", 5)
    assert adressen.entity_map(None).attributes["strasse"] == "strasse"


@pytest.mark.parametrize(
    "setting, readable, by_itself, key",
    [("none", False, False, ""), ("get", True, True, ""), ("embedded:konten", True, False, "konten")],
)
def test_accounts_as_the_settings_say(settings: Any, setting: str, readable: bool, by_itself: bool, key: str) -> None:
    settings.ESPOCRM_BANK_ENTITY, settings.ADVOWARE_BANK_LIST = "CBankverbindungen", setting
    settings.ADVOWARE_BANK_MAP = {"kontoinhaber": "inhaber"}
    assert (bank.is_on(), bank.is_readable(), bank.is_read_by_itself()) == (True, readable, by_itself)
    assert (bank.entry_list().key, bank.entry_list().path) == (key, "Bankverbindungen")
    assert bank.account_map(None).keys["kontoinhaber"] == "inhaber"
    assert (bank.entity_type(), bank.link_attribute()) == ("CBankverbindungen", "beteiligteId")
    assert bank.policy().only_match


@pytest.mark.parametrize("created, old", [(datetime(2026, 2, 28, tzinfo=UTC), True), (NOW, False), (None, True)])
def test_what_is_older_than_the_first_day(settings: Any, created: datetime | None, old: bool) -> None:
    assert not bank.is_old(created)
    settings.BANK_SINCE = date(2026, 3, 1)
    assert bank.is_old(created) is old
