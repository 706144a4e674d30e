"""Link rows and the links of core, there and back.

Invariant: the rows of a record are exactly the links that were kept last; only rows that differ are written. Until a
PATCH of EspoCRM's lists is answered, each row also says what that PATCH makes of it. The next look takes this for so
where EspoCRM shows the time of sync that the PATCH carried, and another list than before it: whatever people have
changed since is an edit then. A list that is as it was proves nothing; EspoCRM may have left it out without a word.
Writes that may land yet stand in `pending` as well, beside the one under way, or beside one that changes nothing.
To extend: a field of `Link` is a column of ContactLink and a line in both directions.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.echoes import LAST_SYNC
from syncapp.core.kommunikation.contact_lists import canonical_list
from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.shapes import LIST_OF, ContactPlan, LateWrite, Link, LinkBase, Pending
from syncapp.engine.rows.lease import LATE_LOOK
from syncapp.engine.rows.prepared import Prepared
from syncapp.models import ContactLink, SyncRecord
from syncapp.remotes.espocrm.client import EspoEntity

# Beside a run's own copy of a row: the links as it has read them. Nobody else writes them while it holds the lease.
AS_READ = "links_as_read"
LINKS = Prepared(
    lambda record_id: ContactLink.objects.filter(record_id=record_id).order_by("entry_id", "pk"), "record_id"
)
# Within `pending`: the PATCH under way. Beside it a write that changes nothing, for versions that do not know it.
PATCH = "patch"
NO_WRITE = {"tlf": "", "bemerkung": "", "remark_before": "", "idle": True}
LATE = "late"
USUAL = {"lands": True, "lost": False}


def stored_links(record: SyncRecord, *, shown: EspoEntity | None = None) -> tuple[Link, ...]:
    """The links as committed; a POST under way has no entry id. shown: EspoCRM's record, which tells whether a PATCH
    has arrived that nobody answered."""
    if record.pk is None:
        return ()
    # Not tied to a Beteiligter, and never was: nothing can have been linked.
    none = record.is_of_first_run and not record.linked
    rows = [] if none else LINKS.rows(record_id=record.pk)
    is_under_way = any(PATCH in (row.pending or {}) for row in rows)
    links = tuple(link for row in rows if (link := _settled(row, shown)) is not None)
    if not is_under_way:
        record.__dict__[AS_READ] = frozenset(links)
    return links


def _settled(row: ContactLink, shown: EspoEntity | None) -> Link | None:
    """The row as it is, or as the PATCH has left it that has evidently arrived; None where that left none."""
    patch = (row.pending or {}).get(PATCH)
    if patch is None:
        return _link(row)
    if shown is None or shown.attributes.get(LAST_SYNC) != patch["at"] or _values(shown)[patch["of"]] == patch["had"]:
        row.pending = patch["beside"]
        return _link(row)
    if patch["changes"] is None:
        return None
    row.pending = patch["beside"]
    for name, value in patch["changes"].items():
        setattr(row, name, value)
    return _link(row)


def _values(shown: EspoEntity) -> dict[str, list[str]]:
    """What stands in EspoCRM's lists, by medium."""
    lists = {
        medium: canonical_list(name, shown.attributes.get(name), region=settings.PHONE_REGION) or []
        for medium, name in LIST_OF.items()
    }
    return {medium: sorted(str(row[0]) for row in rows) for medium, rows in lists.items()}


def keep_beside(record: SyncRecord, links: Iterable[Link], *, before: EspoEntity, at: str) -> None:
    """What the PATCH that carries this time of sync is about to make of the links, beside what they are."""
    after, had = {link.entry_id: _columns(link) for link in links}, _values(before)
    for row in LINKS.rows(record_id=record.pk):
        becomes = after.get(row.entry_id)
        base = (becomes and becomes["base"]) or row.base
        # Alone: what a person notes on the row meanwhile stays.
        changes = becomes and _changes(row, becomes)
        if base and changes != {}:
            medium = base["medium"]
            patch = {"at": at, "of": medium, "had": had[medium], "beside": row.pending, "changes": changes}
            pending = {**(row.pending or {**NO_WRITE, "base": row.base}), PATCH: patch}
            ContactLink.objects.filter(pk=row.pk).update(pending=pending)


@transaction.atomic(savepoint=False)
def keep_links(record: SyncRecord, links: Iterable[Link]) -> None:
    """Make the rows equal to `links`, under the lease; what is equal already is not written again."""
    links = tuple(links)
    if record.__dict__.pop(AS_READ, None) == frozenset(links):
        return
    wanted = {link.entry_id: _columns(link) for link in links if link.entry_id is not None}
    posts = [_columns(link) for link in links if link.entry_id is None]
    rows = LINKS.rows(record_id=record.pk)
    known = {row.entry_id: row for row in rows if row.entry_id in wanted}
    gone = [row.pk for row in rows if row.entry_id not in wanted]
    if gone:
        ContactLink.objects.filter(pk__in=gone).delete()
    for entry_id, row in known.items():
        changes = _changes(row, wanted[entry_id])
        if changes:
            ContactLink.objects.filter(pk=row.pk).update(**changes)
    new = [{"entry_id": entry_id, **wanted[entry_id]} for entry_id in wanted if entry_id not in known]
    ContactLink.objects.bulk_create(ContactLink(record_id=record.pk, **columns) for columns in [*new, *posts])


def late_look(record: SyncRecord, plan: ContactPlan) -> dict[str, Any]:
    """What the record keeps as long as a write may land: when there is one more look, and what landed counts as ours.

    From the first look on that knows of it, as for master data.
    """
    awaited = any(link.late for link in plan.links_after)
    if not awaited or (record.late_look_at is not None and not plan.new_late):
        return {}
    at = timezone.now() + LATE_LOOK
    return {"late_look_at": max(at, record.late_look_at or at)}


def _changes(row: ContactLink, columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if getattr(row, name) != value}


def _columns(link: Link) -> dict[str, Any]:
    return {
        "komm_kz": link.komm_kz,
        "item_type": link.item_type or "",
        "base": _base_json(link.base),
        "pending": _pending_json(link),
        "alias": link.alias,
        "refused_remark": link.refused_remark,
        "refused_value": link.refused_value,
        "type_change_told": link.type_change_told or "",
        "no_room_told": link.no_room_told,
    }


def _pending_json(link: Link) -> dict[str, Any] | None:
    """What is so as a rule is not named."""
    pending: dict[str, Any] | None = None
    if link.pending is not None:
        pending = {**asdict(link.pending), "base": _base_json(link.pending.base)}
        for name, as_a_rule in USUAL.items():
            if pending[name] is as_a_rule:
                del pending[name]
    if not link.late:
        return pending
    return {**(pending or {**NO_WRITE, "base": _base_json(link.base)}), LATE: [asdict(one) for one in link.late]}


def _base_json(base: LinkBase | None) -> dict[str, str] | None:
    """A value that was taken names nothing else."""
    return None if base is None else {name: value for name, value in asdict(base).items() if value is not None}


def _base(stored: dict[str, str] | None) -> LinkBase | None:
    if stored is None:
        return None
    return LinkBase(Medium(stored["medium"]), stored["key"], stored["espo"], stored["advo"], stored.get("not_taken"))


def _pending(stored: dict[str, Any]) -> Pending | None:
    if not stored or "idle" in stored:
        return None
    return Pending(
        _base(stored["base"]),
        stored["tlf"],
        stored["bemerkung"],
        stored["remark_before"],
        stored.get("cut_remark"),
        **{name: stored.get(name, as_a_rule) for name, as_a_rule in USUAL.items()},
    )


def _link(row: ContactLink) -> Link:
    stored = row.pending or {}
    return Link(
        entry_id=row.entry_id,
        komm_kz=row.komm_kz,
        base=_base(row.base),
        item_type=row.item_type or None,
        pending=_pending(stored),
        alias=row.alias,
        refused_remark=row.refused_remark,
        refused_value=row.refused_value,
        type_change_told=row.type_change_told or None,
        no_room_told=row.no_room_told,
        late=tuple(LateWrite(**one) for one in stored.get(LATE, ())),
    )
