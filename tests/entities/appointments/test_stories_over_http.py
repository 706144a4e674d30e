"""Failure stories of calendar syncs elsewhere, by their numbers, over HTTP against both stand-ins."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.entities.appointments import configured, due_passes
from syncapp.models import CalendarEmployee, RemoteFact
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.calendars import decisions, overview, passes, sharing
from syncapp.operations.calendars.employees import add
from syncapp.remotes.google_calendar.client import GoogleCalendarClient
from syncapp.words.plain_errors import PlainError
from tests.support.calendars import Office, before_write, day, hours


def filled(office: Office, number: int, **columns: object) -> list[int]:
    """That many Termine, synced."""
    office.hire(**columns)
    made = [office.enter(one + 1, text=f"Termin {one}") for one in range(number)]
    office.sync()
    assert office.employee().status == "clean", office.employee().fault
    return made


class TestStory05EmptyLists:
    def test_an_empty_list_of_advoware_is_read_again(self, office: Office) -> None:
        filled(office, 60)
        office.sandbox.fault("advoware", "status", status=200, body="[]", method="GET", path_contains="Termine")
        office.clear()
        assert office.sync().status == "failed"
        assert (office.writes(), office.employee().fault["code"]) == (0, "list_in_doubt")
        office.due()
        office.is_silent()

    def test_a_calendar_that_was_given_up_is_not_mended_by_a_list_in_doubt(self, office: Office) -> None:
        """Its alert would be over, and begin anew with the next failure."""
        filled(office, 60)
        until = timezone.now() + timedelta(hours=5)
        CalendarEmployee.objects.update(status=Status.PERMANENTLY_FAILED, auto_reset_at=until)
        office.sandbox.fault("advoware", "status", status=200, body="[]", method="GET", path_contains="Termine")
        office.sync()
        assert (office.employee().fault["code"], office.employee().auto_reset_at) == ("list_in_doubt", until)
        office.due()
        office.sync()
        assert (office.employee().status, office.employee().auto_reset_at) == ("clean", None)

    def test_advoware_that_stays_empty_deletes_nothing(self, office: Office) -> None:
        made = filled(office, 60)
        office.sandbox.fault(
            "advoware", "status", status=200, body="[]", method="GET", path_contains="Termine", count=None
        )
        office.clear()
        for _number in range(3):
            office.sync(full=True)
            office.due()
        assert office.employee().status == "failed"
        assert office.writes() == 0
        office.sandbox.heal()
        assert len(office.events()) == len(made)

    def test_an_empty_list_of_google_is_read_again(self, office: Office) -> None:
        filled(office, 12)
        body = '{"items": [], "nextSyncToken": "x"}'
        office.sandbox.fault("google", "status", status=200, body=body, method="GET", path_contains="/events")
        office.clear()
        assert office.sync(full=True).status == "failed"
        assert (office.writes(), office.employee().fault["code"]) == (0, "list_in_doubt")
        office.due()
        office.sync(full=True)
        office.is_silent()
        assert len(office.events()) == 12

    def test_a_calendar_that_is_gone_deletes_nothing(self, office: Office) -> None:
        """Story 6, 9: 404 on the calendar is never "everything was deleted"."""
        (first, *_others) = filled(office, 3)
        office.in_google("remove_calendar")
        office.clear()
        result = office.sync(full=True)
        assert (result.status, office.employee().kind, office.writes()) == ("failed", "forbidden", 0)
        assert office.employee().fault["code"] == "calendar_gone"
        assert first in office.termine()
        assert len(office.rows()) == 3
        # Looked at once a day by itself, and made anew when somebody wants it.
        now = timezone.now()
        assert due_passes.request_due_passes(now + timedelta(hours=23)) == 0
        assert not passes.late(now + timedelta(hours=23)).exists(), "that nobody looks at it is no fault of ours"
        due = overview.next_pass(office.employee(), now=now + timedelta(hours=1))
        assert due is not None
        assert due > now + timedelta(hours=23)
        assert due_passes.request_due_passes(now + timedelta(hours=25)) == 1
        gone = office.employee().calendar_id
        CalendarEmployee.objects.update(google_address="sb@kanzlei.example")
        context = ActionContext("tests", source="command")
        with pytest.raises(PlainError):  # pointed at: perhaps it is only not shared with us
            sharing.make_and_share(office.employee(), action_context=context)
        CalendarEmployee.objects.update(calendar_made_at=now)
        other = CalendarEmployee.objects.create(kuerzel="RO", calendar_id="of-another-account", calendar_made_at=now)
        with pytest.raises(ActionRefused, match="GOOGLE_DELEGATED_USER"):
            sharing.make_and_share(office.employee(), action_context=context)
        other.delete()
        shared = sharing.make_and_share(office.employee(), action_context=context)
        assert (shared.made, shared.seen, office.employee().calendar_id == gone) == (True, True, False)
        office.calendars["SB"] = office.employee().calendar_id
        office.sync()
        assert len(office.events()) == len(office.termine()) == 3
        office.is_silent()
        assert not sharing.make_and_share(office.employee(), action_context=context).made


class TestStory07EditedBetweenReadAndWrite:
    def test_in_google(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        office.edit(fr_nr, ort="Saal 1")
        own = office.row(fr_nr).google_id
        with before_write(lambda: office.in_google("change", own, description="von Hand")):
            office.sync()
        event, termin = office.event(fr_nr), office.termine()[fr_nr]
        assert (event.location, event.description) == ("Saal 1", "von Hand")
        assert (termin["ort"], termin["notiz"]) == ("Saal 1", "von Hand")
        office.is_silent()

    def test_in_advoware(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        office.in_google("change", office.row(fr_nr).google_id, location="Saal 1")
        with before_write(lambda: office.edit(fr_nr, notiz="von Hand")):
            office.sync()
        assert office.termine()[fr_nr]["ort"] == "Saal 1"
        assert office.event(fr_nr).description == "von Hand"
        office.is_silent()


class TestStory08And34DeletedTwice:
    def test_on_both_sides(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        office.remove(fr_nr)
        office.in_google("delete", office.row(fr_nr).google_id)
        office.sync()
        assert (office.row(fr_nr).status, office.row(fr_nr).closed) == ("closed", "gone")
        office.is_silent()


class TestStory09TokenExpiredWhileSomethingWasDeleted:
    def test_the_deletion_is_found_and_applied(self, office: Office) -> None:
        office.hire()
        office.sync()
        own = office.type_in()
        office.enter()
        office.sync()
        fr_nr = next(number for number, row in office.rows().items() if row.google_id == own)
        office.in_google("delete", own)
        office.sandbox.control.tell("google/sync-tokens/expire")
        office.sync()
        assert fr_nr not in office.termine()  # made in Google: `own` lets it go
        assert office.row(int(fr_nr or 0)).closed == "gone"
        office.is_silent()


class TestStory10BurntId:
    def test_deleted_in_google_and_changed_in_advoware(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        first = office.row(fr_nr).google_id
        office.in_google("delete", first)
        office.edit(fr_nr, text="doch")
        office.sync()
        assert office.row(fr_nr).google_id != first
        assert office.event(fr_nr).summary == "doch"
        office.is_silent()


class TestStory16LostAnswers:
    @pytest.mark.parametrize("fault", ["cut_after", "cut_before"])
    def test_of_google_ten_times_in_a_row(self, office: Office, fault: str) -> None:
        office.hire()
        office.sync()
        office.enter()
        for _number in range(10):
            office.sandbox.fault("google", fault, method="POST", path_contains="/events")
            office.sync()
            office.due()
        self._ends_well(office)

    def test_of_advoware_that_took_it(self, office: Office) -> None:
        """A POST there cannot be repeated: the one equal Termin is adopted."""
        office.hire()
        office.sync()
        office.type_in()
        for _number in range(10):
            office.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Termine")
            office.sync()
            office.due()
        self._ends_well(office)

    def test_of_advoware_that_did_not(self, office: Office) -> None:
        """Nothing equal is found: a person says whether it is made once more."""
        office.hire()
        office.sync()
        office.type_in()
        office.sandbox.fault("advoware", "cut_before", method="POST", path_contains="Termine")
        for _number in range(3):
            office.sync()
            office.due()
        (row,) = office.rows().values()
        assert (row.status, [one["code"] for one in row.questions]) == ("ask", ["post_outcome_unknown"])
        assert office.termine() == {}
        decisions.decide(row, code="post_outcome_unknown", choice="new", action_context=ActionContext("tests"))
        self._ends_well(office)

    def test_a_word_counts_for_one_attempt(self, office: Office) -> None:
        """What was said before about equal ones stays; that it may be made again has to be said again."""
        office.hire()
        office.sync()
        for _number in range(2):
            office.enter(2, text="Gericht")
        office.type_in(2, summary="Gericht")
        office.sync()
        said = "ambiguous"
        for _number in range(3):
            row = next(row for row in office.rows().values() if row.origin == "google")
            assert [one["code"] for one in row.questions] == [said]
            decisions.decide(row, code=said, choice="new", action_context=ActionContext("tests"))
            office.sandbox.fault("advoware", "cut_before", method="POST", path_contains="Termine")
            for _pass in range(3):
                office.due()
                office.sync()
            said = "post_outcome_unknown"
        assert len(office.termine()) == 2

    def _ends_well(self, office: Office) -> None:
        office.sandbox.heal()
        for _number in range(3):
            office.due()
            office.sync(full=True)
        assert (len(office.events()), len(office.termine())) == (1, 1), office.rows()
        office.is_silent()


class TestStory22Guests:
    def test_an_event_with_guests_is_never_touched_and_nobody_is_mailed(self, office: Office) -> None:
        office.hire()
        office.sync()
        office.type_in(attendees=[{"email": "mandant@example.org"}])
        own = office.type_in(3, summary="Ohne Gäste")
        office.sync()
        office.in_google("change", own, summary="Anders")
        office.sync()
        assert [row["text"] for row in office.termine().values()] == ["Anders"]
        assert "only_in_google" in {row.status for row in office.rows().values()}
        assert office.sandbox.control.ask("google/mails") == {"mails": []}
        office.is_silent()


class TestStory23And25Quota:
    def test_quota_exceeded_stops_creates_for_all_and_nothing_else(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        office.hire("AI")
        office.enter(1, "AI")
        office.sandbox.refuse_google("quotaExceeded", method="POST")
        for number in range(3):
            office.enter(number + 2)
        office.edit(fr_nr, text="geändert")
        office.clear()
        office.sync()
        assert office.counts()["google"]["POST"] == 1  # the first refusal is enough
        assert office.event(fr_nr).summary == "geändert"
        row = office.employee()
        assert (row.status, row.fault["code"]) == ("failed", "quota_exceeded")
        assert row.next_retry_at is not None
        office.clear()
        office.sync("AI")
        assert "POST" not in office.counts()["google"]
        RemoteFact.objects.filter(pk="calendar.google_creates_stopped").delete()
        for kuerzel in ("SB", "AI"):
            office.due(kuerzel)
            office.sync(kuerzel)
        assert (len(office.events()), len(office.events("AI"))) == (4, 1)
        office.is_silent()

    def test_70_employees_get_their_calendars_slowly(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sharing, "NEW_A_DAY", 3)
        rows = [add(kuerzel=f"M{n}", address=f"m{n}@kanzlei.example", actor="tests") for n in range(5)]
        context = ActionContext("tests", source="command")
        made, refused = [], []
        for row in rows:
            try:
                made.append(sharing.make_and_share(row, action_context=context))
            except Exception as why:
                refused.append(str(why))
        assert [one.made and one.seen for one in made] == [True] * 3
        assert len(refused) == 2

    def test_a_quota_that_making_calendars_meets_stops_what_is_new_everywhere(self, office: Office) -> None:
        rows = [add(kuerzel=f"M{n}", address=f"m{n}@kanzlei.example", actor="tests") for n in range(2)]
        context = ActionContext("tests", source="command")
        office.sandbox.refuse_google("quotaExceeded", method="POST", path_contains="calendars")
        with pytest.raises(PlainError):
            sharing.make_and_share(rows[0], action_context=context)
        assert configured.creates_stopped_until() is not None
        office.clear()
        with pytest.raises(ActionRefused, match="nichts Neues"):
            sharing.make_and_share(rows[1], action_context=context)
        assert office.writes() == 0
        assert configured.allow_creates()
        assert sharing.make_and_share(rows[1], action_context=context).made


class TestStory24WritesAreSerial:
    def test_no_two_calls_to_one_calendar_at_once(self, office: Office) -> None:
        """Also where another pass over it is asked for in the middle: it finds the lock and calls nobody."""
        office.hire()
        for number in range(12):
            office.enter(number + 1)
        ended = []
        office.clear()
        with before_write(lambda: ended.append(office.sync().ended)):
            office.sync()
        assert ended == ["busy"]
        calls = [call for call in office.sandbox.control.calls() if call["system"] == "google"]
        assert sum(call["method"] == "POST" for call in calls) == 12
        spans = sorted((call["at"], call["done_at"]) for call in calls)
        assert all(before <= begins for (_begun, before), (begins, _done) in pairwise(spans))
        assert len(office.events()) == 12
        office.is_silent()


class TestStory30SharedAndNotSeen:
    def test_the_access_list_is_read_back(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        row = add(kuerzel="SB", address="sb@kanzlei.example", actor="tests")
        context = ActionContext("tests", source="command")
        monkeypatch.setattr(GoogleCalendarClient, "share", lambda *args: None)  # says yes, and nothing is there
        assert not sharing.make_and_share(row, action_context=context).seen
        monkeypatch.undo()
        row.refresh_from_db()
        seen = sharing.make_and_share(row, action_context=context)
        assert (seen.made, seen.seen) == (False, True)
        row.refresh_from_db()
        assert row.shared_role == "reader"


class TestBrakes:
    def test_too_many_removals_are_held_until_somebody_releases_them(self, office: Office) -> None:
        """Stories 5 and 11."""
        made = filled(office, 8)
        for fr_nr in made[:6]:
            office.remove(fr_nr)
        office.clear()
        office.sync()
        row = office.employee()
        assert (row.status, row.kind, row.fault) == (
            "failed",
            "needs_confirmation",
            {"code": "too_many_removals", "params": {"planned": 6, "of": 8}},
        )
        assert office.writes() == 0
        passes.release(row, action_context=ActionContext("tests", "all right"))
        office.sync()
        assert len(office.events()) == 2
        office.is_silent()

    def test_the_honest_last_deletion_passes(self, office: Office) -> None:
        """Story 11: one Termin, and it goes."""
        (fr_nr,) = filled(office, 1)
        office.remove(fr_nr)
        office.sync()
        assert office.events() == []
        office.is_silent()

    def test_creates_go_in_portions(self, office: Office) -> None:
        office.hire()
        for number in range(205):
            office.enter(number + 1)
        office.sync()
        assert office.employee().status == "dirty"
        assert len(office.events()) == 200
        office.sync()
        assert len(office.events()) == 205
        office.is_silent()

    def test_a_held_side_is_not_written_and_nothing_is_forgotten(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        control.hold_side(side="google", held=True, by="tests")
        office.edit(fr_nr, text="wartet")
        office.clear()
        office.sync()
        assert (office.writes(), office.employee().status) == (0, "dirty")
        control.hold_side(side="google", held=False, by="tests")
        office.sync()
        assert office.event(fr_nr).summary == "wartet"
        office.is_silent()


class TestDeletedInGoogle:
    def test_what_advoware_made_is_restored(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        office.in_google("delete", office.row(fr_nr).google_id)
        office.sync()
        assert [event.summary for event in office.events()] == ["Termin 0"]
        assert office.row(fr_nr).generation == 1
        assert "restored" in [report["code"] for report in office.row(fr_nr).reports]
        office.is_silent()

    def test_advoware_does_not_delete(self, office: Office) -> None:
        """A task for a person; known from then on, and not made again in Google."""
        office.sandbox.advoware(termin_delete="405")
        office.hire()
        office.sync()
        own = office.type_in()
        office.sync()
        office.in_google("delete", own)
        office.sync()
        (row,) = office.rows().values()
        assert (row.status, RemoteFact.objects.get(pk="calendar.advoware_deletes").value) == ("awaiting_removal", False)
        office.is_silent()
        office.remove(int(row.fr_nr or 0))
        office.sync(full=True)
        row.refresh_from_db()
        assert row.status == "closed"


class TestMoved:
    def test_to_another_employee(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        office.hire("AI")
        office.sync("AI")
        office.edit(fr_nr, anwalt="AI")
        office.sync()
        office.sync("AI")
        assert (office.events(), [event.summary for event in office.events("AI")]) == ([], ["Termin 0"])
        assert office.row(fr_nr).closed == "moved"
        office.is_silent()
        office.is_silent("AI")


class TestDecisions:
    def test_gone_there_and_changed_here_asks_and_the_answer_is_carried_out(self, office: Office) -> None:
        (fr_nr,) = filled(office, 1)
        office.remove(fr_nr)
        office.in_google("change", office.row(fr_nr).google_id, summary="wichtig")
        office.sync()
        row = office.row(fr_nr)
        assert (office.employee().status, row.status) == ("conflict", "ask")
        assert [one["code"] for one in row.questions] == ["gone_and_changed"]
        decisions.decide(row, code="gone_and_changed", choice="google", action_context=ActionContext("tests"))
        office.sync()
        assert [termin["text"] for termin in office.termine().values()] == ["wichtig"]
        office.is_silent()


def test_a_series_goes_both_ways(office: Office) -> None:
    """Stories 17, 18, 19, 20: one rule, no single instances, exceptions stay in Google."""
    office.hire()
    weekly = {"dauertermin": 1, "turnus": 1, "turnusArt": 2, "datumBis": day(120)}
    fr_nr = office.enter(1, **weekly)
    office.sync()
    event = office.event(fr_nr)
    assert "FREQ=WEEKLY" in event.recurrence[0]
    office.type_in(2, summary="Jour fixe", recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    office.sync()
    termin = next(row for row in office.termine().values() if row["text"] == "Jour fixe")
    assert (termin["dauertermin"], termin["turnusArt"], termin["datumBis"][:10]) == (1, 1, day(6))
    office.settle()


def test_private_appointments_show_as_busy(office: Office) -> None:
    """Story 26."""
    office.hire()
    fr_nr = office.enter(1, text="Zahnarzt", ort="Praxis", privat=1)
    office.sync()
    event = office.event(fr_nr)
    assert (event.summary, event.location, event.visibility) == ("Privat", "", "private")
    office.in_google("change", event.id, **hours(1, "12:00", "13:00"))
    office.sync()
    assert (office.termine()[fr_nr]["text"], office.termine()[fr_nr]["uhrzeitVon"]) == ("Zahnarzt", "12:00:00")
    office.is_silent()


def test_without_texts_only_times_come_back(office: Office) -> None:
    """Story 31, P9."""
    office.hire(full_content=False)
    fr_nr = office.enter(1, text="Geheim", notiz="sehr")
    office.sync()
    assert (office.event(fr_nr).summary, office.event(fr_nr).description) == ("Termin", "")
    office.in_google("change", office.row(fr_nr).google_id, summary="getippt", **hours(1, "12:00", "13:00"))
    office.sync()
    termin = office.termine()[fr_nr]
    assert (termin["text"], termin["notiz"], termin["uhrzeitVon"]) == ("Geheim", "sehr", "12:00:00")
    office.settle()
    assert office.event(fr_nr).summary == "Termin"


def test_private_ones_that_are_left_out_go_and_come_back(office: Office) -> None:
    """CALENDAR_PRIVATE=skip, for one that was linked before it became private; a series too."""
    office.settings.CALENDAR_PRIVATE = "skip"
    office.hire()
    single = office.enter(1, text="Zahnarzt")
    series = office.enter(2, text="Kur", datumBis=day(30), dauertermin=1, turnus=1, turnusArt=2)
    office.sync()
    assert len(office.events()) == 2
    for fr_nr in (single, series):
        office.edit(fr_nr, privat=1)
    office.sync()
    assert office.events() == []
    assert {row.closed for row in office.rows().values()} == {"withheld"}
    assert set(office.termine()) == {single, series}
    office.is_silent()
    for fr_nr in (single, series):
        office.edit(fr_nr, privat=0)
    office.sync()
    assert {event.summary for event in office.events()} == {"Zahnarzt", "Kur"}
    office.is_silent()
