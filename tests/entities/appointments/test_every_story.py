"""No story, no row of a table and no answer of Google's is without a test of its own; found by their names.

The stories are those of other people's calendar syncs, numbered where this project began. A test bears the number of
its story, a row's test the name of its row. To extend: a new member of the enumerations asks for its test here.
"""

import ast
import re
from pathlib import Path

import pytest

from sandbox.google.reasons import REASONS
from syncapp.core.appointments.plan_shapes import HoldReason, PairRow, QuestionCode
from syncapp.core.appointments.rows import AppointmentAction
from tests.entities.appointments.test_googles_answers import ON_PATCH

TESTS = Path(__file__).resolve().parents[2]
FOLDERS = ("core/appointments", "entities/appointments", "remotes", "commands", "operations")
STORIES: dict[int, str] = {
    1: "moved out of the window and back",
    2: "days go by over an item at the far edge",
    3: "an old item is moved into the future",
    4: "a copy carries the link along",
    5: "a list is empty once",
    6: "a time zone at the window's border",
    7: "somebody edits between read and write",
    8: "deleted on both sides",
    9: "the sync token ends while something is deleted",
    10: "an id is burnt",
    11: "the honest last deletion",
    12: "an update keeps its id",
    13: "a second run is silent",
    14: "both sides are filled already",
    15: "a Termin in two calendars",
    16: "answers are lost",
    17: "a series over the change of the clock",
    18: "a series that ends at the change of the clock",
    19: "exceptions of a series",
    20: "instances are no appointments",
    21: "whole days",
    22: "guests are never mailed",
    23: "the quota is exceeded",
    24: "writes to one calendar are serial",
    25: "many calendars at once",
    26: "private",
    27: "a kind switched off and on",
    28: "a rule that does not map",
    29: "this and following",
    30: "shared, and nobody sees it",
    31: "a cut text does not come back",
    32: "deleted here, edited there",
    33: "a series that began long ago",
    34: "gone already is no error",
}
# What a refusal of Google's comes to in a pass, where it is not a row of ON_PATCH: the test that shows it.
ELSEWHERE = {
    "required": "a_patch_refused",  # as every 400
    "authError": "login_refused",
    "quotaExceeded": "quota_exceeded_stops_creates_for_all_and_nothing_else",
    "forbiddenForServiceAccounts": "an_event_with_guests_is_never_touched_and_nobody_is_mailed",
    "notFound": "a_calendar_that_is_gone_deletes_nothing",
    "duplicate": "new_in_advoware_and_the_id_is_taken_by_ours",
    "deleted": "on_both_sides",
    "fullSyncRequired": "the_deletion_is_found_and_applied",
    "updatedMinTooLongAgo": "the_deletion_is_found_and_applied",
}


def names() -> set[str]:
    """Every test and class of tests about calendars, without "test_"."""
    found = set()
    for folder in FOLDERS:
        for path in (TESTS / folder).rglob("test_*.py"):
            found.add(path.stem.removeprefix("test_"))
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    found.add(node.name.removeprefix("test_"))
    return found


NAMES = names()


def numbers() -> set[int]:
    """Those that names bear: story_7_…, TestStory08And34…"""
    told = " ".join(NAMES)
    in_classes = " ".join(re.findall(r"TestStory([0-9And]+)", told))
    return {int(number) for number in [*re.findall(r"\bstory_(\d+)_", told), *re.findall(r"\d+", in_classes)]}


@pytest.mark.parametrize("number", STORIES, ids=lambda number: f"{number} {STORIES[number]}")
def test_story_has_its_test(number: int) -> None:
    assert number in numbers()


def test_no_test_bears_a_number_that_is_no_story() -> None:
    assert numbers() == set(STORIES)


@pytest.mark.parametrize("row", [*PairRow, *HoldReason, *QuestionCode])
def test_row_has_its_test(row: str) -> None:
    """A test begins with its name, or a module or class is called so."""
    assert [name for name in NAMES if name.startswith(str(row)) or str(row) in SAME.get(name, ())], row


# Tests that speak of a member in other words.
SAME: dict[str, tuple[str, ...]] = {
    "less_than_half_of_a_google_list": (HoldReason.google_list_small,),
    "an_empty_advoware_list_of_many_is_read_again_before_anything_else": (HoldReason.advoware_list_small,),
    "a_number_that_a_person_chose_is_read_singly": (QuestionCode.first_meeting_far_away,),
    "changed_in_both_and_a_person_decides": (QuestionCode.conflict,),
    "ambiguous_items_wait_and_nothing_else_does": (QuestionCode.ambiguous,),
    "post_without_an_answer_that_is_not_found_asks": (QuestionCode.post_outcome_unknown,),
    "many_new_termine_are_asked_about_and_the_others_go_on": (QuestionCode.many_new,),
    "a_masked_text_gives_way_by_decision": (QuestionCode.private_text_differs,),
    "oscillation_asks": (QuestionCode.oscillates,),
}


def test_what_is_said_in_other_words_is_there() -> None:
    assert set(SAME) <= NAMES


@pytest.mark.parametrize("reason", REASONS)
def test_answer_of_google_has_its_test(reason: str) -> None:
    assert reason in ON_PATCH or ELSEWHERE[reason] in NAMES


@pytest.mark.parametrize("action", AppointmentAction)
def test_write_has_its_deaths(action: AppointmentAction) -> None:
    """A process dies before and after each kind of write."""
    from tests.entities.appointments.test_crashes import WRITES

    assert action.value in WRITES
