"""Somebody at work in EspoCRM: edits a record with its phones and e-mails.

Invariant: each save is one write through `sandbox.espocrm.records` by the staff user, with whole lists of contact
points, so that version, times, shared points and webhooks behave as after a click in EspoCRM.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from sandbox import delivery, faults
from sandbox.espocrm import contact_points, people, records, sender, validation
from sandbox.espocrm.answers import EspoRefusal, InvalidField
from sandbox.espocrm.entities import CHILDREN, ENTITY_TYPES, PLAIN, STATUSES, EntityType
from sandbox.models.espocrm import EspoRecord, EspoUser, EspoWebhook, Note, RecordEmail, RecordPhone

STAFF = "anna"
MASTER = {
    "CBeteiligte": ("name", "vorname", "rechtsform", "titel", "anrede", "b_anrede", "zusatz", "geburtsdatum"),
    "CBeteiligtePerson": (
        "salutation_name",
        "first_name",
        "last_name",
        "firmenname",
        "rechtsform",
        "titel",
        "b_anrede",
        "zusatz",
        "date_of_birth",
    ),
}
OTHERS = ("description", "assigned_user")
LINK = ("betnr", "sync_status")
KEPT = (
    "id",
    "entity_type",
    "version_number",
    "created_at",
    "created_by",
    "modified_at",
    "modified_by",
    "advoware_row_id",
    "advoware_last_sync",
    "kommunikation_hash",
    "sync_retry_count",
    "sync_next_retry",
    "sync_auto_reset_at",
    "sync_error_message",
)
DATES = ("geburtsdatum", "date_of_birth")


def staff() -> EspoUser:
    people.install()
    return EspoUser.objects.get(user_name=STAFF)


def entity_of(record: EspoRecord | None) -> EntityType:
    return ENTITY_TYPES[record.entity_type] if record is not None and record.entity_type else PLAIN


class RecordForm(forms.ModelForm):
    sync_status = forms.ChoiceField(
        label=_("sync status"),
        choices=[("", "---"), *((status, status) for status in STATUSES)],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = EspoRecord
        fields = tuple(dict.fromkeys(name for names in (*MASTER.values(), OTHERS, LINK) for name in names))
        widgets: ClassVar[dict[str, Any]] = {name: UnfoldAdminTextInputWidget(attrs={"type": "date"}) for name in DATES}

    def body(self) -> dict[str, Any]:
        """What the person changed, as attributes of the API."""
        entity = entity_of(self.instance)
        changed = {
            row.name: self.cleaned_data.get(row.store)
            for row in entity.stored
            if row.store in self.changed_data and not row.read_only
        }
        if "assigned_user" in self.changed_data:
            assigned = self.cleaned_data.get("assigned_user")
            changed["assignedUserId"] = assigned.id if assigned else None
        return changed

    def clean(self) -> dict[str, Any]:
        entity = entity_of(self.instance)
        try:
            validation.validate(entity, validation.sanitise(entity, self.body()), creating=not self.instance.pk)
        except InvalidField as bad:
            self.add_error(None, str(bad.reason))
        return self.cleaned_data


class ContactPointForm(forms.ModelForm):
    """A row of phoneNumberData or emailAddressData; the point itself is shared, so its values are no model fields."""

    kind: ClassVar[contact_points.ContactPointKind]
    value = forms.CharField(widget=UnfoldAdminTextInputWidget)
    opt_out = forms.BooleanField(label=_("Opted out"), required=False, widget=UnfoldBooleanSwitchWidget)
    invalid = forms.BooleanField(label=_("Invalid"), required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            point = self.instance.point
            self.initial.update({"value": point.name, "opt_out": point.opt_out, "invalid": point.invalid})

    def row(self) -> dict[str, Any]:
        given = self.cleaned_data
        flags = {"primary": given["primary"], "optOut": given["opt_out"], "invalid": given["invalid"]}
        return {self.kind.value: given["value"], **flags}

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("value"):
            values = contact_points.sanitise(self.kind, {self.kind.rows: [self.row()]})
            if contact_points.fault(self.kind, values):
                self.add_error("value", _("EspoCRM does not take this value."))
        return self.cleaned_data


class PhoneForm(ContactPointForm):
    kind = contact_points.PHONE
    type = forms.ChoiceField(label=_("type"), widget=UnfoldAdminSelectWidget)

    class Meta:
        model = RecordPhone
        fields = ("primary",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.point.type if self.instance.pk else None
        types = dict.fromkeys([*contact_points.phone_types(), *([held] if held else [])])
        self.fields["value"].label = _("number")
        self.fields["type"].choices = [(name, name) for name in types]  # type: ignore[attr-defined]
        self.initial["type"] = held or contact_points.default_phone_type()

    def row(self) -> dict[str, Any]:
        return {**super().row(), "type": self.cleaned_data.get("type")}


class EmailForm(ContactPointForm):
    kind = contact_points.EMAIL_KIND

    class Meta:
        model = RecordEmail
        fields = ("primary",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label = _("address")


class ContactFormSet(forms.BaseInlineFormSet):
    """All points of one kind: they are written as one list, so the list is judged as a whole, too."""

    def rows(self) -> list[dict[str, Any]]:
        forms_kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.row() for form in forms_kept if form.cleaned_data.get("value")]  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        kind = self.form.kind  # type: ignore[attr-defined]
        if not any(self.errors) and (
            broken := contact_points.fault(kind, contact_points.sanitise(kind, {kind.rows: self.rows()}))
        ):
            raise forms.ValidationError(_("EspoCRM does not take this list: %(rule)s"), params={"rule": broken})


class PhoneInline(TabularInline):
    model = RecordPhone
    form = PhoneForm
    formset = ContactFormSet
    fields = ("value", "type", "primary", "opt_out", "invalid")
    hide_title = True
    extra = 0


class EmailInline(TabularInline):
    model = RecordEmail
    form = EmailForm
    formset = ContactFormSet
    fields = ("value", "primary", "opt_out", "invalid")
    hide_title = True
    extra = 0


def contact_lists(formsets: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
    """The whole list of each kind of contact point of which something changed."""
    return {formset.form.kind.rows: formset.rows() for formset in formsets if formset.has_changed()}


@admin.register(EspoRecord)
class EspoRecordAdmin(ModelAdmin):
    form = RecordForm
    inlines: ClassVar[Sequence[type[TabularInline]]] = (PhoneInline, EmailInline)
    list_display = ("name", "first", "betnr", "sync_status", "modified_at", "modified_by", "state")
    list_filter = ("deleted", "entity_type", "sync_status")
    search_fields = ("id", "name", "betnr")
    readonly_fields = KEPT
    ordering = ("-modified_at",)
    list_select_related = ("modified_by",)
    actions = ("restore",)

    @admin.display(description=_("First name"))
    def first(self, record: EspoRecord) -> str:
        return record.vorname or record.first_name or ""

    @admin.display(description=_("State"))
    def state(self, record: EspoRecord) -> str:
        return str(_("deleted")) if record.deleted else ""

    def get_fieldsets(self, request: HttpRequest, obj: EspoRecord | None = None) -> Any:
        return (
            (None, {"fields": (*MASTER[entity_of(obj).name], *OTHERS)}),
            (_("Synchronisation"), {"fields": LINK}),
            (_("Kept by EspoCRM"), {"classes": ("collapse",), "fields": KEPT}),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EspoRecord]:
        """Records of other records have pages of their own."""
        return super().get_queryset(request).exclude(entity_type__in=[entity.name for entity in CHILDREN])

    def has_change_permission(self, request: HttpRequest, obj: EspoRecord | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj is not None and obj.deleted)

    def save_model(self, request: HttpRequest, obj: EspoRecord, form: RecordForm, change: bool) -> None:
        """Waits for the contact points: all of it is one write."""

    def save_related(self, request: HttpRequest, form: RecordForm, formsets: Any, change: bool) -> None:
        body = {**form.body(), **contact_lists(formsets)}
        entity = entity_of(form.instance)
        if change and body:
            records.update(entity, form.instance.pk, body, staff())
        elif not change:
            form.instance.pk = records.create(entity, body, staff(), skip_duplicate_check=True)["id"]
        self._send_soon(request)

    def _send_soon(self, request: HttpRequest) -> None:
        if faults.socket_of(request) is not None:
            delivery.ensure_running()

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return [{"added": {}}] if add else [{"changed": {"fields": sorted(form.changed_data)}}]

    def delete_model(self, request: HttpRequest, obj: EspoRecord) -> None:
        if not obj.deleted:
            records.delete(entity_of(obj), obj.pk, staff())
            self._send_soon(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EspoRecord]) -> None:
        for record in queryset:
            self.delete_model(request, record)

    @admin.action(description=_("Restore deleted records (announced to nobody)"))
    def restore(self, request: HttpRequest, queryset: QuerySet[EspoRecord]) -> None:
        for record in queryset:
            try:
                records.restore(entity_of(record), record.pk)
            except EspoRefusal as refusal:
                self.message_user(request, str(refusal.reason), messages.ERROR)


class LoggedRowAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(EspoWebhook)
class EspoWebhookAdmin(LoggedRowAdmin):
    list_display = ("event", "url", "is_active", "modified_at")
    exclude = ("secret_key",)
    actions = ("send_now",)

    @admin.action(description=_("Send all waiting webhooks now"))
    def send_now(self, request: HttpRequest, queryset: QuerySet[EspoWebhook]) -> None:
        statuses = sender.send_pending()
        self.message_user(
            request, _("%(count)s deliveries sent: %(statuses)s") % {"count": len(statuses), "statuses": statuses}
        )


@admin.register(Note)
class NoteAdmin(LoggedRowAdmin):
    list_display = ("created_at", "type", "post", "parent_id", "created_by")
    list_filter = ("type",)
    search_fields = ("post", "parent_id")
