"""The inbox: what EspoCRM's webhooks brought, element by element, before anybody acts on it.

Invariant: an element is committed together with its record's `requested` before the delivery is answered.
To extend: a new result is a new `Result` row; `judged_at` empty means nobody has looked at the element yet.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from syncapp.core.requests import Trigger
from syncapp.models.record import SyncRecord


class EventChoice(models.TextChoices):
    """The events with the words people read; the values are `syncapp.core.requests.EVENTS`."""

    CREATE = Trigger.CREATE.value, _("created")
    UPDATE = Trigger.UPDATE.value, _("updated")
    DELETE = Trigger.DELETE.value, _("deleted")


class Result(models.TextChoices):
    WAITING = "waiting", _("waits for the running sync")
    COUNTED = "counted", _("a change: sync requested")
    ECHO = "echo", _("echo of our own write")
    IRRELEVANT = "irrelevant", _("nothing that is synced")
    UNKNOWN = "unknown", _("unknown in EspoCRM, closed")
    SEEKING = "seeking", _("its record is being looked up in EspoCRM")


class InboxElement(models.Model):
    """One element of one webhook delivery. `attributes` is the element as it came (personal data: see retention).

    kind: of what list the element is, where it is about an address or an account (values of ChildKind); then `espo_id`
    is its own, `record` the one that it belongs to, and of an account nothing is kept that could be read.
    """

    delivery = models.UUIDField(_("delivery"))
    webhook_id = models.CharField(_("webhook"), max_length=36, blank=True)
    record = models.ForeignKey(SyncRecord, on_delete=models.SET_NULL, null=True, related_name="elements")
    espo_id = models.CharField(_("EspoCRM id"), max_length=36)
    kind = models.CharField(_("list"), max_length=16, blank=True)
    action = models.CharField(_("event"), max_length=8, choices=EventChoice.choices)
    attributes = models.JSONField(_("content"), default=dict)
    result = models.CharField(_("result"), max_length=12, choices=Result.choices)
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook element")
        verbose_name_plural = _("webhook inbox")
        indexes = (
            models.Index(fields=["record", "result"], name="inbox_waiting"),
            models.Index(fields=["received_at"], name="inbox_received"),
            models.Index(fields=["espo_id"], name="inbox_espo_id"),
            models.Index(fields=["received_at"], name="inbox_seeking", condition=models.Q(result="seeking")),
        )

    def __str__(self) -> str:
        return f"{self.espo_id}: {self.get_action_display()}"
