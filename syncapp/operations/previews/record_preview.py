"""Both sides of one record as they are now, and what the next run would make of it. For the record's page.

Invariant: renders the run's own plan; GETs only, nothing is written, and a system whose breaker is open is not asked.
To extend: a new case, outcome or step is a row of words/plans.py.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.child_lists.shapes import LISTED_ONLY, CaseCode
from syncapp.core.faults.errors import WAITS_FOR_PERSON
from syncapp.core.requests import Hold
from syncapp.core.sides import Side
from syncapp.core.states import Status
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.core.three_way_merge import FieldResult, MergeOutcome
from syncapp.engine import control
from syncapp.engine.runs.failures import classify
from syncapp.entities.beteiligte.check import refusal_of
from syncapp.entities.beteiligte.part import PartLine
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.preview import Preview, preview
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import Reading
from syncapp.models import Breaker, Control, Mode, SyncRecord
from syncapp.operations.previews.one_side import OneSide, one_side
from syncapp.remotes.http.errors import RemoteError
from syncapp.words import Words, sentences
from syncapp.words.child_lists.case_texts import STATES
from syncapp.words.child_lists.cases import text_of
from syncapp.words.child_lists.labels import LISTS
from syncapp.words.child_lists.labels import PARTS as CHILD_LISTS
from syncapp.words.child_lists.plans import LOSES as CHILD_LOSES
from syncapp.words.child_lists.plans import REPORTS as CHILD_REPORTS
from syncapp.words.child_lists.plans import STEPS as CHILD_STEPS
from syncapp.words.child_lists.plans import TO_BE_CORRECTED, TOLD_OF_LISTS
from syncapp.words.plans import CASES, LOSES, OUTCOMES, QUIET_STEPS, REPORTS, STEPS, SUMMARIES
from syncapp.words.runs.summary import remark_words
from syncapp.words.time_format import clock


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field on both sides: now, and as both held it after the last sync."""

    label: str
    espo: str | None
    advo: str | None
    base_espo: str | None
    base_advo: str | None
    case: Words
    outcome: Words
    icon: str
    tone: str
    differs: bool


@dataclass(frozen=True, slots=True)
class ElementLine:
    """One element of a part: what EspoCRM and Advoware hold that belongs together, or one of them alone.

    `base_…`: what the last sync left there, where that is something else. `told`: what else is to be known, beside what
    happens next. Contact points have kinds and remarks.
    """

    espo: str | None
    advo: str | None
    base_espo: str | None = None
    base_advo: str | None = None
    plan: Words = ""
    tone: str = "off"
    told: tuple[Words, ...] = ()
    espo_kind: str = ""
    advo_kind: str = ""
    remark: str = ""
    waits: bool = False  # until somebody says that it is to be carried, or corrects it

    @property
    def stays_alone(self) -> bool:
        """Only one side holds it, and the plan says why."""
        return bool(self.plan) and bool(self.espo) != bool(self.advo)


@dataclass(frozen=True, slots=True)
class ChildGroup:
    """All addresses, or all bank accounts; `one` of them. `hides`: more of them could be shown to who has the right."""

    label: Words
    one: Words
    lines: tuple[ElementLine, ...]
    hides: bool
    stopped: Words = ""


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """What the page shows. `refusal` set: nothing could be compared, and why. `faults`: the next run would fail."""

    refusal: str = ""
    summary: str = ""
    waits: str = ""  # why there is no next run before somebody says so
    fields: tuple[FieldLine, ...] = ()
    contacts: tuple[ElementLine, ...] = ()
    children: tuple[ChildGroup, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    one_side: OneSide | None = None  # with a refusal: what can be shown all the same

    @property
    def quiet(self) -> bool:
        return not self.refusal and not self.faults and all(line.tone == "off" for line in self.lines)

    @property
    def lines(self) -> tuple[FieldLine | ElementLine, ...]:
        return (*self.fields, *self.contacts, *(line for group in self.children for line in group.lines))


def record_preview(record: SyncRecord, *, in_full: bool = False) -> RecordPreview:
    """Read both sides and plan. Never raises for a remote system: what goes wrong becomes a sentence.

    in_full: bank accounts with every sign, for whoever has the right.
    """
    away = list(Breaker.objects.filter(open_until__gt=timezone.now()))
    if away:
        words = _closed_sentence(away[0])
        return RecordPreview(refusal=words, one_side=one_side(record, lost=[row.system for row in away]))
    switches = control.switches()
    try:
        seen = preview(record, tools=remote_metadata.configured_tools(), control=switches)
        return rendered(seen, waits=_waits(seen, switches), in_full=in_full)
    except RemoteError as error:
        refusal = sentences.sentence(classify(error).fault)
        return RecordPreview(refusal=refusal, one_side=one_side(record, lost=[error.system]))


def rendered(seen: Preview, *, waits: str = "", in_full: bool = False) -> RecordPreview:
    """A preview as the page shows it."""
    plan, reading, record = seen.plan, seen.reading, seen.row
    if seen.gone is Side.espocrm:
        return RecordPreview(refusal=_("EspoCRM does not know this record any more."))
    if plan is None or reading is None:
        return RecordPreview(refusal=_("Advoware does not know betNr %(betnr)s any more.") % {"betnr": record.betnr})
    stopped = refusal_of(plan, espo_id=record.espo_id)
    if stopped is not None and plan.create is None and plan.fields is None:
        return RecordPreview(refusal=sentences.sentence(stopped.fault))
    fields = tuple(_field_lines(plan))
    contacts = tuple(_part_lines(plan, reading))
    children = tuple(_child_groups(plan, reading, in_full=in_full))
    return RecordPreview(
        summary=_summary(plan, contacts, children),
        waits=waits,
        fields=fields,
        contacts=contacts,
        children=children,
        faults=tuple(sentences.fault_sentence(fault.as_json()) for fault in plan.all_faults),
        notes=tuple(_notes(plan)),
    )


def _closed_sentence(row: Breaker) -> str:
    now = timezone.now()
    return _("%(system)s is disturbed at the moment and is not asked before %(until)s.") % {
        "system": SYSTEM_NAMES.get(row.system, row.system),
        "until": clock(row.open_until or now, now=now),
    }


def _waits(seen: Preview, switches: Control) -> str:
    """The plan of a record that nobody runs before a person has spoken is what could happen, not what will."""
    record = seen.row
    if record.hold in (Hold.PAUSED, Hold.IGNORED):
        return _("none until somebody lets it go on. What a run would do now:")
    if record.hold or (record.status == Status.FAILED and record.kind in WAITS_FOR_PERSON):
        return _("none, as long as nobody decides. What a run would do now:")
    if switches.mode == Mode.PAUSED:
        return _("none during the pause. What a run would do now:")
    if seen.reading is not None and not seen.reading.may_write:
        return _("only records what it would do, since nothing is written at the moment:")
    return ""


def _field_lines(plan: RecordPlan) -> Iterator[FieldLine]:
    if plan.fields is not None:
        yield from (_field_line(result) for result in plan.fields.comparison.results)
    for key, value in (plan.create or {}).items():
        label, shown = sentences.field_label(key), sentences.field_value(key, value)
        yield FieldLine(label, shown, None, None, None, "", _("is entered in Advoware"), "add", "wait", True)


def _field_line(result: FieldResult) -> FieldLine:
    words, icon, tone = OUTCOMES[result.outcome]
    key = result.field
    # In a conflict, bases that differ stand for sides that were never equal: neither value was there before.
    known = not result.conflict or result.base_espo == result.base_advo
    return FieldLine(
        label=sentences.field_label(key),
        espo=sentences.field_value(key, result.espo),
        advo=sentences.field_value(key, result.advo),
        base_espo=sentences.field_value(key, result.base_espo) if known else None,
        base_advo=sentences.field_value(key, result.base_advo) if known else None,
        case=CASES[result.case],
        outcome=words,
        icon=icon,
        tone="warn" if result.conflict else tone,
        differs=result.espo != result.advo,
    )


def _part_lines(plan: RecordPlan, reading: Reading) -> Iterator[ElementLine]:
    for part in PARTS:
        if part.name not in CHILD_LISTS:
            yield from map(_part_line, part.describe(reading.snapshot.parts[part.name], plan.parts[part.name]))


def _child_groups(plan: RecordPlan, reading: Reading, *, in_full: bool) -> Iterator[ChildGroup]:
    """What is switched off, or stands nowhere, is not shown."""
    for part in PARTS:
        if part.name not in CHILD_LISTS:
            continue
        lines = part.describe(reading.snapshot.parts[part.name], plan.parts[part.name])
        stopped, snapshot = plan.parts[part.name].stopped, reading.snapshot.parts[part.name]
        trouble = snapshot.trouble if stopped and isinstance(snapshot, ListSnapshot) else None
        if lines or stopped:
            yield ChildGroup(
                label=LISTS[part.name],
                one=CHILD_LISTS[part.name],
                lines=tuple(_child_line(line, in_full=in_full) for line in lines),
                hides=any(line.whole_espocrm or line.whole_advoware for line in lines) and not in_full,
                stopped=sentences.sentence(trouble.fault) if trouble else TOLD_OF_LISTS.get(stopped or "", ""),
            )


def _child_line(line: PartLine, *, in_full: bool) -> ElementLine:
    """A write says most, then a task, then what else the plan tells; without any of these it stays."""
    cases = [text_of("", code).name for code in line.cases]
    told = [CHILD_REPORTS[line.report]] if line.report else []
    state = [STATES[line.state]] if line.state and not cases else []
    step = [CHILD_STEPS[line.step]] if line.step else []
    words = [*step, *cases, *told, *state]
    warned = line.report in CHILD_LOSES or any(code not in LISTED_ONLY for code in line.cases)
    tone = "warn" if warned else "wait" if line.step else "off"
    waits = CaseCode.waiting in line.cases or line.report in TO_BE_CORRECTED
    return replace(_element_line(line, words, tone, in_full=in_full), waits=waits)


def _part_line(line: PartLine) -> ElementLine:
    """A step says more than a report, a report more than nothing."""
    words = [STEPS[line.step]] if line.step else [REPORTS[line.report]] if line.report else []
    warned = "warn" if line.report in LOSES else "off"
    tone = warned if not line.step else "off" if line.step in QUIET_STEPS else "wait"
    return _element_line(line, words, tone)


def _element_line(line: PartLine, words: Sequence[Words], tone: str, *, in_full: bool = False) -> ElementLine:
    """words: what happens next, then what else is to be known."""
    whole = in_full and (line.whole_espocrm or line.whole_advoware)
    return ElementLine(
        espo=line.whole_espocrm if whole else line.espocrm,
        advo=line.whole_advoware if whole else line.advoware,
        base_espo=None if line.base_espocrm == line.espocrm else line.base_espocrm,
        base_advo=None if line.base_advoware == line.advoware else line.base_advoware,
        plan=words[0] if words else "",
        tone=tone,
        told=tuple(words[1:]),
        espo_kind=_("e-mail") if line.espocrm_kind == "email" else line.espocrm_kind,
        advo_kind=line.advoware_kind,
        remark=line.remark,
    )


def _summary(plan: RecordPlan, contacts: tuple[ElementLine, ...], children: tuple[ChildGroup, ...]) -> str:
    """How much goes where, in one sentence."""
    if plan.create is not None:
        return _("A new Beteiligter is created in Advoware.")
    said = [SUMMARIES[what] % {"count": number} for what, number in _counts(plan, contacts).items() if number]
    if said:
        return ", ".join(said) + "."
    if any(group.stopped for group in children):
        return _("Nothing to write: a list is left alone.")
    lines = [line for group in children for line in group.lines]
    if any(line.tone == "warn" or line.waits for line in lines):
        return _("Nothing to write: what is left waits for somebody.")
    if any(line.stays_alone for line in (*contacts, *lines)):
        return _("Nothing to write: what only one side holds stays there.")
    return _("Nothing to do: both sides agree.")


def _counts(plan: RecordPlan, contacts: tuple[ElementLine, ...]) -> dict[str, int]:
    number = Tally(result.outcome for result in (plan.fields.comparison.results if plan.fields else ()))
    return {
        "to_advoware": number[MergeOutcome.to_advoware],
        "to_espocrm": number[MergeOutcome.to_espocrm],
        "to_both": number[MergeOutcome.to_both],
        "held": number[MergeOutcome.hold],
        "contacts": sum(line.tone != "off" for line in contacts),
        "children": sum(len(part.steps()) for name, part in plan.parts.items() if name in CHILD_LISTS),
    }


def _notes(plan: RecordPlan) -> Iterator[str]:
    respelled = [one for one in plan.reports if one.code == "rechtsform_respelled"]
    yield from remark_words([{"code": one.code, "params": dict(one.params)} for one in respelled])
    if plan.around.stale_base:
        yield _("EspoCRM knows of a later sync than this installation: the state after it is unknown here.")
    if any(part.stopped for name, part in plan.parts.items() if name not in CHILD_LISTS):
        yield _("The contact points are left alone: one side shows none, which has to be seen twice.")
