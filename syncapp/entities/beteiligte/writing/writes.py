"""What every write has in common: intents before it, proof after it, and the state between two of them.

Invariant: before a write the lease is renewed together with the intents of that write; after the answer the bases of
the fields that were sent are committed at once. Nothing here decides.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from syncapp.core.base import Base, not_taken
from syncapp.core.intents import Intent, awaits_look
from syncapp.core.sides import Side, Values
from syncapp.engine.runs.run import RunLog, Written
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.snapshot import Reading
from syncapp.models import SyncRecord
from syncapp.remotes.http.errors import OutcomeUnknown, RemoteError


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far a run has come. `answer_advo`: what Advoware answered to the master data, if they were written."""

    reading: Reading
    base: Base
    intents: tuple[Intent, ...] = ()
    row_id: str = ""
    answer_advo: Values | None = None


def base_columns(base: Base) -> dict[str, Any]:
    """The columns of the record that hold a base."""
    return {"base_espo": dict(base.espo), "base_advo": dict(base.advo), "base_versions": dict(base.versions)}


def intents_for(
    side: Side, sent: Values, here: Values, there: Values, marker: str | None, *, stamp: str | None = None
) -> tuple[Intent, ...]:
    """One intent a field: the value to be sent, what this side held, and what the other side held."""
    return tuple(
        Intent(side, name, sent=value, before=here.get(name), other=there.get(name), marker=marker, stamp=stamp)
        for name, value in sent.items()
    )


def untouched_by(side: Side, sent: Values, intents: Iterable[Intent]) -> tuple[Intent, ...]:
    """Intents that such a write says nothing about: those of the other side, and of fields that it leaves alone."""
    return tuple(intent for intent in intents if not (intent.side is side and intent.field in sent))


def intent_columns(intents: Iterable[Intent]) -> dict[str, Any]:
    """Intents as the record stores them, and whether a write in Advoware is still to be looked at."""
    kept = tuple(intents)
    return {"open_intents": [intent.to_json() for intent in kept], "unconfirmed": awaits_look(kept)}


def awaits_proof(row: SyncRecord, side: Side) -> bool:
    """Whether a lost answer of that side is still to be settled: a write of ours would move the marker that tells."""
    return any(intent["side"] == side and intent["phase"] == "sent" for intent in row.open_intents)


def note_written(log: RunLog, side: Side, before: Values, sent: Values, got: Values) -> None:
    """Remember for the history what was written, and for the page what the target did not take."""
    for name, value in sent.items():
        log.written.append(Written(side, name, before.get(name), value))
    for refused in not_taken(sent, got):
        log.report("not_taken", side=str(side), field=refused.field)


@contextmanager
def refusable(context: Context, *, waiting: Iterable[Intent]) -> Iterator[None]:
    """Around a write whose intents are committed: refused, it wrote nothing, and only what waited before stays."""
    try:
        yield
    except OutcomeUnknown:
        raise
    except RemoteError:
        context.answered(**intent_columns(waiting))
        raise
