"""Both sides of one record as they are now, and what the next run would make of it. For the record's page.

Invariant: GETs only, nothing is written; a system whose breaker is open is not asked at all. The words are here, the
decision is the run's own. To extend: a new case, outcome or variant is a row of the tables of words.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from syncapp.core.beteiligte.field_table import FieldMap, Side, Values
from syncapp.core.beteiligte.validation import in_advowares_spelling, validate
from syncapp.core.errors import WAITS_FOR_PERSON
from syncapp.core.kommunikation import ContactPlan, Entry, Item, ReportCode, Variant, markers
from syncapp.core.kommunikation.kinds import KOMM_KINDS, form_of, item_form
from syncapp.core.states import Status
from syncapp.core.three_way_merge import Case, Comparison, FieldResult, Outcome
from syncapp.engine import control
from syncapp.engine.failures import classify
from syncapp.engine.run import GoneInAdvoware, GoneInEspocrm, Stop
from syncapp.engine.sync_record import configured_clients
from syncapp.entities.beteiligte import remote_metadata
from syncapp.entities.beteiligte.decide import Decision, decide
from syncapp.entities.beteiligte.parts.kommunikation import contact_plan
from syncapp.entities.beteiligte.parts.kommunikation.reading import entries_of, items_of
from syncapp.entities.beteiligte.read import Snapshot
from syncapp.models import Breaker, Mode, SyncRecord
from syncapp.operations.previews.dry_run import look_ahead
from syncapp.remotes.http.errors import RemoteError
from syncapp.words import sentences
from syncapp.words.run_summary import remark_words
from syncapp.words.time_format import clock

Words = str | Promise

CASES: Mapping[Case, Words] = {
    Case.unchanged: gettext_lazy("unchanged"),
    Case.espo_changed: gettext_lazy("changed in EspoCRM"),
    Case.advo_changed: gettext_lazy("changed in Advoware"),
    Case.agreed: gettext_lazy("changed alike on both sides"),
    Case.both_changed: gettext_lazy("changed on both sides"),
    Case.set_back: sentences.CONFLICT_NOTES["set_back"],
    Case.adopted: gettext_lazy("equal, no earlier state known"),
    Case.filled: gettext_lazy("empty on one side"),
    Case.differs_unsignalled: gettext_lazy("differs, and no side says that it was changed"),
    Case.decided: gettext_lazy("decided by a person"),
    Case.late_writer: gettext_lazy("a late write of ours is put right"),
    Case.unmappable: gettext_lazy("has no counterpart on the other side"),
    Case.missing: gettext_lazy("was not shown by one side"),
    Case.not_compared: gettext_lazy("not compared for a company"),
}
# outcome: (words, icon, tone)
OUTCOMES: Mapping[Outcome, tuple[Words, str, str]] = {
    Outcome.keep: (gettext_lazy("stays"), "check", "off"),
    Outcome.to_advoware: (gettext_lazy("is carried to Advoware"), "arrow_forward", "wait"),
    Outcome.to_espocrm: (gettext_lazy("is carried to EspoCRM"), "arrow_back", "wait"),
    Outcome.hold: (gettext_lazy("waits for a decision"), "call_split", "warn"),
}
VARIANTS: Mapping[Variant, Words] = {
    Variant.type_change: gettext_lazy("is emptied in Advoware, since its type was changed in EspoCRM"),
    Variant.add_entry: gettext_lazy("is entered in Advoware"),
    Variant.clear_entry: gettext_lazy("is emptied in Advoware, since it was deleted in EspoCRM"),
    Variant.change_entry: gettext_lazy("is changed in Advoware to EspoCRM's value"),
    Variant.revert: gettext_lazy("is put back in Advoware to EspoCRM's value"),
    Variant.emptied: gettext_lazy("is emptied in Advoware"),
    Variant.slot: gettext_lazy("the empty entry is kept for a later number"),
    Variant.match: gettext_lazy("stays; its mark in Advoware is put right"),
    Variant.marker_back: gettext_lazy("stays in Advoware only: EspoCRM refused it"),
    Variant.add_item: gettext_lazy("is entered in EspoCRM"),
    Variant.change_item: gettext_lazy("is changed in EspoCRM to Advoware's value"),
    Variant.alias: gettext_lazy("stays, as a second entry of the same contact point"),
    Variant.remove_item: gettext_lazy("is removed in EspoCRM, since it was emptied in Advoware"),
    Variant.remark_back: gettext_lazy("its remark in Advoware is put back"),
}
REPORTS: Mapping[ReportCode, Words] = {
    ReportCode.not_representable: gettext_lazy("only in Advoware: EspoCRM has no place for such a value"),
    ReportCode.over_maximum: gettext_lazy("only in Advoware: EspoCRM takes no further number"),
    ReportCode.refused: gettext_lazy("only in Advoware: EspoCRM refused the value"),
    ReportCode.frozen: gettext_lazy("left alone: EspoCRM could not hold the new value"),
    ReportCode.lost_value: gettext_lazy("this value loses; it is kept in the conflict log"),
    ReportCode.by_marker_alone: gettext_lazy("decided by the mark in Advoware alone"),
    ReportCode.removal_owed: gettext_lazy("follows in the next run"),
    ReportCode.addition_owed: gettext_lazy("follows in the next run"),
    ReportCode.change_owed: gettext_lazy("follows in the next run"),
    ReportCode.let_go: gettext_lazy("left alone: EspoCRM does not hold it any more"),
    ReportCode.type_change: gettext_lazy("its type was changed in EspoCRM; Advoware keeps its own"),
    ReportCode.read_as_international: gettext_lazy("read as an international number without its plus; please check"),
    ReportCode.unknown_komm_kz: gettext_lazy("its kind in Advoware is unknown"),
    ReportCode.duplicate_entry: gettext_lazy("entered twice in Advoware"),
}
KOMM_NAMES = {kind.komm_kz: kind.name for kind in KOMM_KINDS}


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
class ContactLine:
    """One contact point: the item in EspoCRM and the entry in Advoware that belong together, or one of them alone."""

    espo: str | None = None
    espo_kind: str = ""
    advo: str | None = None
    advo_kind: str = ""
    remark: str = ""
    plan: Words = ""
    tone: str = "off"
    base_espo: str | None = None
    base_advo: str | None = None


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """What the page shows. `refusal` set: nothing could be compared, and why. `faults`: the next run would fail."""

    refusal: str = ""
    summary: str = ""
    waits: str = ""  # why there is no next run before somebody says so
    fields: tuple[FieldLine, ...] = ()
    contacts: tuple[ContactLine, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def quiet(self) -> bool:
        return not self.refusal and not self.faults and all(line.tone == "off" for line in self.lines)

    @property
    def lines(self) -> tuple[FieldLine | ContactLine, ...]:
        return (*self.fields, *self.contacts)


def record_preview(record: SyncRecord) -> RecordPreview:
    """Read both sides and plan. Never raises: what goes wrong becomes a sentence."""
    closed = _closed_breaker()
    if closed:
        return RecordPreview(refusal=closed)
    try:
        return _look_and_plan(record)
    except GoneInEspocrm:
        return RecordPreview(refusal=_("EspoCRM does not know this record any more."))
    except GoneInAdvoware:
        return RecordPreview(refusal=_("Advoware does not know betNr %(betnr)s any more.") % {"betnr": record.betnr})
    except Stop as stop:
        return RecordPreview(refusal=sentences.sentence({"code": stop.code, "params": stop.params}))
    except RemoteError as error:
        return RecordPreview(refusal=sentences.sentence(classify(error).fault))


def _closed_breaker() -> str:
    now = timezone.now()
    row = Breaker.objects.filter(open_until__gt=now).first()
    if row is None or row.open_until is None:
        return ""
    return _("%(system)s is disturbed at the moment and is not asked before %(until)s.") % {
        "system": sentences.SYSTEMS.get(row.system, row.system),
        "until": clock(row.open_until, now=now),
    }


def _look_and_plan(record: SyncRecord) -> RecordPreview:
    waits = _waits(record)
    clients = configured_clients()
    field_map = remote_metadata.field_map(espocrm=clients.espocrm)
    seen = look_ahead(record, clients, field_map)
    if seen.advo is None:
        return _create(record, seen, field_map, waits=waits)
    decision = decide(
        record=record, look=seen, field_map=field_map, own_user_id=remote_metadata.own_user_id(espocrm=clients.espocrm)
    )
    contacts = contact_plan(record=record, look=seen, decision=decision)
    fields = tuple(_field_line(result) for result in decision.comparison.results)
    lines = tuple(_contact_lines(seen, contacts, _bases(record)))
    return RecordPreview(
        summary=_summary(decision.comparison.results, lines),
        waits=waits,
        fields=fields,
        contacts=lines,
        faults=tuple(_faults(decision.comparison, field_map)),
        notes=(*_spelling(decision.comparison.to_advo), *_notes(decision, contacts)),
    )


def _waits(record: SyncRecord) -> str:
    """The plan of a record that nobody runs before a person has spoken is what could happen, not what will."""
    if record.hold or (record.status == Status.FAILED and record.kind in WAITS_FOR_PERSON):
        return _("none, as long as nobody decides. What a run would do now:")
    switches = control.switches()
    if switches.mode == Mode.PAUSED:
        return _("none during the pause. What a run would do now:")
    names = (record.name, record.base_espo.get("name") or "")
    if not control.writes_allowed(control=switches, espo_id=record.espo_id, names=names):
        return _("only records what it would do, since nothing is written at the moment:")
    return ""


def _bases(record: SyncRecord) -> dict[int | None, dict[str, Any]]:
    """What both sides held of each entry after the last sync."""
    return {link.entry_id: link.base for link in record.links.all() if link.entry_id is not None and link.base}


def _create(record: SyncRecord, seen: Snapshot, field_map: FieldMap, *, waits: str) -> RecordPreview:
    values = field_map.created_with(seen.espo_values)
    faults = validate(
        values,
        fieldmap=field_map,
        side=Side.advoware,
        rechtsformen=_legal_forms(),
        today=timezone.localdate(),
        complete=True,
    )
    fields = tuple(
        FieldLine(
            sentences.field_label(key),
            sentences.field_value(key, values.get(key)),
            None,
            None,
            None,
            "",
            _("is entered in Advoware"),
            "add",
            "wait",
            True,
        )
        for key in (row.key for row in field_map.rows)
        if values.get(key) is not None
    )
    entered = {"plan": _("is entered in Advoware"), "tone": "wait"}
    lines = tuple(replace(line, **entered) for line in _contact_lines(seen, ContactPlan(), {}))
    named = tuple(sentences.fault_sentence(fault.as_json()) for fault in (*seen.faults, *faults))
    summary = _("A new Beteiligter is created in Advoware.")
    notes = tuple(_spelling(values))
    return RecordPreview(summary=summary, waits=waits, fields=fields, contacts=lines, faults=named, notes=notes)


def _field_line(result: FieldResult) -> FieldLine:
    words, icon, tone = OUTCOMES[result.outcome]
    key = result.field
    return FieldLine(
        label=sentences.field_label(key),
        espo=sentences.field_value(key, result.espo),
        advo=sentences.field_value(key, result.advo),
        base_espo=sentences.field_value(key, result.base_espo),
        base_advo=sentences.field_value(key, result.base_advo),
        case=CASES[result.case],
        outcome=words,
        icon=icon,
        tone="warn" if result.conflict else tone,
        differs=result.espo != result.advo,
    )


def _summary(results: Sequence[FieldResult], contacts: Sequence[ContactLine]) -> str:
    """How much goes where, in one sentence."""
    number = Tally(result.outcome for result in results)
    points = sum(line.tone != "off" for line in contacts)
    parts = [
        ngettext("%(count)s field goes to Advoware", "%(count)s fields go to Advoware", number[Outcome.to_advoware])
        % {"count": number[Outcome.to_advoware]},
        ngettext("%(count)s field goes to EspoCRM", "%(count)s fields go to EspoCRM", number[Outcome.to_espocrm])
        % {"count": number[Outcome.to_espocrm]},
        ngettext("%(count)s field waits for a decision", "%(count)s fields wait for a decision", number[Outcome.hold])
        % {"count": number[Outcome.hold]},
        ngettext("%(count)s contact point changes", "%(count)s contact points change", points) % {"count": points},
    ]
    counts = (number[Outcome.to_advoware], number[Outcome.to_espocrm], number[Outcome.hold], points)
    said = [part for part, count in zip(parts, counts, strict=True) if count]
    return ", ".join(said) + "." if said else _("Nothing to do: both sides agree.")


def _faults(comparison: Comparison, field_map: FieldMap) -> Iterator[str]:
    today = timezone.localdate()
    sides: tuple[tuple[Side, Values], ...] = (
        (Side.advoware, comparison.to_advo),
        (Side.espocrm, comparison.to_espo),
    )
    for side, values in sides:
        forms = _legal_forms() if side is Side.advoware else None
        for fault in validate(values, fieldmap=field_map, side=side, rechtsformen=forms, today=today):
            yield sentences.fault_sentence(fault.as_json())


def _legal_forms() -> frozenset[str] | None:
    known = remote_metadata.kept(remote_metadata.RECHTSFORMEN)
    return frozenset(known) if known else None


def _spelling(to_advo: Values) -> Iterator[str]:
    """That a legal form will not be carried as it was typed."""
    spelled = in_advowares_spelling(to_advo, _legal_forms())
    if spelled != to_advo:
        yield from remark_words([{"code": "rechtsform_respelled", "params": {"value": spelled["rechtsform"]}}])


def _notes(decision: Decision, contacts: ContactPlan) -> Iterator[str]:
    if decision.stale_base:
        yield _("EspoCRM knows of a later sync than this installation: the state after it is unknown here.")
    if contacts.stopped is not None:
        yield _("The contact points are left alone: one side shows none, which has to be seen twice.")


def _contact_lines(seen: Snapshot, contacts: ContactPlan, bases: Mapping[int | None, Any]) -> Iterator[ContactLine]:
    """Items first, each with the entry of equal value; then the entries that are left."""
    items = list(items_of(seen.espo.attributes) or ())
    entries = list(entries_of(seen.advo.kommunikation) or ()) if seen.advo else []
    words = _words(contacts)
    for item in items:
        entry = _partner(item, entries, contacts)
        if entry is not None:
            entries.remove(entry)
        plan = words.get(entry.id) if entry is not None else _words_of_new(item, contacts)
        yield _line(item, entry, plan, bases.get(entry.id if entry else None))
    for entry in entries:
        if entry.tlf or entry.id in words:
            yield _line(None, entry, words.get(entry.id), bases.get(entry.id))


def _partner(item: Item, entries: Sequence[Entry], contacts: ContactPlan) -> Entry | None:
    region = settings.PHONE_REGION
    wanted = item_form(item.medium, item.value, region)
    for exact in (True, False):  # where EspoCRM keeps extensions, the entry with this one
        equal = (entry for entry in entries if form_of(entry.tlf, region, extensions=exact) == wanted)
        if (found := next(equal, None)) is not None:
            return found
    by_plan = {link.entry_id: link.base.espo for link in contacts.links_after if link.base}
    return next((entry for entry in entries if by_plan.get(entry.id) == item.value), None)


def _words(contacts: ContactPlan) -> dict[int | None, tuple[Words, str]]:
    """What becomes of each entry; an operation says more than a report, a report more than nothing."""
    said: dict[int | None, tuple[Words, str]] = {
        report.entry_id: (REPORTS[report.code], "warn" if report.code is ReportCode.lost_value else "off")
        for report in contacts.reports
    }
    for operation in contacts.operations:
        tone = "off" if operation.variant in (Variant.match, Variant.alias, Variant.slot) else "wait"
        said[operation.entry_id] = (VARIANTS[operation.variant], tone)
    return said


def _words_of_new(item: Item, contacts: ContactPlan) -> tuple[Words, str] | None:
    """An item without an entry: it is posted, unless nothing was planned for it."""
    region = settings.PHONE_REGION
    posts = {form_of(op.write.tlf, region, extensions=True): op for op in contacts.operations if op.write}
    operation = posts.get(item_form(item.medium, item.value, region))
    return (VARIANTS[operation.variant], "wait") if operation else None


def _line(
    item: Item | None, entry: Entry | None, plan: tuple[Words, str] | None, base: Mapping[str, str | None] | None
) -> ContactLine:
    words, tone = plan or ("", "off")
    kind = KOMM_NAMES.get(_komm_kz(entry), "") if entry else ""
    return ContactLine(
        espo=item.value if item else None,
        espo_kind=(item.type or _("e-mail")) if item else "",
        advo=entry.tlf if entry else None,
        advo_kind=kind,
        remark=markers.strip(entry.bemerkung) if entry else "",
        plan=words,
        tone=tone,
        base_espo=base.get("espo") if base else None,
        base_advo=base.get("advo") if base else None,
    )


def _komm_kz(entry: Entry) -> int:
    """GET answers 0: the mark that the sync left knows better."""
    marks = markers.parse(entry.bemerkung)
    found = marks.marker or marks.slot
    return entry.komm_kz or (found.komm_kz if found else 0)
