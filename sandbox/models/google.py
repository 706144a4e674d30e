"""What the stand-in Google stores.

Invariant: events change through `sandbox.google.events` alone, which gives every write its number: the etag, the place
in the feed, and what a sync token points to. Nothing is ever removed: a deleted event stays as cancelled, its id burnt.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceAccount(models.Model):
    """Who may ask for tokens: the public half of a key that `sandbox_google_key` has handed out."""

    email = models.CharField(max_length=200, primary_key=True)
    public_key = models.TextField()
    token_uri = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("Google service account")
        verbose_name_plural = _("Google service accounts")

    def __str__(self) -> str:
        return self.email


class GoogleCalendar(models.Model):
    """`changes` counts the writes to its events; `token_age` goes up where all its sync tokens die."""

    id = models.CharField(max_length=200, primary_key=True)
    owner = models.CharField(_("owner"), max_length=200)
    summary = models.CharField(_("title"), max_length=500)
    description = models.TextField(_("description"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")
    deleted = models.BooleanField(_("deleted"), default=False)
    changes = models.PositiveIntegerField(default=0, editable=False)
    token_age = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("Google calendar")
        verbose_name_plural = _("Google calendars")
        ordering = ("summary", "id")

    def __str__(self) -> str:
        return self.summary


class GoogleShare(models.Model):
    """One rule of a calendar's access list."""

    calendar = models.ForeignKey(GoogleCalendar, models.CASCADE, related_name="shares")
    scope = models.CharField(max_length=20)
    address = models.CharField(_("address"), max_length=200)
    role = models.CharField(_("role"), max_length=40)

    class Meta:
        verbose_name = _("Google share")
        verbose_name_plural = _("Google shares")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("calendar", "scope", "address"), name="one_rule_each"),)

    def __str__(self) -> str:
        return f"{self.address}: {self.role}"

    @property
    def rule_id(self) -> str:
        return f"{self.scope}:{self.address}"


class GoogleListEntry(models.Model):
    """A calendar in somebody's own list."""

    account = models.CharField(max_length=200)
    calendar = models.ForeignKey(GoogleCalendar, models.CASCADE, related_name="listed")

    class Meta:
        verbose_name = _("Google list entry")
        verbose_name_plural = _("Google list entries")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("account", "calendar"), name="listed_once"),)

    def __str__(self) -> str:
        return f"{self.account}: {self.calendar_id}"


class GoogleEvent(models.Model):
    """`body` is the event as the API shows it, without what follows from the other columns."""

    calendar = models.ForeignKey(GoogleCalendar, models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=1024)
    master_id = models.CharField(max_length=1024, blank=True)  # of an exception
    cancelled = models.BooleanField(_("deleted"), default=False)
    change = models.PositiveIntegerField()  # the calendar's number of the last write
    created = models.DateTimeField()
    updated = models.DateTimeField()
    body = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("Google event")
        verbose_name_plural = _("Google events")
        ordering = ("change", "id")
        constraints = (models.UniqueConstraint(fields=("calendar", "event_id"), name="an_id_once"),)

    def __str__(self) -> str:
        return f"{self.body.get('summary', '')} ({self.event_id})"

    @property
    def etag(self) -> str:
        return f'"{3_400_000_000_000_000 + self.change}"'
