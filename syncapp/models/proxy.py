"""The Advoware API for other programs: its keys, who called what, and answers kept for repetitions.

Invariant: a key can never be read again, only its digest is here. A call's row holds names, numbers and ids, never a
value or a body. An answer is kept for a day, for the very request that it answered.
To extend: a further column of a call is a name, a number or an id.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from syncapp.core.proxy.grants import Grant, parse_grant


class ProxyKey(models.Model):
    """One caller. `grants`: as core.proxy.grants writes them; `networks`: CIDR, empty: from anywhere."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    owner = models.CharField(_("who answers for it"), max_length=150, blank=True)
    prefix = models.CharField(_("key"), max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    grants = models.JSONField(_("grants"), default=list)
    networks = models.JSONField(_("networks"), default=list, blank=True)
    rate_per_minute = models.PositiveIntegerField(_("calls per minute"))
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    created_by = models.CharField(_("made by"), max_length=150)
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_by = models.CharField(_("revoked by"), max_length=150, blank=True)
    revoke_reason = models.CharField(_("because"), max_length=300, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("key of the proxy")
        verbose_name_plural = _("keys of the proxy")

    def __str__(self) -> str:
        return self.name

    @property
    def usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def parsed_grants(self) -> list[Grant]:
        return [parse_grant(text) for text in self.grants]


class CallOutcome(models.TextChoices):
    DONE = "done", _("done")
    REFUSED = "refused", _("refused here")
    REFUSED_THERE = "refused_there", _("refused by Advoware")
    FAILED = "failed", _("failed, nothing was changed")
    UNKNOWN = "unknown", _("outcome unknown")
    REPEATED = "repeated", _("answered again, not sent again")
    REHEARSED = "rehearsed", _("rehearsal")
    UNAUTHORIZED = "unauthorized", _("wrong key")


class ProxyCall(models.Model):
    """One call. That of a write is here before it is sent, as unknown, and completed after it."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    key = models.ForeignKey(ProxyKey, on_delete=models.SET_NULL, null=True, verbose_name=_("key"))
    caller = models.CharField(_("caller"), max_length=150, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    method = models.CharField(_("method"), max_length=8)
    template = models.CharField(_("resource"), max_length=200, blank=True)
    path_ids = models.JSONField(_("ids in the path"), default=list, blank=True)
    parameters = models.JSONField(_("parameters"), default=list, blank=True)  # names
    request_bytes = models.PositiveIntegerField(_("bytes sent"), default=0)
    outcome = models.CharField(_("outcome"), max_length=16, choices=CallOutcome.choices, default=CallOutcome.UNKNOWN)
    code = models.CharField(_("code"), max_length=32, blank=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    advoware_status = models.PositiveSmallIntegerField(_("Advoware's status"), null=True, blank=True)
    answer_bytes = models.PositiveIntegerField(_("bytes answered"), default=0)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    idempotency = models.CharField(_("repetition key"), max_length=64, blank=True)  # digest
    request_id = models.CharField(_("request id"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("call of the proxy")
        verbose_name_plural = _("calls of the proxy")
        indexes = (
            models.Index(fields=["-at"], name="proxy_call_at"),
            models.Index(fields=["key", "-at"], name="proxy_call_key"),
            models.Index(fields=["outcome", "-at"], name="proxy_call_outcome"),
            models.Index(fields=["template", "-at"], name="proxy_call_template"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.template or '–'}"


class KeptAnswer(models.Model):
    """The answer to a POST with an Idempotency-Key. `status` empty: it is still under way, or its process died."""

    key = models.ForeignKey(ProxyKey, on_delete=models.CASCADE)
    name = models.CharField(max_length=64)  # digest of the caller's Idempotency-Key
    digest = models.CharField(max_length=64)  # of what was asked
    call = models.ForeignKey(ProxyCall, on_delete=models.SET_NULL, null=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    begun_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["key", "name"], name="one_answer_a_repetition_key"),)
        indexes = (models.Index(fields=["begun_at"], name="kept_answer_begun"),)

    def __str__(self) -> str:
        return self.name[:8]
