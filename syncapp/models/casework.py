"""What people add to records: who looks after a case, until when, what was noted; and acts on many records at once.

Invariant: nothing here is read by a sync but `SyncRecord.hold`, which the acts set together with their log row.
To extend: a right for a new act is a line of RIGHTS; its act names it in operations/actions/table.py.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from syncapp.models.finding.search_text import FoundByText
from syncapp.models.record import SyncRecord

# One right an act, so that an installation can cut its roles as it likes; onboarding/roles.py has the usual ones.
RIGHTS = (
    ("sync_now", _("Can start a sync, also of what has failed")),
    ("take_one_side", _("Can take everything from one side")),
    ("create_in_advoware", _("Can allow a create in Advoware")),
    ("link_record", _("Can link records to a betNr, and unlink them")),
    ("hold_record", _("Can pause or ignore single records")),
    ("release_lock", _("Can release locks")),
    ("tick_off_deletion", _("Can tick off deletions done in Advoware")),
    ("decide_conflict", _("Can decide conflicts and restore values")),
    ("settle_case", _("Can settle tasks about addresses and bank accounts")),
    ("see_accounts", _("Can see bank accounts in full")),
    ("work_case", _("Can assign cases, note and date them")),
    ("switch_mode", _("Can pause, shadow and go live")),
    ("see_jobs", _("Can see jobs, queues and workers")),
    ("confirm_guard", _("Can confirm what a guard has stopped")),
    ("see_settings", _("Can see the settings in force")),
    ("manage_proxy_keys", _("Can make and revoke keys of the Advoware proxy")),
    ("try_proxy", _("Can try reads of the Advoware proxy")),
    ("export", _("Can export lists and figures")),
    ("manage_calendars", _("Can set up calendars and clean them up")),
)


class Case(models.Model):
    """What people say about an open record. Gone without loss once the record is fine."""

    record = models.OneToOneField(SyncRecord, on_delete=models.CASCADE, related_name="case", verbose_name=_("record"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("looked after by")
    )
    due = models.DateField(_("due on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    changed_by = models.CharField(_("changed by"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = RIGHTS

    def __str__(self) -> str:
        return str(self.record_id)


class BulkState(models.TextChoices):
    ASKED = "asked", _("not confirmed yet")
    RUNNING = "running", _("at work")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped by hand")


class BulkAction(models.Model):
    """One act on many records. `ids` is fixed when it is confirmed; `position` is how far the worker has come."""

    code = models.CharField(_("action"), max_length=32)
    # What else was chosen: {"fields": {field: side}}, {"until": …}.
    details = models.JSONField(default=dict, blank=True)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by")
    reason = models.TextField(_("reason"), blank=True)
    actor = models.CharField(_("by"), max_length=150)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    ids = models.JSONField(default=list)
    total = models.PositiveIntegerField(_("records"), default=0)
    position = models.PositiveIntegerField(_("dealt with"), default=0)
    done = models.PositiveIntegerField(_("carried out"), default=0)
    refused = models.JSONField(default=dict, blank=True)  # {reason in the actor's language: how many}
    said = models.JSONField(default=dict, blank=True)  # {what came of those done, in the same language: how many}
    state = models.CharField(_("state"), max_length=8, choices=BulkState.choices, default=BulkState.ASKED)
    language = models.CharField(max_length=8, default="de")
    worker = models.CharField(max_length=32, blank=True)  # who deals with the present portion
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    moved_at = models.DateTimeField(_("last step"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("mass action")
        verbose_name_plural = _("mass actions")
        indexes = (
            models.Index(fields=["state", "moved_at"], name="bulk_unfinished"),
            models.Index(fields=["-created_at"], name="bulk_newest"),
        )

    def __str__(self) -> str:
        return f"{self.code} × {self.total}"


class Snooze(models.Model):
    """A record, or everything that fails for one reason, which nobody wants to be reminded of for a while.

    Quiet is not solved: it is counted all the same, and loud again after `until`, or as soon as it gets worse
    (operations/monitoring/quiet.py). `number` is how many records failed so when it was snoozed; `seen` how the record
    stood: "status|kind|cause".
    """

    SEEN_LONGEST = 250

    record = models.OneToOneField(
        SyncRecord, on_delete=models.CASCADE, null=True, blank=True, related_name="snooze", verbose_name=_("record")
    )
    cause = models.CharField(_("cause"), max_length=200, blank=True)  # operations/monitoring/causes.py, "" for a record
    seen = models.CharField(max_length=SEEN_LONGEST, blank=True)
    number = models.PositiveIntegerField(_("records then"), default=1)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    by = models.CharField(_("by"), max_length=150)
    bulk = models.ForeignKey(BulkAction, on_delete=models.SET_NULL, null=True, blank=True, related_name="snoozed")
    at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["cause"], condition=~models.Q(cause=""), name="one_snooze_a_cause"),
        )

    def __str__(self) -> str:
        return self.cause or str(self.record_id)


class SavedView(models.Model):
    """A list as somebody wants it again: its filters, search and order. Shared ones are seen by everybody."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    place = models.CharField(max_length=32)  # the model's name of the list
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(_("shared"), default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "place", "name"], name="one_view_a_name"),)

    def __str__(self) -> str:
        return f"{self.place}: {self.name}"


class SearchText(FoundByText):
    """What a record is found by: names, phones and e-mails."""

    record = models.OneToOneField(SyncRecord, on_delete=models.CASCADE, primary_key=True, related_name="search_text")
    former = models.JSONField(default=list)  # [[day, line]]: what it was called until that day, as part of the text

    def __str__(self) -> str:
        return str(self.record_id)


class HourFigures(models.Model):
    """Where the counters stood when they were last looked at within an hour; the charts show the differences."""

    hour = models.DateTimeField(primary_key=True)
    figures = models.JSONField(default=dict)  # shape: operations/monitoring/figures.py

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}"
