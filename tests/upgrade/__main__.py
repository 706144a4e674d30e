"""`python -m tests.upgrade`: every release's fixture on SQLite and on PostgreSQL, each in a process of its own."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import postgres
from tests.upgrade.make import FIXTURES


def check(fixture: Path, database_url: str) -> int:
    print(f"== {fixture.name}, {database_url.partition(':')[0]}", flush=True)
    return subprocess.run([sys.executable, "-m", "tests.upgrade.check", str(fixture), database_url]).returncode


def main() -> int:
    begun, failed = time.monotonic(), 0
    fixtures = [Path(name) for name in sys.argv[1:]] or sorted(FIXTURES.glob("*.json.gz"))
    if not fixtures:
        print("no fixture: python -m tests.upgrade.make writes this version's")
        return 1
    for fixture in fixtures:
        with tempfile.TemporaryDirectory(prefix="advosync-upgrade-db-") as folder:
            failed += bool(check(fixture, f"sqlite:///{folder}/advosync.sqlite3"))
        with postgres.server() as url:
            failed += bool(check(fixture, url))
    print(f"upgrade-check: {'passed' if not failed else f'{failed} FAILED'} in {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
