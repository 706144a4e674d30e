"""Settling writes: lost answers, answers that only echo, and late writers, row by row."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.base import Base
from syncapp.core.beteiligte.no_base import NOTHING_KNOWN
from syncapp.core.intents import Intent, Settled, awaits_look, confirmed, explained, settle, to_be_confirmed
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import BothSides, Policy, Verdict, compare
from tests.core.fieldmaps import filled, plain, without

FIELDS = plain()
HELD = filled(FIELDS, name="Müller", titel="Dr.")
BASE = Base(HELD, HELD, FIELDS.versions)
NEW = "Professor Doktor"
CUT = "Professor"

# EspoCRM's titel became NEW, and a PUT carried it over "Dr." in Advoware, which was read with rowId r1.
SENT = Intent(side=Side.advoware, field="titel", sent=NEW, before="Dr.", other=NEW, marker="r1")
# The PUT was answered with rowId r2; whether the answer only echoed, nobody knows. Its base was committed.
ANSWERED = SENT.as_answered("r2")
BASE_ANSWERED = Base({**HELD, "titel": NEW}, {**HELD, "titel": NEW}, FIELDS.versions)


def settled(
    *intents: Intent,
    now: str | None,
    marker: str | None,
    base: Base = BASE,
    superseded: tuple[Intent, ...] = (),
    side: Side = Side.advoware,
    stamp: str | None = None,
) -> Settled:
    return settle(
        side=side,
        intents=intents,
        superseded=superseded,
        values={**HELD, "titel": now},
        marker_now=marker,
        base=base,
        versions=FIELDS.versions,
        stamp_now=stamp,
    )


def confirming(
    *intents: Intent, now: str | None = NEW, marker: str | None = "r2", superseded: tuple[Intent, ...] = (), **more: str
) -> Settled | None:
    return confirmed(
        intents=intents,
        superseded=superseded,
        values={**HELD, "titel": now, **more},
        marker_now=marker,
        base=BASE_ANSWERED,
        versions=FIELDS.versions,
    )


# --- The confirming look --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("marker", ["r2", "r3", None], ids=["not-moved", "written-without-a-change", "unknown"])
def test_confirmed_as_we_left_it(marker: str | None) -> None:
    assert confirming(ANSWERED, marker=marker) == Settled(base=BASE_ANSWERED, arrived=("titel",))


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param({"now": "Dr.", "marker": "r3"}, id="set-back"),
        pytest.param({"now": "Dr."}, id="not-taken-though-the-answer-said-so"),
        pytest.param({"now": CUT}, id="cut-short-though-the-answer-said-so"),
        pytest.param({"now": "Magister", "marker": "r3"}, id="edited"),
        pytest.param({"zusatz": "c/o Meier", "marker": "r3"}, id="another-field-edited"),
        pytest.param({"superseded": (replace(SENT, field="name", sent="Müller"),)}, id="a-late-write"),
    ],
)
def test_not_confirmed(shown: dict[str, Any]) -> None:
    assert confirming(ANSWERED, **shown) is None


@pytest.mark.parametrize("side", Side)
def test_a_lost_answer_is_for_a_run(side: Side) -> None:
    assert confirming(ANSWERED, replace(SENT, side=side, field="zusatz")) is None


def test_what_a_confirming_look_is_not_shown_stays_open() -> None:
    hidden = replace(ANSWERED, field="bAnrede")
    values = {key: value for key, value in HELD.items() if key != "bAnrede"} | {"titel": NEW}
    result = confirmed(
        intents=(ANSWERED, hidden),
        superseded=(),
        values=values,
        marker_now="r2",
        base=BASE_ANSWERED,
        versions=FIELDS.versions,
    )
    assert result is not None
    assert result.open == (hidden,)


@pytest.mark.parametrize(
    "intent, waits",
    [
        pytest.param(ANSWERED, True, id="answered-in-advoware"),
        pytest.param(SENT, False, id="not-answered"),
        pytest.param(replace(ANSWERED, side=Side.espocrm), False, id="answered-in-espocrm"),
    ],
)
def test_what_waits_for_the_confirming_look(intent: Intent, waits: bool) -> None:
    assert awaits_look([intent]) is waits


# --- Lost answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now, marker",
    [
        pytest.param(NEW, "r2", id="equals-what-was-sent"),
        pytest.param(NEW, "r1", id="equals-what-was-sent-marker-not-moved"),
        pytest.param(NEW, None, id="equals-what-was-sent-marker-unknown"),
        pytest.param(CUT, "r2", id="is-a-prefix-of-what-was-sent"),
    ],
)
def test_lost_answer_arrived(now: str, marker: str | None) -> None:
    result = settled(SENT, now=now, marker=marker)
    assert (result.arrived, result.conflicts, result.open) == (("titel",), frozenset(), ())
    assert (result.base.advo["titel"], result.base.espo["titel"]) == (now, NEW)


@pytest.mark.parametrize("now", ["Dr."], ids=["equals-the-base-and-the-marker-has-not-moved"])
def test_lost_answer_not_arrived(now: str) -> None:
    result = settled(SENT, now=now, marker="r1")
    assert result == Settled(base=BASE)


@pytest.mark.parametrize(
    "intent, marker",
    [
        pytest.param(SENT, "r9", id="equals-the-base-but-the-marker-moved"),
        pytest.param(SENT, None, id="equals-the-base-and-no-marker-now"),
        pytest.param(replace(SENT, marker=None), "r1", id="equals-the-base-and-no-marker-then"),
        pytest.param(replace(SENT, marker=None), None, id="equals-the-base-and-no-marker-at-all"),
    ],
)
def test_lost_answer_is_a_conflict(intent: Intent, marker: str | None) -> None:
    result = settled(intent, now="Dr.", marker=marker)
    assert result == Settled(base=in_doubt(BASE), conflicts=frozenset({"titel"}))


def in_doubt(base: Base) -> Base:
    """Each side's base is what the other one might hold, so that both count as changed until they agree."""
    return replace(base, advo={**base.advo, "titel": NEW}, espo={**base.espo, "titel": "Dr."})


@pytest.mark.parametrize("policy", [Policy(), Policy(by_group={"*": "manual"})], ids=["espocrm_wins", "manual"])
def test_a_doubt_outlives_a_run_that_could_not_settle_it(policy: Policy) -> None:
    """The intent is gone with the first look; the write that was to settle it fails, or the conflict is held."""
    first = settled(SENT, now="Dr.", marker="r9")
    for forced in (first.conflicts, frozenset[str]()):
        comparison = compare(
            BothSides(
                espo={**HELD, "titel": NEW},
                advo={**HELD, "titel": "Dr."},
                base=first.base,
                fieldmap=FIELDS,
                no_base=NOTHING_KNOWN,
                forced_conflicts=forced,
            ),
            policy,
        )
        assert comparison.verdict is Verdict.conflict


def test_a_doubt_without_any_base_makes_one_for_its_field() -> None:
    result = settled(replace(SENT, before=None), now=None, marker="r9", base=Base())
    assert result.base.holds("titel", FIELDS)
    assert (result.base.espo, result.base.advo) == ({"titel": None}, {"titel": NEW})


@pytest.mark.parametrize(
    "now",
    [
        pytest.param("Magister", id="anything-else-is-an-edit"),
        pytest.param(None, id="cleared-is-an-edit-not-a-prefix"),
        pytest.param(NEW + " h.c.", id="more-than-was-sent-is-an-edit"),
        pytest.param(NEW.upper(), id="re-spelled-by-somebody-is-an-edit"),
    ],
)
def test_lost_answer_edited(now: str | None) -> None:
    assert settled(SENT, now=now, marker="r2") == Settled(base=BASE)


def test_a_value_from_before_that_begins_what_was_sent_did_not_arrive() -> None:
    """ "Prof" was to become "Prof Dr": "Prof" with its old rowId is the old value, not a shortened new one."""
    held = {**HELD, "titel": "Prof"}
    base = Base(held, held, FIELDS.versions)
    intent = replace(SENT, sent="Prof Dr", before="Prof", other="Prof Dr")
    assert settled(intent, now="Prof", marker="r1", base=base) == Settled(base=base)
    assert settled(intent, now="Prof", marker="r2", base=base).conflicts == {"titel"}


def test_the_value_from_before_need_not_be_the_base() -> None:
    """A conflict that EspoCRM won: Advoware held somebody's edit when it was overwritten."""
    intent = replace(SENT, before="Magister")
    assert settled(intent, now="Magister", marker="r1") == Settled(base=BASE)
    assert settled(intent, now="Magister", marker="r2").conflicts == {"titel"}
    assert settled(intent, now="Dr.", marker="r2").conflicts == {"titel"}


def test_what_was_sent_may_be_the_base() -> None:
    """EspoCRM's unchanged value was sent back over an edit: there it is, so it arrived."""
    intent = replace(SENT, sent="Dr.", before="Magister", other="Dr.")
    assert settled(intent, now="Dr.", marker="r2").arrived == ("titel",)


@pytest.mark.parametrize(
    "now, arrived",
    [pytest.param(None, True, id="cleared-as-sent"), pytest.param("Dr.", False, id="not-cleared")],
)
def test_a_clearing_arrives_like_any_value(now: str | None, arrived: bool) -> None:
    intent = replace(SENT, sent=None, other=None)
    result = settled(intent, now=now, marker="r1")
    assert (result.arrived == ("titel",)) is arrived
    assert result.base.advo["titel"] == now


def test_a_field_that_the_answer_lacks_stays_open() -> None:
    result = settle(
        side=Side.advoware,
        intents=[SENT],
        superseded=[],
        values=without(HELD, "titel"),
        marker_now="r2",
        base=BASE,
    )
    assert result == Settled(base=BASE, open=(SENT,))


def test_a_write_that_arrived_where_there_was_no_base_makes_one() -> None:
    intent = replace(SENT, before=None)
    result = settled(intent, now=NEW, marker="r2", base=Base())
    assert result.base.holds("titel", FIELDS)
    assert not result.base.holds("name", FIELDS)


def test_a_base_of_an_older_mapping_is_not_taken_for_a_present_one() -> None:
    old = replace(BASE, versions={**BASE.versions, "titel": "older"})
    assert not settled(SENT, now=NEW, marker="r2", base=old).base.holds("titel", FIELDS)


def test_the_other_sides_intents_are_left_to_its_own_look() -> None:
    assert settled(SENT, now=NEW, marker="5", side=Side.espocrm) == Settled(base=BASE)


def test_in_espocrm_too() -> None:
    intent = Intent(side=Side.espocrm, field="titel", sent=NEW, before="Dr.", other=NEW, marker="7")
    result = settled(intent, now=CUT, marker="8", side=Side.espocrm)
    assert (result.base.espo["titel"], result.base.advo["titel"]) == (CUT, NEW)


EARLIER, CARRIED, LATER = "2026-01-05 10:00:00", "2026-01-05 10:00:07", "2026-01-05 10:01:00"


@pytest.mark.parametrize(
    "carried, shown, away",
    [
        pytest.param(CARRIED, EARLIER, True, id="an-older-time-of-sync"),
        pytest.param(CARRIED, "", True, id="no-time-of-sync-yet"),
        pytest.param(CARRIED, CARRIED, False, id="the-time-of-sync-that-was-carried"),
        pytest.param(CARRIED, LATER, False, id="a-later-time-of-sync"),
        pytest.param(CARRIED, None, False, id="espocrm-keeps-no-time-of-sync"),
        pytest.param(None, EARLIER, False, id="none-was-carried"),
    ],
)
@pytest.mark.parametrize("marker_then", ["7", None])
def test_the_marker_moved_by_an_edit_of_something_else(
    carried: str | None, shown: str | None, away: bool, marker_then: str | None
) -> None:
    intent = Intent(
        side=Side.espocrm, field="titel", sent=NEW, before="Dr.", other=NEW, marker=marker_then, stamp=carried
    )
    result = settled(intent, now="Dr.", marker="8", side=Side.espocrm, stamp=shown)
    assert (result == Settled(base=BASE), result.conflicts == {"titel"}) == (away, not away)


AWAY = Intent(side=Side.espocrm, field="titel", sent=NEW, before="Dr.", other=NEW, marker="7", stamp=CARRIED)


@pytest.mark.parametrize("typed", ["Magister", CUT, None])
def test_what_somebody_typed_where_the_write_has_not_come_is_an_edit(typed: str | None) -> None:
    assert settled(AWAY, now=typed, marker="8", side=Side.espocrm, stamp=EARLIER) == Settled(base=BASE)


def test_what_was_sent_may_have_been_typed_where_the_write_has_not_come() -> None:
    assert settled(AWAY, now=NEW, marker="8", side=Side.espocrm, stamp=EARLIER).arrived == ("titel",)


def test_an_older_write_that_lands_is_late_where_the_newer_one_has_not_come() -> None:
    """It carries an older time of sync, and what it wrote begins like the newer one."""
    older = replace(AWAY, sent=CUT, stamp=EARLIER)
    result = settled(AWAY, now=CUT, marker="8", side=Side.espocrm, stamp=EARLIER, superseded=(older,))
    assert (result.late, result.arrived, result.base) == ({"titel"}, (), BASE)


# --- An answer that only echoed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(NEW, id="rowId-equal-taken"),
        pytest.param(CUT, id="rowId-equal-shortened"),
        pytest.param("Dr.", id="rowId-equal-not-taken"),
        pytest.param("PROFESSOR DOKTOR", id="rowId-equal-re-spelled"),
        pytest.param(None, id="rowId-equal-emptied"),
    ],
)
def test_echoed_answer_what_is_read_is_the_base_of_the_sent_fields(now: str | None) -> None:
    result = settled(ANSWERED, now=now, marker="r2", base=BASE_ANSWERED)
    assert (result.base.advo["titel"], result.base.espo["titel"]) == (now, NEW)
    assert (result.arrived, result.conflicts) == (("titel",), frozenset())


@pytest.mark.parametrize("now", [NEW, CUT], ids=["what-was-sent-is-ours", "a-prefix-of-what-was-sent-is-ours"])
def test_echoed_answer_and_somebody_wrote_since(now: str) -> None:
    result = settled(ANSWERED, now=now, marker="r3", base=BASE_ANSWERED)
    assert (result.base.advo["titel"], result.conflicts) == (now, frozenset())


@pytest.mark.parametrize("marker", ["r3", None], ids=["rowId-moved", "rowId-unknown"])
def test_echoed_answer_the_value_from_before_is_a_conflict(marker: str | None) -> None:
    result = settled(ANSWERED, now="Dr.", marker=marker, base=BASE_ANSWERED)
    doubt = frozenset({"titel"})
    assert result == Settled(base=in_doubt(BASE_ANSWERED), conflicts=doubt, set_back=doubt)


@pytest.mark.parametrize("now", ["Magister", None], ids=["anything-else-is-a-persons-edit", "cleared-by-a-person"])
def test_echoed_answer_and_a_persons_edit(now: str | None) -> None:
    assert settled(ANSWERED, now=now, marker="r3", base=BASE_ANSWERED) == Settled(base=BASE_ANSWERED)


@pytest.mark.parametrize(
    "answer, waiting",
    [
        pytest.param({"titel": NEW}, (ANSWERED,), id="the-answer-repeats-what-was-sent"),
        pytest.param({}, (ANSWERED,), id="the-answer-does-not-say"),
        pytest.param({"titel": CUT}, (), id="the-answer-shows-something-else-so-it-is-no-echo"),
        pytest.param({"titel": None}, (), id="the-answer-shows-it-empty"),
    ],
)
def test_what_the_next_look_has_to_confirm(answer: Values, waiting: tuple[Intent, ...]) -> None:
    assert to_be_confirmed([SENT], answer=answer, marker="r2") == waiting


# --- Late writers ---------------------------------------------------------------------------------------------------

# The worker that lost its lease had sent "Magister"; the next one carried NEW, which is the base by now.
STALE = Intent(side=Side.advoware, field="titel", sent="Magister", before="Dr.", other="Magister", marker="r0")


@pytest.mark.parametrize(
    "now, late",
    [
        pytest.param("Magister", {"titel"}, id="a-value-that-equals-a-superseded-intent-is-ours"),
        pytest.param(NEW, set(), id="what-the-next-worker-wrote"),
        pytest.param("Mag", set(), id="the-beginning-of-it-is-an-edit"),
        pytest.param("Dr.", set(), id="the-value-from-before-is-an-edit"),
        pytest.param(None, set(), id="cleared-is-an-edit"),
    ],
)
def test_late_writer(now: str | None, late: set[str]) -> None:
    result = settled(superseded=(STALE,), now=now, marker="r5", base=BASE_ANSWERED)
    assert result.late == late
    assert result.base == BASE_ANSWERED


ALONG = replace(STALE, phase="along")


@pytest.mark.parametrize(
    "base_in_advoware, late",
    [
        pytest.param(NEW, {"titel"}, id="the-base-has-moved-on"),
        pytest.param("Magister", set(), id="the-base-is-still-what-was-carried-along"),
    ],
)
def test_late_whole_object_write(base_in_advoware: str, late: set[str]) -> None:
    base = Base(BASE_ANSWERED.espo, {**BASE_ANSWERED.advo, "titel": base_in_advoware}, FIELDS.versions)
    assert settled(superseded=(ALONG,), now="Magister", marker="r5", base=base).late == late


@pytest.mark.parametrize(
    "base_in_advoware, late",
    [
        pytest.param("Dr.", set(), id="the-edit-has-not-been-carried-yet"),
        pytest.param("Magister", set(), id="the-edit-has-been-carried"),
        pytest.param(NEW, {"titel"}, id="carried-and-edited-anew"),
    ],
)
def test_late_whole_object_write_with_an_edit_that_was_not_carried_yet(base_in_advoware: str, late: set[str]) -> None:
    base = Base(BASE_ANSWERED.espo, {**BASE_ANSWERED.advo, "titel": base_in_advoware}, FIELDS.versions)
    along = replace(ALONG, before="Dr.")
    assert settled(superseded=(along,), now="Magister", marker="r5", base=base).late == late


def test_late_whole_object_write_without_any_base_is_none() -> None:
    assert settled(superseded=(ALONG,), now="Magister", marker="r5", base=Base()).late == frozenset()


def test_what_was_carried_along_is_never_settled() -> None:
    """Its value is what the field held anyway: no proof of anything, and nothing to wait for."""
    result = settled(replace(SENT, phase="along"), now=NEW, marker="r2")
    assert (result.arrived, result.conflicts, result.open, result.base) == ((), frozenset(), (), BASE)


def test_late_writer_is_over_once_it_is_no_longer_given() -> None:
    assert settled(now="Magister", marker="r5", base=BASE_ANSWERED).late == frozenset()


def test_a_superseded_write_on_which_both_sides_agree_is_not_corrected() -> None:
    late = settled(superseded=(SENT,), now=NEW, marker="r2", base=BASE_ANSWERED).late
    comparison = compare(
        BothSides(
            espo={**HELD, "titel": NEW},
            advo={**HELD, "titel": NEW},
            base=BASE_ANSWERED,
            fieldmap=FIELDS,
            no_base=NOTHING_KNOWN,
            late=dict.fromkeys(late, Side.advoware),
        ),
        Policy(),
    )
    assert comparison.verdict is Verdict.no_change


def test_a_late_write_without_any_base_is_ours() -> None:
    assert settled(superseded=(STALE,), now="Magister", marker="r5", base=Base()).late == {"titel"}


def test_a_late_write_of_the_other_side_is_not_this_sides() -> None:
    result = settled(superseded=(STALE,), now="Magister", marker="5", base=BASE_ANSWERED, side=Side.espocrm)
    assert result.late == frozenset()


def test_a_late_write_in_a_field_that_the_answer_lacks() -> None:
    result = settle(side=Side.advoware, intents=[], superseded=[STALE], values={}, marker_now="r5", base=BASE_ANSWERED)
    assert result.late == frozenset()


def test_a_crash_is_a_lost_answer_first_and_late_afterwards() -> None:
    """At the take-over the intent is in both lists: it arrived, so there is nothing to correct."""
    result = settled(SENT, superseded=(SENT,), now=NEW, marker="r2")
    assert (result.arrived, result.late) == (("titel",), frozenset())


@pytest.mark.parametrize("newer", [SENT, ANSWERED], ids=["answer-lost", "answer-echoed"])
def test_a_late_write_that_begins_like_the_newer_one_is_late_and_not_the_newer_one_cut_short(newer: Intent) -> None:
    older = replace(SENT, sent=CUT, other=CUT)
    result = settled(newer, superseded=(older,), now=CUT, marker="r9", base=BASE_ANSWERED)
    assert (result.late, result.arrived) == ({"titel"}, ())
    assert result.base == BASE_ANSWERED


def test_what_the_answer_itself_showed_cut_short_is_no_late_write() -> None:
    older = replace(SENT, sent=CUT, other=CUT)
    result = settled(ANSWERED, superseded=(older,), now=CUT, marker="r2", base=BASE_ANSWERED)
    assert (result.late, result.arrived) == (frozenset(), ("titel",))


def test_a_late_write_is_not_also_a_conflict() -> None:
    """The value from before our lost PUT was itself the late write: corrected, no need to ask anybody."""
    intent = replace(SENT, before="Magister")
    result = settled(intent, superseded=(STALE,), now="Magister", marker="r2")
    assert (result.late, result.conflicts) == ({"titel"}, frozenset())


# --- The answer without a rowId: may the rowId of one more GET be kept? ---------------------------------------------


@pytest.mark.parametrize(
    "values, kept",
    [
        pytest.param({**HELD, "titel": NEW}, True, id="every-field-is-explained"),
        pytest.param({**HELD, "titel": CUT}, True, id="a-prefix-of-what-was-sent"),
        pytest.param({**HELD, "titel": "Dr."}, False, id="not-taken"),
        pytest.param({**HELD, "titel": NEW, "name": "Meier"}, False, id="somebody-edited-another-field"),
        pytest.param({"titel": NEW}, True, id="absent-fields-say-nothing"),
    ],
)
def test_explained(values: Values, kept: bool) -> None:
    assert explained(side=Side.advoware, sent={"titel": NEW}, values=values, base=BASE) is kept


# --- The stored form ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("intent", [SENT, ANSWERED, replace(SENT, sent=None, before=None, marker=None)])
def test_intents_survive_json(intent: Intent) -> None:
    stored = intent.to_json()
    assert type(stored["side"]) is str
    assert Intent.from_json(stored) == intent


def test_phase_and_marker_of_an_answer() -> None:
    assert (SENT.phase, ANSWERED.phase, ANSWERED.marker) == ("sent", "answered", "r2")


# --- What becomes of it in the comparison ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now, marker, espo, verdict, to_advo, to_espo",
    [
        pytest.param(NEW, "r2", NEW, Verdict.no_change, {}, {}, id="arrived"),
        pytest.param(CUT, "r2", NEW, Verdict.no_change, {}, {}, id="arrived-shortened-does-not-flow-back"),
        pytest.param("Dr.", "r1", NEW, Verdict.espocrm_newer, {"titel": NEW}, {}, id="not-arrived-is-sent-again"),
        pytest.param("Dr.", "r9", NEW, Verdict.conflict, {"titel": NEW}, {}, id="in-doubt-a-logged-conflict"),
        pytest.param("Magister", "r2", NEW, Verdict.conflict, {"titel": NEW}, {}, id="edited-meanwhile"),
        pytest.param(NEW, "r2", "Dr.", Verdict.espocrm_newer, {"titel": "Dr."}, {}, id="arrived-and-taken-back-since"),
        pytest.param(NEW, "r2", "PD", Verdict.espocrm_newer, {"titel": "PD"}, {}, id="arrived-and-edited-since"),
    ],
)
def test_the_next_comparison(
    now: str, marker: str, espo: str, verdict: Verdict, to_advo: Values, to_espo: Values
) -> None:
    result = settled(SENT, now=now, marker=marker)
    comparison = compare(
        BothSides(
            espo={**HELD, "titel": espo},
            advo={**HELD, "titel": now},
            base=result.base,
            fieldmap=FIELDS,
            no_base=NOTHING_KNOWN,
            forced_conflicts=result.conflicts,
        ),
        Policy(),
    )
    assert (comparison.verdict, comparison.to_advo, comparison.to_espo) == (verdict, to_advo, to_espo)


def test_no_value_stands_in_a_repr() -> None:
    """Plans and links hold intents, of bank accounts too; whatever is printed of them tells nobody's data."""
    intent = Intent(side=Side.espocrm, field="iban", sent="DE1", before="DE2", other="DE3", marker="7")
    assert "DE" not in repr(intent)
    assert "iban" in repr(intent)
