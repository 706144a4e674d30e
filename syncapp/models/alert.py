"""Alerts: what is wrong with the installation as a whole, from when to when, and who has seen it.

Invariant: at most one open row a rule; people are told when it opens and when it closes, not in between.
To extend: a rule is a row of operations/alerts/rules.py; nothing here knows what it looks at.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Alert(models.Model):
    """One time that a rule was broken. `params` hold numbers and names of systems, never personal data."""

    rule = models.CharField(_("rule"), max_length=32)
    params = models.JSONField(_("figures"), default=dict, blank=True)
    opened_at = models.DateTimeField(_("since"), auto_now_add=True)
    closed_at = models.DateTimeField(_("over"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("seen"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("seen by")
    )
    told_open_at = models.DateTimeField(null=True, blank=True)
    told_closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = (
            models.UniqueConstraint(
                fields=["rule"], condition=models.Q(closed_at__isnull=True), name="one_open_alert_a_rule"
            ),
        )
        indexes = (models.Index(fields=["-opened_at"], name="alert_newest"),)

    def __str__(self) -> str:
        return self.rule
