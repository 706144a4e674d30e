"""`python -m tests.chaos.skewed SECONDS COMMAND …`: a command of the product on a machine whose clock is wrong.

Only this process's clock: the database, Redis and both remote systems keep the true time.
"""

import sys
from datetime import UTC, datetime, timedelta

import time_machine
from django.core.management import execute_from_command_line


def main(seconds: int, arguments: list[str]) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
