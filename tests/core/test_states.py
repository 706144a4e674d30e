"""The state machine, row by row: what a record is now, what happens, and what it is then."""

import pytest

from syncapp.core.faults.errors import WAITS_FOR_PERSON
from syncapp.core.states import DELETED, EVERY, Event, Status, UnknownTransition, next_status

S, E = Status, Event
AT_REST_OR_WAITING = EVERY - DELETED - {S.SYNCING}


def rows(*cases: tuple[str, Status, Event, Status]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("now, event, then", [pytest.param(*case[1:], id=case[0]) for case in cases])


@pytest.mark.parametrize("status", sorted(AT_REST_OR_WAITING), ids=str)
def test_any_that_is_due_is_acquired(status: Status) -> None:
    assert next_status(status, E.ACQUIRED) is S.SYNCING


def test_syncing_with_the_lease_expired_is_acquired() -> None:
    assert next_status(S.SYNCING, E.ACQUIRED) is S.SYNCING


@pytest.mark.parametrize("status", sorted(DELETED), ids=str)
def test_what_is_gone_is_not_acquired(status: Status) -> None:
    with pytest.raises(UnknownTransition):
        next_status(status, E.ACQUIRED)


@rows(
    ("done, both equal", S.SYNCING, E.EQUAL, S.CLEAN),
    ("done, but EspoCRM moved or something is left", S.SYNCING, E.LEFT_OVER, S.DIRTY),
    ("conflict on a manual field", S.SYNCING, E.HELD, S.CONFLICT),
    ("transient or bug, retries left", S.SYNCING, E.RETRY_LATER, S.FAILED),
    ("transient or bug, retries used up", S.SYNCING, E.RETRIES_USED_UP, S.PERMANENTLY_FAILED),
    ("auto reset", S.PERMANENTLY_FAILED, E.AUTO_RESET, S.FAILED),
    ("conflict decided", S.CONFLICT, E.DECIDED, S.DIRTY),
    ("validation or forbidden", S.SYNCING, E.NEEDS_CHANGE, S.FAILED),
    ("waits for a person", S.SYNCING, E.NEEDS_PERSON, S.FAILED),
    ("gone in Advoware", S.SYNCING, E.GONE_IN_ADVOWARE, S.DELETED_IN_ADVOWARE),
    ("gone in EspoCRM", S.SYNCING, E.GONE_IN_ESPOCRM, S.DELETED_IN_ESPOCRM),
    ("clean, real change", S.CLEAN, E.CHANGED, S.DIRTY),
    ("dirty, real change", S.DIRTY, E.CHANGED, S.DIRTY),
    ("pending_sync, real change", S.PENDING_SYNC, E.CHANGED, S.PENDING_SYNC),
    ("conflict, real change", S.CONFLICT, E.CHANGED, S.DIRTY),
    ("permanently_failed, real change", S.PERMANENTLY_FAILED, E.CHANGED, S.DIRTY),
    ("syncing, real change: the request is kept", S.SYNCING, E.CHANGED, S.SYNCING),
    ("deleted_in_advoware, real change: kept", S.DELETED_IN_ADVOWARE, E.CHANGED, S.DELETED_IN_ADVOWARE),
    ("deleted_in_espocrm, real change: kept", S.DELETED_IN_ESPOCRM, E.CHANGED, S.DELETED_IN_ESPOCRM),
    ("deleted_in_espocrm, the record is back", S.DELETED_IN_ESPOCRM, E.RESTORED, S.DIRTY),
)
def test_row(now: Status, event: Event, then: Status) -> None:
    assert next_status(now, event) is then


@pytest.mark.parametrize("before", sorted(EVERY - {S.SYNCING}), ids=str)
def test_breaker_opens_or_pause_what_it_was_before(before: Status) -> None:
    assert next_status(S.SYNCING, E.PUT_BACK, before=before) is before


@pytest.mark.parametrize("status", sorted(EVERY), ids=str)
@pytest.mark.parametrize("event", [E.RELINKED, E.RESET], ids=str)
def test_any_relinked_or_reset_is_dirty(status: Status, event: Event) -> None:
    assert next_status(status, event, linked=False) is S.DIRTY


@pytest.mark.parametrize("kind", ["transient", "bug", "validation", "forbidden"])
def test_failed_and_a_real_change_runs_at_once(kind: str) -> None:
    assert next_status(S.FAILED, E.CHANGED, kind=kind) is S.DIRTY


@pytest.mark.parametrize("kind", sorted(WAITS_FOR_PERSON))
def test_waits_for_a_person_and_a_real_change_is_kept(kind: str) -> None:
    assert next_status(S.FAILED, E.CHANGED, kind=kind) is S.FAILED


def test_who_waits_for_a_person() -> None:
    assert frozenset({"create_outcome_unknown", "duplicate_link", "blocked", "needs_confirmation"}) == WAITS_FOR_PERSON


@pytest.mark.parametrize("status", [S.CLEAN, S.FAILED, S.PERMANENTLY_FAILED, S.PENDING_SYNC], ids=str)
def test_a_real_change_of_a_record_never_linked_is_pending_sync(status: Status) -> None:
    assert next_status(status, E.CHANGED, linked=False) is S.PENDING_SYNC


def test_what_is_left_over_of_a_record_never_linked_is_pending_sync() -> None:
    assert next_status(S.SYNCING, E.LEFT_OVER, linked=False) is S.PENDING_SYNC


@rows(
    ("a run cannot end that does not run", S.CLEAN, E.EQUAL, S.CLEAN),
    ("nothing is put back that was not taken", S.DIRTY, E.PUT_BACK, S.DIRTY),
    ("only used-up retries are reset by time", S.FAILED, E.AUTO_RESET, S.FAILED),
    ("only a conflict is decided", S.CLEAN, E.DECIDED, S.DIRTY),
    ("only what was gone comes back", S.CLEAN, E.RESTORED, S.DIRTY),
)
def test_a_transition_that_is_not_in_the_table_is_refused(now: Status, event: Event, then: Status) -> None:
    with pytest.raises(UnknownTransition) as refusal:
        next_status(now, event)
    assert (refusal.value.status, refusal.value.event) == (now, event)


def test_every_event_has_a_row() -> None:
    from syncapp.core.states import TRANSITIONS

    assert {transition.event for transition in TRANSITIONS} == set(Event)
