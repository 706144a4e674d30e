"""Without a base: who is touched, by which signal, and when nobody can tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.base import NoBase
from syncapp.core.beteiligte.no_base import NOTHING_KNOWN, base_is_stale, no_base_signals
from syncapp.core.beteiligte.snapshot import AdvowareSide, EspocrmSide

BOT, ANNA = "bot-id", "anna-id"
SYNCED = datetime(2026, 6, 1, 10, 0, 0, tzinfo=UTC)
BEFORE, AFTER = SYNCED - timedelta(minutes=5), SYNCED + timedelta(minutes=5)
# Summer in Berlin is two hours ahead of UTC.
LOCAL_BEFORE, LOCAL_SAME, LOCAL_AFTER = (
    datetime(2026, 6, 1, 11, 55),
    datetime(2026, 6, 1, 12, 0),
    datetime(2026, 6, 1, 12, 5),
)


def signals(**changed: object) -> NoBase:
    """Signals of a pair that nobody touched since its last sync, but for what is given."""
    facts: dict[str, Any] = {"espo_touched": None, "own_user_id": BOT, "time_zone": "Europe/Berlin"}
    advo: dict[str, Any] = {"row_id": "r1", "changed_at": LOCAL_BEFORE}
    espo: dict[str, Any] = {"modified_by_id": BOT, "modified_at": BEFORE, "last_sync": SYNCED, "known_row_id": "r1"}
    for name, value in changed.items():
        (facts if name in facts else advo if name in advo else espo)[name] = value
    return no_base_signals(EspocrmSide({}, **espo), AdvowareSide(1, {}, **advo), **facts)


UNTOUCHED = NoBase(espo_touched=False, advo_touched=False)
ONLY_ESPO = NoBase(espo_touched=True, advo_touched=False)
ONLY_ADVO = NoBase(espo_touched=False, advo_touched=True)
BOTH = NoBase(espo_touched=True, advo_touched=True)


@pytest.mark.parametrize(
    "changed, expected",
    [
        pytest.param({"modified_at": AFTER}, UNTOUCHED, id="modified-by-our-api-user-later"),
        pytest.param({"modified_by_id": ANNA}, UNTOUCHED, id="modified-by-a-person-before-the-last-sync"),
        pytest.param({"modified_by_id": ANNA, "modified_at": SYNCED}, UNTOUCHED, id="modified-at-the-last-sync"),
        pytest.param({"modified_by_id": ANNA, "modified_at": AFTER}, ONLY_ESPO, id="modified-by-a-person-later"),
        pytest.param({"modified_by_id": None, "modified_at": AFTER}, ONLY_ESPO, id="modified-by-nobody-known-later"),
        pytest.param({"own_user_id": None, "modified_at": AFTER}, ONLY_ESPO, id="our-api-user-is-not-known"),
        pytest.param(
            {"own_user_id": None, "modified_by_id": None, "modified_at": AFTER}, ONLY_ESPO, id="no-user-is-ours"
        ),
        pytest.param({"own_user_id": "", "modified_by_id": "", "modified_at": AFTER}, ONLY_ESPO, id="empty-user-ids"),
        pytest.param({"modified_by_id": ANNA, "modified_at": None}, BOTH, id="modifiedAt-missing"),
        *(
            pytest.param({"modified_at": AFTER, "status": status}, ONLY_ESPO, id=f"{status}-by-our-api-user")
            for status in ("failed", "permanently_failed", "syncing")
        ),
        pytest.param({"modified_at": AFTER, "status": "clean"}, UNTOUCHED, id="clean-by-our-api-user"),
        pytest.param(
            {"modified_at": AFTER, "status": "failed", "espo_touched": False}, UNTOUCHED, id="untouched-before-failed"
        ),
        pytest.param({"modified_at": AFTER, "espo_touched": True}, ONLY_ESPO, id="touched-before-our-status"),
        pytest.param(
            {"modified_by_id": ANNA, "modified_at": AFTER, "espo_touched": False}, ONLY_ESPO, id="edited-after-it"
        ),
    ],
)
def test_espocrm_is_touched(changed: dict[str, object], expected: NoBase) -> None:
    assert signals(**changed) == expected


@pytest.mark.parametrize(
    "changed, expected",
    [
        pytest.param({"changed_at": LOCAL_AFTER}, UNTOUCHED, id="rowId-equal-whatever-geaendertAm-says"),
        pytest.param({"row_id": "r2"}, ONLY_ADVO, id="rowId-differs-whatever-geaendertAm-says"),
        pytest.param({"row_id": None}, UNTOUCHED, id="rowId-missing-geaendertAm-earlier"),
        pytest.param({"known_row_id": None}, UNTOUCHED, id="advowareRowId-missing-geaendertAm-earlier"),
        pytest.param({"row_id": None, "changed_at": LOCAL_SAME}, UNTOUCHED, id="rowId-missing-geaendertAm-same"),
        pytest.param({"row_id": None, "changed_at": LOCAL_AFTER}, ONLY_ADVO, id="rowId-missing-geaendertAm-later"),
        pytest.param({"known_row_id": "", "changed_at": LOCAL_AFTER}, ONLY_ADVO, id="advowareRowId-empty"),
        pytest.param({"row_id": None, "changed_at": None}, BOTH, id="rowId-and-geaendertAm-missing"),
        pytest.param({"row_id": "r2", "changed_at": None}, ONLY_ADVO, id="geaendertAm-missing-rowId-differs"),
        pytest.param({"changed_at": None}, UNTOUCHED, id="geaendertAm-missing-rowId-equal"),
    ],
)
def test_advoware_is_touched(changed: dict[str, object], expected: NoBase) -> None:
    assert signals(**changed) == expected


@pytest.mark.parametrize(
    "changed, expected",
    [
        pytest.param({"last_sync": None, "known_row_id": None}, NOTHING_KNOWN, id="never-synced"),
        pytest.param({"last_sync": None, "known_row_id": ""}, NOTHING_KNOWN, id="never-synced-empty-row-id"),
        pytest.param({"last_sync": None}, UNTOUCHED, id="only-the-row-id-is-kept"),
        pytest.param({"last_sync": None, "modified_by_id": ANNA}, BOTH, id="only-the-row-id-and-a-person"),
        pytest.param({"modified_by_id": ANNA, "modified_at": AFTER, "row_id": "r2"}, BOTH, id="both-touched"),
        pytest.param(
            {"row_id": "r2", "modified_by_id": ANNA, "modified_at": None}, BOTH, id="one-unknown-is-never-one-sided"
        ),
    ],
)
def test_both_sides(changed: dict[str, object], expected: NoBase) -> None:
    assert signals(**changed) == expected


def test_nothing_known_means_that_both_sides_may_have_changed() -> None:
    assert NoBase(espo_touched=True, advo_touched=True, never_synced=True) == NOTHING_KNOWN
    assert not UNTOUCHED.never_synced


# --- Time zones: EspoCRM's are UTC, Advoware's are clock times ------------------------------------------------------


@pytest.mark.parametrize(
    "last_sync, changed_at, expected",
    [
        pytest.param(
            datetime(2026, 1, 10, 11, 0, tzinfo=UTC), datetime(2026, 1, 10, 12, 0), UNTOUCHED, id="winter-one-hour"
        ),
        pytest.param(
            datetime(2026, 1, 10, 11, 0, tzinfo=UTC), datetime(2026, 1, 10, 12, 1), ONLY_ADVO, id="winter-later"
        ),
        pytest.param(
            datetime(2026, 7, 10, 10, 0, tzinfo=UTC), datetime(2026, 7, 10, 12, 0), UNTOUCHED, id="summer-two-hours"
        ),
        pytest.param(
            datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 2, 30), ONLY_ADVO, id="autumn-both-later"
        ),
        pytest.param(
            datetime(2026, 10, 25, 1, 45, tzinfo=UTC),
            datetime(2026, 10, 25, 2, 30),
            UNTOUCHED,
            id="autumn-both-earlier",
        ),
        pytest.param(
            datetime(2026, 10, 25, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, 30), BOTH, id="autumn-the-repeated-hour"
        ),
        pytest.param(
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 29, 2, 30), BOTH, id="spring-the-skipped-hour"
        ),
        pytest.param(
            datetime(2026, 1, 10, 11, 0, tzinfo=UTC),
            datetime(2026, 1, 10, 11, 0, tzinfo=UTC),
            UNTOUCHED,
            id="a-zone-that-is-given-counts",
        ),
    ],
)
def test_clock_times(last_sync: datetime, changed_at: datetime, expected: NoBase) -> None:
    assert signals(row_id=None, last_sync=last_sync, modified_at=last_sync, changed_at=changed_at) == expected


def test_the_zone_is_a_setting() -> None:
    assert signals(row_id=None, changed_at=LOCAL_SAME, time_zone="UTC") == ONLY_ADVO


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2037, 1, 1)),
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2037, 1, 1), timezones=st.just(UTC)),
)
def test_two_hours_settle_every_doubt(changed_at: datetime, last_sync: datetime) -> None:
    found = signals(row_id=None, last_sync=last_sync, modified_at=last_sync, changed_at=changed_at)
    apart = changed_at.replace(tzinfo=UTC) - last_sync
    if apart > timedelta(hours=2):
        assert found == ONLY_ADVO
    if apart < timedelta(0):
        assert found == UNTOUCHED


# --- A base that is older than what EspoCRM remembers ---------------------------------------------------------------


@pytest.mark.parametrize(
    "espo_last_sync, our_last_sync, stale",
    [
        pytest.param(AFTER, SYNCED, True, id="yesterdays-database-restored"),
        pytest.param(SYNCED, None, True, id="our-database-lost"),
        pytest.param(SYNCED, SYNCED, False, id="the-same-sync"),
        pytest.param(SYNCED, SYNCED.replace(microsecond=700_000), False, id="espocrm-keeps-whole-seconds"),
        pytest.param(BEFORE, SYNCED, False, id="espocrms-copy-was-not-written"),
        pytest.param(None, SYNCED, False, id="espocrms-copy-is-empty"),
        pytest.param(None, None, False, id="never-synced"),
    ],
)
def test_base_is_stale(espo_last_sync: datetime | None, our_last_sync: datetime | None, stale: bool) -> None:
    assert base_is_stale(espo_last_sync=espo_last_sync, our_last_sync=our_last_sync) is stale
