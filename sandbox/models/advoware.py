"""What the stand-in Advoware stores.

Invariant: rows change through `sandbox.advoware.records` alone, which gives every write its new rowId and time.
A further field of a Beteiligter needs no column: `fields` holds the object as the API shows it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PresentManager(models.Manager["Beteiligter"]):
    def get_queryset(self) -> models.QuerySet["Beteiligter"]:
        return super().get_queryset().filter(gone=False)


class Beteiligter(models.Model):
    """`fields` is the API's object without its numbers, times and lists, so that null, "" and unknown keys survive.

    A deleted row stays, marked as gone, so that its number is never given out again.
    """

    bet_nr = models.PositiveIntegerField(_("betNr"), primary_key=True, editable=False)
    row_id = models.CharField(_("rowId"), max_length=64, editable=False)
    geaendert_am = models.DateTimeField(_("changed at"), editable=False)
    fields = models.JSONField(_("fields"), default=dict)
    gone = models.BooleanField(_("deleted"), default=False, editable=False)

    objects = PresentManager()
    with_gone = models.Manager["Beteiligter"]()

    class Meta:
        verbose_name = _("Advoware Beteiligter")
        verbose_name_plural = _("Advoware Beteiligte")
        ordering = ("bet_nr",)

    def __str__(self) -> str:
        names = (self.fields.get("name"), self.fields.get("vorname"))
        return f"{self.bet_nr} {', '.join(name for name in names if name)}"


class Mitarbeiter(models.Model):
    """An employee; has Termine under the kuerzel."""

    kuerzel = models.CharField(_("kuerzel"), max_length=10, primary_key=True)
    vorname = models.CharField(_("first name"), max_length=100, blank=True)
    name = models.CharField(_("name"), max_length=100)
    email = models.CharField(_("e-mail"), max_length=200, blank=True)
    aktiv = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("Advoware employee")
        verbose_name_plural = _("Advoware employees")
        ordering = ("kuerzel",)

    def __str__(self) -> str:
        return f"{self.kuerzel} {self.vorname} {self.name}"


class Termin(models.Model):
    """`fields` is the object by the names of the API; how it is shown say the switches. A deleted one stays as gone."""

    fr_nr = models.PositiveIntegerField(_("frNr"), primary_key=True, editable=False)
    row_id = models.CharField(_("rowId"), max_length=64, editable=False)
    geaendert_am = models.DateTimeField(_("changed at"), editable=False)
    fields = models.JSONField(_("fields"), default=dict)
    gone = models.BooleanField(_("deleted"), default=False, editable=False)

    class Meta:
        verbose_name = _("Advoware Termin")
        verbose_name_plural = _("Advoware Termine")
        ordering = ("fr_nr",)

    def __str__(self) -> str:
        return f"{self.fr_nr} {self.fields.get('datum', '')} {self.fields.get('text', '')}"


class Kommunikation(models.Model):
    """One contact point. null and "" are different answers of the API, hence text columns that take null."""

    beteiligter = models.ForeignKey(Beteiligter, models.CASCADE, related_name="kommunikation")
    row_id = models.CharField(_("rowId"), max_length=64, editable=False)
    komm_kz = models.PositiveSmallIntegerField(_("kommKz"))
    tlf = models.TextField(_("value"), null=True, blank=True)  # noqa: DJ001
    bemerkung = models.TextField(_("remark"), null=True, blank=True)  # noqa: DJ001
    online = models.BooleanField(_("online"), default=False)

    class Meta:
        verbose_name = _("Kommunikation")
        verbose_name_plural = _("Kommunikationen")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.komm_kz}: {self.tlf or '-'}"
