"""The decision tables of the contact plan, row by row, each against a plan made for it alone."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.answers import (
    Accused,
    Answered,
    acquitted,
    after_answer,
    content_hash,
    final_links,
    is_doubtful,
    is_relevant,
    likely_culprit,
    relevant_row_ids,
    room_left,
)
from syncapp.core.kommunikation.kinds import (
    KOMM_KINDS,
    KindTable,
    Medium,
    UnknownKommKz,
    espo_spelling,
    form_of,
    guess_komm_kz,
    kind_table,
)
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import (
    ContactPlan,
    Entry,
    Facts,
    Item,
    KommPolicy,
    LateWrite,
    Link,
    LinkBase,
    ListName,
    OnConflict,
    Operation,
    Pending,
    Phase,
    PostEntry,
    PutEntry,
    ReportCode,
    Stop,
    TypeChange,
    Variant,
)
from syncapp.core.parts import Direction
from tests.core.kommunikation.planned import plan

A, B, C, D = "+4951110001", "+4951110002", "+4951110003", "+4951110004"
MAIL = "a@example.org"
EMPTY_SEEN = Facts(empty_seen=frozenset(ListName))


def item(value: str, type: str = "Office", **flags: bool) -> Item:
    medium = Medium.email if "@" in value else Medium.phone
    return Item(medium, value, type if medium is Medium.phone else None, **flags)


def mark(value: str, komm_kz: int = 1) -> str:
    return markers.Marker(value, komm_kz).text


def slot(komm_kz: int = 1) -> str:
    return markers.SlotMarker(komm_kz).text


def base(value: str, advo: str | None = None) -> LinkBase:
    form = form_of(value, "DE")
    assert form
    return LinkBase(form.medium, form.key, value, value if advo is None else advo)


def entry(entry_id: int, tlf: str | None, remark: str | None = None, **more: Any) -> Entry:
    return Entry(entry_id, f"row{entry_id}", tlf, remark, **{"komm_kz": 0, "online": True, **more})


def link(entry_id: int | None, value: str | None = None, komm_kz: int = 1, **more: Any) -> Link:
    types = {"item_type": "Office"} if value and "@" not in value else {}
    return Link(entry_id, komm_kz, base=base(value) if value else None, **{**types, **more})


def planned(items: list[Item], entries: list[Entry], links: list[Link], **more: Any) -> ContactPlan:
    return plan(items=items, entries=entries, links=links, **more)


def variants(made: ContactPlan) -> list[tuple[str, int | None]]:
    return [(operation.variant, operation.entry_id) for operation in made.operations]


def codes(made: ContactPlan) -> list[tuple[str, int | None]]:
    return [(report.code, report.entry_id) for report in made.reports]


def phones(made: ContactPlan) -> list[str] | None:
    return None if made.phones is None else [one.value for one in made.phones]


def link_of(made: ContactPlan, entry_id: int) -> Link:
    (found,) = [one for one in made.links_after if one.entry_id == entry_id]
    return found


def put_of(made: ContactPlan, entry_id: int) -> PutEntry:
    (write,) = [one.write for one in made.writes if one.entry_id == entry_id]
    assert isinstance(write, PutEntry)
    return write


# --- kommKz

FROM_KOMM_KZ = {1: "Office", 2: "Fax", 3: "Mobile", 6: "Home", 7: "Fax", 9: "Other", 10: "Other"}


@pytest.mark.parametrize("kind", KOMM_KINDS, ids=lambda kind: kind.name)
def test_kommkz_to_espocrm_type(kind: Any) -> None:
    assert kind.espo_type == FROM_KOMM_KZ.get(kind.komm_kz)
    made = planned([], [entry(1, "0511 10001", slot(kind.komm_kz))], [])
    assert [one.type for one in made.phones or ()] == [FROM_KOMM_KZ.get(kind.komm_kz, "Other")]


@pytest.mark.parametrize("komm_kz", [4, 8, 10, 11, 12])
def test_kommkz_of_an_address_is_kept(komm_kz: int) -> None:
    made = planned([], [entry(1, MAIL, slot(komm_kz))], [])
    assert [(one.value, one.type) for one in made.emails or ()] == [(MAIL, None)]
    assert put_of(made, 1).bemerkung == mark(MAIL, komm_kz)


@pytest.mark.parametrize("komm_kz", [5, 10, 12])
def test_kommkz_of_a_web_address_or_text_is_not_representable(komm_kz: int) -> None:
    made = planned([], [entry(1, "www.kanzlei.example", slot(komm_kz))], [])
    assert made.is_empty
    assert codes(made) == [(ReportCode.not_representable, 1)]


@pytest.mark.parametrize(
    "new, komm_kz",
    [
        (item(A, "Office"), 1),
        (item(A, "Fax"), 2),
        (item(A, "Mobile"), 3),
        (item(A, "Home"), 6),
        (item(A, "Other"), 10),
        (item(A, "Assistant"), 10),
        (Item(Medium.phone, A, None), 10),
        (item(MAIL), 4),
    ],
)
def test_espocrm_item_to_kommkz(new: Item, komm_kz: int) -> None:
    made = planned([new], [], [])
    write = made.operations[0].write
    assert write == PostEntry(new.value, mark(new.value, komm_kz), komm_kz, True)


def test_kommkz_table_with_a_firms_own_rows() -> None:
    table = kind_table(types={9: "Car"}, komm_kz={"Car": 9})
    assert table.espo_type(9, phone_types=("Car", "Other"), default_type="Car") == "Car"
    assert table.espo_type(1, phone_types=("Office",), default_type="Office") == "Office"
    assert table.new_komm_kz(Medium.phone, "Car") == 9
    assert kind_table() == KindTable()


@pytest.mark.parametrize("rows", [{"types": {13: "Car"}}, {"komm_kz": {"Car": 0}}])
def test_kommkz_table_refuses_a_kommkz_that_advoware_lacks(rows: dict[str, Any]) -> None:
    with pytest.raises(UnknownKommKz, match="1 to 12"):
        kind_table(**rows)


@pytest.mark.parametrize(
    "phone_types, expected", [(("Home", "Other"), "Home"), (("Mobile", "Other"), "Other"), (("Mobile", "Fax"), "Fax")]
)
def test_type_missing_in_this_installation_falls_back(phone_types: tuple[str, ...], expected: str) -> None:
    facts = Facts(phone_types=phone_types, default_phone_type="Fax")
    made = planned([], [entry(1, A, slot(6))], [], facts=facts)
    assert [one.type for one in made.phones or ()] == [expected]


TOP = {"mobil": "0511 10001", "faxPrivat": "0511 10002", "bea": "x", "ePost": "B@example.org"}


@pytest.mark.parametrize(
    "value, own, komm_kz",
    [
        ("0511 10001", 6, 6),
        ("0511 10001", 0, 3),
        ("0511/10001", None, 3),
        ("+49 511 10002", 13, 7),
        ("b@example.org", -1, 11),
        (MAIL, 0, 4),
        ("0171 1234567", 0, 3),
        ("0511 4711", 0, 1),
        ("https://kanzlei.example/a@b", 0, 5),
        ("kanzlei.example", 0, 5),
        ("siehe Akte", 0, 10),
        ("müller@example.org", 0, 10),
        ("", 0, 10),
        (None, None, 10),
    ],
)
def test_kommkz_of_an_entry_without_marker(value: str | None, own: int | None, komm_kz: int) -> None:
    assert guess_komm_kz(value, own=own, top_level=TOP, region="DE") == komm_kz


def test_kommkz_slot_marker_comes_before_everything_else() -> None:
    made = planned([], [replace(entry(1, "0171 1234567", slot(9)), komm_kz=2)], [])
    assert link_of(made, 1).komm_kz == 9


def test_unknown_kommkz_is_reported_and_guessed() -> None:
    made = planned([], [replace(entry(1, A), komm_kz=99)], [])
    assert (ReportCode.unknown_komm_kz, 1) in codes(made)
    assert link_of(made, 1).komm_kz == 1


# --- the state of our knowledge


def test_pending_and_tlf_equals_it_gives_the_pendings_base() -> None:
    pending = Pending(base(B), B, mark(B))
    made = planned([item(A)], [entry(1, B, mark(B))], [link(1, A, pending=pending)])
    # The write arrived, and the item went back to A since: that is EspoCRM's change, not Advoware's.
    assert variants(made) == [(Variant.change_entry, 1)]


def test_pending_that_did_not_arrive_is_dropped() -> None:
    pending = Pending(base(B), B, mark(B))
    made = planned([item(A)], [entry(1, A, mark(A))], [link(1, A, pending=pending)])
    assert made.is_empty
    assert link_of(made, 1) == replace(link(1, A), late=(LateWrite(B),))


@pytest.mark.parametrize("tlf", ["0511-10001", "+49 (511) 10001", "Durchwahl Müller"])
def test_link_unchanged_if_text_equals_its_spelling_or_the_normal_form_is_equal(tlf: str) -> None:
    known = replace(link(1, A), base=base(A, advo="Durchwahl Müller"))
    made = planned([item(A)], [entry(1, tlf, mark(A))], [known])
    assert made.is_empty
    assert not made.reports


def test_link_unchanged_in_its_spelling_though_the_region_is_another_now() -> None:
    known = replace(link(1, A), base=base(A, advo="0511 10001"))
    made = planned([item(A)], [entry(1, "0511 10001", mark(A))], [known], facts=Facts(region="AT"))
    assert made.is_empty


def test_marker_on_an_unlinked_entry_is_no_proof() -> None:
    made = planned([item(B)], [entry(1, B, mark(B)), entry(2, A, mark(A))], [link(1, B)])
    assert variants(made) == [(Variant.add_item, 2)]


@pytest.mark.parametrize("tlf", [A, C])
def test_pending_post_is_adopted_by_the_unlinked_entry_with_its_marker(tlf: str) -> None:
    post = link(None, pending=Pending(base(A), A, mark(A)))
    made = planned([item(A)], [entry(7, tlf, mark(A))], [post], facts=Facts(links_known=True))
    assert variants(made) == ([] if tlf == A else [(Variant.change_item, 7)])
    assert [one.entry_id for one in made.links_after] == [7]


def test_pending_post_whose_marker_was_cut_is_adopted_by_its_value() -> None:
    post = link(None, pending=Pending(base(A), A, mark(A)))
    made = planned([item(A)], [entry(7, A, mark(A)[:12])], [post])
    assert variants(made) == [(Variant.match, 7)]
    assert put_of(made, 7).bemerkung == ""


def test_pending_post_that_did_not_arrive_is_posted_again() -> None:
    post = link(None, pending=Pending(base(A), A, mark(A)))
    made = planned([item(A)], [], [post], facts=Facts(links_known=True))
    assert variants(made) == [(Variant.add_entry, None)]
    assert len(made.links_before) == 1


def test_no_links_the_markers_value_is_the_base() -> None:
    made = planned([item(A)], [entry(1, B, mark(A))], [], stored_hash="0123")
    assert variants(made) == [(Variant.change_item, 1)]
    assert codes(made) == [(ReportCode.by_marker_alone, 1)]


@pytest.mark.parametrize("direction", [Direction.both, Direction.to_advoware])
def test_no_links_a_removal_on_a_markers_word_is_logged_also_where_it_is_only_owed(direction: Direction) -> None:
    made = planned([item(A)], [entry(1, "", mark(A))], [], stored_hash="0123", direction=direction)
    assert (ReportCode.by_marker_alone, 1) in codes(made)


def test_no_links_of_several_entries_the_one_whose_tlf_equals_the_marker_owns_it() -> None:
    made = planned([], [entry(1, B, mark(A)), entry(2, A, mark(A))], [], stored_hash="0123", facts=EMPTY_SEEN)
    assert variants(made) == [(Variant.clear_entry, 2), (Variant.add_item, 1)]


def test_no_links_of_several_entries_else_the_lowest_id_owns_the_marker() -> None:
    made = planned([item(A)], [entry(2, C, mark(A)), entry(1, B, mark(A))], [], stored_hash="0123")
    assert variants(made) == [(Variant.add_item, 2), (Variant.change_item, 1)]


@pytest.mark.parametrize(
    "untouched, stored_hash, expected",
    [
        (True, "0123", Variant.add_item),
        (False, "0123", Variant.clear_entry),
        (False, None, Variant.add_item),
        (True, None, Variant.add_item),
    ],
)
def test_no_links_an_unfinished_var4_is_no_deletion(untouched: bool, stored_hash: str | None, expected: str) -> None:
    facts = replace(EMPTY_SEEN, espo_untouched=untouched)
    made = planned([], [entry(1, A, mark(A))], [], stored_hash=stored_hash, facts=facts)
    assert variants(made) == [(expected, 1)]
    assert codes(made) == ([(ReportCode.by_marker_alone, 1)] if expected is Variant.clear_entry else [])


def test_no_links_but_known_to_be_complete_a_marker_is_no_proof() -> None:
    made = planned([], [entry(1, A, mark(A))], [], stored_hash="0123", facts=Facts(links_known=True))
    assert variants(made) == [(Variant.add_item, 1)]


def test_no_links_an_empty_espocrm_list_is_looked_at_twice_before_markers_empty_their_entries() -> None:
    made = planned([], [entry(1, A, mark(A))], [], stored_hash="0123")
    assert made.stopped is Stop.empty_list


def test_a_link_whose_spelling_belongs_to_another_item_makes_no_item_vanish() -> None:
    """As after an update of the phone library, or a restored database: two values are two items all the same."""
    wrong = LinkBase(Medium.phone, B, espo=A, advo=B)
    made = planned(
        [item(A, primary=True), item(B)], [entry(1, B), entry(2, C)], [link(1), replace(link(2), base=wrong)]
    )
    assert phones(made) == [A, B, C]


# --- stage 1


def test_match_first_the_linked_one_with_this_base_then_linked_then_lowest_id() -> None:
    entries = [entry(1, A), entry(2, A), entry(3, A)]
    assert variants(planned([item(A)], entries, [link(3, A), link(2)])) == [(Variant.match, 3)]
    assert variants(planned([item(A)], entries, [link(2)])) == [(Variant.match, 2)]
    assert variants(planned([item(A)], entries, [])) == [(Variant.match, 1)]


def test_match_keeps_a_marker_in_another_spelling() -> None:
    made = planned([item(A)], [entry(1, A, mark("0511 10001"))], [link(1, A)])
    assert made.is_empty


def test_alias_is_linked_and_gets_no_marker_but_a_false_one_is_replaced() -> None:
    entries = [entry(1, A, mark(A)), entry(2, A), entry(3, A, mark(B, 3))]
    made = planned([item(A)], entries, [link(1, A), link(2), link(3, komm_kz=3)])
    assert variants(made) == [(Variant.match, 3)]
    assert put_of(made, 3).bemerkung == mark(A, 3)
    assert [link_of(made, number).alias for number in (1, 2, 3)] == [False, True, True]
    assert link_of(made, 2).base == base(A)


def test_alias_becomes_the_match_when_the_match_is_gone() -> None:
    made = planned([item(A)], [entry(2, A)], [link(1, A), link(2, A, alias=True)])
    assert variants(made) == [(Variant.match, 2)]
    assert not made.changes_espocrm
    assert link_of(made, 2).alias is False


# --- stage 2


LATE = Pending(base(B), B, "")


def test_alias_follows_an_item_whose_match_has_followed_before_a_crash() -> None:
    links = [link(1, B), link(2, A, alias=True, pending=LATE)]
    made = planned([item(B)], [entry(1, B, mark(B)), entry(2, A)], links)
    assert variants(made) == [(Variant.change_entry, 2)]
    assert put_of(made, 2) == PutEntry(2, B, "", True)


@pytest.mark.parametrize("is_alias", [True, False])
def test_entry_that_could_not_follow_holds_its_item_though_the_one_that_did_was_deleted(is_alias: bool) -> None:
    links = [link(1, B, alias=not is_alias), link(2, A, alias=is_alias, pending=LATE)]
    made = planned([item(B)], [entry(2, A)], links)
    assert variants(made) == [(Variant.change_entry, 2)]
    assert put_of(made, 2).tlf == B
    assert link_of(made, 2).alias is False
    assert made.phones is None


def test_entry_that_could_not_follow_holds_its_item_though_the_one_that_did_was_emptied() -> None:
    links = [link(1, B), link(2, A, alias=True, pending=LATE)]
    made = planned([item(B)], [entry(1, "", mark(B)), entry(2, A)], links)
    assert variants(made) == [(Variant.change_entry, 2), (Variant.slot, 1)]
    assert made.phones is None


def test_entry_that_could_not_follow_holds_its_item_though_the_one_that_did_was_changed() -> None:
    links = [link(1, B), link(2, A, alias=True, pending=LATE)]
    made = planned([item(B)], [entry(1, C, mark(B)), entry(2, A)], links)
    assert variants(made) == [(Variant.change_entry, 2), (Variant.add_item, 1)]
    assert made.phones is not None
    assert {one.value for one in made.phones} == {B, C}


def test_entry_that_could_not_follow_and_what_people_typed_since_is_a_conflict() -> None:
    links = [link(1, B), link(2, A, alias=True, pending=LATE)]
    made = planned([item(B)], [entry(2, C)], links)
    assert (put_of(made, 2).tlf, codes(made)) == (B, [(ReportCode.lost_value, 2)])


@pytest.mark.parametrize("tlf", ["", "siehe Akte"])
def test_entry_that_could_not_follow_and_cannot_now_leaves_the_deleted_item_deleted(tlf: str) -> None:
    links = [link(1, B), link(2, A, alias=True, pending=LATE)]
    made = planned([item(B)], [entry(2, tlf)], links)
    assert (Variant.remove_item, None) in variants(made)
    assert made.phones == ()


def test_entry_that_could_not_follow_leaves_its_item_to_the_one_that_holds_it_by_now() -> None:
    made = planned([item(B)], [entry(1, B, mark(B)), entry(2, A)], [link(1, B), link(2, A, pending=LATE)])
    assert variants(made) == [(Variant.clear_entry, 2)]


def test_entry_that_could_not_follow_does_so_though_its_alias_has_followed_already() -> None:
    links = [link(1, A, pending=LATE), link(2, B, komm_kz=3, alias=True)]
    made = planned([item(B)], [entry(1, A, mark(A)), entry(2, B)], links)
    assert variants(made) == [(Variant.change_entry, 1), (Variant.match, 2)]
    assert put_of(made, 1).tlf == B


def test_entry_that_could_not_follow_leaves_its_item_to_one_that_was_added_beside_its_alias() -> None:
    links = [link(1, A, pending=LATE), link(2, B, alias=True)]
    made = planned([item(B)], [entry(1, A, mark(A)), entry(2, B), entry(3, B)], links)
    assert (Variant.clear_entry, 1) in variants(made)


def test_entry_that_could_not_follow_needs_an_item_of_the_same_kind() -> None:
    made = planned([item(B, "Mobile")], [entry(2, A)], [link(2, A, pending=LATE)])
    assert variants(made) == [(Variant.add_entry, None), (Variant.clear_entry, 2)]


def test_entry_that_could_not_follow_takes_its_item_and_not_the_first_of_several() -> None:
    made = planned([item(A), item(B)], [entry(2, C, "Empfang")], [link(2, C, pending=LATE)])
    assert variants(made) == [(Variant.add_entry, None), (Variant.change_entry, 2)]
    assert put_of(made, 2).tlf == B


def test_entry_that_could_not_follow_is_owed_under_to_espocrm_and_its_item_stays() -> None:
    links = [link(1, B), link(2, A, alias=True, pending=LATE)]
    made = planned([item(B)], [entry(2, A)], links, direction=Direction.to_espocrm)
    assert made.is_empty
    assert made.skipped
    assert codes(made) == [(ReportCode.change_owed, 2)]
    later = planned([item(B)], [entry(2, A)], list(made.links_after))
    assert variants(later) == [(Variant.change_entry, 2)]


def test_entry_that_could_not_follow_and_is_owed_holds_its_item_though_the_other_is_deleted_later() -> None:
    links = [link(1, B), link(2, A, alias=True, pending=LATE)]
    made = planned([item(B)], [entry(1, B, mark(B)), entry(2, A)], links, direction=Direction.to_espocrm)
    later = planned([item(B)], [entry(2, A)], list(made.links_after))
    assert (variants(later), phones(later)) == ([(Variant.change_entry, 2)], None)


# --- stage 3


def test_var6_if_the_value_exists_already_the_item_goes_and_the_entry_is_an_alias() -> None:
    entries = [entry(1, C, mark(A)), entry(2, C, mark(B))]
    made = planned([item(A), item(B)], entries, [link(1, A), link(2, B)])
    assert variants(made) == [(Variant.change_item, 1), (Variant.change_item, 2)]
    assert phones(made) == [C]
    assert (link_of(made, 1).alias, link_of(made, 2).alias) == (False, True)
    assert put_of(made, 2).bemerkung == mark(C)


def test_var6_to_advoware_is_reverted_and_the_lost_value_logged() -> None:
    made = planned([item(A)], [entry(1, B, "")], [link(1, A)], direction=Direction.to_advoware)
    assert variants(made) == [(Variant.revert, 1)]
    assert put_of(made, 1) == PutEntry(1, A, mark(A), True)
    assert codes(made) == [(ReportCode.lost_value, 1)]
    assert not made.skipped


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("tlf", ["siehe Akte", "müller@example.org", "a b@example.org", "x" * 500])
def test_frozen_not_representable(tlf: str, direction: Direction) -> None:
    made = planned([item(A)], [entry(1, tlf, mark(A))], [link(1, A)], direction=direction)
    assert made.is_empty
    assert codes(made) == [(ReportCode.frozen, 1)]
    assert link_of(made, 1) == link(1, A)
    assert not made.skipped


def test_frozen_refused_earlier() -> None:
    made = planned([item(A)], [entry(1, B, mark(A))], [link(1, A, refused_value=B)])
    assert made.is_empty
    assert made.reports[0].params == {"reason": "refused"}


def test_frozen_refused_just_now_the_marker_is_taken_back() -> None:
    made = planned([item(A)], [entry(1, B, f"{mark(B)} Text")], [link(1, A)], facts=Facts(refused=frozenset({(1, B)})))
    assert variants(made) == [(Variant.marker_back, 1)]
    assert put_of(made, 1).bemerkung == f"{mark(A)} Text"
    assert link_of(made, 1).refused_value == B


def test_refused_value_is_forgotten_when_the_entry_changes() -> None:
    made = planned([item(A)], [entry(1, C, mark(A))], [link(1, A, refused_value=B)])
    assert variants(made) == [(Variant.change_item, 1)]
    assert link_of(made, 1).refused_value is None


def test_var6_over_another_medium_is_a_removal_and_an_addition() -> None:
    made = planned([item(A, primary=True)], [entry(1, MAIL, mark(A))], [link(1, A)])
    assert variants(made) == [(Variant.add_item, 1), (Variant.remove_item, None)]
    assert (phones(made), [one.value for one in made.emails or ()]) == ([], [MAIL])


# --- stage 4


def test_var3_tlf_empty_and_item_held_by_nobody_else() -> None:
    made = planned([item(A), item(B)], [entry(1, "", mark(A)), entry(2, B, mark(B))], [link(1, A), link(2, B)])
    assert variants(made) == [(Variant.remove_item, 1)]
    assert put_of(made, 1) == PutEntry(1, "", slot(), False)
    assert phones(made) == [B]
    assert [operation.removes for operation in made.operations] == [True]


def test_var3_to_advoware_is_skipped_and_the_link_kept() -> None:
    direction = Direction.to_advoware
    made = planned([item(A)], [entry(1, None, mark(A)), entry(2, MAIL)], [link(1, A)], direction=direction)
    assert made.is_empty
    assert made.skipped
    assert link_of(made, 1) == link(1, A)
    assert (ReportCode.removal_owed, None) in codes(made)


def test_slot_only_where_the_item_is_gone() -> None:
    made = planned([item(B)], [entry(1, "", mark(A)), entry(2, B, mark(B))], [link(1, A), link(2, B)])
    assert variants(made) == [(Variant.slot, 1)]
    assert not made.changes_espocrm


def test_slot_only_where_the_item_is_held_elsewhere() -> None:
    made = planned([item(A)], [entry(1, "", mark(A)), entry(2, A)], [link(1, A), link(2, A, alias=True)])
    assert variants(made) == [(Variant.slot, 1), (Variant.match, 2)]
    assert not made.changes_espocrm


def test_var3_entry_gone() -> None:
    made = planned([item(A), item(B)], [entry(2, B, mark(B))], [link(1, A), link(2, B)])
    assert variants(made) == [(Variant.remove_item, None)]
    assert phones(made) == [B]
    assert [one.entry_id for one in made.links_after] == [2]
    assert {one.entry_id for one in made.links_before} == {1, 2}


def test_var3_entry_holds_another_items_value() -> None:
    made = planned([item(A), item(B)], [entry(1, B, mark(A)), entry(2, B, mark(B))], [link(1, A), link(2, B)])
    assert variants(made) == [(Variant.match, 1), (Variant.remove_item, None)]
    assert phones(made) == [B]
    (intent,) = [one for one in made.links_before if one.entry_id == 1]
    assert intent.base == base(A), "the proof stays until the PATCH"


def test_var3_entry_gone_to_advoware_is_kept_as_owed() -> None:
    links = [link(1, A), link(2, B)]
    made = planned([item(A), item(B)], [entry(2, B, mark(B))], links, direction=Direction.to_advoware)
    assert made.is_empty
    assert made.skipped
    assert set(made.links_after) == set(links)


def test_var3_owed_keeps_the_base_of_an_entry_that_holds_another_value() -> None:
    links = [link(1, A), link(2, B)]
    made = planned([item(A), item(B)], [entry(1, B), entry(2, B, mark(B))], links, direction=Direction.to_advoware)
    assert made.skipped
    assert link_of(made, 1).base == base(A)


def test_var3_never_by_markers_alone() -> None:
    made = planned([item(A), item(B)], [entry(1, B, mark(A))], [], stored_hash="0123")
    assert variants(made) == [(Variant.add_entry, None), (Variant.match, 1)]


# --- stage 5


def test_var5_in_conflict_espocrm_wins_and_the_lost_value_is_logged() -> None:
    made = planned([item(B)], [entry(1, C, mark(A))], [link(1, A)])
    assert variants(made) == [(Variant.change_entry, 1)]
    assert [report.params for report in made.reports] == [{"value": C}]


def test_var5_several_candidates_without_user_text_the_first_serves() -> None:
    made = planned([item(B), item(C)], [entry(1, A, mark(A))], [link(1, A)])
    assert variants(made) == [(Variant.add_entry, None), (Variant.change_entry, 1)]
    assert put_of(made, 1).tlf == B


def test_var5_several_candidates_and_user_text_is_var2_and_var1() -> None:
    made = planned([item(B), item(C)], [entry(1, A, f"{mark(A)} Empfang")], [link(1, A)])
    assert variants(made) == [(Variant.add_entry, None), (Variant.add_entry, None), (Variant.clear_entry, 1)]
    assert put_of(made, 1).bemerkung == f"{slot()} Empfang"


def test_var5_needs_an_item_of_the_same_kind() -> None:
    made = planned([item(B, "Mobile"), item(MAIL)], [entry(1, A, mark(A))], [link(1, A)])
    assert variants(made) == [(Variant.add_entry, None), (Variant.add_entry, None), (Variant.clear_entry, 1)]


def test_var2_slot_user_text_kept_aliases_too() -> None:
    entries = [entry(1, A, f"{mark(A)} Empfang"), entry(2, A, "Zweitgerät"), entry(3, MAIL)]
    links = [link(1, A), link(2, A, komm_kz=3, alias=True), link(3, MAIL)]
    made = planned([item(MAIL), item(D, "Fax")], entries, links)
    assert [one for one in variants(made) if one[0] == Variant.clear_entry] == [
        (Variant.clear_entry, 1),
        (Variant.clear_entry, 2),
    ]
    assert put_of(made, 1).bemerkung == f"{slot(1)} Empfang"
    assert put_of(made, 2).bemerkung == f"{slot(3)} Zweitgerät"


def test_item_gone_and_tlf_not_representable_link_and_base_dropped() -> None:
    made = planned([item(B)], [entry(1, "siehe Akte", mark(A)), entry(2, B, mark(B))], [link(1, A), link(2, B)])
    assert made.is_empty
    assert codes(made) == [(ReportCode.let_go, 1)]
    assert link_of(made, 1).base is None


def test_item_changed_and_tlf_not_representable_the_item_gets_an_entry_of_its_own() -> None:
    made = planned([item(B)], [entry(1, "siehe Akte", mark(A))], [link(1, A)])
    assert variants(made) == [(Variant.add_entry, None)]


# --- stage 6


@pytest.mark.parametrize("tlf", ["siehe Akte", "www.example.org", "123@", "x" * 500, "0511 / Zentrale"])
def test_left_alone_not_representable(tlf: str) -> None:
    made = planned([item(A)], [entry(1, A, mark(A)), entry(2, tlf, "Notiz")], [link(1, A)])
    assert made.is_empty
    assert codes(made) == [(ReportCode.not_representable, 2)]
    assert not made.skipped


def test_left_alone_refused_earlier() -> None:
    made = planned([], [entry(1, A, "Notiz")], [link(1, refused_value=A)])
    assert made.is_empty
    assert codes(made) == [(ReportCode.refused, 1)]


def test_left_alone_refused_just_now_the_marker_is_taken_back() -> None:
    made = planned([], [entry(1, A, f"{mark(A)} Notiz")], [link(1)], facts=Facts(refused=frozenset({(1, A)})))
    assert variants(made) == [(Variant.marker_back, 1)]
    assert put_of(made, 1) == PutEntry(1, A, "Notiz", True)
    assert link_of(made, 1).refused_value == A


ONE = Facts(max_phones=1)


@pytest.mark.parametrize("facts", [ONE, Facts(max_phones=1, max_emails=0)])
def test_left_alone_over_the_maximum(facts: Facts) -> None:
    made = planned([item(A)], [entry(1, A, mark(A)), entry(2, B), entry(3, MAIL)], [link(1, A)], facts=facts)
    expected = [(ReportCode.over_maximum, 2)] + ([(ReportCode.over_maximum, 3)] if facts.max_emails == 0 else [])
    assert codes(made) == expected


def test_left_alone_for_want_of_room_the_marker_of_just_now_is_taken_back() -> None:
    """It was written before EspoCRM said so; with markers alone it would look as if somebody had deleted it."""
    made = planned([item(A)], [entry(1, A, mark(A)), entry(2, B, f"{mark(B)} Notiz")], [link(1, A), link(2)], facts=ONE)
    assert (variants(made), put_of(made, 2).bemerkung) == ([(Variant.marker_back, 2)], "Notiz")
    assert (link_of(made, 2).refused_value, link_of(made, 2).no_room_told) == (None, True)


def test_what_is_too_long_without_an_addition_cannot_be_made_shorter() -> None:
    made = planned([item(A), item(C)], [entry(1, B, mark(A)), entry(2, C, mark(C))], [link(1, A), link(2, C)])
    assert variants(made) == [(Variant.change_item, 1)]
    assert room_left(made, Medium.phone) is None
    assert room_left(planned([item(A)], [entry(1, B)], []), Medium.phone) == 1
    assert room_left(planned([item(A)], [entry(1, B), entry(2, MAIL)], []), Medium.email) == 0


MOVED = link(None, komm_kz=3, pending=Pending(base(A), A, mark(A)))


@pytest.mark.parametrize(
    "pending, others, variant",
    [
        pytest.param(None, [], Variant.remove_item, id="at rest"),
        pytest.param(Pending(None, "", slot()), [], Variant.remove_item, id="it was to become a slot"),
        pytest.param(Pending(None, "", slot()), [MOVED], Variant.add_entry, id="its value was to move"),
    ],
)
def test_an_entry_that_is_gone_tells_of_a_deletion_unless_its_value_was_to_move(
    pending: Pending | None, others: list[Link], variant: Variant
) -> None:
    """A change of type had emptied it, the new entry was still to come, and somebody cleared away the empty one."""
    here, there = [item(A, "Mobile"), item(B)], [entry(2, B, mark(B))]
    made = planned(here, there, [link(1, A, pending=pending), *others, link(2, B)])
    assert [one for one, _entry in variants(made)] == [variant]


def test_alias_of_an_item_that_this_run_adds() -> None:
    made = planned([], [entry(1, A), entry(2, "0511 10001", slot())], [])
    assert variants(made) == [(Variant.add_item, 1), (Variant.alias, 2)]
    assert phones(made) == [A]
    assert link_of(made, 2).alias


def test_alias_though_refused_earlier_when_another_entry_brings_the_value() -> None:
    made = planned([], [entry(1, "0511 10001"), entry(2, A)], [link(1, refused_value="0511 10001"), link(2)])
    assert variants(made) == [(Variant.add_item, 2)]
    again = planned([item(A)], [entry(1, "0511 10001"), entry(2, A, mark(A))], list(made.links_after))
    assert again.is_empty
    assert not again.reports


def test_var4_in_the_spelling_that_espocrm_takes() -> None:
    made = planned([], [entry(1, " 0511 / 100-01 "), entry(2, " A@Example.org ")], [])
    assert (phones(made), [one.value for one in made.emails or ()]) == ([A], ["A@Example.org"])
    assert put_of(made, 1).tlf == " 0511 / 100-01 "


def test_var4_to_advoware_policy_skip() -> None:
    made = planned([], [entry(1, A, "neu")], [], direction=Direction.to_advoware)
    assert made.is_empty
    assert made.skipped
    assert codes(made) == [(ReportCode.addition_owed, 1)]


def test_var4_to_advoware_policy_slot() -> None:
    policy = KommPolicy(OnConflict.slot)
    made = planned([], [entry(1, A, "neu")], [], direction=Direction.to_advoware, policy=policy)
    assert variants(made) == [(Variant.emptied, 1)]
    assert put_of(made, 1) == PutEntry(1, "", f"{slot()} neu", False)
    assert codes(made) == [(ReportCode.lost_value, 1)]
    assert not made.skipped


# --- stage 7


@pytest.mark.parametrize(
    "remark, komm_kz, variant",
    [(slot(1), 1, "put"), (slot(2), 2, "post"), (f"{slot(1)} alt", 1, "post"), ("", 1, "post")],
    ids=["slot of the same kommKz", "slot of another kommKz", "slot with user text", "empty, but no slot"],
)
def test_var1(remark: str, komm_kz: int, variant: str) -> None:
    made = planned([item(A)], [entry(1, "", remark, online=False)], [link(1, komm_kz=komm_kz)])
    (operation,) = made.operations
    assert operation.variant is Variant.add_entry
    assert isinstance(operation.write, PutEntry if variant == "put" else PostEntry)
    assert operation.write.online is True


def test_var1_a_slot_touched_in_this_run_is_not_reused() -> None:
    entries = [entry(1, A, mark(A)), entry(2, "", mark(B))]
    made = planned([item(D, "Office"), item(C, "Office")], entries, [link(1, A), link(2, B)])
    assert isinstance(made.operations[0].write, PostEntry)
    assert (Variant.slot, 2) in variants(made)


def test_var1_a_slot_whose_marker_advoware_does_not_keep_is_known_by_its_link() -> None:
    made = planned([item(A)], [entry(1, "", "")], [link(1, refused_remark=slot())])
    assert variants(made) == [(Variant.add_entry, 1)]


# --- direction


def test_to_espocrm_leaves_out_pass_4_and_keeps_the_link() -> None:
    made = planned([item(B)], [entry(1, A, mark(A))], [link(1, A)], direction=Direction.to_espocrm)
    assert made.is_empty
    assert made.skipped
    assert link_of(made, 1) == link(1, A)
    assert codes(made) == [(ReportCode.change_owed, 1)]


def test_to_espocrm_without_links_does_not_turn_a_marker_into_proof() -> None:
    """Nor into a debt: one run, and EspoCRM holds what Advoware does."""
    entries = [entry(1, A, mark(A))]
    made = planned([], entries, [], stored_hash="0123", direction=Direction.to_espocrm, facts=EMPTY_SEEN)
    assert variants(made) == [(Variant.add_item, 1)]
    assert [one.value for one in made.phones or ()] == [A]
    assert (made.writes, made.skipped, made.reports) == ((), False, ())


def test_to_espocrm_leaves_out_pass_6() -> None:
    made = planned([item(A)], [], [], direction=Direction.to_espocrm)
    assert made.is_empty
    assert made.skipped


def test_to_espocrm_still_writes_the_markers_of_var4_and_var6() -> None:
    made = planned([item(A)], [entry(1, B, mark(A)), entry(2, C)], [link(1, A)], direction=Direction.to_espocrm)
    assert variants(made) == [(Variant.add_item, 2), (Variant.change_item, 1)]
    assert len(made.writes) == 2


# --- type changes

MOVED = Facts(version_moved=True)
RECREATE = KommPolicy(type_change=TypeChange.recreate)


@pytest.mark.parametrize(
    "new_type, facts, told",
    [("Home", MOVED, True), ("Home", Facts(), False), ("Office", MOVED, False)],
    ids=["own version moved", "changed from another record", "not changed"],
)
def test_type_change_notify(new_type: str, facts: Facts, told: bool) -> None:
    made = planned([item(A, new_type)], [entry(1, A, mark(A))], [link(1, A)], facts=facts)
    assert made.is_empty
    assert codes(made) == ([(ReportCode.type_change, 1)] if told else [])
    assert link_of(made, 1).item_type == new_type
    assert link_of(made, 1).komm_kz == 1


def test_type_change_to_the_type_that_the_entry_has_anyway_is_not_told() -> None:
    known = link(1, A, komm_kz=6, type_change_told="Office")
    made = planned([item(A, "Home")], [entry(1, A, mark(A, 6))], [known], facts=MOVED)
    assert not made.reports
    assert link_of(made, 1).type_change_told is None


def test_type_change_together_with_a_change_of_value_is_told() -> None:
    made = planned([item(A, "Home")], [entry(1, B, mark(A))], [link(1, A)], facts=MOVED, policy=RECREATE)
    assert variants(made) == [(Variant.change_item, 1)]
    assert codes(made) == [(ReportCode.type_change, 1)]


def test_type_change_recreate_slot_first_then_a_slot_of_the_new_kommkz() -> None:
    entries = [entry(1, A, mark(A)), entry(2, "", slot(6))]
    made = planned([item(A, "Home")], entries, [link(1, A), link(2, komm_kz=6)], facts=MOVED, policy=RECREATE)
    assert variants(made) == [(Variant.type_change, 1), (Variant.add_entry, 2)]
    assert made.operations[1].needs == {1}
    assert not made.changes_espocrm


def test_type_change_recreate_an_alias_of_the_new_kommkz_takes_over() -> None:
    entries = [entry(1, A, mark(A)), entry(2, A)]
    links = [link(1, A), link(2, A, komm_kz=6, alias=True)]
    made = planned([item(A, "Home")], entries, links, facts=MOVED, policy=RECREATE)
    assert variants(made) == [(Variant.type_change, 1), (Variant.match, 2)]
    assert link_of(made, 2).alias is False


def test_type_change_recreate_under_to_espocrm_is_told_instead() -> None:
    made = planned(
        [item(A, "Home")],
        [entry(1, A, mark(A))],
        [link(1, A)],
        facts=MOVED,
        policy=RECREATE,
        direction=Direction.to_espocrm,
    )
    assert made.is_empty
    assert codes(made) == [(ReportCode.type_change, 1)]


def test_type_corrected_in_advoware_the_markers_kommkz_follows_the_link() -> None:
    made = planned([item(A, "Home")], [entry(1, A, mark(A, 1))], [link(1, A, komm_kz=6, item_type="Home")])
    assert put_of(made, 1).bemerkung == mark(A, 6)


# --- writing


def test_flags_of_untouched_items_are_sent_as_they_are() -> None:
    kept = item(A, primary=True, opt_out=True, invalid=True)
    made = planned([kept], [entry(1, A, mark(A)), entry(2, B)], [link(1, A)])
    assert made.phones == (kept, item(B))


def test_primary_goes_the_first_becomes_primary() -> None:
    items = [item(A), item(B), item(C, primary=True)]
    entries = [entry(1, A, mark(A)), entry(2, B, mark(B))]
    made = planned(items, entries, [link(1, A), link(2, B), link(3, C)])
    assert [(one.value, one.primary) for one in made.phones or ()] == [(A, True), (B, False)]


def test_two_items_that_mean_one_number_both_go_back() -> None:
    made = planned([item("0511 10001", primary=True), item(A)], [entry(1, B)], [])
    assert sorted(phones(made)) == [A, B, "0511 10001"]


def test_online_of_a_slot_that_somebody_typed_into_is_true_again() -> None:
    made = planned([], [entry(1, A, slot(), online=False), entry(2, B, online=False), entry(3, C, online=None)], [])
    assert [put_of(made, number).online for number in (1, 2, 3)] == [True, False, True]


# --- answers


def only_operation(made: ContactPlan) -> Operation:
    (operation,) = made.operations
    return operation


def answered(operation: Operation, **changes: Any) -> Answered:
    write = operation.write
    assert write is not None
    entry_id = write.entry_id if isinstance(write, PutEntry) else 77
    answer = Entry(entry_id, "new row", write.tlf, write.bemerkung, 0, write.online)
    return after_answer(operation, replace(answer, **changes), region="DE")


def test_answer_to_a_post_gives_the_link_its_id_and_real_kommkz() -> None:
    made = planned([item(A, "Other")], [], [])
    result = answered(only_operation(made), komm_kz=9)
    assert result.link == result.done == link(77, A, komm_kz=9, item_type="Other")
    assert final_links(made, [result]) == (result.done,)


def test_answer_to_a_marker_of_var4_keeps_the_base_back_until_the_patch() -> None:
    made = planned([], [entry(1, A)], [])
    operation = only_operation(made)
    assert operation.settles is Phase.espocrm
    result = answered(operation)
    assert (result.link.base, result.link.pending) == (None, None)
    assert result.done.base == base(A)


def test_answer_in_another_spelling_becomes_this_sides_base() -> None:
    made = planned([item(B)], [entry(1, A, mark(A))], [link(1, A)])
    result = answered(only_operation(made), tlf="0511/10002")
    assert result.done.base == base(B, advo="0511/10002")
    again = planned([item(B)], [entry(1, "0511/10002", mark(B))], [result.done])
    assert again.is_empty


def test_answer_says_nothing_about_a_base_that_the_entry_does_not_hold() -> None:
    made = planned([item(A)], [entry(1, B, mark(B))], [link(1, A)], facts=Facts(refused=frozenset({(1, B)})))
    assert answered(only_operation(made)).done.base == base(A)


@pytest.mark.parametrize("kept", [mark(A)[:10], "", None, f"{mark(A)} nur vorm"])
def test_answer_with_a_cut_remark_puts_the_users_text_back(kept: str | None) -> None:
    made = planned([item(A)], [entry(1, A, "nur vormittags")], [])
    result = answered(only_operation(made), bemerkung=kept)
    assert result.follow_up is not None
    assert result.follow_up.write == PutEntry(1, A, "nur vormittags", True)
    assert result.link.pending is not None
    assert result.link.pending.remark_before == "nur vormittags"
    last = answered(result.follow_up)
    assert last.follow_up is None
    assert last.link.pending is None
    again = planned([item(A)], [entry(1, A, "nur vormittags")], list(final_links(made, [result, last])))
    assert again.is_empty


def test_cut_remark_that_people_shorten_gets_its_marker_again() -> None:
    known = link(1, A, refused_remark=f"{mark(A)} nur vormittags")
    made = planned([item(A)], [entry(1, A, "vorm.")], [known])
    assert put_of(made, 1).bemerkung == f"{mark(A)} vorm."


def test_crash_before_the_users_text_is_back_it_is_put_back_by_the_next_run() -> None:
    sent = f"{mark(A)} nur vormittags"
    pending = Pending(base(A), A, sent, "nur vormittags")
    made = planned([item(A)], [entry(1, A, sent[:35])], [link(1, A, pending=pending)])
    assert put_of(made, 1).bemerkung == "nur vormittags"
    (intent,) = [one for one in made.links_before if one.entry_id == 1]
    again = planned([item(A)], [entry(1, A, sent[:35])], [intent])
    assert put_of(again, 1).bemerkung == "nur vormittags"


@pytest.mark.parametrize("online", [True, False])
def test_an_entry_that_holds_no_contact_point_stays_online_or_offline_when_its_remark_is_put_back(online: bool) -> None:
    sent = f"{mark(A)} nur vormittags"
    pending = Pending(base(A), A, sent, "nur vormittags")
    shown = replace(entry(1, "keine Nummer", sent[:35]), online=online)
    made = planned([], [shown], [replace(link(1, A), base=None, pending=pending)])
    assert put_of(made, 1) == PutEntry(1, "keine Nummer", "nur vormittags", online)


CUT = {
    "match": ([item(A)], "0511 10001", A, "0511 10001"),
    "Var4, which waits for EspoCRM": ([], "0511 10001", None, "0511 10001"),
    "an answer without a value": ([item(A)], "0511 10001", A, None),
}


@pytest.mark.parametrize("name", CUT)
def test_a_remark_that_advoware_cut_is_followed_by_the_users_text_alone(name: str) -> None:
    """Until that has arrived the pending row keeps the text; the remark is remembered as one that is not sent again."""
    items, tlf, proven, kept = CUT[name]
    made = planned(items, [entry(1, tlf, "Zentrale")], [])
    (operation,) = made.operations
    sent = put_of(made, 1).bemerkung
    answered = after_answer(operation, entry(1, kept, sent[:20]), region="DE")
    before = base(proven, tlf) if proven else None
    assert (answered.link.base, answered.done.base) == (before, base(A, tlf))
    assert answered.link.pending == Pending(before, kept or "", sent, "Zentrale")
    assert (answered.link.refused_remark, answered.done.refused_remark) == (sent, sent)
    assert (answered.link.entry_id, answered.done.pending) == (1, None)
    assert answered.follow_up == Operation(
        variant=Variant.remark_back,
        settles=operation.settles,
        entry_id=1,
        write=PutEntry(1, kept or "", "Zentrale", True),
        intent=answered.link,
        done=answered.done,
    )


def test_a_post_whose_answer_names_another_kommkz_is_believed_a_put_is_not() -> None:
    posted = planned([item(A)], [], [])
    answered = after_answer(posted.operations[0], entry(7, A, mark(A), komm_kz=3), region="DE")
    assert (answered.link.entry_id, answered.link.komm_kz) == (7, 3)
    put = planned([item(A)], [entry(1, A)], [])
    assert after_answer(put.operations[0], entry(1, A, mark(A), komm_kz=3), region="DE").link.komm_kz == 1


@pytest.mark.parametrize("lacks", ["write", "intent", "done"])
def test_an_operation_that_lacks_its_write_or_a_link_has_no_answer(lacks: str) -> None:
    (operation,) = planned([item(A)], [entry(1, A)], []).operations
    with pytest.raises(ValueError, match=r"^only operations with a write have an answer$"):
        after_answer(replace(operation, **{lacks: None}), entry(1, A), region="DE")


def test_half_a_character_in_a_row_id_does_not_stop_the_hash() -> None:
    assert len(content_hash(["\ud800"])) == 16


def test_what_counts_for_the_hash_goes_by_the_region() -> None:
    swiss = entry(1, "044 668 18 00")
    assert is_relevant(swiss, "CH")
    assert relevant_row_ids([swiss, entry(2, "siehe Akte")], "CH") == ("row1",)


def test_operation_without_a_write_has_no_answer() -> None:
    made = planned([item(A), item(B)], [entry(2, B, mark(B))], [link(1, A), link(2, B)])
    with pytest.raises(ValueError, match="with a write"):
        after_answer(only_operation(made), entry(1, ""), region="DE")


def test_failed_write_leaves_its_intent_and_a_failed_post_leaves_nothing() -> None:
    made = planned([item(B), item(C, "Fax")], [entry(1, A, mark(A))], [link(1, A)])
    links = final_links(made, [], made.operations)
    assert [(one.entry_id, one.base) for one in links] == [(1, base(A))]


MARKER_REFUSED: dict[str, tuple[list[Item], Entry, list[Link]]] = {
    "Var4": ([], entry(1, B), []),
    "Var6": ([item(A)], entry(1, B, mark(A)), [link(1, A)]),
    "match": ([item(B)], entry(1, B), []),
    "match of a changed entry": ([item(B)], entry(1, B, mark(A)), [link(1, A)]),
}


def after_refusals(made: ContactPlan) -> list[Link]:
    """Advoware has refused every write, EspoCRM has taken the PATCH."""
    return list(final_links(made, [], made.writes))


@pytest.mark.parametrize("items, held, links", MARKER_REFUSED.values(), ids=list(MARKER_REFUSED))
def test_where_only_the_marker_was_refused_both_sides_hold_the_value(
    items: list[Item], held: Entry, links: list[Link]
) -> None:
    known = after_refusals(planned(items, [held], links))
    shown = replace(items[0] if items else item(B), value=B)
    deleted_in_espocrm = planned([], [held], known, facts=EMPTY_SEEN)
    assert variants(deleted_in_espocrm) == [(Variant.clear_entry, 1)]
    deleted_in_advoware = planned([shown], [], known, facts=EMPTY_SEEN)
    assert variants(deleted_in_advoware) == [(Variant.remove_item, None)]
    changed_in_advoware = planned([shown], [replace(held, tlf=C)], known)
    assert (phones(changed_in_advoware), codes(changed_in_advoware)) == ([C], [])
    changed_in_espocrm = planned([replace(shown, value=C)], [held], known)
    assert variants(changed_in_espocrm) == [(Variant.change_entry, 1)]
    untouched = planned([shown], [held], known)
    assert put_of(untouched, 1).bemerkung == mark(B)


def test_where_only_the_remark_could_not_be_put_back_both_sides_hold_the_value() -> None:
    made = planned([], [entry(1, A, "nur vormittags")], [])
    result = answered(only_operation(made), bemerkung=mark(A)[:10])
    assert result.follow_up is not None
    known = final_links(made, [result], [result.follow_up])
    deleted = planned([], [entry(1, A, mark(A)[:10])], list(known), facts=EMPTY_SEEN)
    assert variants(deleted) == [(Variant.clear_entry, 1)]
    untouched = planned([item(A)], [entry(1, A, mark(A)[:10])], list(known))
    assert put_of(untouched, 1).bemerkung == "nur vormittags"


@pytest.mark.parametrize("died_before_the_write", [True, False])
def test_a_marker_that_a_dead_worker_owes_takes_nothing_from_what_was_found_equal(died_before_the_write: bool) -> None:
    made = planned([item(A)], [entry(1, A)], [])
    remark = "" if died_before_the_write else mark(A)
    later = planned([item(A)], [entry(1, B, remark)], list(made.links_before))
    assert (variants(later), phones(later)) == ([(Variant.change_item, 1)], [B])


@pytest.mark.parametrize("items", [[], [item(A)]], ids=["gone on both sides", "emptied in Advoware"])
def test_a_slot_marker_that_was_refused_is_written_later_unless_somebody_has_typed(items: list[Item]) -> None:
    made = planned(items, [entry(1, "", mark(A))], [link(1, A)], facts=EMPTY_SEEN)
    known = after_refusals(made)
    later = planned([], [entry(1, "", mark(A))], known)
    assert variants(later) == [(Variant.slot, 1)]
    assert put_of(later, 1).bemerkung == slot(1)
    typed = planned([], [entry(1, C, mark(A))], known)
    assert (phones(typed), codes(typed)) == ([C], [])


def test_what_somebody_typed_into_a_slot_whose_answer_was_lost_is_a_new_number() -> None:
    made = planned([], [entry(1, A, mark(A))], [link(1, A)], facts=EMPTY_SEEN)
    typed = planned([], [entry(1, C, slot(1))], list(made.links_before), facts=EMPTY_SEEN)
    assert (variants(typed), phones(typed), codes(typed)) == ([(Variant.add_item, 1)], [C], [])


def test_a_number_typed_into_the_entry_that_a_new_type_has_emptied_does_not_take_the_item() -> None:
    facts, policy = Facts(version_moved=True), KommPolicy(type_change=TypeChange.recreate)
    made = planned([item(A, "Fax")], [entry(1, A, mark(A))], [link(1, A)], facts=facts, policy=policy)
    typed = planned([item(A, "Fax")], [entry(1, C, slot(1))], list(made.links_before), facts=facts, policy=policy)
    assert variants(typed) == [(Variant.add_entry, None), (Variant.add_item, 1)]
    assert {one.value for one in typed.phones or ()} == {A, C}


def test_a_value_that_could_not_be_taken_out_is_no_new_one_though_a_slot_s_marker_stands_by_it() -> None:
    made = planned([], [entry(1, A, slot(1))], [link(1, A)], facts=EMPTY_SEEN)
    later = planned([], [entry(1, A, slot(1))], after_refusals(made), facts=EMPTY_SEEN)
    assert variants(later) == [(Variant.clear_entry, 1)]


ODD = "0511 1"  # long enough to be possible, of no numbering plan
CULPRITS = {
    "the newest": (["0511 123452", "0511 123451"], Medium.phone, (2, "0511 123451")),
    "a number of no numbering plan before a newer one": ([ODD, "0511 123452"], Medium.phone, (1, ODD)),
    "the newest of several odd ones": ([ODD, "0511 2"], Medium.phone, (2, "0511 2")),
    "only of the list that was refused": (["0511 123451", MAIL], Medium.phone, (1, "0511 123451")),
    "an address that nobody could reach before a newer one": (
        ["a@firma.local", MAIL],
        Medium.email,
        (1, "a@firma.local"),
    ),
    "nothing of ours is new there": ([MAIL], Medium.phone, None),
}


@pytest.mark.parametrize("name", CULPRITS)
def test_what_is_taken_out_when_espocrm_refuses_a_list(name: str) -> None:
    values, medium, expected = CULPRITS[name]
    entries = [entry(entry_id, value) for entry_id, value in enumerate(values, start=1)]
    out = likely_culprit(planned([], entries, []), medium, region="DE")
    assert (out.addition if out else None) == expected
    assert out is None or (out.medium, out.certain) == (medium, False)


def test_a_changed_value_is_taken_out_as_an_added_one_is_but_not_twice() -> None:
    made = planned([item(A)], [entry(1, B, mark(A))], [link(1, A)])
    assert likely_culprit(made, Medium.phone, region="DE") == Accused(Medium.phone, 1, B)
    without = planned([item(A)], [entry(1, B)], [link(1, A)], facts=Facts(refused=frozenset({(1, B)})))
    assert likely_culprit(without, Medium.phone, region="DE") is None


PHONE, MAILBOX = Medium.phone, Medium.email
SUSPECTS = {
    "nobody": ([], set()),
    "the only one was it": ([Accused(PHONE, 1, A)], set()),
    "the last was it, those before may be good": (
        [Accused(PHONE, 3, C), Accused(PHONE, 2, B), Accused(PHONE, 1, A)],
        {(3, C), (2, B)},
    ),
    "each list has its own last": ([Accused(PHONE, 1, A), Accused(MAILBOX, 2, MAIL)], set()),
    "one too many is one too many": ([Accused(PHONE, 2, B, certain=True), Accused(PHONE, 1, A, certain=True)], set()),
    "too many after a bad one": ([Accused(PHONE, 1, A), Accused(PHONE, 2, B, certain=True)], {(1, A)}),
    "one entry under two spellings": ([Accused(PHONE, 1, f" {A}"), Accused(PHONE, 1, A)], {(1, f" {A}")}),
}


@pytest.mark.parametrize("name", SUSPECTS)
def test_what_was_left_out_of_a_list_and_may_be_good(name: str) -> None:
    accused, expected = SUSPECTS[name]
    assert Refusals(tuple(accused)).unproven == expected


@pytest.mark.parametrize(
    "values, doubtful",
    [
        ([], False),
        ([A, MAIL], False),
        ([A, "0511 10002"], True),
        (["siehe Akte"], True),
        (["müller@example.org", A], False),
        (["A@Example.org"], False),
    ],
)
def test_a_list_that_may_itself_be_to_blame(values: list[str], doubtful: bool) -> None:
    assert is_doubtful([item(value) for value in values], Medium.phone, "DE") is doubtful


def test_a_refusal_that_nothing_proves_is_not_remembered() -> None:
    links = [link(1, refused_value=A), link(2, refused_value=B), link(3, C)]
    assert acquitted(links, frozenset({(1, A), (2, A), (3, C)})) == (link(1), link(2, refused_value=B), link(3, C))


def test_a_refusal_is_committed_with_the_list_that_proves_it() -> None:
    """A worker that dies between the two must not leave a good number behind as refused."""
    refused = Facts(refused=frozenset({(1, A)}))
    made = planned([], [entry(1, A, mark(A))], [link(1)], facts=refused)
    result = answered(only_operation(made))
    assert (result.link.refused_value, result.done.refused_value) == (None, A)
    again = planned([], [entry(1, A)], [result.link])
    assert variants(again) == [(Variant.add_item, 1)]


# --- hash


@pytest.mark.parametrize(
    "one, relevant",
    [
        (entry(1, A), True),
        (entry(1, A, mark(A)), True),
        (entry(1, "", slot()), True),
        (entry(1, "siehe Akte", mark(A)), True),
        (entry(1, "siehe Akte"), False),
        (entry(1, ""), False),
        (entry(1, None, "[ESPOCRM:%:1]"), False),
        (entry(1, "www.example.org"), False),
    ],
)
def test_hash_counts_relevant_entries_only(one: Entry, relevant: bool) -> None:
    assert is_relevant(one, "DE") is relevant
    assert relevant_row_ids([one, replace(one, row_id=None)], "DE") == (("row1",) if relevant else ())


def test_hash_is_md5_over_the_sorted_row_ids() -> None:
    assert content_hash(["b", "a"]) == content_hash(["a", "b"]) == "187ef4436122d1cc"


# --- bad input


def test_entries_with_null_everywhere_are_left_alone() -> None:
    made = planned([], [Entry(1), Entry(2, tlf="  ", bemerkung=" ")], [])
    assert made.is_empty
    assert not made.reports
    assert len(made.links_after) == 2


def test_the_same_entry_id_twice_counts_once() -> None:
    made = planned([], [entry(1, A), entry(1, A)], [])
    assert variants(made) == [(Variant.add_item, 1)]
    assert codes(made) == [(ReportCode.duplicate_entry, 1)]


@pytest.mark.parametrize("value", ["0511 / Zentrale", "müller@example.org", "a@b", " ", "x" * 500, "+49", "(0)"])
def test_values_that_espocrm_would_refuse(value: str) -> None:
    assert espo_spelling(value, "DE") is None
