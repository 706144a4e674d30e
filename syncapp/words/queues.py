"""What the queues are called, what they carry, and what it means to pause one.

To extend: a queue of advosync_project/settings.py is a row of QUEUES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from syncapp.core.requests import QueueName
from syncapp.models import QueuePause
from syncapp.words import Words, actor_words
from syncapp.words.time_format import clock


@dataclass(frozen=True, slots=True)
class QueueWords:
    """`workers`: what those are called who serve it; empty where the clock alone shows whether they do."""

    title: Words
    purpose: Words
    when_paused: Words
    workers: Words = ""


QUEUES: Mapping[str, QueueWords] = {
    QueueName.URGENT: QueueWords(
        _("Changes"),
        _("What EspoCRM reports and what somebody starts by hand: the quick way."),
        _(
            "What EspoCRM reports is still accepted and kept. It loses its quick way only: the regular sweep finds it, "
            "as a rule within a minute or two. To stop the sync as a whole, pause everything instead."
        ),
        _("Workers for changes"),
    ),
    QueueName.SWEEP: QueueWords(
        _("Regular sweep"),
        _("What is due: attempts that are repeated, changes that no webhook told of, another look at what is at rest."),
        _(
            "Failed attempts are not repeated, edits in Advoware are not noticed, and what no webhook told of is not "
            "found until the queue goes on. What EspoCRM reports is carried as before."
        ),
        _("Workers for the sweep"),
    ),
    QueueName.BULK: QueueWords(
        _("Mass actions"),
        _("What somebody has confirmed for many records, the first load among it."),
        _("Mass actions stop after the records in hand and go on where they were."),
        _("Workers for mass acts"),
    ),
    QueueName.CALENDAR: QueueWords(
        _("Calendars"),
        _("The passes over calendars."),
        _("No appointment is carried until the queue goes on. Records are synced as before."),
        _("Workers for calendars"),
    ),
    QueueName.SCHEDULE: QueueWords(
        _("Clock"),
        _("The regular jobs: choosing what is due, the sweep, alerts. It cannot be paused."),
        "",
    ),
}


def title_of(queue: str) -> str:
    return str(QUEUES[queue].title) if queue in QUEUES else queue


def paused_words(pause: QueuePause, *, now: datetime) -> str:
    """That nothing on this queue is carried out, since when, by whom, and until when."""
    template = (
        _("The queue “%(queue)s” is paused since %(since)s by %(by)s: nothing is carried out before %(until)s.")
        if pause.until
        else _("The queue “%(queue)s” is paused since %(since)s by %(by)s: nothing is carried out until that ends.")
    )
    return str(template) % {
        "queue": title_of(pause.queue),
        "by": actor_words(pause.by) or "–",
        "since": clock(pause.since, now=now),
        "until": clock(pause.until, now=now) if pause.until else "",
    }


# How a job can end that no code of ours has ended: a part of what RQ says of it.
ENDS: Mapping[str, Words] = {
    "AbandonedJobError": _("its worker was gone in the middle of it"),
    "stuck in intermediate": _("its worker was gone before it began"),
    "Work-horse": _("its worker was gone in the middle of it"),
    "JobTimeoutException": _("it took longer than allowed"),
}


def ended_words(reason: str) -> str:
    """Why a job failed: in words where it is about the worker, else the kind of error as it is called."""
    return str(next((words for part, words in ENDS.items() if part in reason), reason))


# State of a worker or a job: (icon, words, tone).
STATES: Mapping[str, tuple[str, Words, str]] = {
    "busy": ("progress_activity", _("at work"), "wait"),
    "idle": ("check_circle", _("waits for a job"), "good"),
    "paused": ("pause_circle", _("stands still: its queue is paused"), "warn"),
    "dead": ("heart_broken", _("no sign of life"), "bad"),
    "queued": ("hourglass_top", _("waits"), "wait"),
    "started": ("progress_activity", _("at work"), "wait"),
    "finished": ("check_circle", _("done"), "good"),
    "failed": ("error", _("failed"), "bad"),
    "scheduled": ("schedule", _("comes later"), "off"),
    "stopped": ("stop_circle", _("stopped"), "off"),
    "canceled": ("block", _("taken back"), "off"),
    "deferred": ("schedule", _("comes later"), "off"),
}
