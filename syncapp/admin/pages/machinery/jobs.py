"""Jobs, queues and workers, in place of RQ's own pages: what waits, runs and failed, and who does what now.

Invariant: nothing here can lose a job: a queue is paused and resumed, a failed job runs again, nothing is emptied.
To extend: a further act asks first, is logged, and says afterwards what really happened.
"""

from typing import Any

import redis
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from syncapp.admin.pages import frame
from syncapp.engine import queue_pauses, registry
from syncapp.models import OperatorLog
from syncapp.operations.monitoring.jobs import rows
from syncapp.operations.monitoring.jobs.queues import machinery
from syncapp.words import queues

SEE = "syncapp.see_jobs"
SWITCH = "syncapp.switch_mode"


@frame.shows(SEE)
def overview(request: HttpRequest) -> HttpResponse:
    return frame.page(request, "ops/jobs.html", title=_("Jobs and queues"), **_state())


@frame.shows(SEE)
def state(request: HttpRequest) -> HttpResponse:
    """The same, for the page that keeps itself fresh."""
    return frame.part(request, "ops/parts/jobs_state.html", **_state())


def _state() -> dict[str, Any]:
    try:
        now = machinery()
    except redis.RedisError:
        # The pauses are in the database: they can be seen and ended without Redis too.
        return {"away": True, "paused": queue_pauses.paused().values()}
    broken = rows.newest_failed()
    records = rows.records_of((*now.running, *now.waiting, *broken))

    def with_records(jobs: tuple[rows.JobRow, ...]) -> list[tuple[rows.JobRow, list[Any]]]:
        return [(job, [records[pk] for pk in job.record_ids[: rows.RECORDS_SHOWN] if pk in records]) for job in jobs]

    return {
        "machinery": now,
        "running": with_records(now.running),
        "waiting": with_records(now.waiting),
        "more_waiting": sum(queue.waiting for queue in now.queues) - len(now.waiting),
        "failed": with_records(broken),
    }


@frame.asks(SEE)
def one(request: HttpRequest, queue: str, job_id: str) -> HttpResponse:
    """One job with all its runs. A failed one can be had again: every job may run twice without harm."""
    if queue not in queues.QUEUES:
        raise Http404
    try:
        found = rows.find(job_id=job_id, queue=queue)
        if request.method == "POST":
            return _put_back(request, queue, job_id)
    except redis.RedisError:
        return frame.page(request, "ops/job.html", title=_("Job"), away=True)
    if found is None:
        return frame.page(request, "ops/job.html", title=_("Job"), gone=True, queue=queues.title_of(queue))
    job, runs = found
    return frame.page(
        request,
        "ops/job.html",
        title=capfirst(job.title),
        job=job,
        runs=runs,
        words=queues.QUEUES[queue],
        pause=queue_pauses.paused().get(queue),
        records=[*rows.records_of([job]).values()],
        may_again=job.state == "failed" and request.user.has_perm("syncapp.sync_now"),
    )


@frame.needs("syncapp.sync_now")
def _put_back(request: HttpRequest, queue: str, job_id: str) -> HttpResponse:
    if rows.again(job_id=job_id, queue=queue):
        by = request.user.get_username()
        OperatorLog.objects.create(actor=by, action="job_again", target=queue)
        words = _("The job waits on its queue once more. How it ended so far stays listed here.")
        frame.say_requested(request, words, systems=registry.systems_in_use())
    else:
        frame.warn(request, _("The job is no longer among the failed ones; nothing was done."))
    return frame.back_to("admin:ops_job", queue, job_id)


@frame.asks(SEE, SWITCH)
def pause(request: HttpRequest, queue: str) -> HttpResponse:
    """Ask, say what waits then, and pause."""
    if not queue_pauses.can_be_paused(queue):
        raise Http404
    if frame.is_sent(request):
        reason, until = frame.reason_of(request, needed=True), frame.end_of(request)
        queue_pauses.pause(queue=queue, by=request.user.get_username(), reason=reason, until=until)
        frame.say(
            request,
            _("“%(queue)s” is paused. Jobs in hand are finished, no further one is begun.")
            % {"queue": queues.title_of(queue)},
        )
        return frame.back_to("admin:ops_jobs")
    return frame.page(
        request,
        "ops/queue.html",
        title=_("Pause “%(queue)s”") % {"queue": queues.title_of(queue)},
        words=queues.QUEUES[queue],
        until=request.POST.get("until", ""),
    )


@frame.asks(SEE, SWITCH)
def resume(request: HttpRequest, queue: str) -> HttpResponse:
    """Ask, and let the workers go on."""
    if queue not in queues.QUEUES:
        raise Http404
    row = queue_pauses.paused().get(queue)
    if request.method == "POST" or row is None:
        called = {"queue": queues.title_of(queue)}
        if request.method == "POST" and queue_pauses.resume(queue=queue, by=request.user.get_username()):
            frame.say(request, _("“%(queue)s” goes on now.") % called)
        else:
            frame.warn(request, _("“%(queue)s” is not paused; nothing was done.") % called)
        return frame.back_to("admin:ops_jobs")
    return frame.page(
        request,
        "ops/queue.html",
        title=_("Resume “%(queue)s”") % {"queue": queues.title_of(queue)},
        words=queues.QUEUES[queue],
        pause=row,
    )
