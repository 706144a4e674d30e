"""Link rows and the links of core, there and back.

Invariant: the rows of a record and kind are exactly the links that were kept last; only what differs is written. The
answers of people that the links hold by now are used up in the transaction that keeps these links: none is taken up
twice.
To extend: a field of `Link` is a column of ChildLink and a line in both directions.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from syncapp.core.child_lists.shapes import AliasOf, DeclinedValue, LinkState, PairLink, PendingCreate, V
from syncapp.core.intents import Intent
from syncapp.core.sides import Side
from syncapp.models import ChildCase, ChildKind, ChildLink, SyncRecord


def stored_links(record: SyncRecord, kind: ChildKind, value_type: type[V]) -> tuple[PairLink[V], ...]:
    """value_type: what this kind of list keeps of a side."""
    rows = ChildLink.objects.filter(record_id=record.pk, kind=kind).order_by("pk")
    return tuple(_link(row, value_type) for row in rows)


@transaction.atomic(savepoint=False)
def keep_links(record: SyncRecord, kind: ChildKind, links: Iterable[PairLink[V]]) -> None:
    """Make the rows equal to `links`, under the lease. What goes is deleted first: a pair's number is unique."""
    wanted = [_columns(link) for link in links]
    gone = []
    for row in ChildLink.objects.filter(record_id=record.pk, kind=kind):
        same = next((one for one in wanted if all(getattr(row, name) == one[name] for name in one)), None)
        if same is None:
            gone.append(row.pk)
        else:
            wanted.remove(same)
    if gone:
        ChildLink.objects.filter(pk__in=gone).delete()
    ChildLink.objects.bulk_create(ChildLink(record_id=record.pk, kind=kind, **columns) for columns in wanted)
    ChildCase.objects.filter(record_id=record.pk, kind=kind).exclude(answer="").update(answer="", answer_entry=0)


def _columns(link: PairLink[V]) -> dict[str, Any]:
    def value(one: V | None) -> dict[str, Any] | None:
        return None if one is None else dict(one.to_json())

    pending, refused = link.pending, link.refused
    return {
        "espo_id": link.espo_id,
        "entry_id": link.entry_id,
        "state": link.state.value,
        "alias_of": link.alias_of.value if link.alias_of else "",
        "base_espo": value(link.base_espo),
        "base_advo": value(link.base_advo),
        "pending": pending and {"at": pending.at.value, "sent": value(pending.sent), "seen": list(pending.seen)},
        "refused": refused and {"by": refused.by.value, "value": value(refused.value)},
        "sent": [intent.to_json() for intent in link.sent],
        "late": [intent.to_json() for intent in link.late],
        "missing": link.missing,
        "letter_block": link.letter_block,
    }


def _link(row: ChildLink, value_type: type[V]) -> PairLink[V]:
    def base(stored: Mapping[str, Any] | None) -> V | None:
        return None if stored is None else value_type.from_json(stored)

    pending, refused = row.pending, row.refused
    return PairLink(
        espo_id=row.espo_id,
        entry_id=row.entry_id,
        base_espo=base(row.base_espo),
        base_advo=base(row.base_advo),
        state=LinkState(row.state),
        alias_of=AliasOf(row.alias_of) if row.alias_of else None,
        pending=PendingCreate(Side(pending["at"]), value_type.from_json(pending["sent"]), tuple(pending["seen"]))
        if pending
        else None,
        refused=DeclinedValue(Side(refused["by"]), value_type.from_json(refused["value"])) if refused else None,
        sent=tuple(Intent.from_json(one) for one in row.sent),
        late=tuple(Intent.from_json(one) for one in row.late),
        missing=row.missing,
        letter_block=row.letter_block,
    )
