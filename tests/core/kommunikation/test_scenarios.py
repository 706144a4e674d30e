"""The forty-six scenarios of the Kommunikation sync, by number, against the pure plan and two model sides.

Each scenario is a generator: it arranges a world, yields it with the direction of the decisive run, gets that run back
and judges it. So every scenario can also be run twice (35) and with a crash at every step (36).
"""

import base64
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import Form, Medium, form_of
from syncapp.core.kommunikation.shapes import Facts, KommPolicy, OnConflict, ReportCode, Stop, TypeChange, Variant
from syncapp.core.parts import Direction
from tests.machine.model import Crash, Run, World

P = ["+4951110001", "+4951110002", "+4951110003", "+4951110004", "+4951110005", "+4951110006", "+4951110007"]
MOBILE = "+491711234567"
MAIL = "a@example.org"

Scenario = Callable[[], Generator[tuple[World, Direction], Run, None]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(number: str) -> Callable[[Scenario], Scenario]:
    def register(story: Scenario) -> Scenario:
        SCENARIOS[f"{number}-{story.__name__}"] = story
        return story

    return register


# --- arranging and looking


def synced(*items: tuple[str, str], **changes: Any) -> World:
    """A world in which these items (value, type) have been carried to Advoware."""
    world = World(**changes)
    for value, type in items:
        world.espo.add(value, type)
    world.finish()
    assert world.sync().is_silent
    return world


def form(value: str) -> Form:
    found = form_of(value, "DE")
    assert found
    return found


def entry_of(world: World, value: str) -> int:
    (entry_id,) = world.advo.holders(form(value))
    return entry_id


def change_in_espo(world: World, old: str, new: str) -> None:
    item = world.espo.items[form(old)]
    world.espo.put(replace(item, value=new), replaces=form(old))


def remark(world: World, entry_id: int) -> str:
    return world.advo.entries[entry_id].bemerkung or ""


def marker(value: str, komm_kz: int) -> str:
    return markers.Marker(value, komm_kz).text


def slot(komm_kz: int) -> str:
    return markers.SlotMarker(komm_kz).text


def values_in_espo(world: World) -> set[str]:
    return {item.value for item in world.espo.items.values()}


def values_in_advo(world: World) -> set[str]:
    return {entry.tlf for entry in world.advo.entries.values() if entry.tlf}


def variants(run: Run) -> list[str]:
    return [operation.variant for one in run.plans for operation in one.operations]


def codes(run: Run) -> list[str]:
    return [report.code for report in run.reports]


def lost(run: Run) -> list[str]:
    return [report.params["value"] for report in run.reports if report.code is ReportCode.lost_value]


def equal_on_both_sides(world: World) -> bool:
    return set(world.espo.items) == world.advo.forms()


Story = Generator[tuple[World, Direction], Run, None]

# --- single side, direction both, no conflict


@scenario("01")
def var1_item_new_no_slot_posted_with_marker_and_online() -> Story:
    world = synced((P[0], "Office"))
    world.espo.add(P[1], "Home")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry]
    entry = world.advo.entries[entry_of(world, P[1])]
    assert (entry.tlf, entry.bemerkung, entry.online) == (P[1], marker(P[1], 6), True)
    assert world.advo.real_komm_kz[entry.id] == 6


@scenario("02")
def var2_item_deleted_entry_becomes_a_slot_user_text_kept() -> Story:
    world = synced((P[0], "Office"), (P[1], "Fax"))
    entry_id = entry_of(world, P[1])
    world.advo.edit(entry_id, bemerkung=f"{marker(P[1], 2)} im Flur")
    world.espo.remove(form(P[1]))
    run = yield world, Direction.both
    assert variants(run) == [Variant.clear_entry]
    entry = world.advo.entries[entry_id]
    assert (entry.tlf, entry.bemerkung, entry.online) == ("", f"{slot(2)} im Flur", False)


@scenario("03")
def var3_entry_deleted_in_advoware_item_removed() -> Story:
    world = synced((P[0], "Office"), (P[1], "Fax"), (P[2], "Home"))
    world.advo.remove(entry_of(world, P[1]))
    emptied = entry_of(world, P[2])
    world.advo.edit(emptied, tlf="")
    run = yield world, Direction.both
    assert variants(run) == [Variant.remove_item, Variant.remove_item]
    assert values_in_espo(world) == {P[0]}
    assert remark(world, emptied) == slot(6)


@scenario("04")
def var4_entry_new_in_advoware_item_created_marker_set() -> Story:
    world = synced((P[0], "Office"))
    entry_id = world.advo.add("0171 / 123 45 67", remark="privat")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item]
    item = world.espo.items[form(MOBILE)]
    assert (item.value, item.type, item.primary) == (MOBILE, "Mobile", False)
    assert remark(world, entry_id) == f"{marker(MOBILE, 3)} privat"
    assert world.advo.entries[entry_id].tlf == "0171 / 123 45 67"


@scenario("05")
def var5_value_changed_in_espocrm_put_value_and_marker() -> Story:
    world = synced((P[0], "Office"), (MAIL, ""))
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, bemerkung=f"vor {marker(P[0], 1)} nach")
    change_in_espo(world, P[0], P[1])
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_entry]
    entry = world.advo.entries[entry_id]
    assert (entry.tlf, entry.bemerkung) == (P[1], f"vor {marker(P[1], 1)} nach")
    assert not lost(run)


@scenario("06")
def var6_value_changed_in_advoware_item_changed_marker_renewed() -> Story:
    world = synced((P[0], "Home"), (P[1], "Office"))
    world.espo.items[form(P[0])] = replace(world.espo.items[form(P[0])], opt_out=True, invalid=True)
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, tlf="0511 10003")
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_item]
    item = world.espo.items[form(P[2])]
    assert (item.value, item.type, item.opt_out, item.invalid) == (P[2], "Home", True, False)
    assert form(P[0]) not in world.espo.items
    assert remark(world, entry_id) == marker(P[2], 6)


# --- conflicts


@scenario("07")
def both_changed_differently_espocrm_wins_lost_value_logged() -> Story:
    world = synced((P[0], "Office"))
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, tlf=P[1])
    change_in_espo(world, P[0], P[2])
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_entry]
    assert values_in_advo(world) == values_in_espo(world) == {P[2]}
    assert lost(run) == [P[1]]


@scenario("08")
def both_changed_alike_marker_only() -> Story:
    world = synced((P[0], "Office"))
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, tlf="0511 10002")
    change_in_espo(world, P[0], P[1])
    run = yield world, Direction.both
    assert variants(run) == [Variant.match]
    assert world.advo.entries[entry_id].tlf == "0511 10002"
    assert remark(world, entry_id) == marker(P[1], 1)
    assert not run.plan.changes_espocrm


@scenario("09")
def var6_under_to_advoware_is_reverted() -> Story:
    world = World()
    entry_id = world.advo.add("0511/10001")
    world.finish()
    world.advo.edit(entry_id, tlf=P[1])
    run = yield world, Direction.to_advoware
    assert variants(run) == [Variant.revert]
    assert world.advo.entries[entry_id].tlf == "0511/10001"
    assert lost(run) == [P[1]]
    assert not run.plan.skipped


@scenario("10a")
def var4_under_to_advoware_policy_skip() -> Story:
    world = synced((P[0], "Office"))
    entry_id = world.advo.add(P[1])
    run = yield world, Direction.to_advoware
    assert not variants(run)
    assert codes(run) == [ReportCode.addition_owed]
    assert run.plan.skipped
    assert (world.advo.entries[entry_id].tlf, remark(world, entry_id)) == (P[1], "")


@scenario("10b")
def var4_under_to_advoware_policy_slot() -> Story:
    world = synced((P[0], "Office"), policy=KommPolicy(new_in_advoware_on_conflict=OnConflict.slot))
    entry_id = world.advo.add(P[1], remark="neu")
    run = yield world, Direction.to_advoware
    assert variants(run) == [Variant.emptied]
    assert (world.advo.entries[entry_id].tlf, remark(world, entry_id)) == ("", f"{slot(1)} neu")
    assert lost(run) == [P[1]]
    assert not run.plan.skipped


@scenario("11")
def deleted_in_espocrm_changed_in_advoware_slot_lost_value_logged() -> Story:
    world = synced((P[0], "Office"), (P[3], "Fax"))
    entry_id = entry_of(world, P[0])
    world.espo.remove(form(P[0]))
    world.advo.edit(entry_id, tlf=P[1])
    run = yield world, Direction.both
    assert variants(run) == [Variant.clear_entry]
    assert remark(world, entry_id) == slot(1)
    assert lost(run) == [P[1]]


# --- initial sync


@scenario("12")
def initial_same_value_on_both_sides_marker_only() -> Story:
    world = World()
    world.espo.add(MAIL)
    entry_id = world.advo.add("A@Example.ORG ")
    run = yield world, Direction.both
    assert variants(run) == [Variant.match]
    assert len(world.advo.entries) == 1
    assert world.advo.entries[entry_id].tlf == "A@Example.ORG "
    assert remark(world, entry_id) == marker(MAIL, 4)
    assert values_in_espo(world) == {MAIL}


@scenario("13")
def initial_same_phone_written_differently_marker_only() -> Story:
    world = World()
    world.espo.add("+4951112345", "Office")
    entry_id = world.advo.add("0511/12345")
    second = world.advo.add("+49 511 12345")
    run = yield world, Direction.both
    assert variants(run) == [Variant.match]
    assert world.advo.entries[entry_id].tlf == "0511/12345"
    assert remark(world, entry_id) == marker("+4951112345", 1)
    assert remark(world, second) == ""
    assert not run.plan.changes_espocrm


@scenario("14")
def initial_only_in_espocrm_var1_for_each() -> Story:
    world = World()
    for value, type in ((P[0], "Office"), (P[1], "Fax"), (MOBILE, "Mobile"), (P[2], "Other"), (MAIL, "")):
        world.espo.add(value, type)
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry] * 5
    kinds = {entry.tlf: world.advo.real_komm_kz[entry.id] for entry in world.advo.entries.values()}
    assert kinds == {P[0]: 1, P[1]: 2, MOBILE: 3, P[2]: 10, MAIL: 4}


@scenario("15")
def initial_only_in_advoware_var4_for_each() -> Story:
    world = World()
    for value in ("0511 10001", "0171 1234567", MAIL):
        world.advo.add(value)
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item] * 3
    assert {(item.value, item.type) for item in world.espo.items.values()} == {
        (P[0], "Office"),
        (MOBILE, "Mobile"),
        (MAIL, None),
    }
    assert [item.value for item in world.espo.items.values() if item.primary and item.medium is Medium.phone] == [
        MOBILE
    ]


@scenario("16")
def initial_three_on_each_side_one_in_common() -> Story:
    world = World()
    for value in P[:3]:
        world.espo.add(value)
    for value in P[2:5]:
        world.advo.add(value)
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry] * 2 + [Variant.match] + [Variant.add_item] * 2
    assert values_in_espo(world) == values_in_advo(world) == set(P[:5])


# --- slots


def with_slots(*types: str) -> World:
    """A world with one carried number and an empty slot for each type."""
    numbers = [(f"+49511200{index}", type) for index, type in enumerate(types)]
    world = synced((P[6], "Other"), *numbers)
    for value, _ in numbers:
        world.espo.remove(form(value))
    world.finish()
    return world


@scenario("17")
def var1_with_a_slot_of_the_same_kommkz_is_a_put() -> Story:
    world = with_slots("Office")
    posts = world.advo.posts
    world.espo.add(P[0], "Office")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry]
    assert world.advo.posts == posts
    entry = world.advo.entries[entry_of(world, P[0])]
    assert (entry.bemerkung, entry.online) == (marker(P[0], 1), True)


@scenario("18")
def var1_with_a_slot_of_another_kommkz_is_a_post() -> Story:
    world = with_slots("Fax")
    world.espo.add(P[0], "Office")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry]
    assert world.advo.real_komm_kz[entry_of(world, P[0])] == 1


@scenario("18b")
def var1_leaves_a_slot_with_user_text_alone() -> Story:
    world = with_slots("Office")
    (entry_id,) = [entry.id for entry in world.advo.entries.values() if not entry.tlf]
    world.advo.edit(entry_id, bemerkung=f"{slot(1)} alter Anschluss")
    world.espo.add(P[0], "Office")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry]
    assert remark(world, entry_id) == f"{slot(1)} alter Anschluss"


@scenario("19")
def typed_into_a_slot_is_var4_with_the_slots_kommkz() -> Story:
    world = with_slots("Fax")
    (entry_id,) = [entry.id for entry in world.advo.entries.values() if not entry.tlf]
    world.advo.edit(entry_id, tlf="0511 10001")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item]
    assert world.espo.items[form(P[0])].type == "Fax"
    assert remark(world, entry_id) == marker(P[0], 2)
    assert world.advo.entries[entry_id].online is True


@scenario("20")
def two_items_one_slot_one_put_one_post() -> Story:
    world = with_slots("Office")
    before = set(world.advo.entries)
    world.espo.add(P[0], "Office")
    world.espo.add(P[1], "Office")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry, Variant.add_entry]
    assert len(set(world.advo.entries) - before) == 1
    assert all(entry.tlf for entry in world.advo.entries.values())


# --- direction


def six_at_once() -> World:
    world = synced((P[0], "Fax"), (MOBILE, "Mobile"), (P[1], "Office"), (P[2], "Office"))
    world.espo.remove(form(P[0]))
    change_in_espo(world, MOBILE, "+491711234568")
    world.espo.add(P[3], "Home")
    world.advo.edit(entry_of(world, P[1]), tlf="")
    world.advo.edit(entry_of(world, P[2]), tlf=P[4])
    world.advo.add(P[5])
    return world


@scenario("21")
def both_all_six_at_once() -> Story:
    world = six_at_once()
    run = yield world, Direction.both
    assert variants(run) == [
        Variant.add_entry,
        Variant.clear_entry,
        Variant.change_entry,
        Variant.add_item,
        Variant.change_item,
        Variant.remove_item,
    ]
    assert values_in_espo(world) == values_in_advo(world) == {"+491711234568", *P[3:6]}


@scenario("22")
def to_espocrm_only_var3_var4_var6() -> Story:
    world = six_at_once()
    run = yield world, Direction.to_espocrm
    assert variants(run) == [Variant.add_item, Variant.change_item, Variant.remove_item]
    assert run.plan.skipped
    assert values_in_advo(world) == {P[0], MOBILE, P[4], P[5]}
    assert values_in_espo(world) == {"+491711234568", P[3], P[4], P[5]}


@scenario("23")
def to_advoware_only_var1_var2_var5_and_reverts() -> Story:
    world = six_at_once()
    run = yield world, Direction.to_advoware
    assert variants(run) == [Variant.add_entry, Variant.clear_entry, Variant.change_entry, Variant.revert]
    assert not run.plan.changes_espocrm
    assert sorted(codes(run)) == [ReportCode.addition_owed, ReportCode.lost_value, ReportCode.removal_owed]
    assert values_in_advo(world) == {"+491711234568", P[2], P[3], P[5]}


@scenario("24")
def to_advoware_and_then_both_the_skipped_var4_arrives() -> Story:
    world = synced((P[0], "Office"), (P[2], "Fax"))
    world.advo.add(P[1])
    world.advo.remove(entry_of(world, P[2]))
    world.sync(Direction.to_advoware)
    assert world.dirty
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item, Variant.remove_item]
    assert values_in_espo(world) == {P[0], P[1]}
    assert not world.dirty


# --- hash


@scenario("25")
def nothing_changed_no_write_on_either_side() -> Story:
    world = synced((P[0], "Office"), (MAIL, ""))
    run = yield world, Direction.both
    assert run.is_silent
    assert not run.plan.operations
    assert run.plan.is_empty


@scenario("26")
def an_irrelevant_entry_changes_hash_unchanged() -> Story:
    world = synced((P[0], "Office"))
    empty, text = world.advo.add(None), world.advo.add("siehe Akte")
    world.finish()
    before = world.espo.stored_hash
    world.advo.edit(empty, bemerkung="leer")
    world.advo.edit(text, tlf="siehe andere Akte")
    run = yield world, Direction.both
    assert run.is_silent
    assert world.espo.stored_hash == before is not None


@scenario("27")
def partial_failure_hash_not_written_next_run_finishes() -> Story:
    world = synced((P[0], "Office"))
    before = world.espo.stored_hash
    world.espo.add(P[1], "Office")
    world.espo.add(P[2], "Office")
    world.advo.add(P[3])
    world.forbidden = {1}
    partial = world.sync()
    assert (partial.failed, world.espo.stored_hash, world.dirty) == (1, before, True)
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry]
    assert values_in_espo(world) == values_in_advo(world) == set(P[:4])
    assert world.espo.stored_hash != before


# --- kommKz


@scenario("28")
def kommkz_from_the_marker_though_get_says_0() -> Story:
    world = World()
    world.espo.add(P[0], "Fax")
    entry_id = world.advo.add(P[1], remark=f"{marker(P[0], 7)} Faxgerät", komm_kz=7)
    world.espo.stored_hash, world.espo.touched = "earlier", False
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_item]
    assert remark(world, entry_id) == f"{marker(P[1], 7)} Faxgerät"
    assert world.espo.items[form(P[1])].type == "Fax"


@scenario("29")
def kommkz_from_a_top_level_field() -> Story:
    world = World(facts=Facts(top_level={"faxGesch": "0511 10001", "mobil": ""}))
    entry_id = world.advo.add("0511/10001")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item]
    assert world.espo.items[form(P[0])].type == "Fax"
    assert remark(world, entry_id) == marker(P[0], 2)


@scenario("30")
def kommkz_from_the_value() -> Story:
    world = World()
    expected = {
        world.advo.add(MAIL): 4,
        world.advo.add("0171 1234567"): 3,
        world.advo.add("0511 10001"): 1,
        world.advo.add("www.kanzlei.example"): 5,
    }
    run = yield world, Direction.both
    assert {link.entry_id: link.komm_kz for link in world.links} == expected
    assert variants(run) == [Variant.add_item] * 3
    assert codes(run) == [ReportCode.not_representable]


@scenario("31a")
def type_change_notify_told_once() -> Story:
    world = synced((P[0], "Office"), (P[1], "Office"))
    entry_id = entry_of(world, P[0])
    world.espo.change_type(form(P[0]), "Home")
    run = yield world, Direction.both
    assert not variants(run)
    assert [report.params for report in run.reports] == [{"old": "Office", "new": "Home"}]
    assert remark(world, entry_id) == marker(P[0], 1)
    assert [link.type_change_told for link in world.links if link.entry_id == entry_id] == ["Home"]
    assert not world.sync().reports
    world.espo.change_type(form(P[0]), "Fax")
    assert codes(world.sync()) == [ReportCode.type_change]


@scenario("31b")
def type_change_recreate_old_entry_slot_then_new_entry() -> Story:
    world = synced((P[0], "Office"), policy=KommPolicy(type_change=TypeChange.recreate))
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, bemerkung=f"{marker(P[0], 1)} Zentrale")
    world.espo.change_type(form(P[0]), "Home")
    run = yield world, Direction.both
    assert variants(run) == [Variant.type_change, Variant.add_entry]
    assert (world.advo.entries[entry_id].tlf, remark(world, entry_id)) == ("", f"{slot(1)} Zentrale")
    assert world.advo.real_komm_kz[entry_of(world, P[0])] == 6


@scenario("31c")
def type_changed_from_another_record_is_taken_over_in_silence() -> Story:
    world = synced((P[0], "Office"), policy=KommPolicy(type_change=TypeChange.recreate))
    world.espo.change_type(form(P[0]), "Home", elsewhere=True)
    run = yield world, Direction.both
    assert run.is_silent
    assert not run.reports
    assert [link.item_type for link in world.links] == ["Home"]


@scenario("32")
def value_that_fits_nothing_10_and_not_representable() -> Story:
    world = synced((P[0], "Office"))
    entry_id = world.advo.add("bitte nachfragen", remark="Notiz")
    run = yield world, Direction.both
    assert run.is_silent
    assert [(report.code, report.entry_id) for report in run.reports] == [(ReportCode.not_representable, entry_id)]
    assert [link.komm_kz for link in world.links if link.entry_id == entry_id] == [10]
    assert remark(world, entry_id) == "Notiz"


# --- beyond


@scenario("33a")
def marker_with_broken_base64_counts_as_user_text() -> Story:
    world = World()
    world.espo.add(P[0], "Office")
    entry_id = world.advo.add("0511 10001", remark="[ESPOCRM:%%%:1] Empfang")
    run = yield world, Direction.both
    assert variants(run) == [Variant.match]
    assert remark(world, entry_id) == f"{marker(P[0], 1)} [ESPOCRM:%%%:1] Empfang"


@scenario("33b")
def two_markers_in_one_remark_the_first_counts_and_the_other_goes() -> Story:
    world = World()
    world.espo.add(P[0], "Office")
    world.espo.stored_hash = "earlier"
    entry_id = world.advo.add(P[1], remark=f"a {marker(P[0], 1)} b {marker(P[5], 2)} c")
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_item]
    assert remark(world, entry_id) == f"a {marker(P[1], 1)} b c"


@scenario("33c")
def marker_in_the_middle_of_user_text_is_renewed_in_place() -> Story:
    world = synced((P[0], "Office"))
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, bemerkung=f"nur {marker(P[0], 1)}\nvormittags", tlf=P[1])
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_item]
    assert remark(world, entry_id) == f"nur {marker(P[1], 1)}\nvormittags"


def twins() -> tuple[World, int, int]:
    """The same number as TelGesch and Mobil: one item, one match, one alias."""
    world = World()
    world.espo.add(MOBILE, "Mobile")
    world.espo.add(P[6], "Fax")
    first, second = world.advo.add("0171 1234567"), world.advo.add("+49 171 1234567", komm_kz=3)
    world.finish()
    assert [(link.entry_id, link.alias) for link in world.links if link.entry_id in (first, second)] == [
        (first, False),
        (second, True),
    ]
    return world, first, second


@scenario("34a")
def twins_deleted_in_espocrm_both_follow() -> Story:
    world, first, second = twins()
    world.espo.remove(form(MOBILE))
    run = yield world, Direction.both
    assert variants(run) == [Variant.clear_entry, Variant.clear_entry]
    assert not world.advo.entries[first].tlf
    assert not world.advo.entries[second].tlf


@scenario("34b")
def twins_changed_in_espocrm_both_follow() -> Story:
    world, first, second = twins()
    change_in_espo(world, MOBILE, "+491711234568")
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_entry, Variant.change_entry]
    assert world.advo.entries[first].tlf == world.advo.entries[second].tlf == "+491711234568"


@scenario("34c")
def twins_changed_in_the_first_entry_item_stays_new_value_is_var4() -> Story:
    world, first, second = twins()
    world.advo.edit(first, tlf=P[0])
    run = yield world, Direction.both
    assert sorted(variants(run)) == [Variant.add_item, Variant.match]
    assert values_in_espo(world) == {MOBILE, P[6], P[0]}
    assert remark(world, first) == marker(P[0], 3)
    assert remark(world, second) == marker(MOBILE, 3)


@scenario("34d")
def twins_changed_in_the_second_entry_item_stays_new_value_is_var4() -> Story:
    world, first, second = twins()
    world.advo.edit(second, tlf=P[0])
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item]
    assert values_in_espo(world) == {MOBILE, P[6], P[0]}
    assert remark(world, first) == marker(MOBILE, 3)
    assert remark(world, second).startswith("[ESPOCRM:")


@scenario("37")
def worker_dies_after_the_marker_and_before_the_patch_number_arrives() -> Story:
    world = synced((P[0], "Office"))
    entry_id = world.advo.add(P[1])
    world.crash_at = 3
    with pytest.raises(Crash):
        world.sync()
    assert remark(world, entry_id) == marker(P[1], 1)
    assert form(P[1]) not in world.espo.items
    run = yield world, Direction.both
    assert values_in_espo(world) == values_in_advo(world) == {P[0], P[1]}
    assert run.wrote == 0


@scenario("38")
def espocrm_changes_a_to_b_while_b_is_added_by_hand_no_double() -> Story:
    world = synced((P[0], "Office"))
    change_in_espo(world, P[0], P[1])
    added = world.advo.add("0511 10002")
    run = yield world, Direction.both
    assert variants(run) == [Variant.clear_entry, Variant.match]
    assert world.advo.holders(form(P[1])) == [added]
    assert values_in_espo(world) == {P[1]}


@scenario("39")
def entry_duplicated_with_its_marker_and_another_value_both_values_on_both_sides() -> Story:
    world = synced((P[0], "Office"))
    copy = world.advo.add(P[1], remark=remark(world, entry_of(world, P[0])))
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item]
    assert values_in_espo(world) == values_in_advo(world) == {P[0], P[1]}
    assert remark(world, copy) == marker(P[1], 1)


@scenario("39b")
def entry_duplicated_with_its_marker_and_the_database_lost() -> Story:
    world = synced((P[0], "Office"))
    world.advo.add(P[1], remark=remark(world, entry_of(world, P[0])))
    world.lose_database()
    yield world, Direction.both
    assert values_in_espo(world) == values_in_advo(world) == {P[0], P[1]}


@scenario("40")
def remark_cleared_and_value_retyped_is_var6() -> Story:
    world = synced((P[0], "Home"))
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, tlf=P[1], bemerkung="")
    run = yield world, Direction.both
    assert variants(run) == [Variant.change_item]
    assert values_in_espo(world) == values_in_advo(world) == {P[1]}
    assert remark(world, entry_id) == marker(P[1], 6)


@scenario("41")
def faxprivat_autotelefon_and_telprivat_without_home_stay_what_they_were() -> Story:
    world = World(facts=Facts(phone_types=("Mobile", "Office", "Fax", "Other")))
    expected = {}
    for number, komm_kz, type in ((P[0], 7, "Fax"), (P[1], 9, "Other"), (P[2], 6, "Other")):
        world.espo.add(number, type)
        expected[world.advo.add(number, remark=marker(number, komm_kz), komm_kz=komm_kz)] = komm_kz
    world.finish()
    change_in_espo(world, P[0], P[3])
    change_in_espo(world, P[1], P[4])
    world.advo.edit(3, tlf=P[5])
    run = yield world, Direction.both
    assert sorted(variants(run)) == [Variant.change_entry, Variant.change_entry, Variant.change_item]
    found = {entry_id: markers.parse(remark(world, entry_id)).found for entry_id in expected}
    assert {entry_id: mark.komm_kz for entry_id, mark in found.items() if mark} == expected
    assert values_in_espo(world) == values_in_advo(world) == set(P[3:6])


@scenario("42")
def value_becomes_siehe_akte_frozen_everything_else_syncs() -> Story:
    world = synced((P[0], "Office"), (P[1], "Home"))
    entry_id = entry_of(world, P[0])
    world.advo.edit(entry_id, tlf="siehe Akte")
    world.espo.add(P[2], "Fax")
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry]
    assert codes(run) == [ReportCode.frozen]
    assert values_in_espo(world) == set(P[:3])
    assert (world.advo.entries[entry_id].tlf, remark(world, entry_id)) == ("siehe Akte", marker(P[0], 1))
    assert not world.dirty


@scenario("43")
def eleven_numbers_ten_synced_one_reported_in_one_run() -> Story:
    world = World()
    world.espo.max_phones = 10
    ids = [world.advo.add(f"0511 20{index:02}") for index in range(11)]
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item] * 10
    assert [(report.code, report.entry_id) for report in run.reports] == [(ReportCode.over_maximum, ids[10])]
    assert "again" not in run.reports[0].params
    assert len(world.espo.items) == 10
    assert remark(world, ids[10]) == ""
    assert not world.dirty
    run = world.sync()
    assert [(report.code, report.params) for report in run.reports] == [(ReportCode.over_maximum, {"again": "yes"})]
    world.espo.remove(sorted(world.espo.items)[0])
    world.sync()
    assert [link.no_room_told for link in world.links if link.entry_id == ids[10]] == [False]


@scenario("44")
def remark_cut_by_advoware_user_text_whole_no_write_at_every_run() -> Story:
    world = World()
    world.advo.remark_max = 40
    text = "nur vormittags, sonst Zentrale"
    entry_id = world.advo.add("0511 10001", remark=text)
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_item]
    assert remark(world, entry_id) == text
    assert values_in_espo(world) == {P[0]}


@scenario("45a")
def database_lost_with_unsynced_numbers_on_either_side() -> Story:
    world = synced((P[0], "Office"), (MAIL, ""))
    world.lose_database()
    world.espo.add(P[1], "Office")
    world.advo.add(P[2])
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry, Variant.add_item]
    assert values_in_espo(world) == values_in_advo(world) == {*P[:3], MAIL}


@scenario("45b")
def database_lost_after_the_marker_and_before_the_patch() -> Story:
    world = synced((P[0], "Office"))
    world.advo.add(P[1])
    world.crash_at = 3
    with pytest.raises(Crash):
        world.sync()
    world.lose_database()
    yield world, Direction.both
    assert values_in_espo(world) == values_in_advo(world) == {P[0], P[1]}


@scenario("45c")
def database_lost_item_without_an_entry_is_var1_not_var3() -> Story:
    world = synced((P[0], "Office"), (P[1], "Home"))
    world.advo.remove(entry_of(world, P[1]))
    world.lose_database()
    run = yield world, Direction.both
    assert variants(run) == [Variant.add_entry]
    assert values_in_espo(world) == values_in_advo(world) == {P[0], P[1]}


# --- running them


def start(story: Scenario) -> tuple[Story, World, Direction]:
    told = story()
    world, direction = next(told)
    return told, world, direction


def snapshot(world: World) -> tuple[object, ...]:
    """What both sides and we hold, without row ids, and without what a write that died may still bring."""
    entries = {entry.id: (entry.tlf, entry.bemerkung, entry.online) for entry in world.advo.entries.values()}
    links = [replace(link, late=()) for link in world.links]
    return dict(world.espo.items), entries, sorted(links, key=lambda link: link.entry_id or 0)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_scenario(name: str) -> None:
    told, world, direction = start(SCENARIOS[name])
    run = world.finish(direction)
    with pytest.raises(StopIteration):
        told.send(run)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_scenario_35_a_second_run_writes_nothing(name: str) -> None:
    _, world, direction = start(SCENARIOS[name])
    world.finish(direction)
    again = world.sync(direction)
    assert again.is_silent, again.plan.steps()
    assert not again.plan.operations


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_scenario_36_crash_at_any_step_then_a_run_ends_in_the_same_state(name: str) -> None:
    _, world, direction = start(SCENARIOS[name])
    world.finish(direction)
    expected = snapshot(world)
    for step in range(1, world.steps + 1):
        _, world, direction = start(SCENARIOS[name])
        world.crash_at = step
        with pytest.raises(Crash):
            world.finish(direction)
        world.finish(direction)
        assert snapshot(world) == expected, f"after a crash at step {step}"
        assert world.sync(direction).is_silent


@pytest.mark.parametrize("missing", ["items", "entries"])
def test_scenario_46_missing_list_nothing_planned(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = synced((P[0], "Office"))
    side = world.espo if missing == "items" else world.advo
    monkeypatch.setattr(side, "read", lambda: None)
    planned = world.preview()
    assert planned.stopped is Stop.missing_list
    assert planned.is_empty
    assert planned.skipped


@pytest.mark.parametrize("emptied", ["phones", "emails", "entries"])
def test_scenario_46_suddenly_empty_list_nothing_removed_until_seen_twice(emptied: str) -> None:
    world = synced((P[0], "Office"), (MAIL, ""))
    if emptied == "entries":
        world.advo.entries.clear()
    else:
        world.espo.remove(form(P[0] if emptied == "phones" else MAIL))
    first = world.sync()
    assert first.plan.stopped is Stop.empty_list
    assert first.plan.empty_lists == {emptied}
    assert first.is_silent
    second = world.sync()
    assert second.plan.stopped is None
    assert second.plan.empty_lists == {emptied}
    assert sum(operation.removes for operation in second.plan.operations) == (2 if emptied == "entries" else 1)
    assert world.sync().is_silent


def test_scenario_46_list_empty_only_for_a_moment_nothing_removed() -> None:
    world = synced((P[0], "Office"), (MAIL, ""))
    entries = dict(world.advo.entries)
    world.advo.entries.clear()
    world.sync()
    world.advo.entries.update(entries)
    assert world.sync().is_silent
    assert values_in_espo(world) == values_in_advo(world) == {P[0], MAIL}


def test_every_scenario_is_here() -> None:
    numbers = {int(name[:2]) for name in SCENARIOS} | {35, 36, 46}
    assert numbers == set(range(1, 47))


def test_marker_in_the_scenarios_is_the_one_people_know() -> None:
    assert marker(MAIL, 4) == f"[ESPOCRM:{base64.b64encode(MAIL.encode()).decode()}:4]"
