"""Pages that people read all the time, and what they do about records: hold one for a while, decide, answer.

Pages are read over HTTP as a browser does; acts are the services behind their buttons. Whatever the sync asks a person
is answered as a person would: by looking into Advoware.
"""

import itertools
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from demo.people import direct
from sandbox.advoware.children import ADRESSEN, BANK
from sandbox.models.advoware import Beteiligter, ListEntry
from sandbox.models.espocrm import EspoRecord
from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.core.sides import Side
from syncapp.models import ChildCase, ChildKind, ChildLink, Conflict, SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, perform
from syncapp.operations.actions.binding import read_both
from syncapp.operations.actions.child_cases import settle, stamp
from syncapp.operations.actions.conflicts import decide
from tests.soak.ground import LOGIN, Ground

PAGES = (
    "/admin/",
    "/admin/syncapp/syncrecord/",
    "/admin/syncapp/syncrecord/?q=Mustermann+K77",
    "/admin/syncapp/syncrecord/{record}/change/",
    "/admin/syncapp/conflict/",
    "/admin/syncapp/attempt/",
    "/admin/syncapp/inboxelement/",
    "/admin/syncapp/calendaremployee/",
    "/admin/syncapp/proxycall/",
    "/health/ready",
    "/metrics",
)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
LISTS = {ChildKind.ADRESSEN: ADRESSEN, ChildKind.BANK: BANK}
ASKED = ("create_outcome_unknown", "needs_confirmation")


@dataclass
class Operators:
    ground: Ground
    chance: random.Random
    http: requests.Session = field(default_factory=direct)
    answers: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    pages: Any = field(default_factory=lambda: itertools.cycle(PAGES))
    held: list[tuple[int, float]] = field(default_factory=list)

    # --- pages

    def read(self, *, excused: bool) -> None:
        """One page. excused: the web process or its database was stopped a moment ago."""
        address = next(self.pages).format(record=self.chance.randrange(1, 200))
        begin = time.monotonic()
        try:
            answer = self.http.get(f"{self.ground.origin}{address}", timeout=30)
            if "/login/" in answer.url:
                answer = self._log_in(address)
        except requests.RequestException:
            self._note("no answer", address, excused=excused)
            return
        self.seconds.append(time.monotonic() - begin)
        ready_says_why = address == "/health/ready" and answer.status_code == 503
        self._note(str(answer.status_code), address, excused=excused or answer.status_code < 500 or ready_says_why)

    def _note(self, outcome: str, address: str, *, excused: bool) -> None:
        self.answers[outcome] = self.answers.get(outcome, 0) + 1
        if not excused:
            self.broken.append(f"{time.strftime('%H:%M:%S')} {outcome} {address}")

    def _log_in(self, address: str) -> requests.Response:
        url = f"{self.ground.origin}/admin/login/"
        token = TOKEN.search(self.http.get(url, timeout=30).text)
        form = {"username": LOGIN[0], "password": LOGIN[1], "csrfmiddlewaretoken": token[1] if token else ""}
        self.http.post(url, data=form, headers={"Referer": url}, timeout=30)
        return self.http.get(f"{self.ground.origin}{address}", timeout=30)

    # --- acts

    def carry_out(self, name: str, function: Any, *arguments: Any, **options: Any) -> None:
        try:
            function(*arguments, **options)
        except ActionRefused:
            name = f"{name}, refused"
        self.done[name] = self.done.get(name, 0) + 1

    def hold_one(self) -> None:
        record = SyncRecord.objects.filter(status="clean", hold="").order_by("?").first()
        if record is not None:
            self.carry_out("record paused", perform, code="pause", record=record, action_context=context())
            self.held.append((record.pk, time.monotonic()))

    def let_go(self, *, after: float) -> None:
        """Those that were held for so long."""
        for pk, since in list(self.held):
            if time.monotonic() - since >= after:
                self.held.remove((pk, since))
                record = SyncRecord.objects.get(pk=pk)
                if record.hold:
                    self.carry_out("record resumed", perform, code="resume", record=record, action_context=context())

    def answer(self) -> int:
        """Everything that waits for a person; how much that was."""
        conflicts = list(Conflict.objects.filter(open=True).select_related("record"))
        for conflict in conflicts:
            keep = self.chance.choice((Side.espocrm, Side.advoware))
            self.carry_out("conflict decided", decide, conflict=conflict, keep=keep, action_context=context())
        asked = list(SyncRecord.objects.filter(status="failed", kind__in=ASKED))
        for record in asked:
            self.carry_out("created or not, answered", self._created_or_not, record)
        sent = list(ChildCase.objects.filter(code=CaseCode.outcome_unknown, closed_at=None, done_at=None))
        for case in sent:
            self.carry_out("arrived or not, answered", self._arrived_or_not, case)
        return len(conflicts) + len(asked) + len(sent)

    def _created_or_not(self, record: SyncRecord) -> None:
        """Somebody searches in Advoware by the name."""
        name = EspoRecord.objects.get(pk=record.espo_id).name
        found = [row.bet_nr for row in Beteiligter.objects.filter(fields__name=name)]
        if not found:
            perform(code="create_after_all", record=record, action_context=context())
            return
        seen, _field_map = read_both(record=record, betnr=found[0])
        details = {"betnr": found[0], "in_espocrm": seen.betnr_in_espocrm}
        perform(code="link", record=record, action_context=context(**details))

    def _arrived_or_not(self, case: ChildCase) -> None:
        """Somebody looks for what was sent in the list in Advoware, among the entries that belong to nothing yet."""
        linked = ChildLink.objects.filter(record_id=case.record_id, kind=case.kind).values_list("entry_id", flat=True)
        entries = ListEntry.objects.filter(beteiligter__bet_nr=case.record.betnr, kind=LISTS[ChildKind(case.kind)].kind)
        found = next((one.pk for one in entries.exclude(pk__in=list(linked)) if _shows(one.fields, case.params)), 0)
        answer = CaseAnswer.there if found else CaseAnswer.not_there
        settle(case=case, answer=answer, seen=stamp(case), action_context=context(), number=found)


def _shows(fields: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    return all(fields[name] == value for name, value in sent.items() if name in fields)


def context(**details: Any) -> ActionContext:
    return ActionContext(LOGIN[0], "soak", details=details) if details else ActionContext(LOGIN[0], "soak")
