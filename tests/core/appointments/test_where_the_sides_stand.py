"""Where each side of a pair stands, and by what evidence: the rows of both tables in `sides`, each state by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.pairs.sides import (
    EMPTY_COUNTS_AFTER,
    Advoware,
    Google,
    GoogleSide,
    TerminSide,
    advoware_side,
    google_side,
    withheld,
)
from syncapp.core.appointments.plan_shapes import ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, Private
from syncapp.core.appointments.rows import AppointmentPair
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from tests.core.appointments.firm import DAY, calendar
from tests.core.appointments.linked_pair import (
    EMPTY,
    FORM,
    FR_NR,
    GONE,
    OWN,
    event,
    row,
    seen,
    termin,
    tombstone,
)
from tests.core.appointments.world import NOON

AMTSGERICHT = replace(FORM, text="Amtsgericht")
PRIVATE = replace(FORM, text="Arzt", privat=True)


def in_advoware(pair: AppointmentPair, *shown: AdvowareTermin, **snapshot: Any) -> TerminSide:
    return advoware_side(seen(*shown, **snapshot), pair)


def in_google(pair: AppointmentPair, *shown: CalendarEvent, **snapshot: Any) -> GoogleSide:
    return google_side(seen(*shown, **snapshot), pair)


# --- Advoware -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form, state", [(FORM, Advoware.same), (AMTSGERICHT, Advoware.changed)])
def test_a_termin_is_held_against_its_base(form: Canonical, state: Advoware) -> None:
    assert in_advoware(row(), termin(form)) == TerminSide(state, termin(form), form, form)
    found = SingleRead(ReadOutcome.found, termin=termin(form))
    assert in_advoware(row(), termin_reads={FR_NR: found}) == TerminSide(state, termin(form), form, form)


def test_what_was_settled_in_silence_is_noted_with_the_termin() -> None:
    timeless = termin(uhrzeit_von="", uhrzeit_bis="")
    assert in_advoware(row(), timeless).notes == {SilentNote.missing_time}


def test_a_termin_that_google_cannot_hold_says_why() -> None:
    broken = termin(uhrzeit_von="25:00")
    expected = TerminSide(Advoware.unsupported, broken, reason=FormReason.unreadable_time)
    assert in_advoware(row(), broken) == expected


def test_a_termin_of_somebody_else_has_moved_only_if_it_was_this_ones() -> None:
    assert in_advoware(row(), termin(anwalt="AI")) == TerminSide(Advoware.moved, termin(anwalt="AI"), FORM, FORM)
    given_away_at_once = row(anwalt="AI")
    assert in_advoware(given_away_at_once, termin(anwalt="AI")).state is Advoware.unseen


def test_a_row_without_a_number_says_nothing_of_advoware() -> None:
    assert in_advoware(row(fr_nr=None), termin()) == TerminSide(Advoware.unseen)


@pytest.mark.parametrize(
    "single, since, side",
    [
        (None, None, TerminSide(Advoware.unseen)),
        (GONE, None, TerminSide(Advoware.gone)),
        (EMPTY, None, TerminSide(Advoware.unseen)),
        (EMPTY, EMPTY_COUNTS_AFTER - timedelta(seconds=1), TerminSide(Advoware.unseen)),
        (EMPTY, EMPTY_COUNTS_AFTER, TerminSide(Advoware.gone)),
        (None, EMPTY_COUNTS_AFTER, TerminSide(Advoware.unseen)),
    ],
    ids=["not asked", "404", "empty at first", "empty for less than an hour", "empty for an hour", "not asked again"],
)
def test_what_the_list_lacks_is_gone_by_evidence_alone(
    single: SingleRead | None, since: timedelta | None, side: TerminSide
) -> None:
    reads = {FR_NR: single} if single is not None else {}
    known = row(empty_since=None if since is None else NOON - since)
    assert in_advoware(known, termin_reads=reads) == side


def test_the_setting_for_a_missing_time_counts_wherever_a_termin_is_read() -> None:
    one = calendar(missing_time="09:00")
    number = one.advoware.enter(text="Frist", datum=DAY)
    one.sync()
    assert one.event(number).start.date_time.startswith(f"{DAY}T09:00")
    known = row(base_advoware=replace(FORM, when=When(False, f"{DAY}T09:00", f"{DAY}T09:30")))
    timeless = termin(uhrzeit_von="", uhrzeit_bis="")
    assert in_advoware(known, timeless, policy=CalendarPolicy(missing_time="09:00")).state is Advoware.same


# --- Masks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mask",
    [
        termin(Canonical(FORM.when, None, "Privat", "", "", True)),
        termin(Canonical(FORM.when, None, " belegt", "", "", True)),
        termin(Canonical(FORM.when, None, "xxx", "", "", True), masked=True),
    ],
    ids=["a word for it", "however it is spelled", "the remote is sure"],
)
def test_a_masked_termin_keeps_the_texts_that_are_known(mask: AdvowareTermin) -> None:
    side = in_advoware(row(base_advoware=PRIVATE), mask)
    assert (side.state, side.form, side.masked) == (Advoware.same, PRIVATE, True)
    assert side.read is not None
    assert side.read.text == mask.text.strip(" ") or side.read.text == mask.text


def test_a_private_text_that_is_no_mask_is_a_change() -> None:
    changed = replace(PRIVATE, text="Zahnarzt")
    expected = TerminSide(Advoware.changed, termin(changed), changed, changed)
    assert in_advoware(row(base_advoware=PRIVATE), termin(changed)) == expected


WORD_ALONE = Canonical(FORM.when, None, "Privat", "", "", True)


def test_a_word_for_a_mask_that_was_typed_is_a_text() -> None:
    """It was the text before; or the Termin is not private at all."""
    typed = replace(PRIVATE, text="Privat")
    assert not in_advoware(row(base_advoware=typed), termin(replace(typed, ort="Saal 9"))).masked
    assert not in_advoware(row(), termin(replace(FORM, text="Privat"))).masked


@pytest.mark.parametrize(
    "pair, known",
    [
        (row(base_advoware=None), True),
        (row(base_advoware=WORD_ALONE, shown=Shown.busy), True),
        (row(base_advoware=WORD_ALONE, shown=Shown.anonymous), True),
        (row(base_advoware=WORD_ALONE), False),
        (row(base_advoware=WORD_ALONE, shown=Shown.open), False),
        (row(base_advoware=WORD_ALONE, shown=Shown.busy, origin=CalendarSide.google), False),
    ],
    ids=["new", "busy", "anonymous", "marked in Google", "seen before it was private", "made in Google"],
)
def test_a_word_for_a_mask_that_was_there_from_the_start_is_no_text(pair: AppointmentPair, known: bool) -> None:
    """A PUT of the whole object would write it over the true text."""
    assert in_advoware(pair, termin(WORD_ALONE)).masked is known


def test_a_masked_termin_of_which_nothing_is_known_is_what_it_shows() -> None:
    masked = termin(PRIVATE, masked=True)
    side = in_advoware(row(base_advoware=None), masked)
    assert (side.form, side.read, side.masked) == (PRIVATE, PRIVATE, True)


# --- Private, where private ones are left out ------------------------------------------------------------------------

SKIPPED = CalendarPolicy(private=Private.skip)
MADE_PRIVATE = replace(FORM, privat=True)


@pytest.mark.parametrize(
    "pair, in_advoware_now, in_google_now, policy, gone_from_google",
    [
        (row(), MADE_PRIVATE, FORM, SKIPPED, True),
        (row(base_advoware=None), MADE_PRIVATE, FORM, SKIPPED, True),
        (row(base_google=None), MADE_PRIVATE, None, SKIPPED, True),
        (row(), MADE_PRIVATE, FORM, CalendarPolicy(private=Private.busy), False),
        (row(), AMTSGERICHT, FORM, SKIPPED, False),
        (row(base_advoware=MADE_PRIVATE), MADE_PRIVATE, FORM, SKIPPED, False),
        (row(base_advoware=MADE_PRIVATE), replace(MADE_PRIVATE, text="neu"), FORM, SKIPPED, False),
        (row(base_google=MADE_PRIVATE), MADE_PRIVATE, FORM, SKIPPED, False),
        (row(), MADE_PRIVATE, MADE_PRIVATE, SKIPPED, False),
        (row(), None, FORM, SKIPPED, False),
    ],
    ids=[
        "private from now on",
        "private from now on, without a base",
        "private from now on, not in Google yet",
        "private ones are shown",
        "not private",
        "private before the setting was",
        "private before the setting was, and changed",
        "shown as private before",
        "marked as private in Google",
        "not to be read",
    ],
)
def test_a_termin_is_withheld_where_it_becomes_private_and_private_ones_are_left_out(
    pair: AppointmentPair,
    in_advoware_now: Canonical | None,
    in_google_now: Canonical | None,
    policy: CalendarPolicy,
    gone_from_google: bool,
) -> None:
    shown = termin(in_advoware_now) if in_advoware_now else termin(uhrzeit_von="25:00", privat=True)
    events = [event(in_google_now)] if in_google_now else []
    context = seen(shown, *events, policy=policy)
    elsewhere = seen(replace(shown, anwalt="AI"), *events, policy=policy)
    assert not withheld(elsewhere, pair, advoware_side(elsewhere, pair), google_side(elsewhere, pair))
    assert withheld(context, pair, advoware_side(context, pair), google_side(context, pair)) is gone_from_google


# --- How much Google shows ------------------------------------------------------------------------------------------

MARKED_IN_GOOGLE = row(base_advoware=PRIVATE, base_google=PRIVATE)


@pytest.mark.parametrize(
    "pair, form, masked, policy, shown",
    [
        (row(), FORM, False, Private.busy, Shown.full),
        (row(), PRIVATE, False, Private.busy, Shown.busy),
        (row(), PRIVATE, False, Private.skip, Shown.busy),
        (row(), PRIVATE, False, Private.full, Shown.open),
        (row(shown=Shown.open, base_advoware=PRIVATE), PRIVATE, False, Private.full, Shown.open),
        (row(shown=Shown.open, base_advoware=PRIVATE), PRIVATE, False, Private.busy, Shown.busy),
        (MARKED_IN_GOOGLE, PRIVATE, False, Private.full, Shown.full),
        (row(), PRIVATE, True, Private.full, Shown.busy),
        (row(), FORM, True, Private.busy, Shown.busy),
        (row(), None, False, Private.busy, Shown.full),
        (row(base_advoware=None), PRIVATE, False, Private.busy, Shown.busy),
        (row(origin=CalendarSide.google), PRIVATE, True, Private.busy, Shown.full),
        (MARKED_IN_GOOGLE, PRIVATE, False, Private.busy, Shown.full),
        (MARKED_IN_GOOGLE, PRIVATE, True, Private.busy, Shown.busy),
        (replace(MARKED_IN_GOOGLE, shown=Shown.busy), PRIVATE, False, Private.busy, Shown.busy),
    ],
    ids=[
        "not private",
        "private since Advoware says so",
        "private, and there already when private ones began to be skipped",
        "private in full",
        "private in full, and shown so until now",
        "private in full until now",
        "marked private by the employee, where private ones are shown in full",
        "masked, though private ones are shown in full",
        "masked, though not private",
        "not to be read",
        "private and new",
        "made by the employee",
        "marked private by the employee",
        "marked private by the employee, and masked by now",
        "private and shown so until now",
    ],
)
def test_how_google_shows_a_termin(
    pair: AppointmentPair, form: Canonical | None, masked: bool, policy: Private, shown: Shown
) -> None:
    side = TerminSide(Advoware.changed, termin(), form, form, masked=masked)
    assert seen(policy=CalendarPolicy(private=policy)).shown(pair, side) is shown
    assert seen(policy=CalendarPolicy(private=policy), full_content=False).shown(pair, side) is Shown.anonymous


@pytest.mark.parametrize(
    "shown, write, writable",
    [
        (termin(), True, True),
        (termin(), False, False),
        (termin(fr_nr=-3), True, False),
        (termin(anwalt="ALLE"), True, False),
    ],
    ids=["own", "not allowed for this employee", "special entry", "of the whole firm"],
)
def test_a_change_in_google_may_go_to_an_own_termin_alone(shown: AdvowareTermin, write: bool, writable: bool) -> None:
    assert seen(write=write).writable(shown) is writable


# --- Google ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form, state", [(FORM, Google.same), (AMTSGERICHT, Google.changed)])
def test_an_event_is_held_against_its_base(form: Canonical, state: Google) -> None:
    assert in_google(row(), event(form)) == GoogleSide(state, event(form), form)
    found = SingleRead(ReadOutcome.found, event=event(form))
    assert in_google(row(), full_google=True, event_reads={OWN: found}) == GoogleSide(state, event(form), form)


def test_an_event_that_advoware_cannot_hold_says_why() -> None:
    weekdays = event(recurrence=("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",))
    assert in_google(row(), weekdays) == GoogleSide(Google.unsupported, weekdays, reason=FormReason.weekdays)


def test_a_time_in_the_doubled_hour_is_noted_with_the_event() -> None:
    autumn = replace(FORM, when=When(False, "2026-10-25T01:15", "2026-10-25T04:00"))
    said = event(autumn)
    second = replace(said, start=replace(said.start, date_time="2026-10-25T02:15:00+01:00"))
    assert in_google(row(), second).notes == {SilentNote.doubled_hour}


@pytest.mark.parametrize(
    "pair, state",
    [
        (row(), Google.deleted),
        (row(base_google=None), Google.deleted),
        (row(fr_nr=None), Google.deleted),
        (row(fr_nr=None, base_google=None), Google.absent),
    ],
    ids=["linked", "linked, its insert without an answer", "not linked any more", "never had a Termin"],
)
def test_a_tombstone_deletes_what_was_there(pair: AppointmentPair, state: Google) -> None:
    assert in_google(pair, tombstone()) == GoogleSide(state, tombstone())


@pytest.mark.parametrize("known", [{"waiting": event()}, {"base_google": FORM}], ids=["waits", "has a base"])
def test_a_single_read_that_finds_nothing_is_as_good_as_a_tombstone(known: dict[str, Any]) -> None:
    pair = row(**{"base_google": None, **known})
    assert in_google(pair, full_google=True, event_reads={OWN: GONE}) == GoogleSide(Google.deleted, tombstone())


def test_a_single_read_that_finds_nothing_deletes_nothing_that_was_never_there() -> None:
    never = row(base_google=None)
    assert in_google(never, full_google=True, event_reads={OWN: GONE}) == GoogleSide(Google.absent)


def test_a_single_read_without_an_answer_is_no_evidence() -> None:
    unclear = {OWN: SingleRead(ReadOutcome.empty)}
    assert in_google(row(), full_google=True, event_reads=unclear) == GoogleSide(Google.unseen)


@pytest.mark.parametrize(
    "pair, full_google, side",
    [
        (row(), False, GoogleSide(Google.same)),
        (row(), True, GoogleSide(Google.unseen)),
        (row(base_google=None), False, GoogleSide(Google.absent)),
        (row(base_google=None), True, GoogleSide(Google.absent)),
        (row(waiting=event(AMTSGERICHT)), False, GoogleSide(Google.changed, event(AMTSGERICHT), AMTSGERICHT)),
        (row(waiting=event(AMTSGERICHT)), True, GoogleSide(Google.unseen)),
        (row(base_google=None, waiting=event()), True, GoogleSide(Google.unseen)),
        (row(waiting=tombstone()), True, GoogleSide(Google.deleted, tombstone())),
    ],
    ids=[
        "no news",
        "not in the whole list",
        "never made",
        "never made, whole list",
        "news that wait",
        "news that wait, not in the whole list",
        "news that wait, without a base",
        "a deletion that waits",
    ],
)
def test_what_google_does_not_show(pair: AppointmentPair, full_google: bool, side: GoogleSide) -> None:
    assert in_google(pair, full_google=full_google) == side
