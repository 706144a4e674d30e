"""Reading the stories: Markdown files whose headings are the scenarios and whose indented lines are sentences.

Invariant: every sentence is known to the stage by its verb, every heading has a number (several may share one) and a
name, and a file that breaks this fails before anything runs.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.scenarios.kommunikation.spelling import cells

HEADING = re.compile(r"## (?:(?P<number>\d+)(?P<letter>[a-z])?\. )?(?P<name>.+)")
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sentence:
    """`verb`: the first cell; `rest`: what follows it, as it stands there."""

    verb: str
    rest: str

    @property
    def args(self) -> list[str]:
        return cells(self.rest) if self.rest else []


@dataclass(frozen=True)
class Story:
    number: int | None
    letter: str
    name: str
    sentences: tuple[Sentence, ...]

    @property
    def title(self) -> str:
        number = "" if self.number is None else f"{self.number:02}{self.letter} "
        return f"{number}{self.name}"


def stories(file: str) -> tuple[Story, ...]:
    """All stories of one file, in its order."""
    found: list[Story] = []
    for line in (FOLDER / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append(_headed(line))
        elif line.startswith("    ") and found:
            verb, *_ = cells(line)
            sentence = Sentence(verb, line.strip()[len(verb) :].strip())
            found[-1] = Story(found[-1].number, found[-1].letter, found[-1].name, (*found[-1].sentences, sentence))
    return tuple(found)


def _headed(line: str) -> Story:
    match = HEADING.fullmatch(line)
    if match is None:
        raise ValueError(f"no heading of a story: {line}")
    number = int(match["number"]) if match["number"] else None
    return Story(number, match["letter"] or "", match["name"], ())
