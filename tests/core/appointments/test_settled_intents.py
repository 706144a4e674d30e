"""What an intent without an answer comes to, once the written side is seen: the rows of the table in `intents`."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.pairs.intents import LEAVES_NOTHING, is_beginning, rebased, settle, with_bases
from syncapp.core.appointments.rows import AppointmentAction, AppointmentIntent, AppointmentPair

WHEN = When(False, "2026-06-02T09:00", "2026-06-02T10:00")
OLD = Canonical(WHEN, text="alt", ort="Saal", notiz="eins")
SENT = replace(OLD, text="neu und lang", notiz="zwei")
CARRIED = replace(SENT, text="carried", notiz="carried too")
BOTH = frozenset({Group.text, Group.notiz})
ALL = frozenset(Group)
PAIR = AppointmentPair("own", id=1, fr_nr=7, base_advoware=OLD, base_google=OLD, shown=Shown.busy)


def pending(action: AppointmentAction, groups: frozenset[Group] = BOTH, **more: Any) -> AppointmentPair:
    intent = AppointmentIntent(action, groups, **{"sent": SENT, "carried": CARRIED, **more})
    return replace(PAIR, intent=intent)


@pytest.mark.parametrize("action", LEAVES_NOTHING)
def test_a_deletion_is_seen_or_planned_again(action: AppointmentAction) -> None:
    assert settle(pending(action), advoware=None, google=None) == PAIR
    assert settle(pending(action), advoware=OLD, google=OLD) == PAIR


def test_a_post_is_looked_for_elsewhere() -> None:
    given = pending(AppointmentAction.post_termin)
    assert settle(given, advoware=SENT, google=SENT) == given


def test_without_an_intent_there_is_nothing_to_settle() -> None:
    assert settle(PAIR, advoware=SENT, google=SENT) == PAIR


class TestPatch:
    def test_not_seen(self) -> None:
        given = pending(AppointmentAction.patch_event)
        assert settle(given, advoware=SENT, google=None) == given

    def test_arrived(self) -> None:
        wanted = replace(PAIR, base_google=SENT, base_advoware=CARRIED)
        assert settle(pending(AppointmentAction.patch_event), advoware=None, google=SENT) == wanted

    def test_not_arrived(self) -> None:
        assert settle(pending(AppointmentAction.patch_event), advoware=None, google=OLD) == PAIR

    def test_changed_again_in_one_group(self) -> None:
        """The other one has arrived; what was typed over it counts as changed there."""
        now = replace(SENT, text="von Hand")
        wanted = replace(PAIR, base_google=replace(OLD, notiz="zwei"), base_advoware=replace(OLD, notiz="carried too"))
        assert settle(pending(AppointmentAction.patch_event), advoware=None, google=now) == wanted

    def test_cut_by_google(self) -> None:
        now = replace(SENT, text="neu")
        wanted = replace(PAIR, base_google=now, base_advoware=CARRIED)
        assert settle(pending(AppointmentAction.patch_event), advoware=None, google=now) == wanted

    def test_what_stands_at_the_beginning_of_what_was_sent_may_be_the_old_one(self) -> None:
        """A base that reads like the beginning of the new text: nothing has arrived."""
        base = replace(OLD, text="neu")
        given = replace(pending(AppointmentAction.patch_event, frozenset({Group.text})), base_google=base)
        assert settle(given, advoware=None, google=base) == replace(given, intent=None)

    def test_how_it_is_shown_from_then_on(self) -> None:
        given = pending(AppointmentAction.patch_event, shown=Shown.full)
        assert settle(given, advoware=None, google=SENT).shown is Shown.full
        assert settle(given, advoware=None, google=OLD).shown is Shown.busy
        assert settle(pending(AppointmentAction.patch_event), advoware=None, google=SENT).shown is Shown.busy

    @pytest.mark.parametrize(
        "text, shown", [(OLD.text, Shown.busy), ("von Hand", Shown.full)], ids=["as-before", "typed-over"]
    )
    def test_it_is_not_shown_otherwise_while_some_of_it_stands_as_before(self, text: str, shown: Shown) -> None:
        """Somebody deleted the notes that were to be hidden: the title still has to be."""
        given = pending(AppointmentAction.patch_event, shown=Shown.full)
        assert settle(given, advoware=None, google=replace(SENT, text=text)).shown is shown

    def test_a_time_is_never_a_beginning_of_another(self) -> None:
        later = replace(SENT, when=When(False, "2026-06-02T11:00", "2026-06-02T12:00"))
        given = pending(AppointmentAction.patch_event, frozenset({Group.when}), sent=later)
        assert settle(given, advoware=None, google=replace(OLD, when=WHEN)) == PAIR
        assert settle(given, advoware=None, google=later).base_google == replace(OLD, when=later.when)


class TestInsert:
    def test_arrived(self) -> None:
        given = replace(pending(AppointmentAction.insert_event, ALL, shown=Shown.full), base_google=None)
        wanted = replace(PAIR, base_google=SENT, base_advoware=CARRIED, shown=Shown.full)
        assert settle(given, advoware=None, google=SENT) == wanted

    def test_edited_since(self) -> None:
        """Its base is what was sent, so that the edit is one."""
        given = replace(pending(AppointmentAction.insert_event, ALL), base_google=None)
        wanted = replace(PAIR, base_google=SENT, base_advoware=CARRIED)
        assert settle(given, advoware=None, google=replace(SENT, text="von Hand")) == wanted

    def test_not_seen(self) -> None:
        given = replace(pending(AppointmentAction.insert_event, ALL), base_google=None)
        assert settle(given, advoware=SENT, google=None) == given


class TestPut:
    def test_arrived(self) -> None:
        wanted = replace(PAIR, base_advoware=SENT, base_google=CARRIED)
        assert settle(pending(AppointmentAction.put_termin), advoware=SENT, google=None) == wanted

    def test_cut_by_advoware(self) -> None:
        """The base says what was sent: so it counts as changed there, and Google is put back."""
        wanted = replace(PAIR, base_advoware=SENT, base_google=CARRIED)
        assert settle(pending(AppointmentAction.put_termin), advoware=replace(SENT, text="neu"), google=None) == wanted

    def test_not_arrived(self) -> None:
        assert settle(pending(AppointmentAction.put_termin), advoware=OLD, google=SENT) == PAIR

    def test_what_stands_at_the_beginning_of_what_was_sent_may_be_the_old_one(self) -> None:
        """Advoware's own base counts, not Google's."""
        base = replace(OLD, text="neu")
        given = replace(pending(AppointmentAction.put_termin, frozenset({Group.text})), base_advoware=base)
        assert settle(given, advoware=base, google=None) == replace(given, intent=None)


@pytest.mark.parametrize("missing", ["sent", "carried"])
def test_a_write_is_never_taken_for_arrived_without_both_of_its_values(missing: str) -> None:
    intent = replace(
        AppointmentIntent(AppointmentAction.put_termin, BOTH, sent=SENT, carried=CARRIED), **{missing: None}
    )
    with pytest.raises(ValueError, match=r"^an intent of a write"):
        rebased(PAIR, intent, SENT, BOTH)


def test_where_there_was_no_base_each_side_has_its_own() -> None:
    new = replace(PAIR, base_advoware=None, base_google=None)
    advoware, google = replace(SENT, text="a"), replace(SENT, text="g", ort="Flur")
    found = with_bases(new, frozenset({Group.text}), advoware=advoware, google=google)
    assert (found.base_advoware, found.base_google) == (advoware, google)


def test_a_write_that_carries_nothing_has_come_to_nothing() -> None:
    given = pending(AppointmentAction.patch_event, sent=None, carried=None)
    assert settle(given, advoware=None, google=SENT) == PAIR


def test_a_beginning() -> None:
    assert is_beginning("neu", "neu und lang")
    assert not is_beginning("", "neu und lang")
    assert not is_beginning("und", "neu und lang")
