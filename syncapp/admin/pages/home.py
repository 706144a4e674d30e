"""The landing page: what needs me, and whether everything is well.

Invariant: it costs the same few queries however many records there are; Redis and the charts come after the page.
To extend: a tile is a row of `tiles`, a banner one of `banners`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from syncapp.admin.pages import frame
from syncapp.core.errors import MENDS_ITSELF
from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.models import Alert, BulkAction, BulkState, Control, Mode
from syncapp.operations.actions.words import action_name
from syncapp.operations.alerts.rules import BY_CODE
from syncapp.operations.alerts.watch import open_alerts, sentence
from syncapp.operations.monitoring import attention, vitals
from syncapp.words import sentences
from syncapp.words.time_format import clock, relative

# What each kind asks of a person decides how loud its tile is.


@dataclass(frozen=True, slots=True)
class Tile:
    """One count that leads to the list of what was counted."""

    count: int
    label: object
    icon: str
    tone: str
    url: str
    hint: object = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that everybody has to know. `act` and `act_url`: a button beside it."""

    tone: str
    icon: str
    headline: object
    words: object = ""
    url: str = ""
    link: object = ""
    alert_id: int | None = None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the page shows at once; everything slow is loaded after it."""
    if not request.user.has_perm("syncapp.view_syncrecord"):
        return context | {"nothing": True, "title": _("What needs me")}
    now = timezone.now()
    counts = attention.counted(now=now, user_id=frame.person(request).pk)
    switches = control.switches()
    found = list(banners(switches, now))
    rows = vitals.from_rows(now=now)
    well = counts.calm and not found and all(vital.well is not False for vital in rows)
    return context | {
        "title": _("What needs me"),
        "counts": counts,
        "tiles": tiles(counts),
        "banners": found,
        "vitals": rows,
        "well": well,
        "well_since": attention.calm_since(switches=switches) if well else None,
        "may_acknowledge": request.user.has_perm("syncapp.switch_mode"),
        "visible": request.user.has_perm("syncapp.view_values"),
    }


def listed(model: str, **filters: str) -> str:
    """The address of a list with these filters."""
    address = reverse(f"admin:syncapp_{model}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def records(**filters: str) -> str:
    return listed("syncrecord", **filters, held="none")


def tiles(counts: attention.Counts) -> list[Tile]:
    """Everything that is not in order, the worst first; nothing that is zero."""
    late = _("unsynced for more than %(minutes)s minutes") % {"minutes": settings.ALERT_UNSYNCED_MINUTES}
    rows = [
        Tile(
            counts.mine,
            _("cases of mine"),
            "assignment_ind",
            "bad" if counts.overdue else "wait",
            listed("syncrecord", case="mine"),
            _("%(count)s overdue") % {"count": counts.overdue} if counts.overdue else "",
        ),
        Tile(
            counts.by_status.get(Status.PERMANENTLY_FAILED, 0),
            _("permanently failed"),
            "dangerous",
            "bad",
            records(status__exact="permanently_failed"),
        ),
        *_kinds(counts),
        Tile(counts.conflicts, _("conflicts to decide"), "call_split", "warn", listed("conflict", open__exact="1")),
        Tile(
            counts.deletions,
            _("deletions to do by hand in Advoware"),
            "delete_sweep",
            "warn",
            listed("deletiontask", done="open"),
        ),
        Tile(
            counts.by_status.get(Status.DELETED_IN_ADVOWARE, 0),
            _("gone in Advoware"),
            "link_off",
            "warn",
            records(status__exact="deleted_in_advoware"),
        ),
        Tile(
            counts.lost_writes,
            _("writes of other programs with unknown outcome"),
            "help",
            "warn",
            listed("proxycall", outcome="unknown"),
            _("within a day"),
        ),
        Tile(counts.late, late, "hourglass_top", "warn", listed("syncrecord", age="late")),
        Tile(counts.held, _("held by hand"), "pause_circle", "off", listed("syncrecord", held="any")),
    ]
    return [row for row in rows if row.count]


def _kinds(counts: attention.Counts) -> Iterator[Tile]:
    """By kind of error: what needs a person before what passes by itself."""
    for kind, number in sorted(counts.by_kind.items(), key=lambda row: (row[0] in MENDS_ITSELF, row[0])):
        passes = kind in MENDS_ITSELF
        yield Tile(
            number,
            sentences.kind_text(kind).name,
            "update" if passes else "error",
            "wait" if passes else "bad",
            records(kind__exact=kind),
            _("is tried again by itself") if passes else "",
        )


def banners(switches: Control, now: datetime) -> Iterator[Banner]:
    """Pause, shadow, held sides, alerts, acts under way: in the order of their weight."""
    yield from _mode(switches, now)
    for alert in sorted(open_alerts(), key=lambda alert: alert.acknowledged_at is not None):
        rule = BY_CODE[alert.rule]
        yield Banner(
            "off" if alert.acknowledged_at else "bad",
            "notifications_active",
            sentence(alert),
            _seen(alert, now) if alert.acknowledged_at else rule.advice,
            rule.link,
            _("Show"),
            None if alert.acknowledged_at else alert.pk,
        )
    for bulk in BulkAction.objects.filter(state=BulkState.RUNNING).order_by("-created_at")[:3]:
        words = _("%(position)s of %(total)s, started by %(actor)s") % {
            "position": bulk.position,
            "total": bulk.total,
            "actor": bulk.actor,
        }
        url = reverse("admin:ops_many", args=[bulk.pk])
        yield Banner("wait", "progress_activity", action_name(bulk.code), words, url, _("Show progress"))


def _seen(alert: Alert, now: datetime) -> str:
    words = {"who": alert.acknowledged_by or "–", "when": relative(alert.acknowledged_at or now, now=now)}
    return _("Seen by %(who)s, %(when)s. It goes away when it is over.") % words


def _mode(switches: Control, now: datetime) -> Iterator[Banner]:
    url = reverse("admin:ops_switches")
    said = {"by": switches.by or "–", "reason": switches.reason or "–", "since": clock(switches.changed_at, now=now)}
    words = _("Since %(since)s, by %(by)s. Reason: %(reason)s") % said
    if switches.mode == Mode.PAUSED:
        headline = _("Everything is paused")
        if switches.until:
            until = _("until %(until)s") % {"until": clock(switches.until, now=now)}
            headline = f"{headline} {until}"
        yield Banner("warn", "pause_circle", headline, words, url, _("Switches"))
    elif switches.mode == Mode.SHADOW:
        headline = _("Shadow mode: everything is planned, nothing is written")
        yield Banner("wait", "visibility", headline, words, url, _("Switches"))
    for side in switches.held_sides:
        headline = _("Nothing is written to %(system)s") % {"system": sentences.SYSTEMS.get(side, side)}
        yield Banner("warn", "edit_off", headline, words, url, _("Switches"))


@require_safe
@frame.needs("syncapp.view_syncrecord")
def machinery(request: HttpRequest) -> HttpResponse:
    """Redis, workers and queues; loaded after the page."""
    found = vitals.from_redis()
    spoiled = "well" in request.GET and any(vital.well is False for vital in found)
    return frame.part(request, "ops/parts/vitals.html", vitals=found, spoiled=spoiled)
