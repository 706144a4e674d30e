"""People, private appointments, anonymised calendars and what is for the whole firm."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.plan_shapes import PairReportCode, PairRow, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import (
    CalendarOwner,
    CalendarSide,
    ConflictRule,
    DeleteInAdvoware,
    FirmWide,
    Private,
)
from syncapp.core.appointments.rows import AppointmentAction, Closed, PairStatus, PlannedStep
from syncapp.core.appointments.shapes import GoogleTime
from tests.core.appointments.firm import AFTERNOON, DAY, MORNING, calendar, from_google, linked, quiet
from tests.core.appointments.world import Calendar, at, timed


@pytest.mark.parametrize("anwalt", ["", "ALLE", "Allgemein"])
@pytest.mark.parametrize(
    "rule, mine, everybodys", [(FirmWide.own, 0, 1), (FirmWide.copy, 1, 0), (FirmWide.ignore, 0, 0)]
)
def test_firm_wide(anwalt: str, rule: FirmWide, mine: int, everybodys: int) -> None:
    one = calendar(firm_wide=rule)
    number = one.advoware.enter(anwalt, text="Kanzleifeier", **at(DAY))
    for employee, expected in (
        (one.employee, mine),
        (CalendarOwner("ALLE", "alle@calendar", write_to_advoware=True, firm_wide=True), everybodys),
    ):
        found = Calendar(advoware=one.advoware, employee=employee, policy=one.policy)
        found.advoware.listing = lambda _: list(one.advoware.termine.values())
        found.sync()
        assert len(found.google.alive()) == expected
    assert number in one.advoware.termine


def test_firm_wide_copies_are_read_only() -> None:
    one = calendar(firm_wide=FirmWide.copy, delete_in_advoware=DeleteInAdvoware.all)
    number = one.advoware.enter("ALLE", text="Kanzleifeier", **at(DAY))
    one.advoware.listing = lambda _: list(one.advoware.termine.values())
    one.sync()
    one.google.change(one.event(number).id, summary="ohne mich")
    one.sync()
    assert one.event(number).summary == "Kanzleifeier"
    one.google.remove(one.event(number).id)
    one.sync()
    assert number in one.advoware.termine


def test_a_setting_that_changed_deletes_nothing() -> None:
    one = calendar(firm_wide=FirmWide.copy)
    one.advoware.enter("ALLE", text="Kanzleifeier", **at(DAY))
    one.advoware.listing = lambda _: list(one.advoware.termine.values())
    one.sync()
    one.policy = replace(one.policy, firm_wide=FirmWide.ignore)
    assert one.sync(daily=True) == 0
    one.policy = replace(one.policy, firm_wide=FirmWide.copy)
    assert one.sync(daily=True) == 0
    assert len(one.google.alive()) == 1


def test_private_is_busy() -> None:
    one = calendar()
    number = one.advoware.enter(text="Arzt", ort="Praxis", privat=True, **at(DAY))
    one.sync()
    event = one.event(number)
    assert (event.summary, event.location, event.visibility) == ("Privat", "", "private")
    one.google.change(event.id, **AFTERNOON)  # the time flows back
    one.sync()
    assert one.advoware.termine[number].uhrzeit_von == "15:00:00"
    assert one.advoware.termine[number].text == "Arzt"
    quiet(one)


def test_private_and_busy_replaces_nothing_that_the_employee_typed() -> None:
    one = calendar()
    number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    one.sync()
    one.google.change(one.event(number).id, summary="Dr. Weh")
    assert one.sync() == 0
    assert one.told() == ["typed_kept"]
    assert one.advoware.termine[number].text == "Arzt"
    assert one.event(number).summary == "Dr. Weh"
    quiet(one)
    one.advoware.change(number, privat=False)  # private no more: what was promised to go nowhere gives way, told
    one.sync()
    assert one.told() == ["typed_over"]
    assert (one.event(number).summary, one.advoware.termine[number].text) == ("Arzt", "Arzt")
    quiet(one)


@pytest.mark.parametrize("rule", [Private.busy, Private.full])
@pytest.mark.parametrize("full_content", [True, False])
def test_a_private_one_that_is_masked_from_the_start_is_never_put(full_content: bool, rule: Private) -> None:
    """Story 26: the mask is no text. Moved in Google, somebody is asked, and its true text stays in Advoware."""
    one = calendar(full_content=full_content, private=rule)
    number = one.advoware.enter(text="Privat", privat=True, **at(DAY))
    one.sync()
    quiet(one)
    one.google.change(one.event(number).id, **AFTERNOON)
    assert one.sync() == 0
    assert one.asked() == ["private_text_differs"]
    one.decide(one.row(number), "private_text_differs", "advoware")
    one.sync()
    assert one.event(number).start == MORNING["start"]
    assert "put" not in one.advoware.calls
    quiet(one)


def test_private_becomes_busy_and_back() -> None:
    one, number = linked()
    one.advoware.change(number, privat=True)
    one.sync()
    assert one.event(number).summary == "Privat"
    one.advoware.change(number, privat=False)
    one.sync()
    assert (one.event(number).summary, one.event(number).visibility) == ("Gericht", "default")
    quiet(one)


def test_private_in_google_is_privat_and_keeps_its_text() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, visibility="confidential")
    one.sync()
    assert one.advoware.termine[number].privat is True
    assert one.event(number).summary == "Gericht"
    quiet(one)


def test_private_in_full() -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    one.sync()
    assert (one.event(number).summary, one.event(number).visibility) == ("Arzt", "private")


def test_private_in_full_no_more_loses_its_text() -> None:
    """CALENDAR_PRIVATE from full to busy: Google is rewritten, and nothing else; back again too."""
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", ort="Praxis", privat=True, **at(DAY))
    marked = one.advoware.enter(text="Gericht", **at(DAY))
    one.sync()
    one.google.change(one.event(marked).id, visibility="private")  # in their own calendar: theirs
    one.sync()
    before = one.advoware.writes
    one.policy = replace(one.policy, private=Private.busy)
    assert one.sync() == 1
    assert (one.event(number).summary, one.event(number).location) == ("Privat", "")
    assert one.event(marked).summary == "Gericht"
    quiet(one)
    one.policy = replace(one.policy, private=Private.full)
    assert one.sync() == 1
    assert (one.event(number).summary, one.event(number).location) == ("Arzt", "Praxis")
    assert one.advoware.writes == before
    quiet(one)


def test_private_in_full_is_edited_like_any_other() -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    one.sync()
    one.google.change(one.event(number).id, summary="Zahnarzt")
    one.sync()
    assert one.advoware.termine[number].text == "Zahnarzt"
    quiet(one)


def test_private_skipped() -> None:
    one = calendar(private=Private.skip)
    one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    assert one.sync() == 0


@pytest.mark.parametrize("mask", [{"text": "Privat", "ort": "", "notiz": ""}, {"masked": True, "text": "xxx"}])
def test_a_masked_text_is_never_taken(mask: dict[str, Any]) -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", ort="Praxis", privat=True, **at(DAY))
    one.sync()
    real = one.advoware.termine[number]
    one.advoware.change(number, **mask)
    one.sync()
    assert one.row(number).base_advoware is not None
    assert one.row(number).base_advoware.text == "Arzt"
    one.google.change(one.event(number).id, **AFTERNOON)
    one.sync()
    assert "put" not in one.advoware.calls  # the mask would be written
    assert one.asked() == ["private_text_differs"]
    one.advoware.termine[number] = real
    one.sync()
    assert one.advoware.termine[number].uhrzeit_von == "15:00:00"


def test_a_masked_text_gives_way_by_decision() -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    one.sync()
    one.advoware.change(number, masked=True, text="xxx")
    one.google.change(one.event(number).id, **AFTERNOON)
    one.sync()
    one.decide(one.row(number), "private_text_differs", "advoware")
    assert one.sync() == 1
    assert "T09:00" in one.event(number).start.date_time


def test_anonymised() -> None:
    one = calendar(full_content=False)
    number = one.advoware.enter(text="Scheidung", ort="Saal 3", notiz="Akte", **at(DAY))
    one.sync()
    event = one.event(number)
    assert (event.summary, event.location, event.description) == ("Termin", "", "")
    one.google.change(event.id, **AFTERNOON)
    one.sync()
    assert one.advoware.termine[number].uhrzeit_von == "15:00:00"
    assert one.advoware.termine[number].text == "Scheidung"
    quiet(one)


def test_anonymised_and_typed_over_is_put_back_and_told_once() -> None:
    one = calendar(full_content=False)
    number = one.advoware.enter(text="Scheidung", **at(DAY))
    one.sync()
    for again in (False, True):
        one.google.change(one.event(number).id, summary="Müller")
        assert one.sync() == 1
        assert [(report.code.value, report.again) for report in one.reports] == [("typed_over", again)]
        assert one.event(number).summary == "Termin"
        assert one.advoware.termine[number].text == "Scheidung"
    quiet(one)


def test_anonymised_and_made_in_google() -> None:
    one = calendar(full_content=False)
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    assert one.sync() == 2
    (termin,) = one.advoware.termine.values()
    assert termin.text == "Zahnarzt"
    assert one.google.events["a"].summary == "Termin"
    quiet(one)


def test_switching_rewrites_google_alone() -> None:
    one, number = linked()
    before = one.advoware.termine[number]
    for full, title in ((False, "Termin"), (True, "Gericht")):
        one.employee = replace(one.employee, full_content=full)
        assert one.sync() == 1
        assert one.event(number).summary == title
        quiet(one)
    assert one.advoware.termine[number] == before


@pytest.mark.parametrize("kind", ["anonymous", "busy"])
def test_what_comes_back_from_the_trash_after_its_termin_went_is_made_with_the_texts_that_google_never_showed(
    kind: str,
) -> None:
    """The fixed word is nobody's text; where it stands in the calendar is where it is wanted."""
    one = calendar(full_content=kind == "busy")
    number = one.advoware.enter(text="Scheidung Müller", ort="Saal 3", privat=kind == "busy", **at(DAY))
    one.sync()
    shown = one.event(number)
    del one.advoware.termine[number]
    one.sync()
    one.google.restore(replace(shown, **AFTERNOON))
    one.settle()
    (again,) = one.advoware.termine.values()
    assert (again.text, again.ort, again.uhrzeit_von) == ("Scheidung Müller", "Saal 3", "15:00:00")
    assert [(event.id, event.summary) for event in one.google.alive()] == [(shown.id, shown.summary)]


class TestPrivateLeftOut:
    """CALENDAR_PRIVATE=skip: whoever makes a Termin private in Advoware takes it out of Google."""

    def test_withheld_while_it_is_private_and_shown_again_afterwards(self) -> None:
        one, number = linked(private=Private.skip)
        first = one.event(number).id
        one.advoware.change(number, privat=True)
        assert one.sync() == 1
        assert one.google.alive() == []
        assert one.told() == ["withheld"]
        assert (one.row(number).closed, one.last.pairs[0].row) == (Closed.withheld, PairRow.withheld)
        assert one.advoware.writes == 0
        quiet(one)
        one.advoware.change(number, privat=False, text="wieder da")
        assert one.sync() == 1
        assert (one.event(number).summary, one.event(number).visibility) == ("wieder da", "default")
        assert one.event(number).id != first
        assert one.row(number).burnt == (first,)
        quiet(one)

    def test_the_deletion_names_the_version_that_was_decided_about(self) -> None:
        one, number = linked(private=Private.skip)
        etag = one.event(number).etag
        one.advoware.change(number, privat=True)
        one.sync()
        (step,) = one.last.steps
        assert (step.action, step.etag, step.removes) == (AppointmentAction.delete_event, etag, True)

    def test_an_edit_in_google_meanwhile_goes_to_advoware_first(self) -> None:
        one, number = linked(private=Private.skip)
        one.google.change(one.event(number).id, **AFTERNOON)
        one.advoware.change(number, privat=True)
        assert one.sync() == 2
        assert (one.advoware.termine[number].uhrzeit_von, one.advoware.termine[number].privat) == ("15:00:00", True)
        assert one.google.alive() == []
        quiet(one)

    def test_every_edit_goes_to_advoware_first_texts_too(self) -> None:
        """Judged by what the event has shown until now, not by what a private one would show."""
        one, number = linked(private=Private.skip)
        one.google.change(one.event(number).id, location="Saal 9", description="mitbringen", **AFTERNOON)
        one.advoware.change(number, privat=True)
        assert one.sync() == 2
        termin = one.advoware.termine[number]
        assert (termin.ort, termin.notiz, termin.uhrzeit_von) == ("Saal 9", "mitbringen", "15:00:00")
        assert one.google.alive() == []

    def test_what_of_an_edit_goes_nowhere_is_kept_beside_what_goes(self) -> None:
        """Both changed the subject, Advoware leads; the hour was changed in Google alone."""
        one, number = linked(private=Private.skip, conflict=ConflictRule.advoware)
        one.google.change(one.event(number).id, location="in Google", **AFTERNOON)
        one.advoware.change(number, privat=True, ort="in Advoware")
        assert one.sync() == 2
        assert (one.advoware.termine[number].ort, one.advoware.termine[number].uhrzeit_von) == (
            "in Advoware",
            "15:00:00",
        )
        (lost,) = next(report for report in one.reports if report.code is PairReportCode.conflict).lost
        assert (lost.group.value, lost.value) == ("ort", "in Google")

    def test_an_edit_that_may_not_go_to_advoware_is_kept_as_what_gave_way(self) -> None:
        one, number = linked(write=False, private=Private.skip)
        one.google.change(one.event(number).id, summary="mein Titel")
        one.advoware.change(number, privat=True)
        assert one.sync() == 1
        (lost,) = next(report for report in one.reports if report.code is PairReportCode.conflict).lost
        assert (lost.side, lost.value) == (CalendarSide.google, "mein Titel")
        assert one.google.alive() == []

    def test_an_edit_under_our_hands_is_read_before_anything_goes(self) -> None:
        one, number = linked(private=Private.skip)
        one.advoware.change(number, privat=True)

        def edit(step: PlannedStep) -> None:
            one.before_step = lambda step: None
            one.google.change(one.event(number).id, **AFTERNOON)

        one.before_step = edit
        one.sync()
        assert one.advoware.termine[number].uhrzeit_von == "15:00:00"
        assert one.google.alive() == []
        quiet(one)

    def test_deleted_in_google_and_private_meanwhile_is_over_and_stays_in_advoware(self) -> None:
        one, number = linked(private=Private.skip, delete_in_advoware=DeleteInAdvoware.all)
        one.google.remove(one.event(number).id)
        one.advoware.change(number, privat=True)
        assert one.sync() == 0
        assert one.row(number).closed is Closed.withheld
        assert number in one.advoware.termine
        quiet(one)

    def test_an_event_that_is_not_seen_stays(self) -> None:
        one, number = linked(private=Private.skip)
        more = [one.advoware.enter(text=f"{number}", **at(DAY)) for number in range(4)]
        one.sync()
        own = one.event(number).id
        one.advoware.change(number, privat=True)
        one.google.list_fault = lambda found: [event for event in found if event.id != own]
        one.google.get = lambda own: SingleRead(ReadOutcome.empty)  # type: ignore[method-assign]
        assert one.sync(daily=True) == 0
        assert len(one.google.alive()) == 1 + len(more)

    def test_an_insert_whose_answer_was_lost_is_taken_back_too(self) -> None:
        one = calendar(private=Private.skip)
        number = one.advoware.enter(text="Arzt", **at(DAY))
        one.google.faults.coming = ["after"]
        one.sync()
        one.token = one.google.version  # the feed will not show it again
        one.advoware.change(number, privat=True)
        one.sync()
        assert one.google.alive() == []
        quiet(one)

    def test_a_deletion_whose_answer_was_lost_is_made_up_for(self) -> None:
        one, number = linked(private=Private.skip)
        one.advoware.change(number, privat=True)
        one.google.faults.coming = ["before", "after"]
        one.sync()
        one.sync()
        one.sync()
        assert one.google.alive() == []
        assert one.row(number).closed is Closed.withheld
        quiet(one)

    def test_one_that_google_shows_in_a_form_nobody_can_carry_is_left_alone_and_told(self) -> None:
        one, number = linked(private=Private.skip)
        one.google.change(one.event(number).id, recurrence=("RRULE:FREQ=HOURLY",))
        one.advoware.change(number, privat=True)
        assert one.sync() == 0
        assert one.told() == ["unsupported"]
        assert one.row(number).status is PairStatus.unsupported

    def test_a_series_goes_whole_and_says_what_of_it_differed_in_google(self) -> None:
        one = calendar(private=Private.skip)
        number = one.advoware.enter(text="Jour fixe", dauertermin=True, turnus=1, turnus_art=2, **at(DAY))
        one.advoware.change(number, datum_bis="2026-07-30")
        one.sync()
        master = one.event(number).id
        moved = timed("2026-06-09T11:00", "2026-06-09T12:00")
        original = GoogleTime(date_time="2026-06-09T09:00:00+02:00")
        one.google.enter(f"{master}_x", recurring_event_id=master, original_start=original, **moved)
        one.sync()
        one.advoware.change(number, privat=True)
        assert one.sync() == 1
        assert set(one.told()) == {"exceptions_lost", "withheld"}
        assert one.google.alive() == []
        quiet(one)
        one.advoware.change(number, privat=False)
        assert one.sync() == 1
        assert one.event(number).recurrence
        assert one.row(number).exceptions == ()
        quiet(one)

    def test_made_in_google_and_private_in_advoware_goes_and_comes_back_as_made_in_google(self) -> None:
        one, number = from_google(private=Private.skip)
        one.advoware.change(number, privat=True)
        assert one.sync() == 1
        assert one.google.alive() == []
        quiet(one)
        one.advoware.change(number, privat=False)
        assert one.sync() == 1
        assert (one.event(number).summary, one.row(number).origin) == ("Zahnarzt", CalendarSide.google)
        quiet(one)

    @pytest.mark.parametrize("made_in", [linked, from_google])
    def test_marked_private_in_google_it_is_privat_in_advoware_and_stays(self, made_in: Any) -> None:
        one, number = made_in(private=Private.skip)
        before = one.event(number)
        one.google.change(before.id, visibility="private")
        assert one.sync() == 1
        assert one.advoware.termine[number].privat is True
        assert one.event(number).summary == before.summary
        quiet(one)
        one.google.change(before.id, visibility="default")
        assert one.sync() == 1
        assert one.advoware.termine[number].privat is False
        quiet(one)

    def test_marked_on_both_sides_it_stays(self) -> None:
        one, number = from_google(private=Private.skip)
        one.google.change(one.event(number).id, visibility="private")
        one.advoware.change(number, privat=True)
        one.sync()
        assert len(one.google.alive()) == 1
        quiet(one)

    def test_a_colleagues_copy_goes_when_it_was_marked_in_another_calendar(self) -> None:
        one, number = linked(private=Private.skip)
        other = Calendar(advoware=one.advoware, employee=CalendarOwner("AI", "ai@calendar"), policy=one.policy)
        one.advoware.change(number, anwalt="SB AI")
        for each in (one, other):
            each.advoware.read_list = lambda *_: list(one.advoware.termine.values())  # type: ignore[method-assign]
        one.sync()
        other.sync()
        assert len(other.google.alive()) == 1
        one.google.change(one.event(number).id, visibility="private")
        one.sync()
        other.sync()
        assert (len(one.google.alive()), other.google.alive()) == (1, [])

    def test_out_of_the_trash_it_goes_again(self) -> None:
        one, number = linked(private=Private.skip)
        event = one.event(number)
        one.advoware.change(number, privat=True)
        one.sync()
        one.google.restore(event)
        assert one.sync() == 1
        assert one.google.alive() == []
        assert list(one.advoware.termine) == [number]
        quiet(one)

    def test_too_many_at_once_are_held(self) -> None:
        one = calendar(private=Private.skip)
        numbers = [one.advoware.enter(text=f"{number}", **at(DAY)) for number in range(20)]
        one.sync()
        for number in numbers[:6]:
            one.advoware.change(number, privat=True)
        assert one.sync() == 0
        assert one.last.held is not None
        one.released = frozenset({"too_many_removals"})
        assert one.sync() == 6

    @pytest.mark.parametrize("before", [Private.busy, Private.full])
    def test_a_setting_that_changed_takes_nothing_out(self, before: Private) -> None:
        one = calendar(private=before)
        number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
        one.sync()
        one.policy = replace(one.policy, private=Private.skip)
        one.sync()
        assert not any(step.removes for step in one.last.steps)
        assert one.event(number).visibility == "private"
        quiet(one)

    def test_a_setting_that_changed_brings_it_back_without_its_text(self) -> None:
        one, number = linked(private=Private.skip)
        one.advoware.change(number, privat=True)
        one.sync()
        one.policy = replace(one.policy, private=Private.busy)
        assert one.sync() == 1
        assert one.event(number).summary == "Privat"
        quiet(one)

    def test_only_in_google_while_it_is_private_there(self) -> None:
        one = calendar(private=Private.skip)
        one.google.enter("a", summary="Arzt", visibility="private", **MORNING)
        assert one.sync() == 0
        one.google.change("a", visibility="default")
        assert one.sync() == 1
        assert [termin.text for termin in one.advoware.termine.values()] == ["Arzt"]
        quiet(one)
