"""What the snapshot of a record hands to the plan of its contact points: links or none, limits, rules."""

from dataclasses import replace

import pytest

from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.plan import KommunikationSnapshot
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import Facts, KommPolicy, OnConflict, ReportCode, Variant
from syncapp.core.parts import Around, Direction
from tests.core.kommunikation.test_tables import codes, entry, item, link, variants

OLD, NEW = "+4951110001", "+4951110002"
CHANGED = KommunikationSnapshot((item(NEW),), (entry(1, OLD),), links=(link(1, OLD),), our_hash="0123")


def test_links_of_yesterday_s_database_do_not_count() -> None:
    today, yesterday = CHANGED.plan(Around()), CHANGED.plan(Around(stale_base=True))
    assert variants(today) == [(Variant.change_entry, 1)]
    assert variants(yesterday) == [(Variant.add_entry, None), (Variant.add_item, 1)]
    assert yesterday == replace(CHANGED, links=(), our_hash="").plan(Around())


def test_links_count_without_a_hash_of_ours() -> None:
    assert replace(CHANGED, our_hash="").plan(Around()) == CHANGED.plan(Around())


@pytest.mark.parametrize(
    "medium, values, assumed",
    [
        (Medium.phone, (OLD, NEW), "max_phones"),
        (Medium.email, ("a@kanzlei.example", "b@kanzlei.example"), "max_emails"),
    ],
    ids=["phones", "emails"],
)
def test_what_espocrm_said_of_its_room_counts_before_what_is_assumed(
    medium: Medium, values: tuple[str, str], assumed: str
) -> None:
    held, new = values
    other = Medium.email if medium is Medium.phone else Medium.phone
    snapshot = KommunikationSnapshot((item(held),), (entry(1, held), entry(2, new)))

    def has_room(*, by_facts: int | None, most: dict[Medium, int]) -> bool:
        facts = Facts(**{assumed: by_facts})  # type: ignore[arg-type]
        made = replace(snapshot, facts=facts, refusals=Refusals(most=most)).plan(Around())
        return (ReportCode.over_maximum, 2) not in codes(made)

    assert has_room(by_facts=None, most={})
    assert not has_room(by_facts=1, most={})
    assert not has_room(by_facts=None, most={medium: 1})
    assert has_room(by_facts=1, most={medium: 2})
    assert has_room(by_facts=None, most={other: 1})
    assert not has_room(by_facts=1, most={other: 2})


def test_the_policy_is_the_installation_s() -> None:
    new_in_advoware = KommunikationSnapshot(
        (), (entry(1, NEW),), our_hash="0123", policy=KommPolicy(new_in_advoware_on_conflict=OnConflict.slot)
    )
    made = new_in_advoware.plan(Around(direction=Direction.to_advoware))
    assert variants(made) == [(Variant.emptied, 1)]
