"""What the stand-in EspoCRM does beyond the recordings: filters, pages, versions, persons, lock-out, cost, threads."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from sandbox import switches
from sandbox.espocrm import auth, people
from sandbox.models.espocrm import EspoUser
from tests.sandbox.espocrm_api import Api
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def api() -> Iterator[Api]:
    switches.reset()
    auth.forget_failures()
    yield Api()
    switches.reset()
    auth.forget_failures()


# Values


@pytest.mark.parametrize(
    "written, kept",
    [
        ({"titel": "  Dr. "}, {"titel": "Dr."}),
        ({"titel": ""}, {"titel": None}),
        ({"titel": "   "}, {"titel": None}),
        ({"titel": None}, {"titel": None}),
        ({"titel": True}, {"titel": "1"}),
        ({"betnr": " 12 "}, {"betnr": 12}),
        ({"betnr": ""}, {"betnr": None}),
        ({"syncErrorMessage": " two\nlines "}, {"syncErrorMessage": " two\nlines "}),
        ({"geburtsdatum": None}, {"geburtsdatum": None}),
        ({"advowareLastSync": "2026-11-21 10:00"}, {"advowareLastSync": "2026-11-21 10:00:00"}),
        ({"billingAddressCity": "Hannover"}, {"billingAddressCity": "Hannover"}),
        ({"name2": "x", "deleted": True}, {"deleted": False}),
    ],
    ids=str,
)
def test_value_is_kept(written: dict[str, object], kept: dict[str, object], api: Api) -> None:
    record_id = api.create(name="A", titel="x", betnr=1, geburtsdatum="2000-01-01")["id"]
    api.patch(record_id, **written)
    assert kept.items() <= api.get(record_id).items()


@pytest.mark.parametrize(
    "written, field, rule",
    [
        ({"geburtsdatum": ""}, "geburtsdatum", "valid"),
        ({"geburtsdatum": 5}, "geburtsdatum", "valid"),
        ({"advowareLastSync": "2026-02-31 10:00:00"}, "advowareLastSync", "valid"),
        ({"advowareLastSync": "yesterday"}, "advowareLastSync", "valid"),
        ({"betnr": [1]}, "betnr", "valid"),
        ({"betnr": -(2**40)}, "betnr", "rangeInternal"),
        ({"syncStatus": "dirty", "bAnrede": "x" * 256}, "bAnrede", "maxLength"),
        ({"name": "Meyer <Nord>"}, "name", "pattern"),
        ({"name": "   "}, "name", "required"),
    ],
    ids=str,
)
def test_value_is_refused(written: dict[str, object], field: str, rule: str, api: Api) -> None:
    record_id = api.create(name="A")["id"]
    answer = api.refused(record_id, **written)
    assert answer.body["messageTranslation"]["data"] == {"field": field, "type": rule}
    assert api.get(record_id)["versionNumber"] == 1


# Versions


def test_every_write_moves_version_and_time(api: Api) -> None:
    with time_machine.travel("2026-11-21 10:00:00+00:00", tick=False) as clock:
        record_id = api.create(name="A")["id"]
        for version in (2, 3):
            clock.shift(1)
            answer = api.good("PUT", f"CBeteiligte/{record_id}", {})
            assert (answer["versionNumber"], answer["modifiedAt"]) == (version, f"2026-11-21 10:00:0{version - 1}")


def test_stale_version_without_effective_change_is_let_through(api: Api) -> None:
    record_id = api.create(name="A", titel="Dr.")["id"]
    api.patch(record_id, zusatz="x")
    answer = api.call("PATCH", f"CBeteiligte/{record_id}", {"titel": "Dr."}, X_Version_Number="1")
    assert (answer.status, answer.body["versionNumber"]) == (200, 3)


def test_without_optimistic_locking_there_are_no_versions(api: Api) -> None:
    switches.turn("espocrm", {"optimistic_locking": False})
    record_id = api.create(name="A")["id"]
    api.patch(record_id, zusatz="x")
    answer = api.call("PATCH", f"CBeteiligte/{record_id}", {"titel": "Dr."}, X_Version_Number="1")
    assert answer.status == 200
    assert "versionNumber" not in answer.body
    assert "versionNumber" not in api.get(record_id)
    assert ["versionNumber" in row for row in api.page()["list"]] == [False]


@pytest.mark.parametrize("on", [True, False])
def test_metadata_tells_whether_versions_are_checked(on: bool, api: Api) -> None:
    switches.turn("espocrm", {"optimistic_locking": on})
    key = {"key": "entityDefs.CBeteiligte.optimisticConcurrencyControl"}
    assert api.good("GET", "Metadata", query=key) is on


# Persons


def test_name_of_a_person_is_made_of_its_parts(api: Api) -> None:
    person = api.create("CBeteiligtePerson", firstName="Erika", lastName="Muster", name="ignored")
    assert person["name"] == "Erika Muster"
    answer = api.patch(person["id"], "CBeteiligtePerson", name="ignored", firstName="Eva")
    assert answer["name"] == "Eva Muster"
    assert api.get(person["id"], "CBeteiligtePerson")["name"] == "Eva Muster"


def test_person_has_the_fields_that_a_sync_needs(api: Api) -> None:
    fields = api.good("GET", "Metadata", query={"key": "entityDefs.CBeteiligtePerson.fields"})
    wanted = "firstName lastName firmenname salutationName rechtsform titel bAnrede zusatz dateOfBirth betnr syncStatus"
    assert set(wanted.split()) <= set(fields)


# Filters


@pytest.fixture
def four(api: Api) -> Api:
    """Names a to d; what makes them differ is in their attributes."""
    api.create(name="a", betnr=1, syncStatus="clean", syncNextRetry="2026-11-21 10:00:00", titel="Dr.")
    api.create(
        name="b",
        betnr=2,
        syncStatus="dirty",
        phoneNumberData=[{"phoneNumber": "+49511123456"}, {"phoneNumber": "+49511123457"}],
    )
    api.create(name="c", betnr=3, syncStatus="failed", emailAddress="C@example.org", titel="prof.")
    api.create(name="d", syncStatus="dirty", syncNextRetry="2026-11-21 12:00:00")
    return api


def item(kind: str, attribute: str, value: object = None, **more: object) -> dict[str, object]:
    return {"type": kind, "attribute": attribute, "value": value, **more}


FILTERS = [
    (item("equals", "betnr", 2), "b"),
    (item("equals", "betnr", "2"), "b"),
    (item("equals", "titel", "DR."), "a"),
    (item("notEquals", "titel", "Dr."), "c"),
    (item("in", "syncStatus", ["dirty", "failed"]), "bcd"),
    (item("in", "titel", ["dr.", "PROF."]), "ac"),
    (item("notIn", "betnr", [1, 2]), "c"),
    (item("isNull", "betnr"), "d"),
    (item("isNotNull", "betnr"), "abc"),
    (item("isTrue", "deleted"), ""),
    (item("isFalse", "deleted"), "abcd"),
    (item("contains", "titel", "ro"), "c"),
    (item("notContains", "titel", "ro"), "a"),
    (item("startsWith", "name", "A"), "a"),
    (item("endsWith", "titel", "."), "ac"),
    (item("like", "titel", "_r%"), "ac"),
    (item("notLike", "titel", "d%"), "c"),
    (item("greaterThan", "betnr", 1), "bc"),
    (item("greaterThanOrEquals", "betnr", "2"), "bc"),
    (item("lessThan", "betnr", 2), "a"),
    (item("lessThanOrEquals", "betnr", 2), "ab"),
    (item("after", "syncNextRetry", "2026-11-21 10:00:00"), "d"),
    (item("after", "syncNextRetry", "2026-11-21T11:30:00+02:00"), "ad"),
    (item("before", "syncNextRetry", "2026-11-21 12:00:00", dateTime=True, timeZone="Europe/Berlin"), "a"),
    (item("between", "syncNextRetry", ["2026-11-21 11:00:00", "2026-11-21 12:00:00"]), "d"),
    (item("between", "betnr", [2, 3]), "bc"),
    (item("on", "syncNextRetry", "2026-11-21 12:00:00"), "d"),
    (item("notOn", "syncNextRetry", "2026-11-21 12:00:00"), "a"),
    (item("past", "syncNextRetry"), "a"),
    (item("future", "syncNextRetry"), "d"),
    (item("equals", "phoneNumber", "+49511123457"), "b"),
    (item("notEquals", "phoneNumber", "+49511123457"), "acd"),
    (item("startsWith", "phoneNumber", "+49511"), "b"),
    (item("isNull", "phoneNumber"), "acd"),
    (item("equals", "emailAddress", "c@EXAMPLE.org"), "c"),
    (item("in", "emailAddress", ["c@example.org", "x@example.org"]), "c"),
    (item("isNotNull", "emailAddress"), "c"),
    (item("equals", "createdById", "5a0d0000000000001"), "abcd"),
    ({"type": "or", "value": [item("equals", "betnr", 1), item("isNull", "betnr")]}, "ad"),
    ({"type": "and", "value": [item("equals", "syncStatus", "dirty"), item("isNull", "betnr")]}, "d"),
    ({"type": "not", "value": [item("equals", "syncStatus", "dirty")]}, "ac"),
]


@pytest.mark.parametrize("where, names", FILTERS, ids=lambda part: part if isinstance(part, str) else str(part["type"]))
@time_machine.travel("2026-11-21 11:00:00+00:00", tick=False)
def test_filter(where: object, names: str, four: Api) -> None:
    assert four.names([where]) == list(names)


def test_every_operator_has_a_filter_test() -> None:
    from sandbox.espocrm.where import GROUPS, OPERATORS

    assert {str(where["type"]) for where, _names in FILTERS} == set(OPERATORS) | set(GROUPS)


@pytest.mark.parametrize(
    "where",
    [
        item("in", "syncStatus", []),
        item("notIn", "syncStatus"),
        item("between", "betnr", [1]),
        {"type": "or"},
        item("equals", "modifiedBy", "x"),
        item("soundsLike", "name", "x"),
    ],
    ids=lambda where: str(where["type"]),
)
def test_filter_refused(where: object, api: Api) -> None:
    query = {"searchParams": json.dumps({"where": [where]})}
    assert api.call("GET", "CBeteiligte", query=query).status == 400


def test_json_string_as_where_counts_for_nothing(four: Api) -> None:
    answer = four.good("GET", "CBeteiligte", query={"where": '[{"type":"equals","attribute":"betnr","value":1}]'})
    assert answer["total"] == 4


def test_brackets_and_search_params_say_the_same(four: Api) -> None:
    query = {
        "where[0][type]": "or",
        "where[0][value][0][type]": "in",
        "where[0][value][0][attribute]": "betnr",
        "where[0][value][0][value][]": ["1", "3"],
        "where[0][value][1][type]": "isNull",
        "where[0][value][1][attribute]": "betnr",
        "orderBy": "name",
        "order": "asc",
        "select": "name",
    }
    found = four.good("GET", "CBeteiligte", query=query)["list"]
    assert [row["name"] for row in found] == ["a", "c", "d"]


# Pages


@time_machine.travel("2026-11-21 11:00:00+00:00", tick=False)
def test_pages_of_equal_times_neither_overlap_nor_leave_gaps(api: Api) -> None:
    ids = {api.create(name=f"{number}")["id"] for number in range(7)}
    seen = []
    for offset in range(0, 9, 3):
        found = api.page(orderBy="modifiedAt", order="asc", offset=offset, maxSize=3, select=["id"])
        assert found["total"] == 7
        seen += [row["id"] for row in found["list"]]
    assert len(seen) == 7
    assert set(seen) == ids


@pytest.mark.parametrize("size, total", [(3, -1), (4, -2), (5, -2)])
def test_without_total_only_whether_there_is_more(size: int, total: int, four: Api) -> None:
    found = four.good("GET", "CBeteiligte", query={"maxSize": str(size)}, X_No_Total="true")
    assert found["total"] == total
    assert len(found["list"]) == min(size, 4)


def test_rows_never_carry_contact_points(four: Api) -> None:
    for select in (None, ["id", "phoneNumberData", "emailAddressData"]):
        for row in four.page(**({"select": select} if select else {}))["list"]:
            assert not {"phoneNumberData", "emailAddressData"} & set(row)


def test_rows_carry_time_and_version(four: Api) -> None:
    for row in four.page(select=["modifiedAt", "versionNumber"])["list"]:
        assert row["modifiedAt"]
        assert row["versionNumber"] == 1


# Who may


@pytest.mark.parametrize(
    "key, admin, staff_name",
    [
        ("sandbox-espo-key", False, "syncbot"),
        ("sandbox-admin-key", True, "admin"),
        ("sandbox-staff-key", False, "anna"),
    ],
)
def test_well_known_users(key: str, admin: bool, staff_name: str, api: Api) -> None:
    api = Api(key)
    assert api.good("GET", "App/user")["user"]["userName"] == staff_name
    record_id = api.create(name="A")["id"]
    assert api.call("DELETE", f"CBeteiligte/{record_id}").status == 200
    restored = api.call("POST", "CBeteiligte/action/restoreDeleted", {"id": record_id})
    assert restored.status == (200 if admin else 403)


@pytest.mark.parametrize(
    "method, path, scope, reason",
    [
        ("GET", "CBeteiligte", "CBeteiligte", "No read access."),
        ("POST", "CBeteiligte", "CBeteiligte", "No create access."),
        ("POST", "Webhook", "Webhook", "No create access."),
        ("POST", "Note", "Note", "No create access."),
        ("POST", "Task", "Task", "No create access."),
        ("GET", "User/5a0d0000000000003", "User", "No read access."),
    ],
)
def test_role_without_a_scope(method: str, path: str, scope: str, reason: str, api: Api) -> None:
    api.good("GET", "App/user")
    user = EspoUser.objects.get(user_name="syncbot")
    user.role = {**user.role, scope: False}
    user.save()
    answer = api.call(method, path, {"name": "A", "event": "CBeteiligte.create", "post": "x"})
    assert (answer.status, answer.reason) == (403, reason)


def test_lock_out_ends_after_a_minute(api: Api) -> None:
    with time_machine.travel("2026-11-21 10:00:00+00:00", tick=False) as clock:
        api.good("GET", "App/user")
        for _attempt in range(11):
            assert Api("wrong").call("GET", "App/user").status == 401
        assert api.call("GET", "App/user").status == 403
        clock.shift(61)
        assert api.call("GET", "App/user").status == 200


def test_ten_failed_logins_are_forgiven(api: Api) -> None:
    for _attempt in range(10):
        Api("wrong").call("GET", "App/user")
    assert api.call("GET", "App/user").status == 200


# Telling people


def test_mention_without_the_permission_is_dropped_without_a_word(api: Api) -> None:
    people.change_role({"mentionPermission": "no"})
    note = {"type": "Post", "parentType": "CBeteiligte", "parentId": api.create(name="A")["id"], "post": "@anna"}
    assert api.good("POST", "Note", note)["data"] == {}
    assert Api("sandbox-staff-key").good("GET", "Notification")["list"] == []


def test_note_to_users_without_the_permission_reaches_nobody_but_oneself(api: Api) -> None:
    people.change_role({"messagePermission": "no"})
    note = {"type": "Post", "post": "x", "targetType": "users", "usersIds": ["5a0d0000000000003"]}
    answer = api.call("POST", "Note", note)
    assert (answer.status, answer.reason) == (403, "Not permitted to post to anybody except self.")
    assert api.call("POST", "Note", {**note, "usersIds": ["5a0d0000000000001"]}).status == 200


def test_permissions_are_shown_to_the_user_who_has_them(api: Api) -> None:
    people.change_role({"mentionPermission": "team"})
    acl = api.good("GET", "App/user")["acl"]
    assert (acl["mentionPermission"], acl["messagePermission"]) == ("team", "all")
    assert "mentionPermission" not in acl["table"]


def test_mention_reaches_the_user_as_a_notification(api: Api) -> None:
    record_id = api.create(name="A")["id"]
    note = {"type": "Post", "parentType": "CBeteiligte", "parentId": record_id, "post": "Bitte prüfen, @anna."}
    assert api.good("POST", "Note", note)["notifiedUserIdList"] == ["5a0d0000000000003"]
    found = Api("sandbox-staff-key").good("GET", "Notification")["list"]
    assert [notification["noteData"]["post"] for notification in found] == ["Bitte prüfen, @anna."]
    stream = api.good("GET", f"CBeteiligte/{record_id}/stream")
    assert [line["post"] for line in stream["list"]] == ["Bitte prüfen, @anna."]


# Cost


@pytest.mark.parametrize(
    "action, most",
    [("get", 4), ("patch", 9), ("patch phones", 14), ("list", 5), ("list selected", 3), ("create", 12), ("delete", 6)],
)
def test_queries_a_request(action: str, most: int, api: Api) -> None:
    record_id = api.create(name="A", phoneNumberData=[{"phoneNumber": "+49511123456"}])["id"]
    api.good("POST", "Webhook", {"event": "CBeteiligte.update", "url": "http://127.0.0.1:9/"})
    for number in range(30):
        api.create(name=f"B{number}", phoneNumberData=[{"phoneNumber": f"+495111234{number:02d}"}])
    actions = {
        "get": lambda: api.get(record_id),
        "patch": lambda: api.patch(record_id, titel="Dr."),
        "patch phones": lambda: api.patch(record_id, phoneNumberData=[{"phoneNumber": "+49511999999"}]),
        "list": lambda: api.page(maxSize=200),
        "list selected": lambda: api.page(maxSize=200, select=["id", "modifiedAt", "versionNumber"]),
        "create": lambda: api.create(name="Neu", phoneNumberData=[{"phoneNumber": "+49511888888"}]),
        "delete": lambda: api.call("DELETE", f"CBeteiligte/{record_id}"),
    }
    with CaptureQueriesContext(connections["sandbox"]) as queries:
        actions[action]()
    spent = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(spent) <= most, "\n".join(spent)


# Threads


def test_parallel_writes_are_all_counted(sandbox: Sandbox) -> None:
    """Eight writers of one record and one number: none is lost, and the version counts each."""
    base, headers = sandbox.espocrm_url, {"X-Api-Key": "sandbox-espo-key"}
    shared = [{"phoneNumber": "+49511123456", "type": "Office"}]
    made = requests.post(
        f"{base}/CBeteiligte", json={"name": "A", "phoneNumberData": shared}, headers=headers, timeout=20
    )
    record = f"{base}/CBeteiligte/{made.json()['id']}"

    def write(number: int) -> int:
        own = {"phoneNumber": f"+495119999{number:02d}", "type": "Mobile"}
        body = {"titel": f"T{number}", "phoneNumberData": [*shared, own]}
        return requests.patch(record, json=body, headers=headers, timeout=20).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, range(40))) == {200}
    found = requests.get(record, headers=headers, timeout=20).json()
    assert found["versionNumber"] == 41
    last = found["titel"].removeprefix("T")
    assert {row["phoneNumber"] for row in found["phoneNumberData"]} == {"+49511123456", f"+495119999{int(last):02d}"}
