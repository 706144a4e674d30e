"""Keys and calls of other programs, as an operator meets them: made, copied, limited, revoked; desk and phone."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from syncapp.models import ProxyKey
from syncapp.proxy import keys
from tests.admin import rooms
from tests.browser.conftest import DESK
from tests.browser.visitor import Visitor

Come = Callable[..., Visitor]
PHONE = 390
KEY = re.compile(r"advo_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


def check(visitor: Visitor, name: str) -> None:
    """Fits a phone and a desk, and axe finds nothing grave; ADVOSYNC_LOOK names a folder for pictures of it."""
    visitor.settle()
    folder = os.environ.get("ADVOSYNC_LOOK")
    for width in (PHONE, DESK["width"]):
        visitor.width(width)
        assert visitor.overflow() <= 0, (name, width)
        if folder:
            visitor.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    assert visitor.findings() == [], name


@pytest.mark.parametrize("locale, make, stored", [
    ("de-DE", "Schlüssel erstellen", "Ich habe ihn hinterlegt"),
    ("en-US", "Make the key", "I have stored it"),
])  # fmt: skip
def test_a_key_is_made_copied_and_never_seen_again(locale: str, make: str, stored: str, come: Come, live: None) -> None:
    visitor = come("Operator", locale=locale)
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.go("ops_proxy_make")
    check(visitor, f"make-{locale}")
    visitor.fill(name="n8n", owner="Anna Vogt", networks="10.0.5.0/24")
    visitor.click(make)
    text = KEY.search(visitor.text())
    assert text
    assert keys.find(text[0]) == ProxyKey.objects.get()
    check(visitor, f"made-{locale}")
    button = visitor.page.locator("[data-copy=the-key]")
    button.click()
    expect(button).to_contain_text("Kopiert" if locale == "de-DE" else "Copied")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == text[0]
    visitor.click(stored)
    visitor.does_not_see(text[0])
    visitor.sees("n8n")
    assert text[0] not in visitor.page.content()
    assert visitor.troubles == []


def test_a_double_click_makes_one_key_and_shows_it(come: Come, live: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make = keys.make

    def take_time(**given: Any) -> tuple[ProxyKey, str]:
        made = make(**given)
        time.sleep(1)
        return made

    monkeypatch.setattr(keys, "make", take_time)
    visitor = come("Operator").go("ops_proxy_make")
    visitor.fill(name="n8n", owner="Anna Vogt")
    button = visitor.page.get_by_role("button", name="Schlüssel erstellen")
    button.evaluate("button => { button.click(); setTimeout(() => button.click(), 200) }")
    visitor.sees("Ich habe ihn hinterlegt")
    text = KEY.search(visitor.text())
    assert text
    assert keys.find(text[0]) == ProxyKey.objects.get()


def test_lists_limits_and_revoking(come: Come, live: None) -> None:
    row = rooms.proxy_key("Telefonanlage")
    for outcome, code in (("done", "ok"), ("unknown", "outcome_unknown"), ("unauthorized", "unauthorized")):
        rooms.proxy_call(key=row, outcome=outcome, code=code, parameters=["from", "kuerzel"])
    visitor = come("Operator")
    for name in ("syncapp_proxykey_changelist", "syncapp_proxycall_changelist", "ops_proxy_try"):
        check(visitor.go(name), name)
    check(visitor.go("ops_proxy_limit", row.pk), "limit")
    visitor.fill(rate_per_minute="5")
    visitor.click("Grenzen ändern")
    visitor.sees("5 Aufrufe je Minute")
    check(visitor.go("ops_proxy_revoke", row.pk), "revoke")
    visitor.fill(reason="Anlage getauscht")
    visitor.click("Schlüssel sperren")
    visitor.sees("gesperrt", "Anlage getauscht")
    assert visitor.troubles == []
