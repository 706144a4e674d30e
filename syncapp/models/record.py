"""The record: our row for one pair of EspoCRM entity and Advoware Beteiligter.

Invariant: the row is the truth about what still has to be done. `requested` > `completed` means work is left;
a run holds the row by `fence` and `lease_token`, and every write of a run is conditional on both.
To extend: add the column here, say in engine/lease.py who may write it, and in docs who reads it.
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


class SyncRecord(models.Model):
    """One Beteiligter on both sides. Times are aware UTC; JSON columns hold the shapes named beside them."""

    espo_id = models.CharField(_("EspoCRM id"), max_length=36, unique=True)
    betnr = models.BigIntegerField(_("betNr"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    assigned_user_id = models.CharField(_("responsible user"), max_length=36, blank=True)

    status = models.CharField(
        _("status"), max_length=24, choices=StatusChoice.choices, default=StatusChoice.PENDING_SYNC
    )
    kind = models.CharField(_("kind of error"), max_length=32, blank=True)
    fault = models.JSONField(_("what is wrong"), default=dict, blank=True)  # {"code": str, "params": {...}}

    requested = models.PositiveBigIntegerField(default=0)
    completed = models.PositiveBigIntegerField(default=0)
    trigger = models.CharField(max_length=16, blank=True)  # of the newest request: create, update, delete, sync_check
    source = models.CharField(max_length=16, blank=True)  # webhook, sweep, person, command
    override = models.CharField(max_length=32, blank=True)  # everything_from_espocrm / everything_from_advoware
    decisions = models.JSONField(default=dict, blank=True)  # {field: {"keep": side, "espo": value, "advo": value}}

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
    stamp_sent = models.DateTimeField(null=True, blank=True)  # advowareLastSync of a PATCH whose answer may be lost
    dirty_since = models.DateTimeField(_("unsynced since"), null=True, blank=True)

    hold = models.CharField(max_length=8, blank=True)  # paused, ignored, unlinked by a person: no run

    create_intent = models.JSONField(null=True, blank=True)  # {"at": iso, "attempt": id} while a POST is under way
    create_released = models.BooleanField(default=False)  # somebody allowed the create of an old record
    base_espo = models.JSONField(default=dict, blank=True)  # {field: value} as EspoCRM held it
    base_advo = models.JSONField(default=dict, blank=True)  # {field: value} as Advoware held it
    base_versions = models.JSONField(default=dict, blank=True)  # {field: mapping version}
    row_id = models.CharField(max_length=120, blank=True)
    version = models.BigIntegerField(null=True, blank=True)
    espo_modified_at = models.DateTimeField(null=True, blank=True)
    espo_created_at = models.DateTimeField(null=True, blank=True)
    lists = models.JSONField(default=dict, blank=True)  # contact lists as EspoCRM held them
    contact_rows = models.JSONField(default=dict, blank=True)  # the two lists as EspoCRM gave them last
    # EspoCRM's version (or time of change) as the last complete sync of the contact points left it.
    contacts_marker = models.CharField(max_length=40, blank=True)
    # EspoCRM won a field in a run that has not come to its end: the contact points of that conflict are still owed.
    contacts_to_advoware = models.BooleanField(default=False)
    kommunikation_hash = models.CharField(max_length=16, blank=True)
    empty_lists_seen = models.JSONField(default=list, blank=True)  # contact lists that the last run found empty
    list_seen = models.JSONField(default=dict, blank=True)  # sweep rows already seen
    espocrm_status = models.JSONField(default=dict, blank=True)  # bookkeeping that we last wrote to EspoCRM
    open_intents = models.JSONField(default=list, blank=True)  # core.intents.Intent as JSON
    superseded = models.JSONField(default=list, blank=True)  # intents of a holder that lost its lease
    not_taken = models.JSONField(default=list, blank=True)  # [{"side", "field"}]: what a target did not keep
    reports = models.JSONField(default=list, blank=True)  # [{"code", "params"}]: hidden fields and the like

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        constraints = (
            models.UniqueConstraint(
                fields=["betnr"], condition=models.Q(betnr__isnull=False), name="one_record_a_betnr"
            ),
        )
        indexes = (
            models.Index(fields=["status", "next_retry_at"], name="record_due"),
            models.Index(fields=["status", "last_check"], name="record_recheck"),
            models.Index(fields=["late_look_at"], name="record_late_look"),
            models.Index(fields=["name"], name="record_name"),
            models.Index(fields=["dirty_since"], name="record_dirty_since"),
            # The counts of the landing page and the lists of one kind of failure read this index alone.
            models.Index(fields=["status", "kind", "hold"], name="record_trouble"),
            models.Index(fields=["hold"], condition=~models.Q(hold=""), name="record_held"),
        )

    def __str__(self) -> str:
        return f"{self.espo_id} / {self.betnr or '–'}"

    @property
    def linked(self) -> bool:
        """Whether the record is tied to a Beteiligter."""
        return self.betnr is not None
