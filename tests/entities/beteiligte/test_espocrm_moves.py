"""EspoCRM moves between our GET and our PATCH; and EspoCRM shows that we are at work."""

from typing import Any

import pytest

from syncapp.remotes.espocrm.client import EspoClient
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile


def test_a_stale_version_looks_again_at_once(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, zusatz="von Anna"))
    assert firm.sync(espo_id).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.espo(espo_id)["zusatz"]) == ("Prof.", "von Anna")
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof.", "von Anna")
    record = firm.record(espo_id)
    assert not record.conflicts.exists(), "nothing of the refused PATCH was carried, so nothing is in doubt"
    assert record.retry_count == 0
    firm.is_silent(espo_id)


def test_a_stale_version_on_the_very_field_is_a_conflict(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, titel="von Anna"))
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "von Anna"
    assert firm.record(espo_id).conflicts.get().advo == "aus Advoware"


def test_twice_again_and_then_it_counts(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    edits = iter(range(9))
    edit = lambda: firm.sandbox.anna.change(espo_id, zusatz=f"Anna {next(edits)}")  # noqa: E731
    meanwhile.before("espocrm", "patch", edit, times=3)
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.retry_count, record.fault["code"]) == ("transient", 1, "keeps_moving")
    firm.due(espo_id)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "Anna 2"


def test_after_the_put_the_second_look_puts_nothing_twice(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, description="egal"))
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["advoware"] == {"GET": 2, "PUT": 1}


def test_an_answer_with_another_version_asks_for_one_more_look(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Optimistic locking is not atomic: somebody may slip in between the check and the write."""
    espo_id, betnr = firm.pair()
    real = EspoClient.patch

    def slipping_in(client: EspoClient, record_id: str, attributes: Any, *, version: int | None = None) -> Any:
        firm.sandbox.anna.change(espo_id, zusatz="von Anna")
        return real(client, record_id, attributes, version=None)

    firm.sandbox.clerk.change(betnr, titel="Prof.")
    monkeypatch.setattr(EspoClient, "patch", slipping_in)
    assert firm.sync(espo_id).status == "dirty"
    monkeypatch.undo()
    record = firm.record(espo_id)
    assert (record.version, record.requested > record.completed) == (None, True)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "von Anna"


def test_without_versions_what_the_answer_shows_otherwise_asks_for_one_more_look(
    firm: Firm, meanwhile: Meanwhile
) -> None:
    firm.sandbox.espocrm(optimistic_locking=False)
    espo_id, betnr = firm.pair()
    assert firm.record(espo_id).version is None
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, zusatz="von Anna"))
    assert firm.sync(espo_id).status == "dirty"
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof.", "von Anna")
    firm.is_silent(espo_id)


def test_without_versions_a_quiet_record_is_silent(firm: Firm) -> None:
    firm.sandbox.espocrm(optimistic_locking=False)
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    firm.is_silent(espo_id)


# --- EspoCRM shows that we are at work


def test_syncing_is_shown_where_the_firm_wants_it(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.ESPOCRM_SHOW_SYNCING = True
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    seen: list[str] = []
    meanwhile.before("advoware", "update", lambda: seen.append(firm.espo(espo_id)["syncStatus"]))
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert seen == ["syncing"]
    assert (firm.espo(espo_id)["syncStatus"], firm.advo(betnr)["titel"]) == ("clean", "Prof.")
    assert [call[1] for call in firm.sandbox.calls("espocrm")].count("PATCH") == 2


def test_syncing_is_shown_while_a_beteiligter_is_created(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.ESPOCRM_SHOW_SYNCING = True
    espo_id = firm.new()
    seen: list[str] = []
    meanwhile.before("advoware", "create", lambda: seen.append(firm.espo(espo_id)["syncStatus"]))
    assert firm.sync(espo_id).status == "clean"
    assert seen == ["syncing"]


def test_somebody_writes_before_syncing_is_shown(firm: Firm, meanwhile: Meanwhile) -> None:
    firm.settings.ESPOCRM_SHOW_SYNCING = True
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("espocrm", "patch", lambda: firm.sandbox.anna.change(espo_id, zusatz="von Anna"))
    assert firm.sync(espo_id).status == "clean"
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof.", "von Anna")
