"""What a fault is to people: how bad, what was found, what it comes from, what to do."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from syncapp.words import Words


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"  # not looked at


@dataclass(frozen=True, slots=True)
class Diagnosis:
    light: Light
    what: Words
    cause: Words
    cure: Words


red = partial(Diagnosis, Light.RED)
yellow = partial(Diagnosis, Light.YELLOW)
