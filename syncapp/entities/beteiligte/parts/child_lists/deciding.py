"""People's answers to cases: from their rows into the links that the next run plans with.

Invariant: answered here is what was read; nothing is written. `store.keep_links` uses the answers up.
To extend: a further answer is one of core.child_lists.decisions, nothing here changes.
"""

from collections.abc import Iterable, Mapping

from syncapp.core.child_lists.decisions import CaseAnswer, Decision, decided
from syncapp.core.child_lists.settling import Codec
from syncapp.core.child_lists.shapes import CaseCode, PairLink, V
from syncapp.models import ChildCase, ChildKind, SyncRecord


def answered_links(
    record: SyncRecord,
    kind: ChildKind,
    links: Iterable[PairLink[V]],
    *,
    items: Mapping[str, V],
    entries: Mapping[int, V],
    codec: Codec[V],
) -> tuple[PairLink[V], ...]:
    """The stored links with every answer that waits. items, entries: what has been read, as the links keep it."""
    return decided(links, decisions_of(record, kind), items=items, entries=entries, codec=codec)


def decisions_of(record: SyncRecord, kind: ChildKind) -> tuple[Decision, ...]:
    rows = ChildCase.objects.filter(record_id=record.pk, kind=kind, closed_at=None).exclude(answer="").order_by("pk")
    return tuple(
        Decision(CaseCode(row.code), CaseAnswer(row.answer), row.espo_id, row.entry_id, row.answer_entry)
        for row in rows
    )
