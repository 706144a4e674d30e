"""What an answer makes of a row: after each write, and where a remote system refused it.

Purpose: the service that applies a plan asks here after every answer what to commit, and whether to decide anew.
Invariant: a base is what an answer showed, never what was sent and not confirmed; a row is closed only by a deletion
that was confirmed. `again` leads at most once to a further plan for the pair (`plan.narrowed`).

| write | answer | row |
| --- | --- | --- |
| insert_event, patch_event | the event | Google's base is what it shows; Advoware's what was carried |
| insert_event | 409, and a GET shows it alive | adopted: decided anew against what is there |
| insert_event | 409, and a GET shows it cancelled | the next generation, decided anew |
| put_termin | what a GET shows afterwards | as sent: both bases follow. Else: not taken, decided anew |
| post_termin | the number, and what a GET shows | linked; where it differs from what was sent: decided anew |
| post_termin | of an event that shows less | linked, and decided anew: it bears another's number |
| post_termin | that it is somebody else's | linked all the same, told |
| reword_event | the event, or that it is gone | the intent goes: it is none of the row's own |
| delete_event, delete_termin | done, 404 or 410 | closed |
| delete_termin | 403 or 405 | waits for a person; `can_delete` is False from now on |
| any | refused for good | the intent goes, nothing else; what Google showed stays in the row |
| any | none | the intent stays (intents.py); of a POST that certainly was not carried out it goes |

To extend: a further answer is a row here and its function.
"""

from dataclasses import dataclass, replace

from syncapp.core.appointments.forms.canonical import Canonical, living_form, read_event
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.pairs.intents import rebased
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.pairs.situation import kind_of, next_generation
from syncapp.core.appointments.plan_shapes import PairReport, PairReportCode
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, PairStatus, PlannedStep
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent


@dataclass(frozen=True, slots=True)
class AnsweredWrite:
    """pair: to be committed. again: the pair is decided anew now, with what the answer showed."""

    pair: AppointmentPair
    again: bool = False
    reports: tuple[PairReport, ...] = ()


def after_event(step: PlannedStep, pair: AppointmentPair, event: CalendarEvent) -> AnsweredWrite:
    """The answer to an insert or a PATCH; `pair` is the row as it is now."""
    form = read_event(event).form
    if form is None:
        # Taken, but in a form that nobody can read: compared as an edit, the pair becomes unsupported with its reason.
        return AnsweredWrite(replace(pair, intent=None, waiting=event, etag=event.etag), again=True)
    known = replace(pair, intent=None, etag=event.etag, shown=step.intent.shown or pair.shown)
    if step.action is AppointmentAction.insert_event:
        known = replace(known, base_advoware=None, base_google=None, exceptions=())
    elif step.event is not None and (step.event.start is not None or step.event.recurrence is not None):
        known = replace(known, exceptions=())
    known = rebased(known, step.intent, form, step.groups)
    return AnsweredWrite(_settled(known, event, form))


def _settled(pair: AppointmentPair, event: CalendarEvent | None, form: Canonical | None) -> AppointmentPair:
    """Without what Google showed, once the base says the same; with what it shows now, where something is held."""
    if pair.waiting is None:
        return pair
    shown = event or pair.waiting
    form = form or living_form(shown)
    if form is not None and form == pair.base_google:
        return replace(pair, waiting=None, decided={} if pair.status is PairStatus.ok else pair.decided)
    return replace(pair, waiting=shown)


def after_put(
    context: IndexedSnapshot, step: PlannedStep, pair: AppointmentPair, termin: AdvowareTermin
) -> AnsweredWrite:
    """What a GET showed after a PUT, or after a POST whose number is known by now."""
    form = context.reading(termin).form
    # Whose it is counts as long as it is this calendar's: the difference is what tells that it has moved. A new one
    # that Advoware has given to somebody else has not: it stays where it was made, and that is told.
    posted, ours = step.action is AppointmentAction.post_termin, context.belongs(termin)
    reports = (PairReport(PairReportCode.moved),) if posted and not ours else ()
    anwalt = termin.anwalt if posted or ours else pair.anwalt
    known = replace(pair, intent=None, fr_nr=termin.fr_nr, anwalt=anwalt, stamp=termin.stamp)
    sent = step.intent.sent
    if form is None or sent is None:
        return AnsweredWrite(known, again=True, reports=reports)
    known = replace(known, kind=kind_of(termin.fr_nr, form))
    known = _settled(rebased(known, step.intent, form, step.groups), None, None)
    not_taken = sent.differing(form) & step.groups
    if not_taken:
        reports = (*reports, PairReport(PairReportCode.not_taken, groups=not_taken))
        return AnsweredWrite(known, again=True, reports=reports)
    # A new appointment in a calendar without contents: its title goes in the same pass. One of which Google shows less
    # than there is bears the number of another, whose texts a copy of it would be given: that is put right too.
    typed = known.shown is not Shown.anonymous and not context.snapshot.employee.full_content
    lent = sent != step.intent.carried
    return AnsweredWrite(known, again=posted and (typed or lent or known.waiting is not None), reports=reports)


def after_number(step: PlannedStep, pair: AppointmentPair, fr_nr: int) -> AnsweredWrite:
    """A POST brought a number, but the Termin could not be read afterwards: the next pass compares it with what was
    sent."""
    sent, carried = step.intent.sent, step.intent.carried
    kind = pair.kind if sent is None else kind_of(fr_nr, sent)
    linked = replace(pair, intent=None, fr_nr=fr_nr, base_advoware=sent, base_google=carried, kind=kind)
    return AnsweredWrite(_settled(linked, None, None))


def after_deletion(step: PlannedStep, pair: AppointmentPair) -> AnsweredWrite:
    """Done, or it was gone already."""
    if step.closes is None or step.google_id != pair.google_id:
        return AnsweredWrite(replace(pair, intent=None))
    return AnsweredWrite(pair.over(step.closes))


def after_words(pair: AppointmentPair) -> AnsweredWrite:
    """An occurrence shows less than before, or is gone: what it shows is no part of the row."""
    return AnsweredWrite(replace(pair, intent=None))


def after_duplicate(
    context: IndexedSnapshot, step: PlannedStep, pair: AppointmentPair, event: CalendarEvent
) -> AnsweredWrite:
    """An insert met its own id: alive, it is ours, since nobody else can have that id; cancelled, the id is burnt.

    What an earlier insert has brought there is no edit, whatever the Termin says by now."""
    if event.cancelled:
        return AnsweredWrite(replace(next_generation(context, pair), intent=None), again=True)
    return AnsweredWrite(replace(pair, waiting=event, etag=event.etag, intent=step.earlier or step.intent), again=True)


def after_refused_deletion(pair: AppointmentPair) -> AnsweredWrite:
    """Advoware does not delete Termine: somebody has to, and the event is not made again."""
    report = PairReport(PairReportCode.delete_by_hand)
    waits = replace(pair, intent=None, status=PairStatus.awaiting_removal, told=pair.told | {report.key})
    return AnsweredWrite(waits, reports=(report,))


def after_refusal(pair: AppointmentPair) -> AnsweredWrite:
    """A write that was certainly not carried out; when it is tried again is the retry table's business."""
    return AnsweredWrite(replace(pair, intent=None, status=PairStatus.failed))
