"""Acts on a disturbed system: ask it now, instead of when the waiting time is over.

Invariant: the question is asked by a worker, at most one at a time, and what it found is read from the breaker's row.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from syncapp.core.requests import QueueName
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import breaker, job_queue
from syncapp.operations.actions.shapes import ActionContext, ActionRefused, log_action

JOB = "syncapp.jobs.try_systems"


def try_again(*, system: str, action_context: ActionContext) -> None:
    """Have the system asked now. Without a worker or Redis the dispatcher asks within a minute."""
    with transaction.atomic():
        if not breaker.try_at_once(system):
            name = SYSTEM_NAMES.get(system, system)
            raise ActionRefused(_("%(system)s is not disturbed any more.") % {"system": name})
        log_action(action_context=action_context, action="try_system", result=system)
    job_queue.enqueue_call(JOB, queue_name=QueueName.URGENT)
