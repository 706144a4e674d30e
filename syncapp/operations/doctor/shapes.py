"""What a check is, what it finds, and the line that people read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from syncapp.operations.doctor.evidence import Evidence
from syncapp.words.doctor.checks import LOOKS_AT
from syncapp.words.doctor.diagnosis import Light
from syncapp.words.doctor.faults import FAULTS


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is not as it should be: a row of FAULTS, and what to put into its words."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """`needs`: checks without which it makes no sense. `shown`: whether this installation has what it looks at."""

    name: str
    find: Callable[[Evidence], Iterable[Found]]
    needs: tuple[str, ...] = ()
    shown: Callable[[], bool] = lambda: True

    @property
    def looks_at(self) -> str:
        """In words: a row of words/doctor/checks.py."""
        return str(LOOKS_AT[self.name])


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What people read. A green line has neither cause nor cure."""

    name: str
    light: Light
    looks_at: str
    found: str = ""
    cause: str = ""
    cure: str = ""
    code: str = ""

    @classmethod
    def green(cls, check: Check) -> "CheckLine":
        return cls(check.name, Light.GREEN, check.looks_at)

    @classmethod
    def skipped(cls, check: Check, because: str) -> "CheckLine":
        found = _("Not looked at: first mend %(name)s.") % {"name": because}
        return cls(check.name, Light.GREY, check.looks_at, found)

    @classmethod
    def of(cls, check: Check, one: Found) -> "CheckLine":
        row = FAULTS[one.code]
        what, cause, cure = (str(text) % one.params for text in (row.what, row.cause, row.cure))
        return cls(check.name, row.light, check.looks_at, what, cause, cure, one.code)
