"""`manage.py calendar VERB`: calendars of employees in Google."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from syncapp.engine.runs.sync_record import Ended
from syncapp.management.base import ProgressBar, ServiceCommand, actor
from syncapp.models import CalendarEmployee, CalendarMode
from syncapp.operations.actions import ActionRefused
from syncapp.operations.calendars import cleaning, drift, employees, in_use, passes, sharing
from syncapp.operations.calendars.employees import ImportedEmployees, PassGoingOn
from syncapp.words import sentences
from syncapp.words.plain_errors import PlainError

T = TypeVar("T")
WAIT_SECONDS = 2.0
# A pass over one calendar takes seconds; the first one, under Google's quota, takes minutes.
PATIENCE_SECONDS = 120.0
TRUTH = {"true": True, "yes": True, "false": False, "no": False}
YES_OR_NO = frozenset({"full_content", "write_to_advoware", "active", "firm_wide"})


class Command(ServiceCommand):
    help = (
        "Advoware's Termine in Google calendars, one for each employee.\n"
        "employees: who has a calendar; --from-advoware adds whom Advoware lists. share: makes calendars, shares them\n"
        "and looks whether the share is there. sync: passes in the foreground. compare: what differs, nothing is\n"
        "changed. duplicates, orphans: lists them, --remove deletes what is provably ours. set: choices of one\n"
        "calendar. release: lets go on what a brake has stopped. release_locks: of passes that do not come back.\n"
        "delete_all: all calendars that were made from here; only with their number."
    )
    examples = """
  python manage.py calendar employees --from-advoware
  python manage.py calendar employees --set SB=sabine.berg@kanzlei.example
  python manage.py calendar share SB AI
  python manage.py calendar set SB mode=live write_to_advoware=true
  python manage.py calendar sync SB --full --dry-run
  python manage.py calendar sync --all
  python manage.py calendar capability delete=unknown
  python manage.py calendar delete_all --number 12
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        add = verbs.add_parser
        listed = add("employees", help="who has a calendar")
        listed.add_argument("--from-advoware", action="store_true", help="read the employees from Advoware")
        listed.add_argument("--set", action="append", default=[], metavar="KUERZEL=ADDRESS", help="a Google address")
        sync = add("sync", help="passes in the foreground")
        sync.add_argument("--all", action="store_true", help="all active calendars")
        sync.add_argument("--full", action="store_true", help="read both sides whole")
        sync.add_argument("--force", action="store_true", help="ignore waiting times")
        sync.add_argument("--dry-run", action="store_true", help="print the plan, write nothing")
        for name, words in (("share", "make and share calendars"), ("compare", "what differs")):
            add(name, help=words)
        for name in ("duplicates", "orphans"):
            add(name, help=f"list {name}").add_argument(
                "--remove", action="store_true", help="delete what is provably ours"
            )
        add("release_locks", help="of passes that do not come back")
        add("release", help="let go on what a brake has stopped")
        chosen = add("set", help="choices of one calendar")
        chosen.add_argument("kuerzel", metavar="KUERZEL")
        chosen.add_argument("choices", nargs="+", metavar="NAME=VALUE")
        add("capability", help="what is known of Advoware").add_argument("choices", nargs="+", metavar="delete=unknown")
        everything = add("delete_all", help="delete all calendars that were made from here")
        everything.add_argument("--number", type=int, metavar="N", help="how many there are; else nothing is done")
        for name in ("sync", "share", "compare", "duplicates", "orphans", "release_locks", "release"):
            verbs.choices[name].add_argument("kuerzel", nargs="*", metavar="KUERZEL")
        for part in verbs.choices.values():
            part.add_argument("--json", action="store_true", help="as JSON")
            part.add_argument("--reason", default="", help="why, for the operator log")

    def run(self, options: dict[str, Any]) -> None:
        if not in_use():
            self.fail("calendars are not set up: GOOGLE_SERVICE_ACCOUNT_FILE is empty, see docs/GOOGLE_SETUP.md")
        act: Callable[[dict[str, Any]], None] = getattr(self, f"_{options['verb']}")
        act(options)

    # --- who

    def _rows(self, options: dict[str, Any], *, needed: bool = False) -> list[CalendarEmployee]:
        if needed and not options["kuerzel"]:
            self.misused("name the KUERZEL")
        try:
            return employees.chosen(options["kuerzel"])
        except ActionRefused as unknown:
            self.misused(str(unknown))

    def _employees(self, options: dict[str, Any]) -> None:
        for pair in options["set"]:
            kuerzel, sign, address = pair.partition("=")
            if not sign:
                self.misused(f"{pair!r} is not KUERZEL=ADDRESS")
            self._change(kuerzel, {"google_address": address}, options)
        if options["from_advoware"]:
            self._imported(employees.read_from_advoware(actor=actor()))
        rows = list(CalendarEmployee.objects.order_by("kuerzel"))
        self.answer(options, [_line(row) for row in rows], [_as_json(row) for row in rows])

    def _imported(self, found: ImportedEmployees) -> None:
        self.warn(
            f"{len(found.new)} new, {len(found.known)} known, {len(found.back)} back, "
            f"{len(found.left)} not there any more"
        )
        if found.twice:
            self.warn(f"named twice in Advoware, taken once: {', '.join(found.twice)}")

    def _change(self, kuerzel: str, choices: dict[str, Any], options: dict[str, Any]) -> None:
        try:
            row = employees.find(kuerzel)
        except ActionRefused as unknown:
            self.misused(str(unknown))
        self._patiently(row, lambda: employees.change(row, choices, action_context=self.context(options)))

    def _patiently(self, row: CalendarEmployee, act: Callable[[], T]) -> T:
        """Do it as soon as no pass holds the calendar: the scheduler may have begun one just before the command."""
        until = time.monotonic() + PATIENCE_SECONDS
        told = False
        while True:
            try:
                return act()
            except PassGoingOn:
                if time.monotonic() > until:
                    raise
            if not told:
                self.warn(f"{row.kuerzel}: a pass is going on, waiting up to {PATIENCE_SECONDS:.0f} s for its end")
                told = True
            time.sleep(WAIT_SECONDS)

    def _set(self, options: dict[str, Any]) -> None:
        choices: dict[str, Any] = {}
        for pair in options["choices"]:
            name, sign, value = pair.partition("=")
            if not sign or (name in YES_OR_NO and value.lower() not in TRUTH):
                self.misused(f"{pair!r} is not NAME=VALUE; yes-or-no takes true or false")
            choices[name] = TRUTH[value.lower()] if name in YES_OR_NO else value
        self._change(options["kuerzel"], choices, options)
        row = employees.find(options["kuerzel"])
        self.answer(options, [_line(row)], _as_json(row))

    # --- passes

    def _sync(self, options: dict[str, Any]) -> None:
        if not options["kuerzel"] and not options["all"]:
            self.misused("name the KUERZEL, or --all")
        rows = self._rows(options)
        if not options["kuerzel"]:
            rows = [row for row in rows if row.mode != CalendarMode.OFF]
            if out := employees.left_out():
                self.warn(f"left out by CALENDAR_ONLY: {', '.join(out)}")
        if options["dry_run"]:
            self._drift(rows, options, whole=options["full"])
            return
        with self.bar(total=len(rows), title="calendars") as bar:
            results = [self._one(row, options, Watched(bar, row.kuerzel, number)) for number, row in enumerate(rows)]
        lines = [f"{one.row.kuerzel}: {'equal' if one.ok else _why(one)}" for one in results]
        told = [{"kuerzel": one.row.kuerzel, "ok": one.ok, "status": one.row.status} for one in results]
        self.answer(options, lines, told)
        failed = [one.row.kuerzel for one in results if not one.ok]
        if failed:
            self.fail(f"not equal: {', '.join(failed)}")

    def _one(self, row: CalendarEmployee, options: dict[str, Any], watched: "Watched") -> passes.PassResult:
        result = passes.run_in_foreground(
            row,
            actor=actor(),
            full=options["full"],
            force=options["force"],
            wait=lambda: time.sleep(WAIT_SECONDS),
            told=watched.told,
        )
        watched.done()
        return result

    def _compare(self, options: dict[str, Any]) -> None:
        self._drift(self._rows(options), options, whole=True)

    def _drift(self, rows: list[CalendarEmployee], options: dict[str, Any], *, whole: bool) -> None:
        found = [drift.of(row, whole=whole) for row in self.progress(rows, total=len(rows), title="calendars")]
        lines = []
        for one in found:
            lines.append(f"{one.kuerzel}: {one.fault or _differing(one)}")
            lines += [f"  {line.words}" for line in one.lines]
        shown = [{"kuerzel": one.kuerzel, "fault": one.fault, **one.numbers, "differ": len(one.lines)} for one in found]
        self.answer(options, lines, shown)
        if not all(one.equal for one in found) and options["verb"] == "compare":
            self.fail("the sides differ")

    def _release(self, options: dict[str, Any]) -> None:
        for row in self._rows(options, needed=True):
            code = passes.release(row, action_context=self.context(options))
            self.say(f"{row.kuerzel}: {code} is released for the next pass")

    def _release_locks(self, options: dict[str, Any]) -> None:
        rows = self._rows(options) if options["kuerzel"] else list(CalendarEmployee.objects.order_by("kuerzel"))
        held = list(passes.held(rows))
        for row in held:
            passes.release_lock(row, action_context=self.context(options))
        lines = [f"{row.kuerzel}: released, was held by {row.lease_holder or 'nobody'}" for row in held]
        self.answer(options, lines or ["no locks"], [row.kuerzel for row in held])

    # --- Google

    def _share(self, options: dict[str, Any]) -> None:
        done, refused = [], []
        rows, context = self._rows(options), self.context(options)
        for row in self.progress(rows, total=len(rows), title="calendars"):
            try:
                done.append(self._patiently(row, partial(sharing.make_and_share, row, action_context=context)))
            except PlainError as why:
                refused.append(f"{row.kuerzel}: {why}")
        lines = [f"{one.kuerzel}: {_shared(one)}" for one in done]
        self.answer(options, lines, [one.kuerzel for one in done])
        for line in refused:
            self.warn(line)
        unseen = [one.kuerzel for one in done if not one.seen]
        if refused or unseen:
            self.fail(f"not shared: {', '.join([*unseen, *(line.partition(':')[0] for line in refused)])}")

    def _duplicates(self, options: dict[str, Any]) -> None:
        for row in self._rows(options):
            groups = cleaning.find_untidy(row, most=0).groups
            for group in groups:
                self.say(f"{row.kuerzel}: {len(group)} alike, {sum(one.removable for one in group)} of them spare")
            self._clean(row, chain.from_iterable(groups), options)

    def _orphans(self, options: dict[str, Any]) -> None:
        for row in self._rows(options):
            found = cleaning.find_untidy(row).orphans
            for one in found:
                self.say(f"{row.kuerzel}: frNr {one.fr_nr} {'is gone' if one.removable else 'is not known to be gone'}")
            self._clean(row, found, options)

    def _clean(self, row: CalendarEmployee, found: Iterable[cleaning.FoundEvent], options: dict[str, Any]) -> None:
        if options["remove"]:
            removed = cleaning.remove(row, found, action_context=self.context(options))
            self.say(f"{row.kuerzel}: {removed} removed")

    def _delete_all(self, options: dict[str, Any]) -> None:
        rows, context = cleaning.ours(), self.context(options)
        if options["number"] is None:
            self.say(f"{len(rows)} calendars would be deleted: {', '.join(row.kuerzel for row in rows)}")
            return
        if options["number"] != len(rows):
            self.misused(f"there are {len(rows)} calendars, not {options['number']}: nothing was deleted")
        for row in self.progress(rows, total=len(rows), title="calendars"):
            self._patiently(row, partial(cleaning.delete_calendar, row, action_context=context))
        self.say(f"{len(rows)} calendars are deleted; nothing was deleted in Advoware")

    def _capability(self, options: dict[str, Any]) -> None:
        values = {"unknown": None, "true": True, "false": False}
        for pair in options["choices"]:
            name, _sign, value = pair.partition("=")
            if name != "delete" or value not in values:
                self.misused("say delete=unknown, delete=true or delete=false")
            passes.set_delete(values[value], action_context=self.context(options))


class Watched:
    """How far a calendar is, on a bar that counts calendars: within it by its appointments."""

    def __init__(self, bar: ProgressBar, kuerzel: str, before: int) -> None:
        self._bar, self._kuerzel, self._before = bar, kuerzel, before
        self._most = 0
        bar.say(kuerzel)

    def told(self, left: int) -> None:
        """left: appointments that are still to be written; a later portion may have found more of them."""
        self._most = max(self._most, left)
        if self._most:
            carried = self._most - left
            self._bar.say(f"{self._kuerzel}: {carried} of {self._most} appointments")
            self._bar.at(self._before + carried / self._most)

    def done(self) -> None:
        self._bar.at(self._before + 1)


def _differing(one: drift.CalendarDrift) -> str:
    later = one.numbers.get("deferred")
    return "equal" if one.equal else f"{len(one.lines)} differ{f', {later} more to be made later' if later else ''}"


def _why(result: passes.PassResult) -> str:
    if result.left_alone:
        return result.left_alone
    if result.row.fault:
        return sentences.sentence(result.row.fault)
    if result.ended != Ended.RAN:
        return str(result.ended).replace("_", " ")
    return str(result.row.status).replace("_", " ")


def _shared(one: sharing.SharedCalendar) -> str:
    made = "made, " if one.made else ""
    return f"{made}shared and seen" if one.seen else f"{made}not shared: no Google address, or Google does not show it"


def _line(row: CalendarEmployee) -> str:
    address, place = row.google_address or "no address", "" if row.calendar_id else ", no calendar"
    line = f"{row.kuerzel}  {row.mode}  {row.status}  {address}{place}{'' if row.active else ', not active'}"
    why = passes.why_left_alone(row) if row.hold or row.active else ""
    return f"{line}  {why}" if why else line


def _as_json(row: CalendarEmployee) -> dict[str, Any]:
    names = ("kuerzel", "name", "active", "mode", "status", "google_address", "calendar_id", "full_content")
    held = ("hold", "hold_reason", "hold_actor", "hold_since")
    known = {name: getattr(row, name) for name in (*names, "write_to_advoware", "last_check", "last_full_pass", *held)}
    return known | {"left_alone": passes.why_left_alone(row)}
