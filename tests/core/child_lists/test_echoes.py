"""Webhook elements about an item: each row of the table by its number."""

from dataclasses import replace

import pytest

from syncapp.core.child_lists.echoes import ItemElement, KnownItem, judge_item
from syncapp.core.echoes import Judged

AT_REST = KnownItem("clean", linked=True, at_rest=True)
SAME = ItemElement("update", has_values=True, values_are_base=True)
OTHER = ItemElement("update", has_values=True)


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_row_1_during_a_run_it_waits_and_in_its_commit_it_is_judged(action: str) -> None:
    running = replace(AT_REST, record_status="syncing")
    assert judge_item(replace(OTHER, action=action), running) is Judged.WAITING
    assert judge_item(replace(OTHER, action=action), running, in_commit=True) is Judged.COUNTED


def test_row_2_and_3_a_delete_is_about_something_that_we_know_or_about_nothing() -> None:
    assert judge_item(ItemElement("delete"), KnownItem("clean")) is Judged.IRRELEVANT
    assert judge_item(ItemElement("delete"), AT_REST) is Judged.COUNTED


def test_row_4_a_moved_item_counts_though_its_values_are_known() -> None:
    assert judge_item(replace(SAME, moved=True), AT_REST) is Judged.COUNTED


def test_row_5_an_update_without_anything_that_is_kept_equal_is_irrelevant() -> None:
    assert judge_item(ItemElement("update"), AT_REST) is Judged.IRRELEVANT
    assert judge_item(ItemElement("update"), KnownItem("failed")) is Judged.IRRELEVANT


def test_row_6_an_item_that_says_it_differs_asks_for_a_run() -> None:
    assert judge_item(ItemElement("update", asks=True, has_marks=True), AT_REST) is Judged.COUNTED
    assert judge_item(replace(SAME, asks=True, has_marks=True), AT_REST) is Judged.COUNTED


@pytest.mark.parametrize("action", ["create", "update"])
def test_row_7_what_the_links_base_says_is_an_echo(action: str) -> None:
    assert judge_item(replace(SAME, action=action), AT_REST) is Judged.ECHO


@pytest.mark.parametrize("status", ["dirty", "failed", "conflict", "pending_sync"])
def test_row_7_holds_only_while_record_and_pair_are_at_rest(status: str) -> None:
    assert judge_item(SAME, replace(AT_REST, record_status=status)) is Judged.COUNTED
    assert judge_item(SAME, replace(AT_REST, at_rest=False)) is Judged.COUNTED


@pytest.mark.parametrize("status", ["clean", "failed"])
def test_row_8_marks_of_ours_alone_are_an_echo_in_every_status(status: str) -> None:
    assert judge_item(ItemElement("update", has_marks=True), KnownItem(status, linked=True)) is Judged.ECHO


def test_row_9_anything_else_counts() -> None:
    assert judge_item(OTHER, AT_REST) is Judged.COUNTED
    assert judge_item(ItemElement("create"), KnownItem("clean")) is Judged.COUNTED
    assert judge_item(replace(OTHER, action="create"), KnownItem("clean")) is Judged.COUNTED
