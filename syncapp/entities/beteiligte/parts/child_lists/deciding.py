"""People's answers to cases: from their rows into the links that the next run plans with.

Invariant: answered here is what was read; nothing is written. `store.keep_links` uses the answers up.
To extend: a further answer is one of core.child_lists.decisions, nothing here changes.
"""

from collections.abc import Callable, Iterable, Mapping

from syncapp.core.child_lists.decisions import CaseAnswer, Decision, decided, still_meant
from syncapp.core.child_lists.settling import Codec
from syncapp.core.child_lists.shapes import CaseCode, OpenCase, PairLink, V
from syncapp.models import ChildCase, ChildKind, SyncRecord


def answered_links(
    record: SyncRecord,
    kind: ChildKind,
    links: tuple[PairLink[V], ...],
    *,
    cases: Callable[[], Iterable[OpenCase]],
    items: Mapping[str, V],
    entries: Mapping[int, V],
    codec: Codec[V],
) -> tuple[PairLink[V], ...]:
    """The stored links with every answer that waits. cases: as the stored links lead to them now. items, entries: what
    has been read, as the links keep it."""
    waiting = decisions_of(record, kind)
    meant = still_meant(waiting, cases()) if waiting else ()
    return decided(links, meant, items=items, entries=entries, codec=codec)


def decisions_of(record: SyncRecord, kind: ChildKind) -> tuple[Decision, ...]:
    rows = ChildCase.objects.filter(record_id=record.pk, kind=kind, closed_at=None).exclude(answer="").order_by("pk")
    return tuple(
        Decision(CaseCode(row.code), CaseAnswer(row.answer), row.espo_id, row.entry_id, row.answer_entry, row.params)
        for row in rows
    )
