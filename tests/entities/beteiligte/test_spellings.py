"""Two spellings that look the same are no change on either side, and what is carried is spelled as people see it."""

import pytest

from syncapp.entities.beteiligte.finding.query import matching
from syncapp.models import Conflict, SyncRecord
from tests.support.firm import Firm

DECOMPOSED, COMPOSED = "Lu\u0308denscheidt", "Lüdenscheidt"
LOOK_ALIKE = (
    pytest.param(DECOMPOSED, id="decomposed"),
    pytest.param(f"\u200e{COMPOSED}\ufeff", id="with-marks-that-nobody-sees"),
    pytest.param("Lüden\u00adscheidt", id="with-a-soft-hyphen"),
    pytest.param(f"{COMPOSED}\u00a0", id="with-a-blank-that-does-not-break"),
)


@pytest.mark.parametrize("spelled", LOOK_ALIKE)
def test_typed_on_one_side_what_the_other_holds_is_no_conflict_and_no_write(firm: Firm, spelled: str) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, name=COMPOSED)
    firm.sandbox.clerk.change(betnr, name=spelled)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["name"] == spelled
    assert not Conflict.objects.exists()
    assert firm.record(espo_id).attempts.latest("started_at").verdict == "no_change"
    firm.is_silent(espo_id)


@pytest.mark.parametrize("spelled", LOOK_ALIKE)
def test_what_is_carried_is_composed_and_without_what_nobody_sees(firm: Firm, spelled: str) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, name=spelled)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["name"] == COMPOSED
    firm.is_silent(espo_id)
    firm.sandbox.clerk.change(betnr, zusatz=f"c/o {spelled}")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["zusatz"] == f"c/o {COMPOSED}"
    firm.is_silent(espo_id)


@pytest.mark.parametrize("spelled", LOOK_ALIKE)
def test_a_look_alike_after_the_sync_is_no_edit(firm: Firm, spelled: str) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, name=COMPOSED)
    firm.sync(espo_id)
    firm.sandbox.clerk.change(betnr, name=spelled)
    firm.is_silent(espo_id)


@pytest.mark.parametrize("query", [COMPOSED, DECOMPOSED, "Lüden\u200bscheidt", "LÜDENSCHEIDT", "Luedenscheidt"])
def test_a_record_is_found_by_whatever_its_name_looks_like(firm: Firm, query: str) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, name=DECOMPOSED)
    firm.sync(espo_id)
    assert SyncRecord.objects.get(matching(query, values=True)).espo_id == espo_id
