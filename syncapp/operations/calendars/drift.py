"""What differs between Advoware and Google, calendar by calendar, without changing anything: the plan of a full pass.

Invariant: nothing is written anywhere; texts of appointments are not part of a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncapp.core.appointments.plan_shapes import PairPlan
from syncapp.entities.appointments.check import planned_json
from syncapp.entities.appointments.preview import CalendarPreview, preview
from syncapp.models import CalendarEmployee
from syncapp.words import sentences
from syncapp.words.plain_errors import in_words


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One appointment that a pass would do something about. start: as the form says it."""

    fr_nr: int | None
    start: str
    row: str
    steps: tuple[str, ...]
    questions: tuple[str, ...]

    @property
    def words(self) -> str:
        what = ", ".join((*self.steps, *(f"ask: {code}" for code in self.questions))) or self.row
        return f"{self.start or '–'}  frNr {self.fr_nr or '–'}  {what}"


@dataclass(frozen=True, slots=True)
class CalendarDrift:
    kuerzel: str
    lines: tuple[PlannedLine, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""

    @property
    def equal(self) -> bool:
        return not (self.lines or self.fault or self.numbers.get("deferred"))


def of(row: CalendarEmployee, *, whole: bool = True) -> CalendarDrift:
    """Raises PlainError where a system does not answer."""
    with in_words():
        seen = preview(row, whole=whole)
    return told(row, seen)


def told(row: CalendarEmployee, seen: CalendarPreview) -> CalendarDrift:
    if seen.gone is not None:
        return CalendarDrift(row.kuerzel, fault=sentences.sentence({"code": "calendar_gone", "params": {}}))
    if seen.in_doubt is not None:
        doubt = {"code": "list_in_doubt", "params": {"side": seen.in_doubt.value}}
        return CalendarDrift(row.kuerzel, fault=sentences.sentence(doubt))
    held, lines = seen.plan.held, tuple(_line(pair) for pair in seen.plan.pairs if pair.steps or pair.questions)
    params = {} if held is None else {"planned": held.planned, "of": held.of}
    fault = sentences.sentence({"code": held and held.reason.value, "params": params})
    return CalendarDrift(row.kuerzel, lines, planned_json(seen.plan), fault)


def _line(planned: PairPlan) -> PlannedLine:
    sent = next((step.intent.sent for step in planned.steps if step.intent.sent is not None), None)
    form = sent or planned.pair.base_advoware or planned.pair.base_google
    return PlannedLine(
        planned.pair.fr_nr,
        form.when.start if form is not None else "",
        planned.row.value,
        tuple(step.action.value for step in planned.steps),
        tuple(question.code.value for question in planned.questions),
    )
