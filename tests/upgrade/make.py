"""`python -m tests.upgrade.make`: the fixture of this version, from an installation that has lived a little.

Two dozen people with addresses, accounts and calendars go through a first load; edits on both sides follow; a record in
every status, open intents, conflicts, tasks, keys and everything else that a page can show are put beside them. It is
written to fixtures/<version>.json.gz and made once for each release, when its migrations are final.
"""

import gzip
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from syncapp import __version__
from tests.support.sandbox import Sandbox
from tests.upgrade.surroundings import installed, manage, serving, work

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

FIXTURES = Path(__file__).resolve().parent / "fixtures"
PEOPLE = 16
EMPLOYEES = ("SB", "AI")


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES / f"{__version__}.json.gz"
    with tempfile.TemporaryDirectory(prefix="advosync-fixture-") as name:
        folder = Path(name)
        with installed(folder, f"sqlite:///{folder}/advosync.sqlite3") as sandbox:
            manage("migrate", verbosity=0)
            manage("migrate", database="sandbox", verbosity=0)
            manage("sandbox_seed", count=PEOPLE, children=True, calendar=True, reset=True)
            with serving(folder, sandbox):
                first_load()
                edits(sandbox)
                one_of_everything()
                from tests.upgrade.rows import dump

                found = {"version": __version__, "made": datetime.now(UTC).isoformat()}
                found |= {alias: dump(alias) for alias in ("default", "sandbox")}
    target.parent.mkdir(parents=True, exist_ok=True)
    # Without the time of packing: the same rows are the same file.
    with target.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
        packed.write(json.dumps(found, ensure_ascii=False, sort_keys=True).encode())
    rows = {label: len(of_it) for label, of_it in found["default"]["rows"].items()}
    print(f"{target}: {target.stat().st_size // 1024} KiB, {sum(rows.values())} rows of {len(rows)} models")


def first_load() -> None:
    print(manage("mode", "live", yes=True, reason="fixture").strip())
    manage("backfill", create=True, no_wait=True)
    manage("calendar", "employees", "--from-advoware")
    manage("calendar", "share", *EMPLOYEES)
    for kuerzel in EMPLOYEES:
        manage("calendar", "set", kuerzel, "mode=live", "--reason", "fixture")
    manage("calendar", "sync", "--all", "--full")
    work()
    manage("sweep")
    work()


def edits(sandbox: Sandbox) -> None:
    """On both sides of people who are equal: some are carried, the last two are left to be carried."""
    from syncapp.models import SyncRecord

    equal = list(SyncRecord.objects.filter(status="clean", betnr__isnull=False).order_by("pk"))
    if len(equal) < 8:
        stand = sorted(SyncRecord.objects.values_list("status", "kind", "fault__code"))
        sys.exit(f"only {len(equal)} records became equal: {stand}")
    for number, record in enumerate(equal[:6]):
        if number % 2:
            sandbox.clerk.change(record.betnr, name=f"Neuer Name {number}")
        else:
            sandbox.anna.change(record.espo_id, titel=f"Dr. {number}")
        if number == 4:
            work()
        manage("resync", record.espo_id)


def one_of_everything() -> None:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from syncapp.core.states import Status
    from syncapp.models import Breaker, Guard, SyncRecord
    from tests.admin import rooms
    from tests.security.world import plant
    from tests.support.roles import group_of

    plant()
    now = timezone.now()
    for status in Status:
        rooms.record(status.value)
    rooms.failed("transient", next_retry_at=now + timedelta(hours=1))
    rooms.permanently_failed()
    rooms.locked(lease_expires=now - timedelta(minutes=1))
    rooms.record("dirty", open_intents=[INTENT], hold="paused")
    rooms.record("dirty", create_intent={"at": now.isoformat(), "attempt": 1}, betnr=None, hold="paused")
    rooms.account_case()
    for hold in ("paused", "ignored", "unlinked"):
        rooms.record("clean", hold=hold)
    # What is made up is not asked for in the stand-ins, where nobody knows it.
    made_up = SyncRecord.objects.filter(espo_id__startswith="5f0", hold="")
    made_up.exclude(status__in=["pending_sync", "dirty", "syncing"]).update(last_check=now, last_deep_check=now)
    Breaker.objects.update(open_since=None, open_until=None, probe_until=None, failures=0, reason="")
    Guard.objects.update(blocked_at=None)
    for role in ("Reader", "Clerk", "Operator", "Auditor"):
        User.objects.create_user(role.lower(), password="of the fixture", is_staff=True).groups.add(group_of(role))
    what_people_keep(User.objects.get(username="clerk"), now)


def what_people_keep(clerk: "AbstractUser", now: datetime) -> None:
    """Views and snoozes, accounts, a paused queue, and the figures of an hour."""
    from syncapp.models import QueuePause, SavedView, Snooze, SyncRecord, UserAccount
    from syncapp.operations.monitoring import figures

    failed = SyncRecord.objects.filter(status="permanently_failed").earliest("pk")
    Snooze.objects.create(record=failed, seen="permanently_failed||", reason="holidays", by=clerk.get_username())
    Snooze.objects.create(cause="transient|timeout|||", number=3, until=now + timedelta(days=30), by="operator")
    SavedView.objects.create(user=clerk, place="syncrecord", name="Meine", query="status__exact=failed", shared=True)
    UserAccount.objects.create(user=clerk, must_change_password=True, invited_by="chefin")
    QueuePause.objects.create(queue="bulk", reason="tonight", by="operator", since=now)
    figures.note()


INTENT = {
    "side": "advoware", "field": "titel", "sent": "Prof. Dr.", "before": "Dr.", "other": "Prof. Dr.", "marker": "1",
    "phase": "sent",
}  # fmt: skip

if __name__ == "__main__":
    main()
