"""Standstill: when a pass may do without a plan, since the one before it has decided about all there is.

Purpose: most passes find what the pass before them found. Then nothing has to be decoded, loaded or compared.
Invariant: `plan` of what a pass at a standstill would have read is empty; a test holds that over random calendars. The
daily pass asks for no standstill: it reads and compares everything.

| a standstill needs | since |
| --- | --- |
| the latest pass planned nothing, read nothing singly, and no brake was on | else something is left to be done |
| the same bytes from Advoware, asked for the same days | the Termine are what they were |
| nothing in Google's list of changes | the events are what they were |
| the same owner, policy and days | the plan goes by the same choices |
| as many rows, each of them at rest | nobody has decided, no waiting time runs out |

To extend: whatever else a plan goes by belongs into `circumstances`, or is a condition of `found_nothing` or `at_rest`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from syncapp.core.appointments.plan_shapes import CalendarSnapshot, Plan
from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy
from syncapp.core.appointments.rows import AppointmentPair, PairStatus
from syncapp.core.appointments.windows import act_window, read_window

# In these a row waits for somebody, or for its next attempt.
RESTLESS = frozenset({PairStatus.failed, PairStatus.ask})


@dataclass(frozen=True, slots=True)
class Standstill:
    """What a pass went by that found nothing to do. termine: digest of Advoware's answer. rows: how many are open."""

    termine: str
    circumstances: str
    rows: int


def circumstances(owner: CalendarOwner, policy: CalendarPolicy, now: datetime) -> str:
    """A digest of what a plan goes by beside the two sides and the rows."""
    told = (owner, policy, act_window(now, policy), read_window(now, policy))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def found_nothing(snapshot: CalendarSnapshot, plan: Plan) -> bool:
    """Whether the same input would be decided about in the same way at any other time of the day."""
    braked = plan.held is not None or plan.read_again is not None or plan.deferred or plan.many_new
    asked = snapshot.termin_reads or snapshot.event_reads or snapshot.held_sides
    return not (plan.pairs or braked or asked) and all(at_rest(pair) for pair in snapshot.pairs)


def at_rest(pair: AppointmentPair) -> bool:
    """Whether the row waits neither for a person nor for a time nor for an answer."""
    waits = pair.intent is not None or pair.empty_since is not None or pair.wait_until is not None
    return pair.status not in RESTLESS and not waits and not pair.decided
