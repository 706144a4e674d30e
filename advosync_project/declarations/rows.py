"""The shape of a declared setting."""

from dataclasses import dataclass
from enum import StrEnum

from advosync_project.kinds import SettingKind


class Necessity(StrEnum):
    """When an installation cannot start without the setting."""

    never = "no"
    production = "in production"  # neither DEBUG nor SANDBOX


@dataclass(frozen=True)
class Setting:
    """A row: `default` is written as it would stand in the environment, so that it passes the same parser."""

    name: str
    kind: SettingKind
    default: str
    english: str
    german: str
    needed: Necessity = Necessity.never
    secret: bool = False
    example: str = ""

    @property
    def sample(self) -> str:
        return self.example or self.kind.example


@dataclass(frozen=True)
class Section:
    english: str
    german: str
    settings: tuple[Setting, ...]


PRODUCTION = Necessity.production
