"""Writing: the Beteiligter in Advoware, the one PATCH in EspoCRM, and what their answers prove.

Invariant: before a write the lease is renewed together with the intents of that write; after the answer the bases of
the fields that were sent are committed at once. Nothing here decides.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from syncapp.core.beteiligte.field_table import Side, Values
from syncapp.core.echoes import BOOKKEEPING
from syncapp.core.errors import ErrorKind
from syncapp.core.intents import Intent, awaits_look, explained, to_be_confirmed
from syncapp.core.kommunikation.contact_lists import PLAIN, known_lists
from syncapp.core.states import Status
from syncapp.core.three_way_merge import Base, next_base, not_taken
from syncapp.engine.lease import LeaseLost, answered, renew
from syncapp.engine.run import LookAgain, Run, Stop, Written
from syncapp.entities.beteiligte import remote_metadata
from syncapp.entities.beteiligte.decide import Decision, base_columns, espo_marker
from syncapp.entities.beteiligte.read import Snapshot, see_advoware_alive
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.client import Beteiligter
from syncapp.remotes.espocrm.client import EspoRecord
from syncapp.remotes.http.errors import Invalid, NotFound, OutcomeUnknown, RemoteError, VersionConflict

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def espo_time(moment: datetime | None) -> str | None:
    """EspoCRM's spelling of a time: UTC, whole seconds."""
    return None if moment is None else moment.astimezone(UTC).strftime(TIME_FORMAT)


def intents_for(side: Side, sent: Values, here: Values, there: Values, marker: str | None) -> tuple[Intent, ...]:
    """One intent a field: the value to be sent, what this side held, and what the other side held."""
    return tuple(
        Intent(side=side, field=name, sent=value, before=here.get(name), other=there.get(name), marker=marker)
        for name, value in sent.items()
    )


def carried_along(look: Snapshot, sent: Values, base: Base, marker: str | None) -> tuple[Intent, ...]:
    """What a PUT writes back as it was read: harmless at its time, but one that lands late sets newer values back.

    Only what is known already: a value that differs from the base is somebody's edit, and must never pass for ours.
    """
    known = {name: value for name, value in base.advo.items() if name not in sent}
    along = {name: value for name, value in look.advo_values.items() if name in known and known[name] == value}
    intents = intents_for(Side.advoware, along, look.advo_values, look.espo_values, marker)
    return tuple(replace(intent, phase="along") for intent in intents)


def note_written(run: Run, side: Side, before: Values, sent: Values, got: Values) -> None:
    """Remember for the history what was written, and for the page what the target did not take."""
    for name, value in sent.items():
        run.written.append(Written(side, name, before.get(name), value))
    for refused in not_taken(sent, got):
        run.report("not_taken", side=str(side), field=refused.field)


def commit_answer(run: Run, **columns: Any) -> None:
    """Commit what an answer proved, and keep the run's own copy of the row in step."""
    answered(run.lease, **columns)
    for name, value in columns.items():
        setattr(run.record, name, value)


def intent_columns(intents: Iterable[Intent]) -> dict[str, Any]:
    """Intents as the record stores them, and whether a write in Advoware is still to be looked at."""
    kept = tuple(intents)
    return {"open_intents": [intent.to_json() for intent in kept], "unconfirmed": awaits_look(kept)}


@contextmanager
def refusable(run: Run, *, waiting: Iterable[Intent]) -> Iterator[None]:
    """Around a write whose intents are committed: refused, it wrote nothing, and only what waited before stays."""
    try:
        yield
    except OutcomeUnknown:
        raise
    except RemoteError:
        commit_answer(run, **intent_columns(waiting))
        raise


def claim_betnr(run: Run, betnr: int | None, **columns: Any) -> None:
    """Commit the link, or that there is none; Stop where another record holds this betNr already."""
    try:
        with transaction.atomic():
            commit_answer(run, betnr=betnr, **columns)
    except IntegrityError:
        other = SyncRecord.objects.filter(betnr=betnr).exclude(pk=run.record.pk).first()
        raise duplicate_link(run.record, betnr or 0, other) from None


def duplicate_link(record: SyncRecord, betnr: int, other: SyncRecord | None) -> Stop:
    """Both records by their ids, for whoever has to decide."""
    params = {"betnr": betnr, "record": record.espo_id, "other": other.espo_id if other else ""}
    return Stop(ErrorKind.DUPLICATE_LINK, "duplicate_link", params)


def create_beteiligter(run: Run, look: Snapshot, values: Values) -> tuple[Snapshot, Base, tuple[Intent, ...]]:
    """POST the Beteiligter, if Advoware is alive. The intent is committed before, the link at once after the answer."""
    see_advoware_alive(run)
    renew_run(run, create_intent={"at": timezone.now().isoformat(), "run": run.lease.fence})
    made = _post(run, values)
    got = run.field_map.read_advo(made.raw)
    base = _base_after_create(run, look, values, got)
    intents = intents_for(Side.advoware, values, {}, look.espo_values, None)
    echoed = to_be_confirmed(intents, answer=got, marker=made.row_id)
    columns = {"create_intent": None, **intent_columns(echoed), **base_columns(base)}
    try:
        claim_betnr(run, made.bet_nr, row_id=made.row_id or "", **columns)
    except LeaseLost:
        run.created_late = made.bet_nr
        raise
    note_written(run, Side.advoware, {}, values, got)
    if made.row_id is None:
        made = _with_row_id(run, made)
        echoed = to_be_confirmed(intents, answer=got, marker=made.row_id)
    return Snapshot(look.espo, made, look.espo_values, got), base, echoed


def _post(run: Run, values: Values) -> Beteiligter:
    try:
        return run.clients.advoware.create(run.field_map.to_advo(values, empty_date=empty_date()))
    except OutcomeUnknown as lost:
        raise Stop(ErrorKind.CREATE_OUTCOME_UNKNOWN, "create_outcome_unknown", {"reason": lost.reason}) from lost
    except RemoteError:
        commit_answer(run, create_intent=None)
        raise


def _base_after_create(run: Run, look: Snapshot, sent: Values, got: Values) -> Base:
    """Both sides of every field that EspoCRM shows: what it holds, and what Advoware answered."""
    names = [row.key for row in run.field_map.rows if row.key in look.espo_values]
    return Base(
        espo={name: look.espo_values[name] for name in names},
        advo={name: got.get(name, sent.get(name)) for name in names},
        versions={name: run.field_map.versions[name] for name in names},
    )


def empty_date() -> str | None:
    """What Advoware is sent for "no date"."""
    return settings.ADVOWARE_EMPTY_DATE or None


def _with_row_id(run: Run, made: Beteiligter) -> Beteiligter:
    """The answer to the POST lacked the rowId: one GET, after the link is safe in our database."""
    seen = run.clients.advoware.get(made.bet_nr)
    run.record.row_id = seen.row_id or ""
    return seen


def put_beteiligter(
    run: Run, look: Snapshot, advo: Beteiligter, decision: Decision
) -> tuple[Snapshot, Base, tuple[Intent, ...], Values]:
    """PUT the whole object with the changed fields laid over; look, base, intents and answer as they are afterwards."""
    sent = decision.comparison.to_advo
    intents = intents_for(Side.advoware, sent, look.advo_values, look.espo_values, advo.row_id)
    after = _put(run, advo, sent, (*intents, *carried_along(look, sent, decision.base, advo.row_id)), decision)
    got = run.field_map.read_advo(after.raw)
    base = next_base(
        base=decision.base,
        comparison=decision.comparison,
        espo=look.espo_values,
        advo=look.advo_values,
        answer_advo=got,
        answer_espo=None,
        fieldmap=run.field_map,
    )
    others = [i for i in decision.intents if not (i.side is Side.advoware and i.field in sent)]
    kept = (*others, *to_be_confirmed(intents, answer=got, marker=after.row_id))
    commit_answer(run, row_id=after.row_id or "", **intent_columns(kept), **base_columns(base))
    note_written(run, Side.advoware, look.advo_values, sent, got)
    if after.row_id is None:
        row_id = _row_id_by_get(run, advo.bet_nr, sent, base)
        kept = (*others, *to_be_confirmed(intents, answer=got, marker=row_id))
        commit_answer(run, row_id=row_id or "", **intent_columns(kept))
    return Snapshot(look.espo, _with_contacts(after, advo), look.espo_values, look.advo_values), base, kept, got


def _put(run: Run, advo: Beteiligter, sent: Values, intents: tuple[Intent, ...], decision: Decision) -> Beteiligter:
    # What the look proved of earlier writes goes with the intents that it settled: neither may outlive the other.
    renew_run(run, **intent_columns((*decision.intents, *intents)), **base_columns(decision.base))
    try:
        with refusable(run, waiting=decision.intents):
            return run.clients.advoware.update(advo, run.field_map.to_advo(sent, empty_date=empty_date()))
    except NotFound:
        raise LookAgain from None


def _with_contacts(after: Beteiligter, before: Beteiligter) -> Beteiligter:
    """The answer to a PUT need not carry the contact points, be the list absent, null or empty; the read ones hold.

    An empty list in that place would remove them all in EspoCRM; whoever did empty it shows at the next GET.
    """
    return after if after.kommunikation else replace(after, kommunikation=before.kommunikation)


def _row_id_by_get(run: Run, bet_nr: int, sent: Values, base: Base) -> str | None:
    """Where the answer lacks the rowId: one GET, its rowId kept only if every field is explained by what was sent."""
    seen = run.clients.advoware.get(bet_nr)
    values = run.field_map.read_advo(seen.raw)
    return seen.row_id if explained(side=Side.advoware, sent=sent, values=values, base=base) else None


def bookkeeping(run: Run, *, status: Status, komm_hash: str | None, now: datetime) -> dict[str, object]:
    """EspoCRM's bookkeeping after a run that succeeded; a hash of None stays as it is."""
    known_hash = {} if komm_hash is None else {"kommunikationHash": komm_hash}
    return known_hash | {
        "betnr": run.record.betnr,
        "syncStatus": status.value,
        "advowareLastSync": espo_time(now),
        "advowareRowId": run.record.row_id or None,
        "syncRetryCount": 0,
        "syncNextRetry": None,
        "syncAutoResetAt": None,
        "syncErrorMessage": None,
    }


def differing(shown: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """Those bookkeeping attributes that EspoCRM has and shows otherwise; one that it lacks cannot be told."""
    refused = remote_metadata.bookkeeping_refused()
    return {
        name: value
        for name, value in wanted.items()
        if name in shown and name not in refused and (shown[name] or None) != (value or None)
    }


def patch_espocrm(
    run: Run,
    look: Snapshot,
    *,
    data: dict[str, object],
    marks: dict[str, object],
    intents: tuple[Intent, ...],
    waiting: tuple[Intent, ...],
    base: Base,
    now: datetime,
) -> EspoRecord | None:
    """The one PATCH of a run: data and bookkeeping together, under the version that was read.

    intents: those of this write; waiting: earlier ones, which stay whatever becomes of it; base: what is proven by now,
    committed with the intents that it settled. None: EspoCRM took nothing.
    """
    renew_run(run, **intent_columns((*waiting, *intents)), stamp_sent=now, **base_columns(base))
    try:
        with refusable(run, waiting=waiting):
            return patch_tolerantly(run, data=data, marks=marks, version=look.espo.version)
    except (VersionConflict, NotFound):
        raise LookAgain from None


def patch_tolerantly(
    run: Run, *, data: Mapping[str, object], marks: Mapping[str, object], version: int | None
) -> EspoRecord | None:
    """PATCH, and again without each bookkeeping attribute that EspoCRM refuses: the data must not suffer for it."""
    left = dict(marks)
    while data or left:
        try:
            return _patch(run, {**data, **left}, version)
        except Invalid as refusal:
            if refusal.field not in left:
                raise
            left.pop(refusal.field)
            remote_metadata.refuse_bookkeeping(refusal.field)
            run.report("bookkeeping_refused", field=refusal.field)
            renew_run(run)
    return None


def _patch(run: Run, attributes: dict[str, object], version: int | None) -> EspoRecord:
    answer = run.clients.espocrm.patch(run.record.espo_id, attributes, version=version)
    run.espo_read = answer
    shown = answer.attributes
    # As EspoCRM shows it: that is what the echo will carry.
    run.record.espocrm_status = run.record.espocrm_status | {
        n: shown.get(n, v) for n, v in attributes.items() if n in BOOKKEEPING
    }
    return answer


def moved_meanwhile(look: Snapshot, answer: EspoRecord, sent: Collection[str], got: Values) -> bool:
    """Whether somebody wrote in EspoCRM between our look and our PATCH; `sent` are the fields and lists that we wrote.

    Without versions only what we did not write can tell.
    """
    if answer.version is not None and look.espo.version is not None:
        return answer.version != look.espo.version + 1
    others = (name for name in look.espo_values if name not in sent)
    if any(name in got and got[name] != look.espo_values[name] for name in others):
        return True
    region = settings.PHONE_REGION
    before, after = known_lists(look.espo.attributes, region=region), known_lists(answer.attributes, region=region)
    ours = {name for key in sent for name in (key, PLAIN.get(key, key))}
    return any(name in after and after[name] != before[name] for name in before if name not in ours)


def show_syncing(run: Run, look: Snapshot) -> Snapshot:
    """Where the firm wants to see `syncing` in EspoCRM: one more PATCH at the start of a run."""
    marks = differing(look.espo.attributes, {"syncStatus": Status.SYNCING.value})
    if not marks or awaits_proof(run.record, Side.espocrm):
        return look
    renew_run(run)
    try:
        answer = _patch(run, marks, look.espo.version)
    except (VersionConflict, NotFound):
        raise LookAgain from None
    except Invalid:
        run.report("bookkeeping_refused", field="syncStatus")
        return look
    if moved_meanwhile(look, answer, (), run.field_map.read_espo(answer.attributes)):
        raise LookAgain
    shown = replace(look, espo=replace(answer, attributes={**look.espo.attributes, **answer.attributes}))
    if run.record.contacts_marker == espo_marker(look):
        run.record.contacts_marker = espo_marker(shown) or ""
    return shown


def awaits_proof(record: SyncRecord, side: Side) -> bool:
    """Whether a lost answer of that side is still to be settled: a write of ours would move the marker that tells."""
    return any(intent["side"] == side and intent["phase"] == "sent" for intent in record.open_intents)


def renew_run(run: Run, **changes: Any) -> None:
    """Renew lease and lock before a write, and keep the run's own copy of the row in step."""
    if run.espo_row is not None:
        # Something is to be written after all: the record itself is read first, and everything planned again.
        run.espo_row = None
        raise LookAgain
    renew(run.lease, **changes)
    run.lock.renew()
    for name, value in changes.items():
        setattr(run.record, name, value)
