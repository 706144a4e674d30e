"""Addresses and accounts around their tables: crashes at every write, lost databases, odd lists, habits, cost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from demo.people import Staff
from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.engine import control
from syncapp.engine.rows.due import due_now
from syncapp.entities.beteiligte.finding.query import matching
from syncapp.entities.beteiligte.probes import confirm, recheck, remote_metadata
from syncapp.models import ChildCase, ChildKind, ChildLink, Conflict, RemoteFact, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient, EspoEntity
from syncapp.remotes.http.exchange import Request
from tests.entities.beteiligte.test_other_habits import take_up
from tests.entities.beteiligte.test_sweep import aged
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile, power_cut
from tests.support.wire import answer as answer_of
from tests.support.wire import bent

HERE = {"plz": "30159", "ort": "Hannover"}
THERE = {"plz": "20095", "ort": "Hamburg"}
Adressen = Callable[..., ChildLists]


def pair_of(lists: ChildLists, street: str = "Hauptstr. 5", **parts: object) -> tuple[str, int]:
    """One more address that both sides have."""
    item, number = lists.item(strasse=street, **HERE, **parts), lists.entry(strasse=street, **HERE, **parts)
    lists.run()
    return item, number


def streets(lists: ChildLists) -> tuple[list[str], list[str]]:
    here = sorted(one["strasse"] or "" for one in lists.items.values())
    return here, sorted(one["strasse"] or "" for one in lists.entries.values())


# --- off


def test_switched_off_it_costs_nothing(firm: Firm) -> None:
    lists = ChildLists(firm, *firm.pair())
    lists.item(strasse="Wall 1", **HERE)
    lists.entry(strasse="Ring 3", **HERE)
    lists.run()
    assert firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}
    assert (ChildLink.objects.count(), ChildCase.objects.count()) == (0, 0)
    record = firm.record(lists.espo_id)
    assert (record.adressen_state, record.bank_state) == ({}, {})


# --- what it costs


def test_the_cost_of_each_write(adressen: Adressen) -> None:
    lists = adressen()
    item, number = pair_of(lists)
    lists.is_silent()
    lists.edit_item(item, strasse="Wall 1")
    lists.run()
    assert lists.firm.counts() == {"espocrm": {"GET": 2, "PATCH": 1}, "advoware": {"GET": 1, "PUT": 1}}
    lists.edit_entry(number, strasse="Ring 3")
    lists.run()
    assert lists.firm.counts() == {"espocrm": {"GET": 2, "PATCH": 2}, "advoware": {"GET": 1}}


def test_a_new_record_comes_with_its_addresses(firm: Firm, adressen: Adressen) -> None:
    adressen()  # what EspoCRM's metadata says of addresses is known by now
    espo_id = firm.new()
    ChildLists(firm, espo_id, 0).item(strasse="Wall 1", **HERE)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 2, "PATCH": 2}, "advoware": {"POST": 2}}
    lists = ChildLists(firm, espo_id, firm.record(espo_id).betnr or 0)
    assert streets(lists) == (["Wall 1"], ["Wall 1"])
    lists.is_silent()


def test_a_new_record_s_addresses_do_not_wait_for_a_first_load(
    firm: Firm, adressen: Adressen, settings: Any, meanwhile: Meanwhile
) -> None:
    """Also where the worker died after the Beteiligter was made."""
    settings.ADRESSEN_INITIAL = "match"
    adressen()
    espo_id = firm.new()
    ChildLists(firm, espo_id, 0).item(strasse="Wall 1", **HERE)
    meanwhile.before("advoware", "create_child", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    lists = ChildLists(firm, espo_id, firm.record(espo_id).betnr or 0)
    assert lists.entries == {}
    lists.run()
    answer(lists, "outcome_unknown", CaseAnswer.not_there)
    lists.run()
    assert (streets(lists), lists.cases) == ((["Wall 1"], ["Wall 1"]), [])


# --- crashes


def stirred(adressen: Adressen) -> ChildLists:
    """Everything at once: changed here, changed there, new here, new there, deleted here, and master data."""
    lists = adressen()
    here, _ = pair_of(lists, "Hauptstr. 5")
    _, there = pair_of(lists, "Wall 1")
    gone, _ = pair_of(lists, "Ring 3")
    pair_of(lists, "Gasse 4")
    pair_of(lists, "Weg 8")
    lists.edit_item(here, strasse="Allee 9")
    lists.edit_entry(there, strasse="Platz 2")
    lists.delete_item(gone)
    lists.item(strasse="Birkenweg 1", **THERE)
    lists.entry(strasse="Deich 2", **THERE)
    lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    return lists


WRITES = [
    "PUT Beteiligte",
    "POST Adressen",
    "PUT Adressen",
    "POST CAdressen",
    "PATCH CAdressen",
    "PATCH CAdressen: number",
    "PATCH CBeteiligte",
]
END = (
    ["Allee 9", "Birkenweg 1", "Deich 2", "Gasse 4", "Platz 2", "Weg 8"],
    ["Allee 9", "Birkenweg 1", "Deich 2", "Gasse 4", "Platz 2", "Ring 3", "Weg 8"],
)


def test_everything_at_once(adressen: Adressen) -> None:
    lists = stirred(adressen)
    written = ["POST Adressen", "PUT Adressen", "POST CAdressen", "PATCH CAdressen", "PATCH CAdressen"]
    assert lists.run() == written
    assert (streets(lists), lists.cases) == (END, [(14, "delete_in_advoware")])
    lists.is_silent()


@pytest.mark.parametrize("n", range(1, len(WRITES) + 1), ids=WRITES)
def test_a_crash_after_each_write_comes_to_the_same_end(
    adressen: Adressen, cut_at: Callable[[int], None], n: int
) -> None:
    lists = stirred(adressen)
    cut_at(n)
    with pytest.raises(SystemExit):
        lists.run()
    lists.firm.expire_lease(lists.espo_id)
    for _ in range(2):
        lists.run()
    assert lists.status == "clean"
    assert (streets(lists), lists.cases) == (END, [(14, "delete_in_advoware")])
    assert len(ChildLink.objects.filter(state="linked", alias_of="")) == 6
    lists.is_silent()


@pytest.mark.parametrize("system, method", [("advoware", "PUT"), ("espocrm", "PUT")])
@pytest.mark.parametrize("fault", ["cut_after", "cut_before"])
def test_a_lost_answer_to_a_change(adressen: Adressen, system: str, method: str, fault: str) -> None:
    lists = adressen()
    item, number = pair_of(lists)
    if system == "advoware":
        lists.edit_item(item, strasse="Wall 1")
        path, verb = "Adressen/", "PUT"
    else:
        lists.edit_entry(number, strasse="Wall 1")
        path, verb = "CAdressen/", "PATCH"
    lists.firm.sandbox.fault(system, fault, method=verb, path_contains=path, count=2)
    lists.run()
    assert lists.status == "failed"
    lists.firm.sandbox.heal()
    lists.run()
    assert streets(lists) == (["Wall 1"], ["Wall 1"])
    assert lists.status == "clean"
    lists.is_silent()


@pytest.mark.parametrize("with_number", [True, False])
def test_a_lost_create_in_espocrm_is_found_again(adressen: Adressen, settings: Any, with_number: bool) -> None:
    if not with_number:
        settings.ESPOCRM_ADRESSEN_MAP = {"entry_number": ""}
    lists = adressen()
    number = lists.entry(strasse="Wall 1", **HERE)
    lists.firm.sandbox.fault("espocrm", "cut_after", method="POST", path_contains="CAdressen")
    lists.run()
    assert lists.run() == []
    (item,) = lists.items
    assert (lists.links, lists.status) == ([(item, number, "linked")], "clean")


def test_a_create_in_espocrm_that_lands_late_is_shown_as_a_double(adressen: Adressen, settings: Any) -> None:
    """The first create was answered by nobody, and landed after it was repeated and the entry was edited."""
    lists = adressen()
    number = lists.entry(strasse="Wall 1", **HERE)
    lists.firm.sandbox.fault("espocrm", "cut_before", method="POST", path_contains="CAdressen")
    lists.run()
    lists.edit_entry(number, strasse="Ring 3")
    lists.run()
    assert streets(lists) == (["Ring 3"], ["Ring 3"])
    ours = Staff(lists.firm.sandbox.origin, entity="CAdressen", key=settings.ESPOCRM_API_KEY)
    late = {"name": "x", "beteiligteId": lists.espo_id, "strasse": "Wall 1", "advowareAdresseId": number}
    ours.create(**late, **HERE)
    assert "POST Adressen" not in lists.run()
    assert lists.cases == [(6, "double")]
    lists.run()
    assert streets(lists) == (["Ring 3", "Ring 3"], ["Ring 3"])
    lists.is_silent()


def test_a_record_that_people_copied_with_its_number_is_new(adressen: Adressen) -> None:
    lists = adressen()
    lists.entry(strasse="Wall 1", **HERE)
    lists.run()
    (original,) = lists.items.values()
    lists.item(strasse="Ring 3", advowareAdresseId=original["advowareAdresseId"], **HERE)
    assert "POST Adressen" in lists.run()
    assert streets(lists) == (["Ring 3", "Wall 1"], ["Ring 3", "Wall 1"])
    lists.is_silent()


# --- markers, lost databases, late answers


def test_a_copied_marker_proves_nothing(adressen: Adressen) -> None:
    lists = adressen()
    lists.item(strasse="Wall 1", **HERE)
    lists.run()
    (entry,) = lists.entries.values()
    lists.entry(strasse="Ring 3", bemerkung=entry["bemerkung"], **THERE)
    assert lists.run() == ["POST CAdressen"]
    assert streets(lists) == (["Ring 3", "Wall 1"], ["Ring 3", "Wall 1"])
    lists.is_silent()


def lose_database(lists: ChildLists) -> None:
    ChildLink.objects.all().delete()
    ChildCase.objects.all().delete()
    SyncRecord.objects.update(adressen_state={})


@pytest.mark.parametrize("with_number", [True, False])
def test_a_lost_database_is_rebuilt(adressen: Adressen, settings: Any, with_number: bool) -> None:
    if not with_number:
        settings.ESPOCRM_ADRESSEN_MAP = {"entry_number": ""}
    lists = adressen()
    lists.item(strasse="Wall 1", **HERE)
    lists.entry(strasse="Ring 3", **THERE)
    lists.run()
    known = lists.links
    lose_database(lists)
    assert lists.run() == []
    assert lists.links == known
    lists.is_silent()


def test_a_rebuild_that_dies_while_it_sends_an_address_does_not_send_it_again(
    adressen: Adressen, meanwhile: Meanwhile
) -> None:
    """EspoCRM still tells of the last sync, so that the rebuilt links count for little; but what was sent, was sent."""
    lists = adressen()
    item = lists.item(strasse="Wall 1", **HERE)
    lists.run()
    lists.item(strasse="Ring 3", **THERE)
    SyncRecord.objects.all().delete()
    meanwhile.before("advoware", "create_child", power_cut)
    with pytest.raises(SystemExit):
        lists.run()
    lists.firm.expire_lease(lists.espo_id)
    assert lists.run() == []
    assert (lists.cases, lists.status) == ([(22, "outcome_unknown")], "failed")
    assert [link.espo_id for link in ChildLink.objects.exclude(entry_id=None)] == [item]
    answer(lists, "outcome_unknown", CaseAnswer.not_there)
    assert lists.run()[:1] == ["POST Adressen"]
    assert (streets(lists), lists.cases) == ((["Ring 3", "Wall 1"], ["Ring 3", "Wall 1"]), [])
    lists.is_silent()


def test_a_refused_address_keeps_nothing_from_espocrm_after_a_conflict(adressen: Adressen) -> None:
    """EspoCRM has won a field, so that this run goes to Advoware alone; the next one does not, whatever was refused."""
    lists = adressen()
    lists.firm.sandbox.anna.change(lists.espo_id, titel="aus EspoCRM")
    lists.firm.sandbox.clerk.change(lists.betnr, titel="aus Advoware")
    lists.item(strasse="Wall 1", **HERE)
    lists.entry(strasse="Ring 3", **THERE)
    lists.firm.sandbox.fault("advoware", "status", method="POST", path_contains="Adressen", status=400)
    assert lists.run() == ["POST Adressen"]
    assert (lists.firm.advo(lists.betnr)["titel"], lists.status) == ("aus EspoCRM", "failed")
    assert lists.run() == ["POST CAdressen"]
    assert streets(lists) == (["Ring 3", "Wall 1"], ["Ring 3"])


def test_a_lost_database_with_an_edit_asks_who_changed(adressen: Adressen) -> None:
    lists = adressen()
    item = lists.item(strasse="Wall 1", **HERE)
    lists.run()
    lists.edit_item(item, strasse="Ring 3")
    lose_database(lists)
    lists.run()
    assert lists.cases == [(1, "differs")]
    assert streets(lists) == (["Ring 3"], ["Wall 1"])
    answer(lists, "differs", CaseAnswer.keep_espocrm)
    assert "PUT Adressen" in lists.run()
    assert (streets(lists), lists.cases) == ((["Ring 3"], ["Ring 3"]), [])
    lists.is_silent()


def answer(lists: ChildLists, code: str, choice: CaseAnswer) -> None:
    """What a person's answer leaves behind."""
    ChildCase.objects.filter(pk=lists.case(code).pk).update(answer=choice.value)


@pytest.mark.parametrize(
    "choice, writes",
    [
        (CaseAnswer.same, []),
        (CaseAnswer.different, ["POST Adressen", "POST CAdressen", "PATCH CAdressen"]),
    ],
)
def test_same_or_different(adressen: Adressen, choice: CaseAnswer, writes: list[str]) -> None:
    lists = adressen()
    lists.item(strasse="Hauptstr. 5", **HERE)
    lists.entry(strasse="Hauptstr. 7", **HERE)
    lists.run()
    answer(lists, "same_or_different", choice)
    assert lists.run() == writes
    assert lists.cases == []
    lists.is_silent()


def test_a_post_that_lands_after_not_there_is_shown_and_not_multiplied(adressen: Adressen) -> None:
    lists = adressen()
    item = lists.item(strasse="Wall 1", **HERE)
    lists.firm.sandbox.fault("advoware", "cut_before", method="POST", path_contains="Adressen")
    lists.run()
    lists.run()
    answer(lists, "outcome_unknown", CaseAnswer.not_there)
    assert lists.run()[:1] == ["POST Adressen"]
    lists.entry(strasse="Wall 1", bemerkung=f"[ESPOCRM-ID:{item}]", **HERE)
    lists.run()
    assert (lists.cases, lists.status) == ([(5, "double")], "clean")
    assert (len(lists.items), len(lists.entries)) == (1, 2)
    lists.is_silent()


# --- lists


@pytest.mark.parametrize("switch, keeps", [("omit_adressen", "failed"), ("empty_adressen", "dirty")])
def test_a_list_that_is_missing_or_suddenly_empty_removes_nothing(adressen: Adressen, switch: str, keeps: str) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    lists.firm.sandbox.advoware(**{switch: True})
    assert lists.run() == []
    assert lists.status == keeps
    assert lists.firm.advo(lists.betnr)["titel"] == "Prof."
    assert lists.items[item]["istAktiv"] is True
    lists.firm.sandbox.advoware(**{switch: False})
    assert lists.run() == []
    assert lists.status == "clean"
    lists.is_silent()


def test_a_list_that_stays_empty_is_believed_at_the_second_look(adressen: Adressen) -> None:
    lists = adressen()
    item, number = pair_of(lists)
    lists.remove_entry(number)
    assert lists.run() == []
    assert lists.run() == ["PATCH CAdressen"]
    assert lists.items[item]["istAktiv"] is False


def test_a_put_of_the_record_whose_answer_shows_no_addresses_removes_none(
    adressen: Adressen, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = AdvowareClient.update

    def update(client: AdvowareClient, current: AdvowareBeteiligter, changes: Any) -> AdvowareBeteiligter:
        answer = put(client, current, changes)
        return replace(answer, raw={**answer.raw, "adressen": shown} if shown is not None else less(answer.raw))

    def less(raw: Any) -> dict[str, object]:
        return {name: value for name, value in raw.items() if name != "adressen"}

    lists = adressen()
    pair_of(lists)
    monkeypatch.setattr(AdvowareClient, "update", update)
    for titel, shown in (("Prof.", None), ("Dr.", [])):  # noqa: B007 - what the answer shows
        lists.firm.sandbox.anna.change(lists.espo_id, titel=titel)
        assert lists.run() == []
        assert (lists.status, lists.cases) == ("clean", [])
        assert lists.firm.advo(lists.betnr)["titel"] == titel
    lists.is_silent()


def test_expired_ones_are_not_carried_but_match(adressen: Adressen) -> None:
    lists = adressen()
    number = lists.entry(strasse="Wall 1", gueltigBis="2019-12-31T00:00:00", **HERE)
    assert lists.run() == []
    assert lists.reports == ["child_expired"]
    item = lists.item(strasse="Wall 1", istAktiv=False, **HERE)
    assert lists.run() == []
    assert lists.links == [(item, number, "linked")]


def test_no_right_to_read_stops_this_list_alone(adressen: Adressen) -> None:
    lists = adressen()
    pair_of(lists)
    lists.firm.sandbox.control.tell("espocrm/role", CAdressen=False)
    lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    assert lists.run() == []
    assert lists.status == "failed"
    assert lists.firm.advo(lists.betnr)["titel"] == "Prof."
    assert lists.firm.record(lists.espo_id).kind in ("forbidden", "validation")
    ALL = {"create": "yes", "read": "all", "edit": "all", "delete": "no", "stream": "all"}
    lists.firm.sandbox.control.tell("espocrm/role", CAdressen=ALL)
    lists.run()
    assert lists.status == "clean"


@pytest.mark.parametrize("hidden", ["plz", "land", "istAktiv"])
def test_a_field_that_espocrm_hides_empties_nothing(
    adressen: Adressen, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    """A role that may not read it any more, or a field that was taken away since the metadata were read."""
    lists = adressen()
    pair_of(lists)
    shown = EspoClient.children

    def without(client: EspoClient, *, link: str, parent_id: str) -> tuple[EspoEntity, ...]:
        found = shown(client, link=link, parent_id=parent_id)
        return tuple(
            replace(one, attributes={name: value for name, value in one.attributes.items() if name != hidden})
            for one in found
        )

    with monkeypatch.context() as role:
        role.setattr(EspoClient, "children", without)
        lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
        assert lists.run() == []
    record = lists.firm.record(lists.espo_id)
    fault = {"code": "child_hidden_field", "params": {"field": hidden, "entity": "CAdressen"}}
    assert (record.status, record.fault) == ("failed", fault)
    assert lists.firm.advo(lists.betnr)["titel"] == "Prof."
    assert [entry["plz"] for entry in lists.entries.values()] == ["30159"]
    assert lists.run() == []
    assert lists.status == "clean"


def test_a_hidden_field_has_the_metadata_read_anew(adressen: Adressen) -> None:
    lists = adressen()
    pair_of(lists)
    fact = RemoteFact.objects.filter(pk="espocrm.child_fields.CAdressen")
    for age, is_read_anew in ((timedelta(minutes=5), False), (timedelta(hours=1), True)):
        fact.update(fetched_at=timezone.now() - age)
        remote_metadata.doubt_child_fields("CAdressen")
        assert (fact.get().fetched_at < timezone.now() - timedelta(hours=23)) is is_read_anew


def test_an_entity_without_the_fields_is_told_and_stops_nothing(adressen: Adressen, settings: Any) -> None:
    settings.ESPOCRM_ADRESSEN_ENTITY = "CKeineAdressen"
    lists = adressen()
    lists.entry(strasse="Wall 1", **HERE)
    assert lists.run() == []
    assert (lists.status, lists.reports) == ("clean", ["child_no_fields"])


def test_accounts_at_an_address_that_is_not_there_stop_this_list_alone(firm: Firm, settings: Any) -> None:
    settings.ESPOCRM_BANK_ENTITY, settings.ADVOWARE_BANK_LIST = "CBankverbindungen", "get"
    lists = ChildLists(firm, *firm.pair(), kind=ChildKind.BANK)
    firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    lists.run()
    assert firm.advo(lists.betnr)["titel"] == "Prof."
    assert (lists.status, firm.record(lists.espo_id).kind) == ("failed", "validation")
    firm.sandbox.advoware(bank_list="get")
    lists.entry(iban="DE89370400440532013000")
    assert lists.run() == ["POST CBankverbindungen"]
    assert lists.status == "clean"
    lists.run()
    assert firm.counts() == {"espocrm": {"GET": 2}, "advoware": {"GET": 2}}


# --- first load and crowds


def test_a_first_load_only_matches_until_people_say_carry(adressen: Adressen, settings: Any, firm: Firm) -> None:
    lists = adressen()
    SyncRecord.objects.update(adressen_state={})  # as before addresses were switched on
    settings.ADRESSEN_INITIAL = "match"
    lists.item(strasse="Wall 1", **HERE)
    lists.entry(strasse="Ring 3", **THERE)
    pair = lists.item(strasse="Gasse 4", **HERE), lists.entry(strasse="Gasse 4", **HERE)
    assert lists.run() == []
    assert lists.cases == [(3, "waiting"), (4, "waiting")]
    assert (*pair, "linked") in lists.links
    lists.is_silent()
    for case in ChildCase.objects.all():
        ChildCase.objects.filter(pk=case.pk).update(answer=CaseAnswer.carry.value)
    assert lists.run() == ["POST Adressen", "POST CAdressen", "PATCH CAdressen"]
    assert (lists.cases, streets(lists)[0]) == ([], streets(lists)[1])
    lists.is_silent()


def test_what_waits_and_what_it_said_before_is_found(adressen: Adressen, settings: Any) -> None:
    """People look for what they see on either side, carried or not."""
    lists = adressen()
    settings.ADRESSEN_INITIAL = "match"
    SyncRecord.objects.update(adressen_state={})
    lists.item(strasse="Wall 1", **HERE)
    number = lists.entry(strasse="Ring 3", **THERE)
    lists.run()
    found = SyncRecord.objects.filter(espo_id=lists.espo_id)

    def finds(query: str) -> bool:
        return found.filter(matching(query, values=True)).exists()

    assert lists.cases == [(3, "waiting"), (4, "waiting")]
    assert [finds("Wall 1"), finds("Ring 3 Hamburg"), finds("Gasse 4")] == [True, True, False]
    lists.edit_entry(number, strasse="Gasse 4")
    assert lists.run(source="sweep") == []
    assert [finds("Gasse 4"), finds("Ring 3"), finds("Wall 1")] == [True, True, True]


def test_an_account_that_waits_is_found_by_its_last_four(konten: Adressen, settings: Any) -> None:
    lists = konten()
    settings.ADRESSEN_INITIAL = "match"
    SyncRecord.objects.update(bank_state={})
    lists.item(iban="DE89370400440532013000")
    lists.run()
    assert [code for _row, code in lists.cases] == ["waiting"]
    assert SyncRecord.objects.filter(matching("DE89 3704 0044 0532 0130 00", values=True)).exists()


def test_more_than_five_new_ones_of_a_record_wait(adressen: Adressen) -> None:
    lists = adressen()
    for n in range(7):
        lists.item(strasse=f"Straße {chr(65 + n)}", plz=str(n), ort="Ulm")
    assert lists.run().count("POST Adressen") == 5
    assert lists.cases == [(3, "waiting")] * 2
    lists.is_silent()


def test_too_many_creates_are_stopped(adressen: Adressen, settings: Any) -> None:
    settings.SYNC_GUARD_MAX_CHILD_CREATES = 2
    lists = adressen()
    for n in range(3):
        lists.item(strasse=f"Straße {chr(65 + n)}", plz=str(n), ort="Ulm")
    assert lists.run() == []
    assert lists.firm.record(lists.espo_id).kind == "blocked"
    assert lists.entries == {}


def test_three_rewrites_within_an_hour_are_held(adressen: Adressen) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    for n in range(3):
        lists.edit_item(item, strasse=f"Wall {n}")
        assert lists.run() == ["PUT Adressen"]
    lists.edit_item(item, strasse="Wall 9")
    assert "PUT Adressen" not in lists.run()
    assert lists.cases == [(8, "rewritten")]


# --- habits of Advoware that nobody knows


@pytest.mark.parametrize("shape", ["object", "list", "id", "number", "empty", "all"])
def test_whatever_a_post_answers(adressen: Adressen, shape: str) -> None:
    lists = adressen()
    lists.firm.sandbox.advoware(post_answer=shape)
    item = lists.item(strasse="Wall 1", **HERE)
    lists.run()
    lists.run()
    (number,) = lists.entries
    assert (lists.links, lists.status) == ([(item, number, "linked")], "clean")
    assert "POST Adressen" not in lists.run()


@pytest.mark.parametrize(
    "habit",
    [
        {"standard_moves": True},
        {"land_form": "name"},
        {"land_form": "letters"},
        {"anschrift_kind": "composed"},
        {"anschrift_kind": "follows"},
        {"cut_remark": 5},
        {"parent_put_touches_children": True},
        {"child_moves_parent": True},
        {"put_answer_echoes": True},
        {"trims_text": True},
    ],
    ids=lambda habit: "-".join(f"{name}={value}" for name, value in habit.items()),
)
def test_habits(adressen: Adressen, habit: dict[str, object]) -> None:
    """A life of three addresses: it ends equal and silent, whatever Advoware is like."""
    lists = adressen()
    lists.firm.sandbox.advoware(**habit)
    item = lists.item(strasse="Wall 1", land="Germany", **HERE)
    land = "D" if habit.get("land_form") == "letters" else "Deutschland"
    number = lists.entry(strasse="Ring 3", land=land, standardAnschrift=True, **THERE)
    lists.run()
    lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    lists.edit_item(item, strasse="Allee 9")
    lists.run()
    lists.edit_entry(number, strasse="Platz 2")
    lists.run()
    lists.run()
    assert streets(lists) == (["Allee 9", "Platz 2"], ["Allee 9", "Platz 2"])
    assert lists.status == "clean"
    assert lists.run() == []


SPELLINGS = {
    "dates of .NET for none": {"gueltigBis": "0001-01-01T00:00:00", "gueltigVon": "0001-01-01T00:00:00"},
    "codes as numbers": {"plz": 30159},
    "truth as numbers": {"standardAnschrift": 0},
    "empty for null": {"land": "", "postfach": "", "postfachPLZ": "", "bemerkung": None, "anschrift": None},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_values_in_other_spellings(adressen: Adressen, monkeypatch: pytest.MonkeyPatch, spelling: str) -> None:
    """A life of two addresses, whatever Advoware puts where nothing, a number or a truth stands."""
    lists = adressen()

    def spelled(request: Request, found: dict[str, Any]) -> object:
        if isinstance(found.get("adressen"), list):
            return {**found, "adressen": [{**entry, **SPELLINGS[spelling]} for entry in found["adressen"]]}
        return {**found, **SPELLINGS[spelling]} if "Adressen" in request.path else found

    take_up(spelled, monkeypatch)
    place = {"plz": "30159", "ort": "Hannover"}
    item, number = lists.item(strasse="Wall 1", **place), lists.entry(strasse="Ring 3", **place)
    lists.run()
    lists.run()
    assert streets(lists) == (["Ring 3", "Wall 1"], ["Ring 3", "Wall 1"])
    lists.edit_item(item, strasse="Allee 9")
    lists.edit_entry(number, strasse="Platz 2")
    lists.run()
    assert streets(lists) == (["Allee 9", "Platz 2"], ["Allee 9", "Platz 2"])
    assert [one["istAktiv"] for one in lists.items.values()] == [True, True]
    assert (lists.status, lists.cases) == ("clean", [])
    lists.is_silent()


def test_an_answer_that_names_the_entry_alone_hides_no_later_edit(
    adressen: Adressen, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = adressen()
    take_up(
        lambda request, found: {"id": found["id"], "rowId": "x"} if "Adressen" in request.path else found, monkeypatch
    )
    item = lists.item(strasse="Wall 1", **HERE)
    lists.run()
    lists.edit_item(item, strasse="Allee 9")
    assert lists.run() == ["PUT Adressen"]
    lists.edit_item(item, strasse="Platz 2")
    assert lists.run() == ["PUT Adressen"]
    assert streets(lists) == (["Platz 2"], ["Platz 2"])
    assert not Conflict.objects.exists(), "nobody but EspoCRM has changed anything"


def test_entries_addressed_by_their_place(adressen: Adressen, settings: Any) -> None:
    settings.ADVOWARE_ADRESSE_KEY = "reihenfolgeIndex"
    lists = adressen()
    lists.firm.sandbox.advoware(adresse_key="reihenfolgeIndex")
    for street in ("Wall 1", "Ring 3"):
        lists.entry(strasse=street, **HERE)
    lists.run()
    second = next(one for one in lists.items.values() if one["strasse"] == "Ring 3")
    lists.edit_item(second["id"], strasse="Allee 9")
    assert lists.run() == ["PUT Adressen"]
    assert streets(lists) == (["Allee 9", "Wall 1"], ["Allee 9", "Wall 1"])
    lists.is_silent()


def test_an_entry_that_advoware_shows_and_does_not_find_is_tried_again_later(adressen: Adressen) -> None:
    """As where another field is its number in the address: the record must not run again at once, without end."""
    lists = adressen()
    item, _number = pair_of(lists)
    lists.edit_item(item, strasse="Wall 1")
    lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    with bent(lambda wire: answer_of(404) if "/Adressen/" in wire.path else wire.send()):
        lists.run()
    record = lists.firm.record(lists.espo_id)
    assert (record.status, record.kind, record.retry_count) == ("failed", "transient", 1)
    assert record.fault["code"] == "remote_not_found"
    assert record.next_retry_at is not None
    assert lists.firm.advo(lists.betnr)["titel"] == "Prof.", "all else goes on"
    lists.run()
    assert streets(lists) == (["Wall 1"], ["Wall 1"])
    lists.is_silent()


# --- the item's own status


def test_the_item_says_how_it_stands(adressen: Adressen) -> None:
    lists = adressen()
    item = lists.item(strasse="Wall 1", syncStatus="unclean", **HERE)
    lists.run()
    shown = lists.items[item]
    (number,) = lists.entries
    assert (shown["syncStatus"], shown["advowareAdresseId"]) == ("clean", number)
    assert shown["advowareLastSync"]
    lists.edit_item(item, land="Österreich")
    lists.run()
    assert lists.items[item]["syncStatus"] == "unclean"
    lists.edit_item(item, land=None, strasse="x" * 120)
    lists.run()
    assert lists.items[item]["syncStatus"] == "failed"
    lists.edit_item(item, strasse="Wall 1")
    lists.run()
    assert lists.items[item]["syncStatus"] == "clean"
    lists.is_silent()


@pytest.mark.parametrize("fault", ["status", "cut_before", "cut_after"])
def test_an_outage_while_an_item_s_status_is_written_fails_nothing(adressen: Adressen, fault: str) -> None:
    """All has been carried; the record says what is owed, rests, and comes back for it soon."""
    lists = adressen()
    item = lists.item(strasse="Wall 1", **HERE)
    lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    more = {"status": 503} if fault == "status" else {}
    lists.firm.sandbox.fault("espocrm", fault, method="PATCH", path_contains="CAdressen", count=9, **more)
    lists.run()
    assert (lists.status, lists.reports) == ("clean", ["child_marks_owed"])
    assert lists.firm.espo(lists.espo_id)["syncStatus"] == "clean"
    assert lists.firm.advo(lists.betnr)["titel"] == "Prof."
    lists.firm.sandbox.heal()
    assert not due(lists)
    SyncRecord.objects.update(late_look_at=timezone.now())
    assert due(lists)
    lists.run()
    (number,) = lists.entries
    assert lists.items[item]["advowareAdresseId"] == number
    assert (lists.status, lists.reports, due(lists)) == ("clean", [], False)
    lists.is_silent()


def due(lists: ChildLists) -> bool:
    return SyncRecord.objects.filter(due_now(control.switches()), espo_id=lists.espo_id).exists()


# --- cases


def test_open_tasks_keep_a_record_from_counting_as_equal_by_setting(adressen: Adressen, settings: Any) -> None:
    settings.CHILD_CASES_KEEP_DIRTY = True
    lists = adressen()
    item, _number = pair_of(lists)
    lists.edit_item(item, land="Österreich")
    lists.run()
    record = lists.firm.record(lists.espo_id)
    assert (record.status, record.fault["code"]) == ("failed", "child_cases_open")
    ChildCase.objects.update(done_at=timezone.now())
    lists.run()
    assert lists.status == "clean"


def test_a_case_is_told_once_also_where_the_run_fails(adressen: Adressen, mailoutbox: list[Any]) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    bad, _other = pair_of(lists, "Ring 3")
    lists.edit_item(item, land="Österreich")
    lists.edit_item(bad, strasse="x" * 120)
    told = 0
    for _ in range(2):
        lists.firm.sandbox.clear_calls()
        lists.run()
        told += sum(path.endswith("/Note") for _system, method, path in lists.firm.sandbox.calls() if method == "POST")
    assert lists.status == "failed"
    assert told >= 1
    cases = list(ChildCase.objects.all())
    assert cases
    assert all(case.told_at for case in cases)


# --- relinked, gone


def test_another_beteiligter_has_other_addresses(firm: Firm, adressen: Adressen) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    lists.edit_item(item, land="Österreich")
    lists.run()
    other = firm.sandbox.clerk.create(name="Müller-Lüdenscheidt", vorname="Jürgen")
    firm.sandbox.anna.change(lists.espo_id, betnr=other["betNr"])
    firm.relinked(lists.espo_id)
    lists.run()
    assert firm.record(lists.espo_id).betnr == other["betNr"]
    assert (14, "delete_in_advoware") not in lists.cases
    assert (12, "change_in_advoware") not in lists.cases
    assert not any(link[1] == _number for link in lists.links)


# --- the confirming look, the sweep


def test_one_look_confirms_what_we_wrote_and_then_an_undo_is_an_edit(adressen: Adressen) -> None:
    lists = adressen()
    item, number = pair_of(lists)
    lists.edit_item(item, strasse="Wall 1")
    lists.run()
    record = lists.firm.record(lists.espo_id)
    assert record.unconfirmed
    lists.firm.sandbox.clear_calls()
    assert confirm.confirm_writes([record.pk]) == {"confirmed": 1}
    assert lists.firm.counts() == {"espocrm": {}, "advoware": {"GET": 1}}
    assert not lists.firm.record(lists.espo_id).unconfirmed
    lists.edit_entry(number, strasse="Hauptstr. 5")
    assert lists.run() == ["PATCH CAdressen"]
    assert streets(lists) == (["Hauptstr. 5"], ["Hauptstr. 5"])
    lists.is_silent()


def test_set_back_before_the_look_leads_to_a_run(adressen: Adressen) -> None:
    lists = adressen()
    item, number = pair_of(lists)
    lists.edit_item(item, strasse="Wall 1")
    lists.run()
    lists.edit_entry(number, strasse="Hauptstr. 5")
    assert confirm.confirm_writes([lists.firm.record(lists.espo_id).pk]) == {"differs": 1}
    lists.run()
    here, there = streets(lists)
    assert here == there
    lists.is_silent()


def test_an_address_that_only_advoware_changed_is_found_by_the_sweep(adressen: Adressen) -> None:
    lists = adressen()
    item, number = pair_of(lists)
    lists.edit_entry(number, strasse="Ring 3")
    ids = aged(lists.firm, lists.espo_id)
    recheck.recheck_records(ids)
    assert lists.items[item]["strasse"] == "Ring 3"
