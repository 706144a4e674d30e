"""Two calendars and one Advoware, told to the real passes: lease, rows, intents and answers, on a database.

The story, its people and its promises are those of tests/core/appointments/test_appointments_machine.py: windows that
slide over days and series, edits on both sides, deletions, copies, moves, lost answers, killed processes. Afterwards:
nothing is lost without a word, nothing doubled, and a further pass writes nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck

from syncapp.core.appointments.policy import ConflictRule, DeleteInAdvoware, GoneAndChanged, Private
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import Status
from syncapp.engine import breaker, control, job_queue
from syncapp.engine.runs import sync_record
from syncapp.entities.appointments import apply as applying
from syncapp.entities.appointments import check, configured, entity, write
from syncapp.entities.appointments.rows import store
from syncapp.models import CalendarEmployee, CalendarPass, RemoteFact
from syncapp.remotes.http.errors import OutcomeUnknown, RemoteError, Transient
from tests.core.appointments.test_appointments_machine import Appointments
from tests.core.appointments.world import NOON
from tests.machine.passes import PassedCalendar
from tests.machine.stories import in_portions, tell


class NoLock:
    """Redis is away: the lease alone has to serve."""

    def __init__(self, key: str) -> None:
        self.key = key

    def acquire(self) -> bool:
        return True

    def renew(self) -> None: ...

    def release(self) -> None: ...


class Passes(Appointments):
    calendar_type = PassedCalendar

    def __init__(self) -> None:
        super().__init__()
        CalendarEmployee.objects.all().delete()
        CalendarPass.objects.all().delete()
        RemoteFact.objects.all().delete()

    def teardown(self) -> None:
        super().teardown()
        passes = CalendarPass.objects.all()
        assert not passes.filter(kind=ErrorKind.BUG).exists(), list(passes.values_list("fault", "traceback"))
        settled = CalendarEmployee.objects.values_list("kuerzel", "status", "kind", "fault")
        assert all(status in (Status.CLEAN, Status.CONFLICT) for _kuerzel, status, *_more in settled), list(settled)


@pytest.fixture
def services(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real services; what they use of the two systems and of the clock is the calendar's that is at work."""

    def at_work() -> PassedCalendar:
        return PassedCalendar.at_work

    true_policy, true_plan, true_send, true_save = configured.policy, check.plan_calendar, write.send, store.save
    true_conflicts = applying._note_conflicts

    def policy(switches: Any) -> Any:
        return replace(at_work().policy, can_delete=true_policy(switches).can_delete)

    def plan(snapshot: Any) -> Any:
        at_work().last = true_plan(snapshot)
        return at_work().last

    def send(context: Any, reading: Any, step: Any, pair: Any) -> Any:
        at_work().before_step(step)
        try:
            answered = true_send(context, reading, step, pair)
        except (OutcomeUnknown, Transient):
            raise
        except RemoteError:
            at_work().after_answer(step)
            raise
        at_work().after_answer(step)
        return answered

    def save(*args: Any, **options: Any) -> int:
        at_work().changed()
        return true_save(*args, **options)

    def note_conflicts(context: Any, row_id: int, reports: Any) -> None:
        at_work().reports += reports
        true_conflicts(context, row_id, reports)

    control.set_mode(mode="live", by="tests")
    for module, name, replacement in (
        (configured, "policy", policy),
        (check, "plan_calendar", plan),
        (entity, "configured_clients", lambda: at_work().clients),
        (write, "send", send),
        (write, "BriefLock", NoLock),
        (store, "save", save),
        (applying, "_note_conflicts", note_conflicts),
        (sync_record, "RecordLock", NoLock),
        (timezone, "now", lambda: at_work().now),
        (breaker, "failed", lambda **_error: False),
        (job_queue, "enqueue", lambda *_ids, **_where: None),
    ):
        monkeypatch.setattr(module, name, replacement)


def begun() -> Passes:
    machine = Passes()
    machine.start(
        old_series=True,
        tombstones=False,
        empty=False,
        deletes=True,
        keeps=None,
        delete=DeleteInAdvoware.own,
        gone=GoneAndChanged.ask,
        conflict=ConflictRule.origin,
        private=Private.busy,
        full_content=False,
    )
    return machine


def a_post_dies(machine: Passes) -> None:
    """Made, and nobody knows; the employee's calendar shows no contents, so that equal ones are not looked for."""
    machine.enter_event(kuerzel="AI", day=NOON.date(), hours=("09:00", "10:00"), repeats="", whole=False)
    machine.process_dies(kuerzel="AI", in_google=False, fault="crash_after", undone=False)


def a_patch_dies_and_the_edit_is_undone(machine: Passes) -> None:
    """What Google shows is our own write, not somebody's edit: the one who took it back in Advoware is right."""
    machine.enter_termin(kuerzel="SB", day=NOON.date(), hours=("09:00", "10:00"), turnus=0, private=False)
    machine.run_pass(kuerzel="SB", daily=False)
    machine.edit_termin(chosen=0, what="text", day=NOON.date())
    machine.process_dies(kuerzel="SB", in_google=True, fault="crash_after", undone=True)


@pytest.mark.parametrize("story", [a_post_dies, a_patch_dies_and_the_edit_is_undone])
def test_intents_that_are_not_stored_are_noticed(
    services: None, monkeypatch: pytest.MonkeyPatch, story: Callable[[Passes], None]
) -> None:
    machine = begun()
    story(machine)
    machine.teardown()
    true_saved = applying._PairWriter._saved

    def without_its_intent(self: Any, pair: Any, *told: Any) -> Any:
        return replace(true_saved(self, replace(pair, intent=None), *told), intent=pair.intent)

    monkeypatch.setattr(applying._PairWriter, "_saved", without_its_intent)
    with pytest.raises(AssertionError, match=r"lost without a word|made again"):
        story(begun())


@in_portions
def test_passes_over_calendars(services: None, portion: int) -> None:
    # A step is a pass or several, on a database: slow is no sign of anything.
    tell(Passes, short=10, suppress_health_check=[HealthCheck.too_slow])
