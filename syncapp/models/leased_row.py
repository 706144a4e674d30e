"""What every synced row has, whatever it stands for: a lease, requests, a status, and when it is tried again.

Invariant: the row is the truth about what still has to be done. `requested` > `completed` means work is left; a run
holds the row by `fence` and `lease_token`, and every write of a run is conditional on both.
To extend: a synced thing is a subclass with what its sides hold, and a history of its own with `status_changes` as the
name of the way back; engine/lease.py says who may write which of these columns.
"""

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

    def step(self, *, after: str, event: str, cause: str) -> models.Model:
        """One step of the state machine, for the history; the caller saves it."""
        history = self._meta.get_field("status_changes").related_model
        assert history is not None  # noqa: S101 (a relation always has the model at its other end)
        return history(record=self, before=self.status, after=after, event=event, cause=cause[:200])
