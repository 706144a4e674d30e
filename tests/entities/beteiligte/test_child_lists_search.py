"""A record is found by street, city, postal code and the last four of an IBAN, however people spell or paste them."""

import pytest

from syncapp.core.adressen.shapes import Address
from syncapp.core.bankverbindungen.shapes import Account, Keeper
from syncapp.entities.beteiligte.finding import texts
from syncapp.entities.beteiligte.finding.query import matching
from syncapp.entities.beteiligte.parts.adressen.part import AdressenPart
from syncapp.entities.beteiligte.parts.bankverbindungen.part import BankPart
from syncapp.models import SearchText, SyncRecord

pytestmark = pytest.mark.django_db
IBAN = "DE89370400440532013000"


@pytest.fixture
def frieda() -> SyncRecord:
    address = Address("Große Hauptstr. 5", "30159", "Hannover", postfach="12 34", postfach_plz="30001")
    kept = Keeper(b"a key of the test").keep(Account(IBAN))
    record = SyncRecord.objects.create(
        espo_id="e1",
        name="Frieda Müller",
        adressen_state={"found": list(AdressenPart().words_of(address))},
        bank_state={"found": list(BankPart().words_of(kept))},
    )
    other = SyncRecord.objects.create(espo_id="e2", name="Ole Petersen", lists={"phoneNumberData": [["+495113000"]]})
    for one in (record, other):
        texts.refresh(one, before=[])
    return record


@pytest.mark.parametrize(
    "query",
    [
        "Große Hauptstr. 5",
        "grosse hauptstraße",
        "HAUPTSTRASSE 5",
        "Hannover",
        "30159",
        "30001",
        "Hauptstr. Hannover",
        "müller hannover",
        IBAN,
        "DE89 3704 0044 0532 0130 00",
    ],
)
def test_she_is_found(query: str, frieda: SyncRecord) -> None:
    assert list(SyncRecord.objects.filter(matching(query, values=True))) == [frieda]


def test_the_last_four_find_phone_numbers_too(frieda: SyncRecord) -> None:
    assert SyncRecord.objects.filter(matching("3000", values=True)).count() == 2


@pytest.mark.parametrize("query", ["Hauptweg", "20095", "DE02120300000000202051", "3001"])
def test_she_is_not_found(query: str, frieda: SyncRecord) -> None:
    assert frieda not in SyncRecord.objects.filter(matching(query, values=True))


def test_nobody_finds_by_values_who_may_not_see_them(frieda: SyncRecord) -> None:
    assert not SyncRecord.objects.filter(matching("Hannover", values=False)).exists()


def test_no_more_of_an_account_is_kept_than_may_be_shown(frieda: SyncRecord) -> None:
    text = SearchText.objects.get(record=frieda).text
    assert "iban3000" in text
    assert "0532013000" not in text
