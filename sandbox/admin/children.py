"""Somebody at work on addresses and bank accounts, in either system.

Invariant: nothing is saved but through `sandbox.advoware.children` and `sandbox.espocrm.records`, so that rowIds,
versions and webhooks move as after a click in the real system.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from sandbox import delivery, faults
from sandbox.admin.espocrm import staff
from sandbox.advoware import children
from sandbox.advoware.bad_value import BadValue
from sandbox.espocrm import records
from sandbox.espocrm.answers import EspoRefusal
from sandbox.espocrm.entities import ADRESSEN, BANK, EntityType
from sandbox.models.advoware import Adresse, Bankverbindung, Beteiligter, ListEntry
from sandbox.models.espocrm import EspoAdresse, EspoBankverbindung, EspoRecord

LABELS: Mapping[str, Any] = {
    "strasse": _("Street"),
    "plz": _("Postal code"),
    "ort": _("City"),
    "land": _("Country"),
    "postfach": _("PO box"),
    "postfachPLZ": _("Postal code of the PO box"),
    "anschrift": _("Letter block"),
    "bemerkung": _("Remark"),
    "gueltigVon": _("Valid from"),
    "gueltigBis": _("Valid until"),
    "standardAnschrift": _("Default address"),
    "istStandard": _("Default"),
    "istAktiv": _("In use"),
    "iban": _("IBAN"),
    "bic": _("BIC"),
    "kontoinhaber": _("Account holder"),
    "bankname": _("Bank"),
    "name": _("Name"),
}
LONG = frozenset({"anschrift", "bemerkung"})


def _input(name: str, *, flag: bool) -> forms.Field:
    label = LABELS[name]
    if flag:
        return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanSwitchWidget)
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3}) if name in LONG else UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, required=False, empty_value=None, widget=widget)


class ValuesForm(forms.ModelForm):
    """One form field for each value; `held` are those that are stored, `flags` those that are no text."""

    names: ClassVar[tuple[str, ...]] = ()
    flags: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.held() if self.instance.pk else {}
        for name in self.names:
            self.fields[name] = _input(name, flag=name in self.flags)
            self.initial[name] = held.get(name)

    def held(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def values(self) -> dict[str, Any]:
        """What the person changed; all of it where it is new."""
        return {name: self.cleaned_data.get(name) for name in self.names if name in self.changed_data}


class EntryForm(ValuesForm):
    parent = forms.ModelChoiceField(label=_("Advoware Beteiligter"), queryset=Beteiligter.objects.all())

    class Meta:
        model = ListEntry
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["parent"]

    def held(self) -> Mapping[str, Any]:
        return self.instance.fields

    def clean(self) -> dict[str, Any]:
        which = children.LISTS[KIND_OF[self._meta.model]]
        try:
            children.checked(which, {**(self.instance.fields or {}), **self.values()})
        except BadValue as bad:
            key = str(bad).partition(":")[0]
            self.add_error(key if key in self.fields else None, str(bad))
        return self.cleaned_data


class AdresseForm(EntryForm):
    names = children.ADRESSEN.names
    flags = frozenset(children.ADRESSEN.flags)

    class Meta(EntryForm.Meta):
        model = Adresse


class BankverbindungForm(EntryForm):
    names = children.BANK.names

    class Meta(EntryForm.Meta):
        model = Bankverbindung


KIND_OF: Mapping[Any, str] = {Adresse: children.ADRESSEN.kind, Bankverbindung: children.BANK.kind}


class EntryAdmin(ModelAdmin):
    """Entries of one list; a person may also delete, which the API cannot."""

    list_select_related = ("beteiligter",)
    search_fields = ("beteiligter__bet_nr", "beteiligter__fields__name")
    readonly_fields = ("row_id", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListEntry]:
        return super().get_queryset(request).filter(kind=KIND_OF[self.model], beteiligter__gone=False)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        form: Any = self.form
        return [*form.names, "row_id", "position"] if obj else ["parent", *form.names]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return self.form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            made = children.create(form.cleaned_data["parent"].pk, KIND_OF[self.model], form.values())
            obj.pk = made.pk
        elif form.values():
            children.edit(obj, form.values())
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        children.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for entry in queryset:
            children.delete(entry)


@admin.register(Adresse)
class AdresseAdmin(EntryAdmin):
    form = AdresseForm
    list_display = ("beteiligter", "strasse", "town", "default")

    @admin.display(description=_("Street"))
    def strasse(self, row: Adresse) -> str:
        return str(row.fields.get("strasse") or row.fields.get("postfach") or "")

    @admin.display(description=_("City"))
    def town(self, row: Adresse) -> str:
        return " ".join(str(row.fields[name]) for name in ("plz", "ort") if row.fields.get(name))

    @admin.display(description=_("Default address"), boolean=True)
    def default(self, row: Adresse) -> bool:
        return bool(row.fields.get("standardAnschrift"))


@admin.register(Bankverbindung)
class BankverbindungAdmin(EntryAdmin):
    form = BankverbindungForm
    list_display = ("beteiligter", "iban", "bankname")

    @admin.display(description=_("IBAN"))
    def iban(self, row: Bankverbindung) -> str:
        return str(row.fields.get("iban") or "")

    @admin.display(description=_("Bank"))
    def bankname(self, row: Bankverbindung) -> str:
        return str(row.fields.get("bankname") or "")


# --- EspoCRM


class ItemForm(ValuesForm):
    entity: ClassVar[EntityType]
    parent = forms.ModelChoiceField(
        label=_("EspoCRM record"),
        queryset=EspoRecord.objects.filter(entity_type="CBeteiligte", deleted=False),
    )

    class Meta:
        model = EspoRecord
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["parent"] = self.instance.extra.get("beteiligteId")

    def held(self) -> Mapping[str, Any]:
        return {**self.instance.extra, "name": self.instance.name}

    def body(self) -> dict[str, Any]:
        parent = self.cleaned_data.get("parent")
        moved = {"beteiligteId": parent.pk} if parent and "parent" in self.changed_data else {}
        return {**self.values(), **moved}

    def clean(self) -> dict[str, Any]:
        try:
            records.check(self.entity, self.body(), creating=not self.instance.pk)
        except EspoRefusal as refusal:
            self.add_error(None, str(refusal.reason))
        return self.cleaned_data


class EspoAdresseForm(ItemForm):
    entity = ADRESSEN
    names = ("name", "strasse", "plz", "ort", "land", "postfach", "postfachPLZ", "istStandard", "istAktiv", "bemerkung")
    flags = frozenset({"istStandard", "istAktiv"})

    class Meta(ItemForm.Meta):
        model = EspoAdresse


class EspoBankverbindungForm(ItemForm):
    entity = BANK
    names = ("name", "iban", "bic", "kontoinhaber", "bankname", "istStandard", "istAktiv")
    flags = frozenset({"istStandard", "istAktiv"})

    class Meta(ItemForm.Meta):
        model = EspoBankverbindung


class ItemAdmin(ModelAdmin):
    search_fields = ("id", "name")
    list_display = ("name", "owner", "sync_state", "modified_at", "modified_by")
    readonly_fields = ("id", "version_number", "modified_at", "modified_by")
    ordering = ("-modified_at",)
    list_select_related = ("modified_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EspoRecord]:
        form: Any = self.form
        return super().get_queryset(request).filter(entity_type=form.entity.name, deleted=False)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        form: Any = self.form
        return ["parent", *form.names, *(self.readonly_fields if obj else ())]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return self.form

    @admin.display(description=_("EspoCRM record"))
    def owner(self, row: EspoRecord) -> str:
        found = EspoRecord.objects.filter(pk=row.extra.get("beteiligteId")).first()
        return str(found.name) if found else "-"

    @admin.display(description=_("sync status"))
    def sync_state(self, row: EspoRecord) -> str:
        return str(row.extra.get("syncStatus") or "")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.pk = records.create(form.entity, form.body(), staff())["id"]
        elif form.body():
            records.update(form.entity, obj.pk, form.body(), staff())
        obj.refresh_from_db()
        self._send_soon(request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        form: Any = self.form
        records.delete(form.entity, obj.pk, staff())
        self._send_soon(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def _send_soon(self, request: HttpRequest) -> None:
        if faults.socket_of(request) is not None:
            delivery.ensure_running()


@admin.register(EspoAdresse)
class EspoAdresseAdmin(ItemAdmin):
    form = EspoAdresseForm


@admin.register(EspoBankverbindung)
class EspoBankverbindungAdmin(ItemAdmin):
    form = EspoBankverbindungForm
