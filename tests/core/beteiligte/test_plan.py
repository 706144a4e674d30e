"""The one plan of a record: what stops it, what it carries, and that all who ask get the same."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from syncapp.core.base import Base
from syncapp.core.beteiligte.plan import RecordPlan, plan_record
from syncapp.core.beteiligte.snapshot import (
    AdvowareSide,
    EspocrmSide,
    PersonsChoice,
    RefusedValue,
    Rules,
    Snapshot,
    StoredState,
)
from syncapp.core.beteiligte.validation import refused_by_espocrm
from syncapp.core.intents import Intent
from syncapp.core.kommunikation.answers import Accused
from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.plan import KommunikationSnapshot
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import Entry, Item
from syncapp.core.parts import Around, Direction, PlannedWrite
from syncapp.core.requests import Override
from syncapp.core.sides import Side
from syncapp.core.three_way_merge import Policy
from tests.core.fieldmaps import filled, plain

MAP = plain()
RULES = Rules(field_map=MAP, today=date(2025, 6, 1), rechtsformen=frozenset({"GmbH"}))
NEW = datetime(2025, 6, 1, 12, tzinfo=UTC)
LONG_FIRST_NAME = "Hans-Joachim Maximilian Friedrich Georg"  # 39 characters; Advoware takes 30


def unlinked(**values: str | None) -> Snapshot:
    """A record that EspoCRM made after going live."""
    rules = replace(RULES, live_since=datetime(2025, 1, 1, tzinfo=UTC))
    return Snapshot(EspocrmSide(filled(MAP, **values), created_at=NEW), None, StoredState(), rules)


def pair(espo: dict[str, str | None], advo: dict[str, str | None], *, base: dict[str, str | None] | None) -> Snapshot:
    """A linked pair; `base` is what both sides held after the last sync (None: nothing is known)."""
    here, there = filled(MAP, **espo), filled(MAP, **advo)
    both = filled(MAP, **base) if base is not None else {}
    stored = StoredState(betnr=7, base=Base(both, both, dict(MAP.versions) if both else {}), last_sync=NEW)
    return Snapshot(EspocrmSide(here, marker="4", betnr=7), AdvowareSide(7, there, row_id="r1"), stored, RULES)


def with_points(snapshot: Snapshot, *, items: tuple[Item, ...], entries: tuple[Entry, ...]) -> Snapshot:
    return replace(snapshot, parts={"kommunikation": KommunikationSnapshot(items, entries)})


MOBILE = Item(Medium.phone, "+491711234567", "Mobile", primary=True)
LANDLINE = Entry(9, "k9", "0511 12345", "", 0, True)


def written(plan: RecordPlan) -> list[tuple[str, str, str]]:
    return [(write.side, write.act, write.target) for write in plan.remote_writes()]


class TestCreate:
    def test_everything_that_espocrm_holds_is_sent(self) -> None:
        plan = plan_record(unlinked(name="Müller", titel="Dr."))
        assert plan.remote_writes() == (
            PlannedWrite(Side.advoware, "create", "record", {"name": "Müller", "titel": "Dr."}),
        )
        assert (plan.refusal, plan.faults, plan.verdict) == (None, (), "espocrm_newer")

    def test_a_company_is_made_without_first_name_however_long_that_is(self) -> None:
        plan = plan_record(
            unlinked(name="Müller", rechtsform="GmbH", vorname=LONG_FIRST_NAME, geburtsdatum="2031-01-01")
        )
        assert plan.faults == ()
        assert plan.create == {"name": "Müller", "rechtsform": "GmbH"}

    def test_a_person_with_a_first_name_of_39_characters_is_invalid(self) -> None:
        (fault,) = plan_record(unlinked(name="Müller", vorname=LONG_FIRST_NAME)).faults
        assert (fault.field, fault.rule, fault.limit) == ("vorname", "max_length", 30)

    def test_a_record_without_a_name_is_invalid(self) -> None:
        (fault,) = plan_record(unlinked(titel="Dr.")).faults
        assert (fault.field, fault.rule) == ("name", "required")

    def test_none_is_made_while_espocrm_does_not_show_whether_there_is_one(self) -> None:
        """Nobody can take a second Beteiligter out of Advoware again; not even somebody's word for an old record."""
        snapshot = unlinked(name="Müller")
        hidden = replace(snapshot, espo=replace(snapshot.espo, betnr_is_hidden=True))
        for stored in (StoredState(), StoredState(create_released=True)):
            refusal = plan_record(replace(hidden, stored=stored)).refusal
            assert refusal is not None
            assert (refusal.kind, refusal.code) == ("forbidden", "betnr_hidden")

    def test_contact_points_are_part_of_it(self) -> None:
        plan = plan_record(with_points(unlinked(name="Müller"), items=(MOBILE,), entries=()))
        assert written(plan) == [("advoware", "create", "record"), ("advoware", "create", "kommunikation")]

    @pytest.mark.parametrize(
        "created, released, kind",
        [
            (datetime(2024, 12, 31, 23, 59, tzinfo=UTC), False, "needs_confirmation"),
            (datetime(2024, 12, 31, 23, 59, tzinfo=UTC), True, None),
            (datetime(2025, 1, 1, tzinfo=UTC), False, None),
            (None, False, "needs_confirmation"),
        ],
    )
    def test_an_older_record_needs_somebodys_word(
        self, created: datetime | None, released: bool, kind: str | None
    ) -> None:
        snapshot = unlinked(name="Müller")
        stored = replace(snapshot.stored, create_released=released)
        plan = plan_record(replace(snapshot, stored=stored, espo=replace(snapshot.espo, created_at=created)))
        assert (plan.refusal.kind if plan.refusal else None) == kind
        assert plan.create == {"name": "Müller"}, "what would be created is told all the same"

    def test_in_shadow_nobody_has_to_confirm(self) -> None:
        snapshot = unlinked(name="Müller")
        older = replace(snapshot, espo=replace(snapshot.espo, created_at=None), may_write=False)
        assert plan_record(older).refusal is None

    def test_a_create_whose_outcome_is_unknown_is_not_repeated(self) -> None:
        snapshot = unlinked(name="Müller")
        plan = plan_record(replace(snapshot, stored=replace(snapshot.stored, create_since="2025-06-01T12:00:00")))
        assert plan.refusal is not None
        assert plan.refusal.kind == "create_outcome_unknown"

    def test_a_betnr_of_another_record_stops_everything(self) -> None:
        plan = plan_record(replace(unlinked(name="Müller"), betnr_of_other="espo-2"))
        assert plan.refusal is not None
        assert (plan.refusal.kind, plan.refusal.params["other"]) == ("duplicate_link", "espo-2")
        assert plan.is_empty


class TestUpdate:
    def test_each_side_gets_what_the_other_has_changed(self) -> None:
        plan = plan_record(pair({"name": "A", "titel": "Dr."}, {"name": "A", "zusatz": "z"}, base={"name": "A"}))
        assert (dict(plan.to_advoware), dict(plan.to_espocrm)) == ({"titel": "Dr."}, {"zusatz": "z"})
        assert written(plan) == [("advoware", "change", "record"), ("espocrm", "change", "record")]
        assert plan.field_names == ["advoware.titel", "espocrm.zusatz"]

    def test_equal_sides_are_left_alone(self) -> None:
        plan = plan_record(pair({"name": "A"}, {"name": "A"}, base={"name": "A"}))
        assert plan.is_empty
        assert plan.verdict == "no_change"

    def test_a_company_keeps_a_first_name_of_39_characters_in_espocrm(self) -> None:
        company = {"name": "A", "rechtsform": "GmbH", "vorname": LONG_FIRST_NAME}
        plan = plan_record(pair(company, {"name": "A", "rechtsform": "GmbH"}, base=None))
        assert plan.faults == ()
        assert plan.is_empty

    def test_what_is_to_be_written_is_validated_and_nothing_else(self) -> None:
        too_long = {"name": "A", "titel": "x" * 60}
        assert plan_record(pair(too_long, too_long, base=too_long)).faults == ()
        (fault,) = plan_record(pair(too_long, {"name": "A"}, base={"name": "A"})).faults
        assert (fault.field, fault.limit) == ("titel", 50)

    def test_an_unknown_rechtsform_is_refused_and_an_unread_list_refuses_none(self) -> None:
        snapshot = pair({"name": "A", "rechtsform": "Ltd."}, {"name": "A"}, base={"name": "A"})
        assert [fault.rule for fault in plan_record(snapshot).faults] == ["unknown_rechtsform"]
        unread = plan_record(replace(snapshot, rules=replace(RULES, rechtsformen=None)))
        assert unread.faults == ()
        assert [told.code for told in unread.reports] == ["rechtsformen_unreadable"]

    def test_emptied_fields_count_as_removals_on_both_sides(self) -> None:
        base = {"name": "A", "titel": "Dr.", "zusatz": "z"}
        plan = plan_record(pair({"name": "A", "zusatz": "z"}, {"name": "A", "titel": "Dr."}, base=base))
        assert plan.removals == 2

    def test_a_conflict_under_manual_is_held_and_the_rest_goes_on(self) -> None:
        rules = replace(RULES, policy=Policy(by_group={"*": "manual"}))
        espo, advo = {"name": "A", "titel": "1", "zusatz": "z"}, {"name": "A", "titel": "2"}
        plan = plan_record(replace(pair(espo, advo, base={"name": "A"}), rules=rules))
        assert [result.field for result in plan.held] == ["titel"]
        assert dict(plan.to_advoware) == {"zusatz": "z"}

    def test_a_persons_choice_holds_for_the_values_that_were_shown(self) -> None:
        rules = replace(RULES, policy=Policy(by_group={"*": "manual"}))
        snapshot = replace(
            pair({"name": "A", "titel": "1"}, {"name": "A", "titel": "2"}, base={"name": "A"}), rules=rules
        )
        chosen = replace(snapshot.stored, choices={"titel": PersonsChoice(Side.advoware, "1", "2")})
        assert dict(plan_record(replace(snapshot, stored=chosen)).to_espocrm) == {"titel": "2"}
        older = replace(snapshot.stored, choices={"titel": PersonsChoice(Side.advoware, "1", "3")})
        assert plan_record(replace(snapshot, stored=older)).to_espocrm == {}

    def test_where_espocrm_won_the_parts_go_to_advoware_only(self) -> None:
        snapshot = with_points(
            pair({"name": "A", "titel": "1"}, {"name": "A", "titel": "2"}, base={"name": "A"}),
            items=(),
            entries=(LANDLINE,),
        )
        plan = plan_record(snapshot)
        assert plan.around.direction is Direction.to_advoware
        assert "Var4" not in plan.lines
        agreed = with_points(pair({"name": "A"}, {"name": "A"}, base={"name": "A"}), items=(), entries=(LANDLINE,))
        assert "Var4" in plan_record(agreed).lines

    @pytest.mark.parametrize(
        "stored, direction",
        [
            ({"contacts_to_advoware": True}, Direction.to_advoware),
            ({"override": Override.FROM_ADVOWARE}, Direction.to_espocrm),
            ({"override": Override.FROM_ESPOCRM}, Direction.both),
        ],
    )
    def test_the_direction_of_the_parts(self, stored: dict[str, object], direction: Direction) -> None:
        snapshot = pair({"name": "A"}, {"name": "A"}, base={"name": "A"})
        plan = plan_record(replace(snapshot, stored=replace(snapshot.stored, **stored)))  # type: ignore[arg-type]
        assert plan.around.direction is direction

    def test_a_lost_answer_is_settled_before_the_sides_are_compared(self) -> None:
        snapshot = pair({"name": "A", "titel": "Dr."}, {"name": "A", "titel": "Dr."}, base={"name": "A"})
        sent = Intent(Side.advoware, "titel", sent="Dr.", before=None, other="Dr.", marker="r0")
        plan = plan_record(replace(snapshot, stored=replace(snapshot.stored, intents=(sent,))))
        assert plan.fields is not None
        assert plan.fields.intents == ()
        assert plan.fields.base.advo["titel"] == "Dr."
        assert plan.is_empty

    def test_what_both_sides_show_is_the_base_before_anything_is_written(self) -> None:
        """A write without an answer must not take that back: whoever returns to the old value has changed something."""
        old = {"name": "A", "titel": "Dr.", "zusatz": "alt"}
        both = {"name": "A", "titel": "Prof.", "zusatz": "alt"}
        plan = plan_record(pair(both | {"zusatz": "neu"}, both, base=old))
        assert plan.to_advoware == {"zusatz": "neu"}
        assert plan.fields is not None
        assert (plan.fields.base.espo["titel"], plan.fields.base.advo["titel"]) == ("Prof.", "Prof.")
        assert (plan.fields.base.espo["zusatz"], plan.fields.base.advo["zusatz"]) == ("alt", "alt")
        again = replace(pair(old, both, base=None), stored=StoredState(betnr=7, base=plan.fields.base, last_sync=NEW))
        assert plan_record(again).to_advoware == {"titel": "Dr."}

    def test_what_was_carried_along_is_late_by_the_base_that_a_patch_without_an_answer_leaves(self) -> None:
        """A PUT of a dead run lands after a newer title was carried to EspoCRM by a run that died with its answer."""
        old, new = {"name": "A", "titel": "Dr."}, {"name": "A", "titel": "Prof."}
        along = Intent(Side.advoware, "titel", sent="Dr.", before="Dr.", other="Dr.", marker="r0", phase="along")
        sent = Intent(Side.espocrm, "titel", sent="Prof.", before="Dr.", other="Prof.", marker="3")
        snapshot = pair(new, old, base=old)
        plan = plan_record(replace(snapshot, stored=replace(snapshot.stored, intents=(sent,), superseded=(along,))))
        assert (plan.to_advoware, plan.to_espocrm) == ({"titel": "Prof."}, {})

    def test_a_restored_database_knows_no_base_and_says_so(self) -> None:
        snapshot = pair({"name": "A"}, {"name": "B"}, base={"name": "A"})
        later = replace(snapshot, espo=replace(snapshot.espo, last_sync=datetime(2025, 7, 1, tzinfo=UTC)))
        plan = plan_record(later)
        assert plan.around.stale_base
        assert "stale_base" in [told.code for told in plan.reports]

    def test_fields_that_a_side_hides_are_reported(self) -> None:
        snapshot = pair({"name": "A"}, {"name": "A"}, base={"name": "A"})
        espo = {key: value for key, value in snapshot.espo.values.items() if key != "titel"}
        advo = {key: value for key, value in snapshot.advo.values.items() if key != "zusatz"} if snapshot.advo else {}
        plan = plan_record(
            replace(snapshot, espo=replace(snapshot.espo, values=espo), advo=AdvowareSide(7, advo, row_id="r1"))
        )
        told = {one.code: one.params for one in plan.reports}
        assert told == {"hidden_in_espocrm": {"fields": ["titel"]}, "missing_in_advoware": {"fields": ["zusatz"]}}


class TestParts:
    def test_the_one_patch_carries_fields_and_lists_together(self) -> None:
        snapshot = with_points(
            pair({"name": "A"}, {"name": "A", "titel": "Dr."}, base={"name": "A"}), items=(), entries=(LANDLINE,)
        )
        last = plan_record(snapshot).remote_writes()[-1]
        assert (last.side, set(last.values)) == ("espocrm", {"titel", "phoneNumberData"})

    def test_a_part_is_planned_anew_with_what_is_known_by_then(self) -> None:
        snapshot = with_points(pair({"name": "A"}, {"name": "A"}, base={"name": "A"}), items=(), entries=(LANDLINE,))
        plan = plan_record(snapshot)
        refusals = Refusals((Accused(Medium.phone, 9, "0511 12345"),))
        refused = KommunikationSnapshot((), (LANDLINE,), refusals=refusals)
        again = plan.with_part("kommunikation", refused)
        assert "Var4" in plan.lines
        assert "Var4" not in again.lines
        assert again.fields is plan.fields

    def test_no_line_holds_a_value(self) -> None:
        snapshot = with_points(unlinked(name="Müller"), items=(MOBILE,), entries=())
        assert plan_record(snapshot).lines == ["advoware.name", "Var1"]

    def test_links_older_than_espocrms_last_sync_prove_nothing(self) -> None:
        points = KommunikationSnapshot((), (LANDLINE,), our_hash="0123456789abcdef")
        assert points.links_are_stale(Around(stale_base=True))
        assert not points.links_are_stale(Around())
        assert not replace(points, our_hash="").links_are_stale(Around(stale_base=True))


def remembering(snapshot: Snapshot, field: str, value: str) -> Snapshot:
    fault = refused_by_espocrm(field, value, rule="pattern")
    return replace(snapshot, stored=replace(snapshot.stored, refused={field: RefusedValue(value, fault)}))


def test_what_espocrm_has_refused_is_held_back_alone_as_long_as_it_stands() -> None:
    base = {"name": "Meyer", "titel": "Dr."}
    edited = pair(base, {"name": "Meyer <Nord>", "titel": "Prof."}, base=base)
    assert plan_record(edited).to_espocrm == {"name": "Meyer <Nord>", "titel": "Prof."}
    plan = plan_record(remembering(edited, "name", "Meyer <Nord>"))
    assert plan.to_espocrm == {"titel": "Prof."}
    assert [(fault.field, fault.characters) for fault in plan.held_back] == [("name", "<>")]
    assert plan.faults == ()
    assert plan_record(remembering(edited, "name", "Meyer <Süd>")).held_back == ()


def test_a_fault_of_our_rules_that_stands_in_advoware_holds_back_its_field_alone() -> None:
    base = {"name": "Meyer", "titel": "Dr.", "geburtsdatum": "1961-04-12"}
    plan = plan_record(pair(base, {**base, "titel": "Prof.", "geburtsdatum": "2999-01-01"}, base=base))
    assert plan.to_espocrm == {"titel": "Prof."}
    assert [(fault.field, fault.rule, fault.side) for fault in plan.held_back] == [
        ("geburtsdatum", "future_date", Side.advoware)
    ]
    assert plan.all_faults == plan.held_back
