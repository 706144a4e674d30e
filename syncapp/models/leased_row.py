"""What every synced row has, whatever it stands for: a lease, requests, a status, and when it is tried again.

Invariant: the row is the truth about what still has to be done. `requested` > `completed` means work is left; a run
holds the row by `fence` and `lease_token`, and every write of a run is conditional on both.
To extend: a synced thing is a subclass with what its sides hold, and models of its history whose `record` leads back by
the names in `history`; engine/rows/lease.py says who may write which of these columns.
"""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from syncapp.core.states import Status


class StatusChoice(models.TextChoices):
    """The statuses with the words people read; the values are those of `syncapp.core.states.Status`."""

    PENDING_SYNC = Status.PENDING_SYNC.value, _("waiting for its first sync")
    DIRTY = Status.DIRTY.value, _("changed, sync pending")
    SYNCING = Status.SYNCING.value, _("being synced")
    CLEAN = Status.CLEAN.value, _("equal on both sides")
    FAILED = Status.FAILED.value, _("failed")
    PERMANENTLY_FAILED = Status.PERMANENTLY_FAILED.value, _("permanently failed")
    CONFLICT = Status.CONFLICT.value, _("conflict, decision needed")
    DELETED_IN_ADVOWARE = Status.DELETED_IN_ADVOWARE.value, _("gone in Advoware")
    DELETED_IN_ESPOCRM = Status.DELETED_IN_ESPOCRM.value, _("deleted in EspoCRM")


class LeasedRow(models.Model):
    """One synced thing. Times are aware UTC; JSON columns hold the shapes named beside them."""

    # What only the run that holds the lease may change while there is one.
    of_the_run: ClassVar[frozenset[str]] = frozenset({"open_intents"})
    # What the gate, a word before the lease, the taking of it and the row's `key` look at.
    at_a_glance: ClassVar[tuple[str, ...]] = ("id", "status", "fence")
    # Which rows may be taken from a silent holder before its lease ends: not where a take-over costs a person's time.
    taken_early: ClassVar[models.Q] = models.Q()
    # Whether there is a responsible user who is told what becomes of the row.
    tells_people: ClassVar[bool] = True

    status = models.CharField(
        _("status"), max_length=24, choices=StatusChoice.choices, default=StatusChoice.PENDING_SYNC
    )
    kind = models.CharField(_("kind of error"), max_length=32, blank=True)
    fault = models.JSONField(_("what is wrong"), default=dict, blank=True)  # {"code": str, "params": {...}}

    requested = models.PositiveBigIntegerField(default=0)
    completed = models.PositiveBigIntegerField(default=0)
    trigger = models.CharField(max_length=16, blank=True)  # of the newest request: core.requests.Trigger
    source = models.CharField(max_length=16, blank=True)  # core.requests.Source
    override = models.CharField(max_length=32, blank=True)  # core.requests.Override

    fence = models.PositiveBigIntegerField(default=0)
    lease_token = models.CharField(max_length=64, blank=True)
    lease_expires = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=120, blank=True)
    lease_since = models.DateTimeField(null=True, blank=True)
    status_before = models.CharField(max_length=24, blank=True)  # what a put-back restores
    deferred = models.PositiveBigIntegerField(default=0)  # generation that waits for another mode
    deferred_epoch = models.PositiveIntegerField(default=0)

    retry_count = models.PositiveIntegerField(_("failed attempts"), default=0)
    next_retry_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    auto_reset_at = models.DateTimeField(_("automatic reset"), null=True, blank=True)
    late_look_at = models.DateTimeField(null=True, blank=True)
    last_check = models.DateTimeField(_("last look"), null=True, blank=True)
    last_deep_check = models.DateTimeField(null=True, blank=True)  # last look without the shortcuts of the sweep
    last_synced_at = models.DateTimeField(_("last sync"), null=True, blank=True)
    oscillation_confirmed_at = models.DateTimeField(null=True, blank=True)  # a person let a swinging record go on
    dirty_since = models.DateTimeField(_("unsynced since"), null=True, blank=True)

    hold = models.CharField(max_length=8, blank=True)  # core.requests.Hold: no run

    open_intents = models.JSONField(default=list, blank=True)  # core.intents.Intent as JSON
    superseded = models.JSONField(default=list, blank=True)  # intents of a holder that lost its lease

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        """What the row is called outside the database, in locks and log lines: never a person's name."""
        raise NotImplementedError

    @property
    def linked(self) -> bool:
        """Whether the row has been tied to its counterpart; one that never was is still new after a change."""
        return True

    @property
    def is_of_first_run(self) -> bool:
        """Whether the run that holds the row, or held it last, is the first that ever did: no earlier one has left
        anything."""
        return self.fence == 1

    def history(self, relation: str, **columns: Any) -> models.Model:
        """A row of this one's history, unsaved. relation: status_changes, attempts, changes or notices."""
        return self.history_model(relation)(record=self, **columns)

    def past(self, relation: str) -> "models.QuerySet[Any]":
        """What the history holds of this row."""
        return self.history_model(relation)._default_manager.filter(record=self)

    @classmethod
    def history_model(cls, relation: str) -> type[models.Model]:
        """Where that part of the history is kept."""
        model = cls._meta.get_field(relation).related_model
        assert isinstance(model, type)  # noqa: S101 (a relation has a model at its other end)
        return model

    def step(self, *, after: str, event: str, cause: str) -> models.Model:
        """One step of the state machine, for the history; the caller saves it."""
        return self.history("status_changes", before=self.status, after=after, event=event, cause=cause[:200])
