"""What a check is, what it finds, and the line that people read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from syncapp.operations.doctor.diagnosis import Light
from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.faults import FAULTS
from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is not as it should be: a row of FAULTS, and what to put into its words."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Check:
    """`looks_at`: what it looks at, for people. `needs`: checks without which it makes no sense. `shown`: whether this
    installation has what it looks at."""

    name: str
    looks_at: Words
    find: Callable[[Evidence], Iterable[Found]]
    needs: tuple[str, ...] = ()
    shown: Callable[[], bool] = always


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
        return cls(check.name, Light.GREEN, str(check.looks_at))

    @classmethod
    def skipped(cls, check: Check, because: str) -> "CheckLine":
        found = _("Not looked at: first mend %(name)s.") % {"name": because}
        return cls(check.name, Light.GREY, str(check.looks_at), found)

    @classmethod
    def of(cls, check: Check, one: Found) -> "CheckLine":
        row = FAULTS[one.code]
        what, cause, cure = (str(text) % one.params for text in (row.what, row.cause, row.cure))
        return cls(check.name, row.light, str(check.looks_at), what, cause, cure, one.code)

    @property
    def as_json(self) -> dict[str, str]:
        return asdict(self)
