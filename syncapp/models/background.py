"""What goes on in the background for a while: the first load, and exports, files that somebody has ordered.

Invariant: the row of a load moves only after what it counts is committed, so that it goes on after any stop; one works
at a time, shown by `moved_at`. A file belongs to the person who ordered it and to nobody else; its parts go with its
row, so that whatever deletes the row deletes the file. The query may hold a name that was searched for: it is read by
the work alone and stands in no log.
To extend: a further option of the load is a column, a further form of file a row of operations/exports/forms.py.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BackfillRun(models.Model):
    """One first load or its preview. `mark` is EspoCRM's createdAt of the last record dealt with."""

    preview = models.BooleanField(_("preview"), default=False)
    create = models.BooleanField(_("creates in Advoware"), default=False)
    by = models.CharField(_("by"), max_length=150, blank=True)
    mark = models.DateTimeField(null=True)
    at_mark = models.JSONField(default=list, blank=True)  # ids dealt with that were created at the very mark
    seen = models.PositiveIntegerField(_("records dealt with"), default=0)
    total = models.PositiveIntegerField(_("records"), null=True)
    counts = models.JSONField(_("what became of them"), default=dict, blank=True)  # {action or status: how many}
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    moved_at = models.DateTimeField(_("last step"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        indexes = (models.Index(fields=["preview", "ended_at"], name="load_unfinished"),)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class ExportState(models.TextChoices):
    RUNNING = "running", _("at work")
    DONE = "done", _("ready")
    STOPPED = "stopped", _("stopped by hand")
    FAILED = "failed", _("failed")


class Export(models.Model):
    """One file. `source`: the list's model, or a name of admin/exporting/sources.py; `query`: the list's address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    source = models.CharField(_("list"), max_length=64)
    title = models.CharField(_("list"), max_length=200)  # as its owner reads it
    query = models.TextField(blank=True)
    form = models.CharField(_("form"), max_length=16)
    language = models.CharField(max_length=8, default="de")
    with_values = models.BooleanField(default=False)  # whether its owner could see personal values when it was made
    state = models.CharField(_("state"), max_length=8, choices=ExportState.choices, default=ExportState.RUNNING)
    total = models.PositiveIntegerField(_("rows"), default=0)
    position = models.PositiveIntegerField(_("written"), default=0)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    refusal = models.TextField(_("what is wrong"), blank=True)  # in the owner's language
    worker = models.CharField(max_length=32, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("ordered"), auto_now_add=True)
    moved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = (
            models.Index(fields=["state", "moved_at"], name="export_unfinished"),
            models.Index(fields=["user", "-created_at"], name="export_of_user"),
            models.Index(fields=["created_at"], name="export_created"),
        )

    def __str__(self) -> str:
        return f"{self.source}, {self.form}"


class ExportPart(models.Model):
    """A piece of a finished file, in the order of their keys."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.export_id}/{self.pk}"
