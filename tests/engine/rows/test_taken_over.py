"""Runs that die, fail or come too late: what the next one finds, and what must not be there twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp.models import Conflict, FieldChange, Notice
from tests.support.firm import Firm

pytestmark = pytest.mark.django_db


def in_conflict(firm: Firm) -> tuple[str, int]:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Dr. Dr.")
    return espo_id, betnr


def test_conflict_is_logged_and_told_once_though_the_write_that_settles_it_fails_twice(firm: Firm) -> None:
    espo_id, betnr = in_conflict(firm)
    firm.sandbox.fault("advoware", "status", status=500, method="PUT", count=2)
    for status in ("failed", "failed", "clean"):
        assert firm.sync(espo_id).status == status
        firm.due(espo_id)
    assert firm.advo(betnr)["titel"] == "Prof."
    assert list(Conflict.objects.values_list("field", "espo", "advo")) == [("titel", "Prof.", "Dr. Dr.")]
    assert Notice.objects.filter(event="conflict_settled").count() == 1


def test_the_same_conflict_after_a_success_is_logged_again(firm: Firm) -> None:
    espo_id, betnr = in_conflict(firm)
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="Dr.")
    firm.sync(espo_id)
    FieldChange.objects.update(at=timezone.now() - timedelta(hours=2))  # or the guard takes it for swinging
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Dr. Dr.")
    firm.sync(espo_id)
    assert Conflict.objects.filter(espo="Prof.", advo="Dr. Dr.", open=False).count() == 2


def test_lost_value_of_a_contact_point_is_logged_once_though_the_write_fails(firm: Firm) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+495111234567", "type": "Office"}])
    (entry,) = firm.advo(betnr)["kommunikation"]
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{"phoneNumber": "+495111234568", "type": "Office"}])
    firm.sandbox.clerk.change_contact(betnr, entry["id"], **{**entry, "tlf": "+495111234569"})
    firm.sandbox.fault("advoware", "cut_before", method="PUT", path_contains="Kommunikationen", count=2)
    for status in ("failed", "failed", "clean"):
        assert firm.sync(espo_id).status == status
        firm.due(espo_id)
    assert [row["tlf"] for row in firm.advo(betnr)["kommunikation"]] == ["+495111234568"]
    assert Conflict.objects.filter(advo="+495111234569").count() == 1
