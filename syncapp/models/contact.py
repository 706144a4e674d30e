"""Contact links: which EspoCRM contact point belongs to which Advoware entry, and what both held at the last sync.

Invariant: the rows of a record are replaced as a whole, in the transaction that commits what they prove.
To extend: a column here mirrors a field of `core.kommunikation.shapes.Link`; the store.py of that part converts.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from syncapp.models.record import SyncRecord


class ContactLink(models.Model):
    """One entry's link. `entry_id` NULL: its POST is under way. `base` and `pending` hold the shapes of core."""

    record = models.ForeignKey(SyncRecord, on_delete=models.CASCADE, related_name="links")
    entry_id = models.BigIntegerField(_("entry in Advoware"), null=True)
    komm_kz = models.PositiveSmallIntegerField("kommKz")
    item_type = models.TextField(_("type in EspoCRM"), blank=True)  # as long as EspoCRM likes
    base = models.JSONField(_("at the last sync"), null=True)  # {"medium", "key", "espo", "advo"}
    # {"base", "tlf", "bemerkung", "remark_before", "cut_remark", "lands", "lost"}, or "idle" where nothing is written;
    # beside it "late": [{"tlf", "along", "base"}], and "patch": {"at", "of", "had", "beside", "link"}
    pending = models.JSONField(_("under way"), null=True)
    alias = models.BooleanField(_("follows another entry"), default=False)
    refused_remark = models.TextField(null=True)  # noqa: DJ001  (None: every remark was kept whole)
    refused_value = models.TextField(null=True)  # noqa: DJ001  (None: nothing was refused)
    no_room_told = models.BooleanField(default=False)
    type_change_told = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record", "entry_id"], name="one_link_an_entry"),)

    def __str__(self) -> str:
        return f"{self.entry_id or '–'} / kommKz {self.komm_kz}"
