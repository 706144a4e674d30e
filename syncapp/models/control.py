"""Switches, breakers, heartbeats, counters and cached facts of the two systems.

Invariant: each is changed by a conditional UPDATE or an atomic increment, never by saving a stale object.
To extend: a new switch is a column of `Control`; whatever reads it goes through engine/control.py.
"""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    LIVE = "live", _("live")
    SHADOW = "shadow", _("shadow: everything is planned, nothing is written")
    PAUSED = "paused", _("paused")


class Control(models.Model):
    """The one row (id 1) of switches. `epoch` grows with every change, so that waiting records are looked at anew."""

    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices, default=Mode.SHADOW)
    epoch = models.PositiveIntegerField(default=1)
    live_since = models.DateTimeField(_("live since"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    by = models.CharField(_("by"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    held_sides = models.JSONField(_("sides that are not written"), default=list, blank=True)  # ["advoware"]
    held_until = models.JSONField(_("end of held writes"), null=True, blank=True)  # {"advoware": a time in ISO form}
    mode_after = models.CharField(max_length=8, blank=True)  # what a pause with an end returns to
    # Names this installation in what it makes elsewhere; never changes.
    installation = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("switches")
        verbose_name_plural = _("switches")

    def __str__(self) -> str:
        return self.mode

    def held_end(self, side: str) -> datetime | None:
        """When writes to that side go on by themselves; None: not by themselves."""
        at = (self.held_until or {}).get(side)
        return datetime.fromisoformat(at) if at else None


class QueuePause(models.Model):
    """One row a queue whose workers take no job until somebody resumes it, or until its end has come."""

    queue = models.CharField(_("queue"), max_length=32, primary_key=True)
    reason = models.TextField(_("reason"))
    by = models.CharField(_("by"), max_length=150)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    def __str__(self) -> str:
        return self.queue


class Breaker(models.Model):
    """One row a remote system. Closed: `open_until` empty. Open until then; afterwards one probe at a time."""

    system = models.CharField(_("system"), max_length=32, primary_key=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    opens = models.PositiveIntegerField(_("opened in a row"), default=0)
    open_since = models.DateTimeField(_("open since"), null=True, blank=True)
    open_until = models.DateTimeField(_("next probe"), null=True, blank=True)
    probe_until = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    kind = models.CharField(_("kind of error"), max_length=32, blank=True)
    reason = models.CharField(_("because"), max_length=300, blank=True)
    hint = models.CharField(_("What to do"), max_length=300, blank=True)  # where the client knows it

    class Meta:
        verbose_name = _("breaker")
        verbose_name_plural = _("breakers")

    def __str__(self) -> str:
        return self.system


class Heartbeat(models.Model):
    """When a part of the installation last showed that it is alive."""

    name = models.CharField(_("part"), max_length=64, primary_key=True)
    at = models.DateTimeField(_("last sign of life"))
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def last(cls, name: str) -> datetime | None:
        """When this part last showed that it is alive; None where it never has."""
        return cls.objects.filter(pk=name).values_list("at", flat=True).first()


class ProcessSign(models.Model):
    """When a process that runs syncs last showed life, by the database's clock; gone when it ends as it should."""

    name = models.CharField(_("process"), max_length=100, primary_key=True)
    at = models.DateTimeField(_("last sign of life"))

    def __str__(self) -> str:
        return self.name


class FailingJob(models.Model):
    """A regular job, or a step of one, that has failed ever since it last went well; gone with its next success."""

    name = models.CharField(_("job"), max_length=80, primary_key=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    since = models.DateTimeField(_("since"))
    fault = models.JSONField(_("what is wrong"), default=dict, blank=True)  # {"code": str, "params": {...}}

    def __str__(self) -> str:
        return self.name


class Counter(models.Model):
    """A number that only grows, by name and labels; survives every restart."""

    name = models.CharField(max_length=64)
    labels = models.CharField(max_length=200, blank=True)  # "action=create,result=accepted"
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["name", "labels"], name="one_counter_a_name"),)

    def __str__(self) -> str:
        return f"{self.name}{{{self.labels}}}"


class RemoteFact(models.Model):
    """Something a remote system told about itself, kept for a while (legal forms, metadata, our own user)."""

    key = models.CharField(_("fact"), max_length=100, primary_key=True)
    value = models.JSONField(_("value"))
    fetched_at = models.DateTimeField(_("read"))

    def __str__(self) -> str:
        return self.key


class Guard(models.Model):
    """One row a sort of change that the mass-change guard counts; `open_until` in the future: somebody confirmed."""

    sort = models.CharField(_("sort of change"), max_length=16, primary_key=True)
    open_until = models.DateTimeField(_("confirmed until"), null=True, blank=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=150, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    blocked_at = models.DateTimeField(_("stopped"), null=True, blank=True)

    class Meta:
        verbose_name = _("guard")
        verbose_name_plural = _("guards")

    def __str__(self) -> str:
        return self.sort


class GuardCount(models.Model):
    """What the runs of one record were about to change of a guarded sort, the most of it; written before any change."""

    sort = models.CharField(max_length=16)
    key = models.CharField(max_length=80)  # LeasedRow.key of whose run it was
    number = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["sort", "at"], name="guard_window"),)

    def __str__(self) -> str:
        return f"{self.sort} {self.number}"
