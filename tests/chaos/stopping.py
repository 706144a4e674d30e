"""`python -m tests.chaos.stopping before|after COMMAND …`: a command of the product that stands still at an ending.

It stops itself (SIGSTOP) right before or right after the transaction in which a run ends, in the first run that comes
to it: the moment between the last answer of a remote system and what is kept of it, in which no call can be held.
"""

import os
import signal
import sys
from typing import Any

import django
from django.core.management import execute_from_command_line


def stand_still_at_the_ending(moment: str) -> None:
    from syncapp.engine.runs import results

    true_finish = results.finish

    def finish(*args: Any) -> Any:
        if moment == "before":
            os.kill(os.getpid(), signal.SIGSTOP)
        ended = true_finish(*args)
        if moment == "after":
            os.kill(os.getpid(), signal.SIGSTOP)
        return ended

    results.finish = finish


def main(moment: str, arguments: list[str]) -> None:
    django.setup()
    stand_still_at_the_ending(moment)
    execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
