"""`python -m tests.chaos.crowd NUMBER QUEUE`: that many workers, each a process of its own, started together.

The modules are loaded once and the process forks, since starting twenty interpreters takes longer than any test may.
"""

import os
import signal
import sys
from types import FrameType

import django
from django.core.management import call_command


def main(number: int, queue: str) -> None:
    django.setup()
    children: list[int] = []

    def end(_signal: int, _frame: FrameType | None) -> None:
        for child in children:
            os.kill(child, signal.SIGKILL)
        sys.exit(0)

    for _worker in range(number):
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            call_command("worker", queue)
            os._exit(0)
        children.append(child)
    signal.signal(signal.SIGTERM, end)
    while True:
        signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
