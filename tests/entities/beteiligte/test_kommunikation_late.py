"""Writes of contact points that nobody answered and that Advoware carries out later: nothing of EspoCRM's is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.systems import System
from syncapp.engine.rows.lease import LATE_LOOK
from syncapp.models import Conflict, ContactLink, SyncRecord
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.http.errors import OutcomeUnknown
from syncapp.words import sentences
from tests.entities.beteiligte.test_kommunikation import MOBILE, OFFICE, entry, phones, tlfs
from tests.support.firm import Firm

A, B, C = "+495111234567", "+495117777777", "+495118888888"
NEW, THIRD = ({**OFFICE, "phoneNumber": number} for number in (B, C))


@dataclass
class Unanswered:
    """The next such write is not answered; it lands when the test says so."""

    patch: pytest.MonkeyPatch
    write: Callable[[], Any] | None = None

    def next(self, name: str) -> None:
        real = getattr(AdvowareClient, name)

        def send(client: AdvowareClient, *args: Any, **values: Any) -> Any:
            self.patch.setattr(AdvowareClient, name, real)
            self.write = lambda: real(client, *args, **values)
            raise OutcomeUnknown("slow", system=System.ADVOWARE, operation=name)

        self.patch.setattr(AdvowareClient, name, send)

    def next_put(self) -> None:
        self.next("update_kommunikation")

    def next_post(self) -> None:
        self.next("create_kommunikation")

    def lands(self) -> None:
        assert self.write is not None
        self.write()


@pytest.fixture
def unanswered(monkeypatch: pytest.MonkeyPatch) -> Unanswered:
    return Unanswered(monkeypatch)


def changes(firm: Firm, espo_id: str, *numbers: dict[str, Any]) -> str | None:
    """Anna changes the numbers, and a run follows."""
    firm.sandbox.anna.change(espo_id, phoneNumberData=list(numbers))
    firm.ask(espo_id)
    return firm.sync(espo_id).status


def late_look_has_come(espo_id: str) -> None:
    past = timezone.now() - timedelta(minutes=1)
    assert SyncRecord.objects.filter(espo_id=espo_id, late_look_at__gt=timezone.now()).update(late_look_at=past)


def overtaken(firm: Firm, unanswered: Unanswered) -> tuple[str, int]:
    """A became B, which was not answered, and then C."""
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    unanswered.next_put()
    assert changes(firm, espo_id, NEW) == "failed"
    assert changes(firm, espo_id, THIRD) == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([C], [C])
    return espo_id, betnr


def logged(firm: Firm, espo_id: str) -> list[tuple[str, str | None, str | None, str]]:
    return list(Conflict.objects.filter(record__espo_id=espo_id).values_list("case", "espo", "advo", "kept"))


def test_a_late_put_of_a_contact_point_is_corrected_and_logged(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, betnr = overtaken(firm, unanswered)
    look = firm.record(espo_id).late_look_at
    assert look is not None
    assert timedelta() < look - timezone.now() <= LATE_LOOK
    unanswered.lands()
    assert tlfs(firm, betnr) == [B]
    assert firm.sync(espo_id).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([C], [C])
    assert logged(firm, espo_id) == [("late_writer", C, B, "espocrm")]
    assert "contact_late_writer" in {report["code"] for report in firm.record(espo_id).reports}
    firm.is_silent(espo_id)


def test_it_is_corrected_by_the_late_look_and_is_an_edit_from_then_on(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, betnr = overtaken(firm, unanswered)
    unanswered.lands()
    late_look_has_come(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([C], [C])
    assert firm.record(espo_id).late_look_at is None
    assert not ContactLink.objects.exclude(pending=None).exists()
    firm.sync(espo_id)  # whoever undoes that next is a person
    held = entry(firm, betnr, C)
    firm.sandbox.clerk.change_contact(betnr, held["id"], tlf=B, bemerkung=held["bemerkung"], online=True)
    firm.sync(espo_id)
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([B], [B])


def test_a_late_put_brings_no_deleted_number_back(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE])
    unanswered.next_put()
    assert changes(firm, espo_id, NEW, MOBILE) == "failed"
    assert changes(firm, espo_id, MOBILE) == "clean"
    unanswered.lands()
    assert B in tlfs(firm, betnr)
    assert firm.sync(espo_id).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([MOBILE["phoneNumber"]], [MOBILE["phoneNumber"]])
    firm.is_silent(espo_id)


def test_a_number_that_was_to_be_emptied_comes_back_if_it_has_been_entered_since(
    firm: Firm, unanswered: Unanswered
) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE])
    unanswered.next_put()
    assert changes(firm, espo_id, MOBILE) == "failed"
    assert changes(firm, espo_id, NEW, MOBILE) == "clean"
    unanswered.lands()
    assert B not in tlfs(firm, betnr)
    assert firm.sync(espo_id).status == "clean"
    assert tlfs(firm, betnr) == phones(firm, espo_id) == sorted([B, MOBILE["phoneNumber"]])
    assert entry(firm, betnr, B)["online"]
    firm.is_silent(espo_id)


def test_a_late_marker_sets_no_later_number_back(firm: Firm, unanswered: Unanswered) -> None:
    """It carries the value that it was not meant to change."""
    espo_id, betnr = firm.pair(phoneNumberData=[MOBILE])
    firm.sandbox.clerk.add_contact(betnr, tlf=A, kommKz=1)
    unanswered.next_put()
    assert firm.sync(espo_id).status == "failed"
    assert firm.sync(espo_id).status == "clean"
    firm.sandbox.clerk.change_contact(betnr, entry(firm, betnr, A)["id"], tlf=C, online=True)
    assert firm.sync(espo_id).status == "clean"
    assert C in phones(firm, espo_id)
    unanswered.lands()
    assert firm.sync(espo_id).status == "clean"
    assert tlfs(firm, betnr) == phones(firm, espo_id) == sorted([C, MOBILE["phoneNumber"]])


def test_a_new_number_whose_marker_was_not_answered_is_nobody_s_late_write(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[MOBILE])
    firm.sandbox.clerk.add_contact(betnr, tlf=A, kommKz=1)
    unanswered.next_put()
    firm.sync(espo_id)
    firm.sync(espo_id)
    assert tlfs(firm, betnr) == phones(firm, espo_id) == sorted([A, MOBILE["phoneNumber"]])
    assert not logged(firm, espo_id)


def test_what_was_not_sent_after_the_one_without_an_answer_cannot_land(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, _betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE])
    unanswered.next_put()
    changes(firm, espo_id, NEW, {**MOBILE, "phoneNumber": "+491709999999"})
    lands = [row.pending.get("lands", True) for row in ContactLink.objects.order_by("entry_id") if row.pending]
    assert sorted(lands) == [False, True]


# --- a POST


def sent_in_vain(firm: Firm, unanswered: Unanswered) -> tuple[str, int]:
    """A new number was sent to Advoware, and no answer came."""
    espo_id, betnr = firm.pair()
    unanswered.next_post()
    assert changes(firm, espo_id, OFFICE) == "failed"
    return espo_id, betnr


def waits(firm: Firm, espo_id: str) -> timedelta:
    return (firm.record(espo_id).next_retry_at or timezone.now()) - timezone.now()


def test_a_number_sent_without_an_answer_is_not_sent_again_as_long_as_it_may_arrive(
    firm: Firm, unanswered: Unanswered
) -> None:
    espo_id, betnr = sent_in_vain(firm, unanswered)
    assert timedelta(minutes=4) < waits(firm, espo_id) < timedelta(minutes=6)
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)
    assert firm.sync(espo_id, forced=False).status == "failed"
    assert (firm.record(espo_id).kind, tlfs(firm, betnr)) == ("transient", [])
    assert firm.advo(betnr)["titel"] == "Prof."
    assert timedelta(minutes=4) < waits(firm, espo_id) < timedelta(minutes=6)
    assert "Advoware hat nicht beantwortet" in sentences.sentence(firm.record(espo_id).fault, values=True)
    unanswered.lands()
    assert firm.sync(espo_id).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([A], [A])
    firm.is_silent(espo_id)


def test_a_number_that_never_arrived_is_sent_again_when_it_cannot_any_more(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, betnr = sent_in_vain(firm, unanswered)
    late_look_has_come(espo_id)
    firm.due(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([A], [A])
    assert not ContactLink.objects.exclude(pending=None).exists()
    firm.is_silent(espo_id)


def test_a_number_deleted_while_it_was_under_way_does_not_come_back(firm: Firm, unanswered: Unanswered) -> None:
    mobile = MOBILE["phoneNumber"]
    espo_id, betnr = firm.pair(phoneNumberData=[MOBILE])
    unanswered.next_post()
    assert changes(firm, espo_id, OFFICE, MOBILE) == "failed"
    assert changes(firm, espo_id, MOBILE) == "clean"
    unanswered.lands()
    assert tlfs(firm, betnr) == sorted([A, mobile])
    late_look_has_come(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([mobile], [mobile])
    firm.is_silent(espo_id)


def test_nor_is_it_sent_again_where_it_is_entered_anew_meanwhile(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, betnr = sent_in_vain(firm, unanswered)
    assert changes(firm, espo_id) == "clean"
    assert changes(firm, espo_id, OFFICE) == "failed"
    unanswered.lands()
    assert firm.sync(espo_id).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([A], [A])


def test_an_entry_whose_number_was_deleted_does_not_take_the_one_under_way(firm: Firm, unanswered: Unanswered) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    unanswered.next_post()
    assert changes(firm, espo_id, OFFICE, {**NEW, "primary": False}) == "failed"
    assert changes(firm, espo_id, NEW) == "failed"
    unanswered.lands()
    assert firm.sync(espo_id).status == "clean"
    assert (tlfs(firm, betnr), phones(firm, espo_id)) == ([B], [B])
    firm.is_silent(espo_id)
