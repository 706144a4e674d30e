"""What happened to one record, in one line of time: runs with what they changed, webhooks, people, steps of the state.

Invariant: newest first, a page at a time, at most five queries a page; values stand in `changes` only, which pages show
under the permission. To extend: a further kind of happening is a function that yields Happenings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from syncapp.core.states import Event
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.models import Attempt, FieldChange, InboxElement, OperatorLog, Outcome, StatusChange, SyncRecord
from syncapp.words import Words, actor_words, sentences
from syncapp.words.actions.logged import action_name, result_words
from syncapp.words.child_lists.labels import list_of
from syncapp.words.monitoring.sources import SOURCES
from syncapp.words.runs.calls import ShownCall, shown_calls
from syncapp.words.runs.summary import summary_words

PAGE = 15
LOOKED_THROUGH = 60  # so many rows of each kind; runs that say the same one after another are told once
# Steps that a run takes are told by the run itself.
TOLD_BY_PEOPLE = frozenset({Event.RESET.value, Event.DECIDED.value, Event.RELINKED.value})


@dataclass(frozen=True, slots=True)
class TimelineChange:
    """One value that was written to one side."""

    label: str
    side: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry. `kind` is attempt, webhook, person or step; `badge` the status or outcome it shows."""

    at: datetime
    kind: str
    badge: str
    headline: Words
    lines: tuple[str, ...] = ()
    changes: tuple[TimelineChange, ...] = ()
    technical: str = ""
    calls: tuple[ShownCall, ...] = ()
    pk: int = 0
    times: int = 1

    @property
    def says(self) -> tuple[object, ...] | None:
        """What it tells besides its time; None where it tells something of its own."""
        return (
            (self.kind, self.badge, self.lines, self.technical) if self.kind == "attempt" and not self.changes else None
        )


def happenings(record: SyncRecord, *, before: datetime | None = None) -> tuple[list[Happening], datetime | None]:
    """A page of what happened before a moment, and the moment from which the next page goes on (None: no more)."""
    found = [
        *_attempts(_page(record.attempts, "started_at", before)),
        *_elements(_page(record.elements, "received_at", before)),
        *_log(_page(record.operator_log, "at", before)),
        *_steps(_page(record.status_changes.exclude(before="syncing").exclude(event="acquired"), "at", before)),
    ]
    found.sort(key=lambda entry: entry.at, reverse=True)
    told, oldest = _told_once(found)
    more = len(found) > PAGE and oldest is not None and oldest > found[-1].at
    return told, oldest if more else None


def _told_once(found: Iterable[Happening]) -> tuple[list[Happening], datetime | None]:
    """A page, with runs that say the same folded into the newest of them; and the oldest moment that it tells of."""
    page: list[Happening] = []
    oldest = None
    for entry in found:
        if page and entry.says is not None and entry.says == page[-1].says:
            page[-1] = replace(page[-1], times=page[-1].times + 1)
        elif len(page) == PAGE:
            break
        else:
            page.append(entry)
        oldest = entry.at
    return page, oldest


def _page(rows: Any, column: str, before: datetime | None) -> QuerySet[Any]:
    earlier = rows.filter(**{f"{column}__lt": before}) if before else rows.all()
    chosen: QuerySet[Any] = earlier.order_by(f"-{column}")[:LOOKED_THROUGH]
    return chosen


def _attempts(rows: QuerySet[Attempt]) -> Iterator[Happening]:
    changes = Prefetch("changes", queryset=FieldChange.objects.order_by("pk"))
    for attempt in rows.prefetch_related(changes):
        lines = [sentences.sentence(attempt.fault)] if attempt.fault else []
        if attempt.outcome == Outcome.SHADOW and attempt.fields_changed:
            names = ", ".join(sentences.planned_label(name) for name in attempt.fields_changed)
            lines.append(_("would carry: %(names)s") % {"names": names})
        lines += summary_words(attempt.summary)
        yield Happening(
            at=attempt.started_at,
            kind="attempt",
            badge=attempt.outcome,
            headline=_("caused by %(cause)s, took %(seconds)s s")
            % {"cause": run_cause(attempt), "seconds": sentences.decimal(attempt.duration_ms / 1000)},
            lines=tuple(lines),
            changes=tuple(
                TimelineChange(
                    sentences.field_label(row.field),
                    SYSTEM_NAMES.get(row.side, row.side),
                    sentences.field_value(row.field, row.before),
                    sentences.field_value(row.field, row.after),
                )
                for row in attempt.changes.all()
            ),
            technical=attempt.traceback,
            calls=tuple(shown_calls(attempt.call_log)),
            pk=attempt.pk,
        )


def run_cause(attempt: Attempt) -> str:
    """What led to a run, and who."""
    source = str(SOURCES.get(attempt.source, attempt.source))
    return f"{source}: {actor_words(attempt.actor)}" if attempt.actor else source


def _elements(rows: QuerySet[InboxElement]) -> Iterator[Happening]:
    for element in rows:
        yield Happening(
            at=element.received_at,
            kind="webhook",
            badge=element.get_result_display(),
            headline=_told(element),
            pk=element.pk,
        )


def _told(element: InboxElement) -> str:
    action = element.get_action_display()
    if not element.kind:
        return _("EspoCRM told: %(action)s") % {"action": action}
    return _("EspoCRM told of %(what)s: %(action)s") % {"what": list_of(element.kind), "action": action}


def _log(rows: QuerySet[OperatorLog]) -> Iterator[Happening]:
    for entry in rows:
        reason = _("Reason: %(reason)s") % {"reason": entry.reason} if entry.reason else ""
        yield Happening(
            at=entry.at,
            kind="person",
            badge=actor_words(entry.actor),
            headline=action_name(entry.action),
            lines=tuple(line for line in (reason, result_words(entry.action, entry.result)) if line),
            pk=entry.pk,
        )


def _steps(rows: QuerySet[StatusChange]) -> Iterator[Happening]:
    for step in rows:
        if step.event not in TOLD_BY_PEOPLE:
            yield Happening(
                at=step.at,
                kind="step",
                badge=step.after,
                headline=f"{step.get_before_display()} → {step.get_after_display()}",
                pk=step.pk,
            )
