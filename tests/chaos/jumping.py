"""`python -m tests.chaos.jumping FILE COMMAND …`: a command of the product on a machine whose clock jumps.

FILE holds the seconds by which the clock is wrong, and is looked at all the time, so that the jump meets it at work.
What measures time instead of telling it (monotonic clocks, sleep), the database and Redis keep the true time.
"""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from django.core.management import execute_from_command_line

LOOKS_SECONDS = 0.05


def follow(file: Path, traveller: time_machine.Traveller, set_by: int) -> None:
    """Set the clock again and again, for as long as the process lives."""
    while True:
        time.sleep(LOOKS_SECONDS)
        wanted = int(file.read_text())
        if wanted != set_by:
            traveller.shift(wanted - set_by)
            set_by = wanted


def main(file: Path, arguments: list[str]) -> None:
    seconds = int(file.read_text())
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True) as traveller:
        threading.Thread(target=follow, args=(file, traveller, seconds), daemon=True).start()
        execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
