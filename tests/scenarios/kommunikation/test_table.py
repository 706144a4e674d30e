"""The table for the record's page: both sides next to each other, and the plan of the next run."""

import pytest

from syncapp.core.kommunikation import ReportCode, Variant
from syncapp.engine.sync_record import configured_clients
from syncapp.entities.beteiligte import remote_metadata
from syncapp.entities.beteiligte.decide import decide
from syncapp.entities.beteiligte.parts.kommunikation.table import ContactLine, LinkState, MarkerState, contact_table
from syncapp.operations.previews.dry_run import look_ahead
from tests.scenarios.kommunikation.stage import Stage


def table(stage: Stage) -> tuple[ContactLine, ...]:
    """As the page builds it: a look, the decision on the master data, the table."""
    clients = configured_clients()
    field_map = remote_metadata.field_map()
    record = stage.record
    look = look_ahead(record, clients, field_map)
    if look.advo is None:
        return contact_table(record=record, look=look, decision=None)
    decision = decide(
        record=record, look=look, field_map=field_map, own_user_id=remote_metadata.kept(remote_metadata.OWN_USER)
    )
    return contact_table(record=record, look=look, decision=decision)


def line(stage: Stage, *, espo: str | None = None, tlf: str | None = None) -> ContactLine:
    """The one line with this item and this entry; None: without one."""
    found = [
        one
        for one in table(stage)
        if (one.item.value if one.item else None) == espo and (one.entry.tlf if one.entry else None) == tlf
    ]
    assert len(found) == 1, [(one.item, one.entry) for one in table(stage)]
    return found[0]


def planned(one: ContactLine) -> list[Variant]:
    return [step.variant for step in one.planned]


@pytest.fixture
def synced(stage: Stage) -> Stage:
    stage.holds_in_espocrm("Office  +49511100001")
    stage.holds_in_espocrm("Fax  +49511100002")
    stage.holds_in_advoware("TelGesch  0511 100001  Zentrale")
    stage.holds_in_advoware("FaxPrivat  0511 100002")
    stage.in_step()
    return stage


def test_what_both_sides_hold(synced: Stage) -> None:
    one = line(synced, espo="+49511100001", tlf="0511 100001")
    assert (one.komm_kz, one.komm_name, one.user_text) == (1, "TelGesch", "Zentrale")
    assert (one.marker, one.link, one.planned) == (MarkerState.right, LinkState.synced, ())
    assert (one.base_espo, one.base_advo) == ("+49511100001", "0511 100001")
    other = line(synced, espo="+49511100002", tlf="0511 100002")
    assert (other.komm_kz, other.komm_name) == (7, "FaxPrivat")
    assert len(table(synced)) == 2


@pytest.mark.parametrize(
    "item, entry",
    [
        pytest.param("Office  +436641234567", "TelGesch  436641234567", id="same-digits"),
        pytest.param("Office  +49492112345", "TelGesch  492112345", id="the-other-reading"),
        pytest.param("Office  +4951112345", "TelGesch  0511 12345 ext. 3", id="an-extension-that-espocrm-drops"),
    ],
)
def test_a_spelling_that_means_what_espocrm_holds_stands_beside_it(stage: Stage, item: str, entry: str) -> None:
    stage.holds_in_espocrm(item)
    stage.holds_in_advoware(entry)
    one = line(stage, espo=item.split("  ")[1], tlf=entry.split("  ")[1])
    assert planned(one) == [Variant.match]


def test_new_in_espocrm(synced: Stage) -> None:
    synced.anna_adds("Mobile  +491701000003")
    one = line(synced, espo="+491701000003")
    assert (one.entry, one.link, planned(one)) == (None, LinkState.none, [Variant.add_entry])


def test_new_in_espocrm_for_a_slot(stage: Stage) -> None:
    stage.holds_in_espocrm("Fax  +49511100001")
    stage.holds_in_advoware("TelGesch  –  [slot]")
    stage.in_step()
    stage.anna_adds("Office  +49511100002")
    one = line(stage, espo="+49511100002", tlf="")
    assert (one.marker, one.link, planned(one)) == (MarkerState.slot, LinkState.known, [Variant.add_entry])


def test_deleted_in_espocrm(synced: Stage) -> None:
    synced.anna_deletes("+49511100001")
    one = line(synced, tlf="0511 100001")
    assert (one.item, one.link, planned(one)) == (None, LinkState.synced, [Variant.clear_entry])


def test_changed_in_espocrm(synced: Stage) -> None:
    synced.anna_changes("+49511100001", "to", "+49511100009")
    one = line(synced, espo="+49511100009", tlf="0511 100001")
    assert planned(one) == [Variant.change_entry]


def test_deleted_in_advoware(synced: Stage) -> None:
    synced.clerk_deletes("0511 100001")
    one = line(synced, espo="+49511100001")
    assert (one.entry, planned(one)) == (None, [Variant.remove_item])


def test_new_in_advoware(synced: Stage) -> None:
    synced.clerk_adds("Mobil  0170 1000003")
    one = line(synced, tlf="0170 1000003")
    assert (one.komm_kz, one.komm_name, one.marker, one.link) == (3, "Mobil", MarkerState.none, LinkState.none)
    assert (one.only_in_advoware, planned(one)) == (None, [Variant.add_item])


def test_changed_in_advoware(synced: Stage) -> None:
    synced.clerk_changes("0511 100001", "to", "0511 100009")
    one = line(synced, espo="+49511100001", tlf="0511 100009")
    assert (one.marker, one.link, planned(one)) == (MarkerState.other, LinkState.synced, [Variant.change_item])
    assert one.base_advo == "0511 100001"


def test_one_number_in_two_entries(stage: Stage) -> None:
    stage.holds_in_espocrm("Office  +49511100001")
    stage.holds_in_advoware("TelGesch  0511 100001")
    stage.holds_in_advoware("Sonstige  0511/100001")
    stage.in_step()
    assert line(stage, espo="+49511100001", tlf="0511 100001").link is LinkState.synced
    alias = line(stage, espo="+49511100001", tlf="0511/100001")
    assert (alias.link, alias.marker) == (LinkState.alias, MarkerState.none)


def test_only_in_advoware_because_it_is_no_number(synced: Stage) -> None:
    synced.clerk_adds("Sonstige  siehe Akte")
    one = line(synced, tlf="siehe Akte")
    assert (one.only_in_advoware, one.komm_kz, one.planned) == (ReportCode.not_representable, 10, ())


def test_only_in_advoware_because_espocrm_has_no_room(stage: Stage) -> None:
    stage.espocrm_habit("max_phones", "2")
    for number in ("0511 100001", "0511 100002", "0511 100003"):
        stage.holds_in_advoware(f"TelGesch  {number}")
    stage.in_step()
    one = line(stage, tlf="0511 100003")
    assert (one.only_in_advoware, one.link, one.planned) == (ReportCode.over_maximum, LinkState.known, ())


def test_only_in_advoware_because_espocrm_refused_it(synced: Stage) -> None:
    synced.clerk_adds("Mobil  0170 1000003")
    synced.espocrm_refuses("phones")
    synced.run("clean")
    assert line(synced, tlf="0170 1000003").only_in_advoware is ReportCode.refused


def test_a_frozen_entry_keeps_its_item(synced: Stage) -> None:
    synced.clerk_changes("0511 100001", "to", "siehe Akte")
    one = line(synced, espo="+49511100001", tlf="siehe Akte")
    assert [report.code for report in one.reports] == [ReportCode.frozen]
    assert (one.only_in_advoware, one.planned) == (None, ())


def test_a_remark_that_advoware_does_not_keep(stage: Stage) -> None:
    stage.advoware_habit("bemerkung_max", "40")
    stage.holds_in_espocrm("Office  +49511100001")
    stage.holds_in_advoware("TelGesch  0511 100001  Durchwahl Sekretariat Frau Meier")
    stage.in_step()
    one = line(stage, espo="+49511100001", tlf="0511 100001")
    assert (one.marker, one.link) == (MarkerState.not_kept, LinkState.synced)
    assert one.user_text == "Durchwahl Sekretariat Frau Meier"


def test_a_write_under_way(synced: Stage) -> None:
    synced.anna_changes("+49511100001", "to", "+49511100009")
    synced.dies_at(1, sent=False)
    assert line(synced, espo="+49511100009", tlf="0511 100001").link is LinkState.under_way


def test_before_the_beteiligter_exists(stage: Stage) -> None:
    stage.holds_in_espocrm("Office  +49511100001")
    stage.not_in_advoware()
    stage.dies_at(1, sent=False)
    one = line(stage, espo="+49511100001")
    assert (one.entry, planned(one)) == (None, [Variant.add_entry])


def test_a_missing_list_shows_what_there_is_and_plans_nothing(synced: Stage) -> None:
    synced.advoware_habit("omit_kommunikation", "yes")
    assert [(one.item is not None, one.entry, one.planned) for one in table(synced)] == [(True, None, ())] * 2


def test_neither_asks_nor_writes(synced: Stage) -> None:
    clients, field_map = configured_clients(), remote_metadata.field_map()
    look = look_ahead(synced.record, clients, field_map)
    decision = decide(
        record=synced.record, look=look, field_map=field_map, own_user_id=remote_metadata.kept(remote_metadata.OWN_USER)
    )
    synced.firm.sandbox.clear_calls()
    before = list(synced.record.links.values())
    contact_table(record=synced.record, look=look, decision=decision)
    assert synced.firm.sandbox.calls() == []
    assert list(synced.record.links.values()) == before
