"""Settings of the tests: the real ones, with an environment that knows nothing of the developer's machine.

Every test process gets a directory of its own, so that test runs side by side do not meet. The database is an
SQLite file (threads and WAL as in production), or what ADVOSYNC_TEST_DATABASE_URL names.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from advosync_project.declarations import SETTINGS

DIRECTORY = Path(tempfile.mkdtemp(prefix="advosync-test-"))
atexit.register(shutil.rmtree, DIRECTORY, ignore_errors=True)

for name in SETTINGS:
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)
os.environ.update(
    ADVOSYNC_ENV_FILE="",
    DEBUG="true",
    SANDBOX="true",
    SECRET_KEY="only-for-tests",
    DATABASE_URL=os.environ.get("ADVOSYNC_TEST_DATABASE_URL", f"sqlite:///{DIRECTORY}/default.sqlite3"),
    SANDBOX_DATABASE_URL=f"sqlite:///{DIRECTORY}/sandbox.sqlite3",
    # Nothing listens there: a test that needs Redis asks for the fixture, and none finds a developer's Redis.
    REDIS_URL="redis://127.0.0.1:1/1",
    ESPOCRM_API_BASE_URL="http://127.0.0.1:1/sandbox/espocrm/api/v1",
    ESPOCRM_API_KEY="sandbox-espo-key",
    ADVOWARE_API_BASE_URL="http://127.0.0.1:1/sandbox/advoware",
    ADVOWARE_AUTH_URL="http://127.0.0.1:1/sandbox/advoware/token",
    ADVOWARE_APP_ID="sandbox-app",
    ADVOWARE_API_KEY="c2FuZGJveC1hZHZvd2FyZS1zZWNyZXQ=",
    ADVOWARE_KANZLEI="1",
    ADVOWARE_DATABASE="sandbox",
    ADVOWARE_USER="sync",
    ADVOWARE_PASSWORD="sandbox",
    LOG_LEVEL="WARNING",
    # Processes that tests start write at once what they count, so that it can be asked for.
    COUNTER_FLUSH_SECONDS="0",
)

from advosync_project.settings import *  # noqa: E402, F403
from advosync_project.settings import DATABASES  # noqa: E402

for _alias, _database in DATABASES.items():
    if _database["ENGINE"].endswith("sqlite3"):
        _database["TEST"] = {"NAME": str(DIRECTORY / f"test-{_alias}.sqlite3")}

# In this process what was counted is written when somebody looks at it (tests/support/counting.py).
COUNTER_FLUSH_SECONDS = 86400
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Logging in without a request, as test clients do, is not for the throttle; its own tests switch it on.
AXES_ENABLED = False
