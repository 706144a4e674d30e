"""Which days count: the act window, in which an appointment is made where it is missing, and the read window around it.

Purpose: an appointment at the edge of the window is neither deleted nor doubled, whatever day it is.
Invariant: a window decides about making alone. Leaving it deletes nothing; nor does a changed setting.

| window | from | to |
| --- | --- | --- |
| act | today - past days, at midnight in Berlin | the end of today + future days |
| read | a week earlier | a week later |

To extend: another window is another function here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.policy import CalendarPolicy
from syncapp.core.values import BERLIN

MARGIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """First and last day, both included, as `YYYY-MM-DD`."""

    first: str
    last: str

    def holds(self, form: Canonical) -> bool:
        """Whether something of it happens in the window; a series counts from its start to its last day."""
        return form.when.start[:10] <= self.last and (form.last_day() or "9999") >= self.first


def act_window(now: datetime, policy: CalendarPolicy, margin: timedelta = timedelta(0)) -> Window:
    today = now.astimezone(BERLIN).date()
    first = today - timedelta(days=policy.past_days) - margin
    last = today + timedelta(days=policy.future_days) + margin
    return Window(first.isoformat(), last.isoformat())


def read_window(now: datetime, policy: CalendarPolicy) -> Window:
    """What is asked of Advoware: `from` and `to` of its list."""
    return act_window(now, policy, MARGIN)
