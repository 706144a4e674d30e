"""Telling people in EspoCRM: whom, in which words, and what happens where that is refused."""

from typing import Any

import pytest
from django.utils import translation

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Notice
from syncapp.operations.notifications.notify import MENTIONS_DROPPED, NOBODY, NOT_NOTIFIED, NOTES_REFUSED, send_unsent
from syncapp.words import reasons
from tests.entities.beteiligte.test_gone import ANNA, notes
from tests.support.firm import Firm


def queue(firm: Firm, espo_id: str, **columns: Any) -> Notice:
    given = {"event": "conflict_settled", "params": {"fields": ["titel", "zusatz"]}, "user_id": ANNA, **columns}
    return Notice.objects.create(record=firm.record(espo_id), espo_id=espo_id, **given)


@pytest.fixture
def espo_id(firm: Firm) -> str:
    return firm.pair()[0]


def test_the_assigned_user_is_mentioned_in_the_records_stream(firm: Firm, espo_id: str) -> None:
    queue(firm, espo_id)
    assert send_unsent() == 1
    (note,) = notes(firm)
    assert note.endswith("@anna")
    assert "Titel, Zusatz" in note, "fields are named, values are not"


def test_without_an_assigned_user_the_configured_ones_are_mentioned(firm: Firm, espo_id: str) -> None:
    firm.settings.ESPOCRM_NOTIFY_USERS = [ANNA]
    queue(firm, espo_id, user_id="")
    send_unsent()
    assert notes(firm)


def test_a_notice_is_sent_once(firm: Firm, espo_id: str) -> None:
    queue(firm, espo_id)
    assert (send_unsent(), send_unsent()) == (1, 0)
    assert len(notes(firm)) == 1


def test_a_passing_error_is_tried_again(firm: Firm, espo_id: str) -> None:
    notice = queue(firm, espo_id)
    firm.sandbox.fault("espocrm", "status", status=503, path_contains="/Note")
    assert send_unsent() == 0
    notice.refresh_from_db()
    assert (notice.sent_at, notice.tries) == (None, 1)
    assert send_unsent() == 1


def test_not_for_ever(firm: Firm, espo_id: str) -> None:
    queue(firm, espo_id, tries=10)
    assert send_unsent() == 0


def test_a_missing_right_is_kept_for_doctor_and_the_sync_goes_on(firm: Firm, espo_id: str) -> None:
    reason = "No create access."
    firm.sandbox.fault("espocrm", "status", status=403, headers={"X-Status-Reason": reason}, path_contains="/Note")
    firm.sandbox.anna.change(espo_id, vorname="x" * 31)
    assert firm.sync(espo_id).status == "failed"
    notice = Notice.objects.get()
    assert (notice.refused, notice.sent_at) == (reason, None)
    assert remote_metadata.kept(NOTES_REFUSED) == reason
    firm.sandbox.anna.change(espo_id, vorname="Jörg")
    assert firm.sync(espo_id).status == "clean"


def test_a_mention_that_espocrm_drops_counts_as_told_to_nobody(firm: Firm, espo_id: str) -> None:
    notice = queue(firm, espo_id)
    firm.sandbox.control.tell("espocrm/role", mentionPermission="no")
    send_unsent()
    notice.refresh_from_db()
    assert notice.refused == NOT_NOTIFIED
    assert remote_metadata.kept(MENTIONS_DROPPED) == NOT_NOTIFIED
    firm.sandbox.control.tell("espocrm/role", mentionPermission="all")
    queue(firm, espo_id)
    send_unsent()
    assert remote_metadata.kept(MENTIONS_DROPPED) is None


def test_a_note_to_users_without_message_permission_is_refused(firm: Firm, espo_id: str) -> None:
    notice = queue(firm, espo_id, event="deleted_in_espocrm", params={"betnr": 1}, record_exists=False)
    firm.sandbox.control.tell("espocrm/role", messagePermission="no")
    assert send_unsent() == 0
    notice.refresh_from_db()
    assert notice.refused == "Not permitted to post to anybody except self."
    assert remote_metadata.kept(NOTES_REFUSED) == notice.refused
    firm.sandbox.control.tell("espocrm/role", messagePermission="all")
    queue(firm, espo_id, event="deleted_in_espocrm", params={"betnr": 1}, record_exists=False)
    assert send_unsent() == 1
    assert remote_metadata.kept(NOTES_REFUSED) is None


def test_a_notice_without_anybody_to_tell_is_not_shown_as_sent(firm: Firm, espo_id: str) -> None:
    firm.settings.ESPOCRM_NOTIFY_USERS = []
    notice = queue(firm, espo_id, user_id="", record_exists=False)
    send_unsent()
    notice.refresh_from_db()
    assert notice.refused == NOBODY


@pytest.mark.parametrize("reason", [NOT_NOTIFIED, NOBODY, "Not permitted to post to anybody except self."])
def test_every_reason_has_german_words(reason: str) -> None:
    with translation.override("de"):
        assert reasons.told(reason) != reason


def test_nobody_is_asked_while_espocrms_breaker_is_open(firm: Firm, espo_id: str) -> None:
    from syncapp.engine import breaker

    queue(firm, espo_id)
    breaker.failed(system="espocrm", kind="auth", reason="x")
    firm.sandbox.clear_calls()
    assert send_unsent() == 0
    assert firm.counts() == {"espocrm": {}, "advoware": {}}


def test_a_user_that_cannot_be_read_for_the_moment_is_told_later(firm: Firm, espo_id: str) -> None:
    notice = queue(firm, espo_id)
    firm.sandbox.fault("espocrm", "status", status=500, path_contains="/User/", count=3)
    assert send_unsent() == 0
    notice.refresh_from_db()
    assert (notice.sent_at, notice.refused, notes(firm)) == (None, "", [])
    firm.sandbox.heal()
    assert send_unsent() == 1
    assert notes(firm)[0].endswith("@anna")


def test_a_user_that_may_not_be_read_is_not_mentioned_and_does_not_count_as_told(firm: Firm, espo_id: str) -> None:
    notice = queue(firm, espo_id)
    reason = {"X-Status-Reason": "No read access."}
    firm.sandbox.fault("espocrm", "status", status=403, headers=reason, path_contains="/User/")
    send_unsent()
    notice.refresh_from_db()
    assert notice.refused == NOT_NOTIFIED
    assert notes(firm) == []
    assert remote_metadata.kept(MENTIONS_DROPPED) is None, "no mention was dropped: there was none"


def test_a_note_in_the_stream_that_names_nobody_does_not_count_as_told(firm: Firm, espo_id: str) -> None:
    firm.settings.ESPOCRM_NOTIFY_USERS = []
    notice = queue(firm, espo_id, user_id="")
    send_unsent()
    notice.refresh_from_db()
    assert (notice.refused, notes(firm)) == (NOBODY, [])


@pytest.mark.parametrize(
    "event, params, word",
    [
        ("deleted_in_espocrm", {"betnr": 104860}, "104860"),
        ("deleted_in_advoware", {"betnr": 104860}, "104860"),
        ("conflict_open", {"fields": ["titel"]}, "Titel"),
        ("failed", {"kind": "forbidden", "fault": {"code": "remote_forbidden", "params": {"reason": "x"}}}, "x"),
        ("something_new", {}, "Advosync"),
    ],
)
def test_every_event_has_words(event: str, params: dict[str, Any], word: str) -> None:
    from syncapp.words import sentences

    assert word in sentences.notice_text(event, params)
