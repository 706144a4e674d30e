"""EspoCRM takes a certain number of contact points: what it has no room for is said once, and added when it has."""

from typing import Any

import pytest
from django.utils import timezone

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ContactLink, Notice, RemoteFact
from tests.entities.beteiligte.test_gone import ANNA, notes
from tests.support.firm import Firm

MAXIMUM = 10


def number(place: int) -> str:
    return f"+4951110{place:04}"


@pytest.fixture
def full(firm: Firm) -> tuple[str, int]:
    """Twelve numbers in Advoware, ten of them in EspoCRM."""
    espo_id, betnr = firm.pair(assignedUserId=ANNA)
    for place in range(12):
        firm.sandbox.clerk.add_contact(betnr, tlf=number(place), bemerkung="", kommKz=1, online=True)
    assert firm.sync(espo_id).status == "clean"
    return espo_id, betnr


def told(firm: Firm) -> list[int]:
    return [notice.params["count"] for notice in Notice.objects.filter(event="contact_no_room").order_by("pk")]


def test_it_is_said_once_to_the_responsible_user_and_on_the_record(firm: Firm, full: tuple[str, int]) -> None:
    espo_id, _betnr = full
    assert len(firm.espo(espo_id)["phoneNumberData"]) == MAXIMUM
    assert told(firm) == [2]
    assert len([note for note in notes(firm) if "maxCount" in note]) == 1
    assert {report["code"] for report in firm.record(espo_id).reports} == {"contact_over_maximum"}
    firm.is_silent(espo_id)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    assert told(firm) == [2]
    assert {report["code"] for report in firm.record(espo_id).reports} == {"contact_over_maximum"}


def test_one_more_is_said_by_itself(firm: Firm, full: tuple[str, int]) -> None:
    espo_id, betnr = full
    firm.sandbox.clerk.add_contact(betnr, tlf=number(99), bemerkung="", kommKz=1, online=True)
    firm.sync(espo_id)
    assert told(firm) == [2, 1]


def test_where_there_is_room_again_it_is_added_and_may_be_said_anew(firm: Firm, full: tuple[str, int]) -> None:
    espo_id, betnr = full
    rows = firm.espo(espo_id)["phoneNumberData"]
    firm.sandbox.anna.change(espo_id, phoneNumberData=rows[2:])
    firm.sync(espo_id)
    firm.sync(espo_id)
    assert len(firm.espo(espo_id)["phoneNumberData"]) == MAXIMUM
    assert not firm.record(espo_id).reports
    firm.sandbox.clerk.add_contact(betnr, tlf=number(77), bemerkung="", kommKz=1, online=True)
    firm.sync(espo_id)
    assert told(firm) == [2, 1]


def test_a_run_that_fails_at_another_contact_point_says_it_once_all_the_same(firm: Firm, full: tuple[str, int]) -> None:
    espo_id, betnr = full
    firm.sandbox.clerk.add_contact(betnr, tlf=number(88), bemerkung="", kommKz=1, online=True)
    firm.sandbox.clerk.add_contact(betnr, tlf="ida@example.org", bemerkung="", kommKz=4, online=True)
    firm.sandbox.fault("advoware", "status", status=403, method="PUT", path_contains="Kommunikationen", count=1)
    firm.sync(espo_id)
    firm.sync(espo_id)
    assert told(firm) == [2, 1]


@pytest.fixture
def hidden_maximum(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """EspoCRM takes three of each by its configuration, and its metadata name no maximum."""
    firm.sandbox.espocrm(max_phones=3, max_emails=3)
    real = remote_metadata.entity_fields

    def fields(**options: Any) -> dict[str, Any]:
        return {
            name: {key: value for key, value in given.items() if key != "maxCount"}
            for name, given in real(**options).items()
        }

    monkeypatch.setattr(remote_metadata, "entity_fields", fields)


@pytest.mark.usefixtures("hidden_maximum")
@pytest.mark.parametrize("name", ["phoneNumberData", "emailAddressData"])
def test_a_maximum_that_only_a_refusal_tells_is_want_of_room_and_no_bad_value(firm: Firm, name: str) -> None:
    espo_id, betnr = firm.pair()
    for place in range(5):
        mail = name == "emailAddressData"
        tlf = f"nr{place}@example.org" if mail else number(place)
        firm.sandbox.clerk.add_contact(betnr, tlf=tlf, bemerkung="", kommKz=4 if mail else 1, online=True)
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert len(firm.espo(espo_id)[name]) == 3
    assert {report["code"] for report in firm.record(espo_id).reports} == {"contact_over_maximum"}
    assert told(firm) == [2]
    assert not ContactLink.objects.exclude(refused_value=None).exists()
    assert sum("[ESPOCRM:" in entry["bemerkung"] for entry in firm.advo(betnr)["kommunikation"]) == 3
    firm.is_silent(espo_id)
    firm.sandbox.anna.change(espo_id, **{name: firm.espo(espo_id)[name][1:]})
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert len(firm.espo(espo_id)[name]) == 3, "there is room for one again"


@pytest.mark.usefixtures("hidden_maximum")
def test_what_a_refusal_has_told_is_asked_anew_after_a_day(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    for place in range(5):
        firm.sandbox.clerk.add_contact(betnr, tlf=number(place), bemerkung="", kommKz=1, online=True)
    firm.sync(espo_id)
    firm.sandbox.espocrm(max_phones=10)
    RemoteFact.objects.update(fetched_at=timezone.now() - remote_metadata.LIFETIME)
    firm.sync(espo_id)
    assert len(firm.espo(espo_id)["phoneNumberData"]) == 5
