"""The switches: live, shadow or paused, and which records a pilot lets write.

Invariant: a new installation is in shadow; only a deliberate act makes it live, and the moment is kept.
Every change raises `epoch`, so that records set aside under the old mode are looked at again.
"""

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from zlib import crc32

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Exists, F, Q, QuerySet, Subquery
from django.utils import timezone

from syncapp.engine.rows.prepared import Prepared
from syncapp.models import Breaker, Control, LeasedRow, Mode, OperatorLog

R = TypeVar("R", bound=LeasedRow)

TROUBLED = Breaker.objects.filter(Q(failures__gt=0) | Q(open_until__isnull=False))


@cache
def _glanced_at(model: type[LeasedRow]) -> tuple[str, ...]:
    """In the order of the model, as it wants to be filled."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in model.at_a_glance)


@cache
def _gate(model: type[LeasedRow]) -> Prepared[Control]:
    def build(record_id: Any) -> QuerySet[Control]:
        row = model._default_manager.filter(pk=record_id)
        glance = {f"row_{name}": Subquery(row.values(name)) for name in _glanced_at(model)}
        return Control.objects.filter(pk=1).annotate(troubled=Exists(TROUBLED), **glance)

    return Prepared(build, "record_id")


def at_the_gate(model: type[R], *, record_id: int) -> tuple[Control, bool, R | None]:
    """What every run asks first, in one query: the switches, whether a breaker has anything to say, and the row as it
    is before anybody has its lease: the few columns that a word before the lease needs."""
    control = _gate(model).first(record_id=record_id)
    if control is None:
        switches()
        return at_the_gate(model, record_id=record_id)
    seen = control.__dict__
    names = _glanced_at(model)
    columns = [seen[f"row_{name}"] for name in names]
    row = None if seen["row_id"] is None else model.from_db(DEFAULT_DB_ALIAS, names, columns)
    return _lifted(control), bool(seen["troubled"]), row


def switches() -> Control:
    """The row of switches; a pause whose end has come is lifted here, of everything or of the writes to one side."""
    control, _created = Control.objects.get_or_create(pk=1)
    return _lifted(control)


def _lifted(control: Control) -> Control:
    if control.until is not None and control.until <= timezone.now():
        # Only the pause that was seen to end: somebody may have set another mode since.
        as_seen = Control.objects.filter(pk=1, epoch=control.epoch)
        _write(as_seen, mode=control.mode_after or Mode.SHADOW, reason="", by=control.by, until=None, mode_after="")
        control.refresh_from_db()
    over = {side for side in control.held_sides if (end := control.held_end(side)) and end <= timezone.now()}
    # Resumed by a version that knows no ends: its next stop, which has none, would be over at that time.
    left_over = set(control.held_until or {}) - set(control.held_sides)
    if over or left_over:
        sides = {*control.held_sides} - over
        # What still holds is told with its reason, and since when; a reason of what is over is told no longer.
        still = not over or sides or control.mode != Mode.LIVE
        said = {"changed_at": control.changed_at} if still else {"reason": ""}
        _hold(Control.objects.filter(pk=1, epoch=control.epoch), sides, control.held_until or {}, **said)
        control.refresh_from_db()
    return control


def _hold(row: QuerySet[Control], sides: set[str], ends: Mapping[str, str], **changes: Any) -> None:
    """These sides and no others are held from now on, each until its end, if it has one."""
    until = {side: at for side, at in ends.items() if side in sides}
    _write(row, held_sides=sorted(sides), held_until=until or None, **changes)


def _write(row: QuerySet[Control], **changes: Any) -> None:
    """Changed now, unless it says otherwise, and at another epoch."""
    row.update(**{"epoch": F("epoch") + 1, "changed_at": timezone.now(), **changes})


@transaction.atomic
def hold_side(*, side: str, held: bool, by: str, reason: str = "", until: datetime | None = None) -> Control:
    """Stop or resume the writes to one side; reading and the other side go on. `until`: they resume by themselves."""
    before = switches()
    sides = {*before.held_sides, side} if held else set(before.held_sides) - {side}
    ends = {name: at for name, at in (before.held_until or {}).items() if name != side}
    if until is not None:
        ends[side] = until.isoformat()
    _hold(Control.objects.filter(pk=1), sides, ends, reason=reason, by=by)
    OperatorLog.objects.create(actor=by, action="hold_side" if held else "resume_side", target=side, reason=reason)
    return switches()


@transaction.atomic
def set_mode(*, mode: str, by: str, reason: str = "", until: datetime | None = None) -> Control:
    """Set the mode and log who did it. `until` ends a pause by itself; the mode before it comes back."""
    before = switches()
    # A pause that is prolonged or given an end still leads back to what was there before it.
    mode_before = before.mode_after if before.mode == Mode.PAUSED else before.mode
    mode_after = mode_before if mode == Mode.PAUSED else ""
    _write(Control.objects.filter(pk=1), mode=mode, reason=reason, by=by, until=until, mode_after=mode_after)
    if mode == Mode.LIVE:
        Control.objects.filter(pk=1, live_since__isnull=True).update(live_since=timezone.now())
    OperatorLog.objects.create(
        actor=by, action="mode", target=str(mode), reason=reason, result=f"{before.mode} → {mode}"
    )
    return switches()


def of_sides(control: Control, sides: Collection[str]) -> Control:
    """The switches as one kind of rows sees them: a side that it does not have may be held."""
    seen = copy(control)
    seen.held_sides = [side for side in control.held_sides if side in sides]
    return seen


def writes_allowed(*, control: Control, identity: str, names: Iterable[str]) -> bool:
    """Whether a run may write for this record: live, and in the pilot if there is one."""
    return control.mode == Mode.LIVE and in_pilot(identity=identity, names=names)


def in_pilot(*, identity: str, names: Iterable[str]) -> bool:
    """`SYNC_ONLY` lists ids or name prefixes; empty means everybody. names: what the record is called."""
    chosen = tuple(part for part in settings.SYNC_ONLY if part)
    return not chosen or identity in chosen or any(name.startswith(chosen) for name in names)


def current_epoch(control: Control) -> int:
    """What a set-aside record is compared with: another mode or another pilot makes another number."""
    if not settings.SYNC_ONLY:
        return control.epoch
    pilot = ",".join(sorted(settings.SYNC_ONLY))
    return crc32(f"{control.epoch} {pilot}".encode()) & 0x7FFFFFFF
