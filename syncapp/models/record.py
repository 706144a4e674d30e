"""The record: our row for one pair of EspoCRM entity and Advoware Beteiligter.

Invariant: what every synced row has (lease, requests, status, retry) is in leased_row.py; here is what both sides hold.
To extend: add the column here, and say in docs who reads it.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from syncapp.core.states import Status
from syncapp.models.cause import CauseColumn
from syncapp.models.leased_row import LeasedRow


class RecordCounts(models.Manager["RecordCount"]):
    """Reads the kept counts, which cost the same however many records there are."""

    def standing(self) -> list[tuple[str, str, str, int]]:
        """(status, kind, hold, how many records) of everything of which there is one."""
        return self.sums("status", "kind", "hold")

    def sums(self, *columns: str, **only: Any) -> list[Any]:
        """(what stands in these columns, how many records) of everything of which there is one."""
        rows = self.filter(**only).order_by().values_list(*columns).annotate(sum=models.Sum("number"))
        return list(rows.exclude(sum=0))

    def number(self, **columns: Any) -> int:
        """How many records stand so; columns: status, kind and hold, or lookups on them."""
        return self.filter(**columns).aggregate(sum=models.Sum("number"))["sum"] or 0

    def by_status(self, **columns: Any) -> dict[str, int]:
        """{status: how many records}, also of those in which there is none."""
        return dict.fromkeys((status.value for status in Status), 0) | dict(self.sums("status", **columns))


class RecordCount(models.Model):
    """How many records stand in one way, as a sum of rows: each change of a record adds -1 where it stood and 1 where
    it stands. Why it failed is part of how it stands.

    The database itself adds them, within the statement that changes the record, and nobody waits for another one:
    rows are only added. They are put together every minute (operations/maintenance/record_counts.py).
    """

    status = models.CharField(max_length=24)
    kind = models.CharField(max_length=32)
    hold = models.CharField(max_length=8)
    cause = models.TextField()
    number = models.BigIntegerField()

    objects = RecordCounts()

    def __str__(self) -> str:
        return f"{self.status} {self.kind} {self.hold}: {self.number}"


class SyncRecord(LeasedRow):
    """One Beteiligter on both sides. Times are aware UTC; JSON columns hold the shapes named beside them."""

    # A create that is cut off asks somebody to look; one whose holder was only slow would ask in vain.
    taken_early = models.Q(create_intent__isnull=True)
    at_a_glance = (*LeasedRow.at_a_glance, "espo_id", "requested", "completed")
    of_the_run = LeasedRow.of_the_run | {"betnr", "create_intent", "base_espo", "base_advo"}

    espo_id = models.CharField(_("EspoCRM id"), max_length=36, unique=True)
    betnr = models.BigIntegerField(_("betNr"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    assigned_user_id = models.CharField(_("responsible user"), max_length=36, blank=True)

    decisions = models.JSONField(default=dict, blank=True)  # {field: {"keep": side, "espo": value, "advo": value}}
    stamp_sent = models.DateTimeField(null=True, blank=True)  # advowareLastSync of a PATCH whose answer may be lost

    create_intent = models.JSONField(null=True, blank=True)  # {"at": iso, "run": fence} while a POST is under way
    create_released = models.BooleanField(default=False)  # somebody allowed the create of an old record
    base_espo = models.JSONField(default=dict, blank=True)  # {field: value} as EspoCRM held it
    base_advo = models.JSONField(default=dict, blank=True)  # {field: value} as Advoware held it
    base_versions = models.JSONField(default=dict, blank=True)  # {field: mapping version}
    row_id = models.TextField(blank=True)  # as long as Advoware likes
    version = models.BigIntegerField(null=True, blank=True)
    espo_modified_at = models.DateTimeField(null=True, blank=True)
    espo_created_at = models.DateTimeField(null=True, blank=True)
    # Whether people had edited EspoCRM's record since the last sync when we last wrote nothing but a status there.
    espo_touched = models.BooleanField(null=True, blank=True)
    lists = models.JSONField(default=dict, blank=True)  # contact lists as EspoCRM held them
    contact_rows = models.JSONField(default=dict, blank=True)  # the two lists as EspoCRM gave them last
    # EspoCRM's version (or time of change) as the last complete sync of the contact points left it.
    contacts_marker = models.CharField(max_length=40, blank=True)
    unconfirmed = models.BooleanField(default=False)  # written in Advoware, and nobody has looked there since
    # EspoCRM won a field in a run that has not come to its end: the contact points of that conflict are still owed.
    contacts_to_advoware = models.BooleanField(default=False)
    kommunikation_hash = models.CharField(max_length=16, blank=True)
    empty_lists_seen = models.JSONField(default=list, blank=True)  # contact lists that the last run found empty
    # What is known of each list of addresses and accounts as a whole: parts/child_lists/state.py.
    adressen_state = models.JSONField(default=dict, blank=True)
    bank_state = models.JSONField(default=dict, blank=True)
    list_seen = models.JSONField(default=dict, blank=True)  # sweep rows already seen
    espocrm_status = models.JSONField(default=dict, blank=True)  # bookkeeping that we last wrote to EspoCRM
    not_taken = models.JSONField(default=list, blank=True)  # [{"side", "field"}]: what a target did not keep
    # {field: {"value", "fault", "fence"}}: what EspoCRM refused of Advoware's values; not sent again as it is.
    refused_values = models.JSONField(default=dict, blank=True)
    # The newest act on many records that asked for a run of this one: what came of it is told from here.
    asked_by = models.ForeignKey(
        "syncapp.BulkAction", on_delete=models.SET_NULL, null=True, blank=True, related_name="asked_for"
    )
    # The act on many records that holds this one, if any: what it did can be undone as long as this names it.
    held_by = models.ForeignKey(
        "syncapp.BulkAction", on_delete=models.SET_NULL, null=True, blank=True, related_name="holds", db_index=False
    )
    reports = models.JSONField(default=list, blank=True)  # [{"code", "params"}]: hidden fields and the like
    # Of `fault`, made by the database; NULL where nothing is wrong.
    cause = models.GeneratedField(
        expression=CauseColumn(), output_field=models.TextField(null=True), db_persist=True, null=True
    )

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        constraints = (models.UniqueConstraint(fields=["betnr"], name="one_record_a_betnr"),)
        indexes = (
            models.Index(fields=["status", "next_retry_at"], name="record_due"),
            models.Index(fields=["status", "last_check"], name="record_recheck"),
            models.Index(fields=["late_look_at"], name="record_late_look"),
            models.Index(fields=["name"], name="record_name"),
            models.Index(fields=["dirty_since"], name="record_dirty_since"),
            models.Index(fields=["last_check"], name="record_last_check"),
            # The counts of the landing page and the lists of one kind of failure read this index alone.
            models.Index(fields=["status", "kind", "hold"], name="record_trouble"),
            # The records of one cause, those that have failed for longest first.
            models.Index(
                fields=["cause", "status", "kind", "hold", "dirty_since"],
                condition=models.Q(cause__isnull=False),
                name="record_cause",
            ),
            models.Index(fields=["last_check"], condition=models.Q(unconfirmed=True), name="record_unconfirmed"),
            models.Index(fields=["hold"], condition=~models.Q(hold=""), name="record_held"),
            models.Index(fields=["held_by"], condition=models.Q(held_by__isnull=False), name="record_held_by"),
        )

    def __str__(self) -> str:
        return f"{self.espo_id} / {self.betnr or '–'}"

    def history(self, relation: str, **columns: Any) -> models.Model:
        """With what still names the record there when it is gone, and whom a notice is for."""
        if relation in ("attempts", "notices"):
            columns["espo_id"] = self.espo_id
        if relation == "notices":
            columns["user_id"] = self.assigned_user_id
        return super().history(relation, **columns)

    @property
    def key(self) -> str:
        return f"cbeteiligte:{self.espo_id}"

    @property
    def linked(self) -> bool:
        """Whether the record is tied to a Beteiligter."""
        return self.betnr is not None
