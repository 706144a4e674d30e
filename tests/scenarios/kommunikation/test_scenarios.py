"""Every scenario by number and name, played over HTTP: the end of both sides, the exact writes, and then nothing.

Scenario 35 is the last line of each; scenario 36 is test_crashes.py.
"""

import pytest

from tests.scenarios.kommunikation.stage import Stage, play, verbs
from tests.scenarios.kommunikation.story import Story, stories

SCENARIOS = stories("scenarios.md")
TOLD = (*SCENARIOS, *stories("beyond.md"), *stories("crashes.md"))
IN_OTHER_FILES = {35, 36}


@pytest.mark.parametrize("story", SCENARIOS, ids=lambda story: story.title)
def test_scenario(story: Story, stage: Stage) -> None:
    play(stage, story)
    stage.nothing_more_to_do()


def test_every_number_has_its_scenario() -> None:
    assert {story.number for story in SCENARIOS} | IN_OTHER_FILES == set(range(1, 47))


def test_no_story_says_what_the_stage_does_not_know() -> None:
    assert {sentence.verb for story in TOLD for sentence in story.sentences} <= set(verbs())
