"""What runs leave behind in our own database: links, conflicts, counts, requests."""

from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp.engine.runs.sync_record import Ended
from syncapp.models import Attempt, Conflict, OperatorLog, SyncRecord
from syncapp.operations.actions.by_hand import done_by_hand
from syncapp.operations.actions.shapes import ActionContext, ActionRefused
from tests.scenarios.kommunikation.stage import Stage


@pytest.fixture
def synced(stage: Stage) -> Stage:
    stage.holds_in_espocrm("Office  +49511100001")
    stage.holds_in_advoware("TelGesch  0511 100001")
    stage.in_step()
    return stage


def test_every_entry_has_its_link_before_the_first_write(stage: Stage) -> None:
    stage.holds_in_espocrm("Office  +49511100001")
    stage.holds_in_advoware("TelGesch  0511 100001")
    stage.holds_in_advoware("Sonstige  siehe Akte")
    stage.dies_at(1, sent=False)
    links = {link.entry_id: link for link in stage.record.links.all()}
    assert set(links) == {entry["id"] for entry in stage.kommunikation()}
    first, second = (links[entry["id"]] for entry in stage.kommunikation())
    assert first.pending["tlf"] == "0511 100001"
    assert (second.pending, second.base) == (None, None)


def test_a_post_under_way_has_a_link_without_an_entry(synced: Stage) -> None:
    synced.anna_adds("Mobile  +491701000002")
    synced.dies_at(1, sent=True)
    waiting = synced.record.links.get(entry_id=None)
    assert (waiting.komm_kz, waiting.base, waiting.pending["tlf"]) == (3, None, "+491701000002")
    synced.run("clean")
    assert not synced.record.links.filter(entry_id=None).exists()
    assert synced.record.links.count() == 2


def test_a_lost_value_is_logged_with_what_both_sides_held(synced: Stage) -> None:
    entry_id = synced.kommunikation()[0]["id"]
    synced.anna_changes("+49511100001", "to", "+49511100002")
    synced.clerk_changes("0511 100001", "to", "0511 100003")
    synced.run("clean")
    row = Conflict.objects.get()
    assert (row.field, row.base_espo, row.base_advo) == (f"kommunikation.{entry_id}", "+49511100001", "0511 100001")
    assert (row.espo, row.advo, row.kept, row.open) == ("+49511100002", "0511 100003", "espocrm", False)


def test_a_value_that_is_lost_twice_over_is_logged_once(synced: Stage) -> None:
    """The run fails after it has logged the value, and the next one finishes it."""
    synced.anna_changes("+49511100001", "to", "+49511100002")
    synced.clerk_changes("0511 100001", "to", "0511 100003")
    synced.advoware_refuses("PUT", "403")
    synced.run("failed")
    first = Conflict.objects.get()
    synced.firm.sync(synced.espo_id)
    assert synced.record.status == "clean"
    assert Conflict.objects.get() == first


def test_the_history_counts_by_variant(synced: Stage) -> None:
    synced.anna_adds("Mobile  +491701000002")
    synced.clerk_adds("FaxGesch  0511 100003")
    synced.clerk_adds("MailGesch  erika@example.org")
    synced.run("clean")
    synced.clerk_deletes("0511 100003")
    attempt = Attempt.objects.order_by("-pk")[0]
    assert {name: counts["done"] for name, counts in attempt.summary.items()} == {"Var1": 1, "Var4": 2}
    synced.run("clean")
    attempt = Attempt.objects.order_by("-pk")[0]
    assert attempt.summary == {"Var3": {"done": 1}}
    assert [(row.side, row.field, row.before, row.after) for row in attempt.changes.all()] == [
        ("espocrm", "phone", "+49511100003", None)
    ]


def test_a_run_that_lost_its_lease_writes_no_link_and_asks_for_another_look(synced: Stage) -> None:
    synced.clerk_adds("Mobil  0170 1000002")
    links = list(synced.record.links.values())
    asked = synced.record.requested

    def taken_over(*_: object) -> None:
        SyncRecord.objects.update(fence=99, lease_token="somebody else", lease_expires=timezone.now() + timedelta(1))

    plain = synced.wire.between

    def between(system: str, request: object, exchange: object) -> object:
        answer = plain(system, request, exchange)  # type: ignore[arg-type]
        if request.method == "PUT":  # type: ignore[attr-defined]
            taken_over()
        return answer

    synced.wire.between = between  # type: ignore[assignment, method-assign]
    assert synced.firm.sync(synced.espo_id).ended is Ended.LOST
    assert synced.record.requested == asked + 1
    assert [row for row in synced.record.links.values() if row["base"]] == [row for row in links if row["base"]]


def test_characters_that_no_database_keeps(stage: Stage) -> None:
    stage.holds_in_advoware("Mobil  0170 1000002")
    odd = "siehe\x00 Akte\ud800"

    def rewrite(request: object, answer: object) -> object:
        if isinstance(answer, dict) and "kommunikation" in answer:
            entries = [{**entry, "bemerkung": "a\x00b"} for entry in answer["kommunikation"]]
            return {**answer, "kommunikation": [*entries, {"id": 999999, "tlf": odd, "bemerkung": odd}]}
        return answer

    stage.wire.rewrite = rewrite
    stage.set_up()
    stage.firm.sync(stage.espo_id)
    assert "Mobile  +491701000002" in [one.removesuffix("  primary") for one in stage.espocrm_now()]


def corrected(stage: Stage, entry_id: int) -> str:
    return done_by_hand(
        record=stage.record,
        part="kommunikation",
        code="type_corrected",
        entry_id=entry_id,
        action_context=ActionContext("anna"),
    )


class TestTypeCorrected:
    """What the button on the record's page does."""

    def told(self, stage: Stage) -> int:
        stage.anna_retypes("+49511100001", "Fax")
        stage.run("clean")
        return int(stage.kommunikation()[0]["id"])

    def test_is_logged_and_asks_for_a_run(self, synced: Stage) -> None:
        entry_id = self.told(synced)
        asked = synced.record.requested
        assert corrected(synced, entry_id) == "kommKz 2"
        assert synced.record.requested == asked + 1
        assert synced.record.links.get().komm_kz == 2
        assert OperatorLog.objects.get(action="type_corrected").actor == "anna"

    def test_is_refused_where_nothing_was_told(self, synced: Stage) -> None:
        with pytest.raises(ActionRefused):
            corrected(synced, synced.kommunikation()[0]["id"])

    def test_is_refused_a_second_time(self, synced: Stage) -> None:
        entry_id = self.told(synced)
        corrected(synced, entry_id)
        with pytest.raises(ActionRefused):
            corrected(synced, entry_id)

    def test_is_refused_while_a_run_holds_the_record(self, synced: Stage) -> None:
        entry_id = self.told(synced)
        SyncRecord.objects.update(lease_token="x", lease_expires=timezone.now() + timedelta(minutes=5))
        with pytest.raises(ActionRefused):
            corrected(synced, entry_id)
        assert synced.record.links.get().komm_kz == 1
