"""`python -m tests.soak [--minutes N] [--records N]`: see the package.

Exit code 1 where a line of the books is not good.
"""

import argparse
import random
import signal
import statistics
import sys
import time
import traceback
from datetime import date
from typing import Any

from tests.soak.ground import Ground, at_work, ground, install, say

FOUND_SHOWN = 8


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long people work and things break (default 60)")
    parser.add_argument("--records", type=int, default=20_000, help="linked at the beginning (default 20000)")
    parser.add_argument("--seed", type=int, default=7, help="of the disorder in which things happen")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started ends with it
    begun = time.monotonic()
    with ground() as made:
        good = soak(made, options)
    say(f"soak {'passed' if good else 'FAILED'} in {(time.monotonic() - begun) / 60:.0f} minutes")
    return 0 if good else 1


def soak(made: Ground, options: argparse.Namespace) -> bool:
    from tests.soak import filling, watching

    key = install(made)
    populace = filling.fill(made, options.records)
    before = watching.compact()
    with at_work(made):
        filling.furnish_calendars(made)
        course = prepared(made, populace, key, options)
        say(f"begins: {options.records} records, database {before:.0f} MB")
        course.run()
        say("the last fault is over; coming to rest")
        found = at_rest(made, course)
    found["disk after retention"] = retention(before)
    return told(course, found, before)


def prepared(made: Ground, populace: Any, key: str, options: argparse.Namespace) -> Any:
    from syncapp.models import CalendarEmployee
    from tests.soak.course import Course
    from tests.soak.desks import Desks
    from tests.soak.faults import Breaker
    from tests.soak.operators import Operators
    from tests.soak.people import People
    from tests.soak.programs import Programs
    from tests.soak.watching import Watch

    people = People(populace, seed=options.seed)
    return Course(
        ground=made,
        people=people,
        desks=Desks(dict(CalendarEmployee.objects.values_list("kuerzel", "calendar_id")), seed=options.seed),
        programs=Programs(made.origin, key, people),
        operators=Operators(made, random.Random(options.seed)),
        breaker=Breaker(made, random.Random(options.seed)),
        watch=Watch(made),
        seconds=options.minutes * 60,
        records=options.records,
    )


def at_rest(made: Ground, course: Any) -> dict[str, list[str]]:
    """{line of the books: what is wrong}"""
    from tests.soak import books, quiet, watching

    left = quiet.come_to_rest(made, course.people.ledger, course.operators, seconds=1500)
    found = {"comes to rest by itself": left}
    evidence = books.Evidence(made, course.people, course.desks, course.programs)
    evidence.gather()
    for name, line in books.LINES:
        try:
            found[name] = list(line(evidence))
        except Exception:
            found[name] = [traceback.format_exc()]
    found["a further round writes nothing"] = quiet.writes_when_all_is_equal(made)
    found["pages whole"] = course.operators.broken
    kept = watching.redis_keys(made)
    say(f"keys of Redis without an end: {kept}")
    found["Redis keeps nothing for ever"] = [f"{name}: {number} keys" for name, number in kept.items() if number > 50]
    found["memory flat"] = [str(one) for one in course.watch.flatness() if not one.is_flat]
    found["the soak itself"] = course.trouble
    return found


def retention(before: float) -> list[str]:
    """Without history and waste the database is what it was, but for what people have added."""
    from django.utils import timezone

    from syncapp.operations.maintenance.retention import purge
    from tests.soak import watching

    rows = purge(before=timezone.now())
    after = watching.compact()
    say(f"retention took {rows} rows away: database {after:.0f} MB, at the beginning {before:.0f} MB")
    return [] if after <= before * 1.3 + 5 else [f"{after:.0f} MB, at the beginning {before:.0f} MB"]


def told(course: Any, found: dict[str, list[str]], before: float) -> bool:
    """The table for docs/RELIABILITY.md, and beside it what is not good; whether all of it is."""
    from tests.soak.course import DAY_EDITS

    ledger, disk = course.people.ledger, course.watch.disk
    edits = sum(ledger.counts.values()) + sum(course.desks.counts.values())
    records = len(ledger.created) + course.records
    print(f"\n{date.today().isoformat()}, {course.seconds / 60:.0f} minutes, {records} records at the end\n")
    _table("edits", {**ledger.counts, **course.desks.counts})
    print(f"{edits} edits: {edits / DAY_EDITS:.1f} days of a firm; the oldest change waited {course.slowest:.0f} s\n")
    _table("faults", course.breaker.counts | {"rolling restarts": course.breaker.rolled})
    _table("answers to programs", course.programs.answers | {"repeated by key": course.programs.repeated})
    _table("pages", course.operators.answers)
    if course.operators.seconds:
        print(f"median of a page {statistics.median(course.operators.seconds) * 1000:.0f} ms\n")
    _table("what people did", course.operators.done)
    print(f"{'memory (MB)':<28}{'first third':>14}{'last third':>14}{'in a life, an hour':>22}{'lives':>8}")
    for one in course.watch.flatness():
        print(f"{one.role:<28}{one.first:>14.0f}{one.last:>14.0f}{one.an_hour:>22.1f}{one.lives:>8}")
    if disk:
        for name, place in (("database", 1), ("Redis", 2), ("logs", 3)):
            first, last = disk[0][place], disk[-1][place]
            print(f"{name:<28}{first:>14.1f}{last:>14.1f}{(last - first) / max(edits, 1) * 1024:>20.1f} KB an edit")
    print(f"\n{'books':<40}{'wrong':>10}\n{'-' * 50}")
    for name, wrong in found.items():
        print(f"{name:<40}{len(wrong):>10}")
    for name, wrong in found.items():
        for text in wrong[:FOUND_SHOWN]:
            print(f"NOT GOOD  {name}: {text}")
    sys.stdout.flush()
    return not any(found.values())


def _table(title: str, counts: dict[str, int]) -> None:
    print(f"{title}\n{'-' * 50}")
    for name, number in sorted(counts.items(), key=lambda row: -row[1]):
        print(f"{name:<40}{number:>10}")
    print()


if __name__ == "__main__":
    sys.exit(main())
