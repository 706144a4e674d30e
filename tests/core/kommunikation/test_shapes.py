"""What a contact plan says of itself: the writes that are shown before they are made, and the body of the PATCH."""

from dataclasses import replace

import pytest

from syncapp.core.kommunikation.answers import Accused
from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.plan import KommunikationSnapshot
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import ContactPlan, Facts, Item, Variant
from syncapp.core.parts import Around, Direction, PlannedWrite
from syncapp.core.sides import Side
from tests.core.kommunikation.test_tables import MAIL, A, B, entry, item, link, mark, planned, put_of, variants


def test_a_new_entry_is_shown_with_all_that_is_sent() -> None:
    made = planned([item(A, "Mobile")], [], [])
    values = {"tlf": A, "bemerkung": mark(A, 3), "kommKz": 3, "online": True}
    assert made.advoware_writes() == (PlannedWrite(Side.advoware, "create", "kommunikation", values, "Var1"),)


def test_a_changed_entry_is_shown_by_its_number() -> None:
    made = planned([item(B)], [entry(7, A, mark(A))], [link(7, A)])
    sent = put_of(made, 7)
    values = {"tlf": B, "bemerkung": sent.bemerkung, "online": sent.online}
    assert (sent.tlf, sent.bemerkung) == (B, mark(B))
    assert made.advoware_writes() == (PlannedWrite(Side.advoware, "change", "kommunikation.7", values, "Var5"),)


def test_a_step_without_a_write_is_no_write() -> None:
    made = planned([item(A), item(B)], [entry(2, B, mark(B))], [link(1, A), link(2, B)])
    assert variants(made) == [(Variant.remove_item, None)]
    assert (made.writes, made.advoware_writes(), made.espocrm_writes()) == ((), (), ())


LISTS = ContactPlan(
    phones=(Item(Medium.phone, A, "Office", primary=True), Item(Medium.phone, B, "Fax", opt_out=True)),
    emails=(Item(Medium.email, MAIL, None, invalid=True),),
)
PHONES = [
    {"phoneNumber": A, "type": "Office", "primary": True, "optOut": False, "invalid": False},
    {"phoneNumber": B, "type": "Fax", "primary": False, "optOut": True, "invalid": False},
]
EMAILS = [{"emailAddress": MAIL, "primary": False, "optOut": False, "invalid": True}]


@pytest.mark.parametrize(
    "plan, without, body",
    [
        (LISTS, (), {"phoneNumberData": PHONES, "emailAddressData": EMAILS}),
        (LISTS, (Medium.phone,), {"emailAddressData": EMAILS}),
        (LISTS, (Medium.email,), {"phoneNumberData": PHONES}),
        (LISTS, (Medium.phone, Medium.email), {}),
        (replace(LISTS, phones=None), (), {"emailAddressData": EMAILS}),
        (replace(LISTS, emails=None), (), {"phoneNumberData": PHONES}),
        (replace(LISTS, phones=(), emails=()), (), {"phoneNumberData": [], "emailAddressData": []}),
        (ContactPlan(), (), {}),
    ],
    ids=["both", "phones refused", "e-mails refused", "both refused", "e-mails", "phones", "emptied", "nothing"],
)
def test_the_body_of_the_patch(plan: ContactPlan, without: tuple[Medium, ...], body: dict[str, object]) -> None:
    assert plan.espocrm_values(without=without) == body


# --- the snapshot hands everything to the plan


def snapshot(**more: object) -> KommunikationSnapshot:
    known = {"items": (item(A),), "entries": (entry(1, A, mark(A)),), "links": (link(1, A),), "our_hash": "1"}
    return KommunikationSnapshot(**{**known, "hash_in_espocrm": "1", **more})  # type: ignore[arg-type]


def test_lists_links_facts_and_policy_come_to_the_plan() -> None:
    assert snapshot().plan(Around()).is_empty
    swiss = snapshot(
        items=(item("+41442112345"),), entries=(entry(1, "044 211 23 45"),), links=(), facts=Facts(region="CH")
    )
    assert variants(swiss.plan(Around())) == [(Variant.match, 1)]
    assert snapshot(items=None).plan(Around()).stopped is not None
    assert snapshot(entries=None).plan(Around()).stopped is not None


@pytest.mark.parametrize(
    "more, around, gone",
    [
        ({}, Around(), True),
        ({"our_hash": ""}, Around(), True),
        ({"links": ()}, Around(), False),
        ({"our_hash": "", "links": ()}, Around(), True),
        ({}, Around(stale_base=True), True),
    ],
    ids=["linked", "linked, not complete", "nothing linked", "nothing known, the marker tells", "an older database"],
)
def test_where_links_are_known_a_marker_is_no_proof(more: dict[str, object], around: Around, gone: bool) -> None:
    """The item is gone in EspoCRM: by a link, or by the marker where links are not known, its entry is emptied."""
    made = snapshot(items=(item(B),), **more).plan(around)
    assert any(operation.removes or operation.variant is Variant.change_entry for operation in made.operations) is gone


def test_links_are_stale_where_espocrm_was_synced_after_our_database() -> None:
    found = [
        (our_hash, stale)
        for our_hash in ("1", "")
        for stale in (True, False)
        if snapshot(our_hash=our_hash).links_are_stale(Around(stale_base=stale))
    ]
    assert found == [("1", True)]


def test_an_untouched_record_and_a_direction_come_to_the_plan() -> None:
    alone = snapshot(items=(), links=(), our_hash="", facts=Facts())
    assert variants(alone.plan(Around(espo_untouched=True))) != variants(alone.plan(Around()))
    fresh = snapshot(items=(), entries=(entry(2, B),), links=(), our_hash="")
    assert variants(fresh.plan(Around())) == [(Variant.add_item, 2)]
    assert variants(fresh.plan(Around(direction=Direction.to_advoware))) == []


def test_what_espocrm_has_refused_stays_out() -> None:
    fresh = snapshot(items=(), entries=(entry(2, B),), links=(), our_hash="")
    refused = replace(fresh, refusals=Refusals(accused=(Accused(Medium.phone, 2, B),)))
    assert variants(refused.plan(Around())) == []
