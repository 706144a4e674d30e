"""Commands on many records: choose, show, ask where it is much, do it through the admin's own acts."""

from argparse import ArgumentParser
from typing import Any

from syncapp.management.arguments import count
from syncapp.management.base import ServiceCommand, actor
from syncapp.operations.actions.bulk.from_shell import do_to_all, names

# More than this is asked for before it is done.
ASK_ABOVE = 100


class BulkCommand(ServiceCommand):
    """`act` is the code of the act; `choice` turns the options into ids of records."""

    act = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=count, metavar="N", help="at most so many, the longest untouched first")
        parser.add_argument("--reason", default="", help="why, for the operator log")
        parser.add_argument("--dry-run", action="store_true", help="only say which and how many, change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask, also for more than 100 records")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def choice(self, options: dict[str, Any]) -> list[int]:
        raise NotImplementedError

    def run(self, options: dict[str, Any]) -> None:
        ids = self.choice(options)
        if options["dry_run"] or not ids:
            self._show(ids, options)
            return
        if len(ids) > ASK_ABOVE and not options["yes"] and not self.agreed(f"{self.act} for {len(ids)} records."):
            self.fail("not done")
        self._do(ids, options)

    def _show(self, ids: list[int], options: dict[str, Any]) -> None:
        first = names(ids)
        more = f", and {len(ids) - len(first)} more" if len(ids) > len(first) else ""
        line = f"{len(ids)} records{': ' + ', '.join(first) + more if first else ''}"
        self.answer(options, [line], {"act": self.act, "chosen": len(ids), "first": first, "done": 0})

    def _do(self, ids: list[int], options: dict[str, Any]) -> None:
        with self.bar(total=len(ids), title=self.act) as bar:
            done = do_to_all(code=self.act, record_ids=ids, actor=actor(), reason=options["reason"], seen=bar.at)
        lines = [
            f"{self.act} requested for {done.done} of {done.total} records; sync_status shows what becomes of them"
        ]
        lines += [f"{number} left out: {why}" for why, number in done.refused.items()]
        told = {"act": self.act, "chosen": done.total, "done": done.done, "refused": done.refused}
        self.answer(options, lines, told)
