"""What is known before anything is decided: whose entry a link or marker speaks of, and the order of what is shown."""

from typing import Any

import pytest

from syncapp.core.kommunikation.knowledge import Knowledge, canonical_remark, each_once, learn, shown_items
from syncapp.core.kommunikation.shapes import Entry, Facts, Item, Link, Pending, Variant
from tests.core.kommunikation.test_tables import (
    EMPTY_SEEN,
    MAIL,
    A,
    B,
    C,
    base,
    entry,
    item,
    link,
    mark,
    phones,
    planned,
    slot,
    variants,
)


def learned(entries: list[Entry], links: list[Link], items: list[Item] | None = None, **facts: Any) -> Knowledge:
    return learn(entries=entries, links=links, facts=Facts(**facts), stored_hash=None, items=items or [])


# --- remarks


@pytest.mark.parametrize("marker", [mark(A), slot(3)])
def test_two_remarks_with_one_marker_and_one_text_are_equal(marker: str) -> None:
    spread = (f"Durchwahl{marker}", f"{marker} Durchwahl", f"Durch{marker} wahl")
    assert {canonical_remark(remark) for remark in spread} == {f"{marker} Durchwahl"}


def test_a_remark_without_a_marker_is_what_it_is() -> None:
    assert canonical_remark(" nur vormittags") == " nur vormittags"


def test_the_user_s_text_is_the_one_that_stands_there_unless_it_was_cut() -> None:
    pending = Pending(base(B), B, f"{mark(B)} alter Text", remark_before="alter Text")
    typed, cut = (learned([entry(1, A, remark)], [link(1, A, pending=pending)]) for remark in ("neu", mark(B)[:9]))
    assert [one.entries[0].marks.user_text for one in (typed, cut)] == ["neu", "alter Text"]


def test_a_remark_that_lacks_only_the_marker_behind_it_was_not_cut() -> None:
    """What a PUT that never arrived would have put there begins with what somebody typed, but for a blank."""
    pending = Pending(base(B), B, f"Zentrale {mark(B)}", remark_before="Zentrale ")
    known = learned([entry(1, A, "Zentrale")], [link(1, A, pending=pending)]).entries[0]
    assert (known.cut, known.marks.user_text) == (False, "Zentrale")


# --- writes without an answer


def test_what_was_emptied_without_an_answer_keeps_nothing_of_its_item() -> None:
    emptied = link(1, A, pending=Pending(None, "", slot(1)), alias=True, type_change_told="Mobile")
    known = learned([entry(1, "", slot(1))], [emptied]).entries[0].link
    assert (known.base, known.item_type, known.alias, known.type_change_told) == (None, None, False, None)


# --- whose entry


def test_a_link_that_has_its_entry_takes_no_other_one_for_the_answer_of_a_post() -> None:
    """Entry 2 is a copy that somebody made of what the PUT was to write."""
    pending = Pending(base(B), B, mark(B))
    known = learned([entry(1, A), entry(2, B, mark(B))], [link(1, A, pending=pending)])
    assert [one.base for one in known.entries] == [base(A), None]


@pytest.mark.parametrize(
    "tlf, remark, is_ours",
    [(A, mark(A), True), (A, mark(A)[:9], True), (A, "Durchwahl", False), (A, None, False), (B, mark(A)[:9], False)],
    ids=["with our marker", "with its beginning", "with a text of theirs", "with no text", "another number"],
)
def test_the_entry_of_a_post_without_an_answer_is_known_by_its_remark(
    tlf: str, remark: str | None, is_ours: bool
) -> None:
    sent = Link(None, 1, pending=Pending(base(A), A, mark(A)))
    (known,) = learned([entry(5, tlf, remark)], [sent]).entries
    assert known.base == (base(A) if is_ours else None)


@pytest.mark.parametrize("value, shown", [(MAIL, item(MAIL)), (A, item("0511 10001"))], ids=["e-mail", "number"])
def test_without_links_a_marker_is_proof_where_espocrm_shows_its_value(value: str, shown: Item) -> None:
    there, missing = (learned([entry(1, value, mark(value))], [], items) for items in ([shown], []))
    assert (there.entries[0].base, missing.entries[0].base) == (base(value), None)


def test_where_links_prove_nothing_no_entry_of_theirs_has_gone() -> None:
    lost = [link(9, A)]
    assert (len(learned([], lost).vanished), learned([], lost, links_known=False).vanished) == (1, ())


# --- the order of things


def test_the_primary_is_shown_first_then_by_value_and_each_once() -> None:
    shown = [item(C), item(B), item(A, primary=True), item(B, "Home"), Item(item(C).medium, C, None)]
    rows = shown_items(shown, learned([], []), "DE").rows
    assert [(one.value, one.type) for one in rows] == [(A, "Office"), (B, "Home"), (C, None)]
    twice = [item("b@example.org"), item("B@example.org"), item(MAIL)]
    assert each_once(twice) == (twice[0], twice[2])


def test_operations_of_one_kind_go_by_the_number_of_the_entry() -> None:
    made = planned([], [entry(1, B), entry(2, A)], [link(1, B), link(2, A)], facts=EMPTY_SEEN)
    assert variants(made) == [(Variant.clear_entry, 1), (Variant.clear_entry, 2)]


def test_a_list_goes_back_by_what_its_values_mean_not_by_their_spelling() -> None:
    made = planned([item(C), item("0511 10001")], [entry(2, B)], [])
    assert phones(made) == ["0511 10001", B, C]
    made = planned([item("B@example.org")], [entry(2, MAIL)], [])
    assert made.emails is not None
    assert [one.value for one in made.emails] == [MAIL, "B@example.org"]
