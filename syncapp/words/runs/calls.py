"""The calls of a run one by one, as people read them: when, to whom, what, with which answer, how long.

Invariant: what is shown are templates and numbers, as engine/runs/run.py keeps them; an entry of another shape, from
another release, is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from syncapp.core.systems import SYSTEM_NAMES
from syncapp.words import sentences


@dataclass(frozen=True, slots=True)
class ShownCall:
    """One call. `after`: since the run began; `fault`: what went wrong, "" where nothing did."""

    after: str
    system: str
    operation: str
    status: str
    took: str
    fault: str


def shown_calls(rows: Sequence[Sequence[Any]]) -> list[ShownCall]:
    return [_shown(*row) for row in rows if len(row) == 7]


def _shown(system: str, method: str, path: str, status: int | None, ms: int, begun: int, kind: str) -> ShownCall:
    return ShownCall(
        after=_seconds(begun),
        system=SYSTEM_NAMES.get(system, system),
        operation=f"{method} {path}",
        status=str(status) if status else _("no answer"),
        took=f"{ms} ms" if ms < 1000 else _seconds(ms),
        fault=str(sentences.kind_text(kind).name) if kind else "",
    )


def _seconds(ms: int) -> str:
    return f"{sentences.decimal(ms / 1000)} s"
