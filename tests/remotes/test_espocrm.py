"""What the EspoCRM client sends, seen from the other end, and how it walks through long lists."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncapp.remotes.espocrm.client import EspoAccount, EspoClient, EspoConfig
from syncapp.remotes.espocrm.times import espo_time
from syncapp.remotes.http.errors import Misconfigured, OutcomeUnknown
from syncapp.remotes.http.exchange import Call
from tests.remotes.scripted import Exchange, Script, answer, serving

ID = "6b020535f2ebfbb01"


def client_of(script: Script, **more: Any) -> EspoClient:
    return EspoClient(EspoConfig(script.url, "the-key", timeout=2, **more))


def sent(answers: object, act: Callable[[EspoClient], Any], **more: Any) -> tuple[Exchange, Any]:
    """The one request that `act` made, and what it got from an answer with this JSON."""
    with serving(answer(answers)) as script:
        found = act(client_of(script, **more))
    assert len(script.seen) == 1
    return script.seen[0], found


def query(exchange: Exchange) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(exchange.line.split()[1]).query))


def path(exchange: Exchange) -> str:
    return exchange.line.removesuffix(" HTTP/1.1").partition("?")[0]


RECORD = {"id": ID, "name": "Müller"}


@pytest.mark.parametrize(
    "act, answers, line, body",
    [
        (lambda c: c.get(ID), RECORD, f"GET /api/CBeteiligte/{ID}", None),
        (lambda c: c.patch(ID, {"name": "ü"}), RECORD, f"PATCH /api/CBeteiligte/{ID}", {"name": "ü"}),
        (lambda c: c.create({"name": "ü"}), RECORD, "POST /api/CBeteiligte", {"name": "ü"}),
        (lambda c: c.delete(ID), True, f"DELETE /api/CBeteiligte/{ID}", None),
        (lambda c: c.list_page(), {"total": 0, "list": []}, "GET /api/CBeteiligte", None),
        (lambda c: c.user_name("u1"), {"id": "u1", "userName": "anna"}, "GET /api/User/u1", None),
        (lambda c: c.webhooks(), {"total": 0, "list": []}, "GET /api/Webhook", None),
        (
            lambda c: c.create_webhook("a.b", "http://x"),
            RECORD,
            "POST /api/Webhook",
            {"event": "a.b", "url": "http://x"},
        ),
        (lambda c: c.update_webhook("w1", isActive=True), RECORD, "PATCH /api/Webhook/w1", {"isActive": True}),
        (lambda c: c.delete_webhook("w1"), True, "DELETE /api/Webhook/w1", None),
        (
            lambda c: c.post_note(text="Hallo @anna", record_id=ID),
            RECORD,
            "POST /api/Note",
            {"type": "Post", "post": "Hallo @anna", "parentType": "CBeteiligte", "parentId": ID},
        ),
        (
            lambda c: c.post_note(text="Hallo", user_ids=["u1", "u2"]),
            RECORD,
            "POST /api/Note",
            {"type": "Post", "post": "Hallo", "targetType": "users", "usersIds": ["u1", "u2"]},
        ),
    ],
)
def test_requests(act: Callable[[EspoClient], Any], answers: object, line: str, body: object) -> None:
    exchange, _ = sent(answers, act)
    assert path(exchange) == line
    assert exchange.headers["x-api-key"] == "the-key"
    assert (exchange.json if exchange.body else None) == body


def test_version_and_duplicate_headers() -> None:
    assert sent(RECORD, lambda c: c.patch(ID, {"a": 1}, version=7))[0].headers["x-version-number"] == "7"
    assert "x-version-number" not in sent(RECORD, lambda c: c.patch(ID, {"a": 1}))[0].headers
    skipping, _ = sent(RECORD, lambda c: c.create({"a": 1}, skip_duplicate_check=True))
    assert skipping.headers["x-skip-duplicate-check"] == "true"


def test_a_signed_request_carries_no_key() -> None:
    exchange, _ = sent({"list": []}, lambda c: c.list_page(), secret_key="the-secret")
    assert "x-api-key" not in exchange.headers
    assert exchange.headers["x-hmac-authorization"]


def test_the_parameters_of_a_list() -> None:
    where = [{"type": "in", "attribute": "syncStatus", "value": ["dirty"]}, {"type": "isNull", "attribute": "betnr"}]
    exchange, page = sent(
        {"total": -2, "list": [RECORD]},
        lambda c: c.list_page(where=where, select=["id", "name"], offset=5, max_size=7, no_total=True),
    )
    assert query(exchange) == {
        "where[0][type]": "in",
        "where[0][attribute]": "syncStatus",
        "where[0][value][]": "dirty",
        "where[1][type]": "isNull",
        "where[1][attribute]": "betnr",
        "orderBy": "modifiedAt",
        "order": "asc",
        "offset": "5",
        "maxSize": "7",
        "select": "id,name",
    }
    assert exchange.headers["x-no-total"] == "true"
    assert page.total is None
    assert page.rows[0].attributes == RECORD


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.patch(ID, {}),
        lambda c: c.list_page(max_size=201),
        lambda c: c.list_page(where=[{"type": "in", "attribute": "a", "value": []}]),
        lambda c: c.post_note(text="x"),
        lambda c: c.post_note(text="x", record_id=ID, user_ids=["u"]),
        lambda c: c.get(""),
    ],
)
def test_what_espocrm_would_refuse_or_misread_is_not_sent(act: Callable[[EspoClient], Any]) -> None:
    with serving(answer(RECORD)) as script, pytest.raises(ValueError, match=r"."):
        act(client_of(script))
    assert script.seen == []


@pytest.mark.parametrize("answers", [[], [RECORD], "text", 5, None, {}, {"id": 5}, {"id": "another"}])
def test_wrong_shapes(answers: object) -> None:
    with serving(answer(answers)) as script:
        with pytest.raises(Misconfigured):
            client_of(script).get(ID)
        with pytest.raises(OutcomeUnknown):
            client_of(script).patch(ID, {"a": 1})


@pytest.mark.parametrize("answers", [False, None, RECORD, "true"])
def test_a_delete_that_is_not_confirmed(answers: object) -> None:
    with serving(answer(answers)) as script, pytest.raises(OutcomeUnknown):
        client_of(script).delete(ID)


@pytest.mark.parametrize("answers", [{"total": 1}, {"list": {}}, {"list": [1]}, {"list": [{"name": "x"}]}, []])
def test_lists_of_a_wrong_shape(answers: object) -> None:
    with serving(answer(answers)) as script, pytest.raises(Misconfigured):
        client_of(script).list_page()


def test_current_user() -> None:
    _, user = sent({"user": {"id": "u1", "userName": "syncbot"}, "acl": {}}, lambda c: c.current_user())
    assert user == EspoAccount("u1", "syncbot")


@pytest.mark.parametrize(
    "step",
    [
        answer(b"", 403, headers="X-Status-Reason: No read access.\r\n"),
        answer(b"", 404, headers="X-Status-Reason: Record u1 does not exist.\r\n"),
        answer({"id": "u1"}),
    ],
)
def test_a_user_whose_name_cannot_be_had(step: Any) -> None:
    with serving(step) as script:
        assert client_of(script).user_name("u1") is None


@pytest.mark.parametrize("value", [None, "text", ["a"], {"type": "phone"}, 5])
def test_metadata_may_be_anything(value: object) -> None:
    exchange, found = sent(value, lambda c: c.metadata("entityDefs.X"))
    assert found == value
    assert query(exchange) == {"key": "entityDefs.X"}


def test_a_listener_shares_the_connection_and_adds_to_those_there_are() -> None:
    first: list[Call] = []
    second: list[Call] = []
    with serving(answer(RECORD)) as script:
        one = EspoClient(EspoConfig(script.url, "k")).with_observer(first.append)
        one.get(ID)
        one.with_observer(second.append).get(ID)
        one.get(ID)
    assert (len(first), len(second)) == (3, 1)
    assert script.connections == 1
    assert {call.path for call in first} == {"CBeteiligte/{id}"}


def test_the_key_is_in_no_repr() -> None:
    assert "geheim" not in repr(EspoConfig("http://x", "geheim", "geheim"))


@pytest.mark.parametrize("text", [None, "", "2026-11-21", "2026-02-31 00:00:00", "rubbish"])
def test_no_time(text: str | None) -> None:
    assert espo_time(text) is None


class Shown:
    """EspoCRM as a list of ids: answers what is asked for, and keeps the addresses."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.asked: list[str] = []

    def __call__(self, exchange: Exchange) -> bool:
        self.addresses.append(exchange.line.split()[1])
        pairs = parse_qsl(urlsplit(self.addresses[-1]).query)
        ids = [value for name, value in pairs if name == "where[0][value][]"]
        self.asked += ids
        rows = [{"id": record_id} for record_id in ids]
        return answer({"total": -1, "list": rows})(exchange)


RECORD_IDS = st.lists(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=36), max_size=60)
FIELD_NAMES = st.lists(st.text("abcÄ_[]&= ", min_size=1, max_size=200), max_size=40)


@given(ids=RECORD_IDS, select=FIELD_NAMES)
@settings(deadline=None, max_examples=40)
def test_no_address_is_too_long_whatever_ids_and_fields(ids: list[str], select: list[str]) -> None:
    ids = list(dict.fromkeys(ids))
    shown = Shown()
    with serving(shown) as script:
        found = [row.id for row in client_of(script).rows(ids, select=select)]
        assert shown.asked == found == ids, "every id once, in order"
        client_of(script).list_page(where=[{"type": "isNull", "attribute": "betnr"}], select=select)
        list(client_of(script).iterate(select=select))
    origin = len("http://127.0.0.1:65535")
    assert all(origin + len(address) < 2000 for address in shown.addresses)


@pytest.mark.parametrize("number, requests", [(0, 0), (1, 1), (30, 1), (100, 3), (400, 11)])
def test_many_ids_cost_few_requests(number: int, requests: int) -> None:
    """Seventeen characters an id, and the fields that a re-check asks for."""
    shown = Shown()
    ids = [f"5f0{count:014d}" for count in range(number)]
    with serving(shown) as script:
        assert [row.id for row in client_of(script).rows(ids, select=["id", "modifiedAt", "versionNumber"])] == ids
    assert len(shown.addresses) == requests


def test_conditions_that_no_address_holds_are_refused_before_anything_is_sent() -> None:
    with serving(answer({"list": []})) as script, pytest.raises(ValueError, match="in pieces"):
        client_of(script).list_page(where=[{"type": "in", "attribute": "id", "value": [ID] * 200}])
    assert script.seen == []


class Table:
    """The list as a step: rows of (id, time), sorted and paged as asked, changed between the pages if told so."""

    def __init__(self, rows: dict[str, str]) -> None:
        self.rows = rows
        self.between: list[Callable[[dict[str, str]], None]] = []
        self.pages = 0

    def __call__(self, exchange: Exchange) -> bool:
        asked = query(exchange)
        since = asked.get("where[0][value]", "")
        rows = sorted(((time, name) for name, time in self.rows.items() if time >= since))
        start, size = int(asked["offset"]), int(asked["maxSize"])
        page = [{"id": name, "modifiedAt": time} for time, name in rows[start : start + size]]
        self.pages += 1
        if self.between:
            self.between.pop(0)(self.rows)
        return answer({"total": -1, "list": page})(exchange)


def walk(table: Table, max_size: int) -> list[str]:
    with serving(table) as script:
        return [row.id for row in client_of(script).iterate(max_size=max_size)]


def moment(number: int) -> str:
    return f"2026-11-21 00:{number // 60:02}:{number % 60:02}"


class TestIterate:
    def test_all_rows_once(self) -> None:
        table = Table({f"r{n:03}": moment(n) for n in range(95)})
        assert walk(table, 30) == [f"r{n:03}" for n in range(95)]

    def test_an_empty_list(self) -> None:
        assert walk(Table({}), 30) == []

    def test_more_rows_in_one_second_than_a_page_holds(self) -> None:
        rows = {"a": moment(0), **{f"r{n:03}": moment(1) for n in range(100)}, "z": moment(2)}
        found = walk(Table(rows), 30)
        assert sorted(found) == sorted(rows)
        assert len(found) == len(set(found))

    def test_rows_that_move_during_the_walk_hide_no_other(self) -> None:
        table = Table({f"r{n:03}": moment(n) for n in range(60)})
        table.between = [lambda rows: rows.update({f"r{n:03}": moment(100 + n) for n in range(15)})]
        found = walk(table, 30)
        assert set(found) == {f"r{n:03}" for n in range(60)}
        assert found.count("r003") == 2

    def test_rows_that_leave_a_crowded_second_hide_no_other(self) -> None:
        table = Table({f"r{n:03}": moment(1) for n in range(100)})
        table.between = [lambda rows: None, lambda rows: rows.update({f"r{n:03}": moment(9) for n in range(20)})]
        assert set(walk(table, 30)) == {f"r{n:03}" for n in range(100)}

    def test_the_time_is_always_among_the_fields_asked_for(self) -> None:
        with serving(answer({"list": []})) as script:
            list(client_of(script).iterate(select=["name"], order_by="createdAt"))
        assert query(script.seen[0])["select"] == "name,id,createdAt"
