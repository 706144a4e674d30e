"""The decision table cell by cell: a Termin and an event in every combination of their states.

Purpose: the rule of each cell in a line that can be read; whole passes stand in the files beside this one.
Invariant: the two sides are put into their states by what was read, never by naming the state.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Group, read_termin
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.pairs.decision_table import decide
from syncapp.core.appointments.pairs.sides import Advoware, Google, IndexedSnapshot
from syncapp.core.appointments.pairs.situation import situation
from syncapp.core.appointments.plan_shapes import (
    CalendarSnapshot,
    PairPlan,
    PairReportCode,
    PairRow,
    QuestionCode,
    ReadOutcome,
    SingleRead,
)
from syncapp.core.appointments.policy import (
    CalendarOwner,
    CalendarPolicy,
    CalendarSide,
    DeleteInAdvoware,
    FirmWide,
    GoneAndChanged,
    Private,
)
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, Closed, PairStatus
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from tests.core.appointments.firm import AFTERNOON, DAY, MORNING, linked, quiet
from tests.core.appointments.world import NOON, at

SB = CalendarOwner("SB", "sb@calendar", write_to_advoware=True)
TERMIN = AdvowareTermin(1, anwalt="SB", text="Gericht", ort="Saal 3", **at(DAY))
EVENT = CalendarEvent("own", etag='"2"', summary="Gericht", location="Saal 3", **MORNING)
FORM = read_termin(TERMIN).form
# Says something of private Termine alone.
SKIP = CalendarPolicy(private=Private.skip)
ROW = AppointmentPair("own", id=1, fr_nr=1, anwalt="SB", base_advoware=FORM, base_google=FORM, etag='"1"')
FAR = at("2028-06-02")

ADVOWARE: Mapping[Advoware, dict[str, Any]] = {
    Advoware.same: {"termine": [TERMIN]},
    Advoware.changed: {"termine": [replace(TERMIN, notiz="Akte")]},
    Advoware.gone: {"termin_reads": {1: SingleRead(ReadOutcome.gone)}},
    Advoware.moved: {"termin_reads": {1: SingleRead(ReadOutcome.found, termin=replace(TERMIN, anwalt="AI"))}},
    Advoware.withheld: {"termine": [replace(TERMIN, privat=True)]},
    Advoware.unseen: {},
    Advoware.unsupported: {"termine": [replace(TERMIN, uhrzeit_von="25:00")]},
}
GOOGLE: Mapping[Google, dict[str, Any]] = {
    Google.same: {"events": [EVENT]},
    Google.changed: {"events": [replace(EVENT, location="Saal 4")]},
    Google.deleted: {"events": [CalendarEvent("own", status="cancelled")]},
    Google.unseen: {"full_google": True},
    Google.unsupported: {"events": [replace(EVENT, recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",))]},
    Google.absent: {},
}

# Termin, event: the row's name as people read it, what is written, what the row is from then on.
CELLS = """
same        same        same                -                          ok
same        changed     changed_in_google   put_termin                 ok
same        deleted     deleted_in_google   insert_event               ok
same        unseen      unseen              -                          ok
same        unsupported unsupported         -                          unsupported
same        absent      new_in_advoware     insert_event               ok
changed     same        changed_in_advoware patch_event                ok
changed     changed     changed_in_both     put_termin,patch_event     ok
changed     deleted     changed_and_deleted insert_event               ok
changed     unseen      unseen              -                          ok
changed     unsupported unsupported         -                          unsupported
changed     absent      new_in_advoware     insert_event               ok
gone        same        gone_in_advoware    delete_event               ok
gone        changed     gone_and_changed    -                          ask
gone        deleted     gone_on_both        -                          gone
gone        unseen      unseen              -                          ok
gone        unsupported gone_and_changed    -                          ask
gone        absent      gone_in_advoware    delete_event               ok
moved       same        moved               delete_event               ok
moved       changed     moved               put_termin,delete_event    ok
moved       deleted     moved               -                          moved
moved       unseen      unseen              -                          ok
moved       unsupported moved               delete_event               ok
moved       absent      moved               -                          moved
withheld    same        withheld            delete_event               ok
withheld    changed     withheld            put_termin,delete_event    ok
withheld    deleted     withheld            -                          withheld
withheld    unseen      unseen              -                          ok
withheld    unsupported unsupported         -                          unsupported
withheld    absent      withheld            delete_event               ok
unseen      same        unseen              -                          ok
unseen      changed     unseen              -                          ok
unseen      deleted     unseen              -                          ok
unseen      unseen      unseen              -                          ok
unseen      unsupported unsupported         -                          unsupported
unseen      absent      unseen              -                          ok
unsupported same        unsupported         -                          unsupported
unsupported changed     unsupported         -                          unsupported
unsupported deleted     unsupported         -                          unsupported
unsupported unseen      unsupported         -                          unsupported
unsupported unsupported unsupported         -                          unsupported
unsupported absent      unsupported         -                          unsupported
"""


def seen(advoware: Advoware, google: Google, **more: Any) -> tuple[CalendarSnapshot, AppointmentPair]:
    """What was read, and the row; `pair`: parts of the row that are otherwise."""
    pair = replace(ROW, base_google=None if google is Google.absent else ROW.base_google, **more.pop("pair", {}))
    read: dict[str, Any] = {"termine": [], "events": [], **ADVOWARE[advoware], **GOOGLE[google], **more}
    return CalendarSnapshot(**{"employee": SB, "policy": CalendarPolicy(), "now": NOON, "pairs": [pair], **read}), pair


def decided(advoware: Advoware, google: Google, policy: CalendarPolicy | None = None, **more: Any) -> PairPlan:
    snapshot, pair = seen(advoware, google, policy=policy or CalendarPolicy(), **more)
    return decide(IndexedSnapshot(snapshot), pair)


def written(plan: PairPlan) -> list[AppointmentAction]:
    return [step.action for step in plan.steps]


def told(plan: PairPlan) -> list[PairReportCode]:
    return [report.code for report in plan.reports]


@pytest.mark.parametrize("line", CELLS.strip().splitlines(), ids=lambda line: "-".join(line.split()[:2]))
def test_cell(line: str) -> None:
    advoware, google, row, writes, becomes = line.split()
    snapshot, pair = seen(Advoware(advoware), Google(google), policy=SKIP)
    case = situation(IndexedSnapshot(snapshot), pair)
    assert (case.advoware.state, case.google.state) == (advoware, google)
    plan = decided(Advoware(advoware), Google(google), SKIP)
    assert plan.row is PairRow(row)
    assert (",".join(written(plan)) or "-") == writes
    assert becomes == (plan.pair.closed or plan.pair.status)
    assert plan.before == pair


def test_every_combination_has_its_line() -> None:
    lines = [tuple(line.split()[:2]) for line in CELLS.strip().splitlines()]
    assert sorted(lines) == sorted((one, other) for one in Advoware for other in Google)


# --- Made in Google ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("google", [Google.absent, Google.deleted])
def test_outside_the_window_nothing_is_made_in_google(google: Google) -> None:
    far = replace(TERMIN, **FAR)
    plan = decided(Advoware.same, google, termine=[far], pair={"base_advoware": read_termin(far).form})
    assert written(plan) == []
    assert plan.row is (PairRow.same if google is Google.absent else PairRow.deleted_in_google)
    assert plan.pair.resting


def test_what_was_never_there_is_made_with_the_id_that_the_row_has() -> None:
    (step,) = decided(Advoware.same, Google.absent).steps
    assert step.google_id == ROW.google_id


# --- Deleted in Google ------------------------------------------------------------------------------------------------


def test_a_deletion_in_advoware_says_what_it_deletes_and_counts_as_a_removal() -> None:
    """It goes only as it was read, under an intent; then the row is over."""
    plan = decided(Advoware.same, Google.deleted, CalendarPolicy(delete_in_advoware=DeleteInAdvoware.all))
    (step,) = plan.steps
    assert plan.row is PairRow.deleted_in_google
    assert (step.action, step.intent.action) == (AppointmentAction.delete_termin, AppointmentAction.delete_termin)
    assert (step.google_id, step.fr_nr, step.expects) == ("own", 1, FORM)
    assert (step.removes, step.closes) == (True, Closed.gone)
    assert plan.pair.is_open


def test_where_advoware_is_known_not_to_delete_a_person_is_told_once_and_nothing_is_tried() -> None:
    policy = CalendarPolicy(delete_in_advoware=DeleteInAdvoware.all, can_delete=False)
    plan = decided(Advoware.same, Google.deleted, policy)
    assert (plan.row, plan.pair.status) == (PairRow.deleted_in_google, PairStatus.awaiting_removal)
    assert (written(plan), told(plan)) == ([], [PairReportCode.delete_by_hand])
    again = decided(Advoware.same, Google.deleted, policy, pair={"told": plan.pair.told})
    assert (again.pair.status, told(again)) == (PairStatus.awaiting_removal, [])


@pytest.mark.parametrize(
    "why, termin, more",
    [
        ("what Advoware masks belongs to somebody else", replace(TERMIN, masked=True), {}),
        ("a copy of what is for the whole firm is read-only", replace(TERMIN, anwalt="ALLE"), {}),
        ("this employee may not write", TERMIN, {"employee": replace(SB, write_to_advoware=False)}),
    ],
)
def test_what_may_not_be_deleted_in_advoware_is_made_again_in_google(
    why: str, termin: AdvowareTermin, more: dict[str, Any]
) -> None:
    policy = CalendarPolicy(delete_in_advoware=DeleteInAdvoware.all, firm_wide=FirmWide.copy)
    plan = decided(Advoware.same, Google.deleted, policy, termine=[termin], **more)
    assert written(plan) == [AppointmentAction.insert_event], why
    assert told(plan) == [PairReportCode.restored]
    assert plan.pair.burnt == ("own",)


# --- Gone in Advoware -------------------------------------------------------------------------------------------------


def test_gone_in_advoware_counts_as_a_removal_and_moved_to_a_colleague_does_not() -> None:
    (gone,) = decided(Advoware.gone, Google.same).steps
    (moved,) = decided(Advoware.moved, Google.same).steps
    assert (gone.removes, gone.closes) == (True, Closed.gone)
    assert (moved.removes, moved.closes) == (False, Closed.moved)


def test_gone_and_changed_by_advoware_is_a_removal_whose_loss_is_kept() -> None:
    plan = decided(Advoware.gone, Google.changed, CalendarPolicy(gone_and_changed=GoneAndChanged.advoware))
    (step,) = plan.steps
    assert plan.row is PairRow.gone_and_changed
    assert (step.action, step.removes, step.etag) == (AppointmentAction.delete_event, True, '"2"')
    assert [(lost.group, lost.value) for report in plan.reports for lost in report.lost] == [(Group.ort, "Saal 4")]


def test_gone_and_changed_by_google_makes_a_termin_that_the_row_does_not_know_yet() -> None:
    """Should the answer be lost, the row must not point at the Termin that is gone."""
    plan = decided(Advoware.gone, Google.changed, CalendarPolicy(gone_and_changed=GoneAndChanged.google))
    (step,) = plan.steps
    assert (plan.row, step.action) == (PairRow.gone_and_changed, AppointmentAction.post_termin)
    assert not plan.pair.is_linked
    assert plan.put_off == situation(IndexedSnapshot(seen(Advoware.gone, Google.changed)[0]), ROW).pair


@pytest.mark.parametrize("google", [Google.changed, Google.unsupported])
def test_gone_and_changed_asks_one_question(google: Google) -> None:
    plan = decided(Advoware.gone, google)
    assert plan.row is PairRow.gone_and_changed
    assert [question.code for question in plan.questions] == [QuestionCode.gone_and_changed]
    assert plan.pair.waiting == seen(Advoware.gone, google)[0].events[0]


def test_what_advoware_cannot_hold_is_not_made_there_whatever_the_policy_says() -> None:
    plan = decided(Advoware.gone, Google.unsupported, CalendarPolicy(gone_and_changed=GoneAndChanged.google))
    assert (written(plan), plan.pair.status) == ([], PairStatus.ask)


def test_made_again_in_advoware_after_a_lost_answer_is_not_what_google_showed_with_a_loss() -> None:
    """The fixed word of a calendar without contents, or of a private Termin, is nobody's text."""
    one, number = linked(full_content=False, gone_and_changed=GoneAndChanged.google)
    one.google.change(one.event(number).id, **AFTERNOON)
    del one.advoware.termine[number]
    one.advoware.faults.coming = ["before"]
    one.sync()
    one.sync()
    assert one.asked() == ["post_outcome_unknown"]
    one.decide(next(one.open_rows()), "post_outcome_unknown", "new")
    one.sync()
    (again,) = one.advoware.termine.values()
    assert (again.text, again.ort, again.uhrzeit_von) == ("Gericht", "Saal 3", "15:00:00")
    quiet(one)


# --- Moved to a colleague ---------------------------------------------------------------------------------------------


def test_moved_and_untouched_in_google_loses_nothing() -> None:
    plan = decided(Advoware.moved, Google.same)
    assert told(plan) == [PairReportCode.moved]


def test_moved_with_a_change_that_went_to_advoware_first_loses_nothing() -> None:
    plan = decided(Advoware.moved, Google.changed)
    assert plan.steps[0].groups == {Group.ort}
    assert told(plan) == [PairReportCode.moved]


def test_moved_with_an_edit_in_advoware_alone_puts_nothing_first() -> None:
    termin = replace(TERMIN, anwalt="AI", text="Termin verlegt")
    plan = decided(Advoware.moved, Google.same, termin_reads={1: SingleRead(ReadOutcome.found, termin=termin)})
    assert written(plan) == [AppointmentAction.delete_event]


# --- Not representable ------------------------------------------------------------------------------------------------


def test_unsupported_says_why_and_both_sides_stay() -> None:
    by_termin = decided(Advoware.unsupported, Google.same)
    by_event = decided(Advoware.same, Google.unsupported)
    assert by_termin.pair.reason is FormReason.unreadable_time
    assert by_event.pair.reason is not None
    for plan in (by_termin, by_event):
        assert [(report.code, report.detail) for report in plan.reports] == [
            (PairReportCode.unsupported, plan.pair.reason)
        ]


# --- Read-only companions ---------------------------------------------------------------------------------------------

COMPANIONS = [
    ("special", -1, "SB", CalendarPolicy(special=True)),
    ("firm_wide_copy", 1, "ALLE", CalendarPolicy(firm_wide=FirmWide.copy)),
]


@pytest.mark.parametrize("choice", GoneAndChanged)
@pytest.mark.parametrize("kind, number, anwalt, policy", COMPANIONS, ids=[one[0] for one in COMPANIONS])
def test_what_was_typed_into_a_companion_is_put_back_so_it_goes_with_its_termin(
    kind: str, number: int, anwalt: str, policy: CalendarPolicy, choice: GoneAndChanged
) -> None:
    """It never becomes a Termin of the employee's own, and nobody is asked what cannot be chosen; the loss is kept."""
    plan = decided(
        Advoware.gone,
        Google.changed,
        replace(policy, gone_and_changed=choice),
        termin_reads={number: SingleRead(ReadOutcome.gone)},
        pair={"fr_nr": number, "anwalt": anwalt},
    )
    assert (written(plan), plan.questions) == ([AppointmentAction.delete_event], ())
    assert [lost.value for report in plan.reports for lost in report.lost] == ["Saal 4"]


def test_what_was_typed_into_a_copy_for_the_firm_never_reaches_the_colleague_who_has_it_by_now() -> None:
    plan = decided(
        Advoware.moved,
        Google.changed,
        CalendarPolicy(firm_wide=FirmWide.copy),
        pair={"anwalt": "ALLE"},
    )
    assert written(plan) == [AppointmentAction.delete_event]
    assert [lost.side for report in plan.reports for lost in report.lost] == [CalendarSide.google]
