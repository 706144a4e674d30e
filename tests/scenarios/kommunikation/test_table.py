"""The table for the record's page: both sides next to each other, and the plan of the next run."""

import pytest

from syncapp.core.kommunikation.shapes import ReportCode, Variant
from syncapp.engine import control
from syncapp.entities.beteiligte.clients import Tools, configured_clients
from syncapp.entities.beteiligte.part import PartLine
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.preview import Preview, preview
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import SyncRecord
from tests.scenarios.kommunikation.stage import Stage


def seen(stage: Stage) -> Preview:
    """As the page reads and plans."""
    tools = Tools(configured_clients(), remote_metadata.field_map())
    return preview(stage.record, tools=tools, control=control.switches())


def described(shown: Preview) -> tuple[PartLine, ...]:
    (part,) = (one for one in PARTS if one.name == "kommunikation")
    assert shown.reading is not None
    assert shown.plan is not None
    return part.describe(shown.reading.snapshot.parts[part.name], shown.plan.parts[part.name])


def table(stage: Stage) -> tuple[PartLine, ...]:
    return described(seen(stage))


def line(stage: Stage, *, espo: str | None = None, tlf: str | None = None) -> PartLine:
    """The one line with this item and this entry; None: without one."""
    found = [one for one in table(stage) if (one.espocrm, one.advoware) == (espo, tlf)]
    assert len(found) == 1, table(stage)
    return found[0]


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
    assert (one.advoware_kind, one.remark, one.step, one.report) == ("TelGesch", "Zentrale", "", "")
    assert (one.base_espocrm, one.base_advoware) == ("+49511100001", "0511 100001")
    assert line(synced, espo="+49511100002", tlf="0511 100002").advoware_kind == "FaxPrivat"
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
    stage.set_up()
    SyncRecord.objects.create(espo_id=stage.espo_id, betnr=stage.betnr)
    one = line(stage, espo=item.split("  ")[1], tlf=entry.split("  ")[1])
    assert one.step == Variant.match


def test_new_in_espocrm(synced: Stage) -> None:
    synced.anna_adds("Mobile  +491701000003")
    assert line(synced, espo="+491701000003").step == Variant.add_entry


def test_new_in_espocrm_for_a_slot(stage: Stage) -> None:
    stage.holds_in_espocrm("Fax  +49511100001")
    stage.holds_in_advoware("TelGesch  –  [slot]")
    stage.in_step()
    stage.anna_adds("Office  +49511100002")
    assert line(stage, espo="+49511100002", tlf="").step == Variant.add_entry


def test_deleted_in_espocrm(synced: Stage) -> None:
    synced.anna_deletes("+49511100001")
    one = line(synced, tlf="0511 100001")
    assert (one.step, one.base_espocrm) == (Variant.clear_entry, "+49511100001")


def test_changed_in_espocrm(synced: Stage) -> None:
    synced.anna_changes("+49511100001", "to", "+49511100009")
    assert line(synced, espo="+49511100009", tlf="0511 100001").step == Variant.change_entry


def test_deleted_in_advoware(synced: Stage) -> None:
    synced.clerk_deletes("0511 100001")
    assert line(synced, espo="+49511100001").step == Variant.remove_item


def test_new_in_advoware(synced: Stage) -> None:
    synced.clerk_adds("Mobil  0170 1000003")
    one = line(synced, tlf="0170 1000003")
    assert (one.advoware_kind, one.step, one.report) == ("Mobil", Variant.add_item, "")


def test_changed_in_advoware(synced: Stage) -> None:
    synced.clerk_changes("0511 100001", "to", "0511 100009")
    one = line(synced, espo="+49511100001", tlf="0511 100009")
    assert (one.step, one.base_advoware) == (Variant.change_item, "0511 100001")


def test_one_number_in_two_entries(stage: Stage) -> None:
    stage.holds_in_espocrm("Office  +49511100001")
    stage.holds_in_advoware("TelGesch  0511 100001")
    stage.holds_in_advoware("Sonstige  0511/100001")
    stage.in_step()
    assert line(stage, espo="+49511100001", tlf="0511 100001").step == ""
    assert line(stage, espo="+49511100001", tlf="0511/100001").step == ""


def test_only_in_advoware_because_it_is_no_number(synced: Stage) -> None:
    synced.clerk_adds("Sonstige  siehe Akte")
    one = line(synced, tlf="siehe Akte")
    assert (one.report, one.advoware_kind, one.step) == (ReportCode.not_representable, "Sonstige", "")


def test_only_in_advoware_because_espocrm_has_no_room(stage: Stage) -> None:
    stage.espocrm_habit("max_phones", "2")
    for number in ("0511 100001", "0511 100002", "0511 100003"):
        stage.holds_in_advoware(f"TelGesch  {number}")
    stage.in_step()
    one = line(stage, tlf="0511 100003")
    assert (one.report, one.step) == (ReportCode.over_maximum, "")


def test_only_in_advoware_because_espocrm_refused_it(synced: Stage) -> None:
    synced.clerk_adds("Mobil  0170 1000003")
    synced.espocrm_refuses("phones")
    synced.run("clean")
    assert line(synced, tlf="0170 1000003").report == ReportCode.refused


def test_a_frozen_entry_keeps_its_item(synced: Stage) -> None:
    synced.clerk_changes("0511 100001", "to", "siehe Akte")
    one = line(synced, espo="+49511100001", tlf="siehe Akte")
    assert (one.report, one.step) == (ReportCode.frozen, "")


def test_a_remark_that_advoware_does_not_keep(stage: Stage) -> None:
    stage.advoware_habit("bemerkung_max", "40")
    stage.holds_in_espocrm("Office  +49511100001")
    stage.holds_in_advoware("TelGesch  0511 100001  Durchwahl Sekretariat Frau Meier")
    stage.in_step()
    one = line(stage, espo="+49511100001", tlf="0511 100001")
    assert (one.remark, one.step) == ("Durchwahl Sekretariat Frau Meier", "")


def test_before_the_beteiligter_exists(stage: Stage) -> None:
    stage.holds_in_espocrm("Office  +49511100001")
    stage.not_in_advoware()
    stage.dies_at(1, sent=False)
    assert line(stage, espo="+49511100001").step == Variant.add_entry


def test_a_missing_list_shows_what_there_is_and_plans_nothing(synced: Stage) -> None:
    synced.advoware_habit("omit_kommunikation", "yes")
    assert [(one.espocrm is not None, one.advoware, one.step) for one in table(synced)] == [(True, None, "")] * 2


def test_neither_asks_nor_writes(synced: Stage) -> None:
    shown = seen(synced)
    synced.firm.sandbox.clear_calls()
    before = list(synced.record.links.values())
    described(shown)
    assert synced.firm.sandbox.calls() == []
    assert list(synced.record.links.values()) == before
