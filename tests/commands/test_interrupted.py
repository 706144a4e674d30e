"""Ctrl-C at a remote call of each command that makes any: one line, code 1, and the next run finishes the work."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.engine.rows import locks
from syncapp.models import FieldChange, SyncRecord
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from tests.commands.conftest import Firm, manage

# The runs of a batch go on in threads, which see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
CALLS = (
    (EspoClient, "get"),
    (EspoClient, "patch"),
    (EspoClient, "list_page"),
    (AdvowareClient, "get"),
    (AdvowareClient, "update"),
    (AdvowareClient, "create"),
)
COMMANDS = {
    "sync": ("sync", "{new}"),
    "sync of an edit": ("sync", "{edited}"),
    "backfill": ("backfill", "--create", "--per-minute", "100000"),
    "compare": ("compare", "--all"),
    "sweep": ("sweep",),
}
STOPPED = "stopped; nothing is lost, run it again to go on"


class CtrlC:
    """Interrupts at the nth remote call, before it is made or after it was answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, at: int, after: bool) -> None:
        self.left, self.after, self.came = at, after, False
        for owner, name in CALLS:
            monkeypatch.setattr(owner, name, self.wrapped(getattr(owner, name)))

    def wrapped(self, real: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            now = self.left == 0
            if now and not self.after:
                self.interrupt()
            answer = real(*arguments, **options)
            if now:
                self.interrupt()
            return answer

        return call

    def interrupt(self) -> None:
        self.came = True
        raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c_does_no_harm(firm: Firm, monkeypatch: pytest.MonkeyPatch, name: str, after: bool):
    edited, betnr = firm.pair(name="Alt")
    reached = 0
    for at in range(1, 6):
        # Edit after edit of one field within an hour would look like values that swing.
        FieldChange.objects.update(at=timezone.now() - timedelta(hours=2))
        firm.sandbox.anna.change(edited, titel=f"Dr. {at}")
        firm.ask(edited)
        new = firm.new(name=f"Neu {at}")
        words = [word.format(new=new, edited=edited) for word in COMMANDS[name]]
        with monkeypatch.context() as patch:
            ctrl_c = CtrlC(patch, at=at, after=after)
            said = manage(*words)
        if ctrl_c.came:
            reached += 1
            assert (said.code, said.err) == (1, STOPPED), (at, said.err)
        assert locks.names() == []
        SyncRecord.objects.exclude(lease_token="").update(lease_expires=timezone.now() - timedelta(hours=1))
        manage("sync", edited)
        assert firm.record(edited).status == "clean"
        assert firm.advo(betnr)["titel"] == f"Dr. {at}"
    assert reached >= 1
    names = [row["name"] for row in firm.sandbox.state()["advoware"]]
    assert len(names) == len(set(names)), "created twice"
