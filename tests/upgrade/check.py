"""`python -m tests.upgrade.check FIXTURE DATABASE_URL`: restores an installation of an older release, brings it to this
version, and lets it work: nothing may be lost, nothing may be written that nobody edited.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.sandbox import Sandbox
from tests.upgrade.surroundings import fail, installed, manage, serving, work

# What a run may replace, or take away when it is settled; everything else that was there stays for ever.
MAY_GO = frozenset(
    {
        "syncapp.ContactLink", "syncapp.ChildLink", "syncapp.SearchText", "syncapp.KeptAnswer", "syncapp.GuardCount",
        "syncapp.ProcessSign", "syncapp.FailingJob", "syncapp.Heartbeat", "syncapp.Counter", "syncapp.Appointment",
        "syncapp.AppointmentSearchText", "syncapp.Snooze",
        "contenttypes.ContentType", "auth.Permission", "auth.Group_permissions",
    }
)  # fmt: skip
# Of a doctor without processes beside it; the last two since what is made up stands in neither stand-in.
EXPECTED_RED = frozenset(
    {"web", "workers", "scheduler", "dispatcher", "espocrm_webhooks", "public_url", "advoware_read", "google_calendars"}
)
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def main() -> None:
    fixture, database_url = Path(sys.argv[1]), sys.argv[2]
    found = json.loads(gzip.decompress(fixture.read_bytes()))
    older_by = datetime.now(UTC) - datetime.fromisoformat(found["made"])
    with tempfile.TemporaryDirectory(prefix="advosync-upgrade-") as name:
        folder = Path(name)
        with installed(folder, database_url) as sandbox:
            from tests.upgrade import rows

            for alias in ("default", "sandbox"):
                rows.restore(alias, found[alias], older_by=older_by)
            manage("migrate", verbosity=0)
            manage("migrate", database="sandbox", verbosity=0)
            stop_at("after migrate", list(changed(found["default"], older_by)))
            with serving(folder, sandbox):
                stop_at("doctor", list(red_lines()))
                manage("sweep")
                work()
                stop_at("after a sweep and its runs", [*gone(found["default"], older_by), *unwell(found["default"])])
                stop_at("a further round writes nothing", at_rest(sandbox))
                stop_at("after all", list(gone(found["default"], older_by)))
    print(f"ok  {fixture.name} on {database_url.partition(':')[0]}")


def at_rest(sandbox: Sandbox) -> list[str]:
    """What the last of three further rounds still writes: one that writes nothing ends them."""
    wrote: list[str] = []
    for _number in range(3):
        sandbox.clear_calls()
        manage("sweep")
        work()
        wrote = [str(call) for call in sandbox.calls() if call[1] in WRITES]
        if not wrote:
            break
    return wrote


def stop_at(step: str, faults: list[str]) -> None:
    print(f"{'ok' if not faults else 'NOT OK'}  {step}", flush=True)
    if faults:
        fail("\n".join([step, *faults[:40]]))


def changed(found: dict[str, Any], older_by: timedelta) -> Iterator[str]:
    """Rows that a migration lost, and values that it changed in columns that there still are."""
    from django.apps import apps

    from tests.upgrade.rows import moved

    for label, old in found["rows"].items():
        model = apps.get_model(label)
        now = {row.pk: row for row in model._base_manager.all()}
        columns = {one.attname: one for one in model._meta.concrete_fields}
        for row in old:
            key = moved(row[model._meta.pk.attname], model._meta.pk, older_by)
            if key not in now:
                yield f"{label} {key} is lost"
                continue
            for name in columns.keys() & row.keys():
                if getattr(now[key], name) != moved(row[name], columns[name], older_by):
                    yield f"{label} {key}: {name} was {row[name]!r}, is {getattr(now[key], name)!r}"


def gone(found: dict[str, Any], older_by: timedelta) -> Iterator[str]:
    """Rows that are not there any more, of those that nothing may take away."""
    from django.apps import apps

    from tests.upgrade.rows import moved

    for label, old in found["rows"].items():
        model = apps.get_model(label)
        if label in MAY_GO or not model._meta.pk:
            continue
        there = set(model._base_manager.values_list("pk", flat=True))
        keys = (moved(row[model._meta.pk.attname], model._meta.pk, older_by) for row in old)
        yield from (f"{label} {key} is lost" for key in keys if key not in there)


def unwell(found: dict[str, Any]) -> Iterator[str]:
    """Records that broke, or that were to be carried and were not."""
    from syncapp.models import Attempt, SyncRecord

    old_attempts = {row["id"] for row in found["rows"].get("syncapp.Attempt", ())}
    for attempt in Attempt.objects.exclude(pk__in=old_attempts).filter(kind="internal"):
        yield f"record {attempt.record_id} broke: {attempt.fault} {attempt.traceback[-300:]}"
    for row in found["rows"]["syncapp.SyncRecord"]:
        real = not row["espo_id"].startswith("5f0")
        now = SyncRecord.objects.filter(pk=row["id"]).first()
        if real and row["status"] in ("dirty", "pending_sync") and (now is None or now.status != "clean"):
            yield f"record {row['id']} was {row['status']}, is {now and (now.status, now.kind, now.fault)}"


def red_lines() -> Iterator[str]:
    said = manage("doctor", json=True)
    checks = json.loads(said[said.index("{") : said.rindex("}") + 1])["checks"]
    for line in checks:
        name = line.get("check") or line.get("name")
        if line.get("light") == "red" and name not in EXPECTED_RED:
            yield f"{name}: {line.get('found')} {line.get('cause')}"


if __name__ == "__main__":
    main()
