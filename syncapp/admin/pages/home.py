"""The landing page: what needs me, and whether everything is well.

Invariant: it costs the same few queries however many records there are; Redis and the charts come after the page.
To extend: a tile of records is a heap of operations/monitoring/partition.py, another one a row of `tasks`, a banner one
of `banners`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import conditional_page

from syncapp.admin.navigation import may_open
from syncapp.admin.pages import frame
from syncapp.core.faults.errors import MENDS_ITSELF
from syncapp.core.sides import Side
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.engine import control, queue_pauses
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.models import Alert, Breaker, BulkAction, BulkState, Control, Mode
from syncapp.operations.actions.bulk import many
from syncapp.operations.alerts.rules import BY_CODE
from syncapp.operations.alerts.watch import open_alerts, sentence
from syncapp.operations.calendars import overview
from syncapp.operations.monitoring import attention
from syncapp.operations.monitoring.signs import regular_jobs, vitals
from syncapp.operations.monitoring.signs.disturbances import Disturbance, disturbances
from syncapp.words import actor_words, html, queues
from syncapp.words.actions.logged import action_name
from syncapp.words.calendars.looks import pile_words
from syncapp.words.monitoring.heaps import HEAPS, HINTS, kind_code
from syncapp.words.monitoring.jobs import job_name
from syncapp.words.time_format import clock, relative

# How often the page asks how it stands by now.
LIVE_SECONDS = 10
# Heaps of records that go on by themselves, or when somebody ends what holds them.
WAITING = frozenset({"late", "waiting", "aside", "syncing", "held", *map(kind_code, MENDS_ITSELF)})
# Heaps of records that somebody has to do something about. Conflicts are counted by their fields already.
NEEDY = frozenset(attention.NEEDS_SOMEBODY) - WAITING - {"conflict"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One count that leads to the list of what was counted."""

    count: int
    label: object
    icon: str
    tone: str
    url: str
    hint: object = ""
    code: str = ""  # of the heap, where it is one
    right: str = ""  # that its link asks for, besides what the menu says of it


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that everybody has to know, with a button beside it; `lines` are told each on its own."""

    tone: str
    icon: str
    headline: object
    words: object = ""
    url: str = ""
    link: object = ""
    alert_id: int | None = None
    lines: tuple[str, ...] = ()
    right: str = ""


Shown = TypeVar("Shown", Tile, Banner)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the page shows at once; everything slow is loaded after it."""
    if not request.user.has_perm("syncapp.view_syncrecord"):
        return context | {"nothing": True, "title": _("What needs me")}
    now = timezone.now()
    switches = control.switches()
    counts = attention.counted(now=now, switches=switches, user_id=frame.person(request).pk)
    breakers = list(Breaker.objects.all())
    disturbed = disturbances(now=now, breakers=breakers)
    user = frame.person(request)
    found = [_openable(one, user) for one in banners(switches, disturbed, counts.waiting, now)]
    rows = vitals.from_rows(now=now, breakers=breakers)
    calm = counts.calm and overview.tasks().none
    well = calm and not found and all(vital.well is not False for vital in rows)
    return context | {
        "title": _("What needs me"),
        "counts": counts,
        **_piles([_openable(one, user) for one in tasks(counts)], tiles(counts, hints_for(disturbed, switches))),
        "every": LIVE_SECONDS,
        "banners": found,
        "vitals": rows,
        "well": well,
        "well_since": attention.calm_since(switches=switches) if well else None,
        "visible": request.user.has_perm("syncapp.view_values"),
    }


def _openable(shown: Shown, user: User) -> Shown:
    """The same without its link, where it leads to a page that this visitor may not open."""
    may = may_open(shown.url, user) and (not shown.right or user.has_perm(shown.right)) if shown.url else True
    return shown if may else replace(shown, url="")


def tiles(counts: attention.Counts, hints: Mapping[str, object]) -> list[Tile]:
    """Where the records stand, the worst first: every record is in one of them, and nothing that is zero is shown."""
    return [
        Tile(
            number,
            HEAPS[code],
            *_icon_and_tone(counts, code),
            html.listed("syncrecord", group=code),
            _hint(counts, code, hints),
            code,
        )
        for code, number in counts.heaps.items()
        if number
    ]


def _icon_and_tone(counts: attention.Counts, code: str) -> tuple[str, str]:
    """Icon and colour; a heap that is snoozed as a whole calls nobody."""
    return html.heap_look(code) if counts.loud(code) else ("snooze", "off")


def _hint(counts: attention.Counts, code: str, hints: Mapping[str, object]) -> object:
    snoozed = counts.quiet.get(code, 0)
    if not snoozed:
        return hints.get(code, "")
    words = ngettext("%(count)s of them snoozed", "%(count)s of them snoozed", snoozed) % {"count": snoozed}
    return f"{words}. {hints[code]}" if hints.get(code) else words


def _piles(work: Sequence[Tile], found: Sequence[Tile]) -> dict[str, list[Tile]]:
    """What needs somebody; what goes on by itself, with why it does not yet; where all others stand. None is in two."""
    needy = [tile for tile in found if tile.code in NEEDY and tile.tone != "off"]
    waits = [tile for tile in found if tile.code in WAITING]
    stands = [tile for tile in found if tile not in needy and tile not in waits]
    return {"tiles": [*found], "tasks": [*work, *needy], "waits": waits, "stands": stands}


def tasks(counts: attention.Counts) -> list[Tile]:
    """What is no record but a piece of work."""
    found = (*_of_people(counts), *_of_child_lists(counts), *_of_programs(counts), *_of_calendars())
    return [tile for tile in found if tile.count]


def _of_people(counts: attention.Counts) -> Iterator[Tile]:
    overdue = _("%(count)s overdue") % {"count": counts.overdue} if counts.overdue else ""
    tone, url = "bad" if counts.overdue else "wait", html.listed("syncrecord", case="mine")
    yield Tile(counts.mine, _("cases of mine"), "assignment_ind", tone, url, overdue)
    label = ngettext("field to decide", "fields to decide", counts.conflicts)
    yield Tile(counts.conflicts, label, "call_split", "warn", html.listed("conflict", open__exact="1"))
    url = html.listed("deletiontask", done="open")
    yield Tile(counts.deletions, _("deletions to do by hand in Advoware"), "delete_sweep", "warn", url)


def _of_child_lists(counts: attention.Counts) -> Iterator[Tile]:
    label = ngettext("task about addresses or bank accounts", "tasks about addresses or bank accounts", counts.children)
    yield Tile(counts.children, label, "home_pin", "warn", html.listed("childcase", state="open"))
    label, hint = _("addresses and bank accounts wait to be carried"), _("until somebody says so")
    yield Tile(counts.uncarried, label, "hourglass_top", "wait", html.listed("childcase", state="waiting"), hint)


def _of_programs(counts: attention.Counts) -> Iterator[Tile]:
    label, url = _("writes of other programs with unknown outcome"), html.listed("proxycall", outcome="unknown")
    yield Tile(counts.lost_writes, label, "help", "warn", url, _("within a day"))


def _of_calendars() -> Iterator[Tile]:
    """Nothing where this installation has no calendars."""
    counts = overview.tasks()
    label = ngettext("calendar stopped", "calendars stopped", counts.stopped)
    yield Tile(counts.stopped, label, "event_busy", "bad", html.listed("calendaremployee", state="stopped"))
    label, url = pile_words("given_up", counts.given_up), html.listed("calendaremployee", state="given_up")
    yield Tile(counts.given_up, label, "event_busy", "bad", url)
    for pile, number, icon, tone in (
        ("ask", counts.asked, "event_note", "warn"),
        ("failed", counts.failed, "event_busy", "bad"),
        ("awaiting_removal", counts.by_hand, "delete_sweep", "warn"),
    ):
        yield Tile(number, pile_words(pile, number), icon, tone, html.listed("appointment", pile=pile))


def hints_for(disturbed: Sequence[Disturbance], switches: Control) -> dict[str, object]:
    """What is to be known of a heap: why it waits and until when, or that nobody has to do a thing."""
    minutes = _("for more than %(minutes)s minutes") % {"minutes": settings.ALERT_UNSYNCED_MINUTES}
    waits: object = ""
    called = [one.name for one in disturbed if one.system in SYSTEMS]
    if called:
        waits = _("until %(systems)s answers") % {"systems": ", ".join(called)}
    elif switches.mode == Mode.PAUSED:
        waits = _("until the pause ends")
    late = f"{minutes}; {waits}" if waits else minutes
    return {**HINTS, "late": late, "waiting": waits or HINTS["waiting"], "aside": _until_written(switches)}


def _until_written(switches: Control) -> str:
    """What has to happen before what is planned only can be written."""
    found = []
    if Mode.LIVE not in (switches.mode, switches.mode_after):
        found.append(_("until it is switched to live"))
    if held := control.of_sides(switches, tuple(Side)).held_sides:
        names = ", ".join(SYSTEM_NAMES.get(side, side) for side in held)
        found.append(_("until %(systems)s may be written again") % {"systems": names})
    if settings.SYNC_ONLY:
        found.append(_("until they are part of the pilot (SYNC_ONLY)"))
    return "; ".join(found) or _("until the pause ends")


def banners(switches: Control, disturbed: Sequence[Disturbance], waiting: int, now: datetime) -> Iterator[Banner]:
    """Modes, held sides, disturbed systems, failing jobs, alerts, acts under way: in the order of their weight."""
    alerts = {alert.rule: alert for alert in open_alerts()}
    yield from _mode(switches, now)
    yield from _paused_queues(now)
    yield from _disturbed(disturbed, waiting, alerts.pop("breaker_open", None), now)
    yield from _failing_jobs(alerts.pop("job_failing", None), now)
    for alert in sorted(alerts.values(), key=lambda alert: alert.acknowledged_at is not None):
        rule = BY_CODE[alert.rule]
        yield Banner(
            "off" if alert.acknowledged_at else "bad",
            "notifications_active",
            sentence(alert),
            _seen(alert, now) if alert.acknowledged_at else rule.advice,
            str(rule.link),
            _("Show"),
            None if alert.acknowledged_at else alert.pk,
        )
    yield from _under_way()


def _under_way() -> Iterator[Banner]:
    for bulk in BulkAction.objects.filter(state=BulkState.RUNNING).order_by("-created_at")[:3]:
        words = _("%(position)s of %(total)s, started by %(actor)s") % {
            "position": bulk.position,
            "total": bulk.total,
            "actor": actor_words(bulk.actor),
        }
        name, url = action_name(bulk.code, many=True), reverse("admin:ops_many", args=[bulk.pk])
        right = many.act_of(bulk.code).permission if many.is_known(bulk.code) else ""
        yield Banner("wait", "progress_activity", name, words, url, _("Show progress"), right=right)


def _disturbed(disturbed: Sequence[Disturbance], waiting: int, alert: Alert | None, now: datetime) -> Iterator[Banner]:
    """At once, not only when it is an alert: which system, since when, why, what waits, and what happens next."""
    unseen = alert.pk if alert is not None and alert.acknowledged_at is None else None
    for one in disturbed:
        headline = _("%(system)s is disturbed since %(since)s: %(reason)s.") % {
            "system": one.name,
            "since": clock(one.since, now=now),
            "reason": one.because,
        }
        waits = frame.waits_for(one.system, records=waiting)
        lines = (
            f"{waits} {_('Next try: %(when)s.') % {'when': one.next_try_words(now)}}",
            _("Likely cause: %(cause)s") % {"cause": one.cause},
            _("What to do: %(advice)s") % {"advice": one.advice},
        )
        url = reverse("admin:ops_system", args=[one.system])
        yield Banner("bad", "cloud_off", headline, "", url, _("Look, or try again now"), unseen, lines)


def _failing_jobs(alert: Alert | None, now: datetime) -> Iterator[Banner]:
    unseen = alert.pk if alert is not None and alert.acknowledged_at is None else None
    for job in regular_jobs.keep_failing():
        headline = _("A regular job fails each time: %(job)s, %(count)s times since %(since)s.") % {
            "job": job_name(job.name),
            "count": job.failures,
            "since": clock(job.since, now=now),
        }
        words = f"{regular_jobs.fault_words(job)} {BY_CODE['job_failing'].advice}"
        yield Banner("bad", "event_busy", headline, words, reverse("admin:ops_jobs"), _("Show"), unseen)


def _seen(alert: Alert, now: datetime) -> str:
    words = {"who": alert.acknowledged_by or "–", "when": relative(alert.acknowledged_at or now, now=now)}
    return _("Seen by %(who)s, %(when)s. It goes away when it is over.") % words


def _mode(switches: Control, now: datetime) -> Iterator[Banner]:
    url = reverse("admin:ops_switches")
    said = {
        "by": actor_words(switches.by) or "–",
        "reason": switches.reason or "–",
        "since": clock(switches.changed_at, now=now),
    }
    words = _("Since %(since)s, by %(by)s. Reason: %(reason)s") % said
    if not switches.by and switches.live_since is None:
        words = _("A new installation begins like this.")
    if switches.mode == Mode.PAUSED:
        headline = frame.with_end(_("Everything is paused"), switches.until)
        yield Banner("warn", "pause_circle", headline, words, url, _("Switches"))
    elif switches.mode == Mode.SHADOW:
        headline = _("Shadow mode: everything is planned, nothing is written")
        yield Banner("wait", "visibility", headline, words, url, _("Switches"))
    elif settings.SYNC_ONLY:
        yield Banner("wait", "visibility", _("A pilot (SYNC_ONLY): what is not part of it is planned only"))
    for side in switches.held_sides:
        told = _("Nothing is written to %(system)s") % {"system": SYSTEM_NAMES.get(side, side)}
        headline = frame.with_end(told, switches.held_end(side))
        yield Banner("warn", "edit_off", headline, words, url, _("Switches"))


def _paused_queues(now: datetime) -> Iterator[Banner]:
    for name, row in queue_pauses.paused().items():
        said = {"since": clock(row.since, now=now), "by": actor_words(row.by), "reason": row.reason}
        told = _("The queue “%(queue)s” is paused") % {"queue": queues.title_of(name)}
        headline = frame.with_end(told, row.until)
        words = _("Since %(since)s, by %(by)s. Reason: %(reason)s") % said
        yield Banner("warn", "pause_circle", headline, words, reverse("admin:ops_jobs"), _("Show"))


@frame.shows("syncapp.view_syncrecord")
@conditional_page
def live(request: HttpRequest) -> HttpResponse:
    """The page's parts once more, asked for every few seconds by ops.js while somebody looks.

    An answer that would be the same is empty (304). A hidden tab asks for nothing, and asking does not prolong a login
    (SESSION_HOURS counts from it).
    """
    context = dashboard(request, {})
    found = [*context["vitals"], *vitals.from_redis()]
    spoiled = context["well"] and any(vital.well is False for vital in found)
    shown = context | {"vitals": found, "all_vitals": True, "spoiled": spoiled}
    answer = render(request, "ops/parts/live.html", shown)
    # Asked for anew each time, and kept by nothing but this page.
    answer["Cache-Control"] = "private, no-cache"
    return answer


@frame.shows("syncapp.view_syncrecord")
def machinery(request: HttpRequest) -> HttpResponse:
    """Redis, workers and queues; loaded after the page."""
    found = vitals.from_redis()
    spoiled = "well" in request.GET and any(vital.well is False for vital in found)
    return frame.part(request, "ops/parts/vitals.html", vitals=found, spoiled=spoiled)
