"""`manage.py render_docs`: writes what is rendered from tables: `.env.example` and parts of docs/."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from advosync_project.rendering import DOCUMENTS


class Command(BaseCommand):
    help = "Renders .env.example, docs/CONFIGURATION.md and the marked parts of other pages from the program's tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail if a file is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for name, render in DOCUMENTS.items():
            path = settings.BASE_DIR / name
            text = render()
            if path.is_file() and path.read_text() == text:
                continue
            stale.append(name)
            if not options["check"]:
                path.write_text(text)
                self.stdout.write(f"written: {name}")
        if stale and options["check"]:
            raise CommandError(f"Not current: {', '.join(stale)}. Run: python manage.py render_docs")
