#!/usr/bin/env python
"""Command line of Advosync: `python manage.py help` lists the commands."""

import os
import sys

WRONG_USE = 2


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "advosync_project.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        # A setting is missing or malformed: the sentence says which, a traceback would hide it.
        sys.stderr.write(f"{wrong}\n")
        sys.exit(WRONG_USE)


if __name__ == "__main__":
    main()
