"""Somebody at work in Advoware's calendar: Termine and employees.

Invariant: nothing is saved but through `sandbox.advoware.termine`, so that stamps move as they do in Advoware.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from sandbox.advoware import termine
from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.termin_shape import stored
from sandbox.models.advoware import Mitarbeiter, Termin

TURNUS = ((0, "---"), (1, _("daily")), (2, _("weekly")), (3, _("monthly")), (4, _("yearly")))


def _text(label: Any, *, kind: str = "text", required: bool = False) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": kind})
    return forms.CharField(label=label, required=required, empty_value="", widget=widget)


def _switch(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanSwitchWidget)


class TerminForm(forms.ModelForm):
    """One form field per field of the API, under Advoware's own name."""

    anwalt = _text(_("Employee (kuerzel); empty: the whole firm"))
    datum = _text(_("Day"), kind="date", required=True)
    uhrzeitVon = _text(_("From"), kind="time")
    uhrzeitBis = _text(_("To"), kind="time")
    datumBis = _text(_("Last day (of a series: its end)"), kind="date")
    text = _text(_("Text"), required=True)
    ort = _text(_("Place"))
    notiz = forms.CharField(label=_("Note"), required=False, strip=False, widget=UnfoldAdminTextareaWidget)
    privat = _switch(_("Private"))
    dauertermin = _switch(_("Series"))
    turnusArt = forms.TypedChoiceField(
        label=_("Rhythm"), choices=TURNUS, coerce=int, initial=0, widget=UnfoldAdminSelectWidget
    )
    turnus = forms.IntegerField(
        label=_("Every … (1: each time)"), required=False, min_value=0, widget=UnfoldAdminIntegerFieldWidget
    )
    vorbereitungsDauer = _text(_("Preparation"), kind="time")

    class Meta:
        model = Termin
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        for name, field in self.fields.items():
            value = self.instance.fields.get(name)
            # Advoware's 0 and 1: a number 0 would be drawn as a switch that is on.
            self.initial[name] = bool(value) if isinstance(field, forms.BooleanField) else value

    def changes(self) -> dict[str, object]:
        """What the person changed, as a body of the API."""
        found = {name: self.cleaned_data.get(name) for name in self.changed_data}
        if "turnus" in found:
            found["turnus"] = found["turnus"] or 0
        return found

    def clean(self) -> dict[str, Any]:
        try:
            stored(self.changes(), by_person=True)
        except BadValue as bad:
            key = str(bad).partition(":")[0]
            self.add_error(key if key in self.fields else None, str(bad))
        return self.cleaned_data


@admin.register(Termin)
class TerminAdmin(ModelAdmin):
    form = TerminForm
    list_display = ("fr_nr", "anwalt", "datum", "uhrzeit", "text")
    search_fields = ("fr_nr", "fields__text", "fields__anwalt")
    readonly_fields = ("fr_nr", "row_id", "geaendert_am")
    ordering = ("-geaendert_am",)
    fieldsets = (
        (
            None,
            {"fields": ("anwalt", "datum", "uhrzeitVon", "uhrzeitBis", "datumBis", "text", "ort", "notiz", "privat")},
        ),
        (_("Series"), {"fields": ("dauertermin", "turnusArt", "turnus")}),
        (_("Kept by Advoware"), {"classes": ("collapse",), "fields": ("vorbereitungsDauer", *readonly_fields)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Termin]:
        return super().get_queryset(request).filter(gone=False)

    @admin.display(description=_("Employee"), ordering="fields__anwalt")
    def anwalt(self, row: Termin) -> str:
        return str(row.fields.get("anwalt") or "")

    @admin.display(description=_("Day"), ordering="fields__datum")
    def datum(self, row: Termin) -> str:
        return str(row.fields.get("datum") or "")

    @admin.display(description=_("From"))
    def uhrzeit(self, row: Termin) -> str:
        return str(row.fields.get("uhrzeitVon") or "")[:5]

    @admin.display(description=_("Text"))
    def text(self, row: Termin) -> str:
        return str(row.fields.get("text") or "")

    def save_model(self, request: HttpRequest, obj: Termin, form: TerminForm, change: bool) -> None:
        """An unchanged form is no write."""
        if not change:
            obj.pk = termine.create(form.changes()).pk
        elif form.changed_data:
            termine.edit(obj.pk, form.changes())
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Termin) -> None:
        termine.delete(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Termin]) -> None:
        for row in queryset:
            termine.delete(row.pk)


@admin.register(Mitarbeiter)
class MitarbeiterAdmin(ModelAdmin):
    list_display = ("kuerzel", "vorname", "name", "email", "aktiv")
