"""An employee's calendar, which a pass holds as a whole, and the appointments in it.

Invariant: the appointment is the link between a Termin and an event; nothing else connects them. Appointments of a
calendar are written only by the pass that holds its lease, or, of what a person decides, the one column that says so.
To extend: a column of Appointment mirrors a field of `core.appointments.rows.AppointmentPair`;
entities/appointments/rows/store.py converts.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import Kind, PairStatus
from syncapp.core.faults.errors import WAITS_FOR_PERSON
from syncapp.core.states import Status
from syncapp.models.finding.search_text import FoundByText
from syncapp.models.leased_row import LeasedRow


class CalendarMode(models.TextChoices):
    """What passes of one calendar may do; the installation's own mode comes first."""

    OFF = "off", _("off")
    SHADOW = "shadow", _("shadow: everything is planned, nothing is written")
    LIVE = "live", _("live")


class SideChoice(models.TextChoices):
    ADVOWARE = CalendarSide.advoware.value, "Advoware"
    GOOGLE = CalendarSide.google.value, "Google"


class KindChoice(models.TextChoices):
    SINGLE = Kind.single.value, _("single")
    SERIES = Kind.series.value, _("series")
    SPECIAL = Kind.special.value, _("derived from another one")


class PairStatusChoice(models.TextChoices):
    """The statuses with the words people read; the values are those of `core.appointments.rows.PairStatus`."""

    OK = PairStatus.ok.value, _("equal on both sides")
    FAILED = PairStatus.failed.value, _("failed")
    ASK = PairStatus.ask.value, _("decision needed")
    UNSUPPORTED = PairStatus.unsupported.value, _("cannot be carried over")
    ONLY_IN_GOOGLE = PairStatus.only_in_google.value, _("only in Google")
    AWAITING_REMOVAL = PairStatus.awaiting_removal.value, _("to be deleted in Advoware by hand")
    CLOSED = PairStatus.closed.value, _("over")


class CalendarEmployee(LeasedRow):
    """One calendar: an employee's, or that of the whole firm. Times are aware UTC."""

    tells_people: ClassVar[bool] = False
    at_a_glance = (*LeasedRow.at_a_glance, "kuerzel")

    kuerzel = models.CharField(_("kuerzel"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    active = models.BooleanField(_("active"), default=True)
    # Not active: since when Advoware does not list them; NULL where a person set them aside. Active: since when they
    # are synced by a person's word, which no list takes back; NULL where Advoware names them.
    left_at = models.DateTimeField(null=True, blank=True)
    firm_wide = models.BooleanField(_("calendar of the whole firm"), default=False)
    google_address = models.EmailField(_("Google address"), blank=True)
    calendar_id = models.CharField(_("Google calendar"), max_length=255, blank=True)
    calendar_made_at = models.DateTimeField(_("calendar made"), null=True, blank=True)
    shared_role = models.CharField(_("shared as"), max_length=40, blank=True)  # as Google showed it last
    mode = models.CharField(_("mode"), max_length=8, choices=CalendarMode.choices, default=CalendarMode.SHADOW)
    full_content = models.BooleanField(_("with texts"), default=True)
    write_to_advoware = models.BooleanField(_("writes to Advoware"), default=False)
    # Who holds it and why, beside `hold`: empty where nobody does.
    hold_reason = models.TextField(_("reason"), blank=True)
    hold_actor = models.CharField(_("by"), max_length=150, blank=True)
    hold_since = models.DateTimeField(_("since"), null=True, blank=True)

    sync_token = models.TextField(blank=True)
    token_of = models.CharField(max_length=64, blank=True)  # fingerprint of the list that the token goes on from
    last_full_pass = models.DateTimeField(_("last full pass"), null=True, blank=True)
    # Of the newest pass: {"of": {action: how many planned}, "held": {...}, "deferred": n, "many_new": n}
    planned = models.JSONField(_("planned"), default=dict, blank=True)
    doubt = models.JSONField(default=dict, blank=True)  # {"side", "at"}: that list looked too short
    standstill = models.JSONField(default=dict, blank=True)  # core…standstill.Standstill: what the latest pass found
    # Generations (of `requested`) for which this was wanted: it holds until `completed` has reached them.
    full_wanted = models.PositiveBigIntegerField(default=0)
    force_wanted = models.PositiveBigIntegerField(default=0)
    anonymous_wanted = models.PositiveBigIntegerField(default=0)
    released = models.JSONField(default=dict, blank=True)  # {HoldReason or "many_new": generation}

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        constraints = (
            models.UniqueConstraint(Lower("kuerzel"), name="one_calendar_a_kuerzel"),
            models.UniqueConstraint(
                fields=["calendar_id"], condition=~models.Q(calendar_id=""), name="one_employee_a_calendar"
            ),
        )
        indexes = (models.Index(fields=["status", "next_retry_at"], name="calendar_due"),)

    def __str__(self) -> str:
        return self.kuerzel

    def history(self, relation: str, **columns: Any) -> models.Model:
        if relation == "attempts":
            columns["kuerzel"] = self.kuerzel
        return super().history(relation, **columns)

    @property
    def key(self) -> str:
        return f"calendar:{self.kuerzel}"

    @property
    def waits_for_person(self) -> bool:
        """Whether only a person's release lets it go on."""
        return self.status == Status.FAILED and self.kind in WAITS_FOR_PERSON

    def wants(self, generation: int) -> bool:
        """Whether what was wanted of that generation has not been done yet."""
        return generation > self.completed


class Appointment(models.Model):
    """One appointment in one calendar. JSON columns: shapes of core.appointments, see entities/appointments/rows.

    The bases hold what an appointment says: personal data, shown only to those who may see values.
    """

    employee = models.ForeignKey(
        CalendarEmployee, on_delete=models.CASCADE, related_name="appointments", verbose_name=_("calendar")
    )
    fr_nr = models.BigIntegerField(_("frNr"), null=True, blank=True)
    google_id = models.CharField(_("Google id"), max_length=1024)
    anwalt = models.CharField(_("employee in Advoware"), max_length=200, blank=True)
    generation = models.PositiveIntegerField(default=0)
    burnt = models.JSONField(default=list, blank=True)  # ids of earlier generations
    origin = models.CharField(_("made in"), max_length=8, choices=SideChoice.choices, default=SideChoice.ADVOWARE)
    kind = models.CharField(_("kind"), max_length=8, choices=KindChoice.choices, default=KindChoice.SINGLE)
    base_advoware = models.JSONField(_("Advoware at the last sync"), null=True, blank=True)  # Canonical
    base_google = models.JSONField(_("Google at the last sync"), null=True, blank=True)  # Canonical
    etag = models.CharField(max_length=200, blank=True)
    stamp = models.TextField(blank=True)  # Advoware's, a hint
    shown = models.CharField(_("shown"), max_length=10, default="full")  # core.appointments.forms.drafts.Shown
    resting = models.BooleanField(_("out of the window"), default=False)
    status = models.CharField(_("status"), max_length=20, choices=PairStatusChoice.choices, default=PairStatusChoice.OK)
    closed = models.CharField(_("over because"), max_length=10, blank=True)
    closed_at = models.DateTimeField(_("over since"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=32, blank=True)  # core…forms.reasons.FormReason
    notes = models.JSONField(_("noted"), default=list, blank=True)  # of Note
    intent = models.JSONField(null=True, blank=True)  # AppointmentIntent: a write without an answer
    waiting = models.JSONField(null=True, blank=True)  # CalendarEvent: what Google showed and is not settled
    exceptions = models.JSONField(_("exceptions"), default=list, blank=True)  # of SeriesException
    told = models.JSONField(default=list, blank=True)
    decided = models.JSONField(default=dict, blank=True)  # {question: choice}
    empty_since = models.DateTimeField(null=True, blank=True)
    reopened = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)  # singly, since Google showed it last

    # What the plan does not know of.
    starts_on = models.DateField(_("first day"), null=True, blank=True)  # of the base
    ends_on = models.DateField(_("last day"), null=True, blank=True)  # NULL: without end
    error_kind = models.CharField(_("kind of error"), max_length=32, blank=True)
    fault = models.JSONField(_("what is wrong"), default=dict, blank=True)  # {"code": str, "params": {...}}
    failed_as = models.CharField(max_length=64, blank=True)  # digest of what could not be carried
    retry_count = models.PositiveIntegerField(_("failed attempts"), default=0)
    wait_until = models.DateTimeField(_("next attempt"), null=True, blank=True)
    questions = models.JSONField(_("asked"), default=list, blank=True)  # [{"code", "groups", "candidates", "cannot"}]
    reports = models.JSONField(_("told"), default=list, blank=True)  # [{"code", "detail", "groups", "count", "at"}]
    advoware_written_at = models.DateTimeField(_("written to Advoware"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = (
            models.UniqueConstraint(
                fields=["employee", "fr_nr"], condition=models.Q(fr_nr__isnull=False), name="one_appointment_a_termin"
            ),
            models.UniqueConstraint(fields=["employee", "google_id"], name="one_appointment_an_event"),
        )
        indexes = (
            models.Index(fields=["employee", "status"], name="appointment_by_status"),
            models.Index(fields=["employee", "starts_on"], name="appointment_by_day"),
            models.Index(fields=["fr_nr"], name="appointment_fr_nr"),
            models.Index(fields=["closed_at"], name="appointment_closed"),
            models.Index(
                fields=["advoware_written_at"],
                condition=models.Q(advoware_written_at__isnull=False),
                name="appointment_written",
            ),
        )

    def __str__(self) -> str:
        return f"frNr {self.fr_nr or '–'}, {self.employee_id}"


class AppointmentSearchText(FoundByText):
    """What an appointment is found by: its subject and place; empty for those whose texts are kept from others."""

    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, primary_key=True, related_name="search_text"
    )

    def __str__(self) -> str:
        return str(self.appointment_id)
