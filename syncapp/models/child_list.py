"""Addresses and bank accounts of a record: which item belongs to which entry, and what people have to do about them.

Invariant: the links of one kind are replaced as a whole, in the transaction that commits what they prove; a case is
open once for each link and reason. To extend: a column of ChildLink mirrors a field of
`core.child_lists.shapes.PairLink`; entities/beteiligte/parts/child_lists/store.py converts. A further kind is a value
of ChildKind.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from syncapp.models.record import SyncRecord


class ChildKind(models.TextChoices):
    ADRESSEN = "adressen", _("addresses")
    BANK = "bank", _("bank accounts")


class ChildLink(models.Model):
    """One link. `espo_id` or `entry_id` NULL: that side is not there, or its create is under way.

    The bases hold an address, or what may be kept of an account: personal data, erased with the record.
    """

    record = models.ForeignKey(SyncRecord, on_delete=models.CASCADE, related_name="child_links")
    kind = models.CharField(_("kind"), max_length=16, choices=ChildKind.choices)
    # A webhook of a deleted item carries this alone, hence the index over all records.
    espo_id = models.CharField(_("id in EspoCRM"), max_length=64, null=True, db_index=True)  # noqa: DJ001
    entry_id = models.BigIntegerField(_("entry in Advoware"), null=True)
    state = models.CharField(_("state"), max_length=16)
    alias_of = models.CharField(_("follows"), max_length=8, blank=True)
    base_espo = models.JSONField(_("EspoCRM at the last sync"), null=True)
    base_advo = models.JSONField(_("Advoware at the last sync"), null=True)
    pending = models.JSONField(_("under way"), null=True)  # {"at", "sent", "seen"}
    refused = models.JSONField(_("refused"), null=True)  # {"by", "value"}
    sent = models.JSONField(default=list)  # intents of a write without an answer, shape: core.intents.Intent
    late = models.JSONField(default=list)  # those that may still land
    missing = models.BooleanField(_("not there at the last look"), default=False)
    letter_block = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["record", "kind", "espo_id"],
                condition=Q(state="linked", alias_of=""),
                name="one_pair_an_item",
            ),
            models.UniqueConstraint(
                fields=["record", "kind", "entry_id"],
                condition=Q(state="linked", alias_of=""),
                name="one_pair_an_entry",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.espo_id or '–'} / {self.entry_id or '–'}"


class ChildCase(models.Model):
    """A task for people. `params` hold what its text needs; of an account only country and last four signs.

    `done_at` without `closed_at`: somebody said that it is done, or stays as it is; a changed text opens it again.
    `answer`: what was said (core.child_lists.decisions), until the run that takes it up has committed its links.
    """

    record = models.ForeignKey(SyncRecord, on_delete=models.CASCADE, related_name="child_cases")
    kind = models.CharField(_("kind"), max_length=16, choices=ChildKind.choices)
    code = models.CharField(_("reason"), max_length=32)
    row = models.PositiveSmallIntegerField()  # of the decision table
    # "" and 0: the case has no such side; NULL would make every such case a different one.
    espo_id = models.CharField(max_length=64, blank=True)
    entry_id = models.BigIntegerField(default=0)
    params = models.JSONField(default=dict)
    opened_at = models.DateTimeField(_("since"))
    told_at = models.DateTimeField(_("told"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    done_by = models.CharField(_("done by"), max_length=150, blank=True)
    answer = models.CharField(_("answer"), max_length=16, blank=True)
    answer_entry = models.BigIntegerField(default=0)  # the number that was found in Advoware
    answered_in = models.ForeignKey(
        "syncapp.BulkAction", on_delete=models.SET_NULL, null=True, blank=True, related_name="answered"
    )
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("task about an address or account")
        verbose_name_plural = _("addresses and accounts")
        constraints = (
            models.UniqueConstraint(
                fields=["record", "kind", "code", "espo_id", "entry_id"],
                condition=Q(closed_at__isnull=True),
                name="one_open_case_a_reason",
            ),
        )
        indexes = (models.Index(fields=["closed_at", "opened_at"], name="child_cases_open"),)

    def __str__(self) -> str:
        return f"{self.code} ({self.kind})"
