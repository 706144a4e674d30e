"""The pipeline of a run: read, plan, validate and guard, apply, result; then one commit.

Invariant: the steps of the entity come in this order, and every way out is a value: go on, read again, or finished.
Where a remote system says that what was read does not hold any more, nothing of that write was carried, and the run
reads again at once, a few times, before that counts as a failure.
To extend: a new step belongs to the protocol in engine/registry.py and to one line of `_try_once`.
"""

from dataclasses import replace
from typing import Any

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import Status
from syncapp.engine.rows import database_errors
from syncapp.engine.rows.lease import LeaseLost
from syncapp.engine.runs import failures, results
from syncapp.engine.runs.run import Failed, RunContext, RunLog
from syncapp.engine.runs.steps import Finished, ReadAgain, Step
from syncapp.remotes.http.errors import NotFound, VersionConflict

READS = 3
KEEPS_MOVING = Finished(Failed(ErrorKind.TRANSIENT, "keeps_moving"))


def run(context: RunContext[Any, Any], log: RunLog) -> Status:
    """From the taken lease to the committed outcome; the record's status afterwards.

    Raises LeaseLost where another run has the record: then nothing more is written anywhere.
    """
    left, in_vain = READS, KEEPS_MOVING
    while left:
        try:
            step = _try_once(context, log)
        except LeaseLost:
            raise
        except Exception as error:
            step = Finished(_classified(error))
        if isinstance(step, Finished):
            return _conclude(context, log, step)
        # A list row that had to make way for the record itself is no failed try.
        left -= step.counts and context.stand_in is None
        in_vain = KEEPS_MOVING if step.cause is None else Finished(step.cause)
        context = replace(context, stand_in=None, hint=None)
    return _conclude(context, log, in_vain)


def _try_once(context: RunContext[Any, Any], log: RunLog) -> Step:
    entity = context.entity
    reading = entity.read(context, log)
    if isinstance(reading, Step):
        return reading
    log.seen.append(reading)
    plan = entity.plan(reading)
    log.plans.append(plan)
    stopped = entity.check(context, log, reading, plan)
    if stopped is not None:
        return stopped
    try:
        applied = entity.apply(context, log, reading, plan)
    except VersionConflict:
        return ReadAgain()
    except NotFound as missing:
        return ReadAgain(cause=failures.not_found(missing))
    return applied if isinstance(applied, Step) else Finished(entity.result_of(context, log, applied))


def _conclude(context: RunContext[Any, Any], log: RunLog, step: Finished) -> Status:
    """The result; a failure where that cannot be stored; and where that cannot either, the least there is."""
    if isinstance(step.result, Failed):
        return _fail(context, log, step.result)
    try:
        return results.finish(context, log, step.result)
    except LeaseLost:
        raise
    except Exception as error:
        return _fail(context, log, _classified(error))


def _classified(error: Exception) -> Failed:
    """What it means; where the database was at fault, the ending is stored on a new connection."""
    database_errors.leave_broken_connection(error)
    return failures.classify(error)


def _fail(context: RunContext[Any, Any], log: RunLog, failed: Failed) -> Status:
    try:
        return failures.conclude(context, log, failed)
    except LeaseLost:
        raise
    except Exception as worse:
        database_errors.leave_broken_connection(worse)
        return failures.conclude_at_least(context, worse)
