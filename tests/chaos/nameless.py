"""`python -m tests.chaos.nameless FILE COMMAND …`: a command of the product whose names a test resolves.

NAME is this machine; while FILE exists it is not known, as where the name server is away.
"""

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import execute_from_command_line

# The stand-ins answer to no name but those of this machine.
NAME = "ip6-localhost"
_true: Callable[..., Any] = socket.getaddrinfo


def resolver(away: Path) -> Callable[..., Any]:
    def resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if host != NAME:
            return _true(host, *arguments, **options)
        if away.exists():
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return _true("127.0.0.1", *arguments, **options)

    return resolve


if __name__ == "__main__":
    socket.getaddrinfo = resolver(Path(sys.argv[1]))
    execute_from_command_line(["manage.py", *sys.argv[2:]])
