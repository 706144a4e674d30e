"""A hint at the betNr of a record that is tied to none: it is read ahead, and nothing is decided by it."""

import threading
from typing import Any

import pytest

from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from tests.support.firm import Firm

# Several threads work: each sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = 990099


def beteiligter(firm: Firm, **values: object) -> int:
    return int(firm.sandbox.clerk.create(**{"name": "Person", "vorname": "Ada", "anrede": "Frau", **values})["betNr"])


def shown(firm: Firm, betnr: int | None) -> str:
    """A record of EspoCRM that shows this number, unknown to us; the calls so far are forgotten."""
    values = {"name": "Person", "vorname": "Ada", "anrede": "Frau", "titel": None, "bAnrede": None}
    espo_id = firm.new(**values, geburtsdatum=None, betnr=betnr)
    firm.sandbox.clear_calls()
    return espo_id


def gets(firm: Firm) -> tuple[int, int]:
    """(in EspoCRM, in Advoware)"""
    counts = firm.counts()
    return counts["espocrm"]["GET"], counts.get("advoware", {}).get("GET", 0)


@pytest.mark.parametrize("hinted", [False, True])
def test_a_right_hint_costs_no_call_more(firm: Firm, hinted: bool) -> None:
    betnr = beteiligter(firm)
    espo_id = shown(firm, betnr)
    assert firm.sync(espo_id, hint=betnr if hinted else None).status == "clean"
    assert (gets(firm), firm.record(espo_id).betnr) == ((1, 1), betnr)


def test_both_sides_are_read_at_the_same_time(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    betnr = beteiligter(firm)
    espo_id, asked = shown(firm, betnr), threading.Event()
    there, here = AdvowareClient.get, EspoClient.get

    def advoware(client: AdvowareClient, number: int) -> Any:
        asked.set()
        return there(client, number)

    def espocrm(client: EspoClient, record_id: str) -> Any:
        assert asked.wait(20), "Advoware is asked only when EspoCRM has answered"
        return here(client, record_id)

    monkeypatch.setattr(AdvowareClient, "get", advoware)
    monkeypatch.setattr(EspoClient, "get", espocrm)
    assert firm.sync(espo_id, hint=betnr).status == "clean"


@pytest.mark.parametrize("wrong", ["another's", NOBODY])
def test_what_a_wrong_hint_has_read_is_thrown_away(firm: Firm, wrong: object) -> None:
    other, betnr = beteiligter(firm, name="Andere"), beteiligter(firm)
    espo_id = shown(firm, betnr)
    assert firm.sync(espo_id, hint=NOBODY if wrong == NOBODY else other).status == "clean"
    assert (gets(firm), firm.record(espo_id).betnr) == ((1, 2), betnr)
    assert firm.advo(other)["name"] == "Andere"


def test_nothing_is_linked_by_a_hint(firm: Firm) -> None:
    """EspoCRM shows no number any more: a Beteiligter is made, as for every new record."""
    other = beteiligter(firm, name="Andere")
    espo_id = shown(firm, None)
    assert firm.sync(espo_id, hint=other).status == "clean"
    assert firm.record(espo_id).betnr not in (None, other)
    assert firm.counts()["advoware"]["POST"] == 1
    assert firm.advo(other)["name"] == "Andere"


@pytest.mark.parametrize("hint", [None, NOBODY])
def test_a_number_that_advoware_does_not_know_is_proved_as_ever(firm: Firm, hint: int | None) -> None:
    firm.pair(name="Known")
    espo_id = shown(firm, NOBODY)
    assert firm.sync(espo_id, hint=hint).status == "deleted_in_advoware"
    assert gets(firm) == (1, 2), "the number, and another one that proves that the address is right"


def test_a_number_of_another_record_is_refused_whatever_the_hint(firm: Firm) -> None:
    _holder, betnr = firm.pair()
    espo_id = shown(firm, betnr)
    firm.sync(espo_id, hint=betnr)
    record = firm.record(espo_id)
    assert (record.status, record.kind, record.betnr) == ("failed", "duplicate_link", None)


@pytest.mark.parametrize("hint", ["the number", "another's"])
def test_advoware_fails_and_nothing_is_linked(firm: Firm, hint: str) -> None:
    other, betnr = beteiligter(firm, name="Andere"), beteiligter(firm)
    espo_id = shown(firm, betnr)
    firm.sandbox.fault("advoware", "status", status=500, method="GET", count=None)
    firm.sync(espo_id, hint=betnr if hint == "the number" else other)
    record = firm.record(espo_id)
    assert (record.status, record.kind, record.betnr) == ("failed", "transient", None)


def test_a_record_that_is_gone_in_espocrm_leaves_nothing(firm: Firm) -> None:
    betnr = beteiligter(firm)
    espo_id = shown(firm, betnr)
    firm.sandbox.anna.delete(espo_id)
    without = shown(firm, betnr)
    firm.sandbox.anna.delete(without)
    hinted, plain = firm.sync(espo_id, hint=betnr), firm.sync(without)
    assert (hinted.ended, hinted.status) == (plain.ended, plain.status)


def test_a_linked_record_needs_no_hint(firm: Firm) -> None:
    other = beteiligter(firm, name="Andere")
    espo_id, betnr = firm.pair()
    assert firm.sync(espo_id, hint=other).status == "clean"
    assert (gets(firm), firm.record(espo_id).betnr) == ((1, 1), betnr)
