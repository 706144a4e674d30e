"""Hostile requests of every kind on every address: never an error of ours, never obeyed, never another's data.

Generated from the url resolver: an address that is new is attacked from its first day on, by a stranger and by somebody
who may do everything, since behind the door there is more to break. Usually some kinds with one shot each, fewer for
pages that the admin makes alike; `make machine` fires all of them.
"""

from zlib import crc32

import pytest
from django.http import HttpResponseBase
from django.test import Client

from tests.security.addresses import every_address
from tests.security.attacks import EVIL, KINDS, SCRIPT, Shot
from tests.security.world import PERSONAL, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_url")]
ADDRESSES = {one.name or one.route: one for one in every_address()}
# Behind a login: for a stranger they are all one, and tests/security/test_rights_matrix.py asks each.
OPEN_DOOR = [name for name in ADDRESSES if not name.startswith("admin") or name in ("admin:login", "admin:logout")]
ALIKE = ("admin:syncapp_", "admin:auth_", "admin:django_rq_", "admin/")
SOME, SOME_OF_ALIKE = 6, 2
SECRETS = ("Traceback (most recent call last)", "root:x:0:0")


def shots(name: str, world: World, *, in_full: bool) -> dict[str, list[Shot]]:
    """What is fired at an address, by kind; not in full: always the same choice."""
    address, luck = ADDRESSES[name], crc32(name.encode())
    fired = {kind.__name__: kind(address, world) for kind in KINDS}
    if in_full:
        return fired
    names = [kind for kind in fired if fired[kind]]
    chosen = SOME_OF_ALIKE if name.startswith(ALIKE) else SOME
    names = [names[(luck + number * 5) % len(names)] for number in range(min(chosen, len(names)))]
    return {kind: [fired[kind][luck % len(fired[kind])]] for kind in names}


def text_of(answer: HttpResponseBase) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return body.decode("utf-8", "replace")


def faults_of(answer: HttpResponseBase, *, stranger: bool) -> list[str]:
    """What is wrong with an answer, in words."""
    text, target = text_of(answer), str(answer.headers.get("Location", ""))
    faults = {
        f"status {answer.status_code}": answer.status_code >= 500 and answer.status_code != 503,
        "echoes script": SCRIPT in text and "json" not in answer.headers.get("Content-Type", ""),
        f"sends to {target}": EVIL in target.partition("?")[0] or target.startswith(("//", "javascript:")),
        "sets a header of the sender's": "stolen" in answer.cookies,
        "tells a stranger": stranger and any(secret in text for secret in PERSONAL),
        "tells what is nobody's": any(secret in text for secret in SECRETS),
    }
    return [fault for fault, holds in faults.items() if holds]


def fired_at(name: str, client: Client, world: World, *, stranger: bool, in_full: bool) -> list[str]:
    found = []
    for kind, fired in shots(name, world, in_full=in_full).items():
        for shot in fired:
            try:
                faults = faults_of(shot.sent_by(client), stranger=stranger)
            except Exception as error:  # the test client hands on what would be a page with 500
                faults = [f"{type(error).__name__}: {str(error)[:200]}"]
            found += [f"{kind}, {shot.method} {shot.path[:120]}: {fault}" for fault in faults]
    return found


def stands(found: list[str]) -> None:
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("name", OPEN_DOOR)
def test_a_stranger_breaks_nothing(name: str, planted: World, client: Client) -> None:
    stands(fired_at(name, client, planted, stranger=True, in_full=True))


@pytest.mark.parametrize("name", ADDRESSES)
def test_whoever_may_do_everything_breaks_nothing(name: str, planted: World, boss: Client) -> None:
    stands(fired_at(name, boss, planted, stranger=False, in_full=False))


@pytest.mark.long
@pytest.mark.parametrize("name", ADDRESSES)
def test_all_shots_at_everything(name: str, planted: World, boss: Client) -> None:
    stands(fired_at(name, boss, planted, stranger=False, in_full=True))


@pytest.mark.parametrize(
    "name", [name for name in ADDRESSES if name.startswith(("admin:ops_", "admin:auth_", "admin:django_rq_"))]
)
def test_no_form_is_taken_without_its_token(name: str, boss: Client) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = boss.cookies
    answer = careful.post(World().path(ADDRESSES[name]), {"reason": "x", "post": "yes"})
    assert answer.status_code in (403, 404, 405), "taken without a token"


def test_there_are_enough(planted: World) -> None:
    fired = [shot for name in ADDRESSES for some in shots(name, planted, in_full=False).values() for shot in some]
    assert len(fired) > 600
    assert {"webhook_create", "proxy_api", "metrics", "admin:login", "admin:ops_record_act", "set_language"} <= set(
        ADDRESSES
    )


def test_a_fault_is_noticed() -> None:
    """Of the judge itself: it must not pass what it is there to find."""
    from django.http import HttpResponse, HttpResponseRedirect

    assert faults_of(HttpResponse(SCRIPT), stranger=True) == ["echoes script"]
    assert faults_of(HttpResponse("Frieda"), stranger=True) == ["tells a stranger"]
    assert faults_of(HttpResponse("Frieda"), stranger=False) == []
    assert faults_of(HttpResponseRedirect(f"https://{EVIL}/"), stranger=True) == [f"sends to https://{EVIL}/"]
    assert faults_of(HttpResponse(status=500), stranger=False) == ["status 500"]
