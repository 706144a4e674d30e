"""The first load: how far it has come, so that it goes on after any stop.

Invariant: the row moves only after what it counts is committed; reading a stretch again does no harm. One load works at
a time, shown by `moved_at`. To extend: a further option of the load is a column, so that a resumed run keeps it.
"""

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
        verbose_name = _("first load")
        verbose_name_plural = _("first loads")
        indexes = (models.Index(fields=["preview", "ended_at"], name="load_unfinished"),)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
