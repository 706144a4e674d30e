"""Stories without a number, and the biggest scenario in every habit that the two systems may have."""

import pytest

from tests.scenarios.kommunikation.stage import ALWAYS, Stage, play
from tests.scenarios.kommunikation.story import Story, stories

BEYOND = stories("beyond.md")
SIX_AT_ONCE = next(story for story in stories("scenarios.md") if story.number == 21)
HABITS = {
    "EspoCRM without versions": ("espocrm", {"optimistic_locking": False}),
    "Advoware answers without rowIds": ("advoware", {"row_id_in_answers": False}),
    "Advoware shows the real kommKz": ("advoware", {"kommkz_on_get": True}),
    "Advoware answers with lists": ("advoware", {"put_answers_list": True, "post_answers_list": True}),
    "Advoware trims texts": ("advoware", {"trims_text": True}),
    "EspoCRM takes national numbers": ("espocrm", {"international_only": False}),
}


@pytest.mark.parametrize("story", BEYOND, ids=lambda story: story.name)
def test_beyond(story: Story, stage: Stage) -> None:
    play(stage, story)
    stage.nothing_more_to_do()


@pytest.mark.parametrize("habit", HABITS)
def test_all_six_at_once_whatever_the_habits(habit: str, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same writes and the same end; only how often is read may differ."""
    monkeypatch.delitem(ALWAYS, "reads")
    system, switches = HABITS[habit]
    getattr(stage.firm.sandbox, system)(**switches)
    play(stage, SIX_AT_ONCE)
    stage.nothing_more_to_do()
