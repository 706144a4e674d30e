"""Pages of the calendars: who sees them, what they say, what their acts do; and that nothing shows without Google."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import conditional_escape

from syncapp.admin.addresses import PAGES
from syncapp.admin.navigation import CALENDARS
from syncapp.core.appointments.forms.google_ids import FR_NR, OWN_ID
from syncapp.engine import control
from syncapp.entities.appointments.rows import search_text
from syncapp.models import (
    Appointment,
    AppointmentConflict,
    BulkAction,
    CalendarEmployee,
    CalendarPass,
    OperatorLog,
)
from syncapp.operations import alerts
from syncapp.operations.actions.bulk import many
from syncapp.operations.alerts import digest
from syncapp.operations.calendars import cleaning, employees, overview, sharing
from syncapp.operations.calendars.actions import CALENDAR_ACTIONS
from syncapp.operations.calendars.sharing import SharedCalendar
from syncapp.operations.onboarding.roles import OF_CALENDARS
from syncapp.remotes.advoware.termine import Employee
from syncapp.remotes.google_calendar.events import read_event
from syncapp.words.calendars.pass_faults import FAULTS
from syncapp.words.plain_errors import PlainError
from tests.support.roles import group_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
LISTS = [entry.address for entry in CALENDARS]


@pytest.fixture
def in_use(settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"


def calendar(kuerzel: str = "SB", **columns: Any) -> CalendarEmployee:
    chosen = {
        "name": "Sabine Berg",
        "google_address": "sb@kanzlei.example",
        "calendar_id": f"{kuerzel}@group",
        **columns,
    }
    return CalendarEmployee.objects.create(kuerzel=kuerzel, **chosen)


def ask(client: Client, asked: str) -> str:
    """What Ctrl+K answers."""
    return client.get(reverse("admin:search"), {"s": asked, "extended": "1"}).text


def form(days: int = 1, **more: Any) -> dict[str, Any]:
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    base = {"when": [False, f"{day}T09:00", f"{day}T10:00"], "rule": None, "text": "Verhandlung", "ort": "Saal 2"}
    return {**base, "notiz": "", "privat": False, **more}


def appointment(row: CalendarEmployee, days: int = 1, **columns: Any) -> Appointment:
    said = form(days)
    day = timezone.localdate() + timedelta(days=days)
    number = columns.setdefault("fr_nr", 4711)
    google_id = f"g{number}"
    chosen = {"google_id": google_id, "base_advoware": said, "base_google": said, "starts_on": day, "ends_on": day}
    return Appointment.objects.create(employee=row, **{**chosen, **columns})


def page(name: str, *args: object) -> str:
    return reverse(f"admin:{name}", args=args)


class TestWithoutGoogle:
    """GOOGLE_SERVICE_ACCOUNT_FILE is empty: nothing of calendars shows anywhere."""

    @pytest.mark.parametrize("name", LISTS)
    def test_lists_are_not_there(self, boss: Client, name: str) -> None:
        assert boss.get(reverse(name)).status_code == 403

    @pytest.mark.parametrize("name", [name for _route, _view, name in PAGES if name.startswith("calendar")])
    def test_pages_are_not_there(self, boss: Client, name: str) -> None:
        row = calendar()
        args = {"calendar_act": [row.pk, "pass_now"], "calendars_import": [], "calendars_add": []}.get(name, [row.pk])
        assert boss.get(page(f"ops_{name}", *args)).status_code in (404, 405)

    def test_home_and_menu_say_nothing(self, boss: Client) -> None:
        appointment(calendar(), status="ask")
        text = boss.get(reverse("admin:index")).text
        assert "Kalender" not in text
        assert "Termin" not in text

    def test_roles_say_nothing_of_their_rights_and_keep_them(self, boss: Client, settings: Any) -> None:
        role = group_of("Operator")
        for text in (boss.get(page("ops_user_new")).text, boss.get(page("auth_group_change", role.pk)).text):
            assert "Kalender" not in text
            assert "Termine" not in text
        chosen = role.permissions.exclude(codename__in=OF_CALENDARS)
        boss.post(page("auth_group_change", role.pk), {"name": role.name, "permissions": [one.pk for one in chosen]})
        settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
        assert "Darf Kalender einrichten" in boss.get(page("ops_user_new")).text
        assert role.permissions.filter(codename__in=OF_CALENDARS).count() == len(OF_CALENDARS)


@pytest.mark.usefixtures("in_use")
class TestLists:
    @pytest.mark.parametrize("name", LISTS)
    def test_are_called_as_in_the_menu(self, boss: Client, name: str) -> None:
        row = calendar()
        made = appointment(
            row, status="failed", error_kind="validation", fault={"code": "remote_validation", "params": {}}
        )
        AppointmentConflict.objects.create(record=row, appointment=made, code="conflict", field="text", side="google")
        CalendarPass.objects.create(record=row, kuerzel="SB", started_at=timezone.now(), outcome="done", verdict="full")
        answer = boss.get(reverse(name))
        assert answer.status_code == 200
        assert str(next(one.title for one in CALENDARS if one.address == name)) in answer.text

    def test_subjects_need_the_right_to_see_values(self, as_role: Callable[..., Client]) -> None:
        appointment(calendar())
        url = reverse("admin:syncapp_appointment_changelist")
        assert "Verhandlung" in as_role("Clerk").get(url).text
        assert "Verhandlung" not in as_role("Reader").get(url).text

    def test_appointments_of_a_day_stand_in_its_order(self, boss: Client) -> None:
        row, day = calendar(), (timezone.localdate() + timedelta(days=1)).isoformat()
        for number, start in enumerate((f"{day}T10:30", f"{day}T09:00", day)):
            said = form() | {"when": ["T" not in start, start, start]}
            appointment(row, fr_nr=number, base_advoware=said, base_google=said)
        later = appointment(row, days=2)
        found = boss.get(reverse("admin:syncapp_appointment_changelist")).context["cl"].result_list
        starts = [one.base_advoware["when"][1] for one in found]
        assert starts == [day, f"{day}T09:00", f"{day}T10:30", later.base_advoware["when"][1]]

    def test_what_comes_stands_before_what_is_past(self, boss: Client) -> None:
        row, today = calendar(), timezone.localdate()
        for days in (-5, 3, -1, 1):
            appointment(row, days=days, fr_nr=4720 + days)
        weekly = appointment(row, days=-90, fr_nr=4790)
        Appointment.objects.filter(pk=weekly.pk).update(ends_on=None)
        days = [-90, 1, 3, -1, -5]
        assert self.days(boss, today) == days
        assert self.days(boss, today, o="0") == sorted(days)
        assert self.days(boss, today, o="-0") == sorted(days, reverse=True)
        begin, end = (today - timedelta(days=2)).isoformat(), (today + timedelta(days=1)).isoformat()
        assert self.days(boss, today, starts_on_from=begin, starts_on_until=end) == [1, -1]

    @pytest.mark.parametrize("asked", ["Müller, Jörg", "muller", "Joerg", "jm", "Dr. Müller"])
    @pytest.mark.parametrize("name", LISTS)
    def test_every_list_finds_by_the_name_of_the_employee(self, boss: Client, name: str, asked: str) -> None:
        for row in (calendar("JM", name="Jörg Müller"), calendar()):
            made = appointment(row, base_advoware=None, base_google=None)
            AppointmentConflict.objects.create(record=row, appointment=made, code="conflict", field="text")
            CalendarPass.objects.create(record=row, kuerzel=row.kuerzel, started_at=timezone.now(), outcome="done")
        assert len(boss.get(reverse(name)).context["cl"].result_list) == 2
        found = boss.get(reverse(name), {"q": asked}).context["cl"].result_list
        owner = {"calendaremployee": "kuerzel", "appointment": "employee.kuerzel"}
        way = owner.get(found[0]._meta.model_name, "record.kuerzel")
        assert [attrgetter(way)(one) for one in found] == ["JM"]

    @staticmethod
    def days(client: Client, today: date, **query: str) -> list[int]:
        answer = client.get(reverse("admin:syncapp_appointment_changelist"), query)
        return [(one.starts_on - today).days for one in answer.context["cl"].result_list]

    @pytest.mark.parametrize("place, column", [(1, "name"), (2, "status"), (3, "mode"), (5, "last_check")])
    def test_calendars_are_put_in_order(self, boss: Client, place: int, column: str) -> None:
        for number, kuerzel in enumerate(("AB", "CD", "EF")):
            CalendarEmployee.objects.filter(pk=calendar(kuerzel).pk).update(
                name=f"Person {number}",
                status=("failed", "clean", "dirty")[number],
                mode=("shadow", "live", "off")[number],
                last_check=timezone.now() - timedelta(hours=number),
            )
        address = reverse("admin:syncapp_calendaremployee_changelist")
        for sign in ("", "-"):
            found = boss.get(address, {"o": f"{sign}{place}"}).context["cl"].result_list
            values = [getattr(one, column) for one in found]
            assert values == sorted(values, reverse=bool(sign))

    def test_the_log_names_whose_calendar_it_was(self, boss: Client) -> None:
        row = calendar()
        OperatorLog.objects.create(actor="jan.peters", action="calendar_pause", target="SB")
        OperatorLog.objects.create(actor="jan.peters", action="calendar_pause", target="ZZ")
        text = boss.get(reverse("admin:syncapp_operatorlog_changelist")).text
        link = reverse("admin:syncapp_calendaremployee_change", args=[row.pk])
        assert f'href="{link}">Sabine Berg (SB)</a>' in text
        assert "ZZ" in text

    def test_the_passes_say_which_of_them_leave_no_entry(self, boss: Client) -> None:
        text = boss.get(reverse("admin:syncapp_calendarpass_changelist")).text
        assert "bei dem nichts zu tun war, hinterlässt hier keinen Eintrag" in text

    def test_the_passes_are_cut_to_how_they_ended(self, boss: Client) -> None:
        row, address = calendar(), reverse("admin:syncapp_calendarpass_changelist")
        for outcome in ("done", "failed", "held"):
            CalendarPass.objects.create(record=row, kuerzel=row.kuerzel, started_at=timezone.now(), outcome=outcome)
        found = boss.get(address, {"outcome__exact": ["failed", "held"]}).context["cl"].result_list
        assert {one.outcome for one in found} == {"failed", "held"}

    def test_ctrl_k_finds_appointments_by_their_number(self, as_role: Callable[..., Client], boss: Client) -> None:
        row, other = appointment(calendar(), fr_nr=4711), appointment(calendar("KM"), fr_nr=4712)
        answer = ask(boss, "4711")
        assert page("syncapp_appointment_change", row.pk) in answer
        assert page("syncapp_appointment_change", other.pk) not in answer
        assert "Verhandlung" in answer
        assert "Verhandlung" not in ask(as_role("Auditor"), "4711")

    def test_ctrl_k_finds_appointments_by_what_they_say(self, as_role: Callable[..., Client]) -> None:
        row = calendar()
        past = appointment(row, days=-2, fr_nr=4711)
        coming = [appointment(row, days=days, fr_nr=4711 + days, google_id=f"c{days}") for days in (2, 1)]
        private = form() | {"privat": True}
        hidden = appointment(row, fr_nr=4720, google_id="p", base_advoware=private, base_google=private)
        search_text.fill_gaps()
        answer = ask(as_role("Clerk"), "verhandlung saal")
        places = [answer.index(page("syncapp_appointment_change", one.pk)) for one in (*reversed(coming), past)]
        assert places == sorted(places), "those to come first, the nearest before the others"
        assert page("syncapp_appointment_change", hidden.pk) not in answer
        assert "<mark>Verhandlung</mark>" in answer
        assert "Sabine Berg (SB)" in answer
        for blind in (ask(as_role("Reader"), "verhandlung"), ask(as_role("Auditor"), "verhandlung")):
            assert "syncapp/appointment/" not in blind
            assert "nur über die frNr" in blind

    def test_what_is_mistyped_is_offered_what_comes_near(self, as_role: Callable[..., Client]) -> None:
        made = appointment(calendar())
        search_text.fill_gaps()
        here = reverse("admin:syncapp_appointment_changelist")
        for answer in (
            ask(as_role("Clerk"), "Ferhandlung"),
            as_role("Clerk").get(here, {"q": "Ferhandlung"}).text,
        ):
            assert "Meinten Sie einen dieser Einträge?" in answer
            assert page("syncapp_appointment_change", made.pk) in answer
        assert "sehen Sie am Tag nach" in as_role("Clerk").get(here, {"q": "Xylophon"}).text
        blind = as_role("Reader").get(here, {"q": "Ferhandlung"}).text
        assert "Verhandlung" not in blind
        assert "nur über die frNr" in blind

    def test_both_lists_are_searched_by_what_appointments_say(self, as_role: Callable[..., Client]) -> None:
        row = calendar()
        made, other = appointment(row), appointment(row, fr_nr=4712, google_id="o", base_advoware=form(text="Notar"))
        for one in (made, other):
            AppointmentConflict.objects.create(record=row, appointment=one, code="conflict", field="when")
        Appointment.objects.filter(pk=other.pk).update(base_google=form(text="Notar", ort="Celle"))
        search_text.fill_gaps()
        for name, keys in (("appointment", ("pk",)), ("appointmentconflict", ("appointment_id",))):
            here = reverse(f"admin:syncapp_{name}_changelist")
            for asked, wanted in (("Celle", {other.pk}), ("4711", {made.pk}), ("Berg", {made.pk, other.pk})):
                found = as_role("Clerk").get(here, {"q": asked}).context["cl"].result_list
                assert {getattr(one, *keys) for one in found} == wanted, (name, asked)
        text = as_role("Clerk").get(reverse("admin:syncapp_appointment_changelist"), {"q": "Celle"}).text
        assert "<mark>Celle</mark>" in text
        assert "Notar" in text

    def test_as_many_queries_for_many_calendars(self, boss: Client, django_assert_max_num_queries: Any) -> None:
        for number in range(12):
            appointment(calendar(f"K{number}"), fr_nr=number)
        with django_assert_max_num_queries(16):
            boss.get(reverse("admin:syncapp_calendaremployee_changelist"))

    @pytest.mark.parametrize("pile", ["open", "failed", "ask", "unsupported", "only_in_google", "awaiting_removal"])
    def test_piles(self, boss: Client, pile: str) -> None:
        row = calendar()
        for number, status in enumerate(("ok", "failed", "ask", "unsupported", "only_in_google", "awaiting_removal")):
            appointment(row, fr_nr=100 + number, status=status, reason="leap_day" if status == "unsupported" else "")
        text = boss.get(reverse("admin:syncapp_appointment_changelist"), {"pile": pile}).text
        assert text.count("frNr 10") == (5 if pile == "open" else 1)


@pytest.mark.usefixtures("in_use")
class TestCalendar:
    def test_its_weeks_show_both_sides(self, boss: Client) -> None:
        row = calendar()
        made = appointment(row)
        asked = appointment(row, fr_nr=4712, status="ask", base_google=form(1, text="verschoben"))
        text = boss.get(page("syncapp_calendaremployee_change", row.pk)).text
        assert "09:00–10:00" in text
        for one, tone in ((made, "good"), (asked, "warn")):
            assert f'<a class="ops-entry ops-{tone}" href="{page("syncapp_appointment_change", one.pk)}">' in text
        assert "weicht auf beiden Seiten voneinander ab" in text

    def test_a_reader_sees_when_but_not_what(self, as_role: Callable[..., Client]) -> None:
        row = calendar()
        appointment(row)
        text = as_role("Reader").get(page("syncapp_calendaremployee_change", row.pk)).text
        assert "09:00–10:00" in text
        assert "Verhandlung" not in text
        assert "Saal 2" not in text

    def test_a_stopped_one_says_why_and_what_to_do(self, boss: Client) -> None:
        fault = {"code": "too_many_removals", "params": {"planned": 12, "of": 30}}
        row = calendar(status="failed", kind="needs_confirmation", fault=fault)
        text = boss.get(page("syncapp_calendaremployee_change", row.pk)).text
        assert "12 von 30" in text
        assert "Trotzdem weitermachen" in text

    @pytest.mark.parametrize("status", ["permanently_failed", "dirty"])
    def test_one_that_is_given_up_is_not_told_as_equal_and_stands_on_the_landing_page(
        self, status: str, boss: Client
    ) -> None:
        """Also while a light pass of each minute tries it anew: it is wrong until one goes well."""
        fault = {"code": "remote_transient", "params": {"system": "google_calendar", "reason": "no answer in time"}}
        row = calendar(status=status, kind="transient", fault=fault, auto_reset_at=timezone.now())
        appointment(row)
        listed = f"{page('syncapp_calendaremployee_changelist')}?state=given_up"
        for address in (page("syncapp_calendaremployee_change", row.pk), listed):
            text = boss.get(address).text
            assert "keine Antwort innerhalb der Wartezeit" in text
            assert "Beide Seiten sind gleich" not in text
        home = boss.get(reverse("admin:index"))
        assert "Kalender dauerhaft fehlgeschlagen" in home.text
        assert listed in home.text
        assert not home.context["well"]
        assert boss.get(listed).context["cl"].result_count == overview.tasks().given_up == 1
        alerts.evaluate()
        assert sum("dauerhaft fehlgeschlagen" in line for line in digest.digest_lines()) == 1

    def test_a_first_load_shows_how_far_it_is_and_the_page_is_loaded_anew_when_it_is_over(self, boss: Client) -> None:
        row = calendar(status="syncing", planned={"of": {"insert_event": 3}, "all": 3})
        appointment(row)
        appointment(row, fr_nr=4712, base_google=None)
        address = page("ops_calendar_progress", row.pk)
        text = boss.get(page("syncapp_calendaremployee_change", row.pk)).text
        assert f'hx-get="{address}"' in text
        for shown in (text, boss.get(address).text):
            assert "1 von 3 Terminen stehen in Google." in shown
            assert '<progress max="3" value="1"' in shown
        CalendarEmployee.objects.update(status="clean")
        assert boss.get(address).headers["HX-Refresh"] == "true"
        assert address not in boss.get(page("syncapp_calendaremployee_change", row.pk)).text

    def test_a_first_load_that_nobody_goes_on_with_shows_no_progress(self, boss: Client) -> None:
        row = calendar(status="dirty", planned={"of": {"insert_event": 3}, "all": 3}, hold="paused")
        appointment(row)
        assert boss.get(page("ops_calendar_progress", row.pk)).headers["HX-Refresh"] == "true"

    @pytest.mark.parametrize("given", ["", "2026-13-99", "9999-12-31", "0001-01-01"])
    def test_an_odd_week_is_this_one(self, boss: Client, given: str) -> None:
        row = calendar()
        assert boss.get(page("syncapp_calendaremployee_change", row.pk), {"week": given}).status_code == 200


@pytest.mark.usefixtures("in_use")
class TestActs:
    @pytest.mark.parametrize("code", CALENDAR_ACTIONS)
    def test_asks_first(self, boss: Client, code: str) -> None:
        row = calendar()
        answer = boss.get(page("ops_calendar_act", row.pk, code))
        assert answer.status_code == 200
        assert str(CALENDAR_ACTIONS[code].label) in answer.text
        assert not OperatorLog.objects.exists()

    @pytest.mark.parametrize("code", CALENDAR_ACTIONS)
    def test_needs_its_right(self, as_role: Callable[..., Client], code: str) -> None:
        assert as_role("Reader").post(page("ops_calendar_act", calendar().pk, code)).status_code == 403

    def test_a_pass_is_requested(self, clerk: Client, rung: list[Any]) -> None:
        row = calendar()
        answer = clerk.post(page("ops_calendar_act", row.pk, "full_pass"), follow=True)
        row.refresh_from_db()
        assert (row.full_wanted, rung) == (row.requested, [([row.pk], "sync_calendars")])
        assert "Durchgang ist angefordert" in answer.text
        assert OperatorLog.objects.get().target == "SB"

    def test_what_is_in_the_way_of_a_pass_is_said_before_it_is_asked_for(self, clerk: Client) -> None:
        control.set_mode(mode="paused", by="anna", reason="Umzug")
        said = "Angefordertes bleibt vorgemerkt"
        row = calendar()
        assert said in clerk.get(page("ops_calendar_act", row.pk, "pass_now")).text
        assert said not in clerk.get(page("ops_calendar_act", row.pk, "release_lock")).text

    def test_going_live_needs_a_reason_and_a_calendar(self, boss: Client) -> None:
        row = calendar(calendar_id="")
        url = page("ops_calendar_act", row.pk, "go_live")
        boss.post(url, {"reason": "Pilot"})
        row.refresh_from_db()
        assert row.mode == "shadow"
        CalendarEmployee.objects.update(calendar_id="x@group")
        boss.post(url)
        row.refresh_from_db()
        assert row.mode == "shadow"
        boss.post(url, {"reason": "Pilot"})
        row.refresh_from_db()
        assert row.mode == "live"

    def test_pause_and_resume(self, boss: Client) -> None:
        row = calendar()
        boss.post(page("ops_calendar_act", row.pk, "pause"), {"reason": "Urlaub"})
        row.refresh_from_db()
        assert (row.hold, row.hold_reason, row.hold_actor) == ("paused", "Urlaub", "chefin")
        assert timezone.now() - row.hold_since < timedelta(minutes=1)
        said = row.hold_since.astimezone(timezone.get_current_timezone()).strftime("%H:%M")
        for url in (page("syncapp_calendaremployee_change", row.pk), page("syncapp_calendaremployee_changelist")):
            text = boss.get(url).text
            assert "Pausiert von chefin seit" in text
            assert f"{said}: Urlaub" in text.replace(" Uhr:", ":")
        boss.post(page("ops_calendar_act", row.pk, "resume"))
        row.refresh_from_db()
        assert (row.hold, row.hold_reason, row.hold_actor, row.hold_since) == ("", "", "", None)
        assert "Pausiert" not in boss.get(page("syncapp_calendaremployee_change", row.pk)).text

    def test_one_that_was_set_aside_is_taken_up_again(self, boss: Client) -> None:
        row = calendar(active=False, left_at=timezone.now())
        address = page("ops_calendar_act", row.pk, "take_up")
        shown = boss.get(page("syncapp_calendaremployee_change", row.pk)).text
        assert "Wieder abgleichen" in shown
        assert (address in shown, page("ops_calendar_act", row.pk, "switch_off") in shown) == (True, False)
        boss.post(address, {"reason": "freie Mitarbeiterin"})
        row.refresh_from_db()
        assert (row.active, row.mode) == (True, "shadow")
        assert address not in boss.get(page("syncapp_calendaremployee_change", row.pk)).text

    def test_a_hold_that_nobody_put_a_name_to_is_said_all_the_same(self, boss: Client) -> None:
        row = calendar(hold="paused")
        assert "Von Hand pausiert." in boss.get(page("syncapp_calendaremployee_change", row.pk)).text

    @pytest.mark.parametrize(
        "columns, only, said, code",
        [
            ({}, ["AI"], "Die Einstellung CALENDAR_ONLY lässt diesen Kalender aus", "calendar_not_chosen"),
            ({"active": False}, [], "Nicht mehr aktiv", "calendar_set_aside"),
            ({"mode": "off"}, [], "Der Kalender ist ausgeschaltet", "calendar_off"),
        ],
    )
    def test_one_that_is_left_alone_says_why_and_takes_no_pass(
        self,
        boss: Client,
        rung: list[Any],
        settings: Any,
        columns: dict[str, Any],
        only: list[str],
        said: str,
        code: str,
    ) -> None:
        settings.CALENDAR_ONLY = only
        row = calendar(status="dirty", requested=1, **columns)
        text = boss.get(page("syncapp_calendaremployee_change", row.pk)).text
        assert said in text
        with translation.override("de"):
            assert conditional_escape(FAULTS[code].cause) in text
            assert conditional_escape(FAULTS[code].advice) in text
        assert page("ops_calendar_act", row.pk, "pass_now") not in text
        assert said in boss.post(page("ops_calendar_act", row.pk, "pass_now"), follow=True).text
        assert rung == []

    def test_what_a_shadow_has_planned_is_not_said_to_be_under_way(self, boss: Client) -> None:
        row = calendar(status="dirty", requested=3, deferred=3)
        assert "Es wird nichts geschrieben" in boss.get(page("syncapp_calendaremployee_change", row.pk)).text
        CalendarEmployee.objects.update(requested=4)
        assert "angefordert" in boss.get(page("syncapp_calendaremployee_change", row.pk)).text

    def test_one_more_by_hand_and_its_address(self, boss: Client) -> None:
        boss.post(page("ops_calendars_add"), {"kuerzel": "NN", "name": "Neu", "address": ""})
        row = CalendarEmployee.objects.get()
        boss.post(page("ops_calendar_address", row.pk), {"address": "kein@@"})
        row.refresh_from_db()
        assert row.google_address == ""
        boss.post(page("ops_calendar_address", row.pk), {"address": "neu@kanzlei.example"})
        row.refresh_from_db()
        assert (row.google_address, row.mode) == ("neu@kanzlei.example", "shadow")


def _tidy_world(monkeypatch: pytest.MonkeyPatch, row: CalendarEmployee, *, gone: bool = True) -> list[str]:
    """Google holds two equal events of ours without an appointment, one that is linked, one that somebody typed in."""
    events = {
        name: read_event(
            {
                "id": name,
                "etag": f'"{name}"',
                "summary": text,
                "start": {"dateTime": "2030-01-01T09:00:00+01:00"},
                "end": {"dateTime": "2030-01-01T10:00:00+01:00"},
                "extendedProperties": {"private": {OWN_ID: name, FR_NR: str(number)} if number else {}},
            }
        )
        for name, text, number in (("aa1", "A", 71), ("aa2", "A", 71), ("bb1", "B", 72), ("cc1", "A", 0))
    }
    appointment(row, fr_nr=72, google_id="bb1")
    removed: list[str] = []
    monkeypatch.setattr(cleaning, "_living", lambda row: [one for name, one in events.items() if name not in removed])
    monkeypatch.setattr(cleaning, "_is_gone", lambda row, number: gone)
    monkeypatch.setattr(cleaning, "google_calendar_client", lambda: _Google(removed))
    return removed


class _Google:
    def __init__(self, removed: list[str]) -> None:
        self.removed = removed

    def for_employee(self, kuerzel: str) -> "_Google":
        return self

    def delete(self, calendar_id: str, event: Any) -> bool:
        self.removed.append(event.id)
        return True


@pytest.mark.usefixtures("in_use")
class TestBackground:
    """What calls Google is done by a worker, and the page says how far it has come and what came of it."""

    def test_making_and_sharing_waits_for_a_worker(
        self, boss: Client, rung: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = calendar(calendar_id="")
        shared = SharedCalendar("SB", made=True, seen=True, listed=True)
        monkeypatch.setattr(sharing, "make_and_share", lambda row, **given: shared)
        answer = boss.post(page("ops_calendar_act", row.pk, "share"), {"reason": "neu"})
        bulk = BulkAction.objects.get()
        assert (answer["Location"], rung) == (page("ops_many", bulk.pk), [([bulk.pk], "do_bulk_actions")])
        assert "0 von 1" in boss.get(answer["Location"]).text
        many.work(bulk_id=bulk.pk)
        text = boss.get(page("ops_many_progress", bulk.pk)).text
        assert "Der Kalender wurde in Google angelegt. Er ist freigegeben und steht in der Kalenderliste" in text
        assert page("syncapp_calendaremployee_change", row.pk) in text
        log = OperatorLog.objects.get()
        assert (log.action, log.target, log.reason) == ("share_calendar", "SB", "neu")

    def test_many_at_once_and_each_refusal_in_words(
        self, boss: Client, rung: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [calendar(kuerzel) for kuerzel in ("AI", "SB")]

        def share(row: CalendarEmployee, **given: Any) -> SharedCalendar:
            if row.kuerzel == "SB":
                raise PlainError("Google antwortet nicht.")
            return SharedCalendar("AI", made=False, seen=True, listed=False)

        monkeypatch.setattr(sharing, "make_and_share", share)
        chosen = {"action": "share_calendar", "_selected_action": [row.pk for row in rows], "index": 0}
        answer = boss.post(reverse("admin:syncapp_calendaremployee_changelist"), chosen)
        question = boss.get(answer["Location"]).text
        assert "Betrifft <b>2</b> Kalender" in question
        assert "<li>AI</li><li>SB</li>" in question
        boss.post(answer["Location"])
        many.work(bulk_id=BulkAction.objects.get().pk)
        text = boss.get(answer["Location"]).text
        assert "1 ausgelassen: Google antwortet nicht." in text
        assert page("syncapp_calendaremployee_changelist") in text

    def test_a_clerk_may_not(self, as_role: Callable[..., Client]) -> None:
        row = calendar()
        for name in ("ops_calendar_clean", "ops_calendar_untidy", "ops_calendars_import", "ops_calendars_add"):
            args = [row.pk] if "calendar_" in name else []
            assert as_role("Clerk").get(page(name, *args)).status_code == 403, name

    def test_the_page_of_the_clean_up_asks_nobody(self, boss: Client) -> None:
        text = boss.get(page("ops_calendar_clean", calendar().pk)).text
        assert page("ops_calendar_untidy", CalendarEmployee.objects.get().pk) in text

    def test_what_was_shown_goes_and_nothing_else(
        self, boss: Client, rung: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = calendar()
        removed = _tidy_world(monkeypatch, row)
        shown = boss.get(page("ops_calendar_untidy", row.pk)).text
        assert "2 Einträge in Google entfernen" in shown
        events = json.dumps([["aa1", '"aa1"'], ["aa2", '"aa2"']])
        assert conditional_escape(events) in shown
        answer = boss.post(page("ops_calendar_clean", row.pk), {"events": events, "reason": "aufräumen"})
        assert removed == []
        assert many.work(bulk_id=BulkAction.objects.get().pk) == 2
        assert removed == ["aa1", "aa2"]
        assert "2 von 2" in boss.get(answer["Location"]).text
        assert OperatorLog.objects.get().target == "SB"

    @pytest.mark.parametrize(
        "event, etag, gone, why",
        [
            ("bb1", '"bb1"', True, "nicht nachweislich"),  # linked
            ("cc1", '"cc1"', True, "nicht nachweislich"),  # typed in by somebody
            ("aa1", '"old"', True, "inzwischen geändert"),
        ],
    )
    def test_an_old_page_removes_nothing_that_is_somebodys(
        self, boss: Client, monkeypatch: pytest.MonkeyPatch, event: str, etag: str, gone: bool, why: str
    ) -> None:
        row = calendar()
        removed = _tidy_world(monkeypatch, row, gone=gone)
        answer = boss.post(page("ops_calendar_clean", row.pk), {"events": json.dumps([[event, etag]])})
        many.work(bulk_id=BulkAction.objects.get().pk)
        assert removed == []
        assert why in boss.get(answer["Location"]).text

    def test_what_is_gone_already_counts_as_done(self, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        row = calendar()
        _tidy_world(monkeypatch, row)
        boss.post(page("ops_calendar_clean", row.pk), {"events": json.dumps([["zz9", '"zz9"']])})
        many.work(bulk_id=BulkAction.objects.get().pk)
        assert BulkAction.objects.get().done == 1

    @pytest.mark.parametrize("events", ["", "x", "[]", "{}", "[1]", '[["a"]]', '[["a", 1]]', '[["a b", "c"]]', "\x00"])
    def test_odd_choices_are_none(self, boss: Client, events: str) -> None:
        answer = boss.post(page("ops_calendar_clean", calendar().pk), {"events": events})
        assert "Es war nichts ausgewählt" in answer.text
        assert not BulkAction.objects.exists()

    def test_a_reason_stays_for_the_list_that_comes_after_the_page(self, boss: Client) -> None:
        answer = boss.post(page("ops_calendar_clean", calendar().pk), {"events": "", "reason": "doppelt"})
        assert ">doppelt</textarea>" in answer.text

    def test_a_reason_stays_where_the_calendar_has_moved_on(self, boss: Client) -> None:
        row = calendar(hold="paused")
        text = boss.post(page("ops_calendar_act", row.pk, "pause"), {"reason": "Urlaub"}).text
        assert "Der Kalender ist schon pausiert." in text
        assert ">Urlaub</textarea>" in text

    def test_google_that_does_not_answer_is_said(self, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(row: CalendarEmployee) -> Any:
            raise PlainError("Google antwortet nicht.")

        monkeypatch.setattr(cleaning, "_living", away)
        answer = boss.get(page("ops_calendar_untidy", calendar().pk))
        assert (answer.status_code, "Google antwortet nicht." in answer.text) == (200, True)


@pytest.mark.usefixtures("in_use")
class TestImport:
    def read(self, boss: Client, monkeypatch: pytest.MonkeyPatch, *found: Employee) -> str:
        monkeypatch.setattr(employees, "advoware_client", lambda: SimpleNamespace(employees=lambda: found))
        return boss.post(page("ops_calendars_import"), follow=True).text

    def test_asks_first(self, boss: Client) -> None:
        assert "im Schattenbetrieb" in boss.get(page("ops_calendars_import")).text
        assert not CalendarEmployee.objects.exists()

    def test_new_left_and_named_twice_are_said(self, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        calendar("XX")
        text = self.read(
            boss, monkeypatch, *(Employee(kuerzel, f"N {kuerzel}", "", True) for kuerzel in ("RO", "AI", "ro"))
        )
        assert "2 neu: RO, AI." in text
        assert "Nicht mehr in Advoware, jetzt nicht mehr aktiv: XX." in text
        assert "In Advoware doppelt genannt, einmal übernommen: ro." in text
        assert {row.kuerzel: (row.active, row.mode) for row in CalendarEmployee.objects.all()} == {
            "AI": (True, "shadow"),
            "RO": (True, "shadow"),
            "XX": (False, "shadow"),
        }

    def test_advoware_that_does_not_answer_is_said_and_nobody_is_set_aside(
        self, boss: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away() -> Any:
            raise PlainError("Advoware antwortet nicht.")

        calendar("XX")
        monkeypatch.setattr(employees, "advoware_client", away)
        answer = boss.post(page("ops_calendars_import"))
        assert (answer.status_code, "Advoware antwortet nicht." in answer.text) == (200, True)
        assert CalendarEmployee.objects.get().active


@pytest.mark.usefixtures("in_use")
class TestAppointment:
    def test_says_what_is_asked_and_takes_the_answer(self, clerk: Client, rung: list[Any]) -> None:
        row = appointment(
            calendar(), status="ask", questions=[{"code": "conflict", "groups": ["text"], "candidates": []}]
        )
        url = page("syncapp_appointment_change", row.pk)
        assert "Welche Fassung gilt?" in clerk.get(url).text
        clerk.post(page("ops_calendar_decide", row.pk), {"code": "conflict", "choice": "google"})
        row.refresh_from_db()
        assert row.decided == {"conflict:text": "google"}
        assert rung
        assert "Es gilt die Fassung aus Google" in clerk.get(url).text

    def test_a_wrong_answer_is_refused(self, clerk: Client) -> None:
        row = appointment(
            calendar(), status="ask", questions=[{"code": "ambiguous", "groups": [], "candidates": [7, 8]}]
        )
        answer = clerk.post(page("ops_calendar_decide", row.pk), {"code": "ambiguous", "choice": "9"}, follow=True)
        row.refresh_from_db()
        assert row.decided == {}
        assert "keine Antwort auf diese Frage" in answer.text

    def test_a_reason_stays_with_the_question_whose_answer_was_refused(self, clerk: Client) -> None:
        asked = [{"code": code, "groups": ["text"], "candidates": []} for code in ("conflict", "oscillates")]
        row = appointment(calendar(), status="ask", questions=asked)
        said = {"code": "oscillates", "choice": "beide", "reason": "laut Anruf"}
        text = clerk.post(page("ops_calendar_decide", row.pk), said).text
        _conflict, _, swing = text.partition('value="oscillates"')
        assert ">laut Anruf</textarea>" in swing
        assert 'id="fault"' in swing
        assert text.count("laut Anruf") == text.count('id="fault"') == 1
        assert f'data-address="{page("syncapp_appointment_change", row.pk)}"' in text

    def test_an_answer_to_what_is_asked_no_more_is_told_on_the_page_as_it_is_now(self, clerk: Client) -> None:
        row = appointment(calendar(), status="ok")
        answer = clerk.post(page("ops_calendar_decide", row.pk), {"code": "conflict", "choice": "google"})
        assert answer.text.count("Danach wird nicht mehr gefragt.") == 1

    def test_what_cannot_be_is_not_offered_and_says_why(self, clerk: Client) -> None:
        asked = {"code": "gone_and_changed", "groups": [], "candidates": [], "cannot": "not_allowed"}
        row = appointment(calendar(), status="ask", questions=[asked])
        text = clerk.get(page("syncapp_appointment_change", row.pk)).text
        assert "In Advoware neu anlegen lässt er sich nicht: Aus diesem Kalender" in text
        assert ("auch in Google löschen" in text, "Er gilt noch: in Advoware neu anlegen" in text) == (True, False)
        clerk.post(page("ops_calendar_decide", row.pk), {"code": "gone_and_changed", "choice": "google"})
        row.refresh_from_db()
        assert row.decided == {}

    def test_what_one_may_not_do_is_not_offered(self, as_role: Callable[[str], Client]) -> None:
        asked = {"code": "many_new", "groups": [], "candidates": []}
        row = appointment(calendar(), status="ask", questions=[asked])
        AppointmentConflict.objects.create(record=row.employee, appointment=row, code="conflict", field="text")
        for role, releases, restores in (("Reader", False, False), ("Clerk", False, True), ("Operator", True, True)):
            client = as_role(role)
            text = client.get(page("syncapp_appointment_change", row.pk)).text
            assert (page("ops_calendar_act", row.employee_id, "release") in text) is releases
            assert ("jemand mit dem Recht" in text) is not releases
            listed = client.get(page("syncapp_appointmentconflict_changelist")).text
            assert ("Zurückholen" in listed) is restores

    def test_a_task_names_the_number(self, clerk: Client) -> None:
        row = appointment(calendar(), status="awaiting_removal")
        assert "frNr 4711" in clerk.get(page("syncapp_appointment_change", row.pk)).text

    def test_home_counts_what_needs_somebody(self, clerk: Client) -> None:
        row = calendar()
        appointment(row, fr_nr=1, status="ask")
        appointment(row, fr_nr=2, status="awaiting_removal")
        text = clerk.get(reverse("admin:index")).text
        assert "Termin zu entscheiden" in text
        assert "Termin in Advoware zu löschen" in text

    @pytest.mark.parametrize("field", ["text", "when"])
    def test_what_cannot_be_brought_back_says_why(self, clerk: Client, field: str) -> None:
        row = calendar(write_to_advoware=False)
        lost = AppointmentConflict.objects.create(
            record=row, appointment=appointment(row), code="put_back", field=field, side="google", value="x", lost="x"
        )
        answer = clerk.post(page("ops_calendar_restore", lost.pk))
        assert "wird nichts nach Advoware übertragen" in answer.text


@pytest.mark.parametrize("configured", [True, False])
def test_writes_to_google_can_be_stopped_where_there_is_google(boss: Client, settings: Any, configured: bool) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json" if configured else ""
    assert (page("ops_switch", "hold_google") in boss.get(reverse("admin:ops_switches")).text) is configured
