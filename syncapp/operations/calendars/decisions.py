"""What a person decides about an appointment that passes ask about.

Invariant: only what is asked can be decided, with an answer that fits; the next pass carries it out.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from syncapp.core.appointments.forms.canonical import Group
from syncapp.core.appointments.pairs.merging import conflict_about, swing_about
from syncapp.core.appointments.plan_shapes import NEW, QuestionCode
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.states import Event, Status
from syncapp.models import Appointment
from syncapp.operations.actions import ActionContext, ActionRefused, log_action
from syncapp.operations.calendars.employees import ask_for_pass

SIDES = tuple(side.value for side in CalendarSide)
BY_SIDE = frozenset({QuestionCode.conflict, QuestionCode.gone_and_changed, QuestionCode.oscillates})
# Asked about some groups of an appointment, and answered for these alone.
_BY_GROUP: Mapping[QuestionCode, Callable[[Group], str]] = {
    QuestionCode.conflict: conflict_about,
    QuestionCode.oscillates: swing_about,
}
# A change to the text of a private appointment is never carried: Google is put back.
ONLY_ADVOWARE = frozenset({QuestionCode.private_text_differs})


def answers_to(code: QuestionCode, candidates: list[int], cannot: str = "") -> tuple[str, ...]:
    """What may be answered; a number is the frNr of a Termin. cannot: why it cannot be as Google has it."""
    if code in ONLY_ADVOWARE or (code in BY_SIDE and cannot):
        return (CalendarSide.advoware.value,)
    if code in BY_SIDE:
        return SIDES
    if code is QuestionCode.many_new:
        return ()  # released for the calendar as a whole
    return (*(str(number) for number in candidates), NEW)


def why_not_google(asked: Mapping[str, Any]) -> str:
    """As a code, of a stored question; an older version stored none."""
    return str(asked.get("cannot", ""))


@transaction.atomic
def decide(appointment: Appointment, *, code: str, choice: str, action_context: ActionContext) -> None:
    """Store the decision, and have it carried out by a pass."""
    row = Appointment.objects.select_for_update().select_related("employee").get(pk=appointment.pk)
    asked = next((one for one in row.questions if one["code"] == code), None)
    if asked is None:
        raise ActionRefused(_("That is not asked any more."))
    question = QuestionCode(code)
    if choice not in answers_to(question, asked["candidates"], why_not_google(asked)):
        raise ActionRefused(_("That is no answer to this question."))
    decided = {**row.decided, **dict.fromkeys(_names(question, asked["groups"]), choice)}
    Appointment.objects.filter(pk=row.pk).update(decided=decided)
    about = f"{row.employee.kuerzel}, frNr {row.fr_nr or '–'}"
    log_action(action_context=action_context, action="calendar_decide", target=about, result=f"{code}: {choice}")
    event = Event.DECIDED if row.employee.status == Status.CONFLICT else Event.CHANGED
    ask_for_pass(row.employee, action_context, code="decided", event=event)


def _names(code: QuestionCode, groups: list[str]) -> Iterator[str]:
    about = _BY_GROUP.get(code)
    if about is None:
        yield code.value
    else:
        yield from (about(Group(group)) for group in groups)
