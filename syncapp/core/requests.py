"""What a request for a sync says of itself, and what a person may order or hold. The values are stored.

Invariant: each of these words is defined here and nowhere else; models, jobs, pages and metrics use the members.
"""

from enum import StrEnum


class Trigger(StrEnum):
    """What happened to the record, as the earlier system named it."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    SYNC_CHECK = "sync_check"


# What a webhook of EspoCRM is about, as EspoCRM calls it too: each has an address of ours and a label.
EVENTS = (Trigger.CREATE.value, Trigger.UPDATE.value, Trigger.DELETE.value)


class Source(StrEnum):
    """Who asked."""

    WEBHOOK = "webhook"
    SWEEP = "sweep"
    PERSON = "person"
    COMMAND = "command"
    PROXY = "proxy"


class QueueName(StrEnum):
    """On which queue the jobs of a run wait; an installation serves those in `settings.QUEUE_NAMES`."""

    URGENT = "webhook"  # what people wait for, a button too; the name that queues and units have outside stays
    SWEEP = "sweep"  # what is due
    BULK = "bulk"
    CALENDAR = "calendar"
    SCHEDULE = "schedule"  # the clock's own jobs


# From which workers take records and calendars: what one queue does not bring, the other does a minute later.
RECORD_QUEUES = frozenset({QueueName.URGENT, QueueName.SWEEP})
CALENDAR_QUEUES = frozenset({QueueName.CALENDAR})


class Override(StrEnum):
    """What somebody has ordered for the next run alone."""

    FROM_ESPOCRM = "everything_from_espocrm"
    FROM_ADVOWARE = "everything_from_advoware"


class Hold(StrEnum):
    """Why a person keeps a record from being synced; a record that nobody holds has an empty text."""

    PAUSED = "paused"
    IGNORED = "ignored"
    UNLINKED = "unlinked"
