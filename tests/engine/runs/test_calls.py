"""The calls of a run one by one: kept with the attempt, without another statement, without ids and values."""

import pytest

from syncapp.core.systems import System
from syncapp.engine.runs.run import MOST_CALLS, CallLog
from syncapp.models import Attempt
from syncapp.remotes.http.exchange import Call
from syncapp.words.runs.calls import shown_calls
from tests.support.firm import Firm


def call(status: int | None = 200, kind: str | None = None, path: str = "Beteiligte/{betNr}") -> Call:
    return Call(System.ADVOWARE, "GET", path, status, 0.01, kind)


@pytest.mark.django_db(transaction=True)
def test_a_run_keeps_its_calls_in_their_order(firm: Firm) -> None:
    espo_id, betnr = firm.pair(name="Geheimrat")
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sync(espo_id)
    attempt = Attempt.objects.order_by("-pk")[0]
    counted = sum(sum(methods.values()) for methods in attempt.calls.values())
    assert len(attempt.call_log) == counted > 2
    ended = [begun + ms for *_call, ms, begun, _kind in attempt.call_log]
    assert ended == sorted(ended)
    before_the_lease = 5000  # the clock of the calls runs from the tools on, that of the run from the lease
    assert all(begun <= attempt.duration_ms + before_the_lease for *_call, begun, _kind in attempt.call_log)
    assert ["advoware", "PUT", "Beteiligte/{betNr}", 200] in [row[:4] for row in attempt.call_log]
    for secret in ("Geheimrat", "Prof", espo_id, str(betnr)):
        assert secret not in str(attempt.call_log)


@pytest.mark.django_db(transaction=True)
def test_a_failure_and_its_repetition_are_two_calls(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=503, count=1)
    firm.sync(espo_id)
    attempt = Attempt.objects.exclude(kind="").order_by("-pk")[0]
    assert [(row[3], row[6]) for row in attempt.call_log if row[6]] == [(503, "transient")]


def test_rounding_does_not_turn_two_calls_round(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((0.0, 0.0104, 0.01045))
    monkeypatch.setattr("syncapp.engine.runs.run.time.monotonic", lambda: next(moments))
    log = CallLog()
    for seconds in (0.0047, 0.01045):
        log(Call(System.ADVOWARE, "GET", "Token", 200, seconds, None))
    assert [(begun, begun + ms) for *_call, ms, begun, _kind in log.as_rows()] == [(5, 10), (0, 10)]


def test_of_very_many_the_first_and_those_that_failed_are_kept() -> None:
    log = CallLog()
    for _number in range(MOST_CALLS + 20):
        log(call())
    log(call(503, "transient"))
    for _number in range(500):
        log(call(None, "transient"))
    rows = log.as_rows()
    assert len(rows) == MOST_CALLS * 2
    assert [row[3] for row in rows[MOST_CALLS : MOST_CALLS + 2]] == [503, None]


def test_what_another_release_has_kept_is_left_out() -> None:
    (shown,) = shown_calls([["advoware", "GET", "Token"], ["fax", "GET", "Token", None, 150, 20, "strange"]])
    assert (shown.system, shown.operation, shown.took) == ("fax", "GET Token", "150 ms")
    assert shown.fault
