"""Somebody with a browser: what a person sees and clicks, in words of the page.

Every page that is opened is also listened to: an error in a script or a refused resource fails the test at its end.
"""

from collections.abc import Mapping
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

AXE = Axe()
GRAVE = ("serious", "critical")
# Every part that htmx loads with the page has been asked for, and is there.
SETTLED = """() => document.readyState === 'complete' && document.fonts.status === 'loaded'
  && [...document.querySelectorAll('[hx-trigger*="load"]')].every(part => part['htmx-internal-data']?.loaded)
  && !document.querySelector('.htmx-request')"""

# The words of what has the focus; a radio button's are those of its label.
FOCUS = """() => { const element = document.activeElement; return (element.labels?.[0] || element).innerText }"""


# Without them nobody finds the way by ear; axe looks for them where it looks at a whole page only.
LANDMARKS = """() => ['main', 'h1'].filter(name => document.querySelectorAll(name).length !== 1).map(
  name => `not one ${name}`)"""
# Rows behind the first ones look like them, and the menu is the same on every page: axe looks at those once.
ALIKE = ["tbody tr:nth-child(n+6)", "#result_list tbody:nth-of-type(n+6)", ".ops-guide > :nth-child(n+80)"]
# A box or a radio button is as large as its label; a link in a line of text as large as the line.
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter(element => !element.closest('[aria-hidden=true], .ops-skip, .ops-guide, pre'))
  .map(element => [element, element.matches('[type=checkbox], [type=radio]') &&
    (element.labels[0] || element.closest('td')) || element])
  .filter(([element]) => !(element.matches('a') && getComputedStyle(element).display === 'inline'))
  .map(([element, target]) => [element, target.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
  .map(([element, box]) => [Math.round(box.width), Math.round(box.height), element.outerHTML.slice(0, 110)].join(' '))
  .slice(0, 5)"""
# A cell of a list that shows less than it holds.
CUT = """() => [...document.querySelectorAll('#result_list tbody :is(td, th)')]
  .filter(cell => cell.scrollHeight > cell.clientHeight + 1 || cell.scrollWidth > cell.clientWidth + 1)
  .map(cell => cell.textContent.trim().slice(0, 60)).slice(0, 5)"""
SPOKEN = """() => [...document.querySelectorAll('.material-symbols-outlined')]
  .filter(icon => icon.checkVisibility() && !icon.closest('[aria-hidden=true]'))
  .map(icon => icon.closest('a, button, label, div').outerHTML.slice(0, 140)).slice(0, 5)"""


class Visitor:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        self.menu_is_known = False
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"{message.text} ({message.location.get('url', '')})")

    # Going

    def go(self, name: str, *args: object, **query: str) -> "Visitor":
        """Open a page of the admin by its name: `go("index")`, `go("ops_record_act", 7, "sync_now")`."""
        address = reverse(f"admin:{name}", args=args)
        parameters = "&".join(f"{key}={value}" for key, value in query.items())
        self.page.goto(f"{address}?{parameters}" if parameters else address)
        return self

    def log_out(self) -> None:
        self.page.evaluate("document.getElementById('logout-form').submit()")
        self.page.wait_for_url("**/logout/")

    def see_record(self, record: Any) -> "Visitor":
        return self.go("syncapp_syncrecord_change", record.pk)

    def settle(self) -> None:
        """Until all that loads after the page is there."""
        self.page.wait_for_function(SETTLED)

    # Looking

    def words(self, words: str) -> Locator:
        """Where they can be seen: the line for ears says some of them once more."""
        return self.page.get_by_text(words).and_(self.page.locator(":not(#said *)"))

    def sees(self, *words: str) -> None:
        for word in words:
            expect(self.words(word).locator("visible=true").first, word).to_be_visible()

    def does_not_see(self, *words: str) -> None:
        text = self.text()
        assert not [word for word in words if word in text]

    def text(self) -> str:
        """All of it: a click waits until the next page begins, and a page that begins may hold half its words."""
        self.page.wait_for_load_state("domcontentloaded")
        return self.page.locator("body").inner_text()

    def places(self) -> list[str]:
        """The entries of the sidebar."""
        return [words.rpartition("\n")[2].strip() for words in self.page.locator("nav li a").all_inner_texts()]

    def buttons(self) -> list[str]:
        """What can be done here: links and buttons that look like it."""
        return [words.rpartition("\n")[2].strip() for words in self.page.locator(".ops-button").all_inner_texts()]

    # Doing

    def click(self, words: str, *, exact: bool = False) -> None:
        """The first visible link or button with these words."""
        role = self.page.get_by_role("link", name=words, exact=exact)
        button = self.page.get_by_role("button", name=words, exact=exact)
        role.or_(button).locator("visible=true").first.click()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"[name={name}]:visible").first.fill(value)

    def tab_to(self, words: str) -> None:
        """Press Tab until the focus, which has to be visible, is on what bears these words."""
        for _press in range(60):
            self.page.keyboard.press("Tab")
            if words in str(self.page.evaluate(FOCUS)):
                return
        raise AssertionError(f"Tab never came to {words}")

    # Judging

    def findings(self, *rules: str) -> list[str]:
        """What axe finds serious or critical here, by all its rules or by these. It is brought to a page once."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.axe_script)
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = {"type": "rule", "values": list(rules)}
        where = {"exclude": [*ALIKE, "#nav-sidebar"] if self.menu_is_known else ALIKE}
        self.menu_is_known = self.menu_is_known or (self.page.locator("#nav-sidebar").count() > 0 and not rules)
        run = "([where, how]) => axe.run(where, how).then(told => told.violations)"
        found = self.page.evaluate(run, [where, options])
        grave = [_told(violation) for violation in found if violation["impact"] in GRAVE]
        return grave + list(self.page.evaluate(LANDMARKS))

    def findings_in_the_dark(self) -> list[str]:
        """Colours are what differs from the light page: the same page with the other set of them."""
        self.page.evaluate("document.documentElement.classList.add('dark')")
        found = self.findings("color-contrast")
        self.page.evaluate("document.documentElement.classList.remove('dark')")
        return found

    def small_targets(self) -> list[str]:
        """What can be pressed and is smaller than a thumb; links within a sentence may be."""
        return list(self.page.evaluate(SMALL))

    def spoken_icons(self) -> list[str]:
        """Icons whose name would be read out, such as “arrow_back”, in place of what they are on."""
        return list(self.page.evaluate(SPOKEN))

    def width(self, pixels: int) -> None:
        """Another window, as wide as a phone or a desk's screen."""
        self.page.set_viewport_size({"width": pixels, "height": 900})

    def is_dark(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.classList.contains('dark')"))

    def sideways(self) -> int:
        """By how many pixels a list is wider than its place, so that its last columns are not seen at once."""
        wider = "table => table.offsetWidth - table.parentElement.clientWidth"
        return sum(self.page.eval_on_selector_all("#result_list", f"tables => tables.map({wider})"))

    def cut_off(self) -> list[str]:
        """Cells of a list of which a part is not to be seen."""
        return list(self.page.evaluate(CUT))

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _told(violation: Mapping[str, Any]) -> str:
    nodes = "; ".join(f"{node['target'][0]}: {node['html'][:160]}" for node in violation["nodes"][:4])
    return f"{violation['id']} ({violation['impact']}): {nodes}"
