#!/usr/bin/env python
"""Command line of Advosync in a checkout: `python manage.py help` lists the commands."""

from advosync_project.command import main

if __name__ == "__main__":
    main()
