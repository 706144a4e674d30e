"""Both systems may answer in other ways than the stand-ins do by themselves: one life of a record, whatever their
habits."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.remotes.http.exchange import Answer, Request
from syncapp.remotes.http.session import RemoteSession
from syncapp.remotes.http.wire import CallProgress
from tests.support.firm import Firm

OFFICE = {"phoneNumber": "+495111234567", "type": "Office", "primary": True}
MOBILE = {"phoneNumber": "+491701234567", "type": "Mobile"}
MAIL = {"emailAddress": "erika@example.org", "primary": True}

Json = dict[str, Any]
Habit = Callable[[Request, Json], object]
NO_CONTENT = object()
OURS = ("betnr", "syncStatus", "kommunikationHash", "advowareRowId", "advowareLastSync", "syncRetryCount")


def _of_a_contact(request: Request) -> bool:
    return "Kommunikationen" in request.path


def _walk(value: object, change: Callable[[Json], Json]) -> object:
    if isinstance(value, dict):
        return change({key: _walk(inner, change) for key, inner in value.items()})
    return [_walk(inner, change) for inner in value] if isinstance(value, list) else value


def _without(*keys: str) -> Callable[[Json], Json]:
    return lambda found: {key: value for key, value in found.items() if key not in keys}


def _ids_as_text(found: Json) -> Json:
    return {key: str(value) if key in ("id", "betNr", "kommKz") else value for key, value in found.items()}


def _dates_with_fraction(found: Json) -> Json:
    day = found.get("geburtsdatum")
    return {**found, "geburtsdatum": f"{day[:10]}T00:00:00.0000000"} if day else found


def _dates_alone(found: Json) -> Json:
    day = found.get("geburtsdatum")
    return {**found, "geburtsdatum": day[:10], "geaendertAm": "24.11.2026 10:00"} if day else found


def _keeps_what_it_is_sent() -> Habit:
    sent: set[str] = set()

    def changed(request: Request, found: Json) -> Json:
        if request.path.startswith("Beteiligte") and not _of_a_contact(request) and isinstance(request.body, dict):
            sent.update(request.body)
        return {key: value for key, value in found.items() if key in sent or key not in ("zusatz", "titel")}

    return changed


HABITS: dict[str, Habit] = {
    "keys that were never sent are missing": _keeps_what_it_is_sent(),
    "everything in a list": lambda request, found: [found],
    "ids as text": lambda request, found: _walk(found, _ids_as_text),
    "dates with a fraction": lambda request, found: _walk(found, _dates_with_fraction),
    "dates without a time": lambda request, found: _walk(found, _dates_alone),
    "no rowId in answers to writes": lambda request, found: (
        found if request.method == "GET" else _walk(found, _without("rowId"))
    ),
    "no rowId at a contact's writes": lambda request, found: (
        _without("rowId")(found) if _of_a_contact(request) else found
    ),
    "no rowId ever": lambda request, found: _walk(found, _without("rowId")),
    "a create names the number only": lambda request, found: (
        {"betNr": found["betNr"]} if request.operation == "POST Beteiligte" else found
    ),
    "a put shows no contacts": lambda request, found: (
        {**found, "kommunikation": None} if request.operation == "PUT Beteiligte/{betNr}" else found
    ),
    "a put without content": lambda request, found: NO_CONTENT if request.method == "PUT" else found,
    "a contact's writes name the id only": lambda request, found: (
        {"id": found["id"]} if _of_a_contact(request) else found
    ),
    "kommKz 0 everywhere": lambda request, found: {**found, "kommKz": 0} if _of_a_contact(request) else found,
    "no kommKz anywhere": lambda request, found: _walk(found, _without("kommKz", "kommArt")),
    "null for empty text": lambda request, found: _walk(
        found, lambda held: {key: None if value == "" else value for key, value in held.items()}
    ),
    "empty text for null": lambda request, found: _walk(
        found, lambda held: {key: "" if value is None else value for key, value in held.items()}
    ),
    "the empty date of .NET": lambda request, found: _walk(
        found,
        lambda held: (
            {**held, "geburtsdatum": held["geburtsdatum"] or "0001-01-01T00:00:00"} if "geburtsdatum" in held else held
        ),
    ),
    "texts with a space behind": lambda request, found: _walk(
        found,
        lambda held: {
            key: f"{value} " if key in ("name", "titel", "bAnrede") and isinstance(value, str) else value
            for key, value in held.items()
        },
    ),
    "no times": lambda request, found: _without("geaendertAm")(found),
}


def _each_point(change: Callable[[Json], Json]) -> Habit:
    def changed(request: Request, found: Json) -> Json:
        lists = {name: found[name] for name in ("phoneNumberData", "emailAddressData") if found.get(name)}
        return {**found, **{name: [change(row) for row in reversed(rows)] for name, rows in lists.items()}}

    return changed


# Of EspoCRM's records.
ESPOCRM_HABITS: dict[str, Habit] = {
    "betnr in a text field": lambda request, found: (
        {**found, "betnr": "" if found["betnr"] is None else str(found["betnr"]), "syncRetryCount": "0"}
        if "betnr" in found
        else found
    ),
    "no right to our bookkeeping": lambda request, found: {
        **found,
        **{name: None for name in ("kommunikationHash", "advowareRowId", "syncErrorMessage") if name in found},
    },
    "the least that a write can answer": lambda request, found: (
        found if request.method == "GET" else {"id": found["id"]}
    ),
    "points in another order, flags as numbers": _each_point(
        lambda row: {key: int(value) if isinstance(value, bool) else value for key, value in row.items()}
    ),
    "no versions": lambda request, found: _without("versionNumber")(found),
    "no attributes of ours": lambda request, found: _without(*OURS)(found),
}


def take_up(change: Habit, monkeypatch: pytest.MonkeyPatch, *, status: int = 204, system: str = "advoware") -> None:
    """`status`: of answers without content."""
    exchange = RemoteSession._exchange

    def answered(session: RemoteSession, asked: Request, progress: CallProgress) -> Answer:
        answer = exchange(session, asked, progress)
        concerned = session.system == system and asked.effect and isinstance(answer.json, dict)
        is_other = system == "espocrm" and not asked.path.startswith("CBeteiligte")
        if not concerned or is_other or answer.status >= 300:
            return answer
        found = change(asked, dict(answer.json))  # type: ignore[call-overload]
        if found is NO_CONTENT:
            return replace(answer, status=status, body=b"")
        return replace(answer, body=json.dumps(found).encode())

    monkeypatch.setattr(RemoteSession, "_exchange", answered)


def _phones(firm: Firm, espo_id: str) -> list[str]:
    return sorted(row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"])


def _tlfs(firm: Firm, betnr: int) -> list[str]:
    return sorted(entry["tlf"] for entry in firm.advo(betnr)["kommunikation"] if entry["tlf"])


@pytest.mark.parametrize(
    "habit",
    [lambda request, _found: True, lambda request, _found: request.body],
    ids=["true", "what was sent"],
)
def test_a_contact_s_put_whose_answer_names_nothing_is_done_all_the_same(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, habit: Habit
) -> None:
    """Else each contact point would cost a failed run, and six of them all retries of the record."""
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE], emailAddressData=[MAIL])
    take_up(
        lambda request, found: habit(request, found) if request.method == "PUT" and _of_a_contact(request) else found,
        monkeypatch,
        status=200,
    )
    office, mail = {**OFFICE, "phoneNumber": "+4951177777"}, {**MAIL, "emailAddress": "neu@example.org"}
    firm.sandbox.anna.change(espo_id, phoneNumberData=[office], emailAddressData=[mail])
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert firm.counts()["advoware"] == {"GET": 2, "PUT": 3}
    assert _tlfs(firm, betnr) == ["+4951177777", "neu@example.org"]
    firm.is_silent(espo_id)


def test_a_put_that_answers_nothing_at_all_is_settled_by_the_next_look(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE])
    take_up(HABITS["a put without content"], monkeypatch, status=200)
    firm.sandbox.anna.change(espo_id, zusatz="c/o Kanzlei")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "transient"
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["advoware"] == {"GET": 1}
    assert firm.advo(betnr)["zusatz"] == "c/o Kanzlei"
    firm.is_silent(espo_id)


@pytest.mark.parametrize("habit", [*HABITS, *ESPOCRM_HABITS])
def test_a_record_s_life(firm: Firm, monkeypatch: pytest.MonkeyPatch, habit: str) -> None:
    if habit in HABITS:
        take_up(HABITS[habit], monkeypatch)
    else:
        take_up(ESPOCRM_HABITS[habit], monkeypatch, system="espocrm")
    if habit == "no attributes of ours":  # which its metadata say too: else they would be hidden
        fields = remote_metadata.entity_fields()
        remote_metadata.keep(remote_metadata.ENTITY_FIELDS, {name: fields[name] for name in fields if name not in OURS})
    espo_id, betnr = firm.pair(phoneNumberData=[OFFICE, MOBILE], emailAddressData=[MAIL])
    assert _tlfs(firm, betnr) == ["+491701234567", "+495111234567", "erika@example.org"]
    firm.is_silent(espo_id)

    other = {"phoneNumber": "+4951177777", "type": "Office", "primary": True}
    firm.sandbox.anna.change(espo_id, zusatz="c/o Kanzlei", geburtsdatum="1961-04-13", phoneNumberData=[other, MOBILE])
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert (firm.advo(betnr)["zusatz"], firm.advo(betnr)["geburtsdatum"][:10]) == ("c/o Kanzlei", "1961-04-13")
    assert _tlfs(firm, betnr) == ["+491701234567", "+4951177777", "erika@example.org"]
    firm.is_silent(espo_id)

    mobile = next(entry for entry in firm.advo(betnr)["kommunikation"] if entry["tlf"] == "+491701234567")
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    firm.sandbox.clerk.change_contact(betnr, mobile["id"], tlf="0170 7654321", online=True)
    firm.sandbox.clerk.add_contact(betnr, tlf="neu@example.org", kommKz=4, online=True)
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert firm.espo(espo_id)["titel"] == "Prof."
    assert _phones(firm, espo_id) == ["+491707654321", "+4951177777"]
    assert {row["emailAddress"] for row in firm.espo(espo_id)["emailAddressData"]} == {
        "erika@example.org",
        "neu@example.org",
    }
    firm.is_silent(espo_id)

    firm.sandbox.anna.change(espo_id, phoneNumberData=[other], geburtsdatum=None, zusatz=None)
    assert firm.sync(espo_id).status == "clean", firm.record(espo_id).fault
    assert _tlfs(firm, betnr) == ["+4951177777", "erika@example.org", "neu@example.org"]
    firm.is_silent(espo_id)
