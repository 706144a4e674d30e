"""The stand-in EspoCRM answers as the recorded one did: status, reason, headers and body, exchange by exchange.

Every recorded exchange is a test. What the stand-in does not imitate is listed by name in NOT_IMITATED with the reason;
an exchange listed there that would pass fails the suite, as does an unlisted one that differs.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from django.http import JsonResponse

from sandbox import switches
from sandbox.espocrm import auth, clock, people, records, stream
from sandbox.espocrm.entities import PLAIN
from sandbox.models.espocrm import EspoUser, PhoneNumber
from tests.sandbox import replay
from tests.sandbox.replay import ANNA, BOT, Chapter, answer_of, named, plant, set_version

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
MUELLER = "6b020535f2ebfbb01"
RECORD_A = "6b0205dae6b7c35f3"

NOT_IMITATED = {
    "i12_role_with_notification": "Roles are fixed rows of the stand-in; nobody changes them through the API.",
}
SHAPE_ONLY = {
    "f9b_phone_entity_list_admin": "Identifiers and number of the shared numbers depend on requests not recorded.",
    "i11_notification_list_as_anna": "Some of the notifications come from requests that were not recorded.",
    "i10_stream": "The stream also shows lines of requests that were not recorded.",
}


def _early_records() -> None:
    for name in ("a11_form_body", "b2_get_after_create", "b3_create_minimal", "b4_create_plain_phone_email"):
        plant(answer_of(name))
    ids = ("6b020554b42adeef4", "6b020554c58a81914", "6b020554d46e85d04", "6b020554e2d0477da")
    for number, (record_id, status) in enumerate(zip(ids, ("pending_sync", "dirty", "failed", "clean"), strict=True)):
        plant(
            answer_of("c1_list_default")["list"][0],
            id=record_id,
            name=f"Liste {number}",
            syncStatus=status,
            syncNextRetry=f"2026-11-21 {10 + number}:00:00",
            phoneNumber=f"+4940100{number}00",
            emailAddress=f"l{number}@example.org",
        )


def _all_records(until: str) -> None:
    """Whatever existed at that moment, as far as a list shows it; one of them had been assigned since."""
    for row in answer_of("c34_default_maxsize")["list"]:
        if row["createdAt"] <= until:
            plant(row, name="?", modifiedAt=row["createdAt"])
    plant(answer_of("b2_get_after_create"), modifiedAt="2026-11-21 21:01:10", assignedUserId=ANNA)


def _records_a_and_b() -> None:
    number = {"phoneNumber": "+49511200001", "type": "Office", "primary": True}
    plant(answer_of("f1_replace_set"), phoneNumberData=[number], versionNumber=1)


def _record_b() -> None:
    plant(
        answer_of("f6_shared_number_change_type_on_B"),
        phoneNumberData=[{"phoneNumber": "+49511200005", "type": "Fax", "primary": True}],
        versionNumber=1,
    )


def _numbers() -> None:
    for number in range(19):
        PhoneNumber.objects.create(id=clock.new_id(), name=f"+4951120{number:04d}", type="Office")


def _assigned_in_between() -> None:
    bot = EspoUser.objects.get(id=BOT)
    records.update(PLAIN, MUELLER, {"assignedUserId": ANNA}, bot)
    post = {"type": "Post", "post": "Stream an Follower", "parentType": "CBeteiligte", "parentId": MUELLER}
    stream.create_note(post, bot)


def _without_user_scope() -> None:
    plant(answer_of("b2_get_after_create"))
    EspoUser.objects.filter(id=BOT).update(role={**people.ROLE, "User": False})


def _batch() -> None:
    for record_id in answer_of("h8_massupdate")["ids"]:
        plant({"id": record_id, "name": f"Batch {record_id}"})
    for number in range(57):
        plant({"id": f"{number:017d}", "name": f"Batch {number:03d}"})


def _too_many_failed_logins() -> None:
    switches.turn("espocrm", {"login_lockout": True})
    for _ in range(11):
        replay.send(replay.exchanges()["a2_app_user_wrong_key"])


def _inactive() -> None:
    auth.forget_failures()
    switches.turn("espocrm", {"maintenance": False})
    EspoUser.objects.filter(api_key=replay.HMAC_KEY).update(is_active=False)


LATE_LISTS = named(r"c(26|27|28|28b|29|31|32|33|34)(_.*)?")
CHAPTERS = {
    "logging in": Chapter(named(r"a.*"), optimistic_locking=False),
    "creating": Chapter(
        named(r"b.*"),
        before={
            "b7_person_after_put_name": lambda: (
                plant(answer_of("b7_person_after_put_name"), entity_name="CBeteiligtePerson") and None
            )
        },
        optimistic_locking=False,
    ),
    "listing": Chapter(
        [name for name in named(r"c.*") if name not in LATE_LISTS], plant=_early_records, optimistic_locking=False
    ),
    "listing many": Chapter(
        LATE_LISTS,
        plant=lambda: _all_records("2026-11-21 21:01:54"),
        before={"c34_default_maxsize": lambda: _all_records("2026-11-21 21:19:01")},
    ),
    "changing": Chapter(
        named(r"d.*"), plant=lambda: plant(answer_of("b2_get_after_create")) and None, optimistic_locking=False
    ),
    "validating": Chapter(
        named(r"e.*"),
        plant=lambda: plant(answer_of("d12_put_good_version"), versionNumber=3) and None,
        # The single GETs from e30 on show what requests made of the record that were not recorded.
        before={
            name: lambda name=name: plant(answer_of(name)) and None  # type: ignore[misc]
            for name in named(r"e[34]\d.*")
            if replay.exchanges()[name].method == "GET"
        },
    ),
    "contact points": Chapter(
        [name for name in named(r"f.*") if not name.startswith("f9")],
        plant=_records_a_and_b,
        before={
            "f4_switch_primary": lambda: plant(answer_of("f1_replace_set"), versionNumber=5) and None,
            "f6_shared_number_change_type_on_B": _record_b,
            "f10_plain_phone_null": set_version(RECORD_A, 9),
        },
    ),
    "numbers as records": Chapter(named(r"f9.*"), plant=_numbers),
    "deleting": Chapter(
        named(r"g.*"),
        moment="2026-11-21 20:58:30",
        plant=lambda: plant(answer_of("g10_get_restored"), modifiedById=None) and None,
        before={
            "g11_restore_by_api_user": lambda: plant({"id": "6b020ad78b0c8bc24", "name": "x", "deleted": True}) and None
        },
    ),
    "webhooks": Chapter(named(r"h.*"), before={"h5_assign_user": _without_user_scope, "h8_massupdate": _batch}),
    "telling people": Chapter(
        named(r"i.*"),
        plant=lambda: plant(answer_of("b2_get_after_create")) and None,
        before={"i10_stream": _assigned_in_between},
    ),
    "limits": Chapter(
        named(r"j.*"),
        plant=lambda: _all_records("2026-11-21 21:01:05"),
        before={
            "j6_wrong_key_after_limit": _too_many_failed_logins,
            "j11_maintenance_mode": lambda: switches.turn("espocrm", {"maintenance": True}) and None,
            "j12_inactive_user": _inactive,
        },
    ),
    "duplicates": Chapter(
        named(r"k.*"),
        plant=lambda: plant(answer_of("k0a")[0]) and plant(answer_of("k1_dup_by_name")[0]) and None,
        before={
            "k7_put_into_duplicate": lambda: (
                plant(answer_of("k7_put_into_duplicate"), name="Dup Test 3", modifiedById=None, versionNumber=1)
                and None
            )
        },
    ),
}
CHAPTER_OF = {name: title for title, chapter in CHAPTERS.items() for name in chapter.names}


@cache
def differences(title: str) -> dict[str, str]:
    """Replays a chapter when the first of its exchanges is asked for."""
    return replay.run(CHAPTERS[title], frozenset(SHAPE_ONLY))


@pytest.fixture(autouse=True)
def _switches_as_found() -> Iterator[None]:
    yield
    switches.reset()
    auth.forget_failures()


@pytest.mark.parametrize("name", sorted(replay.exchanges()))
def test_answers_as_recorded(name: str) -> None:
    difference = differences(CHAPTER_OF[name])[name]
    if name in NOT_IMITATED:
        assert difference, f"{name} is imitated after all: take it off the list"
    else:
        assert not difference


def test_lists_name_recorded_exchanges_only() -> None:
    assert set(NOT_IMITATED) | set(SHAPE_ONLY) <= set(replay.exchanges())
    assert not set(NOT_IMITATED) & set(SHAPE_ONLY)


def test_replay_notices_a_difference() -> None:
    """The comparison itself can fail: another status, another reason, a missing key, another value."""
    exchange = replay.exchanges()["d13_put_stale_same_field"]
    right = JsonResponse({"values": {"zusatz": "V2"}, "versionNumber": 2}, status=409)
    right["X-Status-Reason"] = "modified"
    assert replay.difference(exchange, right, shape_only=False) == ""
    for status, reason, body in (
        (400, "modified", {"values": {"zusatz": "V2"}, "versionNumber": 2}),
        (409, "duplicate", {"values": {"zusatz": "V2"}, "versionNumber": 2}),
        (409, "modified", {"values": {"zusatz": "V2"}}),
        (409, "modified", {"values": {"zusatz": "V3"}, "versionNumber": 2}),
    ):
        wrong = JsonResponse(body, status=status)
        wrong["X-Status-Reason"] = reason
        assert replay.difference(exchange, wrong, shape_only=False)
