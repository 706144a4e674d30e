"""What a stranger, or a member of staff with a bad idea, sends: each kind lists its shots at one address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.test import Client

from tests.security.addresses import Address
from tests.security.world import World

EVIL = "evil.example"
SCRIPT = "<script>alert('x')</script>"
QUOTED_SCRIPT = "%3Cscript%3Ealert('x')%3C/script%3E"
SPLIT = "x\r\nSet-Cookie: stolen=1\r\n\r\n"
# Every parameter that some page reads, our own, the admin's and the queue pages', each with the same hostile text.
PARAMETERS = (
    *("q", "p", "o", "e", "all", "rows", "s", "next", "next_url", "back", "return", "url", "redirect_to", "_popup"),
    *("_to_field", "_changelist_filters", "before", "asked", "betnr", "week", "index", "action", "_selected_action"),
    *("select_across", "status__exact", "kind__exact", "status", "state", "day", "since", "until", "reason", "whole"),
    *("code", "choice", "endpoint", "query", "language", "username", "password", "name", "owner", "grants", "networks"),
    *("days", "rate_per_minute", "expires_at", "kuerzel", "address", "number", "answer", "reopen", "seen", "note"),
    *("due", "assignee", "app_label", "model_name", "field_name", "term", "id", "pk", "format", "columns", "callback"),
    *("debug", "DELETE", "post", "_method", "job_ids", "from", "to"),
)
WHERE_TO = ("next", "next_url", "back", "url", "redirect_to", "return")
METHODS = ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "HEAD", "PROPFIND", "BREW")
TRAVERSALS = ("../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//etc/passwd")
IDS = ("0", "-1", "9" * 26, "1.5", "1e9", "NaN", "None", "1;drop table syncapp_syncrecord", "%00", "١", "9" * 5000)
MIB = 1024 * 1024
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Shot:
    """One request."""

    path: str
    method: str = "GET"
    body: bytes = b""
    type: str = FORM
    headers: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, str] = field(default_factory=dict)

    def sent_by(self, client: Client) -> HttpResponseBase:
        answer: HttpResponseBase = client.generic(
            self.method, self.path, self.body, content_type=self.type, headers=dict(self.headers), **self.meta
        )
        return answer


Shots = list[Shot]


def asked(path: str, told: Mapping[str, str], **more: Mapping[str, str]) -> Shots:
    """The same parameters in the address and in a form."""
    query = urlencode(told)
    return [Shot(f"{path}?{query}", **more), Shot(path, "POST", query.encode(), **more)]


def everywhere(value: str) -> dict[str, str]:
    return dict.fromkeys(PARAMETERS, value)


def wrong_method(address: Address, world: World) -> Shots:
    return [Shot(world.path(address), method, b"x") for method in METHODS]


def giant_body(address: Address, world: World) -> Shots:
    path = world.path(address)
    return [Shot(path, "POST", b"a=" + b"x" * (2 * MIB)), Shot(path, "POST", b"[" * (MIB - 1), JSON)]


def false_length(address: Address, world: World) -> Shots:
    return [Shot(world.path(address), "POST", b"x", meta={"CONTENT_LENGTH": told}) for told in ("-1", "")]


def nul(address: Address, world: World) -> Shots:
    return asked(world.path(address), everywhere("a\x00b"))


def bad_json(address: Address, world: World) -> Shots:
    bodies = (b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b'"\\ud800"', b'[{"id": {"$ne": 1}}]', b"9" * 5000)
    return [Shot(world.path(address), "POST", body, JSON) for body in bodies]


def bad_form(address: Address, world: World) -> Shots:
    many = "&".join(f"a{number}=1" for number in range(1500)).encode()
    bodies = (
        (b"--x\r\nContent", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
        (b"a=%ff%fe&b", FORM),
        (many, FORM),
        (b"x", "text/plain; charset=utf-99"),
    )
    return [Shot(world.path(address), "POST", body, kind) for body, kind in bodies]


def script(address: Address, world: World) -> Shots:
    path = world.path(address)
    within = address.with_arguments(dict.fromkeys(address.arguments, QUOTED_SCRIPT))
    return [
        *asked(path, everywhere(SCRIPT)),
        Shot(f"{path}?{urlencode({SCRIPT: SCRIPT, f'{SCRIPT}__in': '1'})}"),
        *([Shot(within)] if address.arguments else []),
    ]


def traversal(address: Address, world: World) -> Shots:
    behind = [Shot(f"{world.path(address)}{path}") for path in TRAVERSALS]
    within = [Shot(address.with_arguments(dict.fromkeys(address.arguments, path))) for path in TRAVERSALS]
    return within + behind if address.arguments else behind


def bad_ids(address: Address, world: World) -> Shots:
    known = world.arguments(address.name)
    paths = [address.with_arguments({**known, **dict.fromkeys(address.arguments, number)}) for number in IDS]
    return [Shot(path, method) for path in paths for method in ("GET", "POST")] if address.arguments else []


def split_header(address: Address, world: World) -> Shots:
    path = world.path(address)
    return [
        *asked(path, everywhere(SPLIT)),
        Shot(path, headers={"X-Request-Id": SPLIT, "X-Forwarded-For": SPLIT, "Referer": SPLIT}),
        Shot(path, headers={"Accept-Language": "x" * 5000, "Authorization": f"Bearer {SPLIT}"}),
        Shot(path, headers={"Authorization": "Bearer ä\ufffd", "Signature": "ä", "X-Signature": "="}),
    ]


def wrong_host(address: Address, world: World) -> Shots:
    told = ({"Host": EVIL}, {"Host": "a b"}, {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https"})
    return [Shot(world.path(address), headers=headers) for headers in told]


def open_redirect(address: Address, world: World) -> Shots:
    targets = (f"//{EVIL}/", f"https://{EVIL}/", f"/\\{EVIL}/", f"https:{EVIL}", "javascript:alert('x')")
    from_there = {"Referer": f"https://{EVIL}/"}
    return [
        shot
        for target in targets
        for shot in asked(world.path(address), dict.fromkeys(WHERE_TO, target), headers=from_there)
    ]


KINDS: tuple[Callable[[Address, World], Shots], ...] = (
    wrong_method, giant_body, false_length, nul, bad_json, bad_form, script, traversal, bad_ids, split_header,
    wrong_host, open_redirect,
)  # fmt: skip
