"""The doctor: looks at everything an installation needs and says in a line each what is wrong and what to do.

Invariant: nothing is changed but what we keep about the two systems, which is read anew. A check that raises is itself
a red line. To extend: a check is a row of CHECKS and a function that yields what it found; a fault is a row of FAULTS;
a test makes the fault against the stand-ins.
"""

from collections.abc import Iterator

from syncapp.operations.doctor.advoware import CHECKS as ADVOWARE
from syncapp.operations.doctor.calendars import CHECKS as GOOGLE
from syncapp.operations.doctor.espocrm import CHECKS as ESPOCRM
from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.installation import CHECKS as INSTALLATION
from syncapp.operations.doctor.lists import CHECKS as LISTS
from syncapp.operations.doctor.proxy import CHECKS as PROXY
from syncapp.operations.doctor.shapes import Check, CheckLine, Found
from syncapp.operations.doctor.web import CHECKS as WEB
from syncapp.words.doctor.diagnosis import Light

__all__ = ["CHECKS", "CheckLine", "Light", "examine"]

CHECKS: tuple[Check, ...] = (*INSTALLATION, *WEB, *ESPOCRM, *ADVOWARE, *LISTS, *GOOGLE, *PROXY)


def examine(*, names: frozenset[str] | None = None) -> Iterator[CheckLine]:
    """Line by line, as they are found. `names`: only these checks and what they need."""
    evidence = Evidence()
    red: set[str] = set()
    for check in _chosen(names):
        missing = [name for name in check.needs if name in red]
        lines = [CheckLine.skipped(check, missing[0])] if missing else list(_lines(check, evidence))
        if any(line.light is Light.RED for line in lines) or missing:
            red.add(check.name)
        yield from lines


def _chosen(names: frozenset[str] | None) -> list[Check]:
    shown = [check for check in CHECKS if check.shown()]
    if names is None:
        return shown
    wanted = set(names)
    for check in reversed(CHECKS):
        if check.name in wanted:
            wanted |= set(check.needs)
    return [check for check in shown if check.name in wanted]


def _lines(check: Check, evidence: Evidence) -> Iterator[CheckLine]:
    try:
        found = list(check.find(evidence))
    except Exception as error:
        found = [Found("check_failed", {"error": type(error).__name__})]
    if not found:
        yield CheckLine.green(check)
    for one in found:
        yield CheckLine.of(check, one)
