"""Text that no database keeps, from either system, over the real wire: stored, named or handed back, never a `bug`.

The same on SQLite and on PostgreSQL, which refuse different things: the suite runs these on both.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from syncapp.entities.beteiligte.intake import _elements, store
from syncapp.entities.beteiligte.links.discovery import discover
from syncapp.models import Attempt, Conflict, ContactLink, InboxElement
from syncapp.operations.actions import ActionContext, ActionRefused
from syncapp.operations.actions.conflicts import restore
from syncapp.remotes.http.exchange import Answer, Request
from syncapp.remotes.http.session import RemoteSession
from syncapp.remotes.http.wire import CallProgress
from tests.support.firm import Firm

NUL, HALF = "Null\x00byte", "Halb\ud83d"
ODD = pytest.mark.parametrize("odd", [NUL, HALF, "Glocke\x07"], ids=["NUL", "half a character", "a control character"])
HALVES = re.compile(r"\\ud[89a-f][0-9a-f]{2}")
Json = dict[str, Any]
Change = Callable[[Json], Json]


@contextmanager
def holding(monkeypatch: pytest.MonkeyPatch, system: str, change: Change) -> Iterator[list[Json]]:
    """This system's answers about a record are changed.

    What goes out to it is noted, and sent without halves of characters, which the stand-ins cannot keep either.
    """
    exchange = RemoteSession._exchange
    sent: list[Json] = []

    def answered(session: RemoteSession, asked: Request, progress: CallProgress) -> Answer:
        if session.system == system and asked.writes:
            sent.append(json.loads(session._prepare(asked).body or b"{}"))
            asked = replace(asked, body=json.loads(HALVES.sub("?", json.dumps(sent[-1]))))
        answer = exchange(session, asked, progress)
        if session.system != system or not asked.effect or answer.status >= 300 or not answer.body:
            return answer
        found = json.loads(answer.body)
        if not isinstance(found, dict) or "Metadata" in asked.path or "App/user" in asked.path:
            return answer
        rows = [change(row) for row in found["list"]] if "list" in found else None
        return replace(answer, body=json.dumps({**found, "list": rows} if rows is not None else change(found)).encode())

    with monkeypatch.context() as patched:
        patched.setattr(RemoteSession, "_exchange", answered)
        yield sent


def with_(**values: object) -> Change:
    return lambda found: {**found, **{name: value for name, value in values.items() if name in found}}


@ODD
def test_a_field_of_advoware_is_named_with_its_side_and_not_carried(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    with holding(monkeypatch, "advoware", with_(titel=odd)):
        assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert record.kind == "validation"
    assert record.fault["params"]["faults"] == [
        {"field": "titel", "rule": "unsendable", "limit": None, "side": "advoware"}
    ]
    shown = firm.espo(espo_id)
    assert shown["titel"] == "Dr."
    assert "Titel in Advoware enthält Zeichen" in shown["syncErrorMessage"]
    assert "in Advoware und wählen Sie dann" in shown["syncErrorMessage"], "corrected where it stands"


@ODD
@pytest.mark.parametrize("linked", [True, False], ids=["an update", "a create"])
def test_a_field_of_espocrm_is_named_with_its_side_and_not_carried(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str, linked: bool
) -> None:
    espo_id = firm.pair()[0] if linked else firm.new()
    firm.sandbox.clear_calls()
    with holding(monkeypatch, "espocrm", with_(name=odd)):
        assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).fault["params"]["faults"] == [
        {"field": "name", "rule": "unsendable", "limit": None, "side": "espocrm"}
    ]
    assert {"PUT", "POST"}.isdisjoint(firm.counts().get("advoware", {}))


@ODD
def test_what_is_not_synced_goes_back_to_advoware_to_the_letter(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[{"phoneNumber": "+49511123456", "type": "Office"}])
    firm.sandbox.anna.change(espo_id, zusatz="c/o Kanzlei")

    def spoilt(found: Json) -> Json:
        entries = [{**entry, "bemerkung": f"{entry['bemerkung']} {odd}"} for entry in found.get("kommunikation") or []]
        return with_(kurzname=odd, kommunikation=entries)(found)

    with holding(monkeypatch, "advoware", spoilt) as sent:
        assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert sent[0]["kurzname"] == odd
    assert firm.advo(betnr)["zusatz"] == "c/o Kanzlei"


@ODD
def test_a_contact_point_of_advoware_is_shown_as_only_there_and_its_remark_kept(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.add_contact(betnr, tlf="0170 1000002", kommKz=3, bemerkung="privat", online=True)

    def spoilt(found: Json) -> Json:
        entries = [{**entry, "bemerkung": odd} for entry in found.get("kommunikation") or []]
        more = {"id": 999_999, "rowId": odd, "tlf": odd, "bemerkung": odd, "kommKz": 10**9, "online": True}
        return with_(kommunikation=[*entries, more])(found) if entries else found

    with holding(monkeypatch, "advoware", spoilt) as sent:
        assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert [row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"]] == ["+491701000002"]
    marked = next(body for body in sent if "bemerkung" in body)
    assert marked["bemerkung"].endswith(odd), "people's own words are handed back as they were"
    assert [report["code"] for report in firm.record(espo_id).reports] == ["contact_not_representable"]


@ODD
def test_a_contact_point_of_espocrm_is_not_sent_and_told(firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    """An installation that checks neither numbers nor addresses may hold anything."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    phones = [
        {"phoneNumber": odd, "type": "Office", "primary": True, "optOut": False, "invalid": False},
        {"phoneNumber": "+491701000002", "type": f"Typ{odd}", "primary": False, "optOut": False, "invalid": False},
    ]
    with holding(monkeypatch, "espocrm", with_(phoneNumberData=phones)):
        assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "validation"
    held = firm.advo(betnr)
    assert held["titel"] == "Prof.", "master data goes on"
    assert [entry["tlf"] for entry in held["kommunikation"]] == ["+491701000002"], "and so do the other numbers"


@ODD
@pytest.mark.parametrize("system", ["espocrm", "advoware"])
def test_error_texts_are_kept_whatever_they_hold(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str, system: str
) -> None:
    espo_id, betnr = firm.pair()
    exchange = RemoteSession._exchange
    named = {"messageTranslation": {"data": {"field": odd, "type": odd}}, "errors": {odd: [odd]}, odd: odd}

    def refused(session: RemoteSession, asked: Request, progress: CallProgress) -> Answer:
        if session.system == system and asked.writes:
            reason = f"Record {odd.replace(' ', '')} does not exist"
            return Answer(400, {"x-status-reason": reason}, json.dumps(named).encode())
        return exchange(session, asked, progress)

    if system == "espocrm":
        firm.sandbox.clerk.change(betnr, titel="Prof.")
    else:
        firm.sandbox.anna.change(espo_id, titel="Prof.")
    monkeypatch.setattr(RemoteSession, "_exchange", refused)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "validation"
    assert Attempt.objects.order_by("-pk")[0].kind == "validation"


@ODD
def test_bookkeeping_that_holds_it_harms_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    """As a real EspoCRM does: it stores NUL in any text."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    marks = {"syncErrorMessage": odd, "advowareRowId": odd, "kommunikationHash": odd, "assignedUserId": odd * 20}
    with holding(monkeypatch, "espocrm", with_(**marks)):
        assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert firm.advo(betnr)["titel"] == "Prof."


@ODD
def test_the_sweep_goes_on(firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    discover()
    espo_id = firm.new(syncStatus="pending_sync")
    with holding(monkeypatch, "espocrm", with_(name=odd, zusatz=odd)):
        assert discover() == 1
        assert discover() == 0, "seen, and known again"
    assert firm.record(espo_id).status == "pending_sync"


@ODD
def test_a_webhook_is_taken_and_its_run_names_the_field(firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    espo_id, _betnr = firm.pair()
    good, bad = _elements(json.dumps([{"id": espo_id, "titel": odd, odd: [{odd: odd}]}]).encode())
    assert not bad
    store(action="update", webhook_id="w", elements=good)
    assert InboxElement.objects.get().result == "counted"
    with holding(monkeypatch, "espocrm", with_(titel=odd)):
        assert firm.sync(espo_id, forced=False).status == "failed"
    assert firm.record(espo_id).fault["params"]["faults"][0]["field"] == "titel"


def test_a_bare_control_character_in_a_delivery_does_not_lose_it(firm: Firm) -> None:
    good, _bad = _elements(b'[{"id": "6b020623dbb0b2434", "name": "a\x07b\tc"}]')
    assert good[0]["name"] == "a\x07b\tc"


@ODD
def test_equal_on_both_sides_it_is_nobodys_concern(firm: Firm, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    espo_id, _betnr = firm.pair()
    with holding(monkeypatch, "espocrm", with_(zusatz=odd)), holding(monkeypatch, "advoware", with_(zusatz=odd)):
        assert firm.sync(espo_id).status == "clean"
        firm.is_silent(espo_id)


def test_a_value_that_lost_is_not_restored_with_it(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    with holding(monkeypatch, "advoware", lambda found: {**found, "titel": found["titel"].replace("Mag.", NUL)}):
        assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."
    with pytest.raises(ActionRefused):
        restore(conflict=Conflict.objects.get(), action_context=ActionContext(actor="tests"))


# --- what is no odd character, but fits no column either


@pytest.mark.parametrize("number", [2**63, 10**30, -1, "keine Zahl", 1.5, {"a": 1}], ids=str)
def test_a_betnr_that_is_none_is_named_and_no_double_is_created(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, number: object
) -> None:
    espo_id = firm.new()
    with holding(monkeypatch, "espocrm", with_(betnr=number)):
        assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).fault["params"]["faults"] == [
        {"field": "betnr", "rule": "no_betnr", "limit": None, "side": "espocrm"}
    ]
    assert "POST" not in firm.counts().get("advoware", {})


@pytest.mark.parametrize("nothing", [None, 0, "", False], ids=str)
def test_an_empty_betnr_is_empty_however_it_is_written(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, nothing: object
) -> None:
    espo_id = firm.new()
    with holding(monkeypatch, "espocrm", lambda found: {**found, "betnr": found.get("betnr") or nothing}):
        assert firm.sync(espo_id).status == "clean"


LONG: dict[str, tuple[str, Json]] = {
    "a version": ("espocrm", {"versionNumber": 10**30}),
    "a time before all others": ("advoware", {"geaendertAm": "0001-01-01T00:00:00"}),
    "a time after all others": ("espocrm", {"modifiedAt": "9999-12-31 23:59:59", "createdAt": "0001-01-01 00:00:00"}),
    "a rowId": ("advoware", {"rowId": "x" * 5000}),
    "a user": ("espocrm", {"assignedUserId": "x" * 5000, "modifiedById": "y" * 5000}),
    "a last sync": ("espocrm", {"advowareLastSync": "0001-01-01 00:00:00"}),
}


@pytest.mark.parametrize("what", LONG)
def test_what_fits_no_column_harms_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    system, values = LONG[what]
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    with holding(monkeypatch, system, with_(**values)):
        assert firm.sync(espo_id).status in ("clean", "dirty"), firm.record(espo_id).fault
    assert firm.advo(betnr)["titel"] == "Prof."


def test_a_type_as_long_as_espocrm_likes(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    espo_id, _betnr = firm.pair()
    phones = [{"phoneNumber": "+491701000002", "type": "T" * 300, "primary": True, "optOut": False, "invalid": False}]
    with holding(monkeypatch, "espocrm", with_(phoneNumberData=phones)):
        assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert ContactLink.objects.count() == 1


@pytest.mark.parametrize(
    "body", [b'{"a": NaN}', b'{"a": 1e999}', b'{"a": -Infinity}', b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}"]
)
def test_json_that_no_database_keeps_is_an_unreadable_answer(body: bytes) -> None:
    assert Answer(200, {}, body).shape == "broken"
