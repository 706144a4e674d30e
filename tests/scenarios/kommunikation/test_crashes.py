"""Scenario 36: the worker dies around any single remote write; then a run comes to the same end as without that.

For every write of a story: once before it goes out, once when it has reached the other side and its answer is lost.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp.models import SyncRecord
from tests.scenarios.kommunikation.stage import Stage, play
from tests.scenarios.kommunikation.story import Story, stories
from tests.support import operator

STORIES = {story.name: story for story in stories("crashes.md")}
End = dict[str, list[str]]


def end_of(stage: Stage) -> End:
    """Both sides as people see them; rowIds and times differ from run to run."""
    return {"EspoCRM": sorted(stage.espocrm_now()), "Advoware": sorted(stage.advoware_now())}


def is_in_order(stage: Stage) -> None:
    record = stage.record
    assert (record.status, record.lease_token) == ("clean", ""), record.fault
    assert stage.firm.espo(stage.espo_id)["kommunikationHash"] == record.kommunikation_hash != ""
    the_late_look_has_come(stage)
    assert not [link for link in record.links.all() if link.entry_id is None or link.pending]
    stage.nothing_more_to_do()


def the_late_look_has_come(stage: Stage) -> None:
    """Nothing that was sent before can land any more."""
    past = timezone.now() - timedelta(hours=1)
    if SyncRecord.objects.filter(late_look_at__isnull=False).update(late_look_at=past):
        assert stage.firm.sync(stage.espo_id).status == "clean"


def dies(stage: Stage, story: Story, number: int, *, sent: bool) -> bool:
    """The story, and then a run whose worker dies at that write; whether it came so far."""
    play(stage, story)
    return stage.dies_at(number, sent=sent)


def recover(stage: Stage) -> None:
    """Runs without a fault until nothing is left to do."""
    stage.set_up()
    stage.firm.sync(stage.espo_id)
    if stage.record.kind == "create_outcome_unknown":
        decide_as_a_person(stage)
        stage.firm.sync(stage.espo_id)
    while stage.record.status == "dirty":
        stage.firm.sync(stage.espo_id)


def decide_as_a_person(stage: Stage) -> None:
    """A create is never repeated by itself: somebody looks into Advoware, and links or lets it be created."""
    there = stage.firm.sandbox.state()["advoware"]
    if there:
        operator.link_to_betnr(stage.record, there[-1]["betNr"])
    else:
        operator.create_after_all(stage.record)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(False, id="before it is sent", marks=[pytest.mark.long, pytest.mark.chaos]),
        pytest.param(True, id="after it arrived"),
    ],
)
@pytest.mark.parametrize("story", STORIES.values(), ids=lambda story: story.name)
def test_36_crash_at_any_write(story: Story, sent: bool, stage: Stage, anew: Callable[[], Stage]) -> None:
    play(stage, story)
    recover(stage)
    undisturbed, writes, died = end_of(stage), 0, True
    while died:
        stage, writes = anew(), writes + 1
        died = dies(stage, story, writes, sent=sent)
        recover(stage)
        assert end_of(stage) == undisturbed, f"worker died at write {writes}"
        is_in_order(stage)
    assert writes > 3, "the story has hardly any writes to die at"
    assert SyncRecord.objects.count() == 1
