"""`manage.py compare`: the drift report."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from syncapp.management.arguments import count
from syncapp.management.base import ServiceCommand, actor
from syncapp.operations.monitoring.drift import all_ids, comparable, compare, sample_ids
from syncapp.words.monitoring.drift import REASONS, STATES


class Command(ServiceCommand):
    help = (
        "Reads both sides of records and says of each field that is not equal whether something explains it: a sync\n"
        "that is due, a conflict that waits, a value that one side shortens. Changes nothing. The report is kept and\n"
        "can be seen in the admin. Exit code 1 if a difference is unexplained or a record could not be read."
    )
    examples = """
  python manage.py compare --sample 200
  python manage.py compare --all --json
  python manage.py compare 65a0b1c2d3e4f5a6b
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("espo_ids", nargs="*", metavar="ESPO_ID", help="these records")
        parser.add_argument("--all", action="store_true", help="every record")
        parser.add_argument("--sample", type=count, metavar="N", help="N records by chance")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        ids, total, scope = self._chosen(options)
        rows = []
        with self.bar(total=total, title="records") as bar:
            report, findings = compare(espo_ids=ids, scope=scope, by=actor(), seen=bar.at)
            for one in findings:
                if options["json"]:
                    names = ("espo_id", "betnr", "field", "state", "reason", "expected")
                    rows.append({name: getattr(one, name) for name in names})
                else:
                    sign = "expected" if one.expected else "UNEXPECTED"
                    why = REASONS[one.reason].words
                    self.say(f"{one.espo_id} {one.field or 'record'}: {STATES[one.state]}, {sign}: {why}")
        figures = {name: getattr(report, name) for name in ("records", "equal", "expected", "unexpected", "unread")}
        line = ", ".join(f"{number} {name}" for name, number in figures.items())
        self.answer(options, [line], {"report": report.pk, **figures, "findings": rows})
        if report.unexpected or report.unread:
            self.fail(f"{report.unexpected} with unexplained differences, {report.unread} not readable")

    def _chosen(self, options: dict[str, Any]) -> tuple[Iterator[str], int, str]:
        if sum((bool(options["espo_ids"]), options["all"], options["sample"] is not None)) != 1:
            self.misused("say which: --all, --sample N or ids of records")
        if options["all"]:
            return all_ids(), comparable().count(), "all"
        if options["sample"] is not None:
            found = sample_ids(options["sample"])
            return iter(found), len(found), f"sample {options['sample']}"
        return iter(options["espo_ids"]), len(options["espo_ids"]), f"{len(options['espo_ids'])} named"
