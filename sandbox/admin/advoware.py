"""Somebody at work in Advoware: edits a Beteiligter with its Kommunikationen.

Invariant: nothing is saved but through `sandbox.advoware.records`, so that rowIds move as they do in Advoware.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from sandbox.advoware import records
from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.shape import DATE_FIELD, MAX_LENGTHS, RECHTSFORMEN, date_to_store, fields_to_store
from sandbox.models.advoware import Beteiligter, Kommunikation

KOMM_KZ = {
    1: "TelGesch",
    2: "FaxGesch",
    3: "Mobil",
    4: "MailGesch",
    5: "Internet",
    6: "TelPrivat",
    7: "FaxPrivat",
    8: "MailPrivat",
    9: "AutoTelefon",
    10: "Sonstige",
    11: "EPost",
    12: "Bea",
}


def _text(label: Any, maximum: int, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=maximum, required=required, empty_value="", widget=UnfoldAdminTextInputWidget
    )


class BeteiligterForm(forms.ModelForm):
    """One form field per synced field, under Advoware's own name; all other keys together as JSON."""

    name = _text(_("Name"), MAX_LENGTHS["name"], required=True)
    vorname = _text(_("First name"), MAX_LENGTHS["vorname"])
    rechtsform = forms.ChoiceField(
        label=_("Legal form"),
        choices=[("", "---"), *((text, text) for text in RECHTSFORMEN)],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    titel = _text(_("Title"), MAX_LENGTHS["titel"])
    anrede = _text(_("Form of address"), MAX_LENGTHS["anrede"])
    bAnrede = _text(_("Salutation in letters"), MAX_LENGTHS["bAnrede"])
    zusatz = _text(_("Name addition"), MAX_LENGTHS["zusatz"])
    geburtsdatum = forms.DateField(
        label=_("Date of birth"), required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    other = forms.JSONField(label=_("Other fields"), required=False, widget=UnfoldAdminTextareaWidget)

    class Meta:
        model = Beteiligter
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = dict(self.instance.fields) if self.instance.pk else dict(records.ALL_FIELDS)
        day = stored.pop(DATE_FIELD, None)
        self.initial[DATE_FIELD] = date.fromisoformat(str(day).partition("T")[0]) if day else None
        for key in MAX_LENGTHS:
            self.initial[key] = stored.pop(key, None) or ""
        self.initial["other"] = stored

    def changes(self) -> dict[str, object]:
        """What the person changed, as a body of the API."""
        found = {key: self.cleaned_data.get(key) or None for key in self.changed_data if key in MAX_LENGTHS}
        if DATE_FIELD in self.changed_data:
            day = self.cleaned_data.get(DATE_FIELD)
            found[DATE_FIELD] = date_to_store(day.isoformat() if day else None)
        if "other" in self.changed_data:
            found |= self.cleaned_data.get("other") or {}
        return found

    def clean(self) -> dict[str, Any]:
        try:
            fields_to_store({**(self.instance.fields or {}), **self.changes()})
        except BadValue as bad:
            key = str(bad).partition(":")[0]
            self.add_error(key if key in self.fields else None, str(bad))
        return self.cleaned_data


class KommunikationForm(forms.ModelForm):
    komm_kz = forms.TypedChoiceField(
        label=_("Kind"),
        coerce=int,
        choices=[(number, f"{number} {name}") for number, name in KOMM_KZ.items()],
        widget=UnfoldAdminSelectWidget,
    )
    tlf = forms.CharField(
        label=_("Value"), required=False, empty_value=None, strip=False, widget=UnfoldAdminTextInputWidget
    )
    bemerkung = forms.CharField(
        label=_("Remark"), required=False, empty_value=None, strip=False, widget=UnfoldAdminTextInputWidget
    )
    online = forms.BooleanField(label=_("Online"), required=False, widget=UnfoldBooleanSwitchWidget)

    class Meta:
        model = Kommunikation
        fields = ("komm_kz", "tlf", "bemerkung", "online")

    def body(self) -> dict[str, object]:
        names = {"komm_kz": "kommKz", "tlf": "tlf", "bemerkung": "bemerkung", "online": "online"}
        return {
            names[name]: self.cleaned_data[name] for name in names if name in self.changed_data or not self.instance.pk
        }


class KommunikationInline(TabularInline):
    model = Kommunikation
    form = KommunikationForm
    hide_title = True
    extra = 0


@admin.register(Beteiligter)
class BeteiligterAdmin(ModelAdmin):
    form = BeteiligterForm
    inlines: ClassVar[Sequence[type[TabularInline]]] = (KommunikationInline,)
    list_display = ("bet_nr", "name", "vorname", "rechtsform", "geaendert_am")
    search_fields = ("bet_nr", "fields__name", "fields__vorname")
    readonly_fields = ("bet_nr", "row_id", "geaendert_am")
    ordering = ("-geaendert_am",)
    fieldsets = (
        (None, {"fields": ("name", "vorname", "rechtsform", "titel", "anrede", "bAnrede", "zusatz", "geburtsdatum")}),
        (_("Other fields"), {"classes": ("collapse",), "fields": ("other",)}),
        (_("Kept by Advoware"), {"classes": ("collapse",), "fields": ("bet_nr", "row_id", "geaendert_am")}),
    )

    @admin.display(description=_("Name"), ordering="fields__name")
    def name(self, row: Beteiligter) -> str:
        return str(row.fields.get("name") or "")

    @admin.display(description=_("First name"), ordering="fields__vorname")
    def vorname(self, row: Beteiligter) -> str:
        return str(row.fields.get("vorname") or "")

    @admin.display(description=_("Legal form"))
    def rechtsform(self, row: Beteiligter) -> str:
        return str(row.fields.get("rechtsform") or "")

    def save_model(self, request: HttpRequest, obj: Beteiligter, form: BeteiligterForm, change: bool) -> None:
        """An unchanged form is no write: editing an entry alone leaves the Beteiligter's rowId as it is."""
        if not change:
            obj.pk = records.create(form.changes()).pk
        elif form.changed_data:
            records.edit(obj.pk, form.changes())
        obj.refresh_from_db()

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        bet_nr = form.instance.pk
        formset.save(commit=False)  # only sorts the rows into new, changed and deleted ones
        for entry in formset.deleted_objects:
            records.delete_kommunikation(bet_nr, entry.pk)
        for row in formset.initial_forms:
            if row.has_changed() and row not in formset.deleted_forms:
                records.edit_kommunikation(bet_nr, row.instance.pk, row.body())
        for row in formset.extra_forms:
            if row.has_changed() and row not in formset.deleted_forms:
                records.create_kommunikation(bet_nr, row.body())

    def delete_model(self, request: HttpRequest, obj: Beteiligter) -> None:
        records.delete(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Beteiligter]) -> None:
        for row in queryset:
            records.delete(row.pk)
