"""Each state of a model and each code of a plan has its row: an icon and a tone, or words."""

from collections.abc import Iterable, Mapping

import pytest

from syncapp.core.three_way_merge import Verdict
from syncapp.models import BulkState, CallOutcome, EventChoice, ExportState, Mode, Result
from syncapp.operations.onboarding.roles import ROLES
from syncapp.words import proxy
from syncapp.words.monitoring import heaps, looks
from syncapp.words.onboarding.roles import ROLE_ICONS
from syncapp.words.runs.summary import VERDICTS

TABLES: Mapping[str, tuple[Iterable[str], Mapping[str, object]]] = {
    "modes": (Mode, looks.MODES),
    "results": (Result, looks.RESULTS),
    "events": (EventChoice, looks.EVENT_ICONS),
    "work": ((*BulkState, *ExportState), looks.WORK),
    "calls": (CallOutcome, proxy.CALL_LOOKS),
    "verdicts": (Verdict, VERDICTS),
    "roles": (ROLES, ROLE_ICONS),
}


@pytest.mark.parametrize("codes, table", TABLES.values(), ids=TABLES)
def test_each_code_has_its_row_and_no_row_is_left_over(codes: Iterable[str], table: Mapping[str, object]) -> None:
    assert {str(code) for code in codes} == {str(code) for code in table}


def test_a_hint_is_about_a_heap() -> None:
    assert set(heaps.HINTS) < set(heaps.HEAPS)


def test_every_tone_has_its_icon() -> None:
    tables: tuple[Mapping[str, tuple[str, str]], ...] = (looks.MODES, looks.RESULTS, looks.WORK, proxy.CALL_LOOKS)
    assert {tone for table in tables for _icon, tone in table.values()} <= set(looks.TONE_ICONS)
