"""Filters of the lists. Each is one indexed condition, or several of them; none counts.

To extend: derive from `ChoiceFilter`, or `SeveralFilter` where several values at once make sense, and give it its rows;
days are `day_range` (admin/finding/day_range.py).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import or_
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.forms import CheckboxForm, DropdownForm

from syncapp.admin.finding.numbers import number_in
from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.core.faults import causes as core_causes
from syncapp.core.faults.errors import WAITS_FOR_CHANGE
from syncapp.core.proxy.resources import RESOURCES
from syncapp.core.requests import Hold
from syncapp.core.states import DELETED, FAILING, WAITING, Status
from syncapp.engine import control
from syncapp.engine.rows.due import waits_for_person
from syncapp.models import CallOutcome, ChildKind, ProxyKey, StatusChoice
from syncapp.operations.monitoring import quiet
from syncapp.operations.monitoring.attention import WAITS_FOR_SYSTEM, ended_in_use, open_cases, waiting_cases
from syncapp.operations.monitoring.partition import conditions, stuck, waits_too_long
from syncapp.words import sentences
from syncapp.words.child_lists.cases import text_of
from syncapp.words.monitoring.heaps import HEAPS

lazy_label = lazy(sentences.field_label, str)
Row = tuple[str, Any, Callable[[], Q]]


class ChoiceFilter(SimpleListFilter):
    """A drop-down of named conditions."""

    template = "unfold/filters/filters_field.html"
    rows: ClassVar[Sequence[Row]] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, label, _condition in self.rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        condition = next((condition for key, _label, condition in self.rows if key == self.value()), None)
        return queryset.filter(condition()) if condition else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "form": DropdownForm(
                label=self.title,
                name=self.parameter_name,
                choices=[("", _("All")), *self.lookup_choices],
                data={self.parameter_name: self.value()},
                multiple=False,
            )
        }


class SeveralFilter(ChoiceFilter):
    """The same with several values at once: what meets any of them."""

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        self.chosen = tuple(params.get(str(self.parameter_name), ()))
        super().__init__(request, params, model, model_admin)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        met = [condition() for key, _label, condition in self.rows if key in self.chosen]
        return queryset.filter(reduce(or_, met)) if met else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "form": CheckboxForm(
                label=self.title,
                name=self.parameter_name,
                choices=self.lookup_choices,
                data={self.parameter_name: list(self.chosen)},
            )
        }


class StatusFilter(SeveralFilter):
    """Groups first, then each status."""

    title = _("Status")
    parameter_name = "status__exact"
    rows = (
        ("open", _("everything that is not in order"), lambda: ~Q(status__in=[Status.CLEAN, *DELETED])),
        ("failing", _("failed or permanently failed"), partial(Q, status__in=FAILING)),
        ("waiting", _("waiting for a sync"), partial(Q, status__in=WAITING)),
        *((choice.value, choice.label, partial(Q, status=choice.value)) for choice in StatusChoice),
    )


class KindFilter(SeveralFilter):
    title = _("Kind of error")
    parameter_name = "kind__exact"
    rows = (
        ("person", _("everything that waits for a person"), waits_for_person),
        *((kind, text.name, partial(Q, status__in=FAILING, kind=kind)) for kind, text in sentences.KINDS.items()),
    )


class CauseFilter(ChoiceFilter):
    """One cause below its kind: only where the page of causes leads here."""

    title = _("Cause")
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        cause = request.GET.get(self.parameter_name, "")
        pieces = core_causes.parts(cause)
        return [(cause, " ".join(piece for piece in pieces[1:] if piece) or pieces[0])] if pieces else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if core_causes.parts(self.value() or "") is None:
            return queryset
        return queryset.filter(status__in=FAILING, cause=self.value())


def _quiet() -> Q:
    return Q(pk__in=quiet.records(timezone.now()).values("pk"))


class QuietFilter(ChoiceFilter):
    title = _("Snoozed")
    parameter_name = "quiet"
    rows = (
        ("no", _("not snoozed"), lambda: ~_quiet()),
        ("yes", _("snoozed"), _quiet),
    )


def _older(**span: int) -> Callable[[], Q]:
    return lambda: Q(dirty_since__lt=timezone.now() - timedelta(**span))


class AgeFilter(ChoiceFilter):
    title = _("Unsynced for")
    parameter_name = "age"
    rows = (
        ("late", _("too long, and nobody is asked"), lambda: waits_too_long(timezone.now(), control.switches())),
        ("30m", _("more than 30 minutes"), _older(minutes=30)),
        ("4h", _("more than 4 hours"), _older(hours=4)),
        ("1d", _("more than a day"), _older(days=1)),
        ("7d", _("more than a week"), _older(days=7)),
    )


class HoldFilter(ChoiceFilter):
    title = _("Held by hand")
    parameter_name = "held"
    rows = (
        ("none", _("not held"), lambda: Q(hold="")),
        ("any", _("paused, ignored or unlinked"), lambda: ~Q(hold="")),
        ("paused", _("paused"), lambda: Q(hold=Hold.PAUSED)),
        ("ignored", _("ignored"), lambda: Q(hold=Hold.IGNORED)),
        ("unlinked", _("unlinked"), lambda: Q(hold=Hold.UNLINKED)),
    )


class CaseFilter(ChoiceFilter):
    """Whose cases; “mine” depends on who looks."""

    title = _("Looked after by")
    parameter_name = "case"
    rows = (
        ("mine", _("me"), lambda: Q(case__assignee__isnull=False)),
        ("somebody", _("somebody"), lambda: Q(case__assignee__isnull=False)),
        ("overdue", _("somebody, and overdue"), lambda: Q(case__due__lt=timezone.localdate())),
    )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().queryset(request, queryset)
        if self.value():
            found = found.exclude(status=Status.CLEAN)
        return found.filter(case__assignee=request.user) if self.value() == "mine" else found


def _heap(code: str) -> Callable[[], Q]:
    return lambda: conditions(timezone.now(), control.switches())[code]


def _any_of(*codes: str) -> Q:
    cuts = conditions(timezone.now(), control.switches())
    return reduce(or_, (cuts[code] for code in codes))


class GroupFilter(SeveralFilter):
    """Which part of the work: what kind of trouble the record is in; and each heap that a tile counts."""

    title = _("Group")
    parameter_name = "group"
    rows = (
        ("person", _("waits for a person"), waits_for_person),
        ("correct", _("has to be corrected"), lambda: Q(status=Status.FAILED, kind__in=WAITS_FOR_CHANGE)),
        ("itself", _("is tried again by itself"), lambda: Q(status=Status.FAILED, next_retry_at__isnull=False)),
        ("gone", _("gone on one side"), lambda: Q(status__in=DELETED)),
        ("system", _("goes on when both systems answer"), lambda: _any_of(*WAITS_FOR_SYSTEM)),
        *((code, label, _heap(code)) for code, label in HEAPS.items()),
    )


class LockFilter(ChoiceFilter):
    title = _("Lock")
    parameter_name = "lock"
    rows = (
        ("stuck", _("held by a run for too long"), lambda: stuck(timezone.now())),
        ("held", _("held by a run or a program"), lambda: ~Q(lease_token="")),
    )


class AskedFilter(ChoiceFilter):
    """What one act on many records has asked for: only where its page leads here."""

    title = _("Asked for by")
    parameter_name = "asked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        number = request.GET.get(self.parameter_name, "")
        return [(number, _("action %(number)s") % {"number": number})] if number_in(number) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        number = self.value() or ""
        return queryset.filter(asked_by_id=number_in(number)) if number_in(number) else queryset


class TaskFilter(ChoiceFilter):
    title = _("State")
    parameter_name = "done"
    rows = (
        ("open", _("to do"), lambda: Q(done_at__isnull=True)),
        ("done", _("done"), lambda: Q(done_at__isnull=False)),
    )


class ChildCaseFilter(ChoiceFilter):
    """Tasks about addresses and bank accounts: what needs somebody, what waits by choice, what is over."""

    title = _("State")
    parameter_name = "state"
    rows = (
        ("open", _("to do"), open_cases),
        ("waiting", _("waits to be carried"), waiting_cases),
        ("listed", _("only shown: stands there twice"), lambda: Q(closed_at=None, code=CaseCode.double)),
        ("answered", _("answered"), lambda: Q(closed_at=None, done_at__isnull=False)),
        ("closed", _("closed"), lambda: Q(closed_at__isnull=False)),
    )


class ChildKindFilter(ChoiceFilter):
    title = _("About")
    parameter_name = "kind__exact"
    rows = tuple((choice.value, choice.label, partial(Q, kind=choice.value)) for choice in ChildKind)


class ChildReasonFilter(SeveralFilter):
    title = _("Task")
    parameter_name = "code__exact"
    rows = tuple((code.value, text_of("", code).name, partial(Q, code=code.value)) for code in CaseCode)


class AlertFilter(ChoiceFilter):
    title = _("State")
    parameter_name = "state"
    rows = (
        ("open", _("open"), lambda: Q(closed_at__isnull=True)),
        ("unseen", _("open, seen by nobody"), lambda: Q(closed_at__isnull=True, acknowledged_at__isnull=True)),
        ("over", _("over"), lambda: Q(closed_at__isnull=False)),
    )


class OpenFilter(ChoiceFilter):
    title = _("State")
    parameter_name = "open__exact"
    rows = (
        ("1", _("to decide"), lambda: Q(open=True)),
        ("0", _("settled"), lambda: Q(open=False)),
    )


class FieldFilter(SeveralFilter):
    """Of conflicts: the field that changed on both sides."""

    title = _("Field")
    parameter_name = "field__in"
    rows = (
        *((row.key, lazy_label(row.key), partial(Q, field=row.key)) for row in MAPPING),
        ("lists", _("contact points, addresses and accounts"), lambda: ~Q(field__in=[row.key for row in MAPPING])),
    )


class KeyFilter(ChoiceFilter):
    """Of other programs: which keys can be used."""

    title = _("State")
    parameter_name = "state"
    rows = (
        ("usable", _("can be used"), lambda: Q(revoked_at=None, expires_at__gt=timezone.now())),
        ("ending", _("ends soon"), lambda: Q(revoked_at=None, expires_at__gt=timezone.now(), expires_at__lt=_soon())),
        ("missed", _("ended while in use"), lambda: ended_in_use(timezone.now())),
        ("over", _("ended or revoked"), lambda: Q(revoked_at__isnull=False) | Q(expires_at__lte=timezone.now())),
    )


def _soon() -> datetime:
    return timezone.now() + timedelta(days=settings.ALERT_PROXY_KEY_DAYS)


class CallKeyFilter(ChoiceFilter):
    title = _("Key")
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        names = ProxyKey.objects.order_by("name").values_list("pk", "name")
        return [("none", _("without a key")), *((str(pk), name) for pk, name in names)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value == "none":
            return queryset.filter(key=None)
        return queryset.filter(key_id=number_in(value)) if value and number_in(value) else queryset


class CallRowFilter(ChoiceFilter):
    title = _("Resource")
    parameter_name = "resource"
    rows = (
        *((row.template, row.template, partial(Q, template=row.template)) for row in RESOURCES),
        ("other", _("another one"), lambda: ~Q(template__in=[row.template for row in RESOURCES])),
    )


class CallOutcomeFilter(ChoiceFilter):
    title = _("Outcome")
    parameter_name = "outcome"
    rows = tuple((choice.value, choice.label, partial(Q, outcome=choice.value)) for choice in CallOutcome)


def _since(**span: int) -> Callable[[], Q]:
    return lambda: Q(at__gt=timezone.now() - timedelta(**span))


class CallAgeFilter(ChoiceFilter):
    title = _("Time")
    parameter_name = "since"
    rows = (
        ("1h", _("the last hour"), _since(hours=1)),
        ("1d", _("the last 24 hours"), _since(days=1)),
        ("7d", _("the last 7 days"), _since(days=7)),
        ("30d", _("the last 30 days"), _since(days=30)),
    )
