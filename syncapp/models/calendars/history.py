"""What happened to calendars: passes, status changes, what was written, and changes that gave way.

Invariant: as in models/history.py. The texts of appointments stand in
AppointmentChange and AppointmentConflict alone, under the permission to see values.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from syncapp.models.calendars.rows import Appointment, CalendarEmployee, SideChoice
from syncapp.models.history import RunHistory, StatusStep


class CalendarPass(RunHistory):
    """One pass over one calendar. `summary` is {action: {"done": n, "failed": n}}; `verdict`: "light" or "full"."""

    record = models.ForeignKey(
        CalendarEmployee, on_delete=models.SET_NULL, null=True, related_name="attempts", verbose_name=_("calendar")
    )
    kuerzel = models.CharField(_("kuerzel"), max_length=32)
    fields_changed = models.JSONField(_("planned"), default=list, blank=True)  # in shadow: "google.insert_event × 12"
    summary = models.JSONField(_("what it did"), default=dict, blank=True)

    class Meta:
        verbose_name = _("pass over a calendar")
        verbose_name_plural = _("passes over calendars")
        indexes = (
            models.Index(fields=["record", "-started_at"], name="pass_by_calendar"),
            models.Index(fields=["-started_at"], name="pass_started"),
        )

    def __str__(self) -> str:
        return f"{self.kuerzel}, {timezone.localtime(self.started_at):%d.%m.%Y %H:%M:%S}"


class CalendarStatusChange(StatusStep):
    """A calendar's."""

    record = models.ForeignKey(
        CalendarEmployee, on_delete=models.CASCADE, related_name="status_changes", verbose_name=_("calendar")
    )

    class Meta:
        verbose_name = _("status change of a calendar")
        verbose_name_plural = _("status changes of calendars")
        indexes = (models.Index(fields=["record", "-at"], name="status_by_calendar"),)


class AppointmentChange(models.Model):
    """One group of fields that a pass wrote to one side, committed with the answer that proved it.

    `action` is an AppointmentAction; `field` the group, "" where the whole appointment was made or deleted.
    """

    record = models.ForeignKey(
        CalendarEmployee, on_delete=models.CASCADE, related_name="changes", verbose_name=_("calendar")
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="changes", verbose_name=_("appointment")
    )
    action = models.CharField(_("write"), max_length=16)
    side = models.CharField(_("written to"), max_length=8, choices=SideChoice.choices)
    field = models.CharField(_("field"), max_length=8, blank=True)
    before = models.TextField(_("before"), null=True)  # noqa: DJ001  (None and "" differ: unknown and empty)
    after = models.TextField(_("after"), null=True)  # noqa: DJ001
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("change of an appointment")
        verbose_name_plural = _("changes of appointments")
        indexes = (
            models.Index(fields=["appointment", "-at"], name="change_by_appointment"),
            models.Index(fields=["record", "-at"], name="change_by_calendar"),
        )

    def __str__(self) -> str:
        return f"{self.field or self.action} → {self.side}"


class AppointmentConflict(models.Model):
    """A change that gave way to the other side's; `lost` and `kept` as text. What a person has to decide stands in
    `Appointment.questions`."""

    record = models.ForeignKey(
        CalendarEmployee, on_delete=models.CASCADE, related_name="conflicts", verbose_name=_("calendar")
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="conflicts", verbose_name=_("appointment")
    )
    code = models.CharField(_("case"), max_length=32)  # PairReportCode
    field = models.CharField(_("field"), max_length=8, blank=True)  # Group
    side = models.CharField(_("whose change gave way"), max_length=8, choices=SideChoice.choices, blank=True)
    lost = models.TextField(_("gave way"), null=True)  # noqa: DJ001
    kept = models.TextField(_("kept"), null=True)  # noqa: DJ001
    value = models.JSONField(null=True, blank=True)  # what gave way, as Canonical.to_json spells it
    at = models.DateTimeField(_("at"), auto_now_add=True)
    restored_at = models.DateTimeField(_("restored"), null=True, blank=True)

    class Meta:
        verbose_name = _("conflict of an appointment")
        verbose_name_plural = _("What gave way")
        indexes = (
            models.Index(fields=["appointment", "-at"], name="conflict_by_appointment"),
            models.Index(fields=["-at"], name="appointment_conflict_at"),
        )

    def __str__(self) -> str:
        return f"{self.code} ({self.appointment_id})"
