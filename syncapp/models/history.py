"""What happened: attempts, field changes, status changes, conflicts, hand-work and notices.

Invariant: history never drives a sync; deleting old rows loses no change. Open conflicts, open tasks and
unsent notices are not history in that sense and survive every purge.
To extend: a new kind of happening is a new model here with its retention rule in operations/maintenance/retention.py.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from syncapp.core.sides import Side
from syncapp.models.leased_row import StatusChoice
from syncapp.models.record import SyncRecord


class Outcome(models.TextChoices):
    DONE = "done", _("done")
    HELD = "held", _("waits for a decision")
    LEFT_OVER = "left_over", _("done, something left for the next run")
    FAILED = "failed", _("failed")
    PUT_BACK = "put_back", _("put back")
    SHADOW = "shadow", _("planned only")
    GONE = "gone", _("gone on one side")
    LOST_LEASE = "lost_lease", _("taken over by another run")


class RunHistory(models.Model):
    """What is kept of a run of whatever entity, written when it ends."""

    trigger = models.CharField(_("trigger"), max_length=16)
    source = models.CharField(_("source"), max_length=16)
    actor = models.CharField(_("by"), max_length=150, blank=True)
    started_at = models.DateTimeField(_("started"))
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), default=0)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    verdict = models.CharField(_("verdict"), max_length=20, blank=True)
    kind = models.CharField(_("kind of error"), max_length=32, blank=True)
    fault = models.JSONField(_("what is wrong"), default=dict, blank=True)
    direction = models.CharField(_("direction"), max_length=16, blank=True)
    calls = models.JSONField(_("remote calls"), default=dict, blank=True)
    call_log = models.JSONField(default=list, blank=True)
    traceback = models.TextField(_("technical detail"), blank=True)

    class Meta:
        abstract = True


class Attempt(RunHistory):
    """One run for one record. `calls` is {"espocrm": {"GET": n}, "advoware": {...}}.

    `call_log`: the calls one by one, as engine/runs/run.py writes them; templates and numbers, never an id or a value.
    """

    record = models.ForeignKey(SyncRecord, on_delete=models.SET_NULL, null=True, related_name="attempts")
    espo_id = models.CharField(_("EspoCRM id"), max_length=36)
    fields_changed = models.JSONField(_("fields changed"), default=list, blank=True)
    summary = models.JSONField(_("contact points"), default=dict, blank=True)  # {"Var1": {"done": n, "failed": n}}

    class Meta:
        verbose_name = _("sync attempt")
        verbose_name_plural = _("sync attempts")
        indexes = (
            models.Index(fields=["record", "-started_at"], name="attempt_by_record"),
            # With the key, which puts rows of one time in order: the index alone says which rows a page has.
            models.Index(fields=["-started_at", "-id"], name="attempt_started"),
            models.Index(fields=["outcome", "-started_at"], name="attempt_outcome"),
        )

    def __str__(self) -> str:
        return f"{self.espo_id}, {timezone.localtime(self.started_at):%d.%m.%Y %H:%M:%S}"


class FieldChange(models.Model):
    """One value that a run wrote to one side. Personal data: under retention and the permission to see values."""

    record = models.ForeignKey(SyncRecord, on_delete=models.CASCADE, related_name="changes")
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="changes")
    side = models.CharField(_("written to"), max_length=8)
    field = models.CharField(_("field"), max_length=64)
    before = models.TextField(_("before"), null=True)  # noqa: DJ001  (None and "" differ: unknown and empty)
    after = models.TextField(_("after"), null=True)  # noqa: DJ001
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("field change")
        verbose_name_plural = _("field changes")
        permissions = (("view_values", _("Can see personal values")),)
        indexes = (models.Index(fields=["record", "-at"], name="change_by_record"),)

    def __str__(self) -> str:
        return f"{self.field} → {self.side}"


class StatusStep(models.Model):
    """One step of the state machine with its cause, of whatever row."""

    before = models.CharField(_("from"), max_length=24, choices=StatusChoice.choices)
    after = models.CharField(_("to"), max_length=24, choices=StatusChoice.choices)
    event = models.CharField(_("event"), max_length=24)
    cause = models.CharField(_("cause"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class StatusChange(StatusStep):
    """A record's."""

    record = models.ForeignKey(SyncRecord, on_delete=models.CASCADE, related_name="status_changes")

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        indexes = (models.Index(fields=["record", "-at"], name="status_by_record"),)


class Conflict(models.Model):
    """A field (or contact point) that changed on both sides: what each held, and which value was kept."""

    record = models.ForeignKey(SyncRecord, on_delete=models.CASCADE, related_name="conflicts")
    attempt_started = models.DateTimeField(_("run"), null=True)
    field = models.CharField(_("field"), max_length=64)
    case = models.CharField(_("case"), max_length=32)
    base_espo = models.TextField(_("last common value in EspoCRM"), null=True)  # noqa: DJ001
    base_advo = models.TextField(_("last common value in Advoware"), null=True)  # noqa: DJ001
    espo = models.TextField(_("EspoCRM"), null=True)  # noqa: DJ001
    advo = models.TextField(_("Advoware"), null=True)  # noqa: DJ001
    policy = models.CharField(_("rule"), max_length=32)
    # espocrm, advoware, "" while open, "agreed", or "neither": then `entered` is what a person wants on both sides
    kept = models.CharField(_("kept"), max_length=8, blank=True)
    entered = models.TextField(_("value entered instead"), null=True, blank=True)  # noqa: DJ001
    open = models.BooleanField(_("open"), default=False)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    decided_in = models.ForeignKey(
        "syncapp.BulkAction", on_delete=models.SET_NULL, null=True, blank=True, related_name="decided"
    )
    # Who last changed the record on each side, and when, as far as the systems told when the conflict was found.
    espo_by = models.CharField(_("last changed in EspoCRM by"), max_length=150, blank=True)
    espo_changed_at = models.DateTimeField(_("last changed in EspoCRM"), null=True, blank=True)
    advo_by = models.CharField(_("last changed in Advoware by"), max_length=150, blank=True)
    advo_changed_at = models.DateTimeField(_("last changed in Advoware"), null=True, blank=True)
    restored_at = models.DateTimeField(_("restored"), null=True, blank=True)

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        indexes = (
            models.Index(fields=["record", "-at"], name="conflict_by_record"),
            models.Index(fields=["open", "-at"], name="conflict_open"),
        )

    def __str__(self) -> str:
        return f"{self.field} ({self.record_id})"

    @property
    def standing_value(self) -> str | None:
        if self.kept == "neither":
            return self.entered
        return self.espo if self.kept == Side.espocrm else self.advo

    @property
    def lost_value(self) -> str | None:
        return self.advo if self.kept == Side.espocrm else self.espo


class DeletionTask(models.Model):
    """A Beteiligter that a person has to delete by hand in Advoware, which refuses to do it for us."""

    record = models.ForeignKey(SyncRecord, on_delete=models.SET_NULL, null=True, related_name="deletion_tasks")
    espo_id = models.CharField(_("EspoCRM id"), max_length=36)
    betnr = models.BigIntegerField(_("betNr"), null=True)
    assigned_user_id = models.CharField(_("responsible user"), max_length=36, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    # Withdrawn, not done: the EspoCRM id of the record that has this betNr by now.
    used_by = models.CharField(_("in use again by"), max_length=36, blank=True)

    class Meta:
        verbose_name = _("deletion to do")
        verbose_name_plural = _("deletions to do")
        indexes = (models.Index(fields=["done_at", "created_at"], name="deletion_open"),)

    def __str__(self) -> str:
        return f"betNr {self.betnr}"


class Notice(models.Model):
    """Something a user of EspoCRM is to be told; sent after the commit, repeated by the dispatcher until it is."""

    record = models.ForeignKey(SyncRecord, on_delete=models.SET_NULL, null=True, related_name="notices")
    espo_id = models.CharField(_("EspoCRM id"), max_length=36)
    event = models.CharField(_("about"), max_length=32)
    params = models.JSONField(default=dict, blank=True)
    user_id = models.CharField(_("user"), max_length=36, blank=True)
    record_exists = models.BooleanField(default=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    refused = models.CharField(_("refused because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice to a user")
        verbose_name_plural = _("notices to users")
        indexes = (models.Index(fields=["sent_at", "created_at"], name="notice_unsent"),)

    def __str__(self) -> str:
        return f"{self.event} ({self.espo_id})"


class OperatorLog(models.Model):
    """Who did what by hand, from the admin or the command line, why, and what came of it."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.CharField(_("by"), max_length=150)
    action = models.CharField(_("action"), max_length=64)
    target = models.CharField(_("concerns"), max_length=200, blank=True)
    record = models.ForeignKey(
        SyncRecord, on_delete=models.SET_NULL, null=True, blank=True, related_name="operator_log"
    )
    count = models.PositiveIntegerField(_("how many"), default=1)
    reason = models.TextField(_("reason"), blank=True)
    result = models.TextField(_("result"), blank=True)

    class Meta:
        verbose_name = _("operator log entry")
        verbose_name_plural = _("operator log")
        indexes = (models.Index(fields=["-at"], name="operator_log_at"),)

    def __str__(self) -> str:
        return f"{self.actor}: {self.action}"


class Sweep(models.Model):
    """One sweep: what it found in EspoCRM, what it enqueued, and how it ended. `counts` is {step: how many}."""

    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    counts = models.JSONField(_("what it did"), default=dict, blank=True)
    fault = models.JSONField(_("what is wrong"), default=dict, blank=True)

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
        indexes = (models.Index(fields=["-started_at"], name="sweep_started"),)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
