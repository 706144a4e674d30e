"""Regular jobs that keep failing: a job that fails in the background must not be seen by its log alone.

Invariant: a success forgets, so that a row stands for failures in a row; noting never raises, since what is noted is
already in trouble; no value of a person is kept (a fault is a code with field names and numbers).
To extend: what a job or a step of the sweep is called is a row of words/monitoring/jobs.py.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import F
from django.utils import timezone

from syncapp.engine.runs.failures import classify
from syncapp.models import FailingJob
from syncapp.words import sentences


def went_well(name: str) -> None:
    """Forget its failures. One short look where there are none."""
    try:
        if FailingJob.objects.filter(pk=name).exists():
            FailingJob.objects.filter(pk=name).delete()
    except DatabaseError:
        return  # the next success forgets


def went_wrong(name: str, error: Exception) -> None:
    """Count one more failure in a row, with what it was."""
    now = timezone.now()
    try:
        row, _created = FailingJob.objects.get_or_create(pk=name, defaults={"since": now})
        FailingJob.objects.filter(pk=row.pk).update(failures=F("failures") + 1, fault=classify(error).fault)
    except DatabaseError:
        return  # without the database nothing works, and the probes say so


def keep_failing() -> Sequence[FailingJob]:
    """The jobs that have failed too often in a row, those that fail for longest first."""
    return list(FailingJob.objects.filter(failures__gte=settings.ALERT_JOB_FAILURES).order_by("since"))


def fault_words(job: FailingJob) -> str:
    """What is wrong, with the number that the system answered where there is one."""
    words, status = sentences.sentence(job.fault), job.fault.get("params", {}).get("status")
    return words if status is None or str(status) in words else f"{words.rstrip('. ')} (HTTP {status})."
