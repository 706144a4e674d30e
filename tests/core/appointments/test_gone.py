"""The decision table where something is gone, moved, unseen or unsupported: each test bears the name of its row."""

from dataclasses import replace

import pytest

from syncapp.core.appointments.forms.canonical import Group
from syncapp.core.appointments.plan_shapes import PairRow
from syncapp.core.appointments.policy import CalendarOwner, DeleteInAdvoware, GoneAndChanged
from syncapp.core.appointments.rows import Closed, Kind, PairStatus
from tests.core.appointments.firm import DAY, MORNING, calendar, from_google, linked, quiet
from tests.core.appointments.world import Calendar, at


def test_gone_in_advoware() -> None:
    one, number = linked()
    del one.advoware.termine[number]
    assert one.sync() == 1
    assert not one.google.alive()
    assert [row.closed for row in one.rows.values()] == [Closed.gone]
    quiet(one)


def test_gone_and_changed_asks() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, summary="wichtig")
    del one.advoware.termine[number]
    assert one.sync() == 0
    assert one.asked() == ["gone_and_changed"]
    one.sync()
    assert one.asked() == ["gone_and_changed"]


def test_gone_and_changed_where_the_calendar_does_not_write_says_that_it_cannot_be_made_anew() -> None:
    one, number = linked(write=False)
    one.google.change(one.event(number).id, location="woanders")
    del one.advoware.termine[number]
    one.sync()
    assert [question.cannot for question in one.questions] == ["not_allowed"]
    one.decide(one.row(number), "gone_and_changed", "google")  # as it was offered before
    assert one.sync() == 0
    assert (one.asked(), one.row(number).decided) == (["gone_and_changed"], {})
    one.employee = replace(one.employee, write_to_advoware=True)
    assert one.sync() == 0  # what was answered then is not carried out now
    assert [question.cannot for question in one.questions] == [""]
    one.decide(one.row(number), "gone_and_changed", "google")
    assert one.sync() == 1
    assert len(one.advoware.termine) == 1
    quiet(one)


def test_gone_and_changed_to_what_advoware_cannot_hold_says_so() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, recurrence=("RRULE:FREQ=MONTHLY;BYDAY=1MO",))
    del one.advoware.termine[number]
    one.sync()
    assert [question.cannot for question in one.questions] == ["weekdays"]
    one.decide(one.row(number), "gone_and_changed", "advoware")
    assert one.sync() == 1
    assert one.google.alive() == []
    quiet(one)


@pytest.mark.parametrize("typed_back", [False, True])
def test_gone_while_nobody_knows_whether_a_change_of_google_had_arrived_asks(typed_back: bool) -> None:
    """Whoever typed the old text again may have changed what had arrived."""
    one, number = linked()
    own = one.event(number).id
    before = one.google.events[own].summary
    one.google.change(own, summary="wichtig")
    one.advoware.faults.coming = ["before"]
    one.sync()
    one.google.change(own, summary=before if typed_back else "wichtig")
    del one.advoware.termine[number]
    one.sync()
    assert one.asked() == ["gone_and_changed"]


@pytest.mark.parametrize("by", ["policy", "person"])
def test_gone_and_changed_and_advoware_counts(by: str) -> None:
    one, number = linked(gone_and_changed=GoneAndChanged.advoware if by == "policy" else GoneAndChanged.ask)
    one.google.change(one.event(number).id, summary="wichtig")
    del one.advoware.termine[number]
    if by == "person":
        one.sync()
        one.decide(one.row(number), "gone_and_changed", "advoware")
    assert one.sync() == 1
    assert not one.google.alive()
    assert [lost.value for report in one.reports for lost in report.lost] == ["wichtig"]
    quiet(one)


@pytest.mark.parametrize("by", ["policy", "person"])
def test_gone_and_changed_and_google_counts(by: str) -> None:
    one, number = linked(gone_and_changed=GoneAndChanged.google if by == "policy" else GoneAndChanged.ask)
    own = one.event(number).id
    one.google.change(own, summary="wichtig")
    del one.advoware.termine[number]
    if by == "person":
        one.sync()
        one.decide(one.row(number), "gone_and_changed", "google")
    assert one.sync() == 1
    (again,) = one.advoware.termine.values()
    assert again.text == "wichtig"
    assert one.row(again.fr_nr).google_id == own
    quiet(one)


def test_gone_and_changed_and_google_counts_but_may_not_write() -> None:
    one, number = linked(write=False, gone_and_changed=GoneAndChanged.google)
    one.google.change(one.event(number).id, summary="wichtig")
    del one.advoware.termine[number]
    assert one.sync() == 0
    assert one.asked() == ["gone_and_changed"]


@pytest.mark.parametrize(
    "rule, made_in, goes",
    [
        (DeleteInAdvoware.own, "google", True),
        (DeleteInAdvoware.own, "advoware", False),
        (DeleteInAdvoware.all, "advoware", True),
        (DeleteInAdvoware.never, "google", False),
    ],
)
def test_deleted_in_google(rule: DeleteInAdvoware, made_in: str, goes: bool) -> None:
    one, number = (linked if made_in == "advoware" else from_google)(delete_in_advoware=rule)
    first = one.event(number).id
    one.google.remove(first)
    assert one.sync() == 1
    assert (number not in one.advoware.termine) is goes
    if not goes:
        assert one.told() == ["restored"]
        assert one.row(number).generation == 1
        assert one.row(number).burnt == (first,)
        assert len(one.google.alive()) == 1
    quiet(one)


def test_deleted_in_google_where_nothing_may_be_written() -> None:
    one, number = linked(write=False, delete_in_advoware=DeleteInAdvoware.all)
    one.google.remove(one.event(number).id)
    one.sync()
    assert number in one.advoware.termine
    assert len(one.google.alive()) == 1


def test_deleted_in_google_and_advoware_does_not_delete() -> None:
    one, number = from_google()
    one.advoware.deletes = False
    one.google.remove("made-here")
    assert one.sync() == 1
    assert one.told() == ["delete_by_hand"]
    assert one.row(number).status is PairStatus.awaiting_removal
    assert one.sync() == 0  # remembered: not tried again, not made again
    assert one.told() == []
    del one.advoware.termine[number]
    one.sync(daily=True)
    assert one.row(number).closed is Closed.gone


def test_changed_and_deleted() -> None:
    one, number = from_google()
    one.advoware.change(number, text="Zahnarzt Dr. Weh")
    one.google.remove("made-here")
    assert one.sync() == 1
    assert one.event(number).summary == "Zahnarzt Dr. Weh"
    assert one.row(number).generation == 1
    quiet(one)


def test_gone_on_both() -> None:
    one, number = linked()
    one.google.remove(one.event(number).id)
    del one.advoware.termine[number]
    assert one.sync() == 0
    assert one.row(number).closed is Closed.gone
    quiet(one)


def test_moved_to_another_employee() -> None:
    one, number = linked()
    other = Calendar(advoware=one.advoware, employee=CalendarOwner("AI", "ai@calendar"))
    one.advoware.change(number, anwalt="AI")
    one.sync()
    assert one.told() == ["moved"]
    assert not one.google.alive()
    assert one.row(number).closed is Closed.moved
    other.sync()
    assert [event.summary for event in other.google.alive()] == ["Gericht"]
    one.advoware.change(number, anwalt="SB")  # and back: the id is burnt
    other.sync()
    assert not other.google.alive()
    one.sync()
    assert one.row(number).generation == 1
    quiet(one)
    quiet(other)


def test_moved_while_changed_in_google() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, location="Saal 4")
    one.advoware.change(number, anwalt="AI")
    one.sync()
    assert one.advoware.termine[number].ort == "Saal 4"
    assert not one.google.alive()


def test_moved_while_changed_in_google_where_nothing_may_be_written() -> None:
    one, number = linked(write=False)
    one.google.change(one.event(number).id, location="Saal 4")
    one.advoware.change(number, anwalt="AI")
    one.sync()
    assert [lost.value for report in one.reports for lost in report.lost] == ["Saal 4"]


def test_moved_while_changed_in_google_and_the_deletion_never_arrived() -> None:
    """The PUT shows whose it is by now; what tells that it has moved is still there for the next pass."""
    one, number = linked()
    first = one.row(number).google_id
    one.google.change(first, summary="Gericht, verlegt")
    one.advoware.change(number, anwalt="AI")
    one.google.faults.coming = ["crash_before"]
    one.sync(daily=True)
    assert one.advoware.termine[number].text == "Gericht, verlegt"
    assert first in [event.id for event in one.google.alive()]
    one.sync(daily=True)
    assert one.google.alive() == []
    assert one.row(number).closed is Closed.moved


def test_what_was_typed_into_an_event_from_the_trash_is_told_when_it_goes_again() -> None:
    one, number = linked(delete_in_advoware=DeleteInAdvoware.never)
    old = one.google.events[one.row(number).google_id]
    one.google.remove(old.id)
    assert one.sync() == 1  # made again, with the next id
    one.google.restore(old)
    one.google.change(old.id, description="Akte mitnehmen")
    assert one.sync() == 1
    assert [event.id for event in one.google.alive()] == [one.row(number).google_id]
    (lost,) = [lost for report in one.reports for lost in report.lost]
    assert (lost.group, lost.value) == (Group.notiz, "Akte mitnehmen")
    quiet(one)


def test_moved_is_not_a_removal() -> None:
    one = calendar()
    numbers = [one.advoware.enter(text=f"T{index}", **at(DAY)) for index in range(20)]
    one.sync()
    for number in numbers:
        one.advoware.change(number, anwalt="AI")
    one.sync(daily=True)
    assert one.last.held is None
    assert not one.google.alive()


def test_special_entries_are_left_out() -> None:
    one = calendar()
    one.advoware.number = -10
    one.advoware.enter(text="Hinfahrt", **at(DAY))
    assert one.sync() == 0


def test_special_entries_are_companions() -> None:
    one = calendar(special=True, delete_in_advoware=DeleteInAdvoware.all)
    one.advoware.number = -10
    number = one.advoware.enter(text="Hinfahrt", **at(DAY))
    one.sync()
    assert one.row(number).kind is Kind.special
    one.google.change(one.event(number).id, summary="meine Fahrt")
    one.sync()
    assert one.told() == ["put_back"]
    one.google.remove(one.event(number).id)
    one.sync()
    assert [event.summary for event in one.google.alive()] == ["Hinfahrt"]
    quiet(one)


def test_unsupported_in_advoware() -> None:
    one, number = linked()
    one.advoware.change(number, uhrzeit_von="25:00")
    one.google.change(one.event(number).id, summary="anders")
    assert one.sync() == 0
    assert [(report.code.value, report.detail) for report in one.reports] == [("unsupported", "unreadable_time")]
    assert one.row(number).status is PairStatus.unsupported
    one.sync()
    assert one.told() == []
    one.advoware.change(number, uhrzeit_von="08:00")
    one.sync()  # mended: what had waited goes on
    assert one.advoware.termine[number].text == "anders"
    one.assert_equal()
    quiet(one)


def test_unsupported_in_google() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",))
    one.advoware.change(number, text="anders")
    assert one.sync() == 0
    assert one.row(number).status is PairStatus.unsupported
    assert one.event(number).summary == "Gericht"


def test_unsupported_and_new() -> None:
    one = calendar()
    one.advoware.enter(text="kaputt", **at(DAY, start="10:00", end="09:00"))
    one.advoware.enter(text="heil", **at(DAY))
    assert one.sync() == 1
    assert one.told() == ["unsupported"]
    one.sync()
    assert one.told() == []


def test_what_both_say_together_can_be_unsupported() -> None:
    one = calendar()
    number = one.advoware.enter(
        text="monatlich", dauertermin=True, turnus=1, turnus_art=3, **(at("2026-06-02") | {"datum_bis": ""})
    )
    one.sync()
    one.google.change(one.event(number).id, recurrence=())
    one.advoware.change(number, datum="2026-06-30")
    one.google.change(one.event(number).id, recurrence=("RRULE:FREQ=MONTHLY;INTERVAL=2",))
    one.sync()
    assert one.row(number).status is PairStatus.unsupported


def test_unseen_is_left_alone() -> None:
    one, number = linked()
    one.advoware.single_is_empty = True
    del one.advoware.termine[number]
    one.google.change(one.event(number).id, summary="anders")
    assert one.sync(minutes=1) == 0
    assert one.sync(minutes=59) == 0
    assert one.asked() == []
    assert one.sync(minutes=2) == 0
    assert one.asked() == ["gone_and_changed"]  # an hour after the first empty answer


def test_an_empty_answer_counts_an_hour_after_the_first() -> None:
    one, number = linked()
    one.advoware.single_is_empty = True
    gone = one.advoware.termine.pop(number)
    one.advoware.enter(text="noch da", **at(DAY))
    one.sync()
    assert one.row(number).empty_since is not None
    one.advoware.termine[number] = gone
    one.sync()
    assert one.row(number).empty_since is None
    del one.advoware.termine[number]
    one.sync()
    assert one.sync(minutes=59) == 0
    assert one.sync(minutes=1) == 1
    assert [event.summary for event in one.google.alive()] == ["noch da"]


def test_returned_from_trash() -> None:
    one, number = linked()
    old = one.event(number)
    one.google.remove(old.id)
    one.sync()  # restored with the next generation
    one.google.restore(old)
    assert one.sync() == 1
    assert one.last.pairs[0].row is PairRow.returned_from_trash
    assert [event.id for event in one.google.alive()] == [one.row(number).google_id]
    quiet(one)


def test_returned_from_trash_while_its_termin_is_somebody_elses() -> None:
    one, number = linked()
    old = one.event(number)
    one.advoware.change(number, anwalt="AI")
    one.sync()
    one.google.restore(old)
    assert one.sync() == 1
    assert not one.google.alive()
    quiet(one)


def test_returned_from_trash_after_its_termin_went_too() -> None:
    """Somebody wants it again."""
    one, number = linked()
    old = one.event(number)
    del one.advoware.termine[number]
    one.sync()
    one.google.restore(old)
    assert one.sync() == 1
    (again,) = one.advoware.termine.values()
    assert again.text == "Gericht"
    quiet(one)


def test_a_new_one_that_advoware_gives_to_somebody_else_has_not_moved() -> None:
    """It stays on the phone on which it was made; once it is in the right hands, or in others, it goes as any does."""
    one = calendar()
    one.advoware.gives_to = "API"
    one.google.enter("made-here", summary="Zahnarzt", **MORNING)
    one.sync()
    assert one.told() == ["moved"]
    one.settle()
    (number,) = one.advoware.termine
    assert [event.id for event in one.google.alive()] == ["made-here"]
    quiet(one)
    one.advoware.change(number, anwalt="SB", ort="Saal 3")
    one.settle()
    assert one.google.events["made-here"].location == "Saal 3"
    one.advoware.change(number, anwalt="AI")
    one.settle()
    assert one.google.alive() == []
