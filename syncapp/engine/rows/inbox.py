"""What becomes of a webhook's element, by how it was judged.

Invariant: one row for each judgement. To extend: a new judgement of core/echoes.py is a row of RESULTS, and one of
ASKING where it asks for a run.
"""

from syncapp.core.echoes import Judged
from syncapp.core.states import Event
from syncapp.models import Result

RESULTS = {
    Judged.COUNTED: Result.COUNTED,
    Judged.RESET: Result.COUNTED,
    Judged.RELINK: Result.COUNTED,
    Judged.ECHO: Result.ECHO,
    Judged.IRRELEVANT: Result.IRRELEVANT,
    Judged.WAITING: Result.WAITING,
}
# Elements that ask for a run, and what they are to the state machine.
ASKING = {Judged.COUNTED: Event.CHANGED, Judged.RESET: Event.RESET, Judged.RELINK: Event.RELINKED}
