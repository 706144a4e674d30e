"""What keeps runs from being carried out just now, in words: before somebody asks for one, and while they wait.

Invariant: rows of ours alone, two queries besides the switches that the caller has read, and one question to Redis; no
sentence promises what nobody has seen. To extend: a further obstacle is a function of OBSTACLES.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from syncapp.core.requests import CALENDAR_QUEUES, RECORD_QUEUES
from syncapp.core.systems import SYSTEM_NAMES, System, system_of
from syncapp.engine import job_queue, queue_pauses
from syncapp.models import Breaker, Control, Mode
from syncapp.words import actor_words, reasons, sentences
from syncapp.words.queues import paused_words
from syncapp.words.time_format import clock


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A system that is not called. `next_try` None: it is being asked now. The times are aware."""

    system: str
    since: datetime
    next_try: datetime | None
    tried_at: datetime | None
    kind: str
    reason: str
    hint: str = ""

    @property
    def name(self) -> str:
        return SYSTEM_NAMES.get(self.system, self.system)

    @property
    def because(self) -> str:
        return str(reasons.told(self.reason) if self.reason else self._text.name)

    @property
    def cause(self) -> str:
        return str(self._text.cause)

    @property
    def advice(self) -> str:
        return self.known_cure or str(self._text.advice)

    @property
    def _text(self) -> sentences.KindText:
        return sentences.kind_text(self.kind, {"params": {"reason": self.reason}})

    @property
    def known_cure(self) -> str:
        """What the system's answer itself says is to be done; "" where it says nothing."""
        return str(reasons.told(self.hint)) if self.hint else ""

    def next_try_words(self, now: datetime) -> str:
        return _("right now") if self.next_try is None else _("at %(time)s") % {"time": clock(self.next_try, now=now)}


def disturbances(*, now: datetime, breakers: Iterable[Breaker] | None = None) -> tuple[Disturbance, ...]:
    """The systems whose breaker is open, in the order of their names. breakers: all of them, where they are read."""
    rows = Breaker.objects.filter(open_until__isnull=False) if breakers is None else breakers
    found = sorted((row for row in rows if row.open_until is not None), key=lambda row: row.system)
    return tuple(_of(row, now) for row in found)


def _of(row: Breaker, now: datetime) -> Disturbance:
    ahead = row.open_until if row.open_until is not None and row.open_until > now else None
    return Disturbance(row.system, row.open_since or now, ahead, row.tried_at, row.kind, row.reason, row.hint)


@dataclass(frozen=True, slots=True)
class Scene:
    """What holds for all records at a moment."""

    control: Control
    disturbed: tuple[Disturbance, ...]
    now: datetime
    systems: frozenset[str]


def obstacles(*, control: Control, now: datetime, systems: Iterable[str]) -> list[str]:
    """One sentence for each thing in the way: what it is, since when, and what will therefore happen.

    systems: those that take part in what somebody waits for.
    """
    taking_part = frozenset(systems)
    found = tuple(one for one in disturbances(now=now) if one.system in taking_part)
    scene = Scene(control, found, now, taking_part)
    return [sentence for obstacle in OBSTACLES for sentence in obstacle(scene)]


def _disturbed(scene: Scene) -> Iterator[str]:
    for one in scene.disturbed:
        words = _(
            "%(system)s has been disturbed since %(since)s: %(reason)s. What is asked for is kept and carried out "
            "by itself as soon as %(system)s answers; it is tried again %(when)s."
        ) % {
            "system": one.name,
            "since": clock(one.since, now=scene.now),
            "reason": one.because,
            "when": one.next_try_words(scene.now),
        }
        yield f"{words} {one.known_cure}".strip()


def _paused(scene: Scene) -> Iterator[str]:
    if scene.control.mode != Mode.PAUSED:
        return
    until = scene.control.until
    template = (
        _("Everything is paused since %(since)s by %(by)s, until %(until)s: what is asked for is kept until then.")
        if until
        else _("Everything is paused since %(since)s by %(by)s: what is asked for is kept until the pause is ended.")
    )
    yield template % {
        "by": actor_words(scene.control.by) or "–",
        "since": clock(scene.control.changed_at, now=scene.now),
        "until": clock(until, now=scene.now) if until else "",
    }


def _shadow(scene: Scene) -> Iterator[str]:
    if scene.control.mode == Mode.SHADOW:
        yield _("Shadow mode: a run only plans. Nothing is written to either system until somebody goes live.")


def _pilot(scene: Scene) -> Iterator[str]:
    if settings.SYNC_ONLY and scene.control.mode == Mode.LIVE and System.ESPOCRM in scene.systems:
        yield _("A pilot (SYNC_ONLY): for records that are not part of it a run only plans, and nothing is written.")


def _sides(scene: Scene) -> Iterator[str]:
    for side in scene.control.held_sides:
        if system_of(side) not in scene.systems:
            continue
        yield _("Nothing is written to %(system)s, by order of %(by)s: what has to be written there waits.") % {
            "system": SYSTEM_NAMES.get(side, side),
            "by": actor_words(scene.control.by) or "–",
        }


def _queues(scene: Scene) -> Iterator[str]:
    """Where every queue on which such runs come to a worker is paused: what one does not take, the other does."""
    queues = CALENDAR_QUEUES if System.GOOGLE_CALENDAR in scene.systems else RECORD_QUEUES
    paused = queue_pauses.paused()
    if not queues <= paused.keys():
        return
    for queue in sorted(queues):
        yield paused_words(paused[queue], now=scene.now)


def _no_jobs() -> Iterator[str]:
    if not job_queue.answers():
        yield _(
            "Redis does not answer: no worker gets a job. What is asked for is kept and carried out by itself as soon "
            "as Redis is back."
        )


def queue_held(queue: str, *, now: datetime) -> list[str]:
    """The same of the one queue on which something waits for a worker; nothing where its jobs come to one."""
    pause = queue_pauses.paused().get(queue)
    return [*([paused_words(pause, now=now)] if pause else []), *_no_jobs()]


OBSTACLES: tuple[Callable[[Scene], Iterator[str]], ...] = (
    _disturbed,
    _paused,
    _shadow,
    _pilot,
    _sides,
    _queues,
    lambda _scene: _no_jobs(),
)


def needs_espocrm(*, now: datetime) -> str:
    """For acts that call EspoCRM themselves: "" or why they will be refused."""
    for one in disturbances(now=now):
        if one.system == System.ESPOCRM:
            return _(
                "EspoCRM has been disturbed since %(since)s: %(reason)s. This action has to call it and will probably "
                "be refused; better wait until EspoCRM answers again."
            ) % {"since": clock(one.since, now=now), "reason": one.because}
    return ""
