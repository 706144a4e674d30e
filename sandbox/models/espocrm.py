"""What the stand-in EspoCRM stores.

Invariant: records change through `sandbox.espocrm.records` alone, which moves versions, times and webhook events along.
Times are kept as EspoCRM writes them ("YYYY-MM-DD HH:MM:SS", UTC), so that they sort, compare and answer as they are.
A further attribute is a column here (its name in snake_case) and a row in `sandbox.espocrm.entities`.
"""

# EspoCRM's text attributes are null when empty, never "".
# ruff: noqa: DJ001

from django.db import models
from django.utils.translation import gettext_lazy as _

ID_LENGTH = 17
TIME_LENGTH = 19


class EspoUser(models.Model):
    """Somebody who may log in: type api (with or without a secret for HMAC), regular or admin."""

    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    user_name = models.CharField(_("user name"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    type = models.CharField(_("type"), max_length=10, default="api")
    api_key = models.CharField(_("API key"), max_length=100, null=True, unique=True)
    secret_key = models.CharField(_("secret key"), max_length=100, null=True)
    password = models.CharField(_("password"), max_length=100, null=True)
    is_active = models.BooleanField(_("active"), default=True)
    role = models.JSONField(_("role"), default=dict)

    class Meta:
        verbose_name = _("EspoCRM user")
        verbose_name_plural = _("EspoCRM users")
        ordering = ("user_name",)

    def __str__(self) -> str:
        return self.user_name


class EspoRecord(models.Model):
    """A record of any entity type: all share this table, each uses the columns of its own, and `extra`."""

    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    entity_type = models.CharField(_("entity type"), max_length=50)
    deleted = models.BooleanField(_("deleted"), default=False)
    name = models.CharField(_("name"), max_length=255, null=True, blank=True)
    salutation_name = models.CharField(_("Form of address"), max_length=100, null=True, blank=True)
    first_name = models.CharField(_("First name"), max_length=100, null=True, blank=True)
    middle_name = models.CharField(_("Middle name"), max_length=100, null=True, blank=True)
    last_name = models.CharField(_("Last name"), max_length=255, null=True, blank=True)
    firmenname = models.CharField(_("Company name"), max_length=255, null=True, blank=True)
    description = models.TextField(_("Description"), null=True, blank=True)
    website = models.CharField(_("Website"), max_length=255, null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)  # attributes without a column of their own
    vorname = models.CharField(_("First name"), max_length=100, null=True, blank=True)
    rechtsform = models.CharField(_("Legal form"), max_length=100, null=True, blank=True)
    titel = models.CharField(_("Title"), max_length=50, null=True, blank=True)
    anrede = models.CharField(_("Form of address"), max_length=100, null=True, blank=True)
    b_anrede = models.CharField(_("Salutation in letters"), max_length=255, null=True, blank=True)
    zusatz = models.CharField(_("Name addition"), max_length=255, null=True, blank=True)
    geburtsdatum = models.CharField(_("Date of birth"), max_length=10, null=True, blank=True)
    date_of_birth = models.CharField(_("Date of birth"), max_length=10, null=True, blank=True)
    betnr = models.IntegerField(_("betNr"), null=True, blank=True)
    advoware_row_id = models.CharField(_("Advoware's rowId"), max_length=100, null=True, blank=True)
    kommunikation_hash = models.CharField(_("Hash of the Kommunikationen"), max_length=100, null=True, blank=True)
    advoware_last_sync = models.CharField(_("Last sync"), max_length=TIME_LENGTH, null=True, blank=True)
    sync_next_retry = models.CharField(_("Next try"), max_length=TIME_LENGTH, null=True, blank=True)
    sync_auto_reset_at = models.CharField(_("Automatic reset"), max_length=TIME_LENGTH, null=True, blank=True)
    sync_retry_count = models.IntegerField(_("Failed tries"), null=True, blank=True)
    sync_error_message = models.TextField(_("Error"), null=True, blank=True)
    sync_status = models.CharField(_("sync status"), max_length=100, null=True, blank=True)
    created_at = models.CharField(_("created at"), max_length=TIME_LENGTH)
    modified_at = models.CharField(_("modified at"), max_length=TIME_LENGTH)
    stream_updated_at = models.CharField(max_length=TIME_LENGTH, null=True)
    created_by = models.ForeignKey(EspoUser, models.SET_NULL, verbose_name=_("created by"), null=True, related_name="+")
    modified_by = models.ForeignKey(
        EspoUser, models.SET_NULL, verbose_name=_("modified by"), null=True, related_name="+"
    )
    assigned_user = models.ForeignKey(
        EspoUser, models.SET_NULL, verbose_name=_("Assigned user"), null=True, blank=True, related_name="+"
    )
    followers = models.JSONField(default=list, blank=True)
    version_number = models.IntegerField(_("version"), null=True)

    class Meta:
        verbose_name = _("EspoCRM record")
        verbose_name_plural = _("EspoCRM records")
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=("entity_type", "created_at", "id"), name="sandbox_espo_created"),
            models.Index(fields=("entity_type", "modified_at", "id"), name="sandbox_espo_modified"),
            models.Index(fields=("entity_type", "sync_status"), name="sandbox_espo_status"),
            models.Index(fields=("entity_type", "betnr"), name="sandbox_espo_betnr"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


class EspoAdresse(EspoRecord):
    """The records of CAdressen, for the admin."""

    class Meta:
        proxy = True
        verbose_name = _("address in EspoCRM")
        verbose_name_plural = _("addresses in EspoCRM")


class EspoBankverbindung(EspoRecord):
    """The records of CBankverbindungen, for the admin."""

    class Meta:
        proxy = True
        verbose_name = _("bank account in EspoCRM")
        verbose_name_plural = _("bank accounts in EspoCRM")


class PhoneNumber(models.Model):
    """One number for the whole installation: whoever changes its type changes it for every record that has it."""

    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    name = models.CharField(_("number"), max_length=100, unique=True)
    type = models.CharField(_("type"), max_length=50, null=True)
    opt_out = models.BooleanField(default=False)
    invalid = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")

    def __str__(self) -> str:
        return self.name


class RecordPhone(models.Model):
    record = models.ForeignKey(EspoRecord, models.CASCADE, related_name="phones")
    point = models.ForeignKey(PhoneNumber, models.CASCADE, related_name="+")
    primary = models.BooleanField(_("primary"), default=False)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        constraints = (models.UniqueConstraint(fields=("record", "point"), name="sandbox_record_phone"),)

    def __str__(self) -> str:
        return f"{self.record_id}: {self.point_id}"


class EmailAddress(models.Model):
    """One address for the whole installation; `lower` identifies it, `name` keeps the letter case last written."""

    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    name = models.CharField(_("address"), max_length=255)
    lower = models.CharField(max_length=255, unique=True)
    opt_out = models.BooleanField(default=False)
    invalid = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")

    def __str__(self) -> str:
        return self.name


class RecordEmail(models.Model):
    record = models.ForeignKey(EspoRecord, models.CASCADE, related_name="emails")
    point = models.ForeignKey(EmailAddress, models.CASCADE, related_name="+")
    primary = models.BooleanField(_("primary"), default=False)

    class Meta:
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        constraints = (models.UniqueConstraint(fields=("record", "point"), name="sandbox_record_email"),)

    def __str__(self) -> str:
        return f"{self.record_id}: {self.point_id}"


class EspoWebhook(models.Model):
    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    event = models.CharField(_("event"), max_length=100)
    url = models.CharField(_("address"), max_length=512)
    is_active = models.BooleanField(_("active"), default=True)
    secret_key = models.CharField(max_length=100)
    skip_own = models.BooleanField(_("leaves out the user's own changes"), default=False)
    user = models.ForeignKey(EspoUser, models.CASCADE, related_name="+")
    created_at = models.CharField(_("created at"), max_length=TIME_LENGTH)
    modified_at = models.CharField(_("modified at"), max_length=TIME_LENGTH)
    modified_by = models.ForeignKey(EspoUser, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("EspoCRM webhook")
        verbose_name_plural = _("EspoCRM webhooks")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.event


class WebhookEvent(models.Model):
    """Something that happened, before it is known who hears of it."""

    event = models.CharField(max_length=100)
    user_id = models.CharField(max_length=ID_LENGTH, null=True)
    payload = models.JSONField()

    def __str__(self) -> str:
        return self.event


class WebhookItem(models.Model):
    """An event on its way to one webhook."""

    webhook = models.ForeignKey(EspoWebhook, models.CASCADE, related_name="items")
    payload = models.JSONField()
    attempts = models.IntegerField(default=0)
    due_at = models.FloatField(default=0, db_index=True)
    taken_until = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.webhook_id} #{self.pk}"


class Note(models.Model):
    """A line in a stream; `number` (the key) orders the stream."""

    number = models.AutoField(primary_key=True)
    note_id = models.CharField(max_length=ID_LENGTH, unique=True)
    type = models.CharField(_("type"), max_length=20)
    post = models.TextField(_("text"), null=True)
    facts = models.JSONField(default=dict)
    target_type = models.CharField(_("type"), max_length=20, null=True)
    user_ids = models.JSONField(default=list)
    parent_type = models.CharField(_("type"), max_length=50, null=True)
    parent_id = models.CharField(_("record"), max_length=ID_LENGTH, null=True, db_index=True)
    created_at = models.CharField(_("created at"), max_length=TIME_LENGTH)
    created_by = models.ForeignKey(EspoUser, models.SET_NULL, verbose_name=_("created by"), null=True, related_name="+")

    class Meta:
        verbose_name = _("EspoCRM note")
        verbose_name_plural = _("EspoCRM notes")
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.type} {self.number}"


class Task(models.Model):
    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    name = models.CharField(max_length=255)
    fields = models.JSONField(default=dict)
    parent_type = models.CharField(max_length=50, null=True)
    parent_id = models.CharField(max_length=ID_LENGTH, null=True)
    assigned_user = models.ForeignKey(EspoUser, models.SET_NULL, null=True, related_name="+")
    created_at = models.CharField(max_length=TIME_LENGTH)
    created_by = models.ForeignKey(EspoUser, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("EspoCRM task")
        verbose_name_plural = _("EspoCRM tasks")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name


class Notification(models.Model):
    number = models.AutoField(primary_key=True)
    notification_id = models.CharField(max_length=ID_LENGTH, unique=True)
    type = models.CharField(max_length=20)
    user = models.ForeignKey(EspoUser, models.CASCADE, related_name="+")
    message = models.TextField(null=True)
    note = models.ForeignKey(Note, models.CASCADE, null=True, related_name="+")
    related_type = models.CharField(max_length=50, null=True)
    related_id = models.CharField(max_length=ID_LENGTH, null=True)
    created_at = models.CharField(max_length=TIME_LENGTH)
    created_by = models.ForeignKey(EspoUser, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"{self.type} {self.number}"
