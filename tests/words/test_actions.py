"""The words of acts: each act has its own, and no words are left of an act that is gone."""

from collections.abc import Mapping

import pytest

from syncapp.admin.pages.people.users import USER_ACTIONS
from syncapp.admin.pages.switches import SWITCHES
from syncapp.operations.actions import ACTIONS, OfferedAction
from syncapp.operations.actions.others import OTHERS
from syncapp.operations.calendars.actions import CALENDAR_ACTIONS
from syncapp.words.actions.account_actions import ACCOUNT_ACTIONS
from syncapp.words.actions.calendar_actions import CALENDAR_ACTION_WORDS
from syncapp.words.actions.other_actions import OTHER_ACTIONS
from syncapp.words.actions.record_actions import RECORD_ACTIONS
from syncapp.words.actions.shapes import ActionWords
from syncapp.words.actions.switches import SWITCH_WORDS

TABLES = {
    "record": (ACTIONS, RECORD_ACTIONS),
    "other": (OTHERS, OTHER_ACTIONS),
    "calendar": (CALENDAR_ACTIONS, CALENDAR_ACTION_WORDS),
}


@pytest.mark.parametrize("acts, words", TABLES.values(), ids=TABLES)
def test_each_act_has_its_words(acts: Mapping[str, OfferedAction], words: Mapping[str, ActionWords]) -> None:
    assert {code: act.words for code, act in acts.items()} == words


def test_each_switch_has_its_words() -> None:
    assert set(SWITCHES) == set(SWITCH_WORDS)
    assert all(one.label and one.icon and one.explanation for one in SWITCHES.values())


def test_each_act_on_an_account_has_its_words() -> None:
    assert set(USER_ACTIONS) == set(ACCOUNT_ACTIONS)
    assert all(one.label and one.icon and one.explanation for one in USER_ACTIONS.values())


def test_what_is_said_afterwards_is_of_an_act() -> None:
    done_at_once = {code for code, act in CALENDAR_ACTIONS.items() if act.carry_out}
    assert {code for code, words in CALENDAR_ACTION_WORDS.items() if words.done} == done_at_once
    assert {code for code, words in CALENDAR_ACTION_WORDS.items() if words.already} <= done_at_once
