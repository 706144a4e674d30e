"""Browser tests use the system's Chromium; where there is none they are skipped, by name.

A server and a browser for all tests of a process; a fresh database and a fresh browser context for each. Nobody types
a password but in the tests of the login: the others come with a session.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, expect
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from syncapp.engine import job_queue
from tests.browser.visitor import Visitor
from tests.support import chromium
from tests.support.firm import firm
from tests.support.roles import group_of

__all__ = ["firm"]

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    "--lang=de-DE",
    # Without a graphics card these would be imitated, at twice the cost.
    "--disable-gpu",
    "--disable-gpu-rasterization",
]
PATIENCE = 20_000  # a machine that has much else to do is no fault of a page
DESK = {"width": 1360, "height": 900}

# Pictures for the documents are taken when somebody asks for them (make pictures): a test run changes no file.
collect_ignore = [] if os.environ.get("ADVOSYNC_PICTURES") else ["test_pictures.py"]
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium.path()
    if path is None:
        pytest.skip("no Chromium on this machine (scripts/install-test-programs)")
    return {**browser_type_launch_args, "executable_path": path, "args": FLAGS}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Playwright's own loop makes Django believe that it runs in an asynchronous program.

    Not before one of these tests runs: where they are collected alone, a product that is started looks at it too.
    """
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def contexts(browser: Browser) -> Any:
    """Every context that a test opens, closed at its end."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def come(browser: Browser, live_server: Any, contexts: list[BrowserContext]) -> Callable[..., Visitor]:
    """Somebody comes with a browser: `come("Clerk")`, `come("boss", dark=True, width=390, locale="en-US")`.

    "" comes without a login, "boss" may do everything, "nobody" has no role.
    """

    def open_browser(
        who: str = "boss",
        *,
        locale: str = "de-DE",
        dark: bool = False,
        width: int = DESK["width"],
        script: bool = True,
    ) -> Visitor:
        context = browser.new_context(
            base_url=live_server.url,
            locale=locale,
            timezone_id="Europe/Berlin",
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": DESK["height"]},
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if who:
            client = Client()
            client.force_login(member_of_staff(who))
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return Visitor(context.new_page())

    return open_browser


def member_of_staff(who: str, password: str = "geheim") -> User:
    """One person for each role."""
    names = {"boss": "chefin", "Reader": "leserin", "Clerk": "sabine.krause", "Operator": "jan.peters"}
    name = names.get(who, who.lower())
    if found := User.objects.filter(username=name).first():
        return found
    user = User.objects.create_user(name, password=password, is_staff=True, is_superuser=who == "boss")
    if who in ("Reader", "Clerk", "Operator", "Auditor"):
        user.groups.add(group_of(who))
    return user


@pytest.fixture
def work(redis_client: Any) -> Callable[[], None]:
    """The workers do what is enqueued, and go when there is nothing left."""

    def until_empty() -> None:
        from django.conf import settings

        queues = [job_queue.queue(name, settings.REDIS_URL) for name in settings.QUEUE_NAMES]
        worker = SimpleWorker(queues, connection=redis_client, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="WARNING")
        assert not any(len(queue.failed_job_registry) for queue in queues)

    return until_empty
