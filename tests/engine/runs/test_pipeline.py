"""The pipeline: what steers it are values, its context does not change, and the way to a remote client is short."""

import ast
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from syncapp import jobs
from syncapp.core.requests import Source
from syncapp.core.states import Event, Status
from syncapp.engine import registry
from syncapp.engine.rows.lease import LeaseLost
from syncapp.engine.runs import pipeline
from syncapp.engine.runs.run import Failed, RunContext, RunLog
from syncapp.engine.runs.steps import Finished, ReadAgain, RunResult
from syncapp.entities.appointments import due_passes
from syncapp.models import Outcome
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.google_calendar.client import GoogleCalendarClient
from syncapp.remotes.http.errors import NotFound, Transient, VersionConflict
from tests.support.calendars import Office
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm

ROOT = Path(__file__).resolve().parents[3] / "syncapp"
MOST_FRAMES = 12
# Every method with which a run changes something.
WRITES: dict[type, tuple[str, ...]] = {
    AdvowareClient: (
        *("create", "update", "create_kommunikation", "update_kommunikation", "create_child", "update_child"),
        *("create_termin", "update_termin", "delete_termin"),
    ),
    EspoClient: ("create", "patch", "delete"),
    GoogleCalendarClient: ("insert", "patch", "delete"),
}
VERBS = {"create", "update", "patch", "insert", "delete", "add", "share", "unshare", "post"}
# Set up by people, or told to them.
NOT_IN_A_RUN = {
    *("create_webhook", "update_webhook", "delete_webhook", "post_note"),
    *("create_calendar", "delete_calendar", "add_to_list", "share", "unshare"),
}


# --- the way to the client


def our_frames(frame: FrameType | None) -> list[str]:
    """Functions of ours on the stack, the innermost first; those of the remote clients themselves do not count."""
    found = []
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            found.append(f"{path.relative_to(ROOT)}:{frame.f_code.co_qualname if sys.version_info > (3, 11) else ''}")
        frame = frame.f_back
    return found


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The longest way on which each kind of remote write was reached, by client and method."""
    found: dict[str, list[str]] = {}

    def watch(owner: type, name: str) -> None:
        real, called = getattr(owner, name), f"{owner.__name__}.{name}"

        def call(client: Any, *arguments: Any, **named: Any) -> Any:
            way = our_frames(sys._getframe(1))
            found[called] = max(way, found.get(called, []), key=len)
            return real(client, *arguments, **named)

        monkeypatch.setattr(owner, name, call)

    for owner, names in WRITES.items():
        for name in names:
            watch(owner, name)
    return found


def are_short(ways: dict[str, list[str]]) -> bool:
    """The client's own method is one more."""
    assert {name: way for name, way in ways.items() if len(way) + 1 > MOST_FRAMES} == {}
    return True


def test_each_write_of_a_client_is_watched() -> None:
    """A client's further write is named in WRITES, or among what no run does."""
    named = {owner: {name for name in vars(owner) if name.split("_")[0] in VERBS} for owner in WRITES}
    assert {owner: names - NOT_IN_A_RUN for owner, names in named.items()} == {
        owner: set(names) for owner, names in WRITES.items()
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alone", [True, False])
def test_at_most_twelve_frames_from_the_job_to_the_client(
    firm: Firm, ways: dict[str, list[str]], *, alone: bool
) -> None:
    first = firm.new(phoneNumberData=[{"phoneNumber": "+4951110001", "type": "Office"}])
    second, betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+4951110002", "type": "Office"}])
    firm.sandbox.anna.change(second, titel="Prof.", phoneNumberData=[{"phoneNumber": "+4951110003", "type": "Office"}])
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    ways.clear()
    from syncapp.models import SyncRecord

    ids = [SyncRecord.objects.get_or_create(espo_id=espo_id)[0].pk for espo_id in (first, second)]
    firm.ask(second)
    for batch in [[record_id] for record_id in ids] if alone else [ids]:
        jobs.sync_records(batch)
    advoware = {f"AdvowareClient.{act}{what}" for act in ("create", "update") for what in ("", "_kommunikation")}
    assert set(ways) == {*advoware, "EspoClient.patch"}
    assert are_short(ways)


@pytest.mark.django_db(transaction=True)
def test_at_most_twelve_frames_to_the_client_of_a_list(firm: Firm, ways: dict[str, list[str]], settings: Any) -> None:
    settings.ESPOCRM_ADRESSEN, settings.ADRESSEN_INITIAL = "entity", "both"
    lists = ChildLists(firm, *firm.pair())
    item = lists.item(strasse="Wall 1", plz="30159", ort="Hannover")
    jobs.sync_records([firm.record(lists.espo_id).pk])
    firm.ask(lists.espo_id)
    jobs.sync_records([firm.record(lists.espo_id).pk])
    lists.edit_item(item, strasse="Markt 2")
    firm.ask(lists.espo_id)
    jobs.sync_records([firm.record(lists.espo_id).pk])
    assert {"AdvowareClient.create_child", "AdvowareClient.update_child"} <= set(ways)
    assert are_short(ways)


def test_at_most_twelve_frames_to_google_and_to_a_termin(office: Office, ways: dict[str, list[str]]) -> None:
    employee = office.hire()
    edited, removed, moved = (office.enter(number) for number in (1, 2, 3))
    typed_in = office.type_in(4)
    office.sync()
    office.edit(edited, text="Verhandlung")
    office.remove(removed)
    office.in_google("change", office.row(moved).google_id, summary="Verhandlung")
    office.in_google("delete", typed_in)
    due_passes.request_passes([employee.pk], source=Source.SWEEP, cause="tests")
    jobs.sync_calendars([employee.pk])
    google = {f"GoogleCalendarClient.{name}" for name in WRITES[GoogleCalendarClient]}
    assert set(ways) == {*google, *(f"AdvowareClient.{act}_termin" for act in ("create", "update", "delete"))}
    assert are_short(ways)


# --- one plan


ONLY_THE_PLAN = {
    ("syncapp.core.beteiligte.validation", "validate"),
    ("syncapp.core.three_way_merge", "compare"),
    ("syncapp.core.kommunikation", "plan"),
    ("syncapp.core.kommunikation.plan", "plan"),
}
# What a person enters instead of both sides is validated before it is kept.
PLANNING = {
    "core/beteiligte/plan.py",
    "core/beteiligte/entering.py",
    "core/kommunikation/__init__.py",
}


def test_nothing_but_the_plan_compares_validates_or_plans_contact_points() -> None:
    found = []
    for path in ROOT.rglob("*.py"):
        name = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and name not in PLANNING:
                found += [(name, one.name) for one in node.names if (node.module, one.name) in ONLY_THE_PLAN]
    assert found == []


def test_renewing_a_lease_only_renews_a_lease() -> None:
    """No renewal decides: nothing raises or returns something else because of what the run has read."""
    tree = ast.parse((ROOT / "engine" / "runs" / "run.py").read_text())
    (renew,) = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "renew")
    assert not [node for node in ast.walk(renew) if isinstance(node, ast.If | ast.Raise | ast.Return)]


# --- values steer


class Story:
    """An entity whose steps do what the story says."""

    name = "story"

    def __init__(self, *steps: Any) -> None:
        self.steps = list(steps)
        self.reads = 0
        self.hints: list[Any] = []

    def read(self, context: Any, log: Any) -> Any:
        self.reads += 1
        self.hints.append(context.hint)
        return "reading"

    def plan(self, reading: Any) -> Any:
        return type("Plan", (), {"verdict": "v", "direction": ""})()

    def check(self, *_what: Any) -> Any:
        return None

    def apply(self, *_what: Any) -> Any:
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def result_of(self, context: Any, log: Any, applied: Any) -> Any:
        return RunResult(event=Event.EQUAL, outcome=Outcome.DONE, verdict=applied)


def told(monkeypatch: pytest.MonkeyPatch, story: Story, **given: Any) -> Any:
    """What the run came to: a RunResult, or how it failed."""
    ends: list[Any] = []
    monkeypatch.setattr(pipeline.results, "finish", lambda _context, _log, result: ends.append(result) or Status.CLEAN)
    monkeypatch.setattr(pipeline.failures, "conclude", lambda _context, _log, failed: ends.append(failed))
    context = RunContext(story, *[None] * 9, **given)  # type: ignore[arg-type, misc]
    pipeline.run(context, RunLog())
    (end,) = ends
    return end


def test_what_was_applied_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, Story("applied")).verdict == "applied"


def test_read_again_and_then_done(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(ReadAgain(), VersionConflict(system="espocrm", operation="PATCH"), "applied")
    assert told(monkeypatch, story).verdict == "applied"
    assert story.reads == 3


def test_what_keeps_moving_fails_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = told(monkeypatch, Story(*[ReadAgain()] * 3))
    assert (failed.kind, failed.code) == ("transient", "keeps_moving")


def test_what_is_shown_and_not_found_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has changed anything, and the whole system is not to blame either."""
    missing = NotFound("no such object", system="advoware", operation="PUT Kommunikationen/{id}", status=404)
    failed = told(monkeypatch, Story(VersionConflict(system="espocrm", operation="PATCH"), missing, missing))
    assert (failed.kind, failed.code, failed.system) == ("transient", "remote_not_found", "")
    assert failed.params["system"] == "advoware"
    moves = told(monkeypatch, Story(missing, missing, VersionConflict(system="espocrm", operation="PATCH")))
    assert moves.code == "keeps_moving"


def test_a_rest_and_a_list_row_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(ReadAgain(), *[ReadAgain(counts=False)] * 5, ReadAgain(), ReadAgain(), "applied")
    assert told(monkeypatch, story, stand_in="row").verdict == "applied"


def test_a_hint_is_for_the_first_read(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(ReadAgain(), "applied")
    assert told(monkeypatch, story, hint=7).verdict == "applied"
    assert story.hints == [7, None]


def test_an_error_of_a_remote_system_becomes_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = told(monkeypatch, Story(Transient("no answer", system="espocrm", operation="PATCH")))
    assert (failed.kind, failed.system) == ("transient", "espocrm")


def test_a_failure_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, Story(Finished(Failed("validation", "validation")))).code == "validation"


def test_a_lost_lease_ends_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LeaseLost):
        told(monkeypatch, Story(LeaseLost()))


def test_the_context_does_not_change() -> None:
    context = RunContext(Story(), *[None] * 9)  # type: ignore[arg-type, misc]
    for one in fields(RunContext):
        with pytest.raises(FrozenInstanceError):
            setattr(context, one.name, None)


def test_the_log_only_grows() -> None:
    """Nothing in the program takes anything back from a run's log."""
    takes_back = {"clear", "pop", "remove", "discard", "popitem", "difference_update"}
    logs = {field.name for field in fields(RunLog)}
    found = []
    for path in [*(ROOT / "engine").rglob("*.py"), *(ROOT / "entities").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in takes_back and isinstance(node.value, ast.Attribute):
                owner = node.value
                if owner.attr in logs and isinstance(owner.value, ast.Name) and owner.value.id in ("log", "run_log"):
                    found.append((path.name, node.lineno))
    assert found == []


def test_what_was_done_adds_up_and_what_failed_is_what_failed_last() -> None:
    log = RunLog()
    log.add_round({"Var1": {"done": 1, "failed": 1, "status": 403}})
    log.add_round({"Var1": {"done": 1}, "Var2": {"failed": 1, "status": 400}})
    log.add_done(["Var4", "Var4", "Var1"])
    assert log.summary == {"Var1": {"done": 3}, "Var2": {"failed": 1, "status": 400}, "Var4": {"done": 2}}


def test_entities_register_themselves() -> None:
    assert [one.name for one in registry.entities()] == ["beteiligte"]
    assert registry.entity() is registry.entity("beteiligte")


def test_the_usual_entity_is_named_and_not_the_one_that_was_imported_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found: a page's import of calendars made every sync of a record one of calendars."""
    known = {one: registry.entity(one) for one in ("calendars", "beteiligte")}
    monkeypatch.setattr(registry, "_entities", {})
    monkeypatch.setattr(registry, "_usual", [])
    registry.register(known["calendars"])
    registry.register(known["beteiligte"], usual=True)
    assert registry.entity().name == "beteiligte"
