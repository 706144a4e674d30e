"""Drift reports: what both sides held when somebody compared them, field by field, without the values.

Invariant: a report is written as it goes and never changed afterwards; only what is not equal has a row.
To extend: a further finding is a reason of operations/monitoring/drift.py.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from syncapp.models.record import SyncRecord


class DriftReport(models.Model):
    """One comparison of both sides. `unexpected`: rows that nothing explains; 0 is what a firm wants to see."""

    by = models.CharField(_("by"), max_length=150)
    scope = models.CharField(_("compared"), max_length=100)  # "all", "sample 200", "3 named"
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    records = models.PositiveIntegerField(_("records"), default=0)
    equal = models.PositiveIntegerField(_("equal"), default=0)
    expected = models.PositiveIntegerField(_("with expected differences"), default=0)
    unexpected = models.PositiveIntegerField(_("with unexpected differences"), default=0)
    unread = models.PositiveIntegerField(_("not readable"), default=0)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        indexes = (models.Index(fields=["-started_at"], name="drift_newest"),)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.scope}"


class DriftRow(models.Model):
    """One field of one record that is not equal. `state`: differs or missing; `reason`: a code of the drift report."""

    report = models.ForeignKey(DriftReport, on_delete=models.CASCADE, related_name="rows")
    record = models.ForeignKey(SyncRecord, on_delete=models.SET_NULL, null=True, related_name="+")
    espo_id = models.CharField(_("EspoCRM id"), max_length=36)
    betnr = models.BigIntegerField(_("betNr"), null=True)
    field = models.CharField(_("field"), max_length=64)
    state = models.CharField(_("state"), max_length=8)
    reason = models.CharField(_("because"), max_length=32)
    expected = models.BooleanField(_("expected"))

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        indexes = (models.Index(fields=["report", "expected"], name="drift_of_report"),)

    def __str__(self) -> str:
        return f"{self.espo_id} {self.field}: {self.reason}"
