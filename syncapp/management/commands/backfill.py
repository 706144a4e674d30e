"""`manage.py backfill`: the first load of all records, or its preview."""

import os
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from syncapp.management.arguments import count
from syncapp.management.base import ProgressBar, ServiceCommand, actor
from syncapp.models import BackfillRun
from syncapp.operations.onboarding.backfill import Load, Watcher, unfinished
from syncapp.operations.onboarding.links import REFUSED, link_all
from syncapp.operations.onboarding.spreadsheet import SheetWriter
from syncapp.operations.previews.first_load_preview import LIST_MEANINGS, MEANINGS, FirstLoadAction, FirstLoadPreview

COLUMNS = ("espo_id", "betnr", "name", "action", "field", "espocrm", "advoware", "detail")


class Command(ServiceCommand):
    help = (
        "The first load: every record of EspoCRM is compared with Advoware once and carried like after any change.\n"
        "Begin with --preview, which reads everything and writes nothing. The load needs the mode live. It can be\n"
        "stopped at any time, by Ctrl-C too, and goes on where it was when the same command is run again. Records\n"
        "without betNr are left alone unless --create makes them in Advoware; candidates for links are verified first."
    )
    examples = """
  python manage.py backfill --preview --report preview.csv
  python manage.py backfill --links candidates.csv --preview
  python manage.py backfill --links candidates.csv
  python manage.py backfill
  python manage.py backfill --create --per-minute 120
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--preview", action="store_true", help="read everything, write nothing, say what would be")
        parser.add_argument("--report", type=Path, metavar="FILE", help="with --preview: a CSV line for each value")
        parser.add_argument("--create", action="store_true", help="create records without betNr in Advoware")
        parser.add_argument(
            "--links", type=Path, metavar="FILE", help="CSV `espo id;betNr`: verify and link these only"
        )
        parser.add_argument(
            "--per-minute", type=count, default=600, metavar="N", help="at most N records (default 600)"
        )
        parser.add_argument("--no-wait", action="store_true", help="stop instead of waiting for a guard")
        parser.add_argument("--restart", action="store_true", help="begin anew instead of going on")
        parser.add_argument("--dry-run", dest="preview", action="store_true", help="the same as --preview")
        parser.add_argument("--json", action="store_true", help="counts as JSON")

    def run(self, options: dict[str, Any]) -> None:
        if options["report"] and not options["preview"]:
            self.misused("--report goes with --preview")
        if options["links"]:
            self._links(options)
            return
        before = None if options["restart"] else unfinished(preview=options["preview"])
        resumed = before is not None and before.create == options["create"]
        if resumed and before is not None and before.seen:
            self.warn(f"goes on after {before.seen} records")
        with preview_file(options["report"], resumed=resumed) as add, self.bar(total=None, title="records") as bar:
            load = Load(
                by=actor(),
                create=options["create"],
                preview=options["preview"],
                per_minute=options["per_minute"],
                wait=not options["no_wait"],
                watcher=_Watch(self, bar, add),
            )
            row = load.run(restart=options["restart"])
        self._sum_up(row, options)

    def _sum_up(self, row: BackfillRun, options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json({"preview": row.preview, "records": row.seen, "counts": row.counts})
        else:
            self.say(f"{row.seen} records")
            for name, number in sorted(row.counts.items(), key=_place):
                meaning = _meaning(name) if row.preview else ""
                self.say(f"{number:>8} {name}{': ' + meaning if meaning else ''}")
        failed = sum(number for name, number in row.counts.items() if name.startswith(("failed", "permanently")))
        if failed and not row.preview:
            self.fail(f"{failed} records failed: the admin lists them with what to do")

    def _links(self, options: dict[str, Any]) -> None:
        counts: Counter[str] = Counter()
        rows = []
        for candidate in link_all(options["links"], actor=actor(), preview=options["preview"]):
            counts[candidate.result] += 1
            rows.append(asdict(candidate))
            if not options["json"]:
                self.say(candidate.words)
        line = ", ".join(f"{number} {result}" for result, number in counts.items()) or "no candidates"
        self.answer(options, [line], {"counts": counts, "candidates": rows})
        if counts[REFUSED]:
            self.fail(f"{counts[REFUSED]} candidates refused")


def _meaning(name: str) -> str:
    """Of what a preview counts: a record's action, or what becomes of the elements of a list (`adressen.matched`)."""
    _list, dot, code = name.partition(".")
    return LIST_MEANINGS.get(code, "") if dot else MEANINGS[FirstLoadAction(name)]


def _place(item: tuple[str, int]) -> tuple[int, str]:
    order = [action.value for action in FirstLoadAction]
    return (order.index(item[0]) if item[0] in order else len(order), item[0])


@contextmanager
def preview_file(path: Path | None, *, resumed: bool) -> Iterator[Callable[[FirstLoadPreview], None]]:
    """What adds a record to the CSV of a preview; does nothing where none is wanted."""
    if path is None:
        yield lambda _seen: None
        return
    goes_on = resumed and path.exists()
    # Personal data: for nobody but whoever asked for it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if goes_on else os.O_TRUNC), 0o600)
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8") as file:
        sheet = SheetWriter(file, head=COLUMNS, begun=goes_on)

        def add(seen: FirstLoadPreview) -> None:
            for row in _rows_of(seen):
                sheet.write(row)
            file.flush()

        yield add


def _rows_of(seen: FirstLoadPreview) -> Iterator[tuple[object, ...]]:
    """One for each value that would move, and one for what else there is to say, or for a record without such."""
    head = (seen.espo_id, seen.betnr or "", seen.name, seen.action.value)
    details = "; ".join([*seen.faults, seen.words]).strip("; ")
    values = (*seen.changes, *seen.points)
    for one in values:
        yield (*head, one.field, one.espo or "", one.advo or "", f"{one.where} ({one.case})")
    if details or not values:
        yield (*head, "", "", "", details)


class _Watch(Watcher):
    def __init__(self, command: ServiceCommand, bar: ProgressBar, add: Callable[[FirstLoadPreview], None]) -> None:
        self._command, self._bar, self._add = command, bar, add
        self._said = ""

    def total(self, number: int) -> None:
        self._bar.at(0, number)

    def moved(self, run: BackfillRun) -> None:
        self._said = ""
        self._bar.at(run.seen)

    def foreseen(self, preview: FirstLoadPreview) -> None:
        self._add(preview)

    def waiting(self, why: str) -> None:
        if why != self._said:
            self._said = why
            self._command.warn(f"waiting: {why}")
